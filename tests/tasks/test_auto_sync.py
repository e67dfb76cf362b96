"""The task alwaseet:auto-sync: when the shop's settings ask for a sync, and for which."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from paranad.queue.model import Enqueued, Request
from paranad.shop.database import Shop
from paranad.tasks.auto_sync import AutoSync
from paranad.tasks.task import NoArguments
from tests.support.clock import ManualClock
from tests.support.shop import set_setting
from tests.support.tasks import items_of, make_context, result_of

MINUTE = timedelta(minutes=1)


@dataclass
class Kept:
    """When a sync was last enqueued, and what was enqueued."""

    last: datetime | None = None
    requests: list[Request] = field(default_factory=list)
    duplicate: bool = False

    async def load(self) -> datetime | None:
        return self.last

    async def save(self, at: datetime) -> None:
        self.last = at

    async def enqueue(self, requests: Sequence[Request]) -> Sequence[Enqueued]:
        self.requests += requests
        return [Enqueued(job_id=number, duplicate=self.duplicate) for number, _ in enumerate(requests, 1)]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def enabled(shop: Shop) -> None:
    await set_setting(shop, "alwaseet_auto_sync_enabled", "1")


async def perform(shop: Shop, clock: ManualClock, kept: Kept, **values: Any) -> dict[str, Any]:
    context = make_context(clock, enqueue=kept.enqueue, **values)
    return result_of(await AutoSync(shop, kept.load, kept.save).run(context, NoArguments()))


@pytest.mark.parametrize("value", [None, "0", "", "true", " 1"])
async def test_nothing_happens_unless_the_setting_is_exactly_1(
    shop: Shop, clock: ManualClock, kept: Kept, value: str | None
) -> None:
    await set_setting(shop, "alwaseet_auto_sync_enabled", value)
    result = await perform(shop, clock, kept)
    assert ([], 1) == (kept.requests, result["skipped"]["count"])


@pytest.mark.usefixtures("enabled")
async def test_first_minute_syncs_everything(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    result = await perform(shop, clock, kept)
    assert [Request("alwaseet:sync-orders", {})] == kept.requests
    assert [{"status_id": None, "job_id": 1, "duplicate": False}] == result["enqueued"]
    assert clock.now() == kept.last


@pytest.mark.usefixtures("enabled")
async def test_next_sync_waits_for_the_interval(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    await set_setting(shop, "alwaseet_auto_sync_interval", "5")
    starts = []
    for minute in range(12):
        before = len(kept.requests)
        await perform(shop, clock, kept)
        starts += [minute] * (len(kept.requests) - before)
        await clock.advance(MINUTE)
    assert [0, 5, 10] == starts


@pytest.mark.usefixtures("enabled")
async def test_start_a_little_late_in_its_minute_delays_the_next_no_minute(
    shop: Shop, clock: ManualClock, kept: Kept
) -> None:
    await set_setting(shop, "alwaseet_auto_sync_interval", "5")
    kept.last = clock.now() - 5 * MINUTE + timedelta(seconds=20)
    await perform(shop, clock, kept)
    assert len(kept.requests) == 1


@pytest.mark.usefixtures("enabled")
async def test_skip_says_when_it_is_due_on_the_shop_s_clock(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    await perform(shop, clock, kept)
    result = await perform(shop, clock, kept)
    assert "not due before 2026-03-02 13:00" == result["skipped"]["items"][0]["reason"]


@pytest.mark.usefixtures("enabled")
@pytest.mark.parametrize("value", [None, "", "often", "-5", "1.5"])
async def test_interval_that_is_no_number_is_an_hour_and_is_reported(
    shop: Shop, clock: ManualClock, kept: Kept, value: str | None
) -> None:
    await set_setting(shop, "alwaseet_auto_sync_interval", value)
    kept.last = clock.now() - 59 * MINUTE
    result = await perform(shop, clock, kept)
    assert [] == kept.requests
    assert "alwaseet_auto_sync_interval" == result["failed"]["items"][0]["what"]
    await clock.advance(MINUTE)
    await perform(shop, clock, kept)
    assert len(kept.requests) == 1


@pytest.mark.usefixtures("enabled")
async def test_interval_of_zero_is_every_minute(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    await set_setting(shop, "alwaseet_auto_sync_interval", "0")
    for _ in range(3):
        await perform(shop, clock, kept)
        await clock.advance(MINUTE)
    assert len(kept.requests) == 3


@pytest.mark.usefixtures("enabled")
async def test_last_start_in_the_future_does_not_block(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    """The clock was set back: the next sync must not wait until it has caught up."""
    kept.last = clock.now() + timedelta(days=300)
    await perform(shop, clock, kept)
    assert len(kept.requests) == 1


@pytest.mark.usefixtures("enabled")
async def test_one_sync_for_each_status_id_blanks_and_repeats_left_out(
    shop: Shop, clock: ManualClock, kept: Kept
) -> None:
    await set_setting(shop, "alwaseet_auto_sync_status_ids", " 4, 0,,4 ,17,")
    await perform(shop, clock, kept)
    assert [{"status_id": "4"}, {"status_id": "0"}, {"status_id": "17"}] == [each.args for each in kept.requests]


@pytest.mark.usefixtures("enabled")
async def test_wrong_status_id_is_reported_and_never_becomes_a_sync_of_everything(
    shop: Shop, clock: ManualClock, kept: Kept
) -> None:
    await set_setting(shop, "alwaseet_auto_sync_status_ids", "abc")
    result = await perform(shop, clock, kept)
    assert ([], ['status id "abc"']) == (kept.requests, [item["what"] for item in items_of(result["failed"])])


@pytest.mark.usefixtures("enabled")
@pytest.mark.parametrize("value", ["", " , ", None])
async def test_blank_list_is_one_sync_of_everything(
    shop: Shop, clock: ManualClock, kept: Kept, value: str | None
) -> None:
    await set_setting(shop, "alwaseet_auto_sync_status_ids", value)
    await perform(shop, clock, kept)
    assert [{}] == [each.args for each in kept.requests]


@pytest.mark.usefixtures("enabled")
async def test_equal_sync_under_way_is_joined_and_said(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    kept.duplicate = True
    result = await perform(shop, clock, kept)
    assert (0, True) == (result["changed"], result["enqueued"][0]["duplicate"])


@pytest.mark.usefixtures("enabled")
async def test_dry_run_keeps_no_start(shop: Shop, clock: ManualClock, kept: Kept) -> None:
    await perform(shop, clock, kept, dry_run=True)
    assert kept.last is None


async def test_task_is_as_the_interface_has_it(shop: Shop, kept: Kept) -> None:
    task = AutoSync(shop, kept.load, kept.save)
    assert ("alwaseet:auto-sync", "default", 1, timedelta(seconds=30), "alwaseet:auto-sync") == (
        task.name,
        task.facts.queue,
        task.facts.tries,
        task.facts.timeout,
        task.unique_key(NoArguments()),
    )
