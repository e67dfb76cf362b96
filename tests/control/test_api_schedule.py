from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.events.event import Events
from paranad.schedule.cron import parse
from paranad.schedule.entries import Command, Entry
from paranad.tasks.sync import SyncOrders
from tests.support.clock import ManualClock
from tests.support.control import skip_carts

ENTRY = {
    "name": "carts:expire",
    "task": "carts:expire",
    "cron": "*/5 * * * *",
    "cron_words": "Every 5 minutes",
    "timezone": "Asia/Baghdad",
    "own_timezone": False,
    "enabled": True,
    "off": None,
    "why": None,
    "paused": False,
    "pause": None,
    "task_paused": False,
    "catch_up": "once",
    "catch_up_limit": None,
    "catch_up_window": None,
    "overlap": "skip",
    "jitter": None,
    "alert": True,
    "expect_within": None,
    "waiting": 0,
    "last": {
        "occurrence": "2026-03-02T12:05:00+03:00",
        "outcome": "skipped",
        "reason": "overlap: job 1 is unfinished",
        "why": {"code": "schedule.overlap", "values": {"id": 1}, "facts": {}, "text": "overlap: job 1 is unfinished"},
        "job_id": 1,
        "job_state": "available",
    },
    "last_job_state": "available",
    "next": "2026-03-02T12:10:00+03:00",
}


async def test_entries_are_listed_with_cron_in_words_last_and_next(
    api: httpx.AsyncClient, daemon: Daemon, clock: ManualClock
) -> None:
    await skip_carts(daemon, clock)
    answer = (await api.get("/v1/schedule")).json()
    assert answer["items"][0] == ENTRY
    assert answer["next_cursor"] is None


@pytest.mark.parametrize("name", ["carts:expire", "night/backup", "night%2Fbackup"])
async def test_an_entry_is_paused_and_resumed_by_name(api: httpx.AsyncClient, name: str) -> None:
    paused = (await api.post(f"/v1/schedule/{name}/pause")).json()
    assert (True, None) == (paused["paused"], paused["next"])
    assert (await api.post(f"/v1/schedule/{name}/resume")).json()["paused"] is False


async def test_run_now_answers_with_the_unfinished_job_where_there_is_one(api: httpx.AsyncClient) -> None:
    first = await api.post("/v1/schedule/carts:expire/run")
    second = await api.post("/v1/schedule/carts:expire/run")
    assert (201, {"id": 1, "duplicate": False}) == (first.status_code, first.json())
    assert (200, {"id": 1, "duplicate": True}) == (second.status_code, second.json())


async def test_history_tells_why_an_occurrence_was_skipped(
    api: httpx.AsyncClient, daemon: Daemon, clock: ManualClock
) -> None:
    await skip_carts(daemon, clock)
    answer = (await api.get("/v1/schedule/carts:expire/history", params={"limit": 1})).json()
    assert {"items": [ENTRY["last"]], "next_cursor": None} == answer


@pytest.mark.parametrize("what", ["run", "pause", "resume"])
async def test_an_unknown_entry_is_404(api: httpx.AsyncClient, what: str) -> None:
    answer = await api.post(f"/v1/schedule/carts:expird/{what}")
    assert (404, "not-found") == (answer.status_code, answer.json()["kind"])


async def test_entry_whose_task_is_paused_says_so(api: httpx.AsyncClient) -> None:
    await api.post("/v1/tasks/carts:expire/pause")
    items = (await api.get("/v1/schedule")).json()["items"]
    assert [True, False] == [each["task_paused"] for each in items]


