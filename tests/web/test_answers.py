"""What pages ask the daemon: each question once within a second, whoever asks, however it is answered."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paranad.control.client import ControlClient
from paranad.errors import DaemonUnreachable
from paranad.web.answers import FRESH_S, SharedAnswers, known
from tests.support.clock import ManualClock
from tests.support.control_stand_in import StandIn


async def test_answer_is_shared_for_a_second(stand_in: StandIn, clock: ManualClock) -> None:
    stand_in.answer("GET", "jobs?state=failed", {"items": []})
    shared = SharedAnswers(ControlClient(stand_in.path), clock.monotonic)
    assert shared.get("jobs", state="failed") is shared.get("jobs", state="failed")
    assert len(stand_in.asked) == 1
    await clock.advance(FRESH_S)
    shared.get("jobs", state="failed")
    assert len(stand_in.asked) == 2


def test_who_asks_while_it_is_asked_waits_for_the_same_answer(clock: ManualClock) -> None:
    asked, may_answer = [], threading.Event()

    class Slow(ControlClient):
        def get(self, *path: str | int, **query: str | int | None) -> object:
            asked.append(path)
            may_answer.wait(20)
            return {"at": len(asked)}

    shared = SharedAnswers(Slow(Path("none")), clock.monotonic)
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(shared.get, "status") for _ in range(8)]
        may_answer.set()
        assert [answer.result(20) for answer in answers] == [{"at": 1}] * 8


async def test_what_was_changed_is_seen_at_once(stand_in: StandIn, clock: ManualClock) -> None:
    stand_in.answer("GET", "status", {"state": "before"})
    shared = SharedAnswers(ControlClient(stand_in.path), clock.monotonic)
    shared.get("status")
    stand_in.answer("GET", "status", {"state": "after"})
    shared.forget()
    assert shared.get("status") == {"state": "after"}


async def test_trouble_is_shared_and_passes(stand_in: StandIn, clock: ManualClock) -> None:
    stand_in.refuse("GET", "status", 503, "unavailable", "the daemon starts")
    shared = SharedAnswers(ControlClient(stand_in.path), clock.monotonic)
    for _ in range(2):
        with pytest.raises(Exception, match="the daemon starts"):
            shared.get("status")
    assert len(stand_in.asked) == 1
    stand_in.answer("GET", "status", {})
    await clock.advance(FRESH_S)
    assert shared.get("status") == {}


def test_part_of_a_page_goes_without_what_the_daemon_cannot_say(tmp_path: Path, clock: ManualClock) -> None:
    shared = SharedAnswers(ControlClient(tmp_path / "none.sock"), clock.monotonic)
    assert known(lambda: shared.get("history")) is None
    with pytest.raises(DaemonUnreachable):
        shared.get("history")
