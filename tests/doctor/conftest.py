"""What the tests of the doctor may ask for: a real shop, a real queue.db, a sandbox of the courier."""

from tests.bridge.conftest import crossing
from tests.control.conftest import api, daemon, http, serve, socket_path, stream
from tests.support.courier import courier, kept, limiter, login, row, sandbox
from tests.support.shop_faults import shop_down
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url
from tests.support.store import store

__all__ = [
    "api",
    "courier",
    "crossing",
    "daemon",
    "empty_shop",
    "http",
    "kept",
    "limiter",
    "login",
    "row",
    "sandbox",
    "serve",
    "shop",
    "shop_down",
    "shop_file",
    "shop_url",
    "socket_path",
    "store",
    "stream",
]