async def test_the_next_instants_of_an_entry_are_shown_with_the_rule(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/v1/schedule/carts:expire/next", params={"count": 2})).json()
    assert ["2026-03-02T12:05:00+03:00", "2026-03-02T12:10:00+03:00"] == [each["at"] for each in answer["items"]]
    assert answer["items"][0]["zone"] == "+03"
    assert "follows the clock" in answer["rule"]
    assert "the clock of Asia/Baghdad does not change within a year" == answer["change_why"]["text"]


async def test_the_next_instants_of_all_are_listed_and_begin_where_they_are_asked_to(api: httpx.AsyncClient) -> None:
    items = (await api.get("/v1/schedule/next", params={"from": "2027-01-01"})).json()["items"]
    assert {"carts:expire": ["2027-01-01T00:00:00+03:00"]} == {
        each["name"]: [due["at"] for due in each["items"]] for each in items if each["name"] == "carts:expire"
    }


async def test_a_paused_entry_shows_when_it_would_be_due(api: httpx.AsyncClient) -> None:
    await api.post("/v1/schedule/carts:expire/pause")
    answer = (await api.get("/v1/schedule/carts:expire/next")).json()
    assert (True, 5) == (answer["paused"], len(answer["items"]))


@pytest.mark.parametrize("place", ["schedule/carts:expire/pause", "pause"])
async def test_an_entry_whose_pause_ends_shows_when_it_is_due_after_that(api: httpx.AsyncClient, place: str) -> None:
    await api.post(f"/v1/{place}", json={"until": "13:00", "reason": "new disk"})
    answer = (await api.get("/v1/schedule/carts:expire/next", params={"count": 1})).json()
    assert "2026-03-02T13:00:00+03:00" == answer["items"][0]["at"]
    pause = answer["pause" if answer["paused"] else "all_paused"]
    assert ("2026-03-02T13:00:00+03:00", "new disk") == (pause["until"], pause["reason"])


@pytest.mark.parametrize(
    ("query", "kind", "says"),
    [
        ({"count": "0"}, "invalid", "count"),
        ({"count": "101"}, "invalid", "count"),
        ({"from": "soon"}, "invalid", 'got "soon"'),
        ({"from": "9999-12-31"}, "invalid", "expected an instant from 1970-01-01"),
        ({"form": "2027-01-01"}, "invalid", 'did you mean "from"'),
    ],
    ids=["count of 0", "count too large", "from unreadable", "from far in the future", "misspelt"],
)
async def test_a_wrong_question_about_the_next_instants_says_what_would_be_right(
    api: httpx.AsyncClient, query: dict[str, str], kind: str, says: str
) -> None:
    answer = await api.get("/v1/schedule/carts:expire/next", params=query)
    assert (422, kind) == (answer.status_code, answer.json()["kind"])
    assert says in answer.json()["detail"]


async def test_the_next_instants_of_an_unknown_entry_are_404_with_the_near_miss(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/schedule/carts:expird/next")
    assert (404, True) == (answer.status_code, 'did you mean "carts:expire"' in answer.json()["detail"])


REPORT = Entry(
    "report", "report", parse("0 8 * * *", ZoneInfo("Asia/Baghdad")), command=Command(("/bin/echo", "{date}"))
)


@pytest.fixture
def report(daemon: Daemon, events: Events) -> None:
    """A command that is told its day."""
    daemon.parts.use_schedule(
        [REPORT, replace(REPORT, name="blind", task="blind", command=Command(("/bin/true",)))], events
    )


@pytest.mark.usefixtures("report")
async def test_occurrences_of_the_past_are_asked_for_once_and_stopped(api: httpx.AsyncClient, daemon: Daemon) -> None:
    body = {"from": "2026-02-27", "to": "2026-02-28"}
    tried = (await api.post("/v1/schedule/report/backfill", json=body | {"dry_run": True})).json()
    assert (["waits", "waits"], 0) == ([each["outcome"] for each in tried["items"]], tried["waiting"])
    asked = (await api.post("/v1/schedule/report/backfill", json=body)).json()
    assert (2, "2026-02-27T08:00:00+03:00") == (asked["waiting"], asked["items"][0]["occurrence"])
    assert 2 == (await api.get("/v1/schedule/report/next")).json()["backfill"]
    await daemon.parts.backfills.hand_out()
    again = (await api.post("/v1/schedule/report/backfill", json=body)).json()
    assert [("ran", 1), ("waits_already", None)] == [(each["outcome"], each["job_id"]) for each in again["items"]]
    job = (await api.get("/v1/jobs/1")).json()
    assert ({"occurrence": "2026-02-27T08:00:00+03:00"}, "operator") == (job["args"], job["origin"])
    [run] = (await api.get("/v1/schedule/report/history")).json()["items"]
    assert ("backfilled", "schedule.backfilled") == (run["reason"], run["why"]["code"])
    stopped = await api.delete("/v1/schedule/report/backfill")
    assert {"name": "report", "dropped": 1} == stopped.json()


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize(
    ("name", "body", "status", "says"),
    [
        (
            "blind",
            {"from": "2026-02-27", "to": "2026-02-28"},
            422,
            "let a word of its command hold {date} or {occurrence}",
        ),
        ("reprt", {"from": "2026-02-27", "to": "2026-02-28"}, 404, 'did you mean "report"'),
        ("report", {"from": "2026-02-28", "to": "2026-02-27"}, 422, "expected an instant before the end"),
        ("report", {"from": "2026-02-28", "to": "2099-02-27"}, 422, "expected an instant of the past"),
        ("report", {"from": "2026-02-28"}, 422, "to"),
        ("report", {"from": 20260228, "to": "2026-02-27"}, 422, "from"),
    ],
    ids=["takes no date", "unknown", "from after to", "to in the future", "to missing", "from a number"],
)
async def test_a_wrong_backfill_says_what_would_be_right(
    api: httpx.AsyncClient, name: str, body: dict[str, object], status: int, says: str
) -> None:
    answer = await api.post(f"/v1/schedule/{name}/backfill", json=body)
    assert status == answer.status_code
    assert says in answer.json()["detail"]


async def test_a_sync_of_the_past_syncs_the_orders_of_the_day(daemon: Daemon, events: Events) -> None:
    name = "alwaseet:sync-orders"
    task = SyncOrders(None, None, None, None, None)  # type: ignore[arg-type]  # nothing runs it
    daemon.parts.registry.replace([task])
    at = datetime(2026, 2, 27, 22, tzinfo=UTC).astimezone(ZoneInfo("Asia/Baghdad"))
    past, now = daemon.parts.registry.job_of_past(at, name, {}), daemon.parts.registry.job_at(at, name, {})
    assert ({"date_from": "2026-02-28", "date_to": "2026-02-28"}, {}) == (past.args, now.args)
