"""Own tasks as the daemon's callers see them: asked for, refused, scheduled, and after a reload."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Origin, State
from tests.support.clock import ManualClock
from tests.support.control import working

NAME = "invoices:send"
COMMAND = """[command."invoices:send"]
command = ["{program}"]
args = ["order_id"]
tries = 3
queue = "high"
"""
DAILY = '[schedule."invoices:send"]\ncron = "*/5 * * * *"\nargs = { order_id = 12 }\n'


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Send an invoice: it prints what it is told."""
    file = tmp_path / "send-invoice"
    file.write_text("#!/bin/sh\ncat\n")
    file.chmod(0o755)
    return file


def write(config: Path, more: str = "", **instead: str) -> None:
    """Add *more* to the configuration, with each text of *instead* in the place of the one that it is named by."""
    text = config.read_text() + more
    for old, new in instead.items():
        text = text.replace(old, new)
    config.write_text(text)


def set_mode(program: Path, mode: int) -> None:
    program.chmod(mode)


@pytest.fixture
async def own(api: httpx.AsyncClient, config: Path, program: Path) -> httpx.AsyncClient:
    """The API of a daemon that a reload has taught one own task."""
    write(config, COMMAND.format(program=program))
    changed = (await api.post("/v1/reload")).raise_for_status().json()["changed"]
    assert {f'[command."{NAME}"] {key}' for key in ("command", "args", "tries", "queue")} <= set(changed)
    return api


async def ask(api: httpx.AsyncClient, **args: Any) -> httpx.Response:
    return await api.post("/v1/jobs", json={"task": NAME, "args": args})


async def test_an_own_task_is_shown_with_its_arguments(own: httpx.AsyncClient, program: Path) -> None:
    (task,) = [each for each in (await own.get("/v1/tasks")).json()["items"] if each["name"] == NAME]
    assert ([str(program)], "high", 3, "arguments") == tuple(
        task[key] for key in ("command", "queue", "tries", "one_per")
    )
    assert [{"name": "order_id", "required": True, "default": None, "words": ""}] == task["args"]


async def test_a_job_for_equal_arguments_is_joined_and_another_is_not(own: httpx.AsyncClient) -> None:
    first, again, other = [await ask(own, order_id=order) for order in (12, 12, 13)]
    assert [201, 200, 201] == [answer.status_code for answer in (first, again, other)]
    assert (first.json()["id"], True) == (again.json()["id"], again.json()["duplicate"])
    assert first.json()["id"] != other.json()["id"]


async def test_a_job_whose_program_cannot_run_is_taken_and_its_answer_says_that_it_waits(
    own: httpx.AsyncClient, program: Path
) -> None:
    set_mode(program, 0o644)
    answer = await ask(own, order_id=12)
    assert (201, "command.program_missing") == (answer.status_code, answer.json()["why"]["code"])
    assert answer.json()["waits"].startswith(f"{NAME} waits: expected a program, got ")


async def test_wrong_arguments_are_answered_with_the_known_ones(own: httpx.AsyncClient) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "invoices:send: order_id is missing; it takes order_id"),
        ({"order_id": 1, "copies": 2}, 'invoices:send: unknown argument "copies"; it takes order_id'),
        ({"order_id": "x" * 20_000}, "invoices:send: arguments: expected at most 16384 bytes of JSON, got "),
    ]
    for args, detail in cases:
        answer = await ask(own, **args)
        assert (422, "bad-arguments") == (answer.status_code, answer.json()["kind"])
        assert answer.json()["detail"].startswith(detail)
        assert len(answer.json()["detail"]) < 300


async def test_arguments_are_shown_without_phones_and_secrets_and_run_as_they_are(
    own: httpx.AsyncClient, daemon: Daemon, clock: ManualClock
) -> None:
    given = {
        "phones": ["07701234567", "+964 770 123 4567", "٠٧٧٠١٢٣٤٥٦٧", 9647701234567],
        "password": "abcdefgh",
        "n": 12,
    }
    job_id = (await ask(own, order_id=given)).json()["id"]
    shown = (await own.get(f"/v1/jobs/{job_id}")).json()["args"]["order_id"]
    assert {"phones": ["…567"] * 4, "password": "(hidden)", "n": 12} == shown
    assert {"order_id": given} == (await daemon.parts.jobs.get(job_id)).args


async def test_a_dry_run_is_refused(own: httpx.AsyncClient) -> None:
    answer = await own.post(f"/v1/tasks/{NAME}/dry-run", json={"args": {"order_id": 12}})
    assert 422 == answer.status_code
    assert "invoices:send has no dry run: only its program, " in answer.json()["detail"]


