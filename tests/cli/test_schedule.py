import paranad.schedule.coming
from paranad.control.schemas import EnqueuedJob, Items, Page, remark_of
from paranad.control.schemas_schedule import Backfill, BackfillStopped, Coming, Entry, Run
from paranad.said import Said, Sentence
from tests.cli.conftest import Ctl
from tests.support.answers import AT, entry, status
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


def test_rules_of_missed_ones_overlaps_and_delays_are_named_with_what_waits(ctl: Ctl, daemon: StandIn) -> None:
    own = entry(
        "backup", catch_up="all", catch_up_limit=7, catch_up_window="7d", overlap="queue-one", jitter="5m", waiting=3
    )
    other = entry("x", catch_up="skip", overlap="allow")
    plain = entry("y", catch_up="all", catch_up_limit=10)
    daemon.answer("GET", "schedule", Page[Entry](items=[own, other, plain], next_cursor=None))
    shown = ctl("schedule").out
    assert (
        "backup: each that was missed is caught up, 7 at most, none older than 7d, one occurrence waits while the last"
        " job is unfinished, delayed at random by up to 5m\n"
        "backup: 3 occurrences to come once the last job has ended\n"
        "x: what was missed is not caught up, its jobs may run beside one another\n"
        "y: each that was missed is caught up, 10 at most\n"
    ) in shown
    assert "backup: ينتظر انتهاء آخر مهمة: 3 مواعيد\n" in ctl("--lang", "ar", "schedule").out


def test_what_is_expected_of_an_entry_and_that_nobody_is_told_of_it_is_named(ctl: Ctl, daemon: StandIn) -> None:
    entries = [entry("backup", expect_within="26h"), entry("x", alert=False)]
    daemon.answer("GET", "schedule", Page[Entry](items=entries, next_cursor=None))
    shown = ctl("schedule").out
    assert (
        "backup: expected to succeed within 26h\nx: nobody is told when it fails, hangs, is slow or silent\n" in shown
    )
    assert "x: لا يُخبر أحد إن فشل أو تعلّق أو أبطأ أو صمت\n" in ctl("--lang", "ar", "schedule").out


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
    daemon.answer("GET", "status", status())
    paused = "carts:expire is paused\ngo on with: paranadctl schedule resume carts:expire\n"
    assert ctl("schedule", "pause", "carts:expire").out == paused
    assert "carts:expire goes on, next" in ctl("schedule", "resume", "carts:expire").out


def test_history_says_why_an_occurrence_was_skipped(ctl: Ctl, daemon: StandIn) -> None:
    runs = [
        Run(occurrence=AT, outcome="enqueued", reason=None, job_id=14, job_state="running"),
        Run(occurrence=AT, outcome="enqueued", reason=None, job_id=13, job_state="failed"),
        Run(occurrence=AT, outcome="enqueued", reason=None, job_id=12),
        Run(occurrence=AT, outcome="skipped", reason="its last job is unfinished", job_id=None),
    ]
    daemon.answer("GET", "schedule/carts:expire/history?limit=25", Page[Run](items=runs, next_cursor=None))
    shown = ctl("schedule", "history", "carts:expire").out
    assert [["running", "14"], ["failed", "13"], ["pruned", "12"]] == [
        row.split()[-2:] for row in shown.splitlines()[1:4]
    ]
    assert "not run       its last job is unfinished\n" in shown


