"""The journal's native protocol: what an entry holds, and a journal that is slow, away or full."""

import json
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.events.queue import JobAttemptFailed, JobCompleted, JobFailed, JobOutput
from paranad.events.shipments import ShipmentHeld
from paranad.log import redaction
from paranad.log.journal import JournalSink, entries, speaks_to_journal
from paranad.log.lines import LOST_LINE, line_of
from paranad.log.output import Log
from paranad.log.redaction import hide
from paranad.log.thread import Writing
from tests.support.clock import ManualClock
from tests.support.journald import Entry, Journald, kept

FLOOD = 1500
"""More than a socket holds unread."""
AT = "2026-03-02T09:00:00.000+00:00"
JOB: dict[str, Any] = {"task": "carts:expire", "queue": "default"}
ATTEMPT: dict[str, Any] = {**JOB, "attempt": 1, "wait_ms": 3, "duration_ms": 41}
TRACEBACK = 'Traceback (most recent call last):\n  File "carts.py", line 7\nValueError: boom'


def completed(job_id: int, **fields: Any) -> JobCompleted:
    return JobCompleted(job_id=job_id, **{**ATTEMPT, "result": {"changed": 7}, **fields})


def failed(**fields: Any) -> JobFailed:
    return JobFailed(job_id=7, **{**ATTEMPT, "error": "ValueError: boom", **fields})


def entry_of(event: Any) -> Entry:
    [piece] = entries(AT, [(event.level, line_of(event))])
    return kept(piece)


