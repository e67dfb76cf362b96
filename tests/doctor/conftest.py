"""What the tests of the doctor may ask for: a real shop, a real queue.db, a sandbox of the courier."""

from tests.bridge.conftest import harness
from tests.schedule.conftest import start
from tests.support.courier import courier, kept, limiter, login, row, sandbox
from tests.support.shop_faults import shop_down
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url, sqlite_shop
from tests.support.store import store

__all__ = [
    "courier",
    "empty_shop",
    "harness",
    "kept",
    "limiter",
    "login",
    "row",
    "sandbox",
    "shop",
    "shop_down",
    "shop_file",
    "shop_url",
    "sqlite_shop",
    "start",
    "store",
]
