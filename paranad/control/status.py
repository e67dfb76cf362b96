"""Puts the status together, and says why nothing runs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import from_us
from paranad.control import schemas
from paranad.control.daemon import Daemon, Facts
from paranad.control.remarks import remark, remark_of
from paranad.control.views import Views
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Job, State
from paranad.queue.running import Running
from paranad.said import Said, Value, from_document
from paranad.schedule.loop import EntryView
from paranad.shipments.model import Shipment, ShipmentState
from paranad.store.watch import Look

FAILED_SHOWN = 5
HELD_SHOWN = 100
LOOKED_AT = 100
"""The task that sends a shipment."""
REASONS_SHOWN = 5


async def build_status(daemon: Daemon) -> schemas.Status:
    """Return everything an operator asks first."""
    show = Views(daemon.zone)
    facts = in_zone(await daemon.facts(), show)
    queues, views = await queues_of(daemon), await daemon.parts.scheduler.views()
    status = schemas.Status(
        daemon=facts.daemon,
        notes=[],
        remarks=[],
        queues=queues,
        workers=daemon.parts.workers.count,
        running=[running_job(each, show) for each in daemon.parts.workers.running()],
        failed=await failures_of(daemon, show, sum(queue.failed for queue in queues)),
        schedule=[show.entry(view) for view in views],
        courier=facts.courier,
        last_sync=facts.last_sync,
        last_sync_known=facts.last_sync_known,
        shipments=await shipments_of(daemon),
        shop=facts.shop,
        bridge=facts.bridge,
        store=facts.store,
    )
    now = daemon.clock.now().astimezone(daemon.zone)
    remarks = [
        *remarks_on(status, daemon.parts.store.watch.look_now),
        *remarks_on_programs(views),
        *remarks_on_waiting(await waiting_for(daemon), now),
    ]
    return status.model_copy(update={"notes": [each.text for each in remarks], "remarks": remarks})


def in_zone(facts: Facts, show: Views) -> Facts:
    """Return *facts* with their instants in the configured zone."""
    limiter, sync = facts.courier.limiter, facts.last_sync
    closed = limiter.model_copy(update={"closed_until": show.at_or_none(limiter.closed_until)})
    return replace(
        facts,
        daemon=facts.daemon.model_copy(update={"since": show.at(facts.daemon.since)}),
        courier=facts.courier.model_copy(update={"limiter": closed}),
        last_sync=sync and sync.model_copy(update={"at": show.at(sync.at)}),
    )


async def queues_of(daemon: Daemon) -> list[schemas.Queue]:
    """Return the configured queues in claim order, then those that still hold jobs but are configured no more."""
    counts = await daemon.parts.jobs.counts()
    paused = daemon.parts.jobs.paused()
    names = dict.fromkeys((*daemon.parts.registry.queues, *sorted(counts)))
    return [
        schemas.Queue(
            name=name,
            paused=name in paused,
            available=counts.get(name, {}).get(State.AVAILABLE, 0),
            running=counts.get(name, {}).get(State.RUNNING, 0),
            scheduled=counts.get(name, {}).get(State.SCHEDULED, 0),
            retryable=counts.get(name, {}).get(State.RETRYABLE, 0),
            failed=counts.get(name, {}).get(State.FAILED, 0),
        )
        for name in names
    ]


async def failures_of(daemon: Daemon, show: Views, count: int) -> schemas.Failures:
    """Return how many jobs failed, and the newest."""
    failed = JobFilter(states=frozenset({State.FAILED}))
    page = await daemon.parts.jobs.find(failed, limit=FAILED_SHOWN, cursor=None)
    return schemas.Failures(count=count, last=[failed_job(job, show) for job in page.items])


async def waiting_for(daemon: Daemon) -> list[tuple[Said, datetime]]:
    """Return what each of the newest waiting jobs was snoozed for, and until when."""
    waiting = JobFilter(states=frozenset({State.SCHEDULED}))
    page = await daemon.parts.jobs.find(waiting, limit=LOOKED_AT, cursor=None)
    return [(job.error, job.due_at) for job in page.items if job.error]


def failed_job(job: Job, show: Views) -> schemas.FailedJob:
    """Show a failed job in brief."""
    ended_at = job.finished_at or job.due_at
    return schemas.FailedJob(
        id=job.id,
        task=job.task,
        error=job.error and job.error.text,
        why=remark_of(job.error),
        finished_at=show.at(ended_at),
    )


async def shipments_of(daemon: Daemon) -> schemas.ShipmentCounts:
    """Return how many shipments are not yet recorded, and which need a person."""
    counts, restored_from = await daemon.parts.shipments.counts(), await daemon.parts.shipments.restored_from()
    waiting = await sending(daemon, State.SCHEDULED, State.RETRYABLE)
    return schemas.ShipmentCounts(
        intended=counts.get(ShipmentState.INTENDED, 0),
        created=counts.get(ShipmentState.CREATED, 0),
        held=counts.get(ShipmentState.HELD, 0),
        withdrawn=counts.get(ShipmentState.WITHDRAWN, 0),
        waiting=len(waiting),
        next_at=min((job.due_at.astimezone(daemon.zone) for job in waiting), default=None),
        failed=len(await sending(daemon, State.FAILED)),
        needs_person=list(await daemon.parts.shipments.held_orders(HELD_SHOWN)),
        restored_from=restored_from and restored_from.astimezone(daemon.zone),
    )


async def waiting_job(daemon: Daemon, shipment: Shipment) -> Job | None:
    """Return the job that waits to send *shipment*, unless that is at the courier or for a person to decide."""
    if shipment.state not in {ShipmentState.INTENDED, ShipmentState.WITHDRAWN}:
        return None
    waiting = await sending(daemon, State.SCHEDULED, State.RETRYABLE)
    return next((job for job in waiting if job.args.get("order_id") == shipment.order_id), None)


async def sending(daemon: Daemon, *states: State) -> Sequence[Job]:
    """Return the newest jobs that send a shipment and are in one of *states*."""
    where = JobFilter(states=frozenset(states), task=CREATE_SHIPMENT.name)
    return (await daemon.parts.jobs.find(where, limit=LOOKED_AT, cursor=None)).items


def running_job(running: Running, show: Views) -> schemas.RunningJob:
    """Show a running job in brief."""
    job, made = running.job, running.progress_made
    return schemas.RunningJob(
        id=job.id,
        task=job.task,
        queue=job.queue,
        attempt=job.attempt,
        started_at=show.at(from_us(running.started_at_us)),
        progress=made and schemas.Progress(done=made[0], total=made[1]),
    )


def remarks_on(status: schemas.Status, files: Look) -> Iterator[schemas.Remark]:
    """Say why nothing, or less than expected, runs."""
    if not files.gone:  # that is why it drains, and no `resume` ends it
        yield from remarks_on_daemon(status)
    yield from remarks_on_queues(status)
    if copied_at := status.shipments.restored_from:
        yield remark("restored", copied_at=f"{copied_at:%Y-%m-%d %H:%M}")
    yield from remarks_on_state(status.store, files)
    yield from remarks_on_outages(status)
    if status.shipments.held:
        yield remark("shipments-held", held=status.shipments.held)
    stands_still = status.daemon.state != "ready" or any(queue.paused for queue in status.queues)
    if not (stands_still or status.running or any(queue.available for queue in status.queues)):
        yield remark_on_next(status.schedule)


def remarks_on_daemon(status: schemas.Status) -> Iterator[schemas.Remark]:
    """Say what the daemon's own state means for new jobs."""
    if status.daemon.state != "ready":
        yield remark(f"daemon-{status.daemon.state}")


