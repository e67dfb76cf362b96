"""`paranadctl metrics`: what it shows, and the file that it writes whole or not at all."""

import json
import os
from pathlib import Path

import pytest

from paranad.cli.commands.metrics import DOWN
from paranad.metrics.families import UP
from paranad.metrics.text import text_of
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn

FIGURES = text_of([(UP, {(): 1})]).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the figures go; an earlier text is there."""
    folder = tmp_path / "textfiles"
    folder.mkdir()
    (folder / "paranad.prom").write_text("# of a minute ago\n")
    return folder / "paranad.prom"


def test_alone_it_shows_the_figures_as_they_came(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "metrics", FIGURES.encode())
    ran = ctl("metrics")
    assert (0, FIGURES, "") == (ran.code, ran.out, ran.err)


def test_as_json_each_figure_has_its_samples(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "metrics", FIGURES.encode())
    sample = {"name": "paranad_up", "labels": {}, "value": 1.0}
    assert {"items": [{"name": "paranad_up", "type": "gauge", "help": UP.help, "samples": [sample]}]} == json.loads(
        ctl("metrics", "--json").out
    )


def test_the_file_is_whole_and_everybody_may_read_it(ctl: Ctl, daemon: StandIn, file: Path) -> None:
    daemon.answer("GET", "metrics", FIGURES.encode())
    before = os.umask(0o077)
    try:
        ran = ctl("metrics", "--textfile", str(file))
    finally:
        os.umask(before)
    assert (0, f"{file} written, {len(FIGURES)} bytes\n") == (ran.code, ran.out)
    assert FIGURES == file.read_text()
    assert "644" == f"{file.stat().st_mode & 0o777:o}"
    assert [file] == list(file.parent.iterdir())


def test_of_a_daemon_that_is_down_the_file_says_so(ctl: Ctl, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARANAD_DAEMON__SOCKET", str(file.parent / "control.sock"))
    ran = ctl("metrics", "--textfile", str(file))
    assert 0 == ran.code
    assert "paranad_up 0" == file.read_text().splitlines()[-1]
    assert f"{file} says paranad_up 0: " in ran.err
    assert "start it with `systemctl start paranad`" in ran.err


def test_without_a_file_a_daemon_that_is_down_is_exit_3(
    ctl: Ctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARANAD_DAEMON__SOCKET", str(tmp_path / "control.sock"))
    assert (3, "") == (ctl("metrics").code, ctl("metrics").out)


def test_down_is_said_with_the_words_of_up() -> None:
    assert text_of([(UP, {(): 0})]).decode().replace("0.0", "0") == DOWN


@pytest.mark.parametrize(("status", "kind"), [(503, "unavailable"), (500, "defect")])
def test_of_a_daemon_that_cannot_give_its_figures_the_file_says_so(
    ctl: Ctl, daemon: StandIn, file: Path, status: int, kind: str
) -> None:
    """What was written before would say for ever that all is well."""
    daemon.refuse("GET", "metrics", status, kind, "not now")
    ran = ctl("metrics", "--textfile", str(file))
    assert (0, "paranad_up 0") == (ran.code, file.read_text().splitlines()[-1])
    assert f"{file} says paranad_up 0: not now" in ran.err


@pytest.mark.parametrize(("status", "kind", "code"), [(403, "not-permitted", 5), (404, "not-found", 4)])
def test_a_refusal_does_not_mean_that_it_is_down(
    ctl: Ctl, daemon: StandIn, file: Path, status: int, kind: str, code: int
) -> None:
    """What was written before stays, and grows old, which node_exporter tells too."""
    daemon.refuse("GET", "metrics", status, kind, "not now")
    assert code == ctl("metrics", "--textfile", str(file)).code
    assert "# of a minute ago\n" == file.read_text()


def test_another_program_s_answer_is_not_written(ctl: Ctl, daemon: StandIn, file: Path) -> None:
    daemon.answer("GET", "metrics", b"<html>hello</html>")
    ran = ctl("metrics", "--textfile", str(file))
    assert (1, "# of a minute ago\n") == (ran.code, file.read_text())
    assert "holds no figures" in ran.err


def test_a_folder_that_cannot_be_written_to_is_named(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    daemon.answer("GET", "metrics", FIGURES.encode())
    ran = ctl("metrics", "--textfile", str(tmp_path / "none" / "paranad.prom"))
    assert 1 == ran.code
    assert "paranad.prom cannot be written: No such file or directory" in ran.err


def test_a_full_disk_leaves_the_file_that_is_there(
    ctl: Ctl, daemon: StandIn, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    daemon.answer("GET", "metrics", FIGURES.encode())
    monkeypatch.setattr("os.fsync", full)
    ran = ctl("metrics", "--textfile", str(file))
    assert 1 == ran.code
    assert "No space left on device" in ran.err
    assert [(file, "# of a minute ago\n")] == [(each, each.read_text()) for each in file.parent.iterdir()]


def test_a_name_that_node_exporter_does_not_read_is_refused(ctl: Ctl, tmp_path: Path) -> None:
    ran = ctl("metrics", "--textfile", str(tmp_path / "paranad.txt"))
    assert 2 == ran.code
    assert "expected a file whose name ends in .prom" in ran.err
