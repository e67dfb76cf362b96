"""Somebody is told that the daemon is down: by the same command, once, until one has come up."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from paranad.alerts.daemon_failed import main
from paranad.alerts.incidents import FailureNote

ENDED = {"MONITOR_SERVICE_RESULT": "exit-code", "MONITOR_EXIT_STATUS": "78"}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A configuration that is wrong elsewhere, as it may well be."""
    (tmp_path / "state").mkdir()
    script = f"cat >> {tmp_path}/told; test ! -e {tmp_path}/broken"
    file = tmp_path / "paranad.toml"
    file.write_text(
        f'[daemon]\nstate_dir = "{tmp_path}/state"\n[queue]\nworkers = "ten"\n'
        f'[alert]\nlanguage = "en"\ncommand = ["/bin/sh", "-c", "{script}"]\n'
    )
    return {"PARANAD_CONFIG": str(file), "PATH": "/bin:/usr/bin", **ENDED}


def test_it_is_told_once_until_a_daemon_has_come_up(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [0, 0] == [main(environ), main(environ)]
    (told,) = map(json.loads, (tmp_path / "told").read_text().splitlines())
    assert ("daemon-failed", "paranad.service", "open") == (told["kind"], told["key"], told["state"])
    assert "paranad.service is down: exit-code, exit status 78" == told["message"]
    assert "somebody knows already" in capsys.readouterr().err
    incident = FailureNote(tmp_path / "state").read(datetime.now(UTC))
    assert incident
    assert incident.told


def test_a_command_that_fails_ends_with_1_so_that_systemd_tries_again(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken").touch()
    assert 1 == main(environ)
    assert "paranad.service is down, and [alert] command failed: ended with exit status 1\n" == capsys.readouterr().err
    (tmp_path / "broken").unlink()
    assert 0 == main(environ)
    assert 2 == len((tmp_path / "told").read_text().splitlines())


def test_a_state_directory_that_is_gone_keeps_nobody_from_being_told(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").rmdir()
    assert 0 == main(environ)
    assert (tmp_path / "told").exists()
    assert "that it is over will not be told: No such file or directory" in capsys.readouterr().err


def test_without_a_command_nobody_is_told(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(environ["PARANAD_CONFIG"]).write_text("")
    assert 0 == main(environ)
    assert "paranad.service is down, and nobody is told: [alert] command is empty\n" == capsys.readouterr().err


def test_it_is_told_in_arabic_unless_english_is_asked_for(environ: dict[str, str], tmp_path: Path) -> None:
    file = Path(environ["PARANAD_CONFIG"])
    file.write_text(file.read_text().replace('language = "en"\n', ""))
    assert 0 == main(environ)
    told = json.loads((tmp_path / "told").read_text())
    assert "\u2066paranad.service\u2069 متوقفة: \u2066exit-code\u2069، رمز الخروج 78" == told["message"]


def test_systemd_may_say_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    for name in ENDED:
        del environ[name]
    assert 0 == main(environ)
    assert "its log says why" in json.loads((tmp_path / "told").read_text())["message"]
