"""Whole screens in Arabic: in order and aligned on a terminal, plain in a pipe, no label left in English."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from paranad.cli.commands import jobs, schedule, shipments, status
from paranad.cli.doctor import command as doctor
from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.render import draw, live
from paranad.cli.screen.say import Text, say
from paranad.control.remarks import QUEUE_PAUSED, SHOP_UNREACHABLE
from paranad.control.schemas import remark_of
from paranad.queue.pause import Pause, waiting
from paranad.text import FSI, LRI, PDI, RLI, isolated, reopened, rtl
from tests.support import answers
from tests.support.answers import AT
from tests.support.findings import seen

PAUSE = Pause(AT, AT + timedelta(hours=2), "جرد سلمى", "ali").said(AT)
ISOLATES = re.compile(f"[{LRI}{RLI}{FSI}{PDI}]")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


def piped(blocks: Iterator[Block] | list[Block]) -> str:
    out = StringIO()
    draw(blocks, out, terminal=False, language=Language.ARABIC)
    return out.getvalue()


def on_terminal(blocks: Iterator[Block] | list[Block]) -> str:
    out = Terminal()
    draw(blocks, out, terminal=True, language=Language.ARABIC)
    return re.sub("\x1b\\[[0-9;]*m", "", out.getvalue())


def full_status() -> dict[str, Any]:
    remarks = [
        remark_of(QUEUE_PAUSED(queue="high", waiting=waiting(3, 12), pause=PAUSE)),
        remark_of(SHOP_UNREACHABLE(reason="سلمى: no such host")),
    ]
    limiter = {"used": 28, "limit": 28, "window_s": 30.0, "waiting": 4, "closed_until": None}
    error = "order 3: سلمى عبد has no phone"
    running = {"id": 3, "task": "carts:expire", "queue": "high", "attempt": 1, "started_at": AT}
    return answers.status(
        notes=[each.text for each in remarks],
        remarks=remarks,
        queues=[answers.queue("high", paused=True), answers.queue("default", failed=1)],
        running=[running | {"progress": {"done": 5, "total": 20}}],
        failed={"count": 7, "last": [{"id": 12, "task": "carts:expire", "error": error, "finished_at": AT}]},
        schedule=[answers.entry(), answers.entry("backup", paused=True), answers.entry(last=None, enabled=False)],
        courier={"limiter": limiter, "login": "refused", "reason": "wrong password"},
        shipments={"intended": 1, "created": 2, "held": 1, "needs_person": [318]},
    ).model_dump(mode="json")


def failed_job() -> dict[str, Any]:
    attempts = [answers.attempt(error="wrong password"), answers.attempt(number=2, outcome="timed_out", error=None)]
    job = answers.failed(12, "order 3: سلمى عبد has no phone", attempts=attempts, args={"order_id": 3})
    return job.model_dump(mode="json")


def checks() -> list[Any]:
    found_all = [seen("daemon-draining"), seen("disk-full", free="1 MB", folder="/var/lib/paranad", wanted="1 GB")]
    return [each.model_dump(mode="json") for each in [*found_all, seen("courier-login-good")]]


def screens() -> dict[str, list[Block]]:
    held = answers.shipment().model_dump(mode="json")
    entries = [answers.entry().model_dump(mode="json")]
    return {
        "status": list(status.screen(full_status(), AT)),
        "failed show": list(jobs.job_words(failed_job(), AT)),
        "failed list": list(jobs.failed_words([failed_job()], AT)),
        "jobs list": list(jobs.jobs_words([failed_job()], AT)),
        "shipments show": list(shipments.shipment_words(held, AT)),
        "schedule": list(schedule.entries_words(entries, AT)),
        "doctor": list(doctor.screen(checks())),
    }


SCREENS = screens()


@pytest.mark.parametrize("name", SCREENS)
def test_screen_in_a_pipe_has_no_isolates_and_no_marks(name: str) -> None:
    shown = piped(SCREENS[name])
    assert not ISOLATES.search(shown)
    assert "`" not in shown
    assert not re.search(" $", shown, re.MULTILINE)


@pytest.mark.parametrize("columns", ["100", "40"])
@pytest.mark.parametrize("name", SCREENS)
def test_every_line_of_a_terminal_closes_what_it_opens(
    name: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for line in on_terminal(SCREENS[name]).split("\n"):
        depth = 0
        for char in ISOLATES.findall(line):
            depth += -1 if char == PDI else 1
            assert depth >= 0
        assert depth == 0


@pytest.mark.parametrize("name", SCREENS)
def test_terminal_and_pipe_say_the_same(name: str) -> None:
    def words(shown: str) -> list[str]:
        return ISOLATES.sub("", shown).split()

    assert words(on_terminal(SCREENS[name])) == words(piped(SCREENS[name]))


@pytest.mark.parametrize("name", SCREENS)
def test_what_the_program_says_itself_is_arabic(name: str) -> None:
    shown = on_terminal(SCREENS[name])
    outside = re.sub(f"{LRI}[^{LRI}{RLI}{PDI}]*(?:{LRI}[^{PDI}]*{PDI}[^{PDI}]*)*{PDI}", "", shown)
    labels = [line.split("  ")[0].strip() for line in outside.split("\n") if line.startswith(RLI)]
    assert labels
    assert not [label for label in labels if re.search("[A-Za-z]", label) and not label.startswith(RLI)]


@pytest.mark.parametrize("draws", [piped, on_terminal])
def test_columns_stand_below_one_another_by_what_is_seen(draws: Any) -> None:
    rows: list[list[Text | Cell]] = [
        ["high", say("paused"), "x"],
        ["مُحَمَّد", say("open"), "x"],
        ["a much longer one", say("now"), "x"],
    ]
    shown = draws([Table(columns("queue", "state", "error"), rows)])
    lines = [ISOLATES.sub("", line) for line in shown.splitlines()]
    assert len({cell_len(line[: line.index("x")]) for line in lines[1:]}) == 1


def test_numbers_stand_to_the_right_in_arabic_too() -> None:
    shown = piped([Table(columns("#id", "task"), [[7, "a"], [123456, "b"]])])
    assert shown.splitlines() == [" الرقم  اسم المهمة", "     7  a", "123456  b"]


def test_long_sentence_is_folded_with_each_line_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    advice = say("what to do: {cure}", cure=say("held ones need a person: paranadctl shipments list --state held"))
    lines = on_terminal([Line(advice, Style.BAD)]).rstrip("\n").split("\n")
    assert len(lines) > 1
    assert all(line.startswith(RLI) and line.rstrip(" ").endswith(PDI) for line in lines)


def test_arabic_in_a_traceback_stays_within_its_line() -> None:
    shown = on_terminal([Verbatim("Traceback:\n  ValueError: سلمى\n")])
    assert shown == f"Traceback:\n  ValueError: {FSI}سلمى{PDI}\n"


def test_time_reads_as_a_person_would_say_it() -> None:
    late = datetime.fromisoformat("2026-03-02T12:02:05+03:00")
    assert "بدأت قبل دقيقتين، 12:00:00" in piped(status.screen(full_status(), late))


def test_state_is_shown_with_the_name_that_commands_take() -> None:
    assert "موقوفة بانتظار قرار (held)" in piped(SCREENS["shipments show"])


def test_remark_of_a_later_version_stays_english() -> None:
    later = full_status() | {"notes": ["the moon is full", "it rains"], "remarks": [{"code": "moon", "values": {}}]}
    shown = piped(status.screen(later, AT))
    assert "! the moon is full\n! it rains\n" in shown


def test_daemon_of_an_earlier_version_has_no_remarks() -> None:
    earlier = full_status()
    del earlier["remarks"]
    assert "! queue high is paused, 3 jobs due" in piped(status.screen(earlier, AT))


@given(st.lists(st.text(alphabet=f"{LRI}{RLI}{FSI}{PDI}ab سل"), max_size=5))
def test_folded_lines_are_whole_by_themselves(lines: list[str]) -> None:
    whole = reopened(lines)
    assert [ISOLATES.sub("", line) for line in lines] == [ISOLATES.sub("", line) for line in whole]
    for line in whole:
        opened = 0
        for char in ISOLATES.findall(line):
            opened = max(opened - 1, 0) if char == PDI else opened + 1
        assert opened == 0


@given(st.text(alphabet="ab سلمى12.،"))
def test_isolating_changes_no_width(text: str) -> None:
    assert cell_len(text) == cell_len(isolated(text)) == cell_len(rtl(text))


def test_watched_screen_is_in_order_too() -> None:
    out = Terminal()
    with live(out, Language.ARABIC) as show:
        show(lambda _: [Line(say("nothing"))])
    assert f"{RLI}لا شيء{PDI}" in out.getvalue()
