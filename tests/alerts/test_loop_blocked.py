"""A loop that stood still is told by the daemon that comes after, or by the same one if it went on."""

from pathlib import Path

import pytest

from paranad.blocked import LoopNote
from paranad.events.queue import JobRecovered
from tests.alerts.harness import AlertsHarness, keys
from tests.test_blocked import STACKS


@pytest.fixture
def note(harness: AlertsHarness) -> LoopNote:
    return LoopNote(harness.store.path.parent)


def stand(path: Path) -> None:
    path.write_text(f"Timeout (0:00:15)!{STACKS}")


async def test_a_daemon_that_the_watchdog_ended_is_told_by_the_next_once_with_what_ran(
    harness: AlertsHarness, note: LoopNote
) -> None:
    stand(note.path)
    restarting = harness.outside
    await harness.start()
    assert restarting is not harness.outside
    await harness.tell()
    (opened,) = harness.documents()
    assert [("loop-blocked", "loop", "open")] == keys([opened])
    assert ("paranad/tasks/carts.py:20 in run", "it was ended and started anew") == (opened["where"], opened["outcome"])
    assert [] == await harness.told(60)
    assert note.read() is None
    await harness.start()
    await harness.tell()
    assert [] == harness.documents()
    await harness.minutes(59)
    assert [] == await harness.told()
    (over,) = await harness.told(60)
    assert "the daemon: it has not stood still for an hour" == over["message"]


async def test_it_says_which_jobs_the_last_daemon_left_running(harness: AlertsHarness, note: LoopNote) -> None:
    stand(note.path)
    harness.events.tell(JobRecovered(job_id=12, task="backup", queue="default", strikes=1))
    await harness.alerts.look(is_first=True)
    (opened,) = await harness.told()
    assert "12 (backup)" == opened["jobs"]
    (blocked,) = harness.seen.named("daemon.loop_blocked")
    assert "carts.py" in blocked.stacks  # type: ignore[attr-defined]


async def test_a_loop_that_went_on_is_told_by_its_own_daemon(harness: AlertsHarness, note: LoopNote) -> None:
    stand(note.path)
    (opened,) = await harness.told(60)
    assert ("it went on later", "none") == (opened["outcome"], opened["jobs"])
