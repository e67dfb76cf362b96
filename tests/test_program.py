"""One run of a program: what it may read, how long it may take, what it is given of the environment."""

import asyncio
import os
from pathlib import Path

import pytest

from paranad.program import Program, ProgramFailed, Tail, ended_how, minimal, unusable
from tests.support.clock import ManualClock, Waiting

SAFETY_S = 20


def program(clock: ManualClock, *script: str, stdin: bytes | None = None) -> Program:
    return Program(("/bin/sh", "-c", *script), {"PATH": os.environ["PATH"]}, clock, stdin=stdin)


async def test_it_reads_what_it_is_given_however_long(clock: ManualClock) -> None:
    run = program(clock, "wc -c", stdin=b"x" * 1_000_000)
    async with asyncio.timeout(SAFETY_S):
        assert 0 == await run.to_its_end()
    assert "1000000" == run.output.last_line


async def test_what_it_does_not_read_holds_nothing_up(clock: ManualClock) -> None:
    async with asyncio.timeout(SAFETY_S):
        assert 3 == await program(clock, "exit 3", stdin=b"x" * 1_000_000).to_its_end()


async def test_without_input_it_reads_an_end(clock: ManualClock) -> None:
    run = program(clock, "wc -c")
    async with asyncio.timeout(SAFETY_S):
        await run.to_its_end()
    assert "0" == run.output.last_line


async def test_it_is_ended_after_its_time(clock: ManualClock) -> None:
    waiting = Waiting(clock)
    ending = asyncio.ensure_future(program(clock, "sleep 600").to_its_end(30))
    await waiting(30)
    await clock.advance(31)
    async with asyncio.timeout(SAFETY_S):
        with pytest.raises(ProgramFailed, match="ran longer than 30 s"):
            await ending


def test_minimal_keeps_only_what_a_program_needs() -> None:
    assert {"HOME": "/x"} == minimal({"HOME": "/x", "PARANAD_CONFIG": "y", "WATCHDOG_USEC": "1"})


def test_an_end_is_said_in_words() -> None:
    assert ["ended with exit status 2", "ended by SIGTERM", "ended by signal 99"] == [
        str(ended_how(status)) for status in (2, -15, -99)
    ]


def test_a_program_that_may_not_be_executed_is_told_from_none(tmp_path: Path) -> None:
    file = tmp_path / "program"
    assert "no such file" == str(unusable(str(file)))
    file.touch(0o600)
    assert "one that may not be executed" == str(unusable(str(file)))
    file.chmod(0o700)
    assert unusable(str(file)) is None
    assert "no such file" == str(unusable(str(tmp_path)))


def test_a_tail_keeps_the_end() -> None:
    tail = Tail(10)
    for _ in range(10):
        tail.take(b"0123456789")
    assert ("[90 bytes before this are not kept]\n0123456789", 100) == (tail.text, tail.total_bytes)


def test_a_tail_begins_with_a_whole_character() -> None:
    tail = Tail(11)
    for _ in range(10):
        tail.take("xسلة".encode())
    tail.take(b".")
    assert ("[61 bytes before this are not kept]\nةxسلة.", 71) == (tail.text, tail.total_bytes)


def test_a_tail_of_no_characters_is_kept_whole() -> None:
    tail = Tail(10)
    tail.take(b"\x80" * 30)
    assert "[20 bytes before this are not kept]\n" + "\ufffd" * 10 == tail.text
