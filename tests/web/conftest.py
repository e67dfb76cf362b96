"""What the tests of the page may ask for."""

import pytest

from paranad.control.daemon import Daemon
from paranad.store.file import Store
from tests.support.control import api, config, courier_url, daemon, held, http, serve, socket_path, stream
from tests.support.courier import sandbox
from tests.support.shop_fixtures import empty_shop, shop_file

__all__ = [
    "api",
    "config",
    "courier_url",
    "daemon",
    "empty_shop",
    "held",
    "http",
    "sandbox",
    "serve",
    "shop_file",
    "socket_path",
    "stream",
]


@pytest.fixture
def store(daemon: Daemon) -> Store:
    return daemon.parts.store
