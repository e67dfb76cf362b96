import re
from pathlib import Path

from paranad.control.schemas_acts import ReloadReport
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn


def test_backup_is_written_for_its_caller_alone(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    daemon.answer("GET", "backup", b"SQLite format 3\0")
    file = tmp_path / "copy.db"
    ran = ctl("backup", str(file))
    assert (ran.code, ran.out) == (0, f"{file} written, 16 bytes\n")
    assert file.read_bytes() == b"SQLite format 3\0"
    assert file.stat().st_mode & 0o777 == 0o600


def test_backup_overwrites_nothing(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    file.write_text("precious")
    ran = ctl("backup", str(file))
    assert ran.code == 1
    assert str(file) in ran.err
    assert file.read_text() == "precious"


def test_backup_that_fails_leaves_nothing(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    daemon.refuse("GET", "backup", 503, "state-full", "no room")
    before = sorted(tmp_path.iterdir())
    assert ctl("backup", str(tmp_path / "copy.db")).code == 1
    assert before == sorted(tmp_path.iterdir())


def test_backup_to_where_nothing_can_be_written_names_the_file(ctl: Ctl, daemon: StandIn, tmp_path: Path) -> None:
    daemon.answer("GET", "backup", b"x")
    ran = ctl("backup", str(tmp_path / "none" / "copy.db"))
    assert ran.code == 1
    assert "copy.db cannot be written: No such file or directory" in ran.err


def test_reload_says_what_is_in_force_and_what_waits(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "reload", ReloadReport(changed=["log.level"], needs_restart=["queue.workers"]))
    shown = ctl("reload").out
    needs = "queue.workers needs a restart of the daemon; under systemd: systemctl restart paranad"
    assert shown == f"log.level is in force\n{needs}\n"


def test_reload_says_which_entries_are_due_next_at_another_instant(ctl: Ctl, daemon: StandIn) -> None:
    three, four = "2099-03-02T03:30:00+03:00", "2099-03-02T04:30:00+03:00"
    moves = [
        {"name": "backup", "change": "moved", "before": three, "after": four},
        {"name": "report", "change": "added", "before": None, "after": three},
        {"name": "idle", "change": "added", "before": None, "after": None},
        {"name": "old", "change": "removed", "before": three, "after": None},
        {"name": "flap", "change": "removed", "before": None, "after": None, "pause_stays": True},
        {"name": "tired", "change": "moved", "before": three, "after": None},
        {"name": "fresh", "change": "moved", "before": None, "after": four},
    ]
    daemon.answer("POST", "reload", ReloadReport(changed=["[schedule]"], needs_restart=[], schedule=moves))
    lines = [re.sub(r"in \d+ d, ", "", line) for line in ctl("reload").out.splitlines()]
    assert lines == [
        "[schedule] is in force",
        "backup is due 2099-03-02 04:30:00, and no longer 2099-03-02 03:30:00",
        "report is new in the schedule, next 2099-03-02 03:30:00",
        "idle is new in the schedule, and disabled",
        "old is no longer in the schedule",
        (
            "flap is no longer in the schedule, but its pause stays: if it was renamed, the new one runs; "
            "to forget the pause: paranadctl schedule resume flap"
        ),
        "tired no longer runs; it was due 2099-03-02 03:30:00",
        "fresh runs again, next 2099-03-02 04:30:00",
    ]


def test_reload_says_which_jobs_are_left_without_their_command(ctl: Ctl, daemon: StandIn) -> None:
    left = [{"task": "invoices:send", "jobs": 2}]
    daemon.answer("POST", "reload", ReloadReport(changed=["[command]"], needs_restart=[], left=left))
    assert "jobs of invoices:send wait, though its command is gone: 2; they fail when they are due" in ctl("reload").out


def test_reload_says_which_jobs_hold_arguments_that_their_command_no_longer_takes(ctl: Ctl, daemon: StandIn) -> None:
    unfit = [{"task": "invoices:send", "jobs": 2}]
    daemon.answer("POST", "reload", ReloadReport(changed=["[command]"], needs_restart=[], unfit=unfit))
    assert "jobs of invoices:send hold other arguments than it takes: 2; they fail when they start" in ctl("reload").out


def test_reload_of_the_same_says_so(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "reload", ReloadReport(changed=[], needs_restart=[]))
    assert "nothing has changed" in ctl("reload").out


def test_reload_says_that_credentials_are_read_at_the_start_where_there_are_some(ctl: Ctl, daemon: StandIn) -> None:
    report = ReloadReport(changed=[], needs_restart=[], credentials=["credential courier_password"])
    daemon.answer("POST", "reload", report)
    assert "credentials are read at the start: systemctl restart paranad\n" in ctl("reload").out


def test_refused_reload_exits_1_and_lists_every_problem(ctl: Ctl, daemon: StandIn) -> None:
    problems = [
        {"where": "paranad.toml", "key": "[queue] workers", "message": "expected a number"},
        {"where": "paranad.toml", "key": "[log] level", "message": "expected a level"},
    ]
    daemon.refuse("POST", "reload", 422, "configuration", "two problems", problems=problems)
    ran = ctl("reload")
    assert ran.code == 1
    assert "[queue] workers: expected a number\n" in ran.err
    assert "[log] level: expected a level\n" in ran.err
