import json
import re
from datetime import timedelta

import pytest

from paranad.cli.commands.status import screen, within
from paranad.cli.screen.blocks import Line
from paranad.cli.screen.say import say
from paranad.control.remarks import (
    NOTHING_DUE_NEXT,
    QUEUE_PAUSED,
    remarks_on_parcels,
    remarks_on_queues,
    remarks_on_recovered,
)
from paranad.control.schemas import Pause, remark_of
from tests.cli.conftest import Ctl
from tests.support import answers
from tests.support.answers import AT, bridge
from tests.support.control_stand_in import StandIn

PAUSE = Pause(since=AT, until=AT + timedelta(hours=2), reason="the courier moves", by="ali")


def test_status_of_a_daemon_at_rest(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", answers.status())
    ran = ctl("status")
    assert (ran.code, ran.err) == (0, "")
    for part in (
        "paranad 0.1.0 is ready, process 812",
        "0 of 10 workers busy",
        "12:00:00, job 4811 completed",
        "Orders\nevery order of the last 30 days has its shipment\n",
        "login ok",
        "worked here: no one else does",
    ):
        assert part in ran.out
    assert "Failed" not in ran.out


@pytest.mark.parametrize(
    ("special", "said"),
    [
        ({"notes": ["queue high is paused"]}, "! queue high is paused"),
        ({"queues": [answers.queue("high", paused=True)]}, "high   paused"),
        ({"store": {"healthy": False, "reason": "disk full"}}, "queue.db: disk full"),
        ({"shop": {"reachable": False, "reason": "no such file"}}, "database not reachable: no such file"),
        ({"shop": {"reachable": None, "reason": None}}, "database not asked yet"),
        (
            {"bridge": bridge(active=False, reason="someone else does")},
            "jobs table  not worked here: someone else does",
        ),
        (
            {"php": answers.php()},
            'PHP         [shop] php is "leave": what only PHP can work stays in the jobs table, nobody sends pushes',
        ),
        (
            {"php": answers.php(state="idle", mode="on-demand", reason="no row waits for PHP", status_notices="php")},
            "PHP         no row waits for PHP, the shop's listener sends pushes",
        ),
        (
            {
                "php": answers.php(
                    state="idle", mode="on-demand", status_notices="php", reason="no way", cure="write it"
                )
            },
            "PHP         no way, the shop's listener sends pushes only once a worker takes its rows",
        ),
        (
            {"php": answers.php(status_notices="php", reason="left")},
            "PHP         left, the shop's listener sends pushes only once a worker takes its rows",
        ),
        (
            {
                "php": answers.php(
                    state="asked",
                    reason="a worker is asked for since 12:00:00",
                    waiting=3,
                    by_class={"App\\Mail\\OrderShipped": 3},
                    oldest_due_at=AT,
                    reserved=1,
                    runs=2,
                    last_run_at=AT,
                )
            },
            "asked for since 12:00:00, due since 2026-03-02 12:00:00: App\\Mail\\OrderShipped 3, with a worker: 1 row",
        ),
        ({"schedule": []}, "Schedule\nempty"),
        (
            {"orders": {"without_shipment": 3, "oldest_at": AT, "known": True, "automatic": True}},
            "3 orders of the last 30 days without a shipment; the oldest was made",
        ),
        (
            {"orders": {"without_shipment": 1, "oldest_at": AT, "known": True, "automatic": False}},
            "1 order of the last 30 days without a shipment; the shop sends none by itself",
        ),
        (
            {"orders": {"without_shipment": None, "oldest_at": None, "known": False, "automatic": None}},
            "whether every order has its shipment is unknown",
        ),
        ({"schedule": [answers.entry(paused=True)]}, "paused ones go on with: paranadctl schedule resume"),
        (
            {"schedule": [answers.entry(paused=True, pause=PAUSE)]},
            "carts:expire is paused; since 2026-03-02 12:00:00 by ali, until 2026-03-02 14:00:00: the courier moves\n",
        ),
        ({"pause": PAUSE, "queues": [answers.queue("high")]}, "high   paused"),
        ({"schedule": [answers.entry(enabled=False)]}, "disabled"),
        ({"schedule": [answers.entry(last=None)]}, "carts:expire  -"),
        ({"schedule": [answers.entry(last_job_state=None)]}, "job 4811 pruned"),
        ({"shipments": {"intended": 1, "created": 2, "held": 0, "needs_person": []}}, "1 intended, 2 created"),
        (
            {"shipments": {"intended": 0, "created": 0, "held": 1, "needs_person": [318]}},
            "order 318 needs a person: paranadctl shipments show 318",
        ),
        (
            {"shipments": {"intended": 0, "created": 0, "held": 40, "needs_person": list(range(1, 41))}},
            "order 10 needs a person: paranadctl shipments show 10\nthe others: paranadctl shipments list --state held",
        ),
    ],
)
def test_status_says_what_is_out_of_the_ordinary(
    ctl: Ctl, daemon: StandIn, special: dict[str, object], said: str
) -> None:
    daemon.answer("GET", "status", answers.status(**special))
    assert said in ctl("status").out


def test_status_says_that_what_ran_when_a_daemon_died_starts_one_at_a_time() -> None:
    (said,) = remarks_on_recovered("ready", 2)
    assert str(said).endswith("start one at a time, so that one that ends it is known; waiting: 2 jobs")
    assert [] == [*remarks_on_recovered("ready", 0), *remarks_on_recovered("draining", 2)]


def test_status_says_that_a_queue_is_at_its_limit(ctl: Ctl, daemon: StandIn) -> None:
    """In words above, and in its row."""
    queues = [answers.queue("high", available=9, running=6, limit=6), answers.queue("default", running=2, limit=4)]
    status = answers.status(queues=queues)
    remarks = list(remarks_on_queues(status))
    status = status.model_copy(
        update={"notes": [str(each) for each in remarks], "remarks": list(map(remark_of, remarks))}
    )
    daemon.answer("GET", "status", status)
    shown = ctl("status").out
    assert "queue high is at its limit, 6 of 6 jobs; due and waiting for one to end: 9 jobs\n" in shown
    assert re.search("high +open +9 +6 of 6 ", shown)
    assert re.search("default +open +0 +2 of 4 ", shown)
    assert "الطابور high بلغ حدّه (6 من 6)؛ والمستحق المنتظر: 9" in ctl("status", "--lang", "ar").out


def test_status_shows_progress(ctl: Ctl, daemon: StandIn) -> None:
    plain = {"id": 3, "task": "alwaseet:sync-orders", "queue": "default", "attempt": 1, "started_at": AT}
    progress = [{"done": 5, "total": 20}, {"done": 5, "total": None}, None]
    daemon.answer("GET", "status", answers.status(running=[plain | {"progress": each} for each in progress]))
    shown = ctl("status").out
    assert "[#####...............] 5 of 20\n" in shown
    assert "5 done\n" in shown


def test_status_shows_what_failed_last_and_how_to_go_on(ctl: Ctl, daemon: StandIn) -> None:
    last = {"id": 12, "task": "carts:expire", "error": "it broke", "finished_at": AT}
    daemon.answer("GET", "status", answers.status(failed={"count": 7, "last": [last]}))
    shown = ctl("status").out
    assert "Failed (7)" in shown
    assert "it broke\nwhy: paranadctl failed show ID    again: paranadctl retry ID" in shown


def test_status_shows_the_courier_and_the_last_sync(ctl: Ctl, daemon: StandIn) -> None:
    limiter = {"used": 28, "limit": 28, "window_s": 30.0, "waiting": 4, "closed_until": None}
    last = {"at": AT, "type": "automatic", "status": "completed", "created": 3, "updated": 14, "failed": 1}
    courier = {"limiter": limiter, "login": "refused", "reason": "wrong password"}
    daemon.answer("GET", "status", answers.status(courier=courier, last_sync=last))
    shown = ctl("status").out
    assert "login refused: wrong password; 28 of 28 requests in 30 s, 4 jobs wait for a slot" in shown
    assert "12:00:00, automatic, completed: created 3, updated 14, failed 1" in shown


def test_status_says_unknown_where_the_shop_could_not_be_asked_for_its_last_sync(ctl: Ctl, daemon: StandIn) -> None:
    for known, words in ((True, "none yet"), (False, "unknown: the shop's database does not say")):
        daemon.answer("GET", "status", answers.status(last_sync_known=known))
        [line] = [line for line in ctl("status").out.splitlines() if line.startswith("last sync")]
        assert line.endswith(words)


def test_status_says_when_the_courier_asked_to_wait(ctl: Ctl, daemon: StandIn) -> None:
    limiter = {"used": 0, "limit": 28, "window_s": 30.0, "waiting": 0, "closed_until": AT}
    daemon.answer("GET", "status", answers.status(courier={"limiter": limiter, "login": "unknown", "reason": None}))
    assert re.search(r"asked us to wait until [\d: -]+; 0 of 28", ctl("status").out)


def test_status_says_that_the_courier_s_door_is_closed_since_when_and_when_it_is_asked_again(
    ctl: Ctl, daemon: StandIn
) -> None:
    limiter = {"used": 0, "limit": 28, "window_s": 30.0, "waiting": 0, "closed_until": None}
    door = {"state": "closed", "since": AT, "next_try_at": AT, "reason": "no answer in time"}
    courier = {"limiter": limiter, "door": door, "login": "ok", "reason": None}
    daemon.answer("GET", "status", answers.status(courier=courier))
    shown = " ".join(ctl("status").out.split())
    assert re.search(r"no order is sent, since .+; asked again .+; 0 of 28", shown)
    door |= {"state": "one_order", "next_try_at": None}
    daemon.answer("GET", "status", answers.status(courier=courier | {"door": door}))
    assert "answers again: one order is sent first; 0 of 28" in " ".join(ctl("status").out.split())


def test_json_is_what_the_api_answered(ctl: Ctl, daemon: StandIn) -> None:
    answer = answers.status(notes=["بدون \x9b \x1b \u202e \u2067"]).model_dump(mode="json") | {
        "later": {"field": [1, 2.5, None]}
    }
    daemon.answer("GET", "status", answer)
    shown = ctl("status", "--json").out
    assert json.loads(shown) == answer
    assert "بدون" in shown
    assert not {"\x9b", "\x1b", "\u202e", "\u2067"} & set(shown)
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    "typed", ["queue:monitor", "queue:work database --tries=3 --sleep=3", "schedule:run", "schedule:work"]
)
def test_artisan_spelling_is_answered_with_the_daemons_state(ctl: Ctl, daemon: StandIn, typed: str) -> None:
    daemon.answer("GET", "status", answers.status(notes=["queue high is paused"]))
    ran = ctl(*typed.split())
    assert ran.code == 0
    assert "paranad 0.1.0 is ready" in ran.out
    assert "queue high is paused" in ran.out


