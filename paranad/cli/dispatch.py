"""`paranadctl dispatch` and `run`: enqueue one job; enqueue it and wait; try it and change nothing."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from paranad.cli.jobs import advice_words
from paranad.cli.options import Arguments, TaskName, read_arguments, read_delay
from paranad.cli.render import Block, Line, Style
from paranad.cli.results import result_words
from paranad.cli.session import Json, Session
from paranad.cli.times import between
from paranad.cli.wait import wait

DRY_RUN_S = 900.0
"""How long a dry run may take: longer than any task's timeout."""

DISPATCH_QUEUE = typer.Option("--queue", help="Not the task's own queue.")
DELAY = typer.Option("--delay", help="Seconds, or a text such as 90s or 2h.")
WAIT = typer.Option("--wait", help="Wait until it has ended.")
DRY_RUN = typer.Option("--dry-run", help="Show what it would touch or send, and do neither.")


def dispatch(
    context: typer.Context,
    task: TaskName,
    arguments: Arguments = None,
    *,
    queue: Annotated[str | None, DISPATCH_QUEUE] = None,
    delay: Annotated[str | None, DELAY] = None,
    wait_for_it: Annotated[bool, WAIT] = False,
) -> None:
    """Enqueue one job; print its id."""
    session: Session = context.obj
    asked = {"task": task, "args": read_arguments(arguments), "queue": queue, "delay": read_delay(delay)}
    answer = session.client.post("jobs", body={name: value for name, value in asked.items() if value is not None})
    if not wait_for_it:
        session.answer(answer, lambda job: [Line(enqueued_words(job))])
        return
    finish(session, [(answer["id"], task)])


def run(
    context: typer.Context,
    task: TaskName,
    arguments: Arguments = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
) -> None:
    """Run a task now; print its result in words."""
    session: Session = context.obj
    args = read_arguments(arguments)
    if dry_run:
        answer = session.client.post("tasks", task, "dry-run", body={"args": args}, timeout_s=DRY_RUN_S)
        session.answer(answer, dry_run_words)
        return
    job = session.client.post("jobs", body={"task": task, "args": args})
    if job["duplicate"]:
        session.note(f"joined job {job['id']}, which already does it")
    finish(session, [(job["id"], task)])


def finish(session: Session, jobs: Sequence[tuple[int, str]]) -> None:
    """Wait for *jobs*, ids with what to call them, and print how each ended; exit 1 unless all completed."""
    ended = wait(session, jobs)
    for job in ended:
        session.answer(job, ended_words)
    if any(job["state"] != "completed" for job in ended):
        raise typer.Exit(1)


def enqueued_words(job: Json) -> str:
    """Return what became of a request to enqueue."""
    return f"job {job['id']} already does it" if job["duplicate"] else f"job {job['id']} is enqueued"


def dry_run_words(answer: Json) -> Iterator[Block]:
    """Yield what a task would have done."""
    yield Line(f"{answer['task']} would have done this; nothing was changed and nothing sent", Style.WARN)
    yield from result_words(answer["result"])


def ended_words(job: Json) -> Iterator[Block]:
    """Yield how a job ended: its result, or its error with the likely cause and the cure."""
    match job["state"]:
        case "completed":
            took = between(job["started_at"], job["finished_at"])
            yield Line(f"{job['task']} is done: job {job['id']}, {took}", Style.GOOD)
            yield from result_words(job["result"])
        case "failed":
            yield Line(f"{job['task']} failed: job {job['id']}: {job['error']}", Style.BAD)
            yield from advice_words(job)
        case _:
            yield Line(f"{job['task']} was cancelled: job {job['id']}", Style.WARN)
