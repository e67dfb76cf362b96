"""Telling: never a flood, nothing lost, and a command that fails holds nothing up."""

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from paranad.alerts.notifier import AT_ONCE, EVERY_S, LONGEST_DELAY_S
from paranad.configuration.settings import AlertSection
from paranad.events.alerts import AlertFailed, AlertGivenUp, AlertSent
from paranad.events.event import Event
from tests.alerts.harness import AlertsHarness, keys
from tests.support.clock import START, ManualClock, Waiting

FAILING = "cat >/dev/null; echo no such host >&2; exit 3"


def failures(told: list[Event]) -> list[AlertFailed]:
    return [event for event in told if isinstance(event, AlertFailed)]


async def holding(harness: AlertsHarness, *orders: int) -> None:
    for order_id in orders:
        await harness.hold(order_id)
    await harness.look()


async def use(harness: AlertsHarness, script: str) -> None:
    harness.alerts.use(AlertSection(command=("/bin/sh", "-c", script), language="en"))


async def test_many_at_once_are_a_few_documents_and_one_for_the_rest(harness: AlertsHarness) -> None:
    await holding(harness, *range(1, 31))
    await harness.tell()
    told = harness.documents()
    assert [str(order_id) for order_id in range(1, 10)] == [each["key"] for each in told[:9]]
    assert ("several", 21, [str(order_id) for order_id in range(10, 31)]) == tuple(
        told[9][name] for name in ("key", "count", "keys")
    )
    assert AT_ONCE == len(told)


async def test_beyond_the_first_a_document_goes_out_every_two_minutes(harness: AlertsHarness) -> None:
    await holding(harness, *range(1, 31))
    await harness.tell()
    harness.documents()
    await holding(harness, 31, 32, 33)
    assert EVERY_S == await harness.tell()
    assert [] == harness.documents()
    await harness.tell(EVERY_S - 1)
    assert [] == harness.documents()
    await harness.tell(1)
    assert [["31", "32", "33"]] == [each["keys"] for each in harness.documents()]


async def test_the_end_of_many_is_no_flood_either(harness: AlertsHarness, clock: ManualClock) -> None:
    await holding(harness, *range(1, 31))
    await harness.tell()
    harness.documents()
    for order_id in range(1, 31):
        await harness.release(order_id)
    await harness.look(EVERY_S)
    await harness.tell()
    assert [("several", "over", 30)] == [(each["key"], each["state"], each["count"]) for each in harness.documents()]
    await harness.tell(36000)
    assert [] == harness.documents()


async def test_another_kind_is_not_told_in_the_same_document(harness: AlertsHarness) -> None:
    await holding(harness, *range(1, 20))
    await harness.fail(50)
    await harness.look()
    await harness.tell()
    assert {"shipment-held"} == {each["kind"] for each in harness.documents()}
    await harness.tell(EVERY_S)
    assert [("shipment-failed", "50", "open")] == keys(harness.documents())


async def test_a_failing_command_is_logged_and_tried_again_ever_later(
    harness: AlertsHarness, told: list[Event]
) -> None:
    await use(harness, FAILING)
    await holding(harness, 7)
    delays = [await harness.tell()]
    for _ in range(6):
        delays.append(await harness.tell(delays[-1]))
    assert [30, 60, 120, 240, 480, LONGEST_DELAY_S, LONGEST_DELAY_S] == delays
    assert "ended with exit status 3, last line: no such host" == failures(told)[0].error
    assert ("shipment-held", "7", "open", "2026-03-02T09:00:30+00:00") == (
        failures(told)[0].kind,
        failures(told)[0].key,
        failures(told)[0].state,
        failures(told)[0].retry_at,
    )


async def test_the_next_try_is_told_as_it_will_be_when_the_allowance_has_no_room(
    harness: AlertsHarness, told: list[Event]
) -> None:
    await use(harness, FAILING)
    await holding(harness, 7)
    for _ in range(AT_ONCE - 1):
        harness.alerts.notifier._allowance.spend()
    await harness.tell()
    (incident,) = harness.alerts.incidents.waiting()
    assert START + timedelta(seconds=EVERY_S) == harness.alerts.notifier.next_try_at(incident)
    assert (START + timedelta(seconds=EVERY_S)).isoformat() == failures(told)[0].retry_at
    await harness.tell(EVERY_S - 1)
    assert 1 == len(failures(told))
    await harness.tell(1)
    assert 2 == len(failures(told))


