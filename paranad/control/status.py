"""Puts the status together: all that an operator asks first."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import from_us
from paranad.control import schemas, schemas_status
from paranad.control.daemon import Daemon
from paranad.control.remarks import (
    remarks_on,
    remarks_on_alerts,
    remarks_on_left,
    remarks_on_orders,
    remarks_on_parcels,
    remarks_on_programs,
    remarks_on_recovered,
    remarks_on_standing_by,
    remarks_on_waiting,
)
from paranad.control.views import Views, said_fields
from paranad.control.views_alerts import show_alerting
from paranad.control.views_standby import show_standby
from paranad.pauses import ALL, Kind, Target
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Job, State
from paranad.queue.queues import Queues
from paranad.queue.running import Running
from paranad.said import Said
from paranad.schedule.view import EntryView
from paranad.shipments.model import Shipment, ShipmentState

FAILED_SHOWN = 5
HELD_SHOWN = 100
LOOKED_AT = 100
"""Of how many jobs, the newest, the status says what they wait for."""


async def build_status(daemon: Daemon) -> schemas_status.Status:
    """Return everything an operator asks first."""
    show, outside, standby = Views(daemon.zone), daemon.parts.outside, daemon.parts.standby
    if standby and standby.view.seems_alone:
        await standby.look()  # one may have begun to stand by just now
    answer, count = await asyncio.gather(outside.ask(), daemon.parts.orders.count())
    due, standing = await daemon.parts.jobs.due_of_paused_tasks(), await daemon.parts.pauses.standing()
    queues, views = await queues_of(daemon, due), await daemon.parts.scheduler.views()
    status = schemas_status.Status(
        daemon=daemon.itself(),
        notes=[],
        remarks=[],
        pause=show.pause_or_none(standing.get(ALL)),
        queues=queues,
        paused_tasks=[
            schemas_status.PausedTask(
                name=task,
                due=sum(jobs.values()),
                pause=show.pause_or_none(standing.get(Target(Kind.TASK, task))),
            )
            for task, jobs in due.items()
        ],
        workers=daemon.parts.workers.count,
        running=[running_job(each, show) for each in daemon.parts.workers.running()],
        failed=await failures_of(daemon, show, sum(queue.failed for queue in queues)),
        schedule=[show.entry(view) for view in views],
        gone_entries=show.gone_entries(standing, daemon.parts.scheduler.names),
        courier=show.courier(outside),
        last_sync=show.last_sync(answer.last_sync),
        last_sync_known=answer.last_sync_known,
        shipments=await shipments_of(daemon),
        orders=show.orders(count),
        shop=show.shop(answer),
        bridge=show.bridge(daemon.parts.bridge),
        php=show.php(daemon.parts.bridge, daemon.parts.on_demand, daemon.parts.notices.trouble),
        store=show.store(daemon.parts.store),
        standby=show_standby(daemon, show),
        heartbeat=show.heartbeat(daemon.parts.heartbeat.pulse),
        alerts=show_alerting(daemon.parts.alerts, show),
    )
    said = await remarks_of(daemon, status, views)
    notes, remarks = [str(each) for each in said], [schemas.remark_of(each) for each in said]
    return status.model_copy(update={"notes": notes, "remarks": remarks})


async def remarks_of(daemon: Daemon, status: schemas_status.Status, views: Sequence[EntryView]) -> list[Said]:
    """Return why nothing, or less than expected, runs; of a daemon that stands by only what concerns it."""
    now = daemon.clock.now().astimezone(daemon.zone)
    of_alerts = remarks_on_alerts(status.alerts, now) if status.alerts else ()
    if status.daemon.state == "standby":
        return [
            *remarks_on_standing_by(status, daemon.parts.store.watch.last_look, now),
            *remarks_on_left(await daemon.parts.bridge.kept.notes.waiting_here()),
            *of_alerts,
        ]
    return [
        *remarks_on(status, daemon.parts.store.watch.last_look, now),
        *remarks_on_recovered(status.daemon.state, await daemon.parts.jobs.waiting_alone()),
        *remarks_on_orders(status.orders, daemon.unshipped_after, now),
        *remarks_on_parcels(latest.counts.values() if (latest := daemon.parts.parcels.last) else ()),
        *of_alerts,
        *remarks_on_programs(views),
        *remarks_on_waiting(await waiting_for(daemon), now),
    ]


async def queues_of(daemon: Daemon, due: Mapping[str, Mapping[str, int]]) -> list[schemas_status.Queue]:
    """Return the configured queues in claim order, then others that hold jobs or are paused.

    *due* are the due jobs of paused tasks, by task and queue.
    """
    counts = await daemon.parts.jobs.counts()
    show, queues = Views(daemon.zone), daemon.parts.jobs.queues
    paused, limits = queues.paused, queues.limits
    names = dict.fromkeys((*daemon.parts.registry.queues, *sorted({*counts, *paused})))
    return [
        schemas_status.Queue(
            name=name,
            paused=name in paused,
            pause=show.pause_or_none(paused.get(name)),
            available=counts.get(name, {}).get(State.AVAILABLE, 0),
            set_apart=sum(jobs.get(name, 0) for jobs in due.values()),
            running=counts.get(name, {}).get(State.RUNNING, 0),
            limit=limits.get(name),
            scheduled=counts.get(name, {}).get(State.SCHEDULED, 0),
            retryable=counts.get(name, {}).get(State.RETRYABLE, 0),
            failed=counts.get(name, {}).get(State.FAILED, 0),
        )
        for name in names
    ]


async def failures_of(daemon: Daemon, show: Views, count: int) -> schemas_status.Failures:
    """Return how many jobs failed, and the newest."""
    failed = JobFilter(states=frozenset({State.FAILED}))
    page = await daemon.parts.jobs.find(failed, limit=FAILED_SHOWN, cursor=None)
    return schemas_status.Failures(count=count, last=[failed_job(job, show) for job in page.items])


async def waiting_for(daemon: Daemon) -> list[tuple[Said, datetime]]:
    """Return the reason of each of the newest snoozed jobs, and when it goes on."""
    waiting = JobFilter(states=frozenset({State.SCHEDULED}))
    page = await daemon.parts.jobs.find(waiting, limit=LOOKED_AT, cursor=None)
    return [(job.error, job.due_at) for job in page.items if job.error]


def failed_job(job: Job, show: Views) -> schemas_status.FailedJob:
    """Show a failed job in brief."""
    ended_at = job.finished_at or job.due_at
    return schemas_status.FailedJob(
        id=job.id, task=job.task, **said_fields(job.error, "error"), finished_at=show.at(ended_at)
    )


async def shipments_of(daemon: Daemon) -> schemas_status.ShipmentCounts:
    """Return how many shipments are not yet recorded, and which need a person."""
    counts, restored_from = await daemon.parts.shipments.journal.counts(), await daemon.parts.shipments.restored_from()
    waiting = await sending(daemon, State.AVAILABLE, State.SCHEDULED, State.RETRYABLE)
    go_on = [job for job in waiting if not is_paused(job, daemon.parts.jobs.queues)]
    is_closed = daemon.parts.outside.breaker.door.next_try_at is not None
    waiting_for: Literal["pause", "courier"] | None = None
    if waiting and (is_closed or not go_on):
        waiting_for = "courier" if go_on else "pause"
    due = [] if waiting_for else [job.due_at.astimezone(daemon.zone) for job in go_on]
    return schemas_status.ShipmentCounts(
        intended=counts.get(ShipmentState.INTENDED, 0),
        created=counts.get(ShipmentState.CREATED, 0),
        held=counts.get(ShipmentState.HELD, 0),
        withdrawn=max(0, counts.get(ShipmentState.WITHDRAWN, 0) - await daemon.parts.shipments.journal.postponed()),
        waiting=len(waiting),
        waiting_for=waiting_for,
        next_at=min(due, default=None),
        failed=len(await sending(daemon, State.FAILED)),
        needs_person=list(await daemon.parts.shipments.journal.held_orders(HELD_SHOWN)),
        restored_from=restored_from and restored_from.astimezone(daemon.zone),
    )


def is_paused(job: Job, queues: Queues) -> bool:
    """Tell whether *job* does not start even when it is due: everything is paused, or its queue or task."""
    return bool(queues.all_paused) or job.queue in queues.paused or job.task in queues.paused_tasks


async def next_look(daemon: Daemon, shipment: Shipment) -> tuple[datetime | None, Job | None]:
    """Return when the courier's list is asked at the latest for *shipment*, and the job that waits to send it."""
    next_look_at, job = daemon.parts.shipments.next_look_at(shipment), await waiting_job(daemon, shipment)
    return (max(next_look_at, job.due_at) if next_look_at and job else next_look_at), job


