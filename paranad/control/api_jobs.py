"""Routes about jobs: enqueue, look, retry, wake, cancel, forget."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import orjson

from paranad.configuration.durations import parse_duration
from paranad.control import requests, schemas, schemas_acts
from paranad.control.bodies import router_of
from paranad.control.daemon import Daemon
from paranad.control.framework import Body, Header, Query, Request, Response
from paranad.control.routes import Cursor, DaemonDep, JobId, Limit, Number, ViewsDep, answer, answers
from paranad.control.views import said_fields, show_page
from paranad.errors import BadArguments, InvalidRequest, UnknownQueue, UnknownTask
from paranad.numbers import LARGEST_ID
from paranad.queue.jobs import IdempotencyKey, JobFilter, Woken
from paranad.queue.model import Enqueued, NewJob, Origin, State
from paranad.said import Sentence, as_said
from paranad.wording import quotable

ONE_OF_SEVERAL = Sentence("control.one_of_several", "[{index}]: {reason}")
WRONG_DELAY = Sentence("control.wrong_delay", 'delay: {expected} or seconds as a number, got "{got}"')
IDS_OR_TASK = Sentence("control.ids_or_task", "expected the ids of jobs or a task, got both; leave one out")
LONG_DELAY = Sentence("control.long_delay", 'delay: expected {days} days at most, got "{got}"')

router = router_of("jobs")

JSON = "application/json"

Task = Annotated[str | None, Query(max_length=200)]
Queue = Annotated[str | None, Query(max_length=200)]
Order = Annotated[Number | None, Query(ge=1, le=LARGEST_ID, description="Only jobs whose arguments name this order.")]
Text = Annotated[
    str | None,
    Query(min_length=1, max_length=200, description="Only jobs whose task, arguments, error or result hold it."),
]
Key = Annotated[
    str | None,
    Header(
        pattern=r"^[!-~]{1,255}$", description="A repeat of the request with the same key is answered as the first."
    ),
]


def filter_of(daemon: Daemon, states: frozenset[State] | None, task: str | None, queue: str | None) -> JobFilter:
    """Return the filter that these query parameters ask for.

    Raises:
        UnknownTask, UnknownQueue: names the known ones.
    """
    if task is not None:
        daemon.parts.registry.task(task)
    if queue is not None:
        daemon.parts.jobs.queues.known(queue)
    return JobFilter(states=states, task=task, queue=queue)


@router.get("/v1/jobs", responses=answers(schemas.Page[schemas.Job]))
async def list_jobs(
    daemon: DaemonDep,
    show: ViewsDep,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: schemas.JobState | None = None,
    task: Task = None,
    queue: Queue = None,
    order: Order = None,
    text: Text = None,
) -> Response:
    """List jobs, newest first, without their attempts.

    A text is looked for among 20,000 jobs an answer, so a page may hold few items, or none, and yet a `next_cursor`.
    """
    where = filter_of(daemon, state and frozenset({State(state)}), task, queue)
    where = replace(where, order_id=order, text=text)
    return answer(show_page(await daemon.parts.jobs.find(where, limit=limit, cursor=cursor), show.job))


@router.post(
    "/v1/jobs",
    status_code=201,
    responses=answers(
        schemas.AskedJob | schemas.Items[schemas.EnqueuedJob],
        status=201,
        also={200: schemas.AskedJob | schemas.Items[schemas.EnqueuedJob]},
    ),
)
async def enqueue(
    request: Request, daemon: DaemonDep, asked: Annotated[requests.Jobs, Body()], idempotency_key: Key = None
) -> Response:
    """Enqueue one job or a list, all or none; 200 if nothing new was stored: an unfinished job does each already."""
    key = None if idempotency_key is None else IdempotencyKey(idempotency_key, digest_of(await request.json()))
    stored = await daemon.parts.jobs.enqueue(new_jobs(daemon, asked), key=key)
    shown = [shown_enqueued(each) for each in stored]
    task = None if isinstance(asked, list) else daemon.parts.registry.tasks.get(asked.task)
    if task and task.program and (off := await asyncio.to_thread(task.off)):
        shown[0] |= {"waits": off.text, "why": off.remark()}
    status = 200 if all(each.duplicate for each in stored) else 201
    return Response(orjson.dumps({"items": shown} if isinstance(asked, list) else shown[0]), status, media_type=JSON)


def new_jobs(daemon: Daemon, asked: requests.NewJob | list[requests.NewJob]) -> list[NewJob]:
    """Give requests the queue's form; an error says which job of a list is wrong."""
    new: list[NewJob] = []
    try:
        for each in asked if isinstance(asked, list) else [asked]:
            delay = None if each.delay is None else delay_of(each.delay)
            new.append(
                daemon.parts.registry.new_job(each.task, each.args, Origin.OPERATOR, queue=each.queue, delay=delay)
            )
    except (BadArguments, InvalidRequest, UnknownQueue, UnknownTask) as error:
        if isinstance(asked, list):
            raise type(error)(ONE_OF_SEVERAL(index=len(new), reason=error.said)) from None
        raise
    return new