async def test_alert_command_that_fails_for_a_day(harness: AlertsHarness, told: list[Event]) -> None:
    """What opened meanwhile is kept, and told once in a few documents when the command works again."""
    program = harness.folder / "tell"  # not there yet: it fails without a process
    harness.alerts.use(AlertSection(command=(str(program),), language="en"))
    await holding(harness, *range(1, 31))
    for _ in range(24):
        await harness.tell(3600)
    assert len(failures(told)) <= AT_ONCE + 86400 / EVERY_S, "the failing runs are no flood either"
    await holding(harness, 31)
    program.write_text(f"#!/bin/sh\ncat >> {harness.file}\n")
    program.chmod(0o755)
    await harness.tell(LONGEST_DELAY_S)
    await harness.tell(LONGEST_DELAY_S)
    documents = harness.documents()
    assert len(documents) <= AT_ONCE + 1
    told_keys = [key for each in documents for key in each.get("keys", [each["key"]])]
    assert sorted(map(str, range(1, 32))) == sorted(told_keys), "each once"
    assert [] == await harness.told(86400)


async def test_a_failing_command_is_known_since_when_over_a_restart_until_it_works(harness: AlertsHarness) -> None:
    harness.script(FAILING)
    await harness.start()
    await holding(harness, 7)
    await harness.tell()
    await harness.tell(30)
    await harness.start()
    failing = harness.alerts.health.failing
    assert failing
    assert (START, 2) == (failing.since, failing.times)
    await harness.alerts.notifier.try_out()
    assert 2 == harness.alerts.health.failing.times, "a test counts as no failure more"  # type: ignore[union-attr]
    assert "ended with exit status 3, last line: no such host" == failing.why.text
    harness.script(f"cat >> {harness.file}")
    await harness.tell()
    assert harness.alerts.health.failing is None
    await harness.start()
    assert harness.alerts.health.failing is None


async def test_failure_of_a_command_that_is_no_longer_configured_is_not_said(harness: AlertsHarness) -> None:
    harness.script(FAILING)
    await harness.start()
    await holding(harness, 7)
    await harness.tell()
    harness.command = ("/bin/true",)
    await harness.start()
    assert harness.alerts.health.failing is None


async def test_a_test_that_the_command_takes_again_tells_what_it_did_not_take(harness: AlertsHarness) -> None:
    harness.script(FAILING)
    await harness.start()
    await holding(harness, 7)
    assert 30 == await harness.tell()
    harness.script(f"cat >> {harness.file}")
    assert (await harness.alerts.notifier.try_out()).failed is None
    await harness.tell()
    assert ["test", "shipment-held"] == [each["kind"] for each in harness.documents()]


async def test_what_failed_is_told_by_another_command_at_once(harness: AlertsHarness) -> None:
    await use(harness, FAILING)
    await holding(harness, 7)
    await harness.tell()
    harness.alerts.use(harness.settings)
    await harness.tell()
    assert [("shipment-held", "7", "open")] == keys(harness.documents())


async def test_without_a_command_incidents_wait_for_one(harness: AlertsHarness) -> None:
    harness.alerts.use(AlertSection(command=(), language="en"))
    await holding(harness, 7)
    await harness.tell()
    assert [] == harness.documents()
    harness.alerts.use(harness.settings)
    await harness.tell()
    assert [("shipment-held", "7", "open")] == keys(harness.documents())


async def test_what_is_over_before_anybody_knew_is_told_to_nobody(harness: AlertsHarness) -> None:
    await use(harness, FAILING)
    await holding(harness, 7)
    await harness.tell()
    await harness.release(7)
    harness.alerts.use(harness.settings)
    assert [] == await harness.told()


async def test_that_it_is_over_is_tried_for_a_day(
    harness: AlertsHarness, told: list[Event], clock: ManualClock
) -> None:
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    await use(harness, FAILING)
    await harness.look()
    await harness.tell()
    await harness.tell(86000)
    assert [] == [event for event in told if isinstance(event, AlertGivenUp)]
    await harness.tell(900)
    assert [AlertGivenUp(kind="shipment-held", key="7")] == [each for each in told if isinstance(each, AlertGivenUp)]