@pytest.fixture
def log(journald: Journald, clock: ManualClock) -> Iterator[Log]:
    log = Log("info", entries, JournalSink(journald.path), clock.now)
    yield log
    assert 0 == log.close()


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret is known so far, and none after."""
    monkeypatch.setattr(redaction, "_known", set())


def test_entry_of_a_job_about_an_order_is_found_by_the_order() -> None:
    assert "318" == entry_of(completed(4812, order_id=318))["PARANAD_ORDER_ID"]
    assert "PARANAD_ORDER_ID" not in entry_of(completed(4812))


def test_entry_has_the_lines_fields_and_a_message_that_a_person_reads() -> None:
    message = (
        "job.completed job_id=4812 task=carts:expire queue=default attempt=1 wait_ms=3 duration_ms=41 "
        'result={"changed":7}'
    )
    assert {
        "SYSLOG_IDENTIFIER": "paranad",
        "PRIORITY": "6",
        "PARANAD_TIMESTAMP": AT,
        "PARANAD_EVENT": "job.completed",
        "PARANAD_JOB_ID": "4812",
        "PARANAD_TASK": "carts:expire",
        "PARANAD_QUEUE": "default",
        "PARANAD_ATTEMPT": "1",
        "PARANAD_WAIT_MS": "3",
        "PARANAD_DURATION_MS": "41",
        "PARANAD_RESULT": '{"changed":7}',
        "MESSAGE": message,
    } == entry_of(completed(4812))


@pytest.mark.parametrize(("level", "priority"), [("debug", "7"), ("info", "6"), ("warning", "4"), ("error", "3")])
def test_level_is_the_priority(level: str, priority: str) -> None:
    [piece] = entries(AT, [(level, {"event": "x"})])
    assert priority == kept(piece)["PRIORITY"]


def test_order_of_a_shipment_is_a_field() -> None:
    assert (
        "318"
        == entry_of(ShipmentHeld(order_id=318, reference="P318", code="twice", reason="two fit"))["PARANAD_ORDER_ID"]
    )


def test_traceback_is_part_of_the_one_entry_and_of_its_message() -> None:
    entry = entry_of(failed(traceback=TRACEBACK))
    first, _, rest = entry["MESSAGE"].partition("\n")
    assert first.startswith("job.failed job_id=7 task=carts:expire ")
    assert first.endswith(' error="ValueError: boom" timed_out=false')
    assert TRACEBACK == rest == entry["PARANAD_EXCEPTION"]


@pytest.mark.parametrize("text", ["two words", 'a"quote', "a=b", "", "tab\t", "سلة فارغة", "half \ud800 a pair"])
def test_text_that_is_not_one_word_stands_in_quotes_in_the_message(text: str) -> None:
    entry = entry_of(JobOutput(job_id=7, **JOB, stream="stdout", line=text))
    assert text.encode("utf-8", "backslashreplace").decode() == entry["PARANAD_LINE"]
    assert entry["MESSAGE"].endswith(
        f" stream=stdout line={json.dumps(text, ensure_ascii=False)}".encode("utf-8", "backslashreplace").decode()
    )


def test_message_has_no_control_character_that_would_hide_it() -> None:
    entry = entry_of(failed(error="\x1b]0;mine\x07\x9b2J", traceback="\x1b[31mred"))
    assert not set("\x1b\x07\x9b") & set(entry["MESSAGE"])
    assert "\x1b]0;mine\x07\x9b2J" == entry["PARANAD_ERROR"]


def test_newline_forges_no_field_and_no_entry() -> None:
    text = "x\nPRIORITY=0\n\nMESSAGE=forged\n"
    entry = entry_of(failed(error=text))
    assert ("3", text) == (entry["PRIORITY"], entry["PARANAD_ERROR"])
    assert "\n" not in entry["MESSAGE"]


@given(st.dictionaries(st.sampled_from(["error", "line", "task"]), st.text(max_size=30) | st.integers() | st.none()))
def test_any_text_comes_back_as_it_was(fields: dict[str, Any]) -> None:
    [piece] = entries(AT, [("info", {"event": "x", **fields})])
    entry = kept(piece)
    for key, value in fields.items():
        expected = value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else json.dumps(value)
        assert expected == entry[f"PARANAD_{key.upper()}"]


@pytest.mark.parametrize("value", [2**70, {1, 2}, float("nan"), True, [1, "x"], {"a": {"b": None}}])
def test_any_value_can_be_sent(value: object) -> None:
    assert entry_of(completed(1, result=value))["PARANAD_RESULT"]


def test_each_entry_of_a_batch_is_a_datagram_of_its_own() -> None:
    """systemd 254 and later keep the first entry of a datagram and drop the rest in silence."""
    pieces = entries(AT, [("info", line_of(completed(n))) for n in range(100)])
    assert [str(n) for n in range(100)] == [kept(piece)["PARANAD_JOB_ID"] for piece in pieces]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("secret", ["open sesame", 'quo"te\\slash', "كلمة السر", "new\nline", "\x9bcontrol"])
def test_known_secret_is_hidden_in_every_field(secret: str) -> None:
    hide(secret)
    [piece] = entries(AT, [("info", line_of(failed(error=f"<{secret}>", traceback=f"<{secret}>")))])
    assert secret.encode() not in piece
    entry = kept(piece)
    assert ("<(hidden)>", "<(hidden)>") == (entry["PARANAD_ERROR"], entry["PARANAD_EXCEPTION"])
    assert 2 == entry["MESSAGE"].count("<(hidden)>")


@pytest.mark.parametrize(
    "line",
    [
        {"token": "SESAME"},
        {"password": "SESAME\nSESAME"},
        {"error": "mysql://user:SESAME@host/shop is gone"},
        {"error": "courier said @@SESAME to that"},
        {"result": {"nested": {"secret": "SESAME"}}},
        {"exception": 'Traceback\n  {"token": "SESAME"}'},
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: dict[str, Any]) -> None:
    assert b"SESAME" not in b"".join(entries(AT, [("info", {"event": "x", **line})]))


def test_events_arrive(log: Log, journald: Journald) -> None:
    log.tell([completed(1), JobAttemptFailed(job_id=2, **ATTEMPT, error="e", retry_at=AT, timed_out=False)])
    first, second = (kept(journald.piece()) for _ in range(2))
    assert (("1", "6"), ("2", "4")) == (
        (first["PARANAD_JOB_ID"], first["PRIORITY"]),
        (second["PARANAD_JOB_ID"], second["PRIORITY"]),
    )


def test_entry_that_no_datagram_takes_comes_as_a_sealed_file(log: Log, journald: Journald) -> None:
    log.tell([completed(1, result="x" * 500_000)])
    log.tell([completed(2)])
    large = kept(journald.piece())
    small = kept(journald.piece())
    assert ("x" * 500_000, "2", 1) == (large["PARANAD_RESULT"], small["PARANAD_JOB_ID"], journald.files)


def test_journal_that_does_not_read_holds_nobody_up_and_loses_nothing(log: Log, journald: Journald) -> None:
    for job_id in range(1000):
        log.tell([completed(job_id)])
    came = [kept(journald.piece())["PARANAD_JOB_ID"] for _ in range(1000)]
    assert [str(job_id) for job_id in range(1000)] == came


def test_journal_that_restarts_is_found_again(clock: ManualClock, journald: Journald) -> None:
    gone, back = threading.Event(), threading.Event()

    def pause(_: float) -> None:
        gone.set()
        assert back.wait(10)

    log = Log("info", entries, JournalSink(journald.path, pause), clock.now)
    log.tell([completed(1)])
    assert "1" == kept(journald.piece())["PARANAD_JOB_ID"]
    journald.leave()
    for job_id in (2, 3):
        log.tell([completed(job_id)])
    assert gone.wait(10)
    journald.listen()
    back.set()
    assert ["2", "3"] == [kept(journald.piece())["PARANAD_JOB_ID"] for _ in range(2)]
    assert 0 == log.close()


def test_what_had_no_room_is_counted_where_it_would_have_stood(
    clock: ManualClock, journald: Journald, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paranad.log.output.Writing", partial(Writing, room_bytes=4000))
    log = Log("info", entries, JournalSink(journald.path), clock.now)
    for job_id in range(FLOOD):
        log.tell([completed(job_id)])
    expected = 0
    while expected < FLOOD:
        entry = kept(journald.piece())
        if entry["PARANAD_EVENT"] == LOST_LINE:
            expected += int(entry["PARANAD_LINES"])
        else:
            assert str(expected) == entry["PARANAD_JOB_ID"]
            expected += 1
    assert (FLOOD, LOST_LINE, "3") == (expected, entry["PARANAD_EVENT"], entry["PRIORITY"])
    assert 0 == log.close()


def test_stop_does_not_wait_for_ever_and_says_what_is_lost(
    clock: ManualClock, journald: Journald, capfd: pytest.CaptureFixture[str]
) -> None:
    log = Log("info", entries, JournalSink(journald.path), clock.now)
    for job_id in range(FLOOD):
        log.tell([completed(job_id)])
    lost = log.close(0.01)
    assert lost
    assert f"paranad: {lost} lines of the log could not be written\n" == capfd.readouterr().err


def test_stream_of_systemd_is_told_by_device_and_inode(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        stat = os.fstat(stream.fileno())
        assert speaks_to_journal({"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}, stream.fileno())
        assert not speaks_to_journal({"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino + 1}"}, stream.fileno())
        assert not speaks_to_journal({}, stream.fileno())
    assert not speaks_to_journal({"JOURNAL_STREAM": "1:1"}, 10_000)
