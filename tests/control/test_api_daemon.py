import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import to_thread
from sqlalchemy import insert

from paranad.clock import to_us
from paranad.configuration.load import read_settings
from paranad.control import schemas_doctor, schemas_status
from paranad.control.api import create_app
from paranad.control.client import ControlClient
from paranad.control.daemon import Daemon
from paranad.control.remarks import remarks_on, remarks_on_waiting
from paranad.control.status import build_status
from paranad.control.stream import Stream
from paranad.courier.answers import NEITHER
from paranad.courier.breaker import OUTAGES
from paranad.errors import ConfigurationError
from paranad.events.daemon import ControlFailed
from paranad.events.event import Event
from paranad.events.schedule import ScheduleNextChanged
from paranad.queue.model import Job, Outcome
from paranad.said import plain
from paranad.shop.tables import jobs
from paranad.store.backup import COPIED_AT
from paranad.tasks.task import Context
from tests.support.clock import START, ManualClock
from tests.support.control import BAGHDAD, ME, Serve, done, working
from tests.support.findings import seen
from tests.support.payloads import payload_of
from tests.support.tasks import FunctionTask

CARTS = {"task": "carts:expire"}
MAIL_ROW = {
    "queue": "default",
    "payload": payload_of("Illuminate\\Mail\\SendQueuedMailable", "O:1:{}", displayName="App\\Mail\\OrderShipped"),
    "attempts": 0,
    "created_at": 0,
}


UNREADABLE = schemas_status.UnreadableRow(uuid="4f1c", reason="order_id: 0")
BRIDGE = {"active": True, "reason": "no one else does"}
BRIDGE_OFF = {"mode": "off", "active": False}


async def notes(api: httpx.AsyncClient) -> list[str]:
    said: list[str] = (await api.get("/v1/status")).json()["notes"]
    return said


async def test_health_is_200_when_ready(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/health")
    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())


async def test_health_is_503_with_the_reason(api: httpx.AsyncClient, daemon: Daemon) -> None:
    daemon.state = "starting"
    answer = await api.get("/v1/health")
    assert (503, "the daemon is starting") == (answer.status_code, answer.json()["detail"])


