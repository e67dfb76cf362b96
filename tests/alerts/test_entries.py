"""An entry without the success that is expected of it, and who is not to blame."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from paranad.events.shop import ShopLost, ShopReturned
from paranad.said import plain
from paranad.schedule.backfill import BACKFILLED
from paranad.schedule.entries import Command
from paranad.schedule.silence import expected_by
from tests.alerts.harness import AlertsHarness, keys
from tests.schedule.bench import entry
from tests.support.clock import START, ManualClock
from tests.support.queue import new_job

UNTIL = 12
"""Minutes until an entry of every minute is silent: its period, the minute that its run may take, and ten of grace."""
OPEN = [("entry-silent", "carts:expire", "open")]
OVER = [("entry-silent", "carts:expire", "over")]


@pytest.fixture
async def watched(harness: AlertsHarness) -> AlertsHarness:
    await harness.use(entry())
    await harness.look()
    return harness


async def test_an_entry_is_told_after_one_period_and_a_grace_and_when_it_succeeds(watched: AlertsHarness) -> None:
    await watched.minutes(UNTIL - 1)
    assert [] == await watched.told()
    (opened,) = await watched.told(60)
    assert OPEN == keys([opened])
    assert ("* * * * *", "none seen yet") == (opened["cron"], opened["last_success"])
    assert "2026-03-02 12:12:00" == opened["expected_by"]
    await watched.minutes(30)
    assert [] == await watched.told()
    await watched.succeed()
    (over,) = await watched.told()
    assert (OVER, "schedule entry carts:expire: it has succeeded") == (keys([over]), over["message"])


def test_the_random_delay_of_an_entry_is_no_silence() -> None:
    hourly = entry(cron="0 * * * *")
    later = expected_by(replace(hourly, jitter=timedelta(minutes=20)), START)
    assert timedelta(minutes=20) == later - expected_by(hourly, START)


async def test_a_success_begins_the_count_anew_and_is_named(watched: AlertsHarness) -> None:
    await watched.minutes(3)
    await watched.succeed()
    await watched.minutes(UNTIL - 1)
    assert [] == await watched.told()
    (opened,) = await watched.told(60)
    assert "2026-03-02 12:03:00" == opened["last_success"]


async def test_neither_a_backfilled_run_nor_a_job_enqueued_by_hand_is_a_success_of_the_entry(
    watched: AlertsHarness,
) -> None:
    await watched.minutes(UNTIL - 1)
    await watched.succeed()
    why = orjson.dumps({"code": BACKFILLED.code, "values": {}}).decode()
    await watched.sql(f"UPDATE schedule_runs SET why = '{why}'")
    (job_id,) = await watched.line.enqueue(new_job("carts:expire"))
    await watched.complete(job_id)
    assert OPEN == keys(await watched.told(60))


@pytest.mark.parametrize("held_up", ["entry", "queue", "all", "drain"])
async def test_a_pause_forgets_no_success(watched: AlertsHarness, held_up: str) -> None:
    await watched.succeed()
    await watched.minutes(1)
    match held_up:
        case "entry":
            await watched.schedule.scheduler.pause("carts:expire")
        case "queue":
            await watched.line.jobs.pause("default")
        case "all":
            await watched.line.jobs.pause_all()
        case _:
            watched.line.workers.drain()
    await watched.minutes(UNTIL)
    await watched.schedule.scheduler.resume("carts:expire")
    await watched.line.jobs.resume("default")
    await watched.line.jobs.resume_all()
    watched.line.workers.undrain()
    await watched.minutes(UNTIL)
    assert [] == await watched.told()
    (opened,) = await watched.told(60)
    assert "2026-03-02 12:00:00" == opened["last_success"]


async def test_a_daily_entry_is_told_on_the_first_day_when_its_run_and_ten_minutes_are_over(
    harness: AlertsHarness,
) -> None:
    await harness.use(entry("orders:delete-old-trashed", cron="0 2 * * *"))
    await harness.look()
    await harness.look(timedelta(hours=14, minutes=19).total_seconds())
    assert [] == await harness.told()
    assert ["orders:delete-old-trashed"] == [each["key"] for each in await harness.told(60)]


async def test_an_entry_with_a_deadline_of_its_own_is_told_by_it(harness: AlertsHarness) -> None:
    await harness.use(entry("backup", "30 3 * * *", command=Command(("/bin/true",)), expect_within=timedelta(hours=26)))
    await harness.look()
    await harness.succeed("backup")
    await harness.look()
    await harness.look(timedelta(hours=25, minutes=59).total_seconds())
    assert [] == await harness.told()
    assert [("entry-silent", "backup", "open")] == keys(await harness.told(60))


async def test_of_an_entry_whose_alert_is_false_nobody_is_told_and_what_is_open_ends(watched: AlertsHarness) -> None:
    await watched.minutes(UNTIL)
    assert OPEN == keys(await watched.told())
    await watched.use(entry(alert=False))
    (over,) = await watched.told()
    assert "schedule entry carts:expire: its alert is false, so nobody is told of it" == over["message"]
    await watched.minutes(UNTIL + 1)
    assert [] == await watched.told()


async def test_an_entry_that_is_renamed_while_its_incident_is_open_ends_it(watched: AlertsHarness) -> None:
    await watched.minutes(UNTIL)
    assert OPEN == keys(await watched.told())
    await watched.use(entry("carts:expire-all", command=Command(("/bin/true",))))
    (over,) = await watched.told()
    assert "schedule entry carts:expire: it is no longer in the schedule" == over["message"]


@pytest.mark.parametrize(
    ("why", "how"),
    [
        ("paused", "it is paused"),
        ("disabled", "it is disabled"),
        ("off", "it is left out: this shop has no table x"),
        ("held up", "queue default is paused"),
        ("task paused", "task carts:expire is paused"),
        ("drained", "the daemon drains, so no job starts"),
        ("all paused", "everything is paused"),
        ("gone", "it is no longer in the schedule"),
    ],
)
async def test_an_entry_that_should_not_run_is_not_blamed_and_its_incident_ends_and_says_why(
    watched: AlertsHarness, why: str, how: str
) -> None:
    await watched.minutes(UNTIL)
    assert OPEN == keys(await watched.told())
    match why:
        case "paused":
            await watched.schedule.scheduler.pause("carts:expire")
        case "disabled":
            await watched.use(entry(enabled=False))
        case "off":
            await watched.use(entry(), lacks={"carts:expire": "this shop has no table x"})
        case "all paused":
            await watched.line.jobs.pause_all()
        case "task paused":
            await watched.line.jobs.pause_task("carts:expire")
        case "drained":
            watched.line.workers.drain()
        case "gone":
            await watched.use()
        case _:
            await watched.line.jobs.pause("default")
    (over,) = await watched.told()
    assert (OVER, f"schedule entry carts:expire: {how}") == (keys([over]), over["message"])
    await watched.minutes(9)
    await watched.use(entry())
    await watched.schedule.scheduler.resume("carts:expire")
    await watched.line.jobs.resume("default")
    await watched.line.jobs.resume_all()
    await watched.line.jobs.resume_task("carts:expire")
    watched.line.workers.undrain()
    await watched.minutes(UNTIL)
    assert [] == await watched.told()
    assert OPEN == keys(await watched.told(60))


async def test_another_cron_begins_anew(watched: AlertsHarness) -> None:
    await watched.minutes(UNTIL - 1)
    await watched.use(entry(cron="*/2 * * * *"))
    await watched.minutes(UNTIL - 1)
    assert [] == await watched.told()


async def test_what_came_while_the_daemon_was_down_is_not_counted(watched: AlertsHarness, clock: ManualClock) -> None:
    await watched.minutes(UNTIL - 1)
    await clock.advance(timedelta(days=7))
    await watched.start()
    await watched.minutes(UNTIL - 1)
    assert [] == await watched.told()
    assert OPEN == keys(await watched.told(60))


async def test_a_restart_between_two_occurrences_counts_on(harness: AlertsHarness, clock: ManualClock) -> None:
    await harness.use(entry(cron="0 2 * * *"))
    await harness.look()
    for _ in range(2):
        await harness.look(timedelta(hours=6).total_seconds())
        await harness.start()
    await harness.look(timedelta(hours=2, minutes=11).total_seconds())
    await harness.tell()
    assert OPEN == keys(harness.documents())


async def test_no_task_is_blamed_for_a_shop_that_does_not_answer_but_a_command_is(watched: AlertsHarness) -> None:
    await watched.use(entry(), entry("backup", command=Command(("/bin/true",), timedelta(minutes=1))))
    await watched.look()
    watched.events.tell(ShopLost(reason=plain("gone")))
    await watched.minutes(UNTIL)
    told = keys(await watched.told())
    assert ["backup"] == [key for kind, key, _ in told if kind == "entry-silent"]
    watched.events.tell(ShopReturned())
    await watched.minutes(UNTIL + 1)
    assert OPEN[0] not in keys(await watched.told())
    await watched.minutes(3)
    assert OPEN == keys(await watched.told())


async def test_a_silent_entry_stays_an_incident_while_the_shop_is_gone(watched: AlertsHarness) -> None:
    await watched.minutes(UNTIL)
    await watched.told()
    watched.events.tell(ShopLost(reason=plain("gone")))
    await watched.minutes(4)
    assert [] == await watched.told()


async def test_a_clock_that_is_set_back_delays_it_by_no_more(watched: AlertsHarness, clock: ManualClock) -> None:
    clock.step(timedelta(hours=-5))
    await watched.look()
    await watched.minutes(UNTIL)
    assert OPEN == keys(await watched.told())
