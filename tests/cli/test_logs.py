from pathlib import Path

import pytest

from paranad.cli.commands import logs
from tests.cli.conftest import Ctl

PROGRAM = "/usr/bin/journalctl"
ALWAYS = [PROGRAM, "--unit=paranad.service", "--no-hostname"]


class Replaced(SystemExit):
    """Stands where journalctl would have taken the process's place."""


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with journalctl and one journal file, which it gives."""
    file = tmp_path / "journal" / "0123" / "system.journal"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setattr(logs, "FOLDERS", (tmp_path / "none", tmp_path / "journal"))
    monkeypatch.setattr("shutil.which", lambda _: PROGRAM)
    return file


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, journal: Path) -> list[str]:
    """The words that journalctl was run with."""
    ran: list[str] = []

    def execv(_: str, words: list[str]) -> None:
        ran.extend(words)
        raise Replaced(0)

    monkeypatch.setattr("os.execv", execv)
    return ran


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", []),
        ("-f", ["--follow"]),
        ("--job 4812", ["PARANAD_JOB_ID=4812"]),
        ("--task carts:expire --level error", ["--priority=err", "PARANAD_TASK=carts:expire"]),
        ("--level warning", ["--priority=warning"]),
        ("--since 1h30m", ["--since=-1h30m"]),
        ("--since 90s", ["--since=-90s"]),
        ("--since yesterday", ["--since=yesterday"]),
        ("--since 14:05", ["--since=14:05"]),
        ("--since 2026-03-01", ["--since=2026-03-01 00:00:00"]),
        ("--since 2026-03-01T14:00", ["--since=2026-03-01 14:00:00"]),
        ("--since 2026-03-01T14:00:00+03:00", ["--since=2026-03-01 11:00:00 UTC"]),
        ("--json", ["--output=json", "--all"]),
    ],
)
def test_journalctl_is_run_with_the_fields_asked_for(ctl: Ctl, ran: list[str], asked: str, words: list[str]) -> None:
    assert ctl("logs", *asked.split()).code == 0
    assert [*ALWAYS, *words] == ran


@pytest.mark.parametrize(
    "asked", ["--since soon", "--since 25:00", "--since ;reboot", "--level loud", "--job 0", "--job 1;reboot"]
)
def test_what_cannot_be_meant_is_wrong_usage(ctl: Ctl, ran: list[str], asked: str) -> None:
    assert ctl("logs", *asked.split()).code == 2
    assert [] == ran


def test_task_reaches_journalctl_as_one_word_whatever_it_holds(ctl: Ctl, ran: list[str]) -> None:
    ctl("logs", "--task", "x; rm -rf / + _UID=0")
    assert "PARANAD_TASK=x; rm -rf / + _UID=0" == ran[-1]


def test_caller_who_may_not_read_the_journal_is_told_what_to_do(
    ctl: Ctl, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    shown = ctl("logs")
    assert (5, []) == (shown.code, ran)
    assert "usermod -aG systemd-journal" in shown.err


def test_machine_without_journalctl_is_told_where_the_log_is(
    ctl: Ctl, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    shown = ctl("logs")
    assert (1, []) == (shown.code, ran)
    assert "standard error" in shown.err


def test_machine_whose_journal_does_not_run_is_told_so(ctl: Ctl, ran: list[str], journal: Path) -> None:
    journal.unlink()
    shown = ctl("logs")
    assert (1, []) == (shown.code, ran)
    assert "systemd-journald does not run here" in shown.err