def remarks_on_queues(status: schemas.Status) -> Iterator[schemas.Remark]:
    """Say which queues wait, and for what."""
    for queue in status.queues:
        if queue.paused:
            yield remark("queue-paused", queue=queue.name, due=queue.available)
    waiting = sum(queue.available for queue in status.queues if not queue.paused)
    if waiting and len(status.running) >= status.workers:
        yield remark("workers-busy", workers=status.workers, due=waiting)


def remarks_on_state(store: schemas.Store, files: Look) -> Iterator[schemas.Remark]:
    """Say what is the matter with queue.db, whose *files* were looked at."""
    if not store.healthy:
        yield remark("state-gone" if files.gone else "state-not-written", reason=fact_of(store))
    if files.held:
        yield remark("state-log-held", held_by=", ".join(map(str, files.held_by)) or "?")


def remarks_on_outages(status: schemas.Status) -> Iterator[schemas.Remark]:
    """Say what outside the queue makes jobs wait."""
    courier, limiter = status.courier, status.courier.limiter
    if status.shop.reachable is False:
        yield remark("shop-unreachable", reason=fact_of(status.shop))
    elif status.shop.reason:
        yield remark("shop-unusable", reason=fact_of(status.shop))
    else:
        yield from remarks_on_bridge(status.bridge)
    if courier.login == "refused":
        yield remark("courier-login-refused", reason=fact_of(courier))
    if limiter.closed_until:
        yield remark("courier-closed", until=f"{limiter.closed_until:%H:%M:%S}", waiting=limiter.waiting)
    elif limiter.waiting:
        yield remark("courier-limit", limit=limiter.limit, waiting=limiter.waiting)


