"""Routes about the schedule."""

from datetime import datetime, timedelta
from typing import Annotated

from paranad.control import requests, schemas, schemas_schedule
from paranad.control.bodies import router_of
from paranad.control.daemon import Daemon
from paranad.control.framework import Path, Query, Response
from paranad.control.pauses import PauseDep
from paranad.control.routes import Cursor, DaemonDep, Limit, Number, ViewsDep, answer, answers
from paranad.control.views import Views, show_enqueued, show_page
from paranad.control.views_schedule import show_backfill, show_coming
from paranad.pauses import Kind, Target
from paranad.queue.pause import Pause
from paranad.schedule.coming import MOST, coming, rule_of
from paranad.schedule.instants import read_instant
from paranad.schedule.loop import EntryView

router = router_of("schedule", "/v1/schedule")

# A name may hold a slash, so each path with it takes `{name:path}`.
EntryName = Annotated[str, Path(min_length=1, max_length=100)]
RESOLUTION = timedelta(microseconds=1)
Count = Annotated[Number, Query(ge=1, le=MOST, description="How many instants of each entry at most.")]
From = Annotated[
    str | None,
    Query(
        alias="from",
        max_length=100,
        description="Instants from this one on: a day, a time of today, both, or both with an offset; by the clock "
        "of the entry's time zone. Null: from now.",
    ),
]


@router.get("", responses=answers(schemas.Page[schemas_schedule.Entry]))
async def list_entries(daemon: DaemonDep, show: ViewsDep) -> Response:
    """List all entries."""
    return answer(
        schemas.Page(items=[show.entry(view) for view in await daemon.parts.scheduler.views()], next_cursor=None)
    )


@router.get("/next", responses=answers(schemas.Items[schemas_schedule.Coming]))
async def next_of_all(daemon: DaemonDep, show: ViewsDep, count: Count = 1, start: From = None) -> Response:
    """List when every entry is due next."""
    views = await daemon.parts.scheduler.views()
    return answer(schemas.Items(items=[await next_instants(daemon, show, view, count, start) for view in views]))


@router.get("/{name:path}/next", responses=answers(schemas_schedule.Coming))
async def next_of_one(
    name: EntryName, daemon: DaemonDep, show: ViewsDep, count: Count = 5, start: From = None
) -> Response:
    """Show when an entry is due next, over clock changes."""
    daemon.parts.scheduler.entry(name)
    view = next(view for view in await daemon.parts.scheduler.views() if view.entry.name == name)
    return answer(await next_instants(daemon, show, view, count, start))


async def next_instants(
    daemon: Daemon, show: Views, view: EntryView, count: int, start: str | None
) -> schemas_schedule.Coming:
    """Show the instants of an entry from *start* on.

    Raises:
        InvalidRequest: *start* is no instant, or none on the clock of the entry's zone.
    """
    cron, now = view.entry.cron, daemon.clock.now()
    all_paused = daemon.parts.jobs.queues.all_paused
    if start is not None:
        after = read_instant("from", start, cron.zone, now) - RESOLUTION
    else:
        after = now_of(view, all_paused, now)
    waiting = await daemon.parts.backfills.waiting(view.entry.name)
    return show_coming(show, view, coming(cron, after, count), rule_of(cron, now), len(waiting), all_paused)


def now_of(view: EntryView, all_paused: Pause | None, now: datetime) -> datetime:
    """Return the instant after which an entry's next one is looked for, so that it is the next one of the lists too."""
    ends = [pause.until - RESOLUTION for pause in (view.pause, all_paused) if pause and pause.until]
    return view.next_at - RESOLUTION if view.next_at else max([now, *ends])


@router.post(
    "/{name:path}/run",
    status_code=201,
    responses=answers(schemas.EnqueuedJob, status=201, also={200: schemas.EnqueuedJob}),
)
async def run_now(name: EntryName, daemon: DaemonDep) -> Response:
    """Enqueue the entry's job now; 200 with its last job if that is unfinished."""
    enqueued = await daemon.parts.scheduler.run_now(name)
    return answer(show_enqueued(enqueued), 200 if enqueued.duplicate else 201)


@router.post("/{name:path}/pause", responses=answers(schemas_schedule.Entry))
async def pause(name: EntryName, daemon: DaemonDep, show: ViewsDep, pause: PauseDep) -> Response:
    """Enqueue nothing for the entry while it is paused; survives a restart.

    A paused one gets the new end and reason.
    """
    await daemon.parts.pauses.pause(Target(Kind.ENTRY, name), pause)
    return answer(await entry(daemon, show, name))


@router.post("/{name:path}/resume", responses=answers(schemas_schedule.Entry | schemas_schedule.GoneEntry))
async def resume(name: EntryName, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Go on from now; occurrences of the pause are not caught up.

    The answer is the entry; of one that the configuration no longer has, the pause that has ended.
    """
    target = Target(Kind.ENTRY, name)
    was = (await daemon.parts.pauses.standing()).get(target)
    await daemon.parts.pauses.resume(target)
    if was and name not in daemon.parts.scheduler.names:
        return answer(schemas_schedule.GoneEntry(name=name, pause=show.pause(was)))
    return answer(await entry(daemon, show, name))


@router.post("/{name:path}/backfill", responses=answers(schemas_schedule.Backfill))
async def backfill(name: EntryName, asked: requests.Backfill, daemon: DaemonDep) -> Response:
    """Run the occurrences of the past that have not run, each once and one after another."""
    backfills = daemon.parts.backfills
    items = await backfills.ask(name, asked.from_, asked.to, dry_run=asked.dry_run)
    waiting = len(await backfills.waiting(name))
    return answer(show_backfill(daemon.parts.scheduler.entry(name), items, waiting, dry_run=asked.dry_run))


@router.delete("/{name:path}/backfill", responses=answers(schemas_schedule.BackfillStopped))
async def stop_backfill(name: EntryName, daemon: DaemonDep) -> Response:
    """Let no more occurrence of the past run; the one that runs goes on."""
    dropped = await daemon.parts.backfills.stop(name)
    return answer(schemas_schedule.BackfillStopped(name=name, dropped=dropped))


@router.get("/{name:path}/history", responses=answers(schemas.Page[schemas_schedule.Run]))
async def history(
    name: EntryName, daemon: DaemonDep, show: ViewsDep, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """List what became of the entry's occurrences, the last handled first, whatever their instants."""
    return answer(show_page(await daemon.parts.scheduler.history(name, limit=limit, cursor=cursor), show.run))


async def entry(daemon: Daemon, show: Views, name: str) -> schemas_schedule.Entry:
    """Show one entry, known to exist."""
    return next(show.entry(view) for view in await daemon.parts.scheduler.views() if view.entry.name == name)