async def test_an_entry_of_its_name_runs_it_with_its_arguments(
    own: httpx.AsyncClient, config: Path, daemon: Daemon, clock: ManualClock
) -> None:
    write(config, DAILY)
    (added,) = [each for each in (await own.post("/v1/reload")).json()["schedule"] if each["name"] == NAME]
    assert "added" == added["change"]
    entries = [entry for entry in daemon.parts.scheduler.entries if entry.name == NAME]
    async with working(daemon, clock, entries=entries) as seen:
        await clock.advance(300)
        await seen("job.completed", task=NAME)
    (job,) = (await daemon.parts.jobs.find(JobFilter(task=NAME), limit=9, cursor=None)).items
    assert (Origin.SCHEDULE, {"order_id": 12}, {"order_id": 12}) == (job.origin, job.args, job.result["answer"])


async def test_a_reload_that_changes_a_command_holds_for_the_next_job_and_keeps_those_that_wait(
    own: httpx.AsyncClient, config: Path, daemon: Daemon, clock: ManualClock
) -> None:
    waiting = (await ask(own, order_id=12)).json()["id"]
    write(config, **{"tries = 3": "tries = 5", '["order_id"]': '["order_id", "to"]'})
    report = (await own.post("/v1/reload")).json()
    assert [f'[command."{NAME}"] args', f'[command."{NAME}"] tries'] == report["changed"]
    assert ([{"task": NAME, "jobs": 1}], []) == (report["unfit"], report["left"])
    assert 422 == (await ask(own, order_id=13)).status_code
    async with working(daemon, clock) as seen:
        await seen("job.failed", job_id=waiting)
        job = await daemon.parts.jobs.get(waiting)
        assert (3, "invoices:send: to is missing; it takes order_id, to") == (job.tries, str(job.error))
        write(config, **{'["order_id", "to"]': '["order_id"]'})
        assert [] == (await own.post("/v1/reload")).json()["unfit"]  # it has ended, and may be put back
        await own.post(f"/v1/jobs/{waiting}/retry")
        await seen("job.completed", job_id=waiting)


async def test_jobs_of_a_removed_command_fail_with_the_cure_and_run_once_it_is_back(
    own: httpx.AsyncClient, config: Path, daemon: Daemon, clock: ManualClock, program: Path
) -> None:
    waiting = (await ask(own, order_id=12)).json()["id"]
    write(config, **{COMMAND.format(program=program): ""})
    assert [{"task": NAME, "jobs": 1}] == (await own.post("/v1/reload")).json()["left"]
    assert 422 == (await ask(own, order_id=12)).status_code
    async with working(daemon, clock) as seen:
        await seen("job.failed", job_id=waiting)
        job = await daemon.parts.jobs.get(waiting)
        assert "invoices:send is no longer a task: put its command back" in str(job.error)
        write(config, COMMAND.format(program=program))
        await own.post("/v1/reload")
        await own.post(f"/v1/jobs/{waiting}/retry")
        await seen("job.completed", job_id=waiting)


async def test_a_reload_with_a_program_that_is_missing_is_refused_and_the_old_command_stays(
    own: httpx.AsyncClient, config: Path, daemon: Daemon, program: Path
) -> None:
    write(config, **{str(program): "/nowhere/send"})
    answer = await own.post("/v1/reload")
    assert 422 == answer.status_code
    (problem,) = answer.json()["problems"]
    assert f'[command."{NAME}"] command' == problem["key"]
    assert problem["message"].startswith('expected a program, got no such file: "/nowhere/send"; ')
    assert (str(program),) == daemon.parts.registry.task(NAME).program


async def test_a_command_that_is_missing_at_its_start_waits_and_runs_once_it_is_there(
    own: httpx.AsyncClient, daemon: Daemon, clock: ManualClock, program: Path
) -> None:
    set_mode(program, 0o644)
    job_id = (await ask(own, order_id=12)).json()["id"]
    async with working(daemon, clock) as seen:
        await seen("job.snoozed", job_id=job_id)
        waits = await daemon.parts.jobs.get(job_id)
        assert (State.SCHEDULED, 0) == (waits.state, waits.tries_spent)
        assert {NAME} == set(await daemon.parts.registry.off())
        set_mode(program, 0o755)
        await clock.advance(5)
        await seen("job.completed", job_id=job_id)
    assert {} == await daemon.parts.registry.off()
