"""`paranadctl standby`, and the status of a machine that stands by."""

import json

import pytest

from paranad.control import schemas, schemas_alerts, schemas_standby, schemas_status
from paranad.control.client import ControlClient
from paranad.control.remarks import DAEMON_STANDBY, JOBS_LEFT_HERE
from paranad.said import Sentence
from paranad.standby.setup import CURE_TABLE
from tests.cli.conftest import Ctl
from tests.support import answers
from tests.support.control_stand_in import StandIn

SQL = "CREATE TABLE paranad_lease (\n    name VARCHAR(100) NOT NULL PRIMARY KEY\n);\n"
NO_TABLE = schemas_standby.Trouble(
    reason="the table is missing", cure=CURE_TABLE().text, cure_why=CURE_TABLE().remark()
)
NO_RIGHT = schemas_standby.Trouble(reason="UPDATE is not allowed", cure="grant it")


def report(standby: schemas_standby.Standby | None, *troubles: schemas_standby.Trouble) -> schemas_standby.Report:
    return schemas_standby.Report(standby=standby, sql=SQL, troubles=list(troubles))


def test_status_of_a_standby_says_for_whom_since_when_and_what_would_happen(ctl: Ctl, daemon: StandIn) -> None:
    why = answers.standing_by().reason
    notes = [DAEMON_STANDBY(reason=why), JOBS_LEFT_HERE(jobs=3)]
    status = answers.status(
        standby=answers.standing_by(), notes=[each.text for each in notes], remarks=[each.remark() for each in notes]
    ).model_dump(mode="json")
    status["daemon"]["state"] = "standby"
    daemon.answer("GET", "status", status)
    ran = ctl("status")
    assert (ran.code, ran.err) == (0, "")
    for part in (
        "paranad 0.1.0 is standing by, process 812",
        "nothing runs here: web-1 works; if it no longer renews the lease, this machine takes over 90 s later",
        "3 jobs: they go on when it works again",
        "web-1             works since 2026-03-02 10:00:00",
        "web-2 (this one)  stands by since 2026-03-02 11:00:00",
        "ask web-1",
        "on this machine alone: its history, jobs dispatched by hand, pauses and mutes",
    ):
        assert part in ran.out
    assert "!" not in ran.out
    assert "Queues" not in ran.out  # all that happens on the other machine


