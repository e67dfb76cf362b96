"""A log on a real file descriptor, and what it wrote."""

import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paranad.log.output import Format, Level, Log, configure
from tests.support.clock import ManualClock
from tests.support.journald import Journald


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[logging.Logger]:
    """The standard library's root logger, put back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level


class Written:
    """What came out of the log's stream: asked for it, the logs that were started write the rest and end."""

    def __init__(self, reading: int) -> None:
        self._reading = reading
        self.logs: list[Log] = []

    def text(self) -> str:
        assert [0] * len(self.logs) == [log.close() for log in self.logs]
        os.set_blocking(self._reading, False)
        try:
            return os.read(self._reading, 1 << 20).decode()
        except BlockingIOError:
            return ""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal, and where what is written to it can be read."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        super().__init__(os.fdopen(writing, "wb"))

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Iterator[Terminal]:
    with Terminal() as stream, os.fdopen(stream.reading, "rb"):
        yield stream


@pytest.fixture
def written(stream: Terminal) -> Written:
    return Written(stream.reading)


StartLog = Callable[[Format, Level], Log]


@pytest.fixture
def start_log(stream: Terminal, clock: ManualClock, written: Written) -> StartLog:
    def start(form: Format, level: Level) -> Log:
        log = configure(form, level, now=clock.now, stream=stream)
        written.logs.append(log)
        return log

    return start


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[Journald]:
    with Journald(tmp_path / "journal.socket") as journald:
        yield journald


@pytest.fixture
def log(start_log: StartLog) -> Log:
    """A log of JSON lines from info upwards."""
    return start_log("json", "info")