def test_orders_without_a_shipment_are_named_and_until_when_they_wait(ctl: Ctl, daemon: StandIn) -> None:
    counts = {"intended": 0, "created": 0, "held": 0, "needs_person": []}
    daemon.answer("GET", "status", answers.status(shipments=counts))
    assert "every one that was begun is recorded, and none waits or failed" in ctl("status").out
    more = {"withdrawn": 2, "waiting": 3, "next_at": AT, "failed": 1}
    daemon.answer("GET", "status", answers.status(shipments=counts | more))
    shown = ctl("status").out
    assert "every one that was begun" not in shown
    assert "12:00:00: paranadctl jobs --task alwaseet:create-shipment\n" in shown
    assert "not taken by the courier, 2 shipments: paranadctl shipments list --state withdrawn\n" in shown
    for waiting_for, words in (("pause", "after the pause"), ("courier", "when the courier answers")):
        held_up = counts | {"waiting": 3, "next_at": None, "waiting_for": waiting_for}
        daemon.answer("GET", "status", answers.status(shipments=held_up))
        assert f"waiting to be sent, {words}, 3 jobs: paranadctl jobs --task" in " ".join(ctl("status").out.split())
    assert "because it failed, 1 job: paranadctl failed --task alwaseet:create-shipment\n" in shown


