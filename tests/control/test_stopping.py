"""What a stop now would cut, hand back and miss: decided from what runs and what is due; and nothing is stopped."""

from datetime import timedelta

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.control.stopping import Fate, fate_of, missed, wait_for
from paranad.schedule.entries import CatchUp
from tests.schedule.bench import entry
from tests.support.clock import START, ManualClock

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left_s", "is_program", "fate"),
    [
        (61, False, Fate.HANDED_BACK),
        (61, True, Fate.CUT),
        (60, True, Fate.ENDS),
        (0, False, Fate.ENDS),
    ],
)
def test_job_ends_in_time_or_is_handed_back_or_its_program_is_cut(left_s: float, is_program: bool, fate: Fate) -> None:
    assert fate is fate_of(left_s, MINUTE, shielded=False, is_program=is_program)
    assert Fate.AWAITED is fate_of(left_s, MINUTE, shielded=True, is_program=is_program)


def test_occurrences_of_the_minute_are_missed_and_those_of_this_instant_and_later_are_not() -> None:
    every_minute, hourly = entry("a", "* * * * *"), entry("b", "0 * * * *", catch_up=CatchUp.SKIP)
    found = {
        each.entry.name: (each.occurrences, each.first_at) for each in missed([every_minute, hourly], START, MINUTE)
    }
    assert {"a": (1, START + MINUTE)} == found
    (late,) = missed([hourly], START - timedelta(seconds=1), MINUTE)
    assert (1, START) == (late.occurrences, late.first_at)
    assert [5] == [each.occurrences for each in missed([every_minute], START, timedelta(minutes=5))]


@pytest.mark.parametrize(("left_s", "wait_s"), [([], 0), ([12, 40], 40), ([12, 600], 60)])
def test_stop_waits_for_the_longest_job_within_its_own_time(left_s: list[float], wait_s: float) -> None:
    assert timedelta(seconds=wait_s) == wait_for(left_s, MINUTE)


async def test_what_waits_and_what_is_missed_is_told_and_the_daemon_goes_on(
    api: httpx.AsyncClient, daemon: Daemon, clock: ManualClock
) -> None:
    for delay in (0, "2h"):
        await api.post("/v1/jobs", json={"task": "carts:expire", "args": {}, "delay": delay})
    await api.post("/v1/schedule/night%2Fbackup/pause")
    clock.step(timedelta(minutes=4, seconds=30))
    stop = (await api.get("/v1/drain")).json()
    assert (60.0, 60.0, [], 1, 1) == tuple(
        stop[each] for each in ("drain_timeout_s", "away_s", "running", "due", "later")
    )
    expired = {"name": "carts:expire", "occurrences": 1, "first_at": "2026-03-02T12:05:00+03:00", "catch_up": "once"}
    assert [expired] == stop["missed"]
    assert not daemon.parts.workers.draining
    await api.post("/v1/pause")
    assert [] == (await api.get("/v1/drain")).json()["missed"]
