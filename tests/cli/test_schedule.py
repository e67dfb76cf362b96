from paranad.control.schemas import EnqueuedJob, Entry, Page, Run
from tests.cli.conftest import Ctl
from tests.support.answers import AT, entry
from tests.support.control_stand_in import StandIn


def test_schedule_is_listed_with_last_and_next(ctl: Ctl, daemon: StandIn) -> None:
    skipped = {"occurrence": AT, "outcome": "skipped", "reason": "its last job is unfinished", "job_id": None}
    entries = [entry(), entry("backup", last=skipped), entry("x", paused=True, last=None)]
    daemon.answer("GET", "schedule", Page[Entry](items=entries, next_cursor=None))
    shown = ctl("schedule:list").out
    assert "carts:expire  Every minute" in shown
    assert "12:00:00, not run: its last job is unfinished" in shown
    assert "paused ones go on with: paranadctl schedule resume NAME\n" in shown


def test_what_an_entry_changes_of_the_rules_is_named_below(ctl: Ctl, daemon: StandIn) -> None:
    entries = [entry(), entry("backup", timezone="Europe/Berlin", own_timezone=True)]
    daemon.answer("GET", "schedule", Page[Entry](items=entries, next_cursor=None))
    assert "\nbackup: in the time zone Europe/Berlin\n" in ctl("schedule").out
    assert "\nbackup: بتوقيت Europe/Berlin\n" in ctl("--lang", "ar", "schedule").out


def test_entry_that_is_off_says_why_and_how_it_runs_all_the_same(ctl: Ctl, daemon: StandIn) -> None:
    off = entry(enabled=False, off="this shop has no table messages", next=None)
    daemon.answer("GET", "schedule", Page[Entry](items=[off], next_cursor=None))
    shown = ctl("schedule").out
    assert "off: this shop has no table messages" in shown
    assert '[schedule."NAME"]' in shown


def test_entry_is_run_now(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "schedule/carts:expire/run", EnqueuedJob(id=12, duplicate=False), 201)
    assert ctl("schedule:run", "carts:expire").out == "job 12 is enqueued\n"


def test_entry_is_paused_and_resumed(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "schedule/carts:expire/pause", entry(paused=True, next=None))
    daemon.answer("POST", "schedule/carts:expire/resume", entry())
    paused = "carts:expire is paused; go on with: paranadctl schedule resume carts:expire\n"
    assert ctl("schedule", "pause", "carts:expire").out == paused
    assert "carts:expire goes on, next" in ctl("schedule", "resume", "carts:expire").out


def test_history_says_why_an_occurrence_was_skipped(ctl: Ctl, daemon: StandIn) -> None:
    runs = [
        Run(occurrence=AT, outcome="enqueued", reason=None, job_id=12),
        Run(occurrence=AT, outcome="skipped", reason="its last job is unfinished", job_id=None),
    ]
    daemon.answer("GET", "schedule/carts:expire/history?limit=25", Page[Run](items=runs, next_cursor=None))
    shown = ctl("schedule", "history", "carts:expire").out
    assert "enqueued   12\n" in shown
    assert "not run        its last job is unfinished\n" in shown


def test_unknown_entry_exits_4_with_the_near_miss(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "schedule/cart:expire/pause", 404, "not-found", 'did you mean "carts:expire"?')
    ran = ctl("schedule", "pause", "cart:expire")
    assert (ran.code, ran.err) == (4, 'paranadctl: did you mean "carts:expire"?\n')


def test_entry_whose_task_is_paused_says_how_it_goes_on(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "schedule", {"items": [entry(task_paused=True).model_dump(mode="json")], "next_cursor": None})
    out = ctl("schedule").out
    assert ("its task is paused" in out, "a paused task goes on with: paranadctl resume NAME\n" in out) == (True, True)
