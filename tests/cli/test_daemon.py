from paranad.control.schemas import Claiming, QueueState
from tests.cli.conftest import Ctl
from tests.support.answers import status
from tests.support.control_stand_in import StandIn


def test_one_queue_is_paused_and_resumed(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "queues/high/pause", QueueState(name="high", paused=True))
    daemon.answer("POST", "queues/high/resume", QueueState(name="high", paused=False))
    assert ctl("pause", "high").out == "high is paused; go on with: paranadctl resume high\n"
    assert ctl("resume", "high").out == "high goes on\n"


def test_pause_alone_pauses_every_queue(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", status())
    for name in ("high", "default"):
        daemon.answer("POST", f"queues/{name}/pause", QueueState(name=name, paused=True))
    assert len(ctl("pause").out.splitlines()) == 2


def test_resume_alone_ends_pauses_and_drain(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "drain", Claiming(draining=True, paused=[]))
    daemon.answer("POST", "resume", Claiming(draining=False, paused=[]))
    assert "finishes what runs" in ctl("drain").out
    assert ctl("resume").out == "all queues go on\n"


def test_unknown_queue_fails_naming_the_known(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "queues/hihg/pause", 422, "unknown-queue", 'unknown queue "hihg"; did you mean "high"?')
    ran = ctl("pause", "hihg")
    assert (ran.code, ran.err) == (4, 'paranadctl: unknown queue "hihg"; did you mean "high"?\n')
