from datetime import timedelta

import pytest

from paranad.shop.database import Shop
from paranad.shop.tables import product_links
from paranad.tasks.housekeeping import ProductLinksDeleteExpired
from tests.support import shop as t
from tests.support.clock import ManualClock
from tests.support.tasks import run_task

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


async def alive(shop: Shop, link: int) -> bool:
    return await t.value_of(shop, product_links, link, "deleted_at") is None


@pytest.mark.parametrize(("age", "lives"), [(2 * HOUR - SECOND, True), (2 * HOUR, False), (2 * HOUR + SECOND, False)])
async def test_link_lives_two_hours_where_the_shop_says_nothing(
    shop: Shop, clock: ManualClock, age: timedelta, lives: bool
) -> None:
    link = await t.make_link(shop, age=age)
    await run_task(ProductLinksDeleteExpired(shop), clock)
    assert lives is await alive(shop, link)


@pytest.mark.parametrize(
    ("setting", "hours"),
    [
        *[("1", 1), ("24", 24), ("168", 168), (" 5 ", 5)],
        *[(wrong, 2) for wrong in ("0", "169", "-1", "1.5", "٣", "x", "", None)],
    ],
)
async def test_link_lives_as_long_as_the_shop_says(
    shop: Shop, clock: ManualClock, setting: str | None, hours: int
) -> None:
    await t.set_setting(shop, "app_product_link_duration", setting)
    due, young = [await t.make_link(shop, age=age) for age in (hours * HOUR, hours * HOUR - SECOND)]
    await run_task(ProductLinksDeleteExpired(shop), clock)
    assert (False, True) == (await alive(shop, due), await alive(shop, young))


async def test_link_is_trashed_once_and_stamped(shop: Shop, clock: ManualClock) -> None:
    link = await t.make_link(shop, age=3 * HOUR)
    first = await run_task(ProductLinksDeleteExpired(shop), clock)
    trashed = await t.row(shop, product_links, link)
    await clock.advance(HOUR)
    second = await run_task(ProductLinksDeleteExpired(shop), clock)
    assert ([f"product link {link}"], 0) == (first["rows"], second["looked_at"])
    assert trashed == await t.row(shop, product_links, link)
    assert trashed["deleted_at"] == trashed["updated_at"] == shop.now() - HOUR


async def test_dry_run_trashes_nothing(shop: Shop, clock: ManualClock) -> None:
    link = await t.make_link(shop, age=3 * HOUR)
    assert 1 == (await run_task(ProductLinksDeleteExpired(shop), clock, dry_run=True))["changed"]
    assert await alive(shop, link)
