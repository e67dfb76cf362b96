import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from paranad.catalogue import CREATE_SHIPMENT
from paranad.cli.commands import logs
from paranad.cli.commands.orders import instant_of
from paranad.control.schemas import Page, remark_of
from paranad.control.schemas_orders import FoundOrder, UnshippedOrder
from paranad.orders.service import ALL_PAUSED, DRAINED, NO_SUCH_ORDER, NOT_DIGITS, QUEUE_PAUSED, TASK_PAUSED
from paranad.said import Said
from tests.cli.conftest import Ctl
from tests.support.answers import AT, WAITS, failed, found_order, job, order, shipment, unshipped
from tests.support.control_stand_in import StandIn


@pytest.fixture(autouse=True)
def no_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)


def test_orders_without_a_shipment_are_listed_with_why(ctl: Ctl, daemon: StandIn) -> None:
    page = Page[UnshippedOrder](items=[unshipped(), unshipped(400, "never_asked")], next_cursor=None)
    daemon.answer("GET", "orders?limit=25&without_shipment=1", page)
    shown = ctl("orders", "--without-shipment").out

    assert "waiting          -      the shop's database cannot be" in shown
    assert "never asked for" in shown
    assert "everything about one: paranadctl order ORDER\n" in shown


def test_that_all_is_shipped_is_said(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "orders?limit=25", Page[UnshippedOrder](items=[], next_cursor=None))

    assert "every order of the last 30 days has its shipment\n" == ctl("orders").out


def test_orders_since_a_time_are_asked_for_by_the_instant(ctl: Ctl, daemon: StandIn) -> None:
    query = urlencode({"limit": 25, "since": "2026-03-01T11:00:00+00:00"})
    daemon.answer("GET", f"orders?{query}", Page[UnshippedOrder](items=[], next_cursor=None))

    assert 0 == ctl("orders", "--since", "2026-03-01T14:00:00+03:00").code


