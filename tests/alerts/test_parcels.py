"""Parcels that need a person are told once for each kind, with how many and the oldest, and once when none is left."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from paranad.alerts.digest import Day, is_empty
from paranad.configuration.settings import ParcelsSection
from paranad.orders.parcels import Parcels
from paranad.orders.service import Count
from paranad.said import plain
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_status_history
from tests.alerts.harness import AlertsHarness
from tests.support.clock import START
from tests.support.shop import make, make_order, make_shipment

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, too, a reading is waited for."""
    monkeypatch.setattr("paranad.orders.parcel_watch.PATIENCE_S", 60.0)


async def stuck(harness: AlertsHarness, number: str, days: int) -> None:
    shop, since = harness.shop, harness.shop.now() - days * DAY
    shipment = await make_shipment(shop, order_id=await make_order(shop, order_number=number), status_id="3")
    change = {"shipment_id": shipment, "status_id": "3", "status_text": "", "changed_at": since}
    await make(shop, alwaseet_order_status_history, **change)


async def change(harness: AlertsHarness, statement: str) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text(statement))


async def test_stuck_parcels_are_told_once_until_none_is_left(harness: AlertsHarness) -> None:
    harness.watched = ParcelsSection(price_differs=False)
    await harness.start()
    await stuck(harness, "D-0007", 6)
    await stuck(harness, "D-0009", 8)
    (told,) = await harness.told(901)
    assert ("parcels-stuck", "parcels", "open", 2, 5) == tuple(
        told[name] for name in ("kind", "key", "state", "count", "days")
    )
    assert (
        "2 parcels without a new status for 5 days, or with a note of an issue; the oldest: order 2, order 1"
        == (told["message"])
    )
    assert ["2", "1"] == told["orders"]  # as the list and the page name them
    assert "see paranadctl parcels stuck, and ask the courier" == told["cure"]

    await stuck(harness, "D-0011", 6)
    assert [] == await harness.told(901)  # one more of a streak is no news
    await change(harness, "UPDATE alwaseet_shipments SET status_id = '4', merchant_invoice_id = '77'")
    (over,) = await harness.told(901)
    assert ("parcels-stuck", "over", "parcels without a new status: none is left") == (
        over["kind"],
        over["state"],
        over["message"],
    )


async def test_what_is_not_watched_any_longer_is_over_and_what_is_unknown_stays(harness: AlertsHarness) -> None:
    harness.watched = ParcelsSection(price_differs=False)
    await harness.start()
    await stuck(harness, "D-0007", 6)
    await harness.told(901)
    harness.away = ShopUnreachable(plain("gone"))
    assert [] == await harness.told(901)
    harness.away = None
    await change(harness, "ALTER TABLE alwaseet_order_status_history RENAME TO elsewhere")
    harness.parcels.use(ParcelsSection(price_differs=False, returning=0))
    (over,) = await harness.told(60)
    assert (
        "parcels without a new status: this shop has no table alwaseet_order_status_history, so it is not watched"
        == (over["message"])
    )


def test_a_digest_is_empty_if_nothing_happened_and_all_is_known() -> None:
    nothing = Parcels(0, 0, 0, 0)
    counts = {"shipped": 0, "failed": 0, "held": 0, "orders": Count(0, None, None, auto_create=True)}
    day = Day(START - DAY, START, **counts, parcels=nothing, silent=[], needs=[])  # type: ignore[arg-type]
    assert is_empty(day)
    for change_ in (
        {"shipped": 1},
        {"shipped": None},
        {"parcels": None},
        {"parcels": Parcels(0, 1, 0, 0)},
        {"orders": None},
        {"silent": ["backup"]},
        {"left_out_since": START},
    ):
        changed = {**counts, "parcels": nothing, "silent": [], "needs": [], **change_}
        assert not is_empty(Day(START - DAY, START, **changed))  # type: ignore[arg-type]
