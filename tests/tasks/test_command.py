"""An operator's own command: real programs, real signals; only the clock stands still."""

import asyncio
import os
import select
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from paranad.events.event import Event, Events
from paranad.events.queue import JobOutput
from paranad.program import GRACE_S, KEPT_BYTES
from paranad.queue.model import Completed, Origin
from paranad.tasks import command
from paranad.tasks.command import CommandArguments, CommandFailed, OccurrenceArguments, OwnCommand
from paranad.tasks.task import AnyTask, Context
from tests.support.clock import START, ManualClock
from tests.support.tasks import result_of

SAFETY_S = 20
LINES_THEN_SLEEP = "echo ready; sleep 600 & wait"
STUBBORN = "trap '' TERM; echo ready; sleep 600 & wait; wait; wait"


def context(clock: ManualClock, *, dry_run: bool = False) -> Context:
    async def enqueue(_: object) -> list[Any]:
        return []

    return Context(
        job_id=7,
        attempt=1,
        origin=Origin.SCHEDULE,
        enqueued_at=START,
        created_at=START,
        snoozes=0,
        clock=clock,
        enqueue=enqueue,
        progress=lambda _done, _total: None,
        dry_run=dry_run,
    )


def task_of(events: Events, *words: str, environ: Mapping[str, str] | None = None) -> AnyTask:
    environ = {"PATH": os.environ["PATH"]} if environ is None else environ
    return OwnCommand("backup", words, timeout=timedelta(minutes=10), tries=1, events=events, environ=environ)


