"""Puts the status together, and says in words why nothing runs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from paranad.clock import from_us
from paranad.control import schemas
from paranad.control.daemon import Daemon, Facts
from paranad.control.views import Views
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Job, State
from paranad.queue.running import Running
from paranad.shipments.model import ShipmentState

FAILED_SHOWN = 5
HELD_SHOWN = 100
WAITING_LOOKED_AT = 100
REASONS_SHOWN = 5


async def build_status(daemon: Daemon) -> schemas.Status:
    """Return everything an operator asks first."""
    show = Views(daemon.zone)
    facts = in_zone(await daemon.facts(), show)
    queues = await queues_of(daemon)
    status = schemas.Status(
        daemon=facts.daemon,
        notes=[],
        queues=queues,
        workers=daemon.workers.count,
        running=[running_job(each, show) for each in daemon.workers.running()],
        failed=await failures_of(daemon, show, sum(queue.failed for queue in queues)),
        schedule=[show.entry(view) for view in await daemon.scheduler.views()],
        courier=facts.courier,
        last_sync=facts.last_sync,
        shipments=await shipments_of(daemon),
        shop=facts.shop,
        bridge=facts.bridge,
        store=facts.store,
    )
    return status.model_copy(update={"notes": [*notes_on(status), *notes_on_waiting(await waiting_for(daemon))]})


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
    counts = await daemon.jobs.counts()
    paused = daemon.jobs.paused()
    names = dict.fromkeys((*daemon.registry.queues, *sorted(counts)))
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
    page = await daemon.jobs.find(failed, limit=FAILED_SHOWN, cursor=None)
    return schemas.Failures(count=count, last=[failed_job(job, show) for job in page.items])


async def waiting_for(daemon: Daemon) -> list[str]:
    """Return what each of the newest waiting jobs was snoozed for."""
    waiting = JobFilter(states=frozenset({State.SCHEDULED}))
    page = await daemon.jobs.find(waiting, limit=WAITING_LOOKED_AT, cursor=None)
    return [job.error for job in page.items if job.error]


def failed_job(job: Job, show: Views) -> schemas.FailedJob:
    """Show a failed job in brief."""
    ended_at = job.finished_at or job.due_at
    return schemas.FailedJob(id=job.id, task=job.task, error=job.error, finished_at=show.at(ended_at))


async def shipments_of(daemon: Daemon) -> schemas.ShipmentCounts:
    """Return how many shipments are not yet recorded, and which need a person."""
    counts = await daemon.shipments.counts()
    return schemas.ShipmentCounts(
        intended=counts.get(ShipmentState.INTENDED, 0),
        created=counts.get(ShipmentState.CREATED, 0),
        held=counts.get(ShipmentState.HELD, 0),
        needs_person=list(await daemon.shipments.held_orders(HELD_SHOWN)),
    )


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


def notes_on(status: schemas.Status) -> Iterator[str]:
    """Say in plain sentences why nothing, or less than expected, runs."""
    yield from notes_on_daemon(status)
    yield from notes_on_queues(status)
    yield from notes_on_outages(status)
    if status.shipments.held:
        held = several(status.shipments.held, "shipment")
        yield f"{held} to be decided by a person: paranadctl shipments list --state held"
    stands_still = status.daemon.state != "ready" or any(queue.paused for queue in status.queues)
    if not (stands_still or status.running or any(queue.available for queue in status.queues)):
        yield f"nothing is due{next_entry(status.schedule)}"


def notes_on_daemon(status: schemas.Status) -> Iterator[str]:
    """Say what the daemon's own state means for new jobs."""
    match status.daemon.state:
        case "starting":
            yield "the daemon starts: it recovers the queue before it claims"
        case "draining":
            yield "the daemon drains: what runs finishes, nothing new starts; to go on: paranadctl resume"
        case "stopping":
            yield "the daemon stops: what runs finishes, nothing new starts"


def notes_on_queues(status: schemas.Status) -> Iterator[str]:
    """Say which queues wait, and for what."""
    for queue in status.queues:
        if queue.paused:
            due = several(queue.available, "job")
            yield f"queue {queue.name} is paused, {due} due; to go on: paranadctl resume {queue.name}"
    waiting = sum(queue.available for queue in status.queues if not queue.paused)
    if waiting and len(status.running) >= status.workers:
        yield f"all {status.workers} workers are busy; due and waiting for one: {several(waiting, 'job')}"


def notes_on_outages(status: schemas.Status) -> Iterator[str]:
    """Say what outside the queue makes jobs wait."""
    courier, limiter = status.courier, status.courier.limiter
    if not status.store.healthy:
        refused = "so new work is refused, and what ends is kept in memory until it can"
        yield f"queue.db cannot be written, {refused}: {status.store.reason}"
    if status.shop.reachable is False:
        yield f"the shop's database does not answer, so its tasks wait: {status.shop.reason}"
    elif status.shop.reason:
        yield f"tasks of the shop may wait: {status.shop.reason}"
    else:
        yield from notes_on_bridge(status.bridge)
    if courier.login == "refused":
        yield f"the courier refuses the login, so its tasks wait: {courier.reason}"
    if limiter.closed_until:
        closed = f"the courier takes no request before {limiter.closed_until:%H:%M:%S}"
        yield f"{closed}; waiting for that: {several(limiter.waiting, 'job')}"
    elif limiter.waiting:
        waiting = several(limiter.waiting, "job")
        yield f"waiting for a free place in the courier's limit of {limiter.limit} requests: {waiting}"


def notes_on_bridge(bridge: schemas.Bridge) -> Iterator[str]:
    """Say what of the shop's own `jobs` table is not worked here."""
    if not bridge.active:
        if bridge.mode != "off":
            yield f"the shop's jobs table is not worked here: {bridge.reason}"
        return
    for name, count in bridge.left.items():
        yield f"left for a PHP worker in the shop's jobs table, {several(count, 'row')}: {name}"


def notes_on_waiting(reasons: Iterable[str]) -> Iterator[str]:
    """Say what snoozed jobs wait for, the most frequent first."""
    for reason, count in Counter(reasons).most_common(REASONS_SHOWN):
        yield f"snoozed for this reason, {several(count, 'job')}: {reason}"


def next_entry(schedule: list[schemas.Entry]) -> str:
    """Say which entry comes next, or nothing."""
    coming = min((entry for entry in schedule if entry.next), key=lambda entry: str(entry.next), default=None)
    return f"; next: {coming.name} at {coming.next:%Y-%m-%d %H:%M}" if coming else ""


def several(count: int, what: str) -> str:
    """Write *count* with its noun."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
