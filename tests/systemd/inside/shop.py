"""What the shop does, inside: `seed` fills its tables and prints the orders, `place ORDER...` asks for shipments."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from paranad.clock import SystemClock
from paranad.demo.laravel import orders_created
from paranad.demo.seed import CourierSettings, seed_shop
from paranad.events.event import Events
from paranad.shop.database import Shop

URL = Path("/etc/paranad/credentials/shop/database_url")
ACCOUNT = CourierSettings("of the credentials", "of the credentials", city_id="1", region_id="15", package_size="1")


async def seed(shop: Shop) -> list[int]:
    async with shop.transaction() as connection:
        orders = await seed_shop(connection, shop.now(), ACCOUNT)
    await shop.close()
    return orders


async def place(shop: Shop, orders: Sequence[int]) -> None:
    async with shop.transaction() as connection:
        await orders_created(connection, orders, shop.instant)
    await shop.close()


def main(what: str, orders: Sequence[int]) -> None:
    clock = SystemClock()
    shop = Shop(URL.read_text("utf-8").strip(), ZoneInfo("Asia/Baghdad"), clock, Events())
    if what == "seed":
        sys.stdout.write(" ".join(map(str, asyncio.run(seed(shop)))))
    else:
        asyncio.run(place(shop, orders))


if __name__ == "__main__":
    main(sys.argv[1], [int(order) for order in sys.argv[2:]])
