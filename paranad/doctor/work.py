"""The checks of the daemon's work: its queues and failed jobs, the schedule, the shipments."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from paranad.alerts.incident import summed
from paranad.alerts.incidents import Incidents
from paranad.alerts.kinds import IncidentKind
from paranad.clock import wall_time
from paranad.doctor.bounded import Findings
from paranad.errors import NotFound
from paranad.finding import Finding, Found, failed, ok, warning
from paranad.orders.parcel_watch import ParcelWatch, Reading
from paranad.queue.jobs import JobFilter, Jobs
from paranad.queue.model import State
from paranad.queue.workers import Workers
from paranad.said import Said, Sentence
from paranad.schedule.loop import EntryView, Scheduler
from paranad.schedule.silence import expected_by, owing
from paranad.shipments.model import ShipmentState
from paranad.shipments.service import Shipments

NAMED = 10
"""How many held orders are named."""

QUEUES_OPEN = ok("queues-open", "queues", "every queue is open; {running} of {workers} workers are busy")
ALL_PAUSED = warning(
    "all-paused", "queues", "everything is paused; jobs that wait: {available}; {pause}", "paranadctl resume"
)
QUEUE_PAUSED = warning(
    "queue-paused",
    "queues",
    "queue {queue} is paused; jobs that wait in it: {available}; {pause}",
    "paranadctl resume {queue}",
)
TASK_PAUSED = warning(
    "task-paused",
    "queues",
    "task {task} is paused; due jobs of it that wait: {due}; {pause}",
    "paranadctl resume {task}",
)
JOBS_NONE_FAILED = ok("jobs-none-failed", "failed-jobs", "no job has failed for good")
JOBS_FAILED = warning(
    "jobs-failed",
    "failed-jobs",
    "jobs that have failed for good: {count}; the last is {task}: {error}",
    "see why: paranadctl failed show {id}; again: paranadctl retry {id}",
)
ENTRY_SUCCEEDED = ok("entry-succeeded", "schedule", "{entry} last succeeded {at}")
ENTRY_WAITS = ok("entry-waits", "schedule", "{entry} has not succeeded yet; its next run: {next}")
ENTRY_FORGOTTEN = ok("entry-forgotten", "schedule", "{entry} last ran {at}; its job is no longer kept")
ENTRY_DISABLED = ok("entry-disabled", "schedule", "{entry} is disabled by the configuration")
ENTRY_OFF = ok("entry-off", "schedule", "{entry} is left out: {reason}")
ENTRY_PROGRAM_MISSING = failed(
    "entry-program-missing",
    "schedule",
    "{entry} is left out: {reason}",
    "put the program back, or correct the entry in paranad.toml: paranadctl reload",
)
ENTRY_PAUSED = warning("entry-paused", "schedule", "{entry} is paused; {pause}", "paranadctl schedule resume {entry}")
ENTRY_GONE = warning(
    "entry-gone",
    "schedule",
    "{entry} is paused, and the configuration no longer has it; {pause}",
    "if it was renamed, the new one runs: paranadctl schedule pause NAME; to forget it: "
    "paranadctl schedule resume {entry}",
)
ENTRY_SILENT = failed(
    "entry-silent",
    "schedule",
    "{entry} has had no success, expected by {expected}; the last: {at}; its last run: {reason}",
    "see its runs: paranadctl schedule history {entry}; try it: paranadctl schedule run {entry}",
)
SHIPMENTS_NONE_HELD = ok("shipments-none-held", "shipments", "no shipment needs a person; under way: {under_way}")
SHIPMENTS_RESTORED = failed(
    "shipments-restored",
    "shipments",
    "queue.db was restored from a copy of {at}, so no shipment is sent",
    "match its journal with the courier's list: paranadctl shipments reconcile",
)
SHIPMENTS_HELD = failed(
    "shipments-held",
    "shipments",
    "shipments that need a person to decide: {count}; orders {orders}",
    "see each, and decide: paranadctl shipments show {order}",
)

PARCELS_WELL = ok("parcels-well", "parcels", "no parcel of the kinds that are watched needs a person")
PARCELS_OFF = ok("parcels-off", "parcels", "no kind of parcels is watched, as [parcels] and the shop's tables have it")
PARCELS_FOUND = warning(
    "parcels-found",
    "parcels",
    "parcels that need a person: {count} ({kinds})",
    "see each, and why: paranadctl parcels",
)

WORK_WELL = ok("work-well", "work", "no task fails, hangs, is slow or waits too long")
CURE = "{cure}"
"""Of an incident: its own, as the alert tells it."""
WORK_FAILED = failed("job-failed", "work", "{message}", CURE)
WORK_COMMAND_OFF = failed("command-off", "work", "{message}", CURE)
WORK_STUCK = failed("job-stuck", "work", "{message}", CURE)
WORK_BLOCKED = warning("loop-blocked", "work", "{message}", CURE)
WORK_SLOW = warning("run-slow", "work", "{message}", CURE)
WORK_WAITS = warning("jobs-waiting", "work", "{message}", CURE)
WORK_PHP = failed("php-missing", "work", "{message}", CURE)
WORK: Mapping[IncidentKind, Finding] = {
    IncidentKind.JOB_FAILED: WORK_FAILED,
    IncidentKind.COMMAND_OFF: WORK_COMMAND_OFF,
    IncidentKind.JOB_STUCK: WORK_STUCK,
    IncidentKind.LOOP_BLOCKED: WORK_BLOCKED,
    IncidentKind.PHP_MISSING: WORK_PHP,
    IncidentKind.RUN_SLOW: WORK_SLOW,
    IncidentKind.JOBS_WAITING: WORK_WAITS,
}

JOB_STANDS = Sentence("job.stands", "job {id} {state}")
JOB_STANDS_BECAUSE = Sentence("job.stands_because", "job {id} {state}: {error}")
RUN_ENDED = Sentence("schedule.outcome", "{state}")


async def queue_findings(jobs: Jobs, workers: Workers, now: datetime) -> Findings:
    """Say what is paused, and how many jobs have failed; *now* is in the configured zone."""
    counts, paused, tasks = await jobs.counts(), jobs.queues.paused, jobs.queues.paused_tasks
    available = {queue: states.get(State.AVAILABLE, 0) for queue, states in counts.items()}
    held_up = []
    if pause := jobs.queues.all_paused:
        held_up.append(ALL_PAUSED(available=sum(available.values()), pause=pause.said(now)))
    held_up += [
        QUEUE_PAUSED(queue=queue, available=available.get(queue, 0), pause=paused[queue].said(now))
        for queue in dict.fromkeys((*jobs.queues.names, *sorted(paused)))
        if queue in paused
    ]
    due_of = await jobs.due_of_paused_tasks()
    held_up += [
        TASK_PAUSED(task=task, due=sum(due.values()), pause=tasks[task].said(now))
        for task, due in due_of.items()
        if task in tasks
    ]
    open_ = QUEUES_OPEN(running=len(workers.running()), workers=workers.count)
    return [*(held_up or [open_]), await _failures(jobs, sum(each.get(State.FAILED, 0) for each in counts.values()))]


async def _failures(jobs: Jobs, count: int) -> Found:
    # Newest first: the last failure is the one that an operator looks for.
    page = await jobs.find(JobFilter(states=frozenset({State.FAILED})), limit=1, cursor=None)
    if not page.items:
        return JOBS_NONE_FAILED()
    last = page.items[0]
    return JOBS_FAILED(count=count, id=last.id, task=last.task, error=last.error)


async def entry_findings(
    scheduler: Scheduler,
    jobs: Jobs,
    workers: Workers,
    owed_since: Mapping[str, datetime],
    *,
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Findings:
    """Say how each entry of the schedule stands at *now*; the daemon runs since *since*.

    *owed_since* is the alerts' count, by entry: it begins again after a pause, or an outage of the shop.
    """
    successes = await scheduler.successes()
    views = await scheduler.views()
    watched = {view.entry.name for view in owing(views, scheduler, jobs, workers) if not _is_pruned(view)}
    findings = []
    for view in views:
        succeeded_at = successes.get(view.entry.name)
        # An entry owes nothing for the time before the daemon started, nor for what the alerts excuse.
        owes_since = max(succeeded_at or since, since, owed_since.get(view.entry.name, since))
        expected = expected_by(view.entry, owes_since)
        if view.entry.name in watched and now >= expected:
            at = wall_time(succeeded_at, zone) if succeeded_at else "-"
            said = {"at": at, "expected": wall_time(expected, zone), "reason": await _last_run(jobs, view)}
            findings.append(ENTRY_SILENT(entry=view.entry.name, **said))
        else:
            findings.append(_entry(view, succeeded_at, zone, now))
    known = {view.entry.name for view in views}
    pauses = await scheduler.pauses()
    gone = [name for name in sorted(pauses) if name not in known]
    return [*findings, *(ENTRY_GONE(entry=name, pause=pauses[name].said(now.astimezone(zone))) for name in gone)]


def _is_pruned(view: EntryView) -> bool:
    """Tell whether the last job of an entry is no longer kept: how it ended is not known."""
    return view.last is not None and view.last.job_id is not None and view.last_job_state is None


async def _last_run(jobs: Jobs, view: EntryView) -> Said | str:
    """Return why the last run of an entry did not succeed, as far as the run or its job says so."""
    if view.last is None:
        return "-"
    if view.last.job_id is not None and view.last_job_state is not State.COMPLETED:
        try:
            job = await jobs.get(view.last.job_id)
        except NotFound:
            pass
        else:
            if job.error:
                return JOB_STANDS_BECAUSE(id=job.id, state=job.state.value, error=job.error)
            return JOB_STANDS(id=job.id, state=job.state.value)
    return view.last.reason or RUN_ENDED(state=view.last.outcome.value)


def _entry(view: EntryView, succeeded_at: datetime | None, zone: ZoneInfo, now: datetime) -> Found:
    name, last = view.entry.name, view.last
    if view.off:
        finding = ENTRY_PROGRAM_MISSING if view.entry.command else ENTRY_OFF
        return finding(entry=name, reason=view.off)
    if not view.entry.enabled:
        return ENTRY_DISABLED(entry=name)
    if view.pause:
        return ENTRY_PAUSED(entry=name, pause=view.pause.said(now.astimezone(zone)))
    if succeeded_at:
        return ENTRY_SUCCEEDED(entry=name, at=wall_time(succeeded_at, zone))
    if last and _is_pruned(view):
        return ENTRY_FORGOTTEN(entry=name, at=wall_time(last.occurrence, zone))
    return ENTRY_WAITS(entry=name, next=wall_time(view.next_at, zone) if view.next_at else "-")


async def work_findings(incidents: Incidents) -> Findings:
    """Say what the alerts found wrong with the work at their last look, by their rules and in their words."""
    found = [(finding, summed([each])) for kind, finding in WORK.items() for each in incidents.open(kind).values()]
    return [finding(message=message, cure=cure) for finding, (message, cure) in found] or [WORK_WELL()]


async def restored_findings(shipments: Shipments, zone: ZoneInfo) -> Findings:
    """Say whether queue.db was restored, so that no shipment is sent by it: on a machine that stands by, too."""
    copied_at = await shipments.restored_from()
    return [SHIPMENTS_RESTORED(at=wall_time(copied_at, zone))] if copied_at else []


async def shipment_findings(shipments: Shipments, zone: ZoneInfo) -> Findings:
    """Say which shipments need a person, and whether none is sent because queue.db was restored."""
    restored = await restored_findings(shipments, zone)
    counts = await shipments.journal.counts()
    if held := counts.get(ShipmentState.HELD, 0):
        orders = await shipments.journal.held_orders(NAMED)
        named = ", ".join(map(str, orders)) + (", …" if held > len(orders) else "")
        return [*restored, SHIPMENTS_HELD(count=held, orders=named, order=orders[0])]
    under_way = sum(counts.values()) - counts.get(ShipmentState.WITHDRAWN, 0)
    return [*restored, SHIPMENTS_NONE_HELD(under_way=under_way)]


async def parcel_findings(parcels: ParcelWatch) -> Findings:
    """Say how many parcels need a person; nothing while the shop does not answer, which another check says."""
    reading = await parcels.latest()
    return [finding_of(reading)] if reading else []


def finding_of(reading: Reading) -> Found:
    """Say how many parcels of which kinds need a person."""
    kinds = [f"{kind.value} {count}" for kind, count in reading.counts.items() if count]
    if kinds:
        return PARCELS_FOUND(count=sum(reading.counts.values()), kinds=", ".join(kinds))
    return PARCELS_WELL() if reading.counts else PARCELS_OFF()
