"""What the status knows of the shop: asked when it is asked, and never waited for."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from sqlalchemy import text

from paranad import facts
from paranad.courier.limiter import Limiter
from paranad.events.event import Events
from paranad.facts import Neighbours, bridge_facts
from paranad.said import plain
from paranad.shop.errors import ShopUnreachable
from tests.bridge.conftest import crossing, empty_shop, shop, shop_file, shop_url, store
from tests.support.bridge import Crossing
from tests.support.payloads import create_shipment

__all__ = ["crossing", "empty_shop", "shop", "shop_file", "shop_url", "store"]


@pytest.fixture
async def neighbours(crossing: Crossing, events: Events) -> AsyncIterator[Neighbours]:
    each = Neighbours(crossing.shop, cast("Limiter", None), crossing.bridge.unreadable, events)
    yield each
    await each.close()


async def test_rows_that_cannot_be_read_are_counted_when_the_status_is_asked(
    crossing: Crossing, neighbours: Neighbours
) -> None:
    await crossing.put_all([create_shipment(0, uuid=uuid) for uuid in ("first", "second")])
    await crossing.look()
    assert 0 == bridge_facts(crossing.bridge).unreadable
    await neighbours.shop_facts()
    bridge = bridge_facts(crossing.bridge)
    assert (2, "second") == (bridge.unreadable, bridge.last_unreadable and bridge.last_unreadable.uuid)
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("DELETE FROM failed_jobs"))
    await neighbours.shop_facts()
    bridge = bridge_facts(crossing.bridge)
    assert (0, None) == (bridge.unreadable, bridge.last_unreadable)


async def test_shop_without_failed_jobs_is_reachable_and_usable(crossing: Crossing, neighbours: Neighbours) -> None:
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    shop, *_ = await neighbours.shop_facts()
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
    assert (True, None) == (shop.reachable, shop.reason)
    assert (await neighbours.shop_facts()).last_sync_known


async def test_rows_that_take_too_long_are_not_waited_for(
    neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "ASKED_S", 0.01)
    monkeypatch.setattr(neighbours.unreadable, "look", asyncio.Event().wait)
    shop, last_sync, last_sync_known = await neighbours.shop_facts()
    assert (False, None, False) == (shop.reachable, last_sync, last_sync_known)


async def test_last_sync_is_known_where_there_was_none_and_unknown_while_the_shop_is_away(
    crossing: Crossing, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await neighbours.shop_facts()
    assert (None, True) == (answer.last_sync, answer.last_sync_known)

    def away() -> None:
        raise ShopUnreachable("the server went away")

    monkeypatch.setattr(crossing.shop, "read", away)
    answer = await neighbours.shop_facts()
    assert (False, None, False) == (answer.shop.reachable, answer.last_sync, answer.last_sync_known)


async def test_trouble_with_giving_back_is_among_the_facts(crossing: Crossing) -> None:
    crossing.bridge.failed.trouble = plain("no such table")
    assert "no such table" == bridge_facts(crossing.bridge).trouble
