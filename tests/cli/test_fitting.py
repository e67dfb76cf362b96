"""Every table on terminals of 80, 100 and 120 columns, in both languages, with long values: no line is wider."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from paranad.cli import results
from paranad.cli.commands import jobs, orders, pauses, schedule, shipments, status
from paranad.cli.doctor import command as doctor
from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Table, columns
from paranad.cli.screen.fitting import ELLIPSIS, Column, cut_to, elided, fit
from paranad.cli.screen.render import draw
from paranad.cli.screen.say import Pen
from paranad.control import schemas_orders
from paranad.control.remarks import QUEUE_PAUSED, SHOP_UNREACHABLE
from paranad.control.schemas import remark_of
from paranad.queue.pause import Pause, waiting
from paranad.text import FSI, LRI, PDI, RLI
from tests.support import answers
from tests.support.answers import AT
from tests.support.findings import seen

MARKS = re.compile(f"\x1b\\[[0-9;]*m|[{LRI}{RLI}{FSI}{PDI}]")
LONGEST = "alwaseet:update-status-counts"
ERROR = "order 4812: سلمى عبد has no phone that the courier would take, and the shop's row names no other one either"
FAR = "2027-11-29T02:00:00+03:00"
NEVER = "2020-01-01T00:00:00+03:00"
PAUSED = {"since": NEVER, "until": FAR, "reason": ERROR, "by": "a-rather-long-user-name"}
PAUSE = Pause(AT, AT + timedelta(days=30), ERROR, "a-rather-long-user-name").said(AT)


PAUSE_SHOWN = {"since": NEVER, "until": FAR, "reason": ERROR, "by": "omar"}


def dumped(answer: Any) -> Any:
    return answer.model_dump(mode="json")


def long_status() -> Any:
    skipped = {"occurrence": NEVER, "outcome": "skipped", "reason": "overlap: job 4812 is unfinished", "job_id": None}
    enqueued = {"occurrence": NEVER, "outcome": "enqueued", "reason": None, "job_id": 123456}
    said = (
        QUEUE_PAUSED(queue="default", waiting=waiting(31415, 141421), pause=PAUSE),
        SHOP_UNREACHABLE(reason=ERROR * 2),
    )
    remarks = [remark_of(each) for each in said]
    running = {"id": 123456, "task": LONGEST, "queue": "default", "attempt": 1, "started_at": NEVER}
    return dumped(
        answers.status(
            notes=[each.text for each in remarks],
            remarks=remarks,
            queues=[answers.queue("a-long-name-of-a-line", available=31415, failed=27182, scheduled=141421)],
            running=[running | {"progress": {"done": 31415, "total": 271828}}],
            failed={"count": 7, "last": [{"id": 123456, "task": LONGEST, "error": ERROR, "finished_at": NEVER}]},
            schedule=[
                answers.entry(LONGEST, last=enqueued, next=FAR, cron_words="At 02:00 AM, only on Monday"),
                answers.entry(LONGEST, last=skipped, next=FAR),
            ],
        )
    )


def long_job(state: str = "failed") -> Any:
    attempts = [answers.attempt(error=ERROR, started_at=NEVER), answers.attempt(number=2, outcome="handed_back")]
    more = {"task": LONGEST, "created_at": NEVER, "finished_at": NEVER, "args": {"order_id": 4812}}
    return dumped(answers.job(123456, state, error=ERROR, attempts=attempts, **more))


def long_orders() -> list[Any]:
    more = {"created_at": NEVER, "until": FAR, "reason": ERROR, "why": remark_of(ERROR)}
    return [answers.unshipped(123456, each, **more) for each in get_args(schemas_orders.Standing)]


def long_order() -> Any:
    rows = [{"courier_id": "9000001234", "status": ERROR, "status_id": "3", "synced_at": NEVER}]
    more: dict[str, Any] = {"reason": ERROR, "why": remark_of(ERROR), "until": FAR, "shop_shipments": rows}
    actions = list(get_args(schemas_orders.OrderAction))
    return answers.order(123456, shipment=answers.shipment(123456), jobs=[long_job()], actions=actions, **more)


def screens() -> dict[str, list[Block]]:
    entries = long_status()["schedule"]
    runs = [entry["last"] for entry in entries]
    held = dumped(answers.shipment(123456, reason=ERROR, courier_id="9000001234", intended_at=NEVER))
    checks = [dumped(seen("disk-full", free="1 MB", folder="/var/lib/" + "paranad/" * 5, wanted="1 GB"))]
    return {
        "status": list(status.screen(long_status(), AT)),
        "schedule": list(schedule.entries_words(entries, AT)),
        "paused": list(pauses.pauses_words([dumped(answers.entry(LONGEST, paused=True, pause=PAUSED))], AT)),
        "history": list(schedule.history_words(runs, AT)),
        "jobs": list(jobs.jobs_words([long_job(), long_job("running"), long_job("scheduled")], AT)),
        "job": list(jobs.job_words(long_job(), AT)),
        "failed": list(jobs.failed_words([long_job()], AT)),
        "shipments": list(shipments._shipments_words([held], AT, of_a_state=True)),
        "shipment": list(shipments.shipment_words(held, AT)),
        "orders": list(
            orders.orders_words(
                {"items": [dumped(each) for each in long_orders()], "next_cursor": None}, AT, is_since=False
            )
        ),
        "order": list(orders.order_words(dumped(long_order()), AT)),
        "found": list(orders.found_words([dumped(answers.found_order(123456, courier_id="9000001234"))], AT)),
        "result": list(results.result_words(answers.tally(9, 8, failed=[("order 4812", ERROR)]))),
        "doctor": list(doctor.screen(checks)),
    }


SCREENS = screens()


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def drawn(blocks: list[Block], language: Language) -> list[str]:
    out = Terminal()
    draw(blocks, out, terminal=True, language=language)
    return [MARKS.sub("", line).rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal_and_no_cell_is_folded(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    wrong = []
    for name, blocks in SCREENS.items():
        for language in Language:
            wrong += [f"{name}, {language}: {line}" for line in drawn(blocks, language) if cell_len(line) > width]
            for block in blocks:
                if isinstance(block, Table) and any(block.columns):
                    lines = drawn([block], language)
                    folded = len(lines) - (len(block.rows) + 1) - sum("(| cat)" in line for line in lines)
                    wrong += [f"{name}, {language}: {line}" for line in lines if folded]
    assert [] == wrong


def test_eighty_columns_drop_the_clock_and_shorten_what_became(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    shown = "\n".join(drawn(SCREENS["schedule"], Language.ENGLISH))
    assert "2252 d ago, completed" in shown
    assert "2252 d ago, not run" in shown
    assert "in 636 d" in shown
    paused = dumped(answers.entry(LONGEST, paused=True, next=None, pause=PAUSE_SHOWN, last=None))
    table = drawn([schedule.entries_table([*long_status()["schedule"], paused], AT)], Language.ENGLISH)
    assert [True, False] == [table[-1].endswith(" paused"), any("…" in line for line in table)]
    monkeypatch.setenv("COLUMNS", "200")
    assert "2252 d ago, 2020-01-01 00:00:00, job 123456 completed" in "\n".join(
        drawn(SCREENS["schedule"], Language.ENGLISH)
    )


@given(st.text(alphabet="ab سل 12.،"), st.integers(8, 30))
def test_cut_text_is_no_wider_and_closes_its_isolates(text: str, room: int) -> None:
    whole = Pen(Language.ARABIC, terminal=True).line(f"x {text}")
    short = elided(whole, room, cell_len)
    assert cell_len(short) <= room or short == whole
    assert short.count(PDI) == sum(short.count(mark) for mark in (LRI, RLI, FSI))
    assert short == whole or ELLIPSIS in short


def test_widest_column_is_cut_first() -> None:
    assert {1: 20, 2: 20} == cut_to({0: 10, 1: 40, 2: 25}, dict.fromkeys(range(3), 8), 25)
    assert {1: 30} == cut_to({0: 10, 1: 40, 2: 25}, dict.fromkeys(range(3), 8), 10)
    assert {0: 8} == cut_to({0: 10, 1: 40}, {0: 8, 1: 99}, 25)


def test_form_that_is_no_shorter_is_not_taken_and_what_saves_most_goes_first() -> None:
    texts = {0: ["*/5", "كل 5"], 1: ["5 min ago, 12:00:00", "5 min ago"], 2: ["in 9 s, 12:00:09", "in 9 s"]}

    def fitted(room: int) -> tuple[tuple[str, ...], ...]:
        forms = [Column(forms=2)] * 3
        return fit(forms, 0, lambda _, column, form: texts[column][form], room=room, gap=2, width=cell_len).rows

    assert (("*/5", "5 min ago, 12:00:00", "in 9 s, 12:00:09"),) == fitted(42)
    assert (("*/5", "5 min ago", "in 9 s, 12:00:09"),) == fitted(41)
    assert (("*/5", "5 min ago", "in 9 s"),) == fitted(30)


def test_numbers_stand_to_the_right_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = drawn([Table(columns("queue", "#failed"), [["high", 7], ["default", 12]])], Language.ENGLISH)
    assert ["queue    failed", "high          7", "default      12"] == lines