async def test_doctor_gives_what_the_daemon_found(
    api: httpx.AsyncClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = schemas_doctor.Doctor(items=[seen("disk-roomy", free="3 GiB", folder="/var/lib/paranad")])

    async def doctor() -> schemas_doctor.Doctor:
        return found

    monkeypatch.setattr(daemon, "doctor", doctor)
    assert found == schemas_doctor.Doctor.model_validate((await api.get("/v1/doctor")).json())


async def test_fastapi_hands_no_request_to_a_tracer(
    daemon: Daemon, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself it would, as soon as the environment says so or another library sets a tracer up."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setattr("fastapi.telemetry._asgi._unconfigured", lambda _: False)
    app = create_app(daemon, stream)
    assert (False, False) == (app._native_telemetry.enabled(), app._telemetry["auto_configure"])


@pytest.mark.usefixtures("held")
async def test_status_tells_everything_at_once(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=[CARTS, {"task": "alwaseet:create-shipment", "args": {"order_id": 1}, "delay": 9}])
    status = (await api.get("/v1/status")).json()
    states = dict.fromkeys(("available", "set_apart", "running", "scheduled", "retryable", "failed"), 0)
    empty: dict[str, object] = {"paused": False, "pause": None, "limit": None, **states}
    assert [{"name": "high", **empty, "scheduled": 1}, {"name": "default", **empty, "available": 1}] == status["queues"]
    counts = {"intended": 0, "created": 0, "held": 1, "withdrawn": 0, "waiting": 1, "failed": 0, "needs_person": [500]}
    due = {"next_at": "2026-03-02T12:00:09+03:00", "waiting_for": None, "restored_from": None}
    assert {**counts, **due} == status["shipments"]
    assert ["carts:expire", "night/backup"] == [entry["name"] for entry in status["schedule"]]
    assert {"count": 0, "last": []} == status["failed"]
    assert status["workers"] == 10


@pytest.mark.parametrize(
    ("paused", "outages", "expected"),
    [
        (None, 0, (2, None, "2026-03-02T12:00:00+03:00")),
        ("/v1/tasks/alwaseet:create-shipment/pause", 0, (2, "pause", None)),
        ("/v1/queues/high/pause", OUTAGES, (2, "pause", None)),
        ("/v1/pause", 0, (2, "pause", None)),
        (None, OUTAGES, (2, "courier", None)),
    ],
)
async def test_shipments_that_wait_are_counted_due_or_not_with_what_all_of_them_wait_for(
    api: httpx.AsyncClient,
    daemon: Daemon,
    paused: str | None,
    outages: int,
    expected: tuple[int, str | None, str | None],
) -> None:
    send = {"task": "alwaseet:create-shipment", "args": {"order_id": 1}}
    await api.post("/v1/jobs", json=[send, {**send, "args": {"order_id": 2}, "delay": 9}])
    for number in range(outages):
        daemon.parts.courier.breaker.lost(f"job:{number}", NEITHER(), is_order=True)
    if paused:
        await api.post(paused)
    shipments = (await api.get("/v1/status")).json()["shipments"]

    assert expected == (shipments["waiting"], shipments["waiting_for"], shipments["next_at"])


async def test_notes_say_that_nothing_is_due(api: httpx.AsyncClient) -> None:
    assert "nothing is due; next: carts:expire at 2026-03-02 12:05" in await notes(api)


async def test_notes_say_that_a_restored_queue_db_sends_nothing_and_the_cure(
    api: httpx.AsyncClient, daemon: Daemon
) -> None:
    await daemon.parts.store.values.put(COPIED_AT, to_us(START))
    [note] = [note for note in await notes(api) if "restored from a copy of 2026-03-02 12:00" in note]
    assert note.endswith("paranadctl shipments reconcile")
    shipments = (await api.get("/v1/status")).json()["shipments"]
    assert "2026-03-02T12:00:00+03:00" == shipments["restored_from"]


async def test_notes_name_a_paused_queue_and_the_cure(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=[CARTS, {"task": "promotions:expire", "delay": "2h"}])
    await api.post("/v1/queues/default/pause")
    paused = f"queue default is paused, 1 job due, 1 for later; since 12:00 by {ME}, until somebody resumes it; "
    assert f"{paused}to go on: paranadctl resume default" in await notes(api)


async def test_notes_name_paused_entries_and_none_whose_task_is_paused_comes_next(api: httpx.AsyncClient) -> None:
    [coming] = [note for note in await notes(api) if note.startswith("nothing is due; next: ")]
    name = coming.removeprefix("nothing is due; next: ").partition(" at ")[0]
    await api.post(f"/v1/tasks/{name}/pause")
    assert not any(f"next: {name} " in note for note in await notes(api))
    await api.post(f"/v1/schedule/{name}/pause")
    paused = f"schedule entry {name} is paused, so not enqueued; since 12:00 by {ME}, until somebody resumes it; "
    assert f"{paused}to go on: paranadctl schedule resume {name}" in await notes(api)


async def notes_if(daemon: Daemon, about: str, **changed: Any) -> list[str]:
    """Return the notes on the status of *daemon*, if what it says *about* one thing were changed."""
    status = await build_status(daemon)
    thing = getattr(status, about).model_copy(update=changed)
    remarks = remarks_on(status.model_copy(update={about: thing}), daemon.parts.store.watch.last_look, START)
    return [each.text for each in remarks]


@pytest.mark.parametrize(
    ("about", "fact", "words"),
    [
        ("daemon", {"state": "draining"}, "the daemon drains"),
        ("daemon", {"state": "starting"}, "the daemon starts"),
        ("daemon", {"state": "stopping"}, "the daemon stops"),
        ("store", {"healthy": False, "reason": "disk full"}, "queue.db cannot be written"),
        (
            "php",
            {"notices_refused": 'no table "jobs"'},
            'sends pushes, so a changed status is told by rows alone: no table "j',
        ),
        ("php", {"waiting": 2, "reason": "it is late", "why": None, "cure": "look"}, "PHP, 2 rows: it is late; look"),
        ("shop", {"reachable": False, "reason": "no such file"}, "does not answer, so its tasks wait: no such"),
        ("courier", {"login": "refused"}, "the courier refuses the login"),
        (
            "bridge",
            {"active": False, "reason": "someone else does", "why": None},
            "the shop's jobs table is not worked here: someone else does",
        ),
        (
            "bridge",
            BRIDGE | {"left": {"App\\Jobs\\SendNewsletterJob": 2}},
            "left for a PHP worker in the shop's jobs table, 2 rows: App\\Jobs\\SendNewsletterJob",
        ),
        (
            "bridge",
            BRIDGE | {"unreadable": 2, "last_unreadable": UNREADABLE},
            "because it cannot be read, 2 rows; the last, 4f1c: order_id: 0; in the shop: php artisan queue:failed",
        ),
        (
            "bridge",
            BRIDGE_OFF | {"unreadable": 1, "last_unreadable": UNREADABLE},
            "because it cannot be read, 1 row; the last, 4f1c",
        ),
        (
            "bridge",
            BRIDGE_OFF | {"trouble": "no such table"},
            "failed jobs cannot be given back to the shop's failed_jobs, and this is tried again: no such table",
        ),
    ],
)
async def test_notes_say_what_keeps_jobs_waiting(daemon: Daemon, about: str, fact: dict[str, Any], words: str) -> None:
    assert any(words in note for note in await notes_if(daemon, about, **fact))


def test_notes_say_what_snoozed_jobs_wait_for_the_most_frequent_first() -> None:
    waiting = [("the list will tell", 90_000), ("ask AlWaseet", 60), ("ask AlWaseet", 30)]
    remarks = remarks_on_waiting([(plain(reason), START + timedelta(seconds=s)) for reason, s in waiting], START)
    assert [
        f"snoozed for this reason, 2 jobs, the first until {START + timedelta(seconds=30):%H:%M:%S}: ask AlWaseet",
        f"snoozed for this reason, 1 job, the first until {START + timedelta(hours=25):%F %T}: the list will tell",
    ] == [each.text for each in remarks]


@pytest.mark.parametrize(
    ("closed_until", "words"),
    [
        (START.astimezone(BAGHDAD) + timedelta(seconds=30), "no request before 12:00:30; waiting for that: 4 jobs"),
        (None, "limit of 28 requests: 4 jobs"),
    ],
)
async def test_notes_say_that_the_limiter_is_closed(daemon: Daemon, closed_until: datetime | None, words: str) -> None:
    limiter = (await build_status(daemon)).courier.limiter
    closed = limiter.model_copy(update={"waiting": 4, "closed_until": closed_until})
    assert any(words in note for note in await notes_if(daemon, "courier", limiter=closed))


async def test_status_says_how_the_courier_s_door_stands(daemon: Daemon) -> None:
    breaker = daemon.parts.courier.breaker

    async def door() -> tuple[dict[str, Any], list[str]]:
        status = (await build_status(daemon)).model_dump(mode="json")
        return status["courier"]["door"], [each["code"] for each in status["remarks"]]

    shown, _ = await door()
    assert {"state": "open", "since": None, "next_try_at": None, "reason": None, "why": None} == shown
    for number in range(OUTAGES):
        breaker.lost(f"job:{number}", NEITHER(), is_order=True)
    shown, codes = await door()
    assert ("closed", "2026-03-02T12:00:00+03:00", "2026-03-02T12:00:10+03:00") == (
        shown["state"],
        shown["since"],
        shown["next_try_at"],
    )
    assert ("neither success nor refusal", "courier.neither") == (shown["reason"], shown["why"]["code"])
    assert "courier-door-closed" in codes
    breaker.answered(is_order=False)
    shown, codes = await door()
    assert ("one_order", None) == (shown["state"], shown["next_try_at"])
    assert "courier-one-order" in codes


async def test_pause_holds_a_queue_until_resume(api: httpx.AsyncClient, daemon: Daemon) -> None:
    pause = {"since": "2026-03-02T12:00:00+03:00", "until": None, "reason": None, "by": ME}
    assert (await api.post("/v1/queues/high/pause")).json() == {"name": "high", "paused": True, "pause": pause}
    assert {"high"} == set(daemon.parts.jobs.queues.paused)
    assert (await api.post("/v1/queues/high/resume")).json() == {"name": "high", "paused": False, "pause": None}
    assert {} == daemon.parts.jobs.queues.paused


async def test_pausing_an_unknown_queue_names_the_known_ones(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/queues/hihg/pause")
    assert answer.status_code == 422
    assert answer.json()["detail"] == 'unknown queue "hihg"; did you mean "high"?'


async def test_resume_ends_both_drain_and_pauses(api: httpx.AsyncClient, daemon: Daemon) -> None:
    await api.post("/v1/queues/high/pause")
    await api.post("/v1/schedule/carts:expire/pause")
    none: dict[str, Any] = {"pause": None, "paused": [], "paused_tasks": [], "paused_entries": []}
    paused = none | {"paused": ["high"], "paused_entries": ["carts:expire"]}
    assert (await api.post("/v1/drain")).json() == {"draining": True} | paused
    assert daemon.parts.workers.draining
    assert (await api.post("/v1/resume")).json() == {"draining": False} | none
    assert not daemon.parts.workers.draining


@pytest.mark.parametrize(("asked", "draining"), [("never", False), ("before", True), ("meanwhile", True)])
async def test_drain_of_an_operator_outlasts_an_absence_of_queue_db_and_the_daemons_own_does_not(
    api: httpx.AsyncClient, daemon: Daemon, asked: str, draining: bool
) -> None:
    store, workers = daemon.parts.store, daemon.parts.workers
    if asked == "before":
        await api.post("/v1/drain")
    aside = store.path.rename(store.path.with_name("aside"))
    await store.watch.look()
    assert workers.draining
    if asked == "meanwhile":
        await api.post("/v1/drain")
    assert 503 == (await api.post("/v1/resume")).status_code
    aside.rename(store.path)
    await store.watch.look()
    assert draining == workers.draining
    await api.post("/v1/resume")
    assert not workers.draining


async def test_requests_are_accepted_while_draining(api: httpx.AsyncClient) -> None:
    await api.post("/v1/drain")
    assert (await api.post("/v1/jobs", json=CARTS)).status_code == 201


def configure(config: Path, text: str, instead_of: str = "[queue]\n") -> None:
    config.write_text(config.read_text().replace(instead_of, text))


async def test_configuration_tells_which_keys_are_set_without_secrets(api: httpx.AsyncClient, config: Path) -> None:
    shown = (await api.get("/v1/configuration")).raise_for_status().json()
    assert {"key": "[shop] database_url", "value": None} in shown["items"]
    assert [str(config)] == shown["sources"]


async def test_reload_reports_what_changed(api: httpx.AsyncClient, config: Path) -> None:
    await api.post("/v1/reload")  # the entries of the file, in place of the tests' own
    configure(config, '[log]\nlevel = "debug"\n[queue]\nworkers = 3\n')
    assert (await api.post("/v1/reload")).json() == {
        "changed": ["[log] level"],
        "needs_restart": ["[queue] workers"],
        "credentials": [],
        "schedule": [],
        "left": [],
        "unfit": [],
    }


async def test_reload_says_which_entries_change_their_next_instant_and_the_log_too(
    api: httpx.AsyncClient, config: Path, told: list[Event]
) -> None:
    entries = '[schedule."{}"]\ncron = "{}"\ncommand = ["/bin/true"]\n'
    configure(config, f"{entries.format('same', '0 5 * * *')}{entries.format('old', '0 6 * * *')}[queue]\n")
    await api.post("/v1/reload")
    configure(config, f"{entries.format('new', '0 7 * * *')}[queue]\n")
    configure(config, '[schedule."promotions:expire"]\nenabled = false\n[queue]\n')
    configure(config, '"30 5 * * *"', instead_of='"0 5 * * *"')
    configure(config, '"old2"', instead_of='"old"')
    told.clear()
    moves = (await api.post("/v1/reload")).json()["schedule"]
    day = "2026-03-03"
    assert {
        "same": ("moved", f"{day}T05:00:00+03:00", f"{day}T05:30:00+03:00"),
        "old": ("removed", f"{day}T06:00:00+03:00", None),
        "old2": ("added", None, f"{day}T06:00:00+03:00"),
        "new": ("added", None, f"{day}T07:00:00+03:00"),
        "promotions:expire": ("moved", "2026-03-02T13:00:00+03:00", None),
    } == {each["name"]: (each["change"], each["before"], each["after"]) for each in moves}
    in_log = [event for event in told if isinstance(event, ScheduleNextChanged)]
    assert [each["name"] for each in moves] == [event.entry for event in in_log]
    assert ("removed", f"{day}T06:00:00+03:00", None) in [(each.change, each.before, each.after) for each in in_log]


async def test_entry_renamed_while_paused_is_told_by_the_reload(api: httpx.AsyncClient, config: Path) -> None:
    configure(config, '[schedule.flap]\ncron = "0 5 * * *"\ncommand = ["/bin/true"]\n[queue]\n')
    await api.post("/v1/reload")
    await api.post("/v1/schedule/flap/pause")
    configure(config, "[schedule.flip]", instead_of="[schedule.flap]")
    moves = (await api.post("/v1/reload")).json()["schedule"]
    assert [("flap", True), ("flip", False)] == [(each["name"], each["pause_stays"]) for each in moves]


async def test_reload_puts_limits_of_queues_in_force(api: httpx.AsyncClient, config: Path, daemon: Daemon) -> None:
    configure(config, "[queue]\nlimits = { high = 6 }\n")
    assert ["[queue] limits"] == (await api.post("/v1/reload")).json()["changed"]
    assert {"high": 6} == daemon.parts.jobs.queues.limits
    assert [6, None] == [queue["limit"] for queue in (await api.get("/v1/status")).json()["queues"]]


async def test_reload_says_anew_who_tells_of_a_status(api: httpx.AsyncClient, config: Path, daemon: Daemon) -> None:
    queues = [daemon.parts.notices.queue]
    for old, new in (("", 'php = "on-demand"\n'), ('php = "on-demand"\n', 'status_notices = "rows"\n')):
        configure(config, f"[shop]\n{new}", instead_of=f"[shop]\n{old}")
        await api.post("/v1/reload")
        queues.append(daemon.parts.notices.queue)
    assert [None, "php:default", None] == queues


async def test_reload_keeps_rows_from_now_on(api: httpx.AsyncClient, config: Path, daemon: Daemon) -> None:
    configure(config, "[shop]\nkeep_rows = true\n", instead_of="[shop]\n")
    assert ["[shop] keep_rows"] == (await api.post("/v1/reload")).json()["changed"]
    assert daemon.parts.bridge.kept.keeps


async def test_status_says_what_waits_for_php_after_a_reload(
    api: httpx.AsyncClient, config: Path, daemon: Daemon
) -> None:
    php = (await api.get("/v1/status")).json()["php"]
    assert ("leave", "rows", "off", None) == (php["mode"], php["status_notices"], php["state"], php["runs"])
    assert ('[shop] php is "leave": what only PHP can work stays in the jobs table', 0) == (
        php["reason"],
        php["waiting"],
    )
    configure(config, '[shop]\nphp = "on-demand"\n', instead_of="[shop]\n")
    await api.post("/v1/reload")
    php = (await api.get("/v1/status")).json()["php"]
    assert 'there is no [command."php:work"]' in php["reason"], "no worker can come, so it promises none"
    assert 'write [command."php:work"] into paranad.toml' in php["cure"]
    async with daemon.parts.shop.transaction() as connection:
        await connection.execute(insert(jobs).values(MAIL_ROW | {"available_at": int(START.timestamp())}))
    await daemon.parts.bridge.poll()
    php = (await api.get("/v1/status")).json()["php"]
    assert ("on-demand", "php", {"App\\Mail\\OrderShipped": 1}) == (php["mode"], php["status_notices"], php["by_class"])
    assert ("2026-03-02T12:00:00+03:00", 0) == (php["oldest_due_at"], php["reserved"])


async def test_reload_with_a_bad_file_names_every_problem(
    api: httpx.AsyncClient, config: Path, socket_path: Path
) -> None:
    configure(config, '[log]\nlevel = "x"\n[queue]\nworkers = 0\n')
    _, problems = read_settings(config, {})
    with pytest.raises(ConfigurationError) as got:
        await to_thread.run_sync(lambda: ControlClient(socket_path).post("reload"))
    assert ["[queue] workers", "[log] level"] == [each.key for each in got.value.problems]
    assert problems == list(got.value.problems)


async def test_sync_enqueues_one_job_for_each_status(api: httpx.AsyncClient, daemon: Daemon) -> None:
    body = {"status_ids": ["4", "7", "4"], "date_from": "2026-03-01", "date_to": None}
    answer = await api.post("/v1/sync", json=body)
    items = [{"id": 1, "duplicate": False, "status_id": "4"}, {"id": 2, "duplicate": False, "status_id": "7"}]
    assert (201, {"items": items}) == (answer.status_code, answer.json())
    assert (await daemon.parts.jobs.get(1)).args == {"date_from": "2026-03-01", "status_id": "4"}


async def test_an_equal_sync_is_joined_not_doubled(api: httpx.AsyncClient) -> None:
    await api.post("/v1/sync")
    answer = await api.post("/v1/sync", json={})
    assert (200, {"items": [{"id": 1, "duplicate": True, "status_id": None}]}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"date_from": "2026-03-02", "date_to": "2026-03-01"}, "date_from: expected no day after date_to"),
        ({"date_from": "yesterday"}, "date_from: expected"),
        ({"status": ["4"]}, 'unknown field "status"; did you mean "status_ids"?'),
        ({"status_ids": [4]}, "status_ids[0]: expected"),
        ({"status_ids": ["x"] * 101}, "status_ids"),
    ],
)
async def test_a_wrong_sync_is_422(api: httpx.AsyncClient, body: dict[str, Any], words: str) -> None:
    answer = await api.post("/v1/sync", json=body)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