@pytest.fixture
def run(clock: ManualClock, events: Events) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def run(*words: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
        async with asyncio.timeout(SAFETY_S):
            return result_of(await task_of(events, *words, environ=environ).run(context(clock), CommandArguments()))

    return run


@asynccontextmanager
async def running(clock: ManualClock, events: Events, script: str) -> AsyncIterator[tuple[asyncio.Task[Any], int]]:
    """Start *script*, wait for its first line, give its task and its process group."""
    first = asyncio.Event()
    events.listen(lambda _: first.set())
    running = asyncio.ensure_future(
        task_of(events, "/bin/sh", "-c", f"echo $$ >&2; {script}").run(context(clock), CommandArguments())
    )
    lines: list[str] = []
    events.listen(lambda told: lines.extend(event.line for event in told if isinstance(event, JobOutput)))
    async with asyncio.timeout(SAFETY_S):
        while len(lines) < 2:
            first.clear()
            await first.wait()
    group = int(next(line for line in lines if line.isdigit()))
    try:
        yield running, group
    finally:
        if not running.done():
            os.killpg(group, signal.SIGKILL)
            await asyncio.wait([running])


def members(group: int) -> list[int]:
    """The processes of *group* that run; what is a zombie waits only for its parent."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def all_end(group: int) -> bool:
    """Wait until no process of *group* runs: what was killed still takes its moment to end."""
    for pid in members(group):
        with suppress(ProcessLookupError):
            watch = os.pidfd_open(pid)
            ended, _, _ = select.select([watch], [], [], SAFETY_S)
            os.close(watch)
            if not ended:
                return False
    return True


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_command_answers_with_its_exit_status_and_output(run: Callable[..., Any], told: list[Event]) -> None:
    result = await run("/bin/sh", "-c", "echo one; echo two >&2")
    assert result["exit_status"] == 0
    assert sorted(result["output"].split()) == ["one", "two"]
    assert result["output_bytes"] == 8


async def test_each_line_is_told_with_its_stream(run: Callable[..., Any], told: list[Event]) -> None:
    await run("/bin/sh", "-c", "echo one; echo two >&2; printf three")
    lines = {(event.stream, event.line, event.job_id, event.task) for event in told if isinstance(event, JobOutput)}
    assert lines == {("stdout", "one", 7, "backup"), ("stderr", "two", 7, "backup"), ("stdout", "three", 7, "backup")}


async def test_a_secret_in_a_line_is_told_to_nobody(run: Callable[..., Any], told: list[Event]) -> None:
    await run("/bin/sh", "-c", "echo connect password=hunter3")
    lines = [event.line for event in told if isinstance(event, JobOutput)]
    assert ["connect password=(hidden)"] == lines


async def test_no_shell_reads_the_arguments(run: Callable[..., Any]) -> None:
    assert (await run("/bin/echo", "$HOME", "a b", "; rm -rf x", "*"))["output"] == "$HOME a b ; rm -rf x *\n"


async def test_a_status_other_than_zero_fails_the_attempt_with_the_last_line(run: Callable[..., Any]) -> None:
    with pytest.raises(CommandFailed) as failed:
        await run("/bin/sh", "-c", "echo begin; echo no space left; exit 3")
    assert str(failed.value) == "backup: ended with exit status 3, last line: no space left"


async def test_a_failed_attempts_traceback_keeps_the_output(run: Callable[..., Any]) -> None:
    with pytest.raises(CommandFailed) as failed:
        await run("/bin/sh", "-c", "echo begin; echo end; exit 1")
    assert "\nbegin\nend\n" in "".join(traceback.format_exception(failed.value))


async def test_a_program_ended_by_a_signal_says_which(run: Callable[..., Any]) -> None:
    with pytest.raises(CommandFailed, match="ended by SIGKILL"):
        await run("/bin/sh", "-c", "kill -9 $$")


@pytest.mark.parametrize("mode", [None, 0o600, 0o700])
async def test_a_program_that_cannot_start_fails_the_attempt(
    run: Callable[..., Any], tmp_path: Path, mode: int | None
) -> None:
    program = tmp_path / "program"
    if mode:
        program.write_bytes(b"\x00no program")
        program.chmod(mode)
    with pytest.raises(CommandFailed, match=f"^backup: {program} cannot be started: "):
        await run(str(program))


async def test_the_environment_holds_none_of_the_daemons_secrets(run: Callable[..., Any]) -> None:
    secret = {
        "PARANAD_COURIER__PASSWORD": "s3cret",
        "CREDENTIALS_DIRECTORY": "/run/credentials",
        "NOTIFY_SOCKET": "/run/systemd/notify",
        "SHOP_DB": "s3cret",
    }
    result = await run("/usr/bin/env", environ={"PATH": "/bin", "LANG": "C", "LC_ALL": "C.UTF-8", **secret})
    assert sorted(result["output"].split()) == ["LANG=C", "LC_ALL=C.UTF-8", "PATH=/bin"]


async def test_the_program_reads_nothing_and_leads_its_own_group(run: Callable[..., Any]) -> None:
    output = (await run("/bin/sh", "-c", "cat; ps -o pgid= -o sid= -p $$ 2>/dev/null || cat /proc/$$/stat; echo $$"))[
        "output"
    ]
    pid = output.split()[-1]
    assert output.split().count(pid) >= 3


async def test_output_that_is_no_utf8_is_replaced(run: Callable[..., Any]) -> None:
    assert (await run("/usr/bin/printf", r"caf\351 \330\271\n"))["output"] == "caf\ufffd ع\n"


async def test_a_flood_keeps_its_end_and_is_logged_only_in_part(
    run: Callable[..., Any], told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LOGGED_LINES", 50)
    result = await run("/bin/sh", "-c", "yes 0123456789 | head -c 2000000; echo; echo the end")
    assert result["output"].endswith("\nthe end\n")
    assert result["output"].startswith("[")
    assert KEPT_BYTES <= len(result["output"]) < KEPT_BYTES + 100
    assert result["output_bytes"] == 2_000_009
    assert len(told) == 51


async def test_a_flood_leaves_the_loop_to_others(clock: ManualClock, events: Events) -> None:
    flood = asyncio.ensure_future(task_of(events, "/usr/bin/yes").run(context(clock), CommandArguments()))
    loop = asyncio.get_running_loop()
    longest_s, last = 0.0, loop.time()
    for _ in range(3000):
        await asyncio.sleep(0)
        longest_s, last = max(longest_s, loop.time() - last), loop.time()
    flood.cancel()
    await asyncio.wait([flood], timeout=SAFETY_S)
    assert flood.cancelled()
    assert longest_s < 0.25


async def test_a_line_without_end_is_told_in_pieces(run: Callable[..., Any], told: list[Event]) -> None:
    await run(sys.executable, "-c", "import sys; sys.stdout.write('x' * 20000)")
    lengths = [len(event.line) for event in told if isinstance(event, JobOutput)]
    assert sum(lengths) == 20000
    assert max(lengths) <= 4096


@pytest.mark.parametrize("end", ["", "\n"])
async def test_a_long_line_is_cut_between_characters(run: Callable[..., Any], told: list[Event], end: str) -> None:
    """Whatever the length of its characters, and of what stood before them."""
    line = "x" + "سلة فارغة — " * 500 + "xx" + "📦" * 3000 + "€" * 3001
    await run(sys.executable, "-c", f"import sys; sys.stdout.buffer.write({(line + end).encode()!r})")
    pieces = [event.line for event in told if isinstance(event, JobOutput)]
    assert line == "".join(pieces)
    assert max(len(piece.encode()) for piece in pieces) <= 4096


async def test_a_grandchild_that_keeps_the_pipe_does_not_hold_up_the_end(run: Callable[..., Any]) -> None:
    result = await run("/bin/sh", "-c", "sleep 60 & echo $!; echo done")
    os.kill(int(result["output"].split()[0]), signal.SIGKILL)
    assert result["output"].endswith("done\n")


async def test_cancelling_ends_the_whole_process_group(clock: ManualClock, events: Events) -> None:
    async with running(clock, events, LINES_THEN_SLEEP) as (task, group):
        assert members(group)
        task.cancel()
        async with asyncio.timeout(SAFETY_S):
            with pytest.raises(asyncio.CancelledError):
                await task
    assert all_end(group)


async def test_a_program_that_ignores_sigterm_is_killed_after_the_grace(clock: ManualClock, events: Events) -> None:
    async with running(clock, events, STUBBORN) as (task, group):
        task.cancel()
        await clock.advance(0)
        await clock.advance(GRACE_S - 1)
        assert members(group)
        assert not task.done()
        await clock.advance(2)
        await asyncio.wait([task], timeout=SAFETY_S)
        assert task.cancelled()
    assert all_end(group)


async def test_a_second_cancel_kills_at_once(clock: ManualClock, events: Events) -> None:
    async with running(clock, events, STUBBORN) as (task, group):
        task.cancel()
        await clock.advance(0)
        assert members(group)
        task.cancel()
        await asyncio.wait([task], timeout=SAFETY_S)
        assert task.cancelled()
    assert all_end(group)


async def test_a_dry_run_names_the_command_and_starts_nothing(
    clock: ManualClock, events: Events, tmp_path: Path
) -> None:
    task = task_of(events, "/bin/touch", str(tmp_path / "touched"))
    outcome = await task.run(context(clock, dry_run=True), CommandArguments())
    assert outcome == Completed({"command": ["/bin/touch", str(tmp_path / "touched")], "would_run": True})
    assert not (tmp_path / "touched").exists()


def test_a_commands_task_runs_one_at_a_time_by_its_entrys_name(events: Events) -> None:
    task = task_of(events, "/bin/true")
    assert (task.name, task.facts.tries, task.unique_key(CommandArguments())) == ("backup", 1, "backup")


async def test_no_descriptor_is_left_open(run: Callable[..., Any]) -> None:
    await run("/bin/true")
    before = open_descriptors()
    await run("/bin/sh", "-c", "echo x")
    with pytest.raises(CommandFailed):
        await run("/nowhere/x")
    assert open_descriptors() <= before


BERLIN = ZoneInfo("Europe/Berlin")


def dated(events: Events, *words: str) -> OwnCommand:
    return OwnCommand("backup", words, timeout=timedelta(minutes=10), tries=1, events=events, zone=BERLIN, environ={})


async def test_a_command_is_told_its_occurrence_and_its_day(clock: ManualClock, events: Events) -> None:
    task = dated(events, "/bin/echo", "--for={date}", "{occurrence}", "{date}{other}")
    at = datetime(2027, 3, 28, 1, 0, tzinfo=UTC).astimezone(BERLIN)
    told = task.arguments.model_validate(task.args_at(at))
    output = result_of(await task.run(context(clock), told))["output"]
    assert output == "--for=2027-03-28 2027-03-28T03:00:00+02:00 2027-03-28{other}\n"


async def test_a_command_that_is_run_by_hand_is_told_when_its_job_was_made(clock: ManualClock, events: Events) -> None:
    task = dated(events, "/bin/echo", "{occurrence}")
    result = result_of(await task.run(context(clock, dry_run=True), OccurrenceArguments()))
    assert result["command"] == ["/bin/echo", START.astimezone(BERLIN).isoformat(timespec="seconds")]


def test_a_command_that_names_no_occurrence_is_told_none(events: Events) -> None:
    task = dated(events, "/srv/{date}/backup", "--quiet")
    assert ({}, {}) == (task.args_at(START), task.args_of_past(START))
    assert task.program[0] == "/srv/{date}/backup"


@pytest.mark.parametrize("wrong", ["yesterday", "2027-03-28", "2027-03-28T03:00:00", 7])
def test_an_occurrence_that_is_no_instant_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError, match="expected an instant with its offset"):
        OccurrenceArguments.model_validate({"occurrence": wrong})