def remarks_on_bridge(bridge: schemas.Bridge) -> Iterator[schemas.Remark]:
    """Say what of the shop's own `jobs` table is not worked here, and what of its `failed_jobs` a person must see."""
    if bridge.active:
        for name, count in bridge.left.items():
            yield remark("bridge-left", rows=count, name=name)
    elif bridge.mode != "off":
        yield remark("bridge-off", reason=fact_of(bridge))
    if last := bridge.last_unreadable:
        yield remark("bridge-unreadable", rows=bridge.unreadable, uuid=last.uuid, reason=fact_of(last))
    if bridge.trouble:
        why = bridge.trouble_why
        yield remark("bridge-trouble", reason=from_document(why.model_dump()) if why else bridge.trouble)


def fact_of(known: schemas.Store | schemas.Shop | schemas.Courier | schemas.Bridge | schemas.UnreadableRow) -> Value:
    """Return the reason that *known* gives, as a fact if it is known as one."""
    return from_document(known.why.model_dump()) if known.why else str(known.reason)


def remarks_on_programs(views: Iterable[EntryView]) -> Iterator[schemas.Remark]:
    """Say which entries are left out because their program is missing."""
    for view in views:
        if view.off and view.entry.command:
            yield remark("entry-off", entry=view.entry.name, reason=view.off)


def remarks_on_waiting(waiting: Iterable[tuple[Said, datetime]], now: datetime) -> Iterator[schemas.Remark]:
    """Say what snoozed jobs wait for, the most frequent reason first, and when the first of them goes on."""
    due: dict[Said, list[datetime]] = defaultdict(list)
    for reason, due_at in waiting:
        due[reason].append(due_at)
    for reason, instants in sorted(due.items(), key=lambda each: -len(each[1]))[:REASONS_SHOWN]:
        yield remark("snoozed", count=len(instants), until=clock_time(min(instants), now), reason=reason)


def clock_time(instant: datetime, now: datetime) -> str:
    """Return *instant* on the wall clock of *now*, with the day unless that is today."""
    local = instant.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M:%S}"


def remark_on_next(schedule: list[schemas.Entry]) -> schemas.Remark:
    """Say that nothing is due, and which entry comes next where one does."""
    coming = min((entry for entry in schedule if entry.next), key=lambda entry: str(entry.next), default=None)
    if coming is None:
        return remark("nothing-due")
    return remark("nothing-due-next", entry=coming.name, at=f"{coming.next:%Y-%m-%d %H:%M}")