@pytest.mark.parametrize(
    ("since", "ago"),
    [
        ("-90s", timedelta(seconds=90)),
        ("-1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("-2h", timedelta(hours=2)),
        ("-500ms", timedelta(0)),
        ("2026-03-01 06:00:00 UTC", timedelta(days=1, hours=3)),
    ],
)
def test_time_since_is_read_as_the_log_reads_it(since: str, ago: timedelta) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert ago == at - instant_of(since, at)


@pytest.mark.parametrize("since", ["today", "yesterday", "14:05", "14:05:06", "2026-03-01 00:00:00"])
def test_time_of_the_machine_s_clock_is_an_instant(since: str) -> None:
    found = instant_of(since, datetime(2026, 3, 2, 9, tzinfo=UTC))

    assert found.tzinfo is not None
    assert found.strftime("%H:%M:%S").startswith(since if ":" in since and "-" not in since else "00:00:00")


def test_order_shows_what_is_known_what_comes_and_what_to_type(ctl: Ctl, daemon: StandIn) -> None:
    whole = order(
        shipment=shipment(),
        jobs=[failed(4813, "no city"), failed(4812, "no phone")],
        job_id=4812,
        actions=["settle", "retry"],
    )
    daemon.answer("GET", "orders/318", whole)
    shown = ctl("order", "318").out

    for part in (
        "order 318, سلمى عبد, …123",
        "no shipment yet, waiting: the shop's database cannot be reached: locked",
        "if the courier has it: paranadctl shipments settle 318 --courier-id ID",
        "once its cause is gone: paranadctl retry 4812",
        "ORD-7",
        "25000.00",
        "PN318",
        "unclear  no answer in 30 s",
        "no phone",
        "the daemon's log is where its standard error goes",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("why", "typed"),
    [
        (QUEUE_PAUSED(queue="high", pause="since 12:00"), "to go on: paranadctl resume high\n"),
        (
            TASK_PAUSED(task=CREATE_SHIPMENT.name, pause="since 12:00"),
            "to go on: paranadctl resume alwaseet:create-shipment\n",
        ),
        (ALL_PAUSED(pause="since 12:00"), "to go on: paranadctl resume\n"),
        (DRAINED(), "to go on: paranadctl resume\n"),
    ],
)
def test_paused_order_names_what_to_resume_and_no_more(ctl: Ctl, daemon: StandIn, why: Said, typed: str) -> None:
    paused = order(standing="paused", reason=why.text, why=remark_of(why), actions=["resume"])
    daemon.answer("GET", "orders/318", paused)

    assert typed in ctl("order", "318").out


def test_order_that_has_its_shipment_says_so_and_shows_the_shop_s_row(ctl: Ctl, daemon: StandIn) -> None:
    rows = [{"courier_id": "90000018", "status": "قيد التوصيل", "status_id": "3", "synced_at": None}]
    daemon.answer("GET", "orders/318", order(standing=None, shop_shipments=rows, jobs=[job(state="completed")]))
    shown = ctl("order", "318").out

    assert "no shipment yet" not in shown
    assert "90000018, قيد التوصيل" in shown


def test_order_whose_shop_does_not_answer_is_shown_without_it(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer(
        "GET", "orders/318", order(shop=None, shop_reason=WAITS.text, shop_why=remark_of(WAITS), jobs=[job()])
    )
    ran = ctl("order", "318")

    assert (0, True) == (ran.code, "In the shop\nthe shop's database cannot be reached: locked" in ran.out)


def test_order_is_found_by_what_is_no_order_s_id(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "orders/90000018", 404, "not-found", NO_SUCH_ORDER(order=90000018))
    daemon.answer("GET", "orders?find=90000018", Page[FoundOrder](items=[found_order()], next_cursor=None))
    daemon.answer("GET", "orders/318", order())

    assert "order 318" in ctl("order", "90000018").out


def test_several_orders_of_one_phone_are_a_list(ctl: Ctl, daemon: StandIn) -> None:
    found = [found_order(400, standing=None, courier_id="77"), found_order()]
    query = urlencode({"find": "٤٥٦٧"})
    daemon.answer("GET", f"orders?{query}", Page[FoundOrder](items=found, next_cursor=None))
    shown = ctl("order", "٤٥٦٧").out

    assert "400" in shown
    assert "recorded" in shown
    assert "318" in shown
    assert "…123" in shown
    assert "77" in shown


def test_text_that_finds_nothing_exits_with_4(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "orders/12345", 404, "not-found", NO_SUCH_ORDER(order=12345))
    daemon.answer("GET", "orders?find=12345", Page[FoundOrder](items=[], next_cursor=None))
    ran = ctl("order", "12345")

    assert (4, True) == (ran.code, 'nothing is known of "12345"' in ran.err)


def test_text_that_no_order_can_be_found_by_is_wrong_usage(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "orders?find=abc", 422, "invalid", NOT_DIGITS(got="abc"))

    assert (2, True) == (ctl("order", "abc").code, "الحل" not in ctl("--lang", "ar", "order", "abc").err)


def test_json_is_what_the_api_answered(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "orders/318", order())

    assert order().model_dump(mode="json") == json.loads(ctl("--json", "order", "318").out)


def test_jobs_of_an_order_and_a_text_are_asked_for(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs?limit=25&order=318&text=phone", Page[UnshippedOrder](items=[], next_cursor=None))

    assert "no such job\n" == ctl("jobs", "--order", "318", "--text", "phone").out


def test_lines_of_the_log_stand_in_the_order_of_time(
    ctl: Ctl, daemon: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """journalctl is a script here: it keeps its words, and answers as the real one does."""
    us = int(datetime.fromisoformat(AT.isoformat()).timestamp()) * 1_000_000
    entries = [
        {"__REALTIME_TIMESTAMP": str(us + 1_000_000), "MESSAGE": "job.failed job_id=4812\nTraceback"},
        {"__REALTIME_TIMESTAMP": str(us), "MESSAGE": "job.started job_id=4812 order_id=318"},
        {"__REALTIME_TIMESTAMP": "x"},
        {"__REALTIME_TIMESTAMP": str(us), "MESSAGE": [255, 254]},
    ]
    (tmp_path / "entries").write_text("\n".join(map(json.dumps, entries)) + "\nnonsense\n")
    program = tmp_path / "journalctl"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" > {tmp_path}/words\ncat {tmp_path}/entries\n')
    program.chmod(0o755)
    (tmp_path / "system.journal").touch()
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    monkeypatch.setattr(logs, "FOLDERS", (tmp_path.parent, tmp_path.parent.parent))
    monkeypatch.setattr(logs, "journal_files", lambda: iter([tmp_path / "system.journal"]))
    daemon.answer("GET", "orders/318", order())
    shown = ctl("order", "318").out

    assert shown.index("job.started job_id=4812") < shown.index("job.failed job_id=4812")
    assert "Traceback" not in shown
    assert (tmp_path / "words").read_text().endswith("PARANAD_ORDER_ID=318\n")


def test_leading_zero_is_of_no_id(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "orders?find=002", Page[FoundOrder](items=[found_order()], next_cursor=None))
    daemon.answer("GET", "orders/318", order())

    assert "order 318" in ctl("order", "002").out
