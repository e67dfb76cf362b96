"""`paranadctl tasks`: every task, and one of them."""

import json

from tests.cli.conftest import Ctl
from tests.support.answers import entry, task, tasks
from tests.support.control_stand_in import StandIn

SYNC = task(
    "alwaseet:sync-orders",
    summary="bring the courier's orders into the shop",
    args=[
        {"name": "status_id", "required": False, "default": None, "words": "only orders of this courier status"},
        {"name": "days", "required": False, "default": 60, "words": "for how many days"},
        {"name": "order_id", "required": True, "default": None, "words": "the shop's order"},
    ],
    timeout_s=300.0,
    one_per="filter",
    schedule=[],
)
BACKUP = task("backup", summary="runs /usr/local/bin/backup", command=["/usr/local/bin/backup", "a b"], tries=1)


def test_every_task_is_listed_with_what_it_does(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "tasks", tasks(SYNC, BACKUP))
    ran = ctl("tasks")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert "carts:expire" in lines[1]
    assert "release expired carts: guests' and empty ones" in lines[1]
    assert "runs /usr/local/bin/backup 'a b'" in lines[3]
    assert lines[-1] == "one with its arguments: paranadctl tasks NAME"


def test_a_paused_task_is_named_with_the_cure(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "tasks", tasks(task("carts:archive-expired", paused=True, due=2)))
    out = ctl("tasks").out
    assert "paused, release expired carts" in out
    assert "task carts:archive-expired is paused, 2 jobs due; since an earlier version" in out
    assert "go on with: paranadctl resume carts:archive-expired" in out


def test_one_task_is_shown_with_arguments_and_schedule(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "tasks", tasks(SYNC))
    daemon.answer("GET", "schedule", {"items": [entry().model_dump(mode="json")], "next_cursor": None})
    out = ctl("tasks", "alwaseet:sync-orders").out
    for words in ("one job a filter at a time", "5 min 00 s", "none: it is asked for", "only orders of this courier"):
        assert words in out
    assert "run it: paranadctl run alwaseet:sync-orders order_id=…" in out
    assert "Every minute" in ctl("tasks", "carts:expire").out


def test_unknown_task_is_told_the_nearest(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "tasks", tasks(SYNC))
    ran = ctl("tasks", "carts:expired")
    assert (ran.code, ran.out) == (4, "")
    assert 'unknown task "carts:expired"; did you mean "carts:expire"?' in ran.err
    assert 'unknown task "zzz"; known: ' in ctl("tasks", "zzz").err


def test_json_is_what_the_api_answered(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "tasks", tasks(SYNC))
    assert [each["name"] for each in json.loads(ctl("tasks", "--json").out)["items"]] == [
        "carts:expire",
        "alwaseet:sync-orders",
    ]
    assert json.loads(ctl("tasks", "carts:expire", "--json").out)["tries"] == 3
