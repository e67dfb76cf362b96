"""From events to written lines: form, level, one write a batch, a stream that breaks, libraries."""

import json
import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

import pytest

from paranad.events.event import Events
from paranad.events.queue import JobCompleted, JobFailed, JobStarted, QueueStoreFailed
from paranad.log.journal import JournalSink
from paranad.log.lines import LIBRARY_LINE, NO_JOURNAL_LINE
from paranad.log.output import Log, StreamSink, as_text, configure
from paranad.log.thread import Writing
from tests.log.conftest import StartLog, Written
from tests.support.clock import ManualClock
from tests.support.journald import Journald

JOB: dict[str, Any] = {"task": "carts:expire", "queue": "default", "attempt": 1}
STARTED = JobStarted(job_id=7, **JOB)


def completed(job_id: int) -> JobCompleted:
    return JobCompleted(job_id=job_id, **JOB, wait_ms=3, duration_ms=41, result={"changed": 7})


def failed(error: str = "boom", traceback: str | None = None) -> JobFailed:
    return JobFailed(job_id=7, **JOB, wait_ms=0, duration_ms=0, error=error, traceback=traceback)


def test_events_become_json_lines(log: Log, events: Events, written: Written) -> None:
    events.listen(log.tell)
    events.tell(completed(4812))
    [line] = written.lines()
    assert ("2026-03-02T09:00:00.000+00:00", "info", "job.completed") == (
        line["timestamp"],
        line["level"],
        line["event"],
    )
    assert (4812, "carts:expire", 1, {"changed": 7}) == (line["job_id"], line["task"], line["attempt"], line["result"])


