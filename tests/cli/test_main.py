import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etc.manual.tree import operator_tree
from paranad.cli.app import COMMANDS, GROUPS
from paranad.control.schemas import EnqueuedJob
from tests.cli.conftest import Ctl
from tests.support.answers import completed, job, shipment, status, tally
from tests.support.control_stand_in import StandIn

PARANADCTL = [sys.executable, "-c", "from paranad.cli.main import main; main()"]
EVERY = [(name,) for name, _, _ in COMMANDS] + [
    (group, name) for group, (_, commands) in GROUPS.items() for name, _, _ in commands
]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_command_has_help_with_an_example(ctl: Ctl, words: tuple[str, ...]) -> None:
    ran = ctl(*words, "--help")
    assert ran.code == 0
    assert f"Example: paranadctl {words[0]}" in ran.out


def test_help_names_every_command_on_one_whole_line(ctl: Ctl) -> None:
    for words in [(), *((group,) for group in GROUPS)]:
        shown = ctl(*words, "--help").out
        assert "..." not in shown.partition("Commands:")[2]


def test_version(ctl: Ctl) -> None:
    ran = ctl("--version")
    assert ran.code == 0
    assert ran.out.startswith("paranadctl ")


@pytest.mark.parametrize(
    ("typed", "near"),
    [("statsu", "status"), ("jobs shwo 3", "show"), ("sync --no-wiat", "--no-wait"), ("queue:retyr 3", "queue:")],
)
def test_misspelt_word_is_wrong_usage_with_the_near_miss(ctl: Ctl, typed: str, near: str) -> None:
    ran = ctl(*typed.split())
    assert ran.code == 2
    assert near in ran.err


@pytest.mark.parametrize("id_", ["0", "abc", "1.5", "99999999999999999999"])
def test_wrong_id_is_wrong_usage_and_named(ctl: Ctl, id_: str) -> None:
    ran = ctl("jobs", "show", id_)
    assert ran.code == 2
    assert f'got "{id_}"' in ran.err


def test_no_daemon_exits_3_and_says_which_socket_and_how_to_start_it(ctl: Ctl, tmp_path: Path) -> None:
    for words in (("--socket", str(tmp_path / "no.sock"), "status"), ("status", f"--socket={tmp_path / 'no.sock'}")):
        ran = ctl(*words)
        assert ran.code == 3
        assert str(tmp_path / "no.sock") in ran.err
        assert "systemctl start paranad" in ran.err


