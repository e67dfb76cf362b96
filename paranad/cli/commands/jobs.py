"""`paranadctl jobs`, `failed` and `retry`: list and show jobs, cancel them, put failed ones back or delete them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from paranad.cli.options import (
    WAITING_STATES,
    JobId,
    JobState,
    Limit,
    OrderFilter,
    QueueFilter,
    TaskFilter,
    TextFilter,
    positive,
)
from paranad.cli.parsing import Argument, Misuse
from paranad.cli.results import args_words, result_words, skipped_words
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import between, moment
from paranad.cli.session import Json, Session, write_document
from paranad.cli.words import fact_words, job_advice, named_state, state_words
from paranad.errors import NotFound, RequestError, WrongState
from paranad.said import Sentence

STYLES = {
    "running": Style.GOOD,
    "retryable": Style.WARN,
    "failed": Style.BAD,
    "completed": Style.DIM,
    "cancelled": Style.DIM,
}
PAGE = 100
"""How many items the API gives in one answer at most."""


def list_jobs(
    session: Session,
    *,
    state: JobState = None,
    task: TaskFilter = None,
    queue: QueueFilter = None,
    order: OrderFilter = None,
    text: TextFilter = None,
    limit: Limit = 25,
) -> None:
    """List jobs, the newest first."""
    about = None if order is None else str(order)
    answer = fetch(session, "jobs", limit=limit, state=state, task=task, queue=queue, order=about, text=text)
    session.answer(answer, lambda page: jobs_words(page["items"], session.now()))
    note_more(session, answer)


def show_job(session: Session, job_id: JobId) -> None:
    """Show one job with its attempts, and its error or result."""
    session.answer(session.client.get("jobs", job_id), lambda job: job_words(job, session.now()))


def cancel_job(session: Session, job_id: JobId) -> None:
    """Cancel a waiting or running job."""
    session.answer(
        session.client.post("jobs", job_id, "cancel"), lambda _: [Line(say("job {id} is cancelled", id=job_id))]
    )


def fetch(session: Session, *path: str | int, limit: int, **query: str | None) -> Json:
    """Return up to *limit* items of a list as one page, asked for by cursor a hundred at a time.

    What a page says beside its items is what the last one said.
    """
    items: list[Json] = []
    cursor: str | None = None
    while True:
        page = session.client.get(*path, limit=min(limit - len(items), PAGE), cursor=cursor, **query)
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None or len(items) >= limit:
            return {**page, "items": items}


def note_more(session: Session, page: Json) -> None:
    """Note on standard error that the list has more items than were asked for."""
    if page["next_cursor"] and not session.as_json:
        session.note(say("there are more than {count}; ask with --limit N", count=len(page["items"])))


def jobs_words(jobs: list[Json], at: datetime) -> Iterator[Block]:
    """Yield a list of jobs as a table."""
    if not jobs:
        yield Line(say("no such job"))
        return
    yield jobs_table(jobs, at)


def jobs_table(jobs: Sequence[Json], at: datetime) -> Table:
    """Return jobs as a table, one a row."""
    names = columns("#id", "state", "task", "queue", "spent", "when", "what")
    return Table(names, [_job_row(job, at) for job in jobs], spared=("queue", "spent"))


def _job_row(job: Json, at: datetime) -> list[Text | Cell]:
    return [
        job["id"],
        Cell(state_words(job["state"]), STYLES.get(job["state"], Style.NONE)),
        job["task"],
        job["queue"],
        _tries(job),
        moment(_instant(job), at),
        fact_words(job, "error") or _what(job),
    ]


def _what(job: Json) -> Text:
    """Return the job's arguments, and the reason if the job completed without doing anything."""
    args, why = args_words(job["args"]), skipped_words(job["result"]) if job["state"] == "completed" else None
    if why is None:
        return args
    return say("{args}; skipped: {reason}", args=args, reason=why) if args else say("skipped: {reason}", reason=why)


def _tries(job: Json) -> Phrase:
    return say("{spent} of {tries}", spent=job["tries_spent"], tries=job["tries"])


def _instant(job: Json) -> str:
    """Return when the job ended, started, or will be due."""
    match job["state"]:
        case "completed" | "failed" | "cancelled":
            instant = job["finished_at"]
        case "running":
            instant = job["started_at"]
        case _:
            instant = job["due_at"]
    return str(instant)


