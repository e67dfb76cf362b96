"""What the tests of metrics may ask for: a daemon with every part real, and its API."""

from tests.support.control import api, config, courier_url, daemon, http, serve, socket_path, stream
from tests.support.shop_fixtures import empty_shop, shop_file

__all__ = [
    "api",
    "config",
    "courier_url",
    "daemon",
    "empty_shop",
    "http",
    "serve",
    "shop_file",
    "socket_path",
    "stream",
]
