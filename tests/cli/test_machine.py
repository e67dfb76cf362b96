"""What paranadctl can tell of the machine by itself; the programs that it asks are stand-ins."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from paranad.cli.doctor import machine
from paranad.finding import Found


class Say(Protocol):
    def __call__(self, program: str, text: str, status: int = 0) -> None: ...


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Let a program of this name be found first, and say a text."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def put(program: str, text: str, status: int = 0) -> None:
        (folder / program).write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n")
        (folder / program).chmod(0o755)

    return put


def service(says: Say, active: str, status: str = "0", result: str = "success") -> list[Found]:
    text = f"Result={result}\nExecMainStatus={status}\nLoadState=loaded\nActiveState={active}"
    says("systemctl", text)
    return list(machine.service_findings())


@pytest.mark.parametrize(
    ("active", "status", "code"),
    [
        ("failed", "78", "service-wrong-configuration"),
        ("failed", "75", "service-locked-out"),
        ("failed", "65", "service-damaged-state"),
        ("failed", "1", "service-failed"),
        ("inactive", "0", "service-stopped"),
        ("active", "0", "service-active"),
        ("activating", "0", "service-active"),
    ],
)
def test_service_that_does_not_answer_says_why(says: Say, active: str, status: str, code: str) -> None:
    [finding] = service(says, active, status, "exit-code")
    assert code == finding.code


def test_killed_service_says_how_it_ended(says: Say) -> None:
    [finding] = service(says, "failed", "6", "watchdog")
    assert "watchdog, status 6" in finding.why.text


def test_service_that_is_not_installed_is_seen(says: Say) -> None:
    says("systemctl", "LoadState=not-found\nActiveState=inactive\nResult=success\nExecMainStatus=0")
    assert ["service-absent"] == [finding.code for finding in machine.service_findings()]


def test_machine_without_systemd_says_nothing_of_a_service(says: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    says("systemctl", "System has not been booted with systemd as init system (PID 1).", status=1)
    assert [] == list(machine.service_findings())
    monkeypatch.setenv("PATH", "/nowhere")
    assert [] == list(machine.service_findings())


@pytest.mark.parametrize(("said", "codes"), [("yes", ["clock-synchronised"]), ("no", ["clock-free"]), ("", [])])
def test_clock_that_nobody_keeps_is_seen(says: Say, said: str, codes: list[str]) -> None:
    says("timedatectl", said)
    assert codes == [finding.code for finding in machine.clock_findings()]


@pytest.fixture
def checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Let `paranad check` write a text to standard error and end with a status."""

    def put(text: str, status: int) -> None:
        program = tmp_path / "python"
        program.write_text(f'#!/bin/sh\n[ "$*" = "-P -m paranad check" ] || exit 9\necho "{text}" >&2\nexit {status}\n')
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return put


def test_wrong_configuration_is_named_while_the_daemon_is_down(checks: Callable[[str, int], None]) -> None:
    checks("paranad.toml: [queue] workers: expected 1\nparanad.toml: [log] level: expected x", 78)
    [finding] = machine.configuration_findings(os.environ)
    assert ("check-failed", "failed", "2") == (finding.code, finding.outcome, finding.values["count"])
    assert "workers" in finding.why.text


def test_good_configuration_is_said_while_the_daemon_is_down(checks: Callable[[str, int], None]) -> None:
    checks("", 0)
    assert ["check-good"] == [finding.code for finding in machine.configuration_findings(os.environ)]


def test_check_that_cannot_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert [] == list(machine.configuration_findings(os.environ))


def test_configuration_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "paranad.toml"
    file.touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    [finding] = machine.configuration_findings({"PARANAD_CONFIG": str(file)})
    assert ("check-unread", "sudo paranadctl doctor") == (finding.code, str(finding.cure))