async def test_what_comes_back_before_its_end_is_told_goes_on(harness: AlertsHarness) -> None:
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    await harness.look()
    await harness.hold(7)
    assert [] == await harness.told()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("/nowhere/tell",), "/nowhere/tell cannot be started: No such file or directory"),
        (("/bin/false",), "ended with exit status 1"),
        (("/bin/sh", "-c", "kill -9 $$"), "ended by SIGKILL"),
    ],
)
async def test_a_command_that_does_not_take_it_says_why(
    harness: AlertsHarness, told: list[Event], words: tuple[str, ...], error: str
) -> None:
    harness.alerts.use(AlertSection(command=words, language="en"))
    await holding(harness, 7)
    await harness.tell()
    assert [error] == [event.error for event in failures(told)]


async def test_a_command_that_hangs_is_ended_with_its_whole_group(
    harness: AlertsHarness, told: list[Event], clock: ManualClock, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    await use(harness, f"sleep 600 & echo $! > {pids}; wait")
    await holding(harness, 7)
    waiting = Waiting(clock)
    telling = asyncio.ensure_future(harness.tell())
    sleeper = int((await asyncio.to_thread(pids.read_text)).strip())
    watch = os.pidfd_open(sleeper)
    await waiting(30.0)
    await clock.advance(timedelta(seconds=31))
    async with asyncio.timeout(20):
        await telling
    assert ["ran longer than 30 s"] == [event.error for event in failures(told)]
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(watch, ended.set)
    async with asyncio.timeout(20):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(watch)
    os.close(watch)


async def test_a_command_that_floods_or_never_reads_holds_nothing_up(harness: AlertsHarness, told: list[Event]) -> None:
    await use(harness, "head -c 3000000 /dev/zero | tr '\\0' x; exit 1")
    await holding(harness, *range(1, 3))
    async with asyncio.timeout(20):
        await harness.tell()
    assert 2 == len(failures(told))
    assert all(len(event.error) < 300 for event in failures(told))


async def test_the_command_gets_no_variable_of_the_daemons(
    harness: AlertsHarness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PARANAD_COURIER__PASSWORD", "sesame")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials")
    seen = tmp_path / "seen"
    await use(harness, f"env > {seen}; cat /proc/$$/stat >> {seen}; echo $$ >> {seen}; pwd >> {seen}")
    await holding(harness, 7)
    await harness.tell()
    *variables, stat, pid, folder = seen.read_text().splitlines()
    assert not {"sesame", "CREDENTIALS"} & {part for line in variables for part in line.replace("=", " ").split()}
    assert [pid, "/"] == [stat.rpartition(")")[2].split()[2], folder]


async def test_a_command_that_ends_well_is_logged(harness: AlertsHarness, told: list[Event]) -> None:
    await harness.hold(7)
    await harness.told()
    assert AlertSent(kind="shipment-held", key="7", state="open") in told


async def test_an_end_that_comes_while_the_beginning_is_told_is_told_too(
    harness: AlertsHarness, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    await use(harness, f"cat >> {harness.file}; cat {gate}")
    await holding(harness, 7)
    telling = asyncio.ensure_future(harness.tell())
    writing = await asyncio.to_thread(gate.open, "w")
    await harness.release(7)
    await harness.look()
    harness.alerts.use(harness.settings)
    writing.close()
    async with asyncio.timeout(20):
        await telling
    assert [("shipment-held", "7", "open"), ("shipment-held", "7", "over")] == keys(harness.documents())


async def test_telling_is_cheap(harness: AlertsHarness) -> None:
    """A thousand orders held at once are looked at and told in a moment."""
    before_s = time.process_time()
    await harness.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO shipments (order_id, state, reference, reason, intended_at) "
        "SELECT i, 'held', 'P' || i, 'two courier orders fit', 0 FROM n"
    )
    told = await harness.told()
    assert AT_ONCE == len(told)
    assert time.process_time() - before_s < 2


async def test_what_comes_back_while_its_end_is_told_is_told_again(harness: AlertsHarness, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    await harness.look()
    await use(harness, f"cat >> {harness.file}; cat {gate}")
    telling = asyncio.ensure_future(harness.tell())
    writing = await asyncio.to_thread(gate.open, "w")
    await harness.hold(7)
    await harness.look()
    harness.alerts.use(harness.settings)
    writing.close()
    async with asyncio.timeout(20):
        await telling
    assert ["over", "open"] == [each["state"] for each in harness.documents()]