def test_a_batch_is_one_write(log: Log, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []

    def write(_: StreamSink, piece: bytes) -> bool:
        pieces.append(piece)
        return True

    monkeypatch.setattr(StreamSink, "write", write)
    log.tell([completed(1), completed(2), completed(3)])
    log.close()
    assert [3] == [piece.count(b"\n") for piece in pieces]


def test_a_batch_is_one_hand_over(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[int] = []
    monkeypatch.setattr(Writing, "put", lambda _, __, count: lines.append(count))
    log.tell([completed(1), completed(2), completed(3)])
    assert [3] == lines


def test_what_is_below_the_level_is_never_rendered(clock: ManualClock, stream: TextIO, written: Written) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("rendered")

    log = Log("info", as_text(refuse), StreamSink(stream), clock.now)
    log.tell([STARTED])
    assert 0 == log.close()
    assert "" == written.text()


def test_level_changes_while_running(log: Log, written: Written) -> None:
    log.set_level("debug")
    log.tell([STARTED])
    log.set_level("error")
    log.tell([STARTED, completed(1), failed()])
    assert ["job.started", "job.failed"] == [line["event"] for line in written.lines()]


def test_every_line_of_a_batch_has_its_own_level(log: Log, written: Written) -> None:
    log.tell([completed(1), failed(), QueueStoreFailed(error="disk full")])
    assert ["info", "error", "error"] == [line["level"] for line in written.lines()]


@pytest.mark.parametrize("value", [2**70, "half \ud800 a pair", timedelta(seconds=1), {1, 2}, float("nan")])
def test_any_value_can_be_written(log: Log, written: Written, value: object) -> None:
    log.tell([JobCompleted(job_id=1, **JOB, wait_ms=0, duration_ms=0, result=value)])
    assert ["job.completed"] == [line["event"] for line in written.lines()]


def test_auto_is_the_console_on_a_terminal(start_log: StartLog, written: Written) -> None:
    start_log("auto", "info").tell([completed(4812)])
    text = written.text()
    assert "\x1b[" in text
    assert "job.completed" in text


def test_auto_is_json_elsewhere(clock: ManualClock, tmp_path: Any) -> None:
    file = tmp_path / "log"
    with file.open("w") as stream:
        log = configure("auto", "info", now=clock.now, stream=stream)
        log.tell([completed(4812)])
        log.close()
    assert file.read_text().startswith('{"timestamp":"2026-03-02T09:00:00.000+00:00","level":"info"')


def test_console_is_aligned_and_without_colour_off_a_terminal(clock: ManualClock, tmp_path: Any) -> None:
    file = tmp_path / "log"
    with file.open("w") as stream:
        log = configure("console", "debug", now=clock.now, stream=stream)
        log.tell([STARTED, completed(4812)])
        log.close()
    first, second = file.read_text().splitlines()
    assert "2026-03-02T09:00:00.000+00:00 [debug    ] job.started                  job_id=7 task=carts:expire" in first
    assert first.index("job_id=") == second.index("job_id=")


def test_console_shows_a_traceback_below_its_line(start_log: StartLog, written: Written) -> None:
    start_log("console", "info").tell([failed(traceback="Traceback\n  boom")])
    assert written.text().endswith("\nTraceback\n  boom\n")


def test_console_takes_the_teeth_out_of_control_characters(start_log: StartLog, written: Written) -> None:
    steering = "a\u202eb\u2067c"
    start_log("console", "info").tell([failed(error="\x1b]0;mine\x07\x9b2J", traceback=f"Traceback\n  {steering}")])
    shown = written.text()
    assert "·]0;mine··2J" in shown
    assert shown.endswith("\nTraceback\n  a·b·c\n")


def test_broken_stream_stops_nobody_and_its_lines_are_counted(
    clock: ManualClock, capfd: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        log = configure("json", "info", now=clock.now, stream=stream)
        os.close(reading)
        log.tell([completed(1)])
        log.tell([completed(2), completed(3)])
        assert 3 == log.close()
    log.tell([completed(4)])
    assert "paranad: 3 lines of the log could not be written\n" == capfd.readouterr().err


def test_full_disk_stops_nobody(clock: ManualClock) -> None:
    with open("/dev/full", "w") as stream:  # noqa: PTH123 -- a device
        log = configure("json", "info", now=clock.now, stream=stream)
        log.tell([completed(1)])
        assert 1 == log.close()


def test_pipe_that_nobody_reads_holds_nobody_up(clock: ManualClock) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as stream:
        os.set_blocking(writing, False)
        log = configure("json", "info", now=clock.now, stream=stream)
        for job_id in range(2000):
            log.tell([completed(job_id)])
        lines = [json.loads(reader.readline()) for _ in range(2000)]
        assert 0 == log.close()
    assert list(range(2000)) == [line["job_id"] for line in lines]


def test_libraries_are_told_from_warnings_upwards(log: Log, written: Written) -> None:
    logging.getLogger("uvicorn.error").info("quiet")
    logging.getLogger("sqlalchemy").warning("slow after %d ms", 7)
    logging.getLogger("asyncio").error("lost", exc_info=ValueError("boom"))
    warning, error = written.lines()
    assert (LIBRARY_LINE, "warning", "sqlalchemy", "slow after 7 ms") == (
        warning["event"],
        warning["level"],
        warning["library"],
        warning["message"],
    )
    assert ("error", "ValueError: boom") == (error["level"], error["exception"].splitlines()[-1])


def test_library_whose_arguments_do_not_fit_is_still_told(log: Log, written: Written) -> None:
    log.tell_record(logging.makeLogRecord({"levelno": 30, "name": "httpx", "msg": "%d of %d", "args": (1,)}))
    assert ["%d of %d"] == [line["message"] for line in written.lines()]


def test_starting_the_log_again_doubles_no_line(start_log: StartLog, written: Written) -> None:
    start_log("json", "info")
    start_log("json", "info")
    logging.getLogger("httpx").warning("once")
    assert 1 == len(written.lines())


def test_library_that_speaks_after_the_end_is_left_to_python(log: Log, root_logger: logging.Logger) -> None:
    log.close()
    assert [] == [handler for handler in root_logger.handlers if "_Libraries" in repr(handler)]


def test_auto_is_the_journal_where_systemd_has_connected_the_stream(clock: ManualClock, journald: Journald) -> None:
    with open(os.devnull, "w") as stream:  # noqa: PTH123 -- a device
        stat = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}
        log = configure(
            "auto", "info", now=clock.now, stream=stream, environ=environ, journal=JournalSink(journald.path)
        )
        log.tell([completed(4812)])
        log.close()
    assert ["job.completed"] == [entry["PARANAD_EVENT"] for entry in journald.entries()]


@pytest.mark.parametrize("said", [{}, {"JOURNAL_STREAM": "8:1"}, {"JOURNAL_STREAM": "nonsense"}])
def test_auto_is_not_the_journal_where_the_stream_is_another(
    clock: ManualClock, tmp_path: Path, journald: Journald, said: dict[str, str]
) -> None:
    with (tmp_path / "log").open("w") as stream:
        log = configure("auto", "info", now=clock.now, stream=stream, environ=said, journal=JournalSink(journald.path))
        log.tell([completed(4812)])
        log.close()
    assert "job.completed" in (tmp_path / "log").read_text()
    assert [] == journald.entries()


def test_journal_that_is_asked_for_and_missing_gives_json_lines_that_say_so(clock: ManualClock, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        log = configure("journald", "info", now=clock.now, stream=stream, journal=JournalSink(tmp_path / "none"))
        log.tell([completed(4812)])
        log.close()
    first, second = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert (NO_JOURNAL_LINE, "warning", str(tmp_path / "none")) == (first["event"], first["level"], first["socket"])
    assert "job.completed" == second["event"]
