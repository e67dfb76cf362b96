"""An entry without success for three periods, and who is not to blame."""

from datetime import timedelta

import pytest

from paranad.events.queue import JobCompleted
from paranad.events.shop import ShopLost, ShopReturned
from paranad.said import plain
from paranad.schedule.entries import Command
from tests.alerts.harness import AlertsHarness, keys
from tests.schedule.bench import entry
from tests.support.clock import ManualClock

OPEN = [("entry-silent", "carts:expire", "open")]
OVER = [("entry-silent", "carts:expire", "over")]


def completed(task: str = "carts:expire") -> JobCompleted:
    return JobCompleted(job_id=1, task=task, queue="default", attempt=1, wait_ms=0, duration_ms=0)


@pytest.fixture
async def watched(harness: AlertsHarness) -> AlertsHarness:
    await harness.use(entry())
    await harness.look()
    return harness


async def test_an_entry_is_told_after_three_periods_of_silence_and_when_it_succeeds(watched: AlertsHarness) -> None:
    await watched.minutes(3)
    assert [] == await watched.told()
    (opened,) = await watched.told(60)
    assert OPEN == keys([opened])
    assert ("* * * * *", "none seen yet") == (opened["cron"], opened["last_success"])
    await watched.minutes(30)
    assert [] == await watched.told()
    watched.events.tell(completed())
    (over,) = await watched.told()
    assert (OVER, "schedule entry carts:expire: it has succeeded") == (keys([over]), over["message"])


async def test_a_success_begins_the_count_anew_and_is_named(watched: AlertsHarness) -> None:
    await watched.minutes(3)
    watched.events.tell(completed())
    await watched.minutes(4)
    assert [] == await watched.told()
    (opened,) = await watched.told(60)
    assert "2026-03-02T12:04:00+03:00" == opened["last_success"]


async def test_the_third_run_of_a_daily_entry_has_ten_minutes(harness: AlertsHarness) -> None:
    await harness.use(entry(cron="0 2 * * *"))
    await harness.look()
    await harness.look(timedelta(days=2, hours=14, minutes=9).total_seconds())
    assert [] == await harness.told()
    assert OPEN == keys(await harness.told(60))


@pytest.mark.parametrize("why", ["paused", "disabled", "off", "held up", "gone"])
async def test_an_entry_that_should_not_run_is_not_blamed_and_its_incident_ends(
    watched: AlertsHarness, why: str
) -> None:
    await watched.minutes(4)
    assert OPEN == keys(await watched.told())
    match why:
        case "paused":
            await watched.schedule.scheduler.pause("carts:expire")
        case "disabled":
            await watched.use(entry(enabled=False))
        case "off":
            await watched.use(entry(), lacks={"carts:expire": "this shop has no table x"})
        case "gone":
            await watched.use()
        case _:
            await watched.line.jobs.pause("default")
    assert OVER == keys(await watched.told())
    await watched.minutes(9)
    await watched.use(entry())
    await watched.schedule.scheduler.resume("carts:expire")
    await watched.line.jobs.resume("default")
    await watched.minutes(4)
    assert [] == await watched.told()
    assert OPEN == keys(await watched.told(60))


async def test_another_cron_begins_anew(watched: AlertsHarness) -> None:
    await watched.minutes(3)
    await watched.use(entry(cron="*/2 * * * *"))
    await watched.minutes(5)
    assert [] == await watched.told()


async def test_what_came_while_the_daemon_was_down_is_not_counted(watched: AlertsHarness, clock: ManualClock) -> None:
    await watched.minutes(3)
    await clock.advance(timedelta(hours=9))
    await watched.start()
    await watched.minutes(3)
    assert [] == await watched.told()
    assert OPEN == keys(await watched.told(60))


async def test_a_restart_between_two_occurrences_counts_on(harness: AlertsHarness, clock: ManualClock) -> None:
    await harness.use(entry(cron="0 2 * * *"))
    await harness.look()
    for _ in range(2):
        await harness.look(timedelta(days=1).total_seconds())
        await harness.start()
    await harness.look(timedelta(hours=15).total_seconds())
    await harness.tell()
    assert OPEN == keys(harness.documents())


async def test_no_task_is_blamed_for_a_shop_that_does_not_answer_but_a_command_is(watched: AlertsHarness) -> None:
    await watched.use(entry(), entry("backup", command=Command(("/bin/true",))))
    await watched.look()
    watched.events.tell(ShopLost(reason=plain("gone")))
    await watched.minutes(4)
    assert [("entry-silent", "backup", "open")] == keys(await watched.told())
    watched.events.tell(ShopReturned())
    await watched.minutes(6)
    assert [] == await watched.told()
    await watched.minutes(2)
    assert OPEN == keys(await watched.told())


async def test_a_silent_entry_stays_an_incident_while_the_shop_is_gone(watched: AlertsHarness) -> None:
    await watched.minutes(4)
    await watched.told()
    watched.events.tell(ShopLost(reason=plain("gone")))
    await watched.minutes(4)
    assert [] == await watched.told()


async def test_a_clock_that_is_set_back_delays_it_by_no_more(watched: AlertsHarness, clock: ManualClock) -> None:
    clock.step(timedelta(hours=-5))
    await watched.look()
    await watched.minutes(4)
    assert OPEN == keys(await watched.told())
