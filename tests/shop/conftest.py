"""What the tests of the shop's room may ask for."""

from tests.support.shop_faults import shop_down
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url, sqlite_shop

__all__ = ["empty_shop", "shop", "shop_down", "shop_file", "shop_url", "sqlite_shop"]
