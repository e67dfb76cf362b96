"""`paranadctl failed` and `retry`: jobs that failed for good, and putting them back."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer

from paranad.cli.commands.jobs import fetch, note_more
from paranad.cli.options import JobId, Limit, Misuse, QueueFilter, TaskFilter, positive
from paranad.cli.screen.blocks import Block, Line, Style, Table, columns
from paranad.cli.screen.say import say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json, Session, write_document
from paranad.cli.words import fact_words
from paranad.errors import NotFound, RequestError, WrongState
from paranad.said import Sentence

FILTERED_IDS = Sentence(
    "usage.filtered_ids", "--task and --queue choose among all failed jobs; write: retry all --task NAME"
)
ALL = "all"
WHY_AND_AGAIN = "why: paranadctl failed show ID    again: paranadctl retry ID"


def list_failed(context: typer.Context, task: TaskFilter = None, queue: QueueFilter = None, limit: Limit = 25) -> None:
    """List failed jobs, the newest first."""
    session: Session = context.obj
    answer = fetch(session, "jobs", limit=limit, state="failed", task=task, queue=queue)
    session.answer(answer, lambda page: failed_words(page["items"], session.now()))
    note_more(session, answer)


def forget(context: typer.Context, job_id: JobId) -> None:
    """Delete one failed job."""
    session: Session = context.obj
    session.answer(session.client.delete("jobs", job_id), lambda _: [Line(say("job {id} is forgotten", id=job_id))])


def flush(context: typer.Context, task: TaskFilter = None, queue: QueueFilter = None) -> None:
    """Delete all failed jobs, or those of a task or queue."""
    session: Session = context.obj
    answer = session.client.delete("failed", task=task, queue=queue)
    session.answer(answer, lambda deleted: [Line(say("{count:job} deleted", count=deleted["deleted"]))])


def retry(
    context: typer.Context,
    which: Annotated[list[str], typer.Argument(metavar="ID|all", help="Ids of failed jobs, or all.")],
    task: TaskFilter = None,
    queue: QueueFilter = None,
) -> None:
    """Put failed jobs back, with fresh tries."""
    session: Session = context.obj
    if which == [ALL]:
        answer = session.client.post("failed", "retry", task=task, queue=queue)
        session.answer(answer, lambda page: _retried_words(page["items"]))
        return
    if task or queue:
        raise Misuse(FILTERED_IDS())
    _retry_each(session, _ids(which))


def _ids(words: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(map(positive, words)))


def _retry_each(session: Session, ids: Sequence[int]) -> None:
    """Retry one by one, so that one that cannot be does not keep the others; exit as the worst of them."""
    errors: list[RequestError] = []
    for job_id in ids:
        try:
            session.answer(session.client.post("jobs", job_id, "retry"), lambda job: _retried_words([job]))
        except RequestError as error:
            if error.exit_code not in {NotFound.exit_code, RequestError.exit_code}:
                raise
            errors.append(error)
            _tell(session, error)
            if isinstance(error, WrongState) and not session.as_json:
                _note_when(session, job_id)
    if errors:
        raise typer.Exit(min(error.exit_code for error in errors))


def _tell(session: Session, error: RequestError) -> None:
    from paranad.cli.problems import document_of, problem_words  # noqa: PLC0415 - only where something failed

    if session.as_json:
        write_document(document_of(error), session.err)
        return
    for line in problem_words(error, session.language):
        session.note(line.text, line.style)


def _note_when(session: Session, job_id: int) -> None:
    """Say when a job that is not to be retried runs by itself, where it does."""
    try:
        job = session.client.get("jobs", job_id)
    except RequestError:  # it went meanwhile; what is wrong is said already
        return
    if job["state"] in {"scheduled", "retryable"}:
        session.note(say("job {id} runs by itself {at}", id=job_id, at=moment(job["due_at"], session.now())))


def _retried_words(retried: Sequence[Json]) -> Iterator[Block]:
    if not retried:
        yield Line(say("no failed job to retry"))
    for job in retried:
        if job["covered_by"]:
            covered = say("job {id} stays failed: job {other} already does it", id=job["id"], other=job["covered_by"])
            yield Line(covered, Style.DIM)
        else:
            yield Line(say("job {id} is back", id=job["id"]), Style.GOOD)


def failed_words(jobs: Sequence[Json], at: datetime) -> Iterator[Block]:
    """Yield failed jobs as a table, with what to do about them."""
    if not jobs:
        yield Line(say("no failed job"))
        return
    rows = [[job["id"], job["task"], moment(job["finished_at"], at), fact_words(job, "error")] for job in jobs]
    yield Table(columns("#id", "task", "failed", "error"), rows)
    yield Line("")
    yield Line(say(WHY_AND_AGAIN), Style.DIM)