def test_only_what_needs_a_look_is_marked(ctl: Ctl, daemon: StandIn) -> None:
    remarks = [
        remark_of(NOTHING_DUE_NEXT(entry="carts:expire", at="12:00")),
        remark_of(QUEUE_PAUSED(queue="high", waiting="1 job due", pause="since 12:00 by ali")),
    ]
    daemon.answer("GET", "status", answers.status(notes=[each.text for each in remarks], remarks=remarks))
    shown = ctl("status").out
    assert "\nnothing is due; next: carts:expire at 12:00\n! queue high is paused" in shown


def test_last_sync_is_unknown_while_the_shop_cannot_be_asked(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", answers.status(last_sync_known=False))
    assert "last sync   unknown: the shop's database does not say" in ctl("status").out
    daemon.answer("GET", "status", answers.status())
    assert "last sync   none yet" in ctl("status").out


def test_watch_in_a_low_window_counts_the_entries_and_shows_what_stands_below_them() -> None:
    entries = [answers.entry(f"e{number}").model_dump(mode="json") for number in range(11)]
    shown = answers.status().model_dump(mode="json") | {"schedule": entries}
    at = AT
    low, high = within(shown, at, 24), within(shown, at, 60)
    assert say("entries of the schedule, {count}: paranadctl schedule", count=11) in [
        block.text for block in low if isinstance(block, Line)
    ]
    assert len([*screen(shown, at)]) == len(high)
    assert low[-1] == high[-1]


def test_parcels_that_need_a_person_are_counted() -> None:
    (said,) = remarks_on_parcels([2, 0, 5])
    assert "parcels that need a person: 7; which, and why: paranadctl parcels" == str(said)
    assert [] == [*remarks_on_parcels([0]), *remarks_on_parcels([])]
