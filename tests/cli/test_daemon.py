import json
from datetime import timedelta

import pytest

from paranad.control.pauses import FOR_NOTHING
from paranad.control.schemas import Pause, QueueState
from paranad.control.schemas_acts import Claiming, MissedEntry, Stop, StoppedJob, TaskState
from tests.cli.conftest import Ctl
from tests.support.answers import AT, entry, queue, status, task, tasks, works
from tests.support.control_stand_in import StandIn

PAUSE = Pause(since=AT, until=AT + timedelta(hours=2), reason="the courier moves", by="ali")
HOW_LONG = "since 2026-03-02 12:00:00 by ali, until 2026-03-02 14:00:00: the courier moves"


def test_one_queue_is_paused_and_resumed(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "queues/high/pause", QueueState(name="high", paused=True, pause=PAUSE))
    daemon.answer("POST", "queues/high/resume", QueueState(name="high", paused=False))
    words = ["pause", "high", "--for", "2h", "--reason", "the courier moves"]
    assert ctl(*words).out == (f"high is paused\n{HOW_LONG}\ngo on with: paranadctl resume high\n")
    assert ("POST", "queues/high/pause", {"for": "2h", "reason": "the courier moves"}) in daemon.asked
    assert ctl("resume", "high").out == "high was not paused\n"


def test_pausing_what_is_paused_says_that_the_new_end_holds(ctl: Ctl, daemon: StandIn) -> None:
    schedule = [entry(paused=True)]
    daemon.answer("GET", "status", status(queues=[queue("high", paused=True)], pause=PAUSE, schedule=schedule))
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "queues/high/pause", QueueState(name="high", paused=True, pause=PAUSE))
    daemon.answer("POST", "pause", Claiming(draining=False, paused=[], pause=PAUSE))
    daemon.answer("POST", "schedule/carts:expire/pause", entry(paused=True, pause=PAUSE))
    for typed in ("pause high", "pause", "schedule pause carts:expire"):
        assert "it was paused already; the end and the reason are now these\n" in ctl(*typed.split()).out


def test_pause_among_several_machines_says_that_it_holds_on_this_one(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(queues=[queue("high")], standby=works()))
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "queues/high/pause", QueueState(name="high", paused=True, pause=PAUSE))
    daemon.answer("POST", "schedule/carts:expire/pause", entry(paused=True, pause=PAUSE))
    daemon.answer("POST", "pause", Claiming(draining=False, paused=[], pause=PAUSE))
    for typed in ("pause high", "pause", "schedule pause carts:expire"):
        assert "on this machine alone: another that takes over does not know of it\n" == ctl(*typed.split()).err


def test_pause_alone_pauses_everything(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    daemon.answer("POST", "pause", Claiming(draining=False, paused=[], pause=PAUSE))
    assert ctl("pause", "--until", "14:00").out == (
        f"everything is paused\n{HOW_LONG}\n"
        "what runs ends; new jobs are stored and wait; what the schedule brings is skipped\n"
        "go on with: paranadctl resume\n"
    )
    assert ("POST", "pause", {"until": "14:00"}) in daemon.asked


def test_resuming_one_queue_says_that_everything_is_paused_all_the_same(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(queues=[queue("high", paused=True)], pause=PAUSE))
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "queues/high/resume", QueueState(name="high", paused=False))
    ran = ctl("resume", "high")
    assert ("queue high goes on\n", True) == (ran.out, "everything is paused all the same" in ran.err)


def test_pause_of_an_entry_that_is_gone_ends_by_its_name(ctl: Ctl, daemon: StandIn) -> None:
    gone = {"name": "old:backup", "pause": PAUSE.model_dump(mode="json")}
    daemon.answer("GET", "status", status(gone_entries=[gone]))
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "schedule/old:backup/resume", gone)
    assert ctl("resume", "old:backup").out == "schedule entry old:backup goes on\n"
    forgotten = "old:backup is forgotten: the configuration no longer has it\n"
    assert ctl("schedule", "resume", "old:backup").out == forgotten


def test_resume_alone_ends_pauses_and_drain(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "drain", Claiming(draining=True, paused=[]))
    daemon.answer("POST", "resume", Claiming(draining=False, paused=[]))
    daemon.answer("GET", "status", status(queues=[queue("high", paused=True)]))
    assert "finishes what runs" in ctl("drain").out
    assert ctl("resume").out == "all queues, tasks and schedule entries go on\n"


def test_resume_says_that_nothing_was_paused(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "resume", Claiming(draining=False, paused=[]))
    daemon.answer("GET", "status", status())
    assert ctl("resume").out == "nothing was paused\n"


def test_pause_of_a_queue_says_what_waits_in_it_due_or_not(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(queues=[queue("high", available=1, scheduled=2, retryable=3)]))
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "queues/high/pause", QueueState(name="high", paused=True))
    assert "high is paused\n1 job due, 5 for later\n" in ctl("pause", "high").out


@pytest.mark.parametrize("word", ["pause", "resume"])
def test_unknown_name_fails_naming_the_nearest_or_all(ctl: Ctl, daemon: StandIn, word: str) -> None:
    daemon.answer("GET", "status", status())
    daemon.answer("GET", "tasks", tasks())

    ran = ctl(word, "hihg")
    assert (ran.code, ran.err.splitlines()[0]) == (
        4,
        'paranadctl: no queue, task or schedule entry is called "hihg"; did you mean "high"?',
    )
    ran = ctl(word, "zzz")
    known = "; queues: high, default; paranadctl tasks and paranadctl schedule list the others"
    said = f'paranadctl: no queue, task or schedule entry is called "zzz"{known}'
    assert (ran.code, ran.err.splitlines()[0]) == (4, said)