def test_configuration_file_that_is_missing_is_named_with_its_variable(
    ctl: Ctl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PARANAD_DAEMON__SOCKET", raising=False)
    monkeypatch.setenv("PARANAD_CONFIG", str(tmp_path / "gone.toml"))
    ran = ctl("status")
    assert 3 == ran.code
    assert ran.err.startswith(f"paranadctl: PARANAD_CONFIG names {tmp_path / 'gone.toml'}, and there is no such file;")
    assert "--socket PATH" in ctl("status", "--lang", "ar").err
    assert 0 == ctl("jobs", "--help").code
    assert "PARANAD_CONFIG names" in ctl("doctor").out


def test_not_permitted_exits_5(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "status", 403, "not-permitted", "uid 33 may not")
    assert ctl("status").code == 5


def test_error_of_the_daemon_cannot_steer_the_terminal(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "jobs/3", 404, "not-found", "no job \x1b]0;x\x07")
    assert ctl("jobs", "show", "3").err == "paranadctl: no job \\x1b]0;x\\x07\n"


def test_start_loads_no_more_than_it_needs() -> None:
    heavy = "fastapi uvicorn sqlalchemy httpx structlog asyncio pydantic rich argparse click ssl email subprocess"
    loaded = f"[name for name in {heavy.split()} if name in sys.modules]"
    code = f"import sys, paranad.cli.app, paranad.cli.commands.status; print({loaded})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_process_exits_with_its_code_and_outputs_arabic_in_any_locale(daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(notes=["بدون"]))
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    ran = subprocess.run([*PARANADCTL, "status"], capture_output=True, env=environ, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"! \\u0628" in ran.stdout


def test_closed_pipe_ends_without_a_traceback(daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(notes=["x" * 200_000]))
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([*PARANADCTL, "status"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (1, b"")


def test_ctrl_c_while_waiting_says_that_the_job_goes_on(daemon: StandIn) -> None:
    daemon.answer("POST", "jobs", EnqueuedJob(id=12, duplicate=False), 201)
    daemon.answer("GET", "jobs/12", job(12, "running"))
    with subprocess.Popen([*PARANADCTL, "run", "t"], stderr=subprocess.PIPE, text=True) as process:
        assert daemon.listening.wait(20)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert said == "t goes on as job 12; see it with: paranadctl jobs show 12\n"


React = Callable[[bytes, subprocess.Popen[bytes]], None]


def on_terminal(*words: str, typed: str = "", react: React | None = None) -> tuple[int, str]:
    """Run paranadctl on a terminal of its own; return its exit code and all it showed."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([*PARANADCTL, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
                if react:
                    react(part, process)
        except OSError:
            pass  # Linux says so that the other side is closed
    os.close(ours)
    return process.returncode, shown.decode()


def test_watch_shows_the_status_again_until_ctrl_c(daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    shown = subprocess.PIPE
    with subprocess.Popen([*PARANADCTL, "status", "--watch"], stdout=shown, stderr=shown, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        assert any(line == first for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[1] == ""
    assert process.returncode == 0


def test_watch_on_a_terminal_outlives_the_daemon(daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    said: list[bytes] = []

    def react(shown: bytes, process: subprocess.Popen[bytes]) -> None:
        daemon.refuse("GET", "status", 503, "unavailable", "the daemon stops")
        if b"the daemon stops" in shown and not any(b"the daemon stops" in part for part in said):
            process.send_signal(signal.SIGINT)
        said.append(shown)

    assert on_terminal("status", "--watch", react=react)[0] == 0
    assert any(b"the daemon stops" in part for part in said)


def test_resend_asks_a_person_to_type_the_order(daemon: StandIn) -> None:
    daemon.answer("GET", "shipments/318", shipment())
    daemon.answer("POST", "shipments/318/resend", shipment(state="withdrawn"))
    code, shown = on_terminal("shipments", "resend", "318", typed="318\n")
    assert code == 0
    assert "type 318 to send it: " in shown
    assert ("POST", "shipments/318/resend", None) in daemon.asked


def test_resend_that_is_not_confirmed_sends_nothing(daemon: StandIn) -> None:
    daemon.answer("GET", "shipments/318", shipment())
    assert on_terminal("shipments", "resend", "318", typed="yes\n")[0] == 1
    assert not any(asked[0] == "POST" for asked in daemon.asked)


def test_terminal_shows_progress_and_colours(daemon: StandIn) -> None:
    daemon.answer("POST", "jobs", EnqueuedJob(id=12, duplicate=False), 201)
    daemon.answer("GET", "jobs/12", job(12, "running"))
    daemon.events.put(daemon.once_asked("GET", "jobs/12"))
    told = {"job_id": 12, "at": "2026-03-02T09:00:00+00:00"}
    daemon.events.put({**told, "event": "job.progressed", "done": 120, "total": 500})
    daemon.events.put({**told, "event": "job.snoozed", "until": "2026-03-02T09:00:00+00:00", "reason": "the courier"})
    daemon.events.put(lambda: daemon.answer("GET", "jobs/12", completed(12, tally(4))))
    daemon.events.put({**told, "event": "job.completed"})
    code, shown = on_terminal("run", "carts:expire")
    assert code == 0
    assert "120/500" in shown
    assert "\x1b[32mcarts:expire is done" in shown


def test_terminal_shows_the_status_in_colours(daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(notes=["بدون"]))
    code, shown = on_terminal("status")
    assert code == 0
    assert "\x1b[33m! \u2068بدون\u2069\x1b[0m" in shown


def test_help_names_no_type_of_python(ctl: Ctl) -> None:
    for command in operator_tree().walk():
        shown = ctl(*command.path[1:], "--help").out
        assert not re.search(r"<(str|int|path|list)", shown), command.path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("resend 3", "shipments resend 3"),
        ("settle 3", "shipments settle 3"),
        ("reconcile", "shipments reconcile"),
        ("cancel 3", "jobs cancel 3"),
        ("forget 3", "failed forget 3"),
        ("history carts:expire", "schedule history carts:expire"),
    ],
)
def test_command_that_stands_in_a_group_is_named_there(ctl: Ctl, typed: str, meant: str) -> None:
    ran = ctl(*typed.split())
    assert (ran.code, ran.out) == (2, "")
    assert f"there is no command '{typed.split(maxsplit=1)[0]}'; try: paranadctl {meant}\n" in ran.err
    assert f"جرّب: paranadctl {meant}\n" in ctl("--lang", "ar", *typed.split()).err
