"""A loop that stands still is noted with the place where it stands, by a watchdog that needs no loop."""

import asyncio
import time
from pathlib import Path

import pytest

from paranad.blocked import AFTER_S, LoopNote, noted_after_s, where
from paranad.clock import SystemClock

STACKS = """
Thread 0x00007f5f6 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 324 in wait
  File "/opt/paranad/0.1/lib/python3.11/site-packages/paranad/log/thread.py", line 40 in run

Thread 0x00007f5f7 (most recent call first):
  File "/opt/paranad/0.1/lib/python3.11/site-packages/aiosqlite/core.py", line 9 in get
  File "/opt/paranad/0.1/lib/python3.11/site-packages/paranad/tasks/carts.py", line 20 in run
  File "/opt/paranad/0.1/lib/python3.11/site-packages/paranad/queue/workers.py", line 180 in _attempt
  File "/usr/lib/python3.11/asyncio/base_events.py", line 1922 in _run_once
  File "/opt/paranad/0.1/lib/python3.11/site-packages/paranad/life.py", line 106 in live
"""


def test_the_line_of_the_program_that_the_loop_stands_in_is_named() -> None:
    assert "paranad/tasks/carts.py:20 in run" == where(STACKS)


def test_what_called_the_loop_is_not_where_it_stands() -> None:
    ours = [line for line in STACKS.splitlines() if "/paranad/tasks" not in line and "/paranad/queue" not in line]
    assert where("\n".join(ours)).endswith("site-packages/aiosqlite/core.py:9 in get")


@pytest.mark.parametrize("stacks", ["", "no stack", "Thread 0x1 (most recent call first):\n"])
def test_where_is_unknown_in_what_is_no_stack(stacks: str) -> None:
    assert "?" == where(stacks)


def test_it_is_noted_before_systemds_watchdog_ends_the_process() -> None:
    assert [AFTER_S, AFTER_S, 1.0] == [noted_after_s(None), noted_after_s(30.0), noted_after_s(2.0)]


async def test_a_standstill_is_noted_and_a_beating_loop_is_not(tmp_path: Path) -> None:
    note = LoopNote(tmp_path)
    async with note.kept(SystemClock(), 0.1):
        await asyncio.sleep(0.15)
        assert note.read() is None
    assert not note.path.exists()
    async with note.kept(SystemClock(), 0.1):
        await asyncio.sleep(0)
        began = time.time()
        time.sleep(0.25)  # noqa: ASYNC251 -- this is the fault
    stood = note.read()
    assert stood is not None
    assert abs(stood.since.timestamp() - began) < 0.15
    assert "test_a_standstill_is_noted" in stood.where
    assert 0o600 == note.path.stat().st_mode & 0o777
    note.clear()
    assert note.read() is None


async def test_a_folder_that_takes_no_file_costs_nothing_but_the_note(tmp_path: Path) -> None:
    async with LoopNote(tmp_path / "gone").kept(SystemClock(), 0.1):
        pass
