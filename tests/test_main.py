"""The command line of paranad: what it hands on, what it prints, how it ends."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from paranad.commands import main
from paranad.configured import Configuration, Load
from paranad.errors import StateDamaged, StateLocked
from paranad.log import redaction
from paranad.log.redaction import redact
from paranad.said import plain

SOCKET_URL = "mysql://user:password@localhost/database?unix_socket=/run/mysqld/mysqld.sock"
NOT_ASKED = "the shop and the courier are not asked: `paranadctl doctor` asks them, once the daemon runs"
DATABASE = '[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that `run` could start with."""
    monkeypatch.delenv("PARANAD_CONFIG", raising=False)
    monkeypatch.setattr(redaction, "_known", set())
    file = tmp_path / "paranad.toml"
    file.write_text(DATABASE)
    return file


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daemon's entrance, as a test sets it."""
    daemon: Any = ModuleType("paranad.life")
    monkeypatch.setitem(sys.modules, "paranad.life", daemon)
    return daemon


def test_run_hands_on_the_settings_and_ends_as_the_daemon_does(config: Path, daemon: Any) -> None:
    def run(read: Configuration, again: Load, **_: object) -> int:
        config.write_text(f"{DATABASE}[queue]\nworkers = 3\n")
        return read.settings.queue.workers + again().settings.queue.workers

    daemon.run = run
    assert 13 == main(["run", "--config", str(config)])


def test_secrets_of_a_reload_are_hidden_too(config: Path, daemon: Any) -> None:
    def run(_: Configuration, again: Load, **__: object) -> int:
        config.write_text(f'{DATABASE}[courier]\npassword = "sesame"\n')
        again()
        return len(redact("open sesame"))

    daemon.run = run
    assert len("open (hidden)") == main(["run", "--config", str(config)])


@pytest.mark.parametrize(
    ("error", "code"),
    [(StateLocked("/var/lib/paranad", 4812), 75), (StateDamaged(plain("queue.db is not SQLite")), 65)],
)
def test_run_tells_an_error_in_one_line_and_its_code(
    config: Path, daemon: Any, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    def run(*_: object, **__: object) -> int:
        raise error

    daemon.run = run
    assert code == main(["run", "--config", str(config)])
    assert f"{error}\n" == capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "check"])
