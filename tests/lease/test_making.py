"""What is built of it: nothing without `[standby]`; the machine's own identity, name and clock with it."""

import shutil
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from paranad.clock import SystemClock
from paranad.configuration.settings import Settings
from paranad.events.event import Event, Events
from paranad.events.standby import StandbyCopied
from paranad.standby.making import standby_of
from paranad.store.file import open_store
from tests.support.clock import ManualClock
from tests.support.shop_fixtures import open_shop


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_without_standby_nothing_is_built_and_nothing_asked(
    tmp_path: Path, shop_url: str, clock: ManualClock, events: Events
) -> None:
    shop = open_shop(shop_url, clock, events)
    asked: list[str] = []
    event.listen(shop.database.engine.sync_engine, "connect", lambda *_: asked.append("connect"))
    async with open_store(tmp_path / "state", durability="normal", clock=clock, events=events) as store:
        assert await standby_of(Settings(), store, shop, clock, events) is None
    assert [] == asked
    await shop.close()


@pytest.mark.parametrize(("name", "machine"), [("", socket.gethostname()), ("web-1", "web-1")])
@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_it_has_the_configured_name_else_the_hosts_and_keeps_its_identity(
    tmp_path: Path, shop_url: str, clock: ManualClock, events: Events, name: str, machine: str
) -> None:
    shop = open_shop(shop_url, clock, events)
    chosen: dict[str, Any] = {"standby": {"enabled": True, "name": name}}
    holders = []
    for _ in range(2):
        async with open_store(tmp_path / "state", durability="normal", clock=clock, events=events) as store:
            standby = await standby_of(Settings.model_validate(chosen), store, shop, clock, events)
            assert standby
            assert machine == standby.machine
            await standby.give_up()  # the table is missing: what cannot be said now expires by itself
            holders.append(standby.holder)
            await standby.close()
    await shop.close()
    assert holders[0] == holders[1]


def test_the_machines_clock_counts_while_it_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().elapsed() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_a_copy_of_a_live_queue_db_is_a_daemon_of_its_own(
    tmp_path: Path, shop_url: str, clock: ManualClock, events: Events
) -> None:
    """Two containers of one host may have the machine id and the start in common."""
    shop, holders, told = open_shop(shop_url, clock, events), [], list[Event]()
    events.listen(told.extend)
    for folder in ("state", "copy"):
        async with open_store(tmp_path / folder, durability="normal", clock=clock, events=events) as store:
            standby = await standby_of(
                Settings.model_validate({"standby": {"enabled": True}}), store, shop, clock, events
            )
            assert standby
            holders.append(standby.holder)
            await standby.close()
            if folder == "state":
                shutil.copytree(tmp_path / folder, tmp_path / "copy")
    await shop.close()
    assert holders[0] != holders[1]
    assert [StandbyCopied()] == [each for each in told if isinstance(each, StandbyCopied)]
