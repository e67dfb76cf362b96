"""Puts the doctor's answer together: what the daemon finds when it looks around, and what its queue and journal say."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from paranad.control import schemas
from paranad.control.daemon import Daemon
from paranad.control.status import failures_of, queues_of
from paranad.control.views import Views
from paranad.doctor.bounds import Findings, bounded
from paranad.doctor.findings import found
from paranad.errors import NotFound
from paranad.queue.model import State
from paranad.schedule.loop import EntryView
from paranad.schedule.silence import is_silent
from paranad.shipments.model import ShipmentState

LIMIT_S = 5.0
ONE_CAUSE = frozenset(
    {
        "state-refused",
        "state-gone",
        "shop-unreachable",
        "shop-busy",
        "shop-read-only",
        "shop-server-read-only",
    }
)
"""Findings of one cause, however each look words it."""
NAMED = 10
"""How many held orders are named."""


async def build_doctor(daemon: Daemon, around: Findings) -> schemas.Doctor:
    """Return every check that needs the daemon's eyes; *around* is what was found around its queue."""
    show = Views(daemon.zone)
    itself = (await daemon.facts()).daemon
    parts = {
        "queues": partial(_queues, daemon, show),
        "schedule": partial(_entries, daemon, itself.since, show),
        "shipments": partial(_shipments, daemon),
    }
    looks = [await bounded(check, look, LIMIT_S, daemon.events) for check, look in parts.items()]
    items = [
        _daemon(itself, daemon.parts.store.watch.gone is not None, show),
        *around,
        *(each for findings in looks for each in findings),
    ]
    return schemas.Doctor(items=list(_each_once(items)))


def _each_once(items: Iterable[schemas.DoctorCheck]) -> Iterator[schemas.DoctorCheck]:
    """Yield each of *items* once: one cause, such as a full disk, may have ended several looks."""
    told = set[str]()
    for item in items:
        what = item.code if item.code in ONE_CAUSE else item.model_dump_json()
        if what not in told:
            told.add(what)
            yield item


def _daemon(itself: schemas.Daemon, state_gone: bool, show: Views) -> schemas.DoctorCheck:
    match itself.state:
        case "ready":
            return found("daemon-ready", version=itself.version, pid=itself.pid, since=shown(itself.since, show))
        case "draining" if state_gone:
            return found("daemon-stateless")
        case "draining":
            return found("daemon-draining")
        case _:
            return found("daemon-not-ready", state=itself.state)


async def _queues(daemon: Daemon, show: Views) -> Findings:
    queues = await queues_of(daemon)
    paused = [found("queue-paused", queue=queue.name, available=queue.available) for queue in queues if queue.paused]
    busy = len(daemon.parts.workers.running())
    failures = await failures_of(daemon, show, sum(queue.failed for queue in queues))
    return [
        *(paused or [found("queues-open", running=busy, workers=daemon.parts.workers.count)]),
        _failures(failures),
    ]


def _failures(failures: schemas.Failures) -> schemas.DoctorCheck:
    if not failures.last:
        return found("jobs-none-failed")
    last = failures.last[0]
    return found("jobs-failed", count=failures.count, id=last.id, task=last.task, error=last.error)


async def _entries(daemon: Daemon, since: datetime, show: Views) -> Findings:
    successes, now = await daemon.parts.scheduler.successes(), daemon.clock.now()
    findings = []
    for view in await daemon.parts.scheduler.views():
        succeeded_at = successes.get(view.entry.name)
        if _is_watched(view) and is_silent(view.entry.cron, max(succeeded_at or since, since), now):
            findings.append(await _silent(daemon, view, succeeded_at, show))
        else:
            findings.append(_entry(view, succeeded_at, show))
    return findings


def _is_watched(view: EntryView) -> bool:
    """Tell whether an entry should run, and what became of its last job is known."""
    pruned = view.last is not None and view.last.job_id is not None and view.last_job_state is None
    return view.entry.enabled and not view.paused and not pruned


async def _silent(daemon: Daemon, view: EntryView, succeeded_at: datetime | None, show: Views) -> schemas.DoctorCheck:
    at = shown(succeeded_at, show) if succeeded_at else "-"
    return found("entry-silent", entry=view.entry.name, at=at, reason=await _reason(daemon, view))


async def _reason(daemon: Daemon, view: EntryView) -> str:
    """Return why the last run of an entry did not succeed, as far as it says so."""
    if view.last is None:
        return "-"
    if view.last.job_id is None or view.last_job_state is State.COMPLETED:
        return str(view.last.reason or view.last.outcome.value)
    try:
        job = await daemon.parts.jobs.get(view.last.job_id)
    except NotFound:
        return str(view.last.reason or view.last.outcome.value)
    return f"job {job.id} {job.state.value}" + (f": {job.error}" if job.error else "")


def _entry(view: EntryView, succeeded_at: datetime | None, show: Views) -> schemas.DoctorCheck:
    name, last = view.entry.name, view.last
    if view.off:
        return found("entry-program-missing" if view.entry.command else "entry-off", entry=name, reason=view.off)
    if not view.entry.enabled:
        return found("entry-disabled", entry=name)
    if view.paused:
        return found("entry-paused", entry=name)
    if succeeded_at:
        return found("entry-succeeded", entry=name, at=shown(succeeded_at, show))
    if last and last.job_id is not None and view.last_job_state is None:
        return found("entry-forgotten", entry=name, at=shown(last.occurrence, show))
    return found("entry-waits", entry=name, next=shown(view.next_at, show) if view.next_at else "-")


async def _shipments(daemon: Daemon) -> Findings:
    if copied_at := await daemon.parts.shipments.restored_from():
        return [found("shipments-restored", at=shown(copied_at, Views(daemon.zone))), *await _held(daemon)]
    return await _held(daemon)


async def _held(daemon: Daemon) -> Findings:
    counts = await daemon.parts.shipments.counts()
    if held := counts.get(ShipmentState.HELD, 0):
        orders = await daemon.parts.shipments.held_orders(NAMED)
        named = ", ".join(map(str, orders)) + (", …" if held > len(orders) else "")
        return [found("shipments-held", count=held, orders=named, order=orders[0])]
    return [found("shipments-none-held", under_way=sum(counts.values()) - counts.get(ShipmentState.WITHDRAWN, 0))]


def shown(instant: datetime, show: Views) -> str:
    """Return *instant* on the configured zone's wall clock."""
    return f"{show.at(instant):%Y-%m-%d %H:%M:%S}"