def delay_of(delay: float | str) -> timedelta:
    """Read a delay: seconds as a number, or a text such as "90s"."""
    if not isinstance(delay, str):
        return timedelta(seconds=delay)
    try:
        duration = parse_duration(delay)
    except ValueError as error:
        raise InvalidRequest(WRONG_DELAY(expected=as_said(error.args[0]), got=quotable(delay))) from None
    if duration > timedelta(days=requests.LONGEST_DELAY_DAYS):
        raise InvalidRequest(LONG_DELAY(days=requests.LONGEST_DELAY_DAYS, got=quotable(delay)))
    return duration


def digest_of(body: Any) -> str:
    """Return a digest that bodies of equal JSON share, in any order of their keys."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def shown_enqueued(enqueued: Enqueued) -> dict[str, Any]:
    """Show the queue's answer; without a model, because lists of a hundred jobs are the busiest route."""
    return {"id": enqueued.job_id, "duplicate": enqueued.duplicate}


@router.post("/v1/jobs/wake", responses=answers(schemas_acts.Woken))
async def wake(
    daemon: DaemonDep, asked: Annotated[requests.Wake, Body(default_factory=requests.Wake)], task: Task = None
) -> Response:
    """Make waiting jobs due now: those named, or all of a task or of any that were snoozed or wait for another try.

    A job that is woken before what it waits for is there waits again, with its reason.
    """
    if task is not None:
        if asked.ids is not None:
            raise InvalidRequest(IDS_OR_TASK())
        daemon.parts.registry.task(task)
    woken = await daemon.parts.jobs.wake(asked.ids, task=task)
    named = dict.fromkeys(asked.ids or ())
    return answer(schemas_acts.Woken(woken=len(woken.jobs), items=[shown_woken(each, woken) for each in named]))


def shown_woken(job_id: int, woken: Woken) -> schemas_acts.WokenJob:
    """Show what became of one job that was to be woken."""
    state, reason = woken.states.get(job_id), woken.reason_of(job_id)
    outcome: schemas_acts.WakeOutcome = "woken" if reason is None else "not_waiting" if state else "not_found"
    return schemas_acts.WokenJob(id=job_id, outcome=outcome, state=state and state.value, **said_fields(reason))


@router.get("/v1/jobs/{id}", responses=answers(schemas.Job))
async def show_job(job_id: JobId, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Show a job with its attempts."""
    return answer(show.job(await daemon.parts.jobs.get(job_id)))


@router.post("/v1/jobs/{id}/retry", responses=answers(schemas.RetriedJob))
async def retry(job_id: JobId, daemon: DaemonDep) -> Response:
    """Put a failed job back to available, with fresh tries."""
    return answer(shown_retried(job_id, await daemon.parts.jobs.retry(job_id)))


@router.post("/v1/jobs/{id}/cancel", responses=answers(schemas.Job))
async def cancel(job_id: JobId, daemon: DaemonDep, show: ViewsDep) -> Response:
    """End a waiting or running job; 409 while its create-order request is under way: try again."""
    return answer(show.job(await daemon.parts.workers.cancel(job_id)))


@router.delete("/v1/jobs/{id}", responses=answers(schemas.Deleted))
async def forget(job_id: JobId, daemon: DaemonDep) -> Response:
    """Delete a failed job."""
    await daemon.parts.jobs.forget(job_id)
    return answer(schemas.Deleted(deleted=1))


def shown_retried(asked: int, enqueued: Enqueued) -> schemas.RetriedJob:
    """Show what became of a failed job."""
    return schemas.RetriedJob(id=asked, covered_by=enqueued.job_id if enqueued.duplicate else None)


@router.post("/v1/failed/retry", tags=["failed"], responses=answers(schemas.Items[schemas.RetriedJob]))
async def retry_all(daemon: DaemonDep, task: Task = None, queue: Queue = None) -> Response:
    """Put back all failed jobs that match the filter; of several with one unique key only the newest."""
    retried = await daemon.parts.jobs.retry_all(filter_of(daemon, None, task, queue))
    return answer(schemas.Items(items=[shown_retried(job_id, each) for job_id, each in retried.items()]))


@router.delete("/v1/failed", tags=["failed"], responses=answers(schemas.Deleted))
async def flush(daemon: DaemonDep, task: Task = None, queue: Queue = None) -> Response:
    """Delete all failed jobs that match the filter."""
    return answer(schemas.Deleted(deleted=await daemon.parts.jobs.flush(filter_of(daemon, None, task, queue))))