def test_without_a_database_the_daemon_cannot_start(
    config: Path, daemon: Any, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    config.write_text("")
    assert 78 == main([command, "--config", str(config)])
    expected = 'paranad.toml: [shop] database_url: expected the address of the shop\'s database, got ""; write'
    assert f'{expected} database_url = "{SOCKET_URL}"\n' == capsys.readouterr().err


def test_check_says_what_it_read(config: Path, daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["check", "--config", str(config)])
    said = capsys.readouterr().out
    assert said.startswith(f"configuration is good\nread from {config}\nthe schedule, by the clock of Asia/Baghdad:\n")
    assert said.endswith(f"\n{NOT_ASKED}\n")


def test_check_shows_when_each_entry_is_due_next(
    config: Path, daemon: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("paranad.clock.SystemClock.now", lambda _: now)
    config.write_text(
        f'[shop]\ndatabase_url = "{SOCKET_URL}"\n'
        '[schedule."carts:expire"]\nenabled = false\n'
        '[schedule.backup]\ncron = "30 2 * * *"\ntimezone = "Europe/Berlin"\ncommand = ["/bin/true"]\n'
    )
    assert 0 == main(["check", "--config", str(config)])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "the schedule, by the clock of Asia/Baghdad:" in lines
    assert "backup next 2027-03-28 03:00 At 02:30, Europe/Berlin" in lines
    assert "carts:expire disabled Every minute" in lines
    assert "promotions:expire next 2027-03-27 16:00 Every hour" in lines


@pytest.fixture
def credential(config: Path) -> Path:
    """Where the service's credential for the shop's address lies; nothing else says it."""
    config.write_text("")
    file = config.parent / "credentials" / "shop" / "database_url"
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.usefixtures("daemon")
def test_check_reads_the_credentials_that_the_service_is_given_where_it_may(
    config: Path, credential: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 78 == main(["check", "--config", str(config)])
    credential.write_text("\ufeffmysql://u:hunter2@h/d\n", "utf-8")
    assert 0 == main(["check", "--config", str(config)])
    assert f"read from {credential}\n" in capsys.readouterr().out


@pytest.mark.usefixtures("daemon")
def test_check_names_a_credential_that_cannot_be_used(
    config: Path, credential: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    credential.write_text("mysql://u:hunter2@")
    assert 78 == main(["check", "--config", str(config)])
    said = capsys.readouterr().err
    assert said.startswith(f"{credential}: expected sqlite:////")
    assert "hunter2" not in said


@pytest.mark.usefixtures("daemon")
def test_run_by_hand_is_given_no_credentials(config: Path, credential: Path) -> None:
    credential.write_text("mysql://u:hunter2@h/d")
    assert 78 == main(["run", "--config", str(config)])


@pytest.mark.usefixtures("daemon")
def test_check_says_that_a_credential_is_the_service_s_alone(
    config: Path, credential: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    credential.write_text("mysql://u:hunter2@h/d")
    read_text = Path.read_text

    def refused(file: Path, *how: Any) -> str:
        if file == credential:
            raise PermissionError(13, "Permission denied")
        return read_text(file, *how)

    monkeypatch.setattr(Path, "read_text", refused)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert 0 == main(["check", "--config", str(config)])
    said = capsys.readouterr().out
    assert "[shop] database_url is a credential, which the service alone sees: it is not checked here" in said
    assert "hunter2" not in said


@pytest.mark.usefixtures("daemon")
def test_check_as_the_service_sees_what_it_is_given(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text("")
    (config.parent / "credentials" / "shop").mkdir(parents=True)
    (config.parent / "credentials" / "shop" / "database_url").write_text("mysql://u:p@h/d")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(config.parent / "given"))
    assert 78 == main(["check", "--config", str(config)])


def test_check_as_json_tells_problems_and_keys_without_secrets(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text('[queue]\nworkers = 0\n\n[courier]\npassword = "Geheim"\n')
    assert 78 == main(["check", "--config", str(config), "--json"])
    told = capsys.readouterr()
    assert ("", False) == (told.err, "Geheim" in told.out)
    document = json.loads(told.out)
    assert {"[queue] workers", "[shop] database_url"} == {each["key"] for each in document["problems"]}
    assert [{"key": "[courier] password", "value": None}] == document["items"]


def test_check_reads_the_file_that_the_environment_names(
    config: Path, daemon: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARANAD_CONFIG", str(config))
    assert 0 == main(["check"])
    assert f"read from {config}" in capsys.readouterr().out


def test_check_says_that_the_default_file_is_missing(
    tmp_path: Path, daemon: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    default = tmp_path / "none.toml"
    monkeypatch.setattr("paranad.places.DEFAULT_CONFIG", default)
    monkeypatch.setattr("paranad.commands.DEFAULT_CONFIG", default)
    monkeypatch.setenv("PARANAD_SHOP__DATABASE_URL", "sqlite:////srv/shop.sqlite")
    assert 0 == main(["check"])
    assert f"{default} does not exist\nread from PARANAD_SHOP__DATABASE_URL\n" in capsys.readouterr().out


def test_check_reports_the_files_and_the_daemons_problems_together(
    config: Path, daemon: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f'{DATABASE}[queue]\nworkers = 0\n[schedule."carts:expire"]\ncron = "* *"\n')
    assert 78 == main(["check", "--config", str(config)])
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("paranad.toml: [queue] workers: expected")
    assert second.startswith('paranad.toml: [schedule."carts:expire"] cron: expected five fields')


def test_a_wrong_database_address_is_not_called_missing_too(
    config: Path, daemon: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text('[shop]\ndatabase_url = "postgres://u:sesame@h/db"\n')
    assert 78 == main(["check", "--config", str(config)])
    [line] = capsys.readouterr().err.splitlines()
    assert f'got (hidden); write database_url = "{SOCKET_URL}"' in line


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "--conf", "x"], ["check", "more"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert 2 == ended.value.code
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "--help"], ["demo", "--help"]])
def test_help_is_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert 0 == ended.value.code
    assert "usage: paranad" in capsys.readouterr().out


def test_as_a_module_it_is_the_same_program() -> None:
    answers = [
        subprocess.run([*words, "--version"], capture_output=True, text=True, check=True).stdout
        for words in ([sys.executable, "-m", "paranad"], [str(Path(sys.executable).with_name("paranad"))])
    ]
    assert answers[0] == answers[1]
    assert answers[0].startswith("paranad 0.")
