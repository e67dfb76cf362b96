from datetime import timedelta

import pytest
from sqlalchemy import update

from paranad.shop.database import Shop
from paranad.shop.tables import warehouse_promotions
from paranad.tasks.housekeeping import PromotionsExpire
from tests.support import shop as t
from tests.support.before_lock import before_lock
from tests.support.clock import ManualClock
from tests.support.tasks import run_task

OVER = timedelta(seconds=-1)


@pytest.mark.parametrize(
    ("ends_in", "active"), [(OVER, False), (timedelta(0), True), (timedelta(seconds=1), True), (100 * OVER, False)]
)
async def test_promotion_holds_at_the_second_of_its_end(
    shop: Shop, clock: ManualClock, ends_in: timedelta, active: bool
) -> None:
    promotion = await t.make_promotion(shop, ends_in=ends_in)
    await run_task(PromotionsExpire(shop), clock)
    assert active is await t.value_of(shop, warehouse_promotions, promotion, "is_active")


async def test_promotion_is_switched_off_once_and_stamped(shop: Shop, clock: ManualClock) -> None:
    promotion = await t.make_promotion(shop, ends_in=timedelta(minutes=1))
    await clock.advance(timedelta(hours=1))
    first, second = [await run_task(PromotionsExpire(shop), clock) for _ in range(2)]
    assert ([f"warehouse promotion {promotion}"], 0) == (first["rows"], second["looked_at"])
    assert shop.now() == await t.value_of(shop, warehouse_promotions, promotion, "updated_at")


async def test_promotion_prolonged_between_look_and_lock_stays(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = await t.make_promotion(shop, ends_in=OVER)

    async def prolonged() -> None:
        async with shop.transaction() as connection:
            await connection.execute(update(warehouse_promotions).values(end_date=shop.now() + timedelta(days=1)))

    before_lock(monkeypatch, shop, prolonged)
    assert 1 == (await run_task(PromotionsExpire(shop), clock))["skipped"]["count"]
    assert await t.value_of(shop, warehouse_promotions, promotion, "is_active")


async def test_dry_run_switches_nothing_off(shop: Shop, clock: ManualClock) -> None:
    promotion = await t.make_promotion(shop, ends_in=OVER)
    assert 1 == (await run_task(PromotionsExpire(shop), clock, dry_run=True))["changed"]
    assert await t.value_of(shop, warehouse_promotions, promotion, "is_active")