def test_status_of_the_working_machine_shows_who_stands_by(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", answers.status(standby=answers.works()))
    ran = ctl("status")
    assert "web-1 (this one)  works since 2026-03-02 10:00:00  now" in ran.out
    assert "web-2             stands by" in ran.out
    assert "on this machine alone" in ran.out
    assert "Queues" in ran.out


def test_machine_that_was_not_heard_of_for_long_is_no_standby(ctl: Ctl, daemon: StandIn) -> None:
    machines = [answers.machine("web-1", "active", itself=True), answers.machine("web-2", present=False)]
    daemon.answer("GET", "standby", report(answers.works(machines=machines)))
    ran = ctl("standby")
    assert "web-2             not heard of" in ran.out
    assert "no other machine stands by: if this one stops, nobody goes on" in ran.out


def test_standby_alone_tells_how_it_stands(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "standby", report(answers.standing_by()))
    ran = ctl("standby")
    assert (0, "") == (ran.code, ran.err)
    assert "this machine takes over 90 s later" in ran.out
    daemon.answer("GET", "standby", report(None))
    assert "this daemon works alone" in ctl("standby").out
    assert report(None).model_dump(mode="json") == json.loads(ctl("standby", "--json").out)


def test_setup_prints_the_sql_as_it_is_typed_and_what_is_wrong_with_its_cure(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "standby/setup", report(None, NO_TABLE))
    ran = ctl("standby", "setup")
    assert 0 == ran.code  # it has printed what was asked for
    assert SQL in ran.out
    assert "the table is missing\nrun the SQL above\n" in ran.out
    daemon.answer("GET", "standby/setup", report(None, NO_RIGHT))
    ran = ctl("standby", "setup")
    assert 1 == ran.code
    assert "UPDATE is not allowed\ngrant it\n" in ran.out
    daemon.answer("GET", "standby/setup", report(None))
    ran = ctl("standby", "setup")
    assert 0 == ran.code
    assert "the table paranad_lease is there, and this daemon may use it" in ran.out
    assert "[standby] enabled = true" in ran.out  # what comes next


def test_yield_says_what_it_waits_for_and_which_machine_works_then(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "drain", {"drain_timeout_s": 60.0})
    daemon.answer("GET", "standby", report(answers.works()))
    daemon.answer("GET", "status", answers.status(standby=answers.works(), paused_tasks=[]))
    daemon.answer("POST", "standby/yield", {"machine": "web-2", "seconds": 1.42})
    ran = ctl("standby", "yield")
    assert 0 == ran.code
    assert "what runs here is finished, for up to 1 min 00 s, an order on its way to the courier to its end" in ran.err
    assert "web-2 works now; nobody worked for 1.4 s" in ran.out


def test_yield_that_is_refused_ends_with_1_and_says_why(ctl: Ctl, daemon: StandIn) -> None:
    nobody = Sentence("standby.nobody_present", "no other machine stands by")()
    daemon.answer("GET", "drain", {"drain_timeout_s": 60.0})
    daemon.answer("GET", "standby", report(answers.works(machines=[answers.machine("web-1", "active", itself=True)])))
    daemon.refuse("POST", "standby/yield", 409, "wrong-state", nobody)
    ran = ctl("standby", "yield")
    assert 1 == ran.code
    assert "no other machine stands by" in ran.err
    assert "what runs here is finished" not in ran.err  # nothing is


def test_yield_that_is_interrupted_says_that_the_handover_goes_on(
    ctl: Ctl, daemon: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    daemon.answer("GET", "drain", {"drain_timeout_s": 60.0})
    daemon.answer("GET", "standby", report(answers.works()))
    daemon.answer("GET", "status", answers.status())
    monkeypatch.setattr(ControlClient, "post", interrupted)
    ran = ctl("standby", "yield")
    assert 130 == ran.code
    assert "the daemon hands over all the same; how that went: paranadctl standby" in ran.err


def test_second_yield_is_refused_without_a_word_of_what_comes(ctl: Ctl, daemon: StandIn) -> None:
    handing_over = Sentence("standby.handing_over", "the daemon hands over to another machine")()
    daemon.answer("GET", "drain", {"drain_timeout_s": 60.0})
    daemon.answer("GET", "standby", report(answers.works(handing_over=True)))
    daemon.refuse("POST", "standby/yield", 409, "other-machine", handing_over)
    ran = ctl("standby", "yield")
    assert (1, "paranadctl: the daemon hands over to another machine\n") == (ran.code, ran.err)


def test_machine_that_cannot_read_the_table_does_not_say_that_nobody_stands_by(ctl: Ctl, daemon: StandIn) -> None:
    machines = [answers.machine("web-1", "active", itself=True)]
    trouble = {"machines": machines, "trouble": "the database does not answer"}
    daemon.answer("GET", "standby", report(answers.works(**trouble)))
    assert "no other machine stands by" not in ctl("standby").out


def test_status_of_a_standby_that_cannot_read_the_table_has_no_empty_list(ctl: Ctl, daemon: StandIn) -> None:
    status = answers.status(standby=answers.standing_by(machines=[])).model_dump(mode="json")
    status["daemon"]["state"] = "standby"
    daemon.answer("GET", "status", status)
    assert "Machines" not in ctl("status").out


@pytest.mark.parametrize("word", ["setups", "give-up", ""])
def test_word_that_is_no_form_is_wrong_usage_and_the_forms_are_named(ctl: Ctl, daemon: StandIn, word: str) -> None:
    ran = ctl("standby", word)
    assert 2 == ran.code
    assert "setup, yield" in ran.err


def test_machine_that_is_silent_is_not_named_as_the_one_to_ask(ctl: Ctl, daemon: StandIn) -> None:
    reason = "web-1 has not renewed the lease since 11:59:00; this machine takes over at 12:00:30"
    daemon.answer("GET", "standby", report(answers.standing_by(silent=True, reason=reason)))
    ran = ctl("standby")
    assert "web-1             worked; may be gone" in ran.out
    assert reason in ran.out
    assert "ask web-1" not in ran.out


def test_lists_of_a_standby_say_beside_them_where_to_ask(ctl: Ctl, daemon: StandIn) -> None:
    daemon.headers["paranad-stands-by-for"] = "web-1"
    daemon.answer("GET", "jobs?limit=25", {"items": [], "next_cursor": None})
    ran = ctl("jobs")
    assert "this machine stands by for web-1: what follows is what it knows itself; ask there\n" == ran.err
    assert "" == ctl("jobs", "--json").err
    daemon.refuse("GET", "jobs/7", 404, "not-found", "there is no job 7")
    assert "ask there\nparanadctl: there is no job 7" in ctl("jobs", "7").err
    daemon.answer("GET", "status", answers.status(standby=answers.standing_by()))
    assert "" == ctl("status").err


def test_act_on_a_standby_is_refused_in_arabic_too(ctl: Ctl, daemon: StandIn) -> None:
    elsewhere = Sentence("standby.elsewhere", "this daemon stands by for {machine}")(machine="web-1")
    daemon.refuse("POST", "drain", 409, "wrong-state", elsewhere)
    assert "والعمل كله على web-1" in ctl("--lang", "ar", "drain").err


def test_pause_that_would_stay_behind_is_named_before_the_work_is_handed_over(ctl: Ctl, daemon: StandIn) -> None:
    """An order that was held back for a reason would leave from the other machine half a minute later."""
    daemon.answer("GET", "drain", {"drain_timeout_s": 60.0})
    daemon.answer("GET", "standby", report(answers.works()))
    pause = schemas.Pause(since=answers.AT, until=None, reason=None, by="ali")
    paused = [schemas_status.PausedTask(name="alwaseet:create-shipment", pause=pause, due=2)]
    mute = schemas_alerts.Mute(kind="shipment-held", since=answers.AT, until=answers.AT, by="ali")
    mutes = schemas_alerts.Alerting(open=0, muted=[mute], failing=None)
    daemon.answer("GET", "status", answers.status(standby=answers.works(), paused_tasks=paused, alerts=mutes))
    daemon.answer("POST", "standby/yield", {"machine": "web-2", "seconds": 1.42})
    ran = ctl("standby", "yield")
    assert 2 == ran.code
    assert "paused on this machine alone; on the one that takes over it starts:" in ran.err
    assert "alwaseet:create-shipment" in ran.err
    assert "muted on this machine alone; the one that takes over tells of it: shipment-held" in ran.err
    assert "paranadctl standby yield --yes" in ran.err
    assert ("POST", "standby/yield", None) not in daemon.asked
    assert 0 == ctl("standby", "yield", "--yes").code
