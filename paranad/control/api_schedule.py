"""Routes about the schedule."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from paranad.control import schemas
from paranad.control.daemon import Daemon
from paranad.control.routes import Cursor, DaemonDep, Limit, ViewsDep, answer, answers
from paranad.control.views import Views, show_enqueued, show_page

router = APIRouter(prefix="/v1/schedule", tags=["schedule"])

# A name may hold a slash, so each path with it takes `{name:path}`.
EntryName = Annotated[str, Path(min_length=1, max_length=100)]


@router.get("", responses=answers(schemas.Page[schemas.Entry]))
async def list_entries(daemon: DaemonDep, show: ViewsDep) -> Response:
    """List all entries."""
    return answer(
        schemas.Page(items=[show.entry(view) for view in await daemon.parts.scheduler.views()], next_cursor=None)
    )


@router.post(
    "/{name:path}/run",
    status_code=201,
    responses=answers(schemas.EnqueuedJob, status=201, also={200: schemas.EnqueuedJob}),
)
async def run_now(name: EntryName, daemon: DaemonDep) -> Response:
    """Enqueue the entry's job now; 200 with its last job if that is unfinished."""
    enqueued = await daemon.parts.scheduler.run_now(name)
    return answer(show_enqueued(enqueued), 200 if enqueued.duplicate else 201)


@router.post("/{name:path}/pause", responses=answers(schemas.Entry))
async def pause(name: EntryName, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Enqueue nothing for the entry until it is resumed; survives a restart."""
    await daemon.parts.scheduler.pause(name)
    return answer(await entry(daemon, show, name))


@router.post("/{name:path}/resume", responses=answers(schemas.Entry))
async def resume(name: EntryName, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Go on from now; occurrences of the pause are not caught up."""
    await daemon.parts.scheduler.resume(name)
    return answer(await entry(daemon, show, name))


@router.get("/{name:path}/history", responses=answers(schemas.Page[schemas.Run]))
async def history(
    name: EntryName, daemon: DaemonDep, show: ViewsDep, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """List what became of the entry's occurrences, newest first."""
    return answer(show_page(await daemon.parts.scheduler.history(name, limit=limit, cursor=cursor), show.run))


async def entry(daemon: Daemon, show: Views, name: str) -> schemas.Entry:
    """Show one entry, known to exist."""
    return next(show.entry(view) for view in await daemon.parts.scheduler.views() if view.entry.name == name)