def job_words(job: Json, at: datetime) -> Iterator[Block]:
    """Yield everything known of one job."""
    title = say("job {id}  {task}  {args}", id=job["id"], task=job["task"], args=args_words(job["args"]))
    yield Line(title, Style.HEADING)
    yield Table(["", ""], _facts(job, at))
    yield from advice_words(job)
    if job["result"] is not None:
        yield Heading(say("Result"))
        yield from result_words(job["result"])
    if job["attempts"]:
        yield Heading(say("Attempts"))
        rows = [_attempt(each, at) for each in job["attempts"]]
        yield Table(columns("#", "outcome", "started", "took", "try", "error"), rows, spared=("try", "took"))
    yield from _traceback(job)


def advice_words(job: Json) -> Iterator[Block]:
    """Yield the likely cause of a failed job and the cure."""
    if advice := job_advice(job):
        yield Line(say("likely cause: {cause}", cause=advice.cause))
        yield Line(say("cure: {cure}", cure=advice.cure))


def _facts(job: Json, at: datetime) -> list[list[Text | Cell]]:
    facts: list[tuple[Phrase, Text | Cell | None]] = [
        (say("state"), Cell(named_state(job["state"]), STYLES.get(job["state"], Style.NONE))),
        (say("error"), Cell(fact_words(job, "error"), Style.BAD) if job["error"] else None),
        (say("queue"), job["queue"]),
        (say("asked by"), state_words(job["origin"])),
        (say("tries spent"), _tries(job)),
        (say("one per"), job["unique_key"]),
        (say("created"), moment(job["created_at"], at)),
        (say("due"), moment(job["due_at"], at) if job["state"] in {"scheduled", "available", "retryable"} else None),
        (say("started"), moment(job["started_at"], at) if job["started_at"] else None),
        (say("finished"), moment(job["finished_at"], at) if job["finished_at"] else None),
    ]
    return [[name, value] for name, value in facts if value is not None]


def _attempt(attempt: Json, at: datetime) -> list[Text | Cell]:
    return [
        attempt["number"],
        state_words(attempt["outcome"]),
        moment(attempt["started_at"], at),
        between(attempt["started_at"], attempt["finished_at"]),
        say("spent") if attempt["counted"] else say("kept"),
        fact_words(attempt, "error"),
    ]


def _traceback(job: Json) -> Iterator[Block]:
    """Yield the last traceback: that of an earlier attempt is in the JSON."""
    for attempt in reversed(job["attempts"]):
        if attempt["traceback"]:
            yield Heading(say("Details of attempt {number}", number=attempt["number"]))
            yield Verbatim(attempt["traceback"])
            return


FILTERED_IDS = Sentence(
    "usage.filtered_ids", "--task and --queue choose among all failed jobs; write: retry all --task NAME"
)
ALL = "all"
WHY_AND_AGAIN = "why: paranadctl failed show ID    again: paranadctl retry ID"


def list_failed(session: Session, task: TaskFilter = None, queue: QueueFilter = None, limit: Limit = 25) -> None:
    """List failed jobs, the newest first."""
    answer = fetch(session, "jobs", limit=limit, state="failed", task=task, queue=queue)
    session.answer(answer, lambda page: failed_words(page["items"], session.now()))
    note_more(session, answer)


def forget(session: Session, job_id: JobId) -> None:
    """Delete one failed job."""
    session.answer(session.client.delete("jobs", job_id), lambda _: [Line(say("job {id} is forgotten", id=job_id))])


def flush(session: Session, task: TaskFilter = None, queue: QueueFilter = None) -> None:
    """Delete all failed jobs, or those of a task or queue."""
    answer = session.client.delete("failed", task=task, queue=queue)
    session.answer(answer, lambda deleted: [Line(say("{count:job} deleted", count=deleted["deleted"]))])


def retry(
    session: Session,
    which: Annotated[list[str], Argument("ID|all", "Ids of failed jobs, or all.", several=True)],
    task: TaskFilter = None,
    queue: QueueFilter = None,
) -> None:
    """Put failed jobs back, with fresh tries."""
    if which == [ALL]:
        answer = session.client.post("failed", "retry", task=task, queue=queue)
        session.answer(answer, lambda page: retried_words(page["items"]))
        return
    if task or queue:
        raise Misuse(FILTERED_IDS())
    _retry_each(session, _ids(which))


