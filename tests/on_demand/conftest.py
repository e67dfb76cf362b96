"""What the tests of the worker that is asked for may ask for."""

from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url
from tests.support.store import store

__all__ = ["empty_shop", "shop", "shop_file", "shop_url", "store"]
