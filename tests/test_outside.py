"""What is known of the shop and the courier: heard, or asked when it is asked, and never waited for."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from paranad import outside as room
from paranad.control.views import Views
from paranad.courier.breaker import Breaker
from paranad.courier.limiter import Limiter
from paranad.events.courier import CourierRequestEnded
from paranad.events.event import Events
from paranad.outside import Outside
from paranad.said import plain
from paranad.shop.errors import ShopUnreachable
from tests.bridge.conftest import empty_shop, harness, shop, shop_file, shop_url, store
from tests.support.bridge import BridgeHarness
from tests.support.payloads import create_shipment

__all__ = ["empty_shop", "harness", "shop", "shop_file", "shop_url", "store"]


SHOW = Views(ZoneInfo("Asia/Baghdad"))


@pytest.fixture
async def outside(harness: BridgeHarness, events: Events) -> AsyncIterator[Outside]:
    limiter, breaker = cast("Limiter", None), Breaker(harness.shop.clock, events)
    each = Outside(harness.shop, limiter, breaker, harness.bridge.unreadable, harness.shop.clock, events)
    yield each
    await each.close()


async def test_rows_that_cannot_be_read_are_counted_when_the_status_is_asked(
    harness: BridgeHarness, outside: Outside
) -> None:
    await harness.put_all([create_shipment(0, uuid=uuid) for uuid in ("first", "second")])
    await harness.look()
    assert 0 == SHOW.bridge(harness.bridge).unreadable
    await outside.ask()
    bridge = SHOW.bridge(harness.bridge)
    assert (2, "second") == (bridge.unreadable, bridge.last_unreadable and bridge.last_unreadable.uuid)
    async with harness.shop.transaction() as connection:
        await connection.execute(text("DELETE FROM failed_jobs"))
    await outside.ask()
    bridge = SHOW.bridge(harness.bridge)
    assert (0, None) == (bridge.unreadable, bridge.last_unreadable)


async def test_shop_without_failed_jobs_is_reachable_and_usable(harness: BridgeHarness, outside: Outside) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    answer = await outside.ask()
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
    assert (True, None) == (answer.reachable, answer.reason)
    assert (await outside.ask()).last_sync_known


async def test_rows_that_take_too_long_are_not_waited_for(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE_S", 0.01)
    monkeypatch.setattr(outside.unreadable, "look", asyncio.Event().wait)
    answer = await outside.ask()
    assert (False, None, False) == (answer.reachable, answer.last_sync, answer.last_sync_known)
    assert "it did not answer within 0.01 s" == str(answer.reason)


async def test_last_sync_is_known_where_there_was_none_and_unknown_while_the_shop_is_away(
    harness: BridgeHarness, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await outside.ask()
    assert (None, True) == (answer.last_sync, answer.last_sync_known)

    def away() -> None:
        raise ShopUnreachable("the server went away")

    monkeypatch.setattr(harness.shop, "read", away)
    answer = await outside.ask()
    assert (False, None, False) == (answer.reachable, answer.last_sync, answer.last_sync_known)


async def test_trouble_with_giving_back_is_among_the_facts(harness: BridgeHarness) -> None:
    harness.bridge.failed.trouble = plain("no such table")
    assert "no such table" == SHOW.bridge(harness.bridge).trouble


@pytest.mark.parametrize(
    ("kinds", "reachable"),
    [
        (["abandoned"], None),
        *[([kind, "abandoned"], True) for kind in ("done", "refused", "limited")],
        *[([kind, "abandoned"], False) for kind in ("unclear", "not_sent")],
        (["unclear", "done"], True),
    ],
)
async def test_courier_is_reachable_by_its_last_answer_whatever_we_abandoned_since(
    outside: Outside, events: Events, kinds: list[str], reachable: bool | None
) -> None:
    assert outside.courier_reachable is None
    events.tell(*(CourierRequestEnded(path="/create-order", kind=kind) for kind in kinds))
    assert outside.courier_reachable is reachable
