"""What the tests of shipments may ask for."""

from tests.support.courier import sandbox
from tests.support.shipping import shipping
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url, sqlite_shop
from tests.support.store import store

__all__ = ["empty_shop", "sandbox", "shipping", "shop", "shop_file", "shop_url", "sqlite_shop", "store"]
