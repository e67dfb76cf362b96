"""Every command ends with the documented code for every kind of refusal; the kind decides, never the words."""

from tests.cli.conftest import Ctl
from tests.support import answers
from tests.support.control_stand_in import StandIn

CODES = {
    "bad-arguments": (422, 2),
    "invalid": (422, 2),
    "unknown-task": (422, 4),
    "unknown-queue": (422, 4),
    "not-found": (404, 4),
    "not-permitted": (403, 5),
    "wrong-state": (409, 1),
    "unavailable": (503, 1),
    "state-full": (507, 1),
    "courier-refused": (502, 1),
    "nobody-knows-it": (422, 1),
}
ASKED = {
    "status": ("GET", "status"),
    "sync": ("POST", "sync"),
    "retry 3": ("POST", "jobs/3/retry"),
    "retry all": ("POST", "failed/retry"),
    "dispatch t --delay soon": ("POST", "jobs"),
    "dispatch t --queue q": ("POST", "jobs"),
    "run t x=1": ("POST", "jobs"),
    "run t --dry-run": ("POST", "tasks/t/dry-run"),
    "tasks": ("GET", "tasks"),
    "pause high": ("POST", "queues/high/pause"),
    "resume high": ("POST", "queues/high/resume"),
    "resume": ("POST", "resume"),
    "drain": ("POST", "drain"),
    "reload": ("POST", "reload"),
    "failed": ("GET", "jobs?limit=25&state=failed"),
    "failed forget 3": ("DELETE", "jobs/3"),
    "failed flush": ("DELETE", "failed"),
    "jobs": ("GET", "jobs?limit=25"),
    "jobs 3": ("GET", "jobs/3"),
    "jobs cancel 3": ("POST", "jobs/3/cancel"),
    "schedule": ("GET", "schedule"),
    "schedule run n": ("POST", "schedule/n/run"),
    "schedule pause n": ("POST", "schedule/n/pause"),
    "schedule resume n": ("POST", "schedule/n/resume"),
    "schedule history n": ("GET", "schedule/n/history?limit=25"),
    "shipments": ("GET", "shipments?limit=25"),
    "shipments 3": ("GET", "shipments/3"),
    "shipments reconcile": ("POST", "shipments/reconcile"),
}


def test_every_command_ends_as_the_kind_of_the_refusal_says(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs/3", answers.job(3))
    wrong = {}
    for typed, (method, target) in ASKED.items():
        for kind, (status, code) in CODES.items():
            daemon.answer("GET", "status", answers.status())
            daemon.answer("GET", "tasks", answers.tasks())
            daemon.answer("GET", "schedule", {"items": [], "next_cursor": None})
            daemon.refuse(method, target, status, kind, f"it is {kind}")
            ran = ctl(*typed.split())
            if (ran.code, f"it is {kind}" in ran.err) != (code, True):
                wrong[typed, kind] = ran
    assert {} == wrong


def test_what_is_typed_wrong_ends_with_2_before_the_daemon_is_asked(ctl: Ctl, daemon: StandIn) -> None:
    typed = [
        "statsu",
        "jobs show x",
        "jobs --limit 0",
        "jobs --state x",
        "retry",
        "dispatch",
        "run t x",
        "sync --date-from x",
    ]
    typed += ["--lang xx status", "status --socket", "jobs 3 4", "retry 3 --task t", "logs --level x"]
    assert dict.fromkeys(typed, 2) == {each: ctl(*each.split()).code for each in typed}
    assert [] == daemon.asked


ODD = {
    "{}": "lacks ",
    '{"items": [{}]}': "lacks ",
    "[]": "no JSON object",
    "": "no JSON object",
    "<html>": "no JSON object",
}


def test_answer_of_another_program_is_no_defect_of_paranadctl(ctl: Ctl, daemon: StandIn) -> None:
    wrong = {}
    targets = {"status": "status", "doctor": "doctor", "jobs": "jobs?limit=25", "schedule": "schedule"}
    for typed, target in targets.items():
        for body, why in ODD.items():
            daemon.answer("GET", target, body.encode())
            ran = ctl(typed)
            said = " ".join((ran.out + ran.err).split())
            if (ran.code, why in said, "not one of a paranad" in said) != (1, True, True) or "defect" in said:
                wrong[typed, body] = ran
    assert {} == wrong
