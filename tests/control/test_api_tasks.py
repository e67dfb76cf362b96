"""The routes about tasks."""

from zoneinfo import ZoneInfo

import httpx

from paranad.control.daemon import Daemon
from paranad.queue.model import Origin
from paranad.schedule.cron import parse
from paranad.schedule.entries import Command, Entry
from tests.support.control import ME


async def test_tasks_are_shown_with_arguments_and_entries(api: httpx.AsyncClient, daemon: Daemon) -> None:
    items = {each["name"]: each for each in (await api.get("/v1/tasks")).json()["items"]}

    assert set(items) == set(daemon.parts.registry.tasks)
    sending = items["alwaseet:create-shipment"]
    assert [{"name": "order_id", "required": True, "default": None, "words": ""}] == sending["args"]
    assert ("high", 3, 60.0, []) == tuple(sending[name] for name in ("queue", "tries", "timeout_s", "schedule"))
    assert ["carts:expire"] == items["carts:expire"]["schedule"]


async def test_a_task_of_the_operator_s_own_says_what_it_runs(api: httpx.AsyncClient, daemon: Daemon) -> None:
    command = Command(("/bin/true", "--now"))
    entry = Entry("backup", "backup", parse("0 3 * * *", ZoneInfo("Asia/Baghdad")), command=command)
    daemon.parts.use_schedule([entry], daemon.events)

    (backup,) = [each for each in (await api.get("/v1/tasks")).json()["items"] if each["name"] == "backup"]
    assert (["/bin/true", "--now"], "runs /bin/true", 1) == (backup["command"], backup["summary"], backup["tries"])
    assert ("task", ["backup"]) == (backup["one_per"], backup["schedule"])


async def test_pause_of_a_task_is_shown_until_it_is_resumed(api: httpx.AsyncClient, daemon: Daemon) -> None:
    for order in (1, 2):
        new = daemon.parts.registry.new_job("alwaseet:create-shipment", {"order_id": order}, Origin.SHOP)
        await daemon.parts.jobs.enqueue([new])

    answer = (await api.post("/v1/tasks/alwaseet:create-shipment/pause")).json()

    pause = {"since": "2026-03-02T12:00:00+03:00", "until": None, "reason": None, "by": ME}
    assert {"name": "alwaseet:create-shipment", "paused": True, "pause": pause, "due": 2} == answer
    status = (await api.get("/v1/status")).json()
    assert [{"name": "alwaseet:create-shipment", "due": 2, "pause": pause}] == status["paused_tasks"]
    assert (
        f"task alwaseet:create-shipment is paused, 2 jobs due; since 12:00 by {ME}, until somebody resumes it; "
        "to go on: paranadctl resume alwaseet:create-shipment"
    ) in status["notes"]
    (queue,) = [each for each in status["queues"] if each["name"] == "high"]
    assert (2, 2) == (queue["available"], queue["set_apart"])
    (task,) = [t for t in (await api.get("/v1/tasks")).json()["items"] if t["name"] == "alwaseet:create-shipment"]
    assert (True, 2) == (task["paused"], task["due"])

    resumed = await api.post("/v1/tasks/alwaseet:create-shipment/resume")
    assert {"name": "alwaseet:create-shipment", "paused": False, "pause": None, "due": 0} == resumed.json()
    assert [] == (await api.get("/v1/status")).json()["paused_tasks"]


async def test_resume_alone_ends_the_pause_of_a_task_too(api: httpx.AsyncClient) -> None:
    await api.post("/v1/tasks/carts:expire/pause")
    assert ["carts:expire"] == (await api.post("/v1/drain")).json()["paused_tasks"]
    assert [] == (await api.post("/v1/resume")).json()["paused_tasks"]


async def test_unknown_task_names_the_nearest(api: httpx.AsyncClient, daemon: Daemon) -> None:
    for act in ("pause", "resume"):
        answer = await api.post(f"/v1/tasks/carts:expired/{act}")
        assert (422, "unknown-task") == (answer.status_code, answer.json()["kind"])
        assert 'did you mean "carts:expire"' in answer.json()["detail"]
    assert {} == daemon.parts.jobs.queues.paused_tasks
