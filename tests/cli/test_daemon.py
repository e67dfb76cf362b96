import pytest

from paranad.control.schemas import Claiming, QueueState
from paranad.control.schemas_acts import TaskState
from tests.cli.conftest import Ctl
from tests.support.answers import entry, status, task, tasks
from tests.support.control_stand_in import StandIn


def test_one_queue_is_paused_and_resumed(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    daemon.answer("GET", "tasks", tasks())
    daemon.answer("POST", "queues/high/pause", QueueState(name="high", paused=True))
    daemon.answer("POST", "queues/high/resume", QueueState(name="high", paused=False))
    assert ctl("pause", "high").out == "high is paused; go on with: paranadctl resume high\n"
    assert ctl("resume", "high").out == "high was not paused\n"


def test_pause_alone_pauses_every_queue(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    for name in ("high", "default"):
        daemon.answer("POST", f"queues/{name}/pause", QueueState(name=name, paused=True))
    assert len(ctl("pause").out.splitlines()) == 2


def test_resume_alone_ends_pauses_and_drain(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "drain", Claiming(draining=True, paused=[]))
    daemon.answer("POST", "resume", Claiming(draining=False, paused=[]))
    assert "finishes what runs" in ctl("drain").out
    assert ctl("resume").out == "all queues, tasks and schedule entries go on\n"


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
        "task carts:expire is paused, 3 jobs due; go on with: paranadctl resume carts:expire\n"
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
        (False, "pause", "backup is paused; go on with: paranadctl resume backup\n"),
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
