"""Routes about the daemon itself: health, status, metrics, doctor, syncs, queues, drain, reload, backup, events."""

from collections.abc import AsyncIterator
from pathlib import Path as FilePath
from typing import Annotated

from paranad.catalogue import SYNC_ORDERS
from paranad.control import requests, schemas, schemas_acts, schemas_doctor, schemas_status
from paranad.control.bodies import router_of
from paranad.control.daemon import Daemon
from paranad.control.framework import Body, Depends, FileResponse, Path, Request, Response
from paranad.control.pauses import PauseDep
from paranad.control.routes import DaemonDep, ViewsDep, answer, answers, streams
from paranad.control.status import build_status
from paranad.control.stopping import preview
from paranad.control.stream import EventStream
from paranad.control.views import Views
from paranad.errors import InvalidRequest, Unavailable
from paranad.pauses import ALL, Kind, Target
from paranad.queue.model import Origin
from paranad.said import Sentence
from paranad.store.backup import copied

DATES_REVERSED = Sentence("control.dates_reversed", "date_from: expected no day after date_to ({until}), got {since}")

router = router_of("daemon", "/v1")

Name = Annotated[str, Path(min_length=1, max_length=100)]

SQLITE = "application/vnd.sqlite3"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/health", responses=answers(schemas.Health))
async def health(daemon: DaemonDep) -> Response:
    """Tell whether the queue is recovered and the socket listens; an outage of shop or courier does not count."""
    if reason := daemon.health():
        raise Unavailable(reason)
    return answer(schemas.Health())


@router.get("/status", responses=answers(schemas_status.Status))
async def status(daemon: DaemonDep) -> Response:
    """Tell everything an operator asks first."""
    return answer(await build_status(daemon))


@router.get("/metrics", response_class=Response, responses=streams(PROMETHEUS, "Figures in Prometheus' text format."))
async def metrics(daemon: DaemonDep) -> Response:
    """Give figures to a monitor; counters and histograms begin at the daemon's start."""
    return Response(await daemon.parts.metrics.text(), media_type=PROMETHEUS)


@router.get("/doctor", responses=answers(schemas_doctor.Doctor))
async def doctor(daemon: DaemonDep) -> Response:
    """Look at everything that may be wrong: the daemon itself, the shop, the courier; it takes some seconds."""
    return answer(await daemon.doctor())


@router.get("/configuration", responses=answers(schemas.Configuration))
async def configuration(daemon: DaemonDep) -> Response:
    """Show each key of the configuration in force that is not at its default; secrets and addresses are hidden."""
    return answer(daemon.configuration())


@router.post(
    "/sync",
    status_code=201,
    responses=answers(schemas.Items[schemas.SyncJob], status=201, also={200: schemas.Items[schemas.SyncJob]}),
)
async def sync(daemon: DaemonDep, asked: Annotated[requests.Sync, Body(default_factory=requests.Sync)]) -> Response:
    """Sync courier orders now, one job for each status; an equal sync that is under way is joined."""
    if asked.date_from and asked.date_to and asked.date_from > asked.date_to:
        raise InvalidRequest(DATES_REVERSED(until=str(asked.date_to), since=str(asked.date_from)))
    statuses: list[str | None] = [*dict.fromkeys(asked.status_ids)]
    args = asked.model_dump(mode="json", include={"date_from", "date_to"}, exclude_none=True)
    new = [
        daemon.parts.registry.new_job(
            SYNC_ORDERS.name, args if each is None else args | {"status_id": each}, Origin.OPERATOR
        )
        for each in statuses or [None]
    ]
    stored = await daemon.parts.jobs.enqueue(new)
    shown = [
        schemas.SyncJob(id=each.job_id, duplicate=each.duplicate, status_id=status_id)
        for each, status_id in zip(stored, statuses or [None], strict=True)
    ]
    return answer(schemas.Items(items=shown), 200 if all(each.duplicate for each in stored) else 201)


@router.post("/queues/{queue}/pause", responses=answers(schemas.QueueState))
async def pause(queue: Name, daemon: DaemonDep, show: ViewsDep, pause: PauseDep) -> Response:
    """Claim no more from a queue; survives a restart. A paused one gets the new end and reason."""
    await daemon.parts.pauses.pause(Target(Kind.QUEUE, queue), pause)
    return answer(schemas.QueueState(name=queue, paused=True, pause=show.pause(pause)))


@router.post("/queues/{queue}/resume", responses=answers(schemas.QueueState))
async def resume(queue: Name, daemon: DaemonDep) -> Response:
    """Claim from a queue again."""
    await daemon.parts.pauses.resume(Target(Kind.QUEUE, queue))
    return answer(schemas.QueueState(name=queue, paused=False))


@router.post("/pause", responses=answers(schemas_acts.Claiming))
async def pause_all(daemon: DaemonDep, pause: PauseDep) -> Response:
    """Claim no more at all, and let the schedule skip what is due; survives a restart."""
    await daemon.parts.pauses.pause(ALL, pause)
    return answer(await claiming(daemon, draining=daemon.parts.workers.draining))


@router.get("/drain", responses=answers(schemas_acts.Stop))
async def preview_drain(daemon: DaemonDep) -> Response:
    """Tell what a stop now would cut, hand back and miss; nothing is stopped or drained."""
    return answer(await preview(daemon))


@router.post("/drain", responses=answers(schemas_acts.Claiming))
async def drain(daemon: DaemonDep) -> Response:
    """Claim no more at all and finish what runs; ends with a restart."""
    daemon.drain()
    return answer(await claiming(daemon, draining=True))


@router.post("/resume", responses=answers(schemas_acts.Claiming))
async def resume_all(daemon: DaemonDep) -> Response:
    """Claim again: end a drain and every pause."""
    daemon.undrain()
    await daemon.parts.pauses.resume_everything()
    return answer(await claiming(daemon, draining=False))


async def claiming(daemon: Daemon, *, draining: bool) -> schemas_acts.Claiming:
    """Show whether the daemon claims jobs."""
    standing = await daemon.parts.pauses.standing()
    return schemas_acts.Claiming(
        draining=draining,
        pause=Views(daemon.zone).pause_or_none(standing.get(ALL)),
        paused=[target.name for target in standing if target.kind is Kind.QUEUE],
        paused_tasks=[target.name for target in standing if target.kind is Kind.TASK],
        paused_entries=[target.name for target in standing if target.kind is Kind.ENTRY],
    )


@router.post("/reload", responses=answers(schemas_acts.ReloadReport))
async def reload(daemon: DaemonDep) -> Response:
    """Re-read the configuration, all or nothing."""
    return answer(await daemon.reload())


async def copy_of(daemon: DaemonDep) -> AsyncIterator[FilePath]:
    """Give a copy of queue.db until the answer is sent."""
    async with copied(daemon.parts.store, daemon.clock) as copy:
        yield copy


@router.get("/backup", response_class=Response, responses=streams(SQLITE, "queue.db"))
async def backup(copy: Annotated[FilePath, Depends(copy_of)]) -> Response:
    """Give a consistent copy of queue.db."""
    return FileResponse(copy, media_type=SQLITE)


@router.get(
    "/events",
    response_class=Response,
    responses=streams("text/event-stream", "Server-sent events, until the daemon stops."),
)
async def events(request: Request) -> Response:
    """Tell every job, schedule and shipment transition from now on, each with its event's fields as JSON.

    A reader that falls far behind is sent `stream.ended` with the reason, as is everyone when the daemon stops.
    """
    return EventStream(request.app.state.stream)
