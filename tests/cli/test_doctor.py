"""`paranadctl doctor`: the daemon's checks and those made here, on one screen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paranad.cli.doctor import machine, twice
from paranad.control.client import ASK_GROUP
from paranad.control.schemas_doctor import Doctor, DoctorCheck
from paranad.finding import Found
from paranad.said import names_in, plain
from paranad.shipments.send import NO_ORDER
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn
from tests.support.findings import FROM_OUTSIDE, OF_THE_DAEMON, declared, seen

HERE = declared(*FROM_OUTSIDE)
GOOD = seen("disk-roomy", free="3 GiB", folder="/var/lib/paranad")
PAUSED = seen("queue-paused", queue="high", available=3, pause="since 12:00 by ali")
REFUSED = seen("courier-login-refused", reason="errNum 999: bad password", place="[courier] password in paranad.toml")


def found_here(code: str, **values: object) -> Found:
    return HERE[code](**values)


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is to be seen."""

    def nothing(*_: object) -> Iterator[Any]:
        yield from ()

    for name in ("service_findings", "configuration_findings", "clock_findings"):
        monkeypatch.setattr(machine, name, nothing)
    monkeypatch.setattr(twice.DoubleWork, "look", nothing)


def test_no_code_means_two_things() -> None:
    assert set() == set(HERE) & set(declared(*OF_THE_DAEMON))


@pytest.mark.parametrize("code", HERE)
def test_what_is_found_here_has_the_daemon_s_form(code: str) -> None:
    words = HERE[code]
    names = names_in(words.why.english) | (names_in(words.cure.english) if words.cure else set())
    DoctorCheck.model_validate(words(**dict.fromkeys(names, "x")).document(), strict=True)


def test_good_checks_are_one_line_each(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "doctor", Doctor(items=[GOOD]))
    ran = ctl("doctor")
    assert (0, "") == (ran.code, ran.err)
    assert "ok  disk  3 GiB free on the disk of /var/lib/paranad\n\nfailed 0, warning 0, ok 1\n" == ran.out


def test_warning_says_why_and_the_cure_and_exits_0(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "doctor", Doctor(items=[PAUSED]))
    ran = ctl("doctor")
    assert 0 == ran.code
    lines = [line.split(maxsplit=1) for line in ran.out.splitlines()]
    assert [
        ["warning", "queues"],
        ["why", "queue high is paused; jobs that wait in it: 3; since 12:00 by ali"],
        ["cure", "paranadctl resume high"],
    ] == lines[:3]


def test_failure_exits_1(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "doctor", Doctor(items=[GOOD, REFUSED]))
    ran = ctl("doctor")
    assert 1 == ran.code
    assert "failed 1, warning 0, ok 1" in ran.out
    assert "errNum 999: bad password" in ran.out


def test_braces_in_what_was_found_stay(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "doctor", Doctor(items=[seen("courier-login-refused", reason="{oops} {0}", place="{}")]))
    assert "{oops} {0}" in ctl("doctor").out


def test_json_is_the_list_in_english(ctl: Ctl, daemon: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    local = found_here("clock-free")
    monkeypatch.setattr(machine, "clock_findings", lambda: iter([local]))
    daemon.answer("GET", "doctor", Doctor(items=[REFUSED]))
    ran = ctl("doctor", "--json", "--lang", "ar")
    assert 1 == ran.code
    assert {"items": [REFUSED.model_dump(mode="json"), local.document()]} == json.loads(ran.out)


def test_daemon_that_is_down_is_said_and_the_rest_looked_at(
    ctl: Ctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = {
        "service_findings": found_here("service-stopped"),
        "configuration_findings": found_here(
            "check-failed", file="p.toml", count=1, problem="[queue] workers: expected 1"
        ),
        "clock_findings": found_here("clock-synchronised"),
    }
    for name, finding in findings.items():
        monkeypatch.setattr(machine, name, lambda *_, finding=finding: iter([finding]))
    monkeypatch.setattr(twice.DoubleWork, "look", lambda _: iter([found_here("twice-nothing")]))
    ran = ctl("doctor", "--json", "--socket", str(tmp_path / "no.sock"))
    items = json.loads(ran.out)["items"]
    assert 1 == ran.code
    assert ["daemon-down", "service-stopped", "check-failed", "clock-synchronised", "twice-nothing"] == [
        item["code"] for item in items
    ]
    assert f"{tmp_path}/no.sock: there is no such socket" in items[0]["why"]
    assert "systemctl start paranad" in items[0]["cure"]


def test_caller_who_may_not_ask_is_told_how(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "doctor", 403, "not-permitted", ASK_GROUP(reason=plain("you may not")))
    ran = ctl("doctor", "--json")
    [item] = json.loads(ran.out)["items"]
    assert (1, "daemon-forbidden", "the daemon may run, but you may not ask it: you may not") == (
        ran.code,
        item["code"],
        item["why"],
    )


def test_daemon_of_an_older_version_is_said(ctl: Ctl, daemon: StandIn) -> None:
    ran = ctl("doctor", "--json")
    assert (1, ["daemon-odd"]) == (ran.code, [item["code"] for item in json.loads(ran.out)["items"]])


def test_error_of_a_job_is_in_arabic_too(ctl: Ctl, daemon: StandIn) -> None:
    failed = seen("jobs-failed", count=1, id=7, task="alwaseet:create-shipment", error=NO_ORDER(order=9))
    daemon.answer("GET", "doctor", Doctor(items=[failed]))
    assert "الطلب 9: لا يوجد طلب كهذا في المتجر\n" in ctl("doctor", "--lang", "ar").out