async def test_dry_run_is_answered_at_once_and_is_no_job(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/tasks/carts:expire/dry-run")
    assert {"task": "carts:expire", "result": {"looked_at": 3, "changed": 0}} == answer.json()
    assert (await api.get("/v1/jobs")).json()["items"] == []


@pytest.mark.parametrize(
    ("task", "body", "status"),
    [
        ("carts:expird", {}, 422),
        ("carts:expire", {"args": {"x": 1}}, 422),
        ("carts:expire", {"arg": {}}, 422),
        ("promotions:expire", {}, 409),
    ],
)
async def test_a_dry_run_that_cannot_be_says_why(
    api: httpx.AsyncClient, task: str, body: dict[str, Any], status: int
) -> None:
    answer = await api.post(f"/v1/tasks/{task}/dry-run", json=body)
    assert status == answer.status_code
    assert task in answer.json()["detail"] or "unknown field" in answer.json()["detail"]


async def test_a_defect_is_told_and_answered_without_its_insides(
    api: httpx.AsyncClient, daemon: Daemon, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: int) -> Job:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(daemon.parts.jobs, "get", broken)
    answer = await api.get("/v1/jobs/1")
    assert (500, "internal") == (answer.status_code, answer.json()["kind"])
    assert "secret" not in answer.text
    (failed,) = (event for event in told if isinstance(event, ControlFailed))
    assert ("GET", "/v1/jobs/1", "ZeroDivisionError: secret") == (failed.method, failed.path, failed.error)


async def test_status_shows_how_far_a_running_job_is(
    api: httpx.AsyncClient, daemon: Daemon, clock: ManualClock
) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def goes_on(context: Context, asked: object) -> Outcome:
        context.progress(3, 10)
        started.set()
        await may_end.wait()
        return await done(context, asked)

    daemon.parts.registry.replace([FunctionTask("carts:expire", goes_on)])
    await api.post("/v1/jobs", json=CARTS)
    async with working(daemon, clock):
        await started.wait()
        assert [
            {
                "id": 1,
                "task": "carts:expire",
                "queue": "default",
                "attempt": 1,
                "started_at": "2026-03-02T12:00:00+03:00",
                "progress": {"done": 3, "total": 10},
            }
        ] == (await api.get("/v1/status")).json()["running"]
        may_end.set()


async def test_backup_is_a_copy_that_opens_and_leaves_nothing_behind(
    serve: Serve, daemon: Daemon, stream: Stream, socket_path: Path, tmp_path: Path
) -> None:
    client = ControlClient(socket_path)
    before = files_in(daemon.parts.store.path.parent)
    async with serve(create_app(daemon, stream)):
        await to_thread.run_sync(lambda: client.post("jobs", body=CARTS))
        await to_thread.run_sync(lambda: client.backup(tmp_path / "copy.db"))
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert [("carts:expire",)] == copy.execute("SELECT task FROM jobs").fetchall()
    assert before == files_in(daemon.parts.store.path.parent)


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}