def _ids(words: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(map(positive, words)))


def _retry_each(session: Session, ids: Sequence[int]) -> None:
    """Retry one job after the other, so that one failure does not stop the rest; exit with the code of the worst."""
    errors: list[RequestError] = []
    for job_id in ids:
        try:
            session.answer(session.client.post("jobs", job_id, "retry"), lambda job: retried_words([job]))
        except RequestError as error:
            if error.exit_code not in {NotFound.exit_code, RequestError.exit_code}:
                raise
            errors.append(error)
            _tell(session, error)
            if isinstance(error, WrongState) and not session.as_json:
                _note_when(session, job_id)
    if errors:
        raise SystemExit(min(error.exit_code for error in errors))


def _tell(session: Session, error: RequestError) -> None:
    from paranad.cli.problems import document_of, problem_words  # noqa: PLC0415 - only where something failed

    if session.as_json:
        write_document(document_of(error), session.err)
        return
    for line in problem_words(error, session.language):
        session.note(line.text, line.style)


def _note_when(session: Session, job_id: int) -> None:
    """Note when a job that cannot be retried runs by itself, if it waits."""
    try:
        job = session.client.get("jobs", job_id)
    except RequestError:  # the job is gone meanwhile, and the first error is already shown
        return
    if job["state"] in WAITING_STATES:
        session.note(say("job {id} runs by itself {at}", id=job_id, at=moment(job["due_at"], session.now())))


def retried_words(retried: Sequence[Json]) -> Iterator[Line]:
    """Yield what became of each failed job that was to be put back."""
    if not retried:
        yield Line(say("no failed job to retry"))
    for job in retried:
        if job["covered_by"]:
            covered = say("job {id} stays failed: job {other} already does it", id=job["id"], other=job["covered_by"])
            yield Line(covered, Style.DIM)
        else:
            yield Line(say("job {id} is back", id=job["id"]), Style.GOOD)


WOKEN_ONES = Sentence("usage.woken_ones", "expected ids of jobs, or all, or --task TASK; write for example: wake all")


def wake(
    session: Session,
    which: Annotated[list[str] | None, Argument("ID|all", "Ids of waiting jobs, or all.", several=True)] = None,
    task: TaskFilter = None,
) -> None:
    """Let waiting jobs run now, snoozed or to be tried again."""
    if (not which and task is None) or (which and which != [ALL] and task is not None):
        raise Misuse(WOKEN_ONES())
    ids = None if not which or which == [ALL] else _ids(which)
    answer = session.client.post("jobs", "wake", body={} if ids is None else {"ids": ids}, task=task)
    session.answer(answer, woken_words)
    if any(each["outcome"] == "not_found" for each in answer["items"]):
        raise SystemExit(NotFound.exit_code)
    if any(each["outcome"] == "not_waiting" for each in answer["items"]):
        raise SystemExit(WrongState.exit_code)


def woken_words(answer: Json) -> Iterator[Line]:
    """Yield what became of the jobs that were to be woken."""
    if not answer["items"]:
        words = say("due now: {count:job}", count=answer["woken"]) if answer["woken"] else say("no job waits")
        yield Line(words, Style.GOOD)
    for job in answer["items"]:
        if job["outcome"] == "woken":
            yield Line(say("job {id} is due now", id=job["id"]), Style.GOOD)
        else:
            yield Line(fact_words(job, "reason"), Style.BAD)


def failed_words(jobs: Sequence[Json], at: datetime) -> Iterator[Block]:
    """Yield failed jobs as a table, with what to do about them."""
    if not jobs:
        yield Line(say("no failed job"))
        return
    yield failed_table(jobs, at)
    yield Line("")
    yield Line(say(WHY_AND_AGAIN), Style.DIM)


def failed_table(jobs: Sequence[Json], at: datetime) -> Table:
    """Return failed jobs as a table, one a row."""
    rows = [[job["id"], job["task"], moment(job["finished_at"], at), fact_words(job, "error")] for job in jobs]
    return Table(columns("#id", "task", "failed", "error"), rows)
