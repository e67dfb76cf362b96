"""`paranadctl dispatch` and `run`: enqueue one job; enqueue it and wait; try it and change nothing."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from paranad.cli.commands.jobs import advice_words
from paranad.cli.commands.wait import wait
from paranad.cli.options import Arguments, TaskName, read_arguments, read_delay
from paranad.cli.results import result_words
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import between
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words

DRY_RUN_S = 900.0
"""How long a dry run may take: longer than any task's timeout."""

DISPATCH_QUEUE = typer.Option("--queue", metavar="QUEUE", help="Not the task's own queue.")
DELAY = typer.Option("--delay", metavar="DELAY", help="Seconds, or a text such as 90s or 2h; 30 days at most.")
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
        session.note(say("joined job {id}, which already does it", id=job["id"]))
    finish(session, [(job["id"], task)])


def finish(session: Session, jobs: Sequence[tuple[int, Text]]) -> None:
    """Wait for *jobs*, ids with what to call them, and print how each ended; exit 1 unless all completed."""
    ended = wait(session, jobs)
    for job in ended:
        session.answer(job, ended_words)
    if any(job["state"] != "completed" for job in ended):
        raise typer.Exit(1)


def enqueued_words(job: Json) -> Phrase:
    """Return what became of a request to enqueue."""
    return say("job {id} already does it" if job["duplicate"] else "job {id} is enqueued", id=job["id"])


def dry_run_words(answer: Json) -> Iterator[Block]:
    """Yield what a task would have done."""
    done = say("{task} would have done this; nothing was changed and nothing sent", task=answer["task"])
    yield Line(done, Style.WARN)
    yield from result_words(answer["result"])


def ended_words(job: Json) -> Iterator[Block]:
    """Yield how a job ended: its result, or its error with the likely cause and the cure."""
    match job["state"]:
        case "completed":
            took = between(job["started_at"], job["finished_at"])
            done = say("{task} is done: job {id}, {took}", task=job["task"], id=job["id"], took=took)
            yield Line(done, Style.GOOD)
            yield from result_words(job["result"])
        case "failed":
            failed = say(
                "{task} failed: job {id}: {error}", task=job["task"], id=job["id"], error=fact_words(job, "error")
            )
            yield Line(failed, Style.BAD)
            yield from advice_words(job)
        case _:
            yield Line(say("{task} was cancelled: job {id}", task=job["task"], id=job["id"]), Style.WARN)
