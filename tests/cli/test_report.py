"""`paranadctl report`: what it holds, what it never holds, and that it is written whole or not at all."""

import io
import json
import socket
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from paranad.cli.commands import journal, logs
from paranad.cli.report import fields, gather
from paranad.cli.report.words import INSTANT, told
from paranad.control.client import ControlClient
from paranad.errors import DaemonUnreachable
from paranad.said import Sentence
from tests.cli.conftest import Ctl
from tests.support import answers
from tests.support.clock import START
from tests.support.control_stand_in import StandIn

PLANTS = (
    "أحمد",
    "Ahmed",
    "الكرادة، شارع ٦٢",
    "Karrada, Street 62",
    "07701234567",
    "0770-123-4567",
    "+964 (770) 123 45 67",
    "٠٧٧٠١٢٣٤٥٦٧",
    "۰۷۷۰ ۱۲۳ ۴۵۶۷",
    "hunter2!Geheim",
    "eyJhbGciOiJIUzI1NiJ9.e30.x",
    "9f8e7d6c5b4a",
    "mysql://shop:Geheim@db.karrada.example:3306/shop_of_ahmed",
    "https://hc-ping.com/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
)
"""Names, addresses, phones in every spelling, passwords, tokens, addresses with a secret in them."""
PIECES = (
    *("أحمد", "hmed", "الكرادة", "arrada", "0770", "7701", "770 ", "123", "4567", "٠٧٧", "٤٥٦", "۰۷۷", "۴۵۶", "hunter"),
    *("eheim", "eyJ", "9f8e", "hc-ping.com/", "1b9d"),
)
"""What is left of a plant that was cut badly."""
WENT_WRONG = Sentence("test.went_wrong", "the courier refuses order {order_id} of {name}: {reason}")


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No systemd, no journal, and no look around this machine, which has its own numbers."""
    monkeypatch.setattr(logs, "FOLDERS", (Path("/nowhere/log"), Path("/nowhere/run")))
    monkeypatch.setattr(gather, "asked", lambda *_: "")
    monkeypatch.setattr("paranad.cli.doctor.command._seen_from_here", lambda: iter(()))


def answered(daemon: StandIn, plant: str = "", number: int = 318) -> None:
    """Let the daemon answer all that is asked for a report, with *plant* and *number* wherever anything can stand."""
    entry = answers.entry().model_dump(mode="json")
    result = {"looked_at": 3, "phone": number, "line": plant, "failed": {"count": 1, "items": [{"what": plant}]}}
    attempt = {**answers.attempt(traceback=_traceback(plant)), "started_at": None, "finished_at": None}
    arguments = {"order_id": 12, "phone": plant, "amount": number, plant: 1}
    job = answers.failed(number).model_dump(mode="json") | {"args": arguments, "result": result, "attempts": [attempt]}
    standing = answers.standing_by(machine=plant, works=plant, machines=[answers.machine(plant or "web-1")])
    parcel = {"kind": "stuck", "order_id": 12, "order_number": plant, "status": plant, "reason": plant, "price": number}
    incident = {"kind": "shipment-held", "key": plant, "message": plant, "why": _remark(plant)}
    everywhere = {
        "status": answers.status(schedule=[entry], standby=standing.model_dump(mode="json")).model_dump(mode="json"),
        "doctor": {"items": [_finding()]},
        "configuration": {"items": [], "sources": ["/etc/paranad/paranad.toml"]},
        "alerts?limit=100": {"items": [incident]},
        f"jobs/{number}": {**job, "why": _remark(plant)},
        "schedule/carts:expire/history?limit=20": {"items": [entry["last"]]},
        "shipments?limit=100": {"items": [answers.shipment(reason=plant).model_dump(mode="json")]},
        "orders?limit=100&without_shipment=1": {"items": [answers.unshipped().model_dump(mode="json")]},
        "parcels?limit=100": {"items": [parcel], "kinds": [{"kind": "stuck", "count": 1, "days": 5, "reason": None}]},
    }
    for target, answer in everywhere.items():
        daemon.answer("GET", target, _sown(answer, plant, number) if plant else answer)
    daemon.answer("GET", "jobs?state=failed&limit=25", {"items": [{"id": number}]})
    daemon.answer("GET", "jobs?state=retryable&limit=25", {"items": []})
    odd = f'paranad_odd{{name="{plant}"}} 1.0\nparanad_jobs{{task="carts:expire",host="{plant}"}} 1\n'
    daemon.answer("GET", "metrics", f"# HELP paranad_up 1 while\nparanad_up 1.0\n{odd}".encode())


def _finding() -> dict[str, Any]:
    words = {"why": "it is so", "cure": "do this", "values": {"count": "7"}, "facts": {}}
    return {"check": "disk", "outcome": "failed", "code": "disk-full", **words}


def _remark(plant: str) -> dict[str, Any]:
    return WENT_WRONG(order_id=12, name=plant, reason=WENT_WRONG(order_id=12, name=plant, reason=plant)).remark()


def _traceback(plant: str) -> str:
    frame = f'  File "/home/{plant}/lib/python3.11/site-packages/paranad/queue/running.py", line 12, in perform'
    return f"Traceback (most recent call last):\n{frame}\n    raise ValueError('{plant}')\nValueError: {plant}"


def _sown(value: Any, plant: str, number: int, field: str = "") -> Any:
    """Return an answer with *plant* for every text that is no name of the configuration, *number* for every number."""
    match value:
        case dict():
            return {name: _sown(each, plant, number, name) for name, each in value.items()}
        case list():
            return [_sown(each, plant, number, field) for each in value]
        case bool() | None:
            return value
        case int() | float():
            return number
    return value if field in {*fields.NAMES, "cron"} or plant in value else plant


def read(file: Path) -> dict[str, str]:
    """Return the files of a report by their names within its folder."""
    if file.suffix == ".zip":
        with ZipFile(file) as archive:
            found = {name: archive.read(name).decode() for name in archive.namelist()}
    else:
        with tarfile.open(file) as archive:
            found = {each.name: archive.extractfile(each).read().decode() for each in archive}  # type: ignore[union-attr]
    assert len({name.partition("/")[0] for name in found}) == 1, "all in one folder"
    return {name.partition("/")[2]: text for name, text in found.items()}


@pytest.mark.parametrize("name", ["report.zip", "report.tar.gz"])
def test_report_is_one_archive_for_its_caller_alone(ctl: Ctl, daemon: StandIn, tmp_path: Path, name: str) -> None:
    answered(daemon)
    file = tmp_path / name
    ran = ctl("report", str(file))
    assert (0, 0o600) == (ran.code, file.stat().st_mode & 0o777)
    held = read(file)
    assert {
        *("README.txt", "versions.json", "units.json", "status.json", "doctor.json", "configuration.json"),
        *("alerts.json", "jobs.json", "runs.json", "shipments.json", "orders.json", "parcels.json", "metrics.prom"),
    } == set(held)
    assert all(part in held["README.txt"] for part in held if part != "README.txt")
    assert "log/paranad.jsonl" in ran.out, "it says what the report lacks"
    assert "log/paranad.jsonl" in held["README.txt"]


def test_report_keeps_what_a_maintainer_needs(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    answered(daemon)
    ctl("report", str(tmp_path / "r.zip"))
    held = read(tmp_path / "r.zip")
    [job] = json.loads(held["jobs.json"])
    assert {"order_id": 12, "phone": "", "amount": "(hidden)", "": "(hidden)"} == job["args"]
    assert {"looked_at": 3, "failed": {"count": 1}} == job["result"]
    assert ("carts:expire", "failed", 318) == (job["task"], job["state"], job["id"])
    [attempt] = job["attempts"]
    assert "queue/running.py:12 perform" in attempt["traceback"]
    assert "test.went_wrong" == job["why"]["code"]
    assert "disk-full" == json.loads(held["doctor.json"])["items"][0]["code"]
    assert "paranad_up 1.0\n" in held["metrics.prom"]
    standby = json.loads(held["status.json"])["standby"]
    assert ("standby", "(hidden)") == (standby["role"], standby["machines"][0]["machine"]), (
        "names of machines are hidden"
    )
    assert ("standby", "0.9.0") == (standby["machines"][0]["role"], standby["machines"][0]["version"])


@pytest.mark.parametrize("plant", PLANTS)
def test_nothing_planted_is_in_a_report(
    ctl: Ctl, daemon: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    answered(daemon, plant, number=7701234567)
    monkeypatch.setattr(journal, "whole", lambda unit, _: list(journal_of(unit, plant)))
    ran = ctl("report", str(tmp_path / "r.zip"))
    assert 0 == ran.code
    for name, text in read(tmp_path / "r.zip").items():
        if name != "versions.json":
            assert [] == [piece for piece in (plant, *PIECES) if piece in _without_instants(text)], name


def journal_of(unit: str, plant: str) -> Iterator[dict[str, Any]]:
    """Yield lines as journalctl gives them: the daemon's own, with every field that may hold anything, and others'."""
    at = {"__REALTIME_TIMESTAMP": "1772442000000000", "PRIORITY": "6", "_HOSTNAME": plant, "_CMDLINE": plant}
    own = ("ERROR", "REASON", "LINE", "RESULT", "EXCEPTION", "BY", "PATH", "UNIQUE_KEY", "BEFORE", "AFTER", "UNKNOWN")
    yield {**at, "PARANAD_EVENT": "job.output", **{f"PARANAD_{name}": plant for name in own}, "MESSAGE": plant}
    yield {**at, "MESSAGE": f"{unit}: Uncaught exception of {plant}"}
    yield {**at, "MESSAGE": list(plant.encode())}
    yield {"MESSAGE": plant}


def _without_instants(text: str) -> str:
    return INSTANT.sub("", text)


def test_log_lines_keep_event_and_numbers(daemon: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {
        "__REALTIME_TIMESTAMP": "1772442000000000",
        "PRIORITY": "3",
        "PARANAD_EVENT": "job.failed",
        "PARANAD_TASK": "carts:expire",
        "PARANAD_JOB_ID": "4812",
        "PARANAD_RESULT": '{"changed": 4, "name": "Ahmed"}',
        "PARANAD_ERROR": "the shop's database does not answer: Ahmed",
    }
    monkeypatch.setattr(journal, "whole", lambda *_: [line])
    shown = {"event": "job.failed", "task": "carts:expire", "job_id": "4812", "result": {"changed": 4}}
    shown |= {"at": "2026-03-02T09:00:00+00:00", "level": "error", "error": "the shop's database does not answer: …"}
    assert shown == json.loads(gather.log("paranad"))


def test_report_overwrites_nothing(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "r.zip"
    file.write_text("precious")
    ran = ctl("report", str(file))
    assert (1, "precious") == (ran.code, file.read_text())
    assert f"{file} exists already" in ran.err
    assert [] == daemon.asked


def test_report_that_cannot_be_written_names_the_file_and_leaves_nothing(
    ctl: Ctl, daemon: StandIn, tmp_path: Path
) -> None:
    answered(daemon)
    ran = ctl("report", str(tmp_path / "none" / "r.zip"))
    assert (1, True) == (ran.code, "r.zip cannot be written: No such file or directory" in ran.err)
    assert not (tmp_path / "none").exists()


def test_report_without_a_daemon_holds_what_can_be_had_and_says_what_it_lacks(
    ctl: Ctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text('[queue]\nworkers = 0\n\n[courier]\nusername = "Ahmed"\npassword = "hunter2!Geheim"\n')
    monkeypatch.setenv("PARANAD_CONFIG", str(config))
    monkeypatch.setattr("paranad.cli.doctor.command._seen_without_it", lambda: iter(()))
    monkeypatch.setenv("PARANAD_DAEMON__SOCKET", str(tmp_path / "none.sock"))
    ran = ctl("report", str(tmp_path / "r.tgz"), "--json")
    assert 0 == ran.code
    held = read(tmp_path / "r.tgz")
    assert {"README.txt", "versions.json", "units.json", "doctor.json", "configuration.json"} == set(held)
    assert "daemon-down" in held["doctor.json"]
    configuration = json.loads(held["configuration.json"])
    values = {item["key"]: item["value"] for item in configuration["items"]}
    assert dict.fromkeys(("[daemon] socket", "[courier] username", "[courier] password"), "(hidden)") == values
    assert "expected a whole number from 1 to 256, got 0" in configuration["problems"][0]["message"]
    assert "Ahmed" not in "".join(held.values())
    lacking = json.loads(ran.out)["missing"]
    assert "status.json" in [each["name"] for each in lacking]
    assert "there is no such socket" in lacking[0]["reason"]
    assert "there is no such socket" in held["README.txt"]


def test_daemon_that_hangs_is_asked_once(ctl: Ctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "ANSWER_S", 0.05)
    monkeypatch.setattr(gather, "_checked", lambda: {"items": [], "sources": []})
    monkeypatch.setattr("paranad.cli.doctor.command._seen_without_it", lambda: iter(()))
    path = tmp_path / "control.sock"
    monkeypatch.setenv("PARANAD_DAEMON__SOCKET", str(path))
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(path))
        hung.listen()
        hung.settimeout(0)
        ran = ctl("report", str(tmp_path / "r.zip"), "--json")
        hung.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hung.accept()
    assert 0 == ran.code
    reasons = {each["name"]: each["reason"] for each in json.loads(ran.out)["missing"]}
    assert "the daemon did not answer in time" in reasons["status.json"]
    assert reasons["status.json"] == reasons["jobs.json"] == reasons["metrics.prom"]


def test_slow_answers_have_a_limit_together(daemon: StandIn) -> None:
    """Each of a hundred answers may be slow, and none too slow by itself."""
    daemon.answer("GET", "status", {})
    times = iter(START + timedelta(seconds=19 * tick // 2) for tick in range(100))
    asking = gather.Asking(ControlClient(daemon.path), lambda: next(times))
    for _ in range(7):
        asking.get("status")
    with pytest.raises(DaemonUnreachable, match="did not answer in time"):
        asking.get("status")


@pytest.mark.parametrize("name", ["backup-0770-123-4567", '"zainab@shop.example"', '"\\u0623\\u062d\\u0645\\u062f"'])
def test_names_of_entries_and_own_tasks_are_shown_by_their_form_in_keys_too(name: str) -> None:
    item = {"key": f"[schedule.{name}] cron", "value": "0 3 * * *"}
    assert {"key": "[schedule.…] cron", "value": "0 3 * * *"} == fields.setting(item)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ('[command."invoices:send"] args', ["order_id", "Zainab_phone"], ["order_id", "…"]),
        ("[queue] limits", {"default": 4, "of 0770-123-4567": 2}, {"default": 4, "of …": 2}),
        ("[queue] queues", ["high", "0770-123-4567"], ["high", "…"]),
        ("[alert] digest", "08:00", "08:00"),
        ("[shop] database_url", None, "(hidden)"),
        ("[queue] workers", 8, 8),
        ("timezone", "Asia/Baghdad", "Asia/Baghdad"),
    ],
)
def test_values_of_the_configuration_are_shown_by_their_form(key: str, value: Any, shown: Any) -> None:
    assert {"key": key, "value": shown} == fields.setting({"key": key, "value": value})


def test_number_that_may_be_a_phone_is_hidden_whatever_divides_it() -> None:
    assert {"order_id": "…", "days": "12.5"} == fields.arguments({"order_id": "0770123.4567", "days": "12.5"})


def test_arabic_report_gives_its_reasons_in_arabic(ctl: Ctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "_checked", lambda: {"items": [], "sources": []})
    monkeypatch.setattr("paranad.cli.doctor.command._seen_without_it", lambda: iter(()))
    monkeypatch.setenv("PARANAD_DAEMON__SOCKET", str(tmp_path / "Zainab.sock"))
    ctl("report", str(tmp_path / "r.zip"), "--lang", "ar")
    readme = read(tmp_path / "r.zip")["README.txt"]
    [lacking] = [line for line in readme.splitlines() if "status.json" in line]
    assert ("لا يوجد مقبس" in lacking, "Zainab" in lacking, "there is no such socket" in lacking) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the courier refuses the order: 0770 123 4567 of Ahmed", "the courier refuses the order: … of …"),
        ("no such column: orders.lining", "no such column: …"),
        ("exited with status 78 after 30 s", "exited with status 78 after 30 s"),
        ("asked again at 23:38:25, digest at 08:00", "asked again at 23:38:25, digest at 08:00"),
        ("07:70:12, 12:34:56 7890, 0770 12:34 and 12:34-567", "… and …"),
        ("due 2026-03-02T12:00:00+03:00, or 2026-03-02 12:00", "due 2026-03-02T12:00:00+03:00, or 2026-03-02 12:00"),
        ("/var/lib/paranad of /home/karrada", "/var/lib/paranad of /…"),
        ("password=hunter2", "password=…"),
        ("sent to Karrada, street 62, house 14, near the bridge", "sent to … the bridge"),
        ("1 2 3 4, 1-2-3-4 and 12:34:5", "… and …"),
        ("sqlite3.OperationalError: locked", "sqlite3.OperationalError: locked"),
        ("Authorization: Bearer abcdef", "…: …"),
    ],
)
def test_texts_keep_words_of_paranads_own(text: str, shown: str) -> None:
    assert shown == told(text)


def test_big_text_takes_no_time(tmp_path: Path) -> None:
    """A command may have printed megabytes: no form of the search grows faster than the text."""
    assert "…-…" == told("9-" * 50_000 + "x" * 50_000)
    assert 1 == len(told("a1" * 50_000))
    buffer = io.StringIO(told("(" * 50_000))
    assert 50_000 == len(buffer.getvalue())
