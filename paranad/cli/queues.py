"""`paranadctl pause`, `resume`, `drain`, and the answer to the workers that are no more."""

from collections.abc import Iterator
from typing import Annotated

import typer

from paranad.cli.render import Block, Line
from paranad.cli.session import Json, Session

QueueName = Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="All of them where none is named.")]


def pause(context: typer.Context, queue: QueueName = None) -> None:
    """Claim no more jobs, from one queue or all; survives a restart."""
    session: Session = context.obj
    queues = [queue] if queue else [each["name"] for each in session.client.get("status")["queues"]]
    for name in queues:
        session.answer(session.client.post("queues", name, "pause"), _paused)


def resume(context: typer.Context, queue: QueueName = None) -> None:
    """Go on after pause or drain."""
    session: Session = context.obj
    if queue:
        session.answer(session.client.post("queues", queue, "resume"), lambda _: [Line(f"{queue} goes on")])
    else:
        session.answer(session.client.post("resume"), lambda _: [Line("all queues go on")])


def drain(context: typer.Context) -> None:
    """Finish what runs, take nothing new; until resume or a restart."""
    session: Session = context.obj
    words = "the daemon finishes what runs and takes nothing new; go on with: paranadctl resume"
    session.answer(session.client.post("drain"), lambda _: [Line(words)])


def old_worker(context: typer.Context) -> None:
    """Answer that the daemon does this now."""
    session: Session = context.obj
    session.answer(session.client.get("status"), _instead)


def _paused(queue: Json) -> Iterator[Block]:
    yield Line(f"{queue['name']} is paused; go on with: paranadctl resume {queue['name']}")


def _instead(status: Json) -> Iterator[Block]:
    daemon = status["daemon"]
    yield Line("the daemon does this now: no worker, no `schedule:run` and no crontab line are needed")
    yield Line(
        f"paranad {daemon['version']} is {daemon['state']}, process {daemon['pid']}: {len(status['running'])} of "
        f"{status['workers']} workers busy, {sum(queue['available'] for queue in status['queues'])} jobs available, "
        f"{len(status['schedule'])} schedule entries"
    )
    for note in status["notes"]:
        yield Line(note)