def test_unknown_entry_exits_4_with_the_near_miss(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    daemon.refuse("POST", "schedule/cart:expire/pause", 404, "not-found", 'did you mean "carts:expire"?')
    ran = ctl("schedule", "pause", "cart:expire")
    assert (ran.code, ran.err) == (4, 'paranadctl: did you mean "carts:expire"?\n')


def test_entry_whose_task_is_paused_says_how_it_goes_on(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "schedule", {"items": [entry(task_paused=True).model_dump(mode="json")], "next_cursor": None})
    out = ctl("schedule").out
    assert ("its task is paused" in out, "a paused task goes on with: paranadctl resume NAME\n" in out) == (True, True)


def coming(name: str = "backup", **more: object) -> Coming:
    """Return an entry's next two instants, over a change of Berlin's clock."""
    moved = said("schedule.due_moved", wall="02:30", before="02:00", after="03:00")
    fixed, change = (
        said("schedule.fixed_hour"),
        said("schedule.next_change", zone="Europe/Berlin", date="2027-03-28", before="02:00", after="03:00"),
    )
    plain = {
        "name": name,
        "cron": "30 2 * * *",
        "cron_words": "At 02:30",
        "timezone": "Europe/Berlin",
        "enabled": True,
        "off": None,
        "paused": False,
        "task_paused": False,
        "items": [
            due("2027-03-27T02:30:00+01:00", "CET"),
            due("2027-03-28T03:00:00+02:00", "CEST", note=moved.text, why=remark_of(moved)),
        ],
        "rule": fixed.text,
        "rule_why": remark_of(fixed),
        "change": change.text,
        "change_why": remark_of(change),
    }
    return Coming.model_validate(plain | more)


SINCE = "since 2026-03-02 09:00:00 by omar, until somebody resumes it: new disk"
UNTIL = "2026-03-02T18:00:00+03:00"
PAUSE = {"since": "2026-03-02T09:00:00+03:00", "until": None, "reason": "new disk", "by": "omar"}


def due(local: str, zone: str, **more: object) -> dict[str, object]:
    return {"at": local, "local": local, "zone": zone, "note": None} | more


def said(code: str, **values: str) -> Said:
    return SENTENCES[code](**values)


SENTENCES = {each.code: each for each in vars(paranad.schedule.coming).values() if isinstance(each, Sentence)}


def test_next_instants_are_shown_with_what_a_clock_change_does_and_the_rule(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "schedule/backup/next?count=2", coming())
    shown = ctl("schedule", "next", "backup", "--count", "2").out
    assert shown.startswith("backup: At 02:30, Europe/Berlin\n")
    assert "2027-03-27 02:30 CET +01:00" in shown
    assert "02:30 does not exist (the clock goes from 02:00 to 03:00): it runs at 03:00\n" in shown
    assert "the hour is fixed" in shown
    assert "changes next on 2027-03-28" in shown


def test_next_instants_of_one_that_does_not_run_say_so_and_are_shown(ctl: Ctl, daemon: StandIn) -> None:
    for more, says in (
        (
            {"paused": True, "pause": PAUSE},
            f"it is paused, {SINCE}\n",
        ),
        ({"paused": True, "pause": PAUSE}, "go on with: paranadctl schedule resume backup\nit would be due:\n"),
        ({"paused": True, "pause": PAUSE | {"until": UNTIL}}, "until 2026-03-02 18:00:00: new disk\n"),
        ({"paused": True, "pause": PAUSE | {"until": UNTIL}}, "after that it is due:\n"),
        (
            {"all_paused": PAUSE},
            f"everything is paused; {SINCE}\nit would be due:\n",
        ),
        ({"jitter": "5m"}, "delayed at random by up to 5m\n"),
        ({"enabled": False}, "it does not run, disabled; it would be due:"),
        ({"enabled": False, "off": "no table x"}, "it does not run, off: no table x; it would be due:"),
        ({"task_paused": True}, "its task is paused, so its jobs wait (go on with: paranadctl resume backup):"),
    ):
        daemon.answer("GET", "schedule/backup/next", coming(**more))
        shown = ctl("schedule", "next", "backup").out
        assert says in shown
        assert "2027-03-27 02:30" in shown


def test_one_that_is_never_due_again_says_so(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "schedule/backup/next", coming(items=[]))
    assert "it is not due again within a hundred years\n" in ctl("schedule", "next", "backup").out


def test_next_instants_of_all_are_in_order_and_a_paused_one_says_so(ctl: Ctl, daemon: StandIn) -> None:
    late = coming("late", items=[due("2027-03-28T03:00:00+02:00", "CEST")], paused=True)
    early = coming("early", items=[due("2027-01-01T00:00:00+00:00", "UTC")])
    daemon.answer("GET", "schedule/next", Items[Coming](items=[late, early]))
    lines = ctl("schedule", "next").out.splitlines()
    assert [["early", "2027-01-01", "00:00", "UTC"], ["late", "2027-03-28", "03:00", "CEST"]] == [
        line.split()[:4] for line in lines[1:3]
    ]
    assert lines[2].endswith("paused")
    daemon.answer("GET", "schedule/next", Items[Coming](items=[coming(all_paused=PAUSE)]))
    assert f"everything is paused; {SINCE}\n" in ctl("schedule", "next").out


def test_a_count_of_0_is_refused_before_anything_is_asked(ctl: Ctl) -> None:
    ran = ctl("schedule", "next", "--count", "0")
    assert (2, True) == (ran.code, 'expected a whole number from 1 to 100, got "0"' in ran.err)


def past(*outcomes: str, waiting: int = 0, dry_run: bool = False) -> Backfill:
    items = [
        {
            "occurrence": f"2027-03-{day:02}T23:00:00+03:00",
            "outcome": outcome,
            "job_id": 7 if outcome in {"ran", "failed"} else None,
        }
        for day, outcome in enumerate(outcomes, 1)
    ]
    return Backfill.model_validate(
        {"name": "report", "timezone": "Asia/Baghdad", "items": items, "waiting": waiting, "dry_run": dry_run}
    )


SPAN = ("schedule", "backfill", "report", "--from", "2027-03-01", "--to", "2027-03-14")


def test_few_occurrences_of_the_past_run_unasked_and_each_says_what_becomes_of_it(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "schedule/report/backfill", past("ran", "waits_already", "waits", "failed", waiting=2))
    assert ctl(*SPAN).out == (
        "2027-03-01 23:00 +03:00  ran before: job 7\n"
        "2027-03-02 23:00 +03:00  waits already\n"
        "2027-03-03 23:00 +03:00  runs\n"
        "2027-03-04 23:00 +03:00  failed: job 7; again: paranadctl retry 7\n"
        "they run one after another, beside the schedule; waiting: 2 occurrences\n"
        "those that have begun: paranadctl schedule history report\n"
        "to run no more: paranadctl schedule backfill report --stop\n"
    )
    assert [
        {"from": "2027-03-01", "to": "2027-03-14", "dry_run": True},
        {"from": "2027-03-01", "to": "2027-03-14"},
    ] == [asked for _, _, asked in daemon.asked]


def test_many_occurrences_of_the_past_are_not_run_where_nobody_can_be_asked(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "schedule/report/backfill", past(*["waits"] * 6))
    ran = ctl(*SPAN)
    assert (2, "if you are sure: add --yes" in ran.err, 1) == (ran.code, True, len(daemon.asked))
    assert 0 == ctl(*SPAN, "--yes").code
    assert 2 == len(daemon.asked)


def test_a_backfill_without_anything_new_answers_what_was_asked(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "schedule/report/backfill", past("ran"))
    assert ctl(*SPAN).out.endswith("nothing new to run\n")
    assert {"from": "2027-03-01", "to": "2027-03-14"} == daemon.asked[-1][2]
    daemon.answer("POST", "schedule/report/backfill", past())
    assert ctl(*SPAN).out == "it was due at no time between the two\n"


def test_a_backfill_is_stopped(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("DELETE", "schedule/report/backfill", BackfillStopped(name="report", dropped=3))
    assert ctl("schedule", "backfill", "report", "--stop").out == "report: will not run: 3 occurrences\n"
    daemon.answer("DELETE", "schedule/report/backfill", BackfillStopped(name="report", dropped=0))
    assert ctl("schedule", "backfill", "report", "--stop").out == "report: nothing of the past waits\n"


def test_a_backfill_needs_its_span_or_stop_alone(ctl: Ctl) -> None:
    for words in (("--from", "2027-03-01"), ("--to", "2027-03-01"), (), ("--stop", "--to", "2027-03-01")):
        ran = ctl("schedule", "backfill", "report", *words)
        assert (2, True) == (ran.code, "--stop alone" in ran.err)
