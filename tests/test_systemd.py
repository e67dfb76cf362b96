"""What systemd is told, and when: a datagram socket in its place."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from paranad.events.daemon import (
    DaemonDraining,
    DaemonReady,
    DaemonReloaded,
    DaemonReloadFailed,
    DaemonReloading,
    DaemonResumed,
)
from paranad.events.event import Events
from paranad.events.queue import JobCancelled, JobCompleted, JobFailed, JobStarted
from paranad.events.standby import LeaseTaken, StandbyWaiting
from paranad.said import plain
from paranad.systemd import BEAT_S, Systemd
from tests.support.clock import ManualClock
from tests.support.notify_socket import Manager

READY = DaemonReady(socket="/run/paranad/control.sock", recovered=0)
STOP = DaemonDraining(reason="stop", running=1)
JOB: dict[str, Any] = {"task": "carts:expire", "queue": "default"}
ENDED: dict[str, Any] = {**JOB, "attempt": 1, "wait_ms": 0, "duration_ms": 0}


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@paranad-test-{os.getpid()}"
    with Manager(address) as manager:
        yield manager


@pytest.fixture
def systemd(manager: Manager, clock: ManualClock) -> Systemd:
    return Systemd({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "6000000"}, clock)


async def test_start_asks_for_time_and_is_ready_only_when_the_daemon_is(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    async with systemd.attended(events):
        await clock.advance(0)
        starting = manager.heard()
        events.tell(READY)
        ready = manager.heard()
    assert {
        "WATCHDOG=1",
        "EXTEND_TIMEOUT_USEC=9000000",
        "STATUS=starting: opens queue.db and recovers what was left",
    } == set(starting)
    assert ["READY=1", "STATUS=ready: 0 running; since the start 0 completed, 0 failed"] == ready


async def test_watchdog_is_fed_from_the_loop_at_half_its_time(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    events.tell(READY)
    async with systemd.attended(events):
        await clock.advance(0)
        events.tell(READY)
        manager.heard()
        await clock.advance(2.9)
        assert [] == manager.heard()
        await clock.advance(0.1)
        assert ["WATCHDOG=1"] == manager.heard()
        await clock.advance(3)
        assert ["WATCHDOG=1"] == manager.heard()


@pytest.mark.parametrize(
    "said", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "6000000", "WATCHDOG_PID": "1"}]
)
async def test_watchdog_of_nobody_or_of_another_process_is_not_fed(
    manager: Manager, events: Events, clock: ManualClock, said: dict[str, str]
) -> None:
    async with Systemd({"NOTIFY_SOCKET": manager.address, **said}, clock).attended(events):
        await clock.advance(BEAT_S)
        assert "WATCHDOG=1" not in manager.heard()


async def test_own_watchdog_is_fed(manager: Manager, events: Events, clock: ManualClock) -> None:
    said = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "6000000", "WATCHDOG_PID": str(os.getpid())}
    async with Systemd(said, clock).attended(events):
        await clock.advance(0)
        assert "WATCHDOG=1" in manager.heard()


async def test_status_counts_and_is_said_again_only_when_it_is_another(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    async with systemd.attended(events):
        events.tell(READY)
        events.tell(*(JobStarted(job_id=n, **JOB, attempt=1) for n in range(5)))
        events.tell(
            JobCompleted(job_id=0, **ENDED), JobFailed(job_id=1, **ENDED, error="x"), JobCancelled(job_id=2, **JOB)
        )
        await clock.advance(3)
        first = manager.heard()
        await clock.advance(3)
    assert "STATUS=ready: 2 running; since the start 1 completed, 1 failed" in first
    assert ["WATCHDOG=1"] == manager.heard()


@pytest.mark.parametrize(
    "end", [DaemonReloaded(changed=(), needs_restart=()), DaemonReloadFailed(problems=("workers",))]
)
async def test_reload_is_begun_and_ended_whatever_became_of_it(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock, end: Any
) -> None:
    async with systemd.attended(events):
        events.tell(READY)
        await clock.advance(1.5)
        manager.heard()
        events.tell(DaemonReloading())
        assert ["RELOADING=1", "MONOTONIC_USEC=1500000"] == manager.heard()
        events.tell(end)
        assert ["READY=1"] == manager.heard()


async def test_reload_while_it_starts_does_not_say_ready(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    async with systemd.attended(events):
        events.tell(DaemonReloading(), DaemonReloaded(changed=(), needs_restart=()))
        await clock.advance(0)
        assert not {"RELOADING=1", "READY=1"} & set(manager.heard())


async def test_stop_is_said_and_asks_for_time_as_long_as_it_lasts(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    async with systemd.attended(events):
        events.tell(READY, JobStarted(job_id=1, **JOB, attempt=1))
        await clock.advance(0)
        manager.heard()
        events.tell(STOP)
        assert ["STOPPING=1", "EXTEND_TIMEOUT_USEC=9000000", "STATUS=stopping: 1 running"] == manager.heard()
        await clock.advance(3)
        assert ["WATCHDOG=1", "EXTEND_TIMEOUT_USEC=9000000"] == manager.heard()


async def test_drain_shows_in_the_status_until_it_is_over(systemd: Systemd, manager: Manager, events: Events) -> None:
    async with systemd.attended(events):
        events.tell(READY)
        manager.heard()
        events.tell(DaemonDraining(reason="drain", running=0))
        assert ["STATUS=draining: 0 running; since the start 0 completed, 0 failed"] == manager.heard()
        events.tell(DaemonResumed())
        assert ["STATUS=ready: 0 running; since the start 0 completed, 0 failed"] == manager.heard()


async def test_systemd_that_does_not_read_holds_nobody_up_and_hears_ready_later(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as crowd, suppress(BlockingIOError):
        while True:
            crowd.sendto(b"X=1", manager.socket.getsockname())
    async with systemd.attended(events):
        events.tell(READY)
        assert "READY=1" not in manager.heard()
        await clock.advance(3)
        assert "READY=1" in manager.heard()


async def test_systemd_that_is_gone_stops_nobody(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    manager.socket.close()
    async with systemd.attended(events):
        events.tell(READY, STOP)
        await clock.advance(3)


async def test_daemon_that_systemd_did_not_start_says_nothing(events: Events, clock: ManualClock) -> None:
    async with Systemd({}, clock).attended(events):
        assert [] == events.listeners
        assert {} == clock.sleepers


async def test_standby_is_ready_and_its_status_says_for_whom_until_it_works(
    systemd: Systemd, manager: Manager, events: Events, clock: ManualClock
) -> None:
    reason = plain("web-1 works; this machine takes over when it no longer does")
    async with systemd.attended(events):
        await clock.advance(0)
        manager.heard()
        events.tell(StandbyWaiting(machine="web-1", reason=reason), READY)
        assert ["READY=1", f"STATUS=standing by since 2026-03-02 09:00: {reason}"] == sorted(manager.heard())
        events.tell(LeaseTaken(term=5, machine_before="web-1", last_renewed_at=None))
        assert ["STATUS=ready: 0 running; since the start 0 completed, 0 failed"] == manager.heard()
