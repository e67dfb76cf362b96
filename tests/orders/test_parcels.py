"""How far the parcels came, as the shop's status history says, on SQLite and on MariaDB."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from paranad.orders.parcels import Parcels, parcels_since
from paranad.said import plain
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_status_history
from tests.support.clock import START
from tests.support.shop import make, make_order, make_shipment

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_each_parcel_counts_once_a_stage_by_the_time_of_its_change(shop: Shop) -> None:
    """The shop keeps two rows of one change, and delivered has two statuses."""
    now = shop.now()
    for statuses, age in [("2", 1), ("4 21", 1), ("21", 2), ("15", 3), ("17", 4), ("1", 1), ("2", 30)]:
        shipment = await make_shipment(shop, order_id=await make_order(shop))
        for status in (*statuses.split(), statuses.split()[0]):
            change = {"shipment_id": shipment, "status_id": status, "status_text": "", "changed_at": now - age * HOUR}
            await make(shop, alwaseet_order_status_history, **change)
    assert Parcels(handed_over=1, delivered=2, on_the_way_back=1, came_back=1) == await parcels_since(shop, START - DAY)


async def test_parcels_of_a_shop_that_does_not_answer_are_unknown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> AbstractAsyncContextManager[AsyncConnection]:
        raise ShopUnreachable(plain("gone"))

    monkeypatch.setattr(shop, "read", away)
    assert await parcels_since(shop, START - DAY) is None
