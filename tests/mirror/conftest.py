"""What the tests of the mirror may ask for."""

from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url, sqlite_shop

__all__ = ["empty_shop", "shop", "shop_file", "shop_url", "sqlite_shop"]