def test_a_task_is_paused_and_resumed(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "tasks/carts:expire/pause", TaskState(name="carts:expire", paused=True, due=3))
    daemon.answer("POST", "tasks/carts:expire/resume", TaskState(name="carts:expire", paused=False, due=0))
    assert ctl("pause", "carts:expire").out == (
        "task carts:expire is paused, 3 jobs due\ngo on with: paranadctl resume carts:expire\n"
        "its schedule entry still enqueues; to pause that alone: paranadctl schedule pause carts:expire\n"
    )
    daemon.answer("GET", "status", status(paused_tasks=[{"name": "carts:expire", "due": 3}]))
    assert ctl("resume", "carts:expire").out == "task carts:expire goes on\n"


def test_resume_ends_every_pause_of_a_name(ctl: Ctl, daemon: StandIn) -> None:
    paused = status(paused_tasks=[{"name": "carts:expire", "due": 0}], schedule=[entry(paused=True)])
    daemon.answer("GET", "status", paused)
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "tasks/carts:expire/resume", TaskState(name="carts:expire", paused=False, due=0))
    daemon.answer("POST", "schedule/carts:expire/resume", entry())
    assert ctl("resume", "carts:expire").out == "task carts:expire goes on\nschedule entry carts:expire goes on\n"


def test_an_entry_that_no_task_is_called_is_paused_and_goes_on(ctl: Ctl, daemon: StandIn) -> None:
    for paused, word, said in (
        (False, "pause", "backup is paused\ngo on with: paranadctl resume backup\n"),
        (True, "resume", "schedule entry backup goes on\n"),
    ):
        daemon.answer("GET", "status", status(schedule=[entry("backup", paused=paused)]))
        daemon.answer("GET", "tasks", tasks())
        daemon.answer("POST", f"schedule/backup/{word}", entry("backup"))
        assert ctl(word, "backup").out == said


def test_a_paused_task_that_is_no_longer_known_goes_on(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status(paused_tasks=[{"name": "backup", "due": 1}]))
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "tasks/backup/resume", TaskState(name="backup", paused=False, due=0))
    assert ctl("resume", "backup").out == "task backup goes on\n"


def test_a_name_of_a_queue_and_a_task_is_asked_back(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    daemon.answer("GET", "tasks", tasks(task("high")))
    ran = ctl("pause", "high")
    assert (ran.code, 'a queue and a task are both called "high"' in ran.err) == (2, True)


def test_problem_of_an_option_names_the_option(ctl: Ctl, daemon: StandIn) -> None:
    said = FOR_NOTHING(name="for", got="0s")
    daemon.refuse("POST", "alerts/shipment-held/mute", 422, "invalid", said)
    mute = "alerts", "mute", "shipment-held"
    for typed in (("--for", "0s"), ("--for=0s",)):
        assert ctl(*mute, *typed).err.startswith("paranadctl: --for: expected more than no time, got 0s\n")
    assert "--for: المتوقع مدة أطول من لا شيء" in ctl(*mute, "--for", "0s", "--lang", "ar").err
    assert said.text == json.loads(ctl(*mute, "--for", "0s", "--json").err)["detail"]


def test_dry_run_of_a_drain_tells_what_a_stop_would_do_and_drains_nothing(ctl: Ctl, daemon: StandIn) -> None:
    brief = {"queue": "default", "order_id": None, "started_at": AT}
    running = [
        StoppedJob(id=7, task="alwaseet:create-shipment", time_left_s=80, fate="awaited", **brief),
        StoppedJob(id=8, task="carts:expire", time_left_s=12, fate="ends", **brief),
        StoppedJob(id=9, task="night/backup", time_left_s=600, fate="cut", **brief),
        StoppedJob(id=10, task="alwaseet:sync-orders", time_left_s=290, fate="handed_back", **brief),
    ]
    missed = [
        MissedEntry(name="carts:expire", occurrences=1, first_at=AT, catch_up="once"),
        MissedEntry(name="night/backup", occurrences=2, first_at=AT, catch_up="skip"),
    ]
    stop = Stop(drain_timeout_s=60, away_s=60, running=running, due=1, later=3, missed=missed)
    daemon.answer("GET", "drain", stop)
    shown = ctl("drain", "--dry-run").out
    for said in (
        "wait up to 1 min 00 s",
        "a create-order request is under way",
        "at its own timeout in 12.0 s",
        "its program is ended",
        "it is handed back",
        "1 job due, 3 for later: they stay stored",
        "the latest is made up for at the start",
        "2 occurrences in all, left out if the daemon is away",
    ):
        assert said in shown
    assert not shown.startswith("\n")
    assert all(asked[0] == "GET" for asked in daemon.asked)
    assert "المهمة" not in shown
    assert "تُنتظر مهما طالت" in ctl("drain", "--dry-run", "--lang", "ar").out
    assert 600 == json.loads(ctl("drain", "--dry-run", "--json").out)["running"][2]["time_left_s"]


def test_dry_run_of_a_drain_while_nothing_runs(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "drain", Stop(drain_timeout_s=60, away_s=60, running=[], due=0, later=0, missed=[]))
    shown = ctl("drain", "--dry-run").out
    assert "nothing runs: it would end at once" in shown
    assert "nothing of the schedule is due meanwhile" in shown
