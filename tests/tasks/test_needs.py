"""Tables that an older shop lacks: its later tasks are off, and say which."""

import asyncio

import pytest
from sqlalchemy import Table, text
from sqlalchemy.schema import DropTable

from paranad.catalogue import CATALOGUE, SCHEDULABLE, SCHEDULE
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_statuses, messages, metadata, notifications
from paranad.tasks import needs as module
from paranad.tasks.needs import Needs


async def drop(shop: Shop, *tables: Table) -> None:
    async with shop.transaction() as connection:
        for table in tables:
            await connection.execute(DropTable(table))


async def rename(shop: Shop, old: str, new: str) -> None:
    async with shop.transaction() as connection:
        await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_shop_with_every_table_lacks_nothing_and_is_asked_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = Needs(shop)
    assert {} == await needs.lacking(SCHEDULE)

    async def refuse() -> set[str]:
        raise AssertionError("asked again")

    monkeypatch.setattr(needs, "tables", refuse)
    assert {} == await needs.lacking(SCHEDULE)


async def test_missing_table_is_named_for_each_task_that_needs_it(shop: Shop) -> None:
    await drop(shop, alwaseet_order_statuses, messages, notifications)
    assert {
        "alwaseet:sync-statuses": "this shop has no table alwaseet_order_statuses",
        "alwaseet:update-orders": "this shop has no table alwaseet_order_statuses",
        "alwaseet:update-status-counts": "this shop has no table alwaseet_order_statuses",
        "app:cleanup-old-data": "this shop has no table notifications and no table messages",
    } == {task: why.text for task, why in (await Needs(shop).lacking(SCHEDULE)).items()}


async def test_table_that_has_come_is_seen(shop: Shop) -> None:
    needs = Needs(shop)
    await rename(shop, "messages", "not_yet")
    assert 1 == len(await needs.lacking(SCHEDULE))
    await rename(shop, "not_yet", "messages")
    assert {} == await needs.lacking(SCHEDULE)


async def test_shop_that_does_not_answer_lacks_what_it_last_lacked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone() -> set[str]:
        raise ShopUnreachable("no such file")

    await drop(shop, messages)
    known, new = Needs(shop), Needs(shop)
    lacking = await known.lacking(SCHEDULE)
    for needs in (known, new):
        monkeypatch.setattr(needs, "tables", gone)
    assert [lacking, {}] == [await known.lacking(SCHEDULE), await new.lacking(SCHEDULE)]


async def test_silent_shop_holds_up_the_schedule_for_a_moment_only(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent() -> set[str]:
        await asyncio.Event().wait()
        raise AssertionError("answered")

    needs = Needs(shop)
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    monkeypatch.setattr(needs, "tables", silent)
    async with asyncio.timeout(10):
        assert {} == await needs.lacking(SCHEDULE)


def test_tasks_and_tables_exist() -> None:
    assert {facts.name for facts in CATALOGUE.values() if facts.tables} <= set(SCHEDULABLE)
    assert {table for facts in CATALOGUE.values() for table in facts.tables} <= metadata.tables.keys()