async def waiting_job(daemon: Daemon, shipment: Shipment) -> Job | None:
    """Return the job that waits to send *shipment*; None if the shipment is at the courier or held for a person."""
    if shipment.state not in {ShipmentState.INTENDED, ShipmentState.WITHDRAWN}:
        return None
    where = JobFilter(
        states=frozenset({State.SCHEDULED, State.RETRYABLE}), task=CREATE_SHIPMENT.name, order_id=shipment.order_id
    )
    waiting = (await daemon.parts.jobs.find(where, limit=1, cursor=None)).items
    return waiting[0] if waiting else None


async def sending(daemon: Daemon, *states: State) -> Sequence[Job]:
    """Return the newest jobs that send a shipment and are in one of *states*."""
    where = JobFilter(states=frozenset(states), task=CREATE_SHIPMENT.name)
    return (await daemon.parts.jobs.find(where, limit=LOOKED_AT, cursor=None)).items


def running_job(running: Running, show: Views) -> schemas_status.RunningJob:
    """Show a running job in brief."""
    job, made = running.job, running.progress_made
    return schemas_status.RunningJob(
        id=job.id,
        task=job.task,
        queue=job.queue,
        attempt=job.attempt,
        started_at=show.at(from_us(running.started_at_us)),
        progress=made and schemas_status.Progress(done=made[0], total=made[1]),
    )
