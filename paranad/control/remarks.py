"""Why nothing, or less than expected, runs: the remarks of a status, each a sentence with its code.

The English is what the API answers; `paranadctl` has the Arabic by the same codes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from paranad.control import schemas, schemas_alerts, schemas_schedule, schemas_standby, schemas_status
from paranad.queue.pause import Pause, waiting
from paranad.said import Said, Sentence, Value
from paranad.schedule.loop import EntryView
from paranad.store.watch import FileLook

REASONS_SHOWN = 5
"""For how many reasons snoozed jobs are counted."""

DAEMON_STARTING = Sentence("daemon-starting", "the daemon starts: it recovers the queue before it claims")
DAEMON_DRAINING = Sentence(
    "daemon-draining", "the daemon drains: what runs finishes, nothing new starts; to go on: paranadctl resume"
)
DAEMON_STANDBY = Sentence("daemon-standby", "nothing runs here: {reason}")
TAKING_OVER = Sentence(
    "taking-over", "this machine holds the lease, and works as soon as it has what the shop's database keeps: {reason}"
)
TAKEOVER_COMES = Sentence("takeover-comes", "nothing runs here yet: {reason}")
NOBODY_WORKS = Sentence("nobody-works", "no machine is known to work: {reason}")
HANDING_OVER = Sentence(
    "daemon-hands-over", "another machine takes over as soon as what runs here has ended: nothing new starts here"
)
LEASE_STALE = Sentence("lease-stale", "no job starts until the lease is renewed again: {reason}")
LEASE_CURE = Sentence("lease-cure", "so that a machine can hold the lease: {cure}")
NO_STANDBY = Sentence("no-standby", "no other machine has stood by so far: if this one stops, nobody goes on")
NO_STANDBY_ANY_MORE = Sentence(
    "no-standby-any-more", "{machine} does not stand by: if this one stops, nobody goes on; there: paranadctl doctor"
)
JOBS_LEFT_HERE = Sentence(
    "jobs-left-here",
    "waiting on this machine alone, {jobs:job}: they go on when it works again, unless cancelled: paranadctl jobs",
)
DAEMON_STOPPING = Sentence("daemon-stopping", "the daemon stops: what runs finishes, nothing new starts")
ALL_PAUSED = Sentence(
    "all-paused",
    "everything is paused, {waiting}; {pause}; what the schedule brings is skipped; to go on: paranadctl resume",
)
QUEUE_PAUSED = Sentence(
    "queue-paused", "queue {queue} is paused, {waiting}; {pause}; to go on: paranadctl resume {queue}"
)
TASK_PAUSED = Sentence(
    "task-paused", "task {task} is paused, {due:job} due; {pause}; to go on: paranadctl resume {task}"
)
ENTRY_PAUSED = Sentence(
    "entry-paused",
    "schedule entry {entry} is paused, so not enqueued; {pause}; to go on: paranadctl schedule resume {entry}",
)
ENTRY_GONE = Sentence(
    "entry-gone",
    "schedule entry {entry} is paused, and the configuration no longer has it; {pause}; "
    "to forget it: paranadctl resume {entry}",
)
ENTRY_OFF = Sentence("entry-off", "schedule entry {entry} is left out until its program is there: {reason}")
QUEUE_AT_LIMIT = Sentence(
    "queue-at-limit",
    "queue {queue} is at its limit, {running} of {limit} jobs; due and waiting for one to end: {due:job}",
)
WORKERS_BUSY = Sentence("workers-busy", "all {workers} workers are busy; due and waiting for one: {due:job}")
ONE_AT_A_TIME = Sentence(
    "one-at-a-time",
    "jobs that ran when a daemon died start one at a time, so that one that ends it is known; waiting: {due:job}",
)
STATE_NOT_WRITTEN = Sentence(
    "state-not-written",
    "queue.db cannot be written, so new work is refused, and what ends is kept in memory until it can: {reason}",
)
STATE_GONE = Sentence("state-gone", "no new work is taken and none begins: {reason}")
STATE_LOG_HELD = Sentence(
    "state-log-held",
    "queue.db-wal has grown large and cannot be merged, because another process reads queue.db and does not "
    "finish: process {held_by}",
)
SHOP_UNREACHABLE = Sentence("shop-unreachable", "the shop's database does not answer, so its tasks wait: {reason}")
SHOP_UNUSABLE = Sentence("shop-unusable", "tasks of the shop may wait: {reason}")
COURIER_LOGIN_REFUSED = Sentence("courier-login-refused", "the courier refuses the login, so its tasks wait: {reason}")
COURIER_CLOSED = Sentence(
    "courier-closed", "the courier takes no request before {until}; waiting for that: {waiting:job}"
)
COURIER_LIMIT = Sentence(
    "courier-limit", "waiting for a free place in the courier's limit of {limit} requests: {waiting:job}"
)
COURIER_DOOR_CLOSED = Sentence(
    "courier-door-closed",
    "the courier has not answered several times in a row, so no order is sent; it is asked again at {at}: {reason}",
)
COURIER_ONE_ORDER = Sentence(
    "courier-one-order", "the courier answers again: one order is sent first, the others after it"
)
BRIDGE_OFF = Sentence("bridge-off", "the shop's jobs table is not worked here: {reason}")
BRIDGE_LEFT = Sentence("bridge-left", "left for a PHP worker in the shop's jobs table, {rows:row}: {name}")
BRIDGE_UNREADABLE = Sentence(
    "bridge-unreadable",
    "in the shop's failed_jobs, not done because it cannot be read, {rows:row}; the last, {uuid}: {reason}; "
    "in the shop: php artisan queue:failed, then queue:retry UUID or queue:forget UUID",
)
BRIDGE_TROUBLE = Sentence(
    "bridge-trouble", "failed jobs cannot be given back to the shop's failed_jobs, and this is tried again: {reason}"
)
PHP_LATE = Sentence("php-late", "waiting for PHP, {rows:row}: {reason}; {cure}")
NOTICES_REFUSED = Sentence(
    "notices-refused",
    "the shop's jobs table takes no row of the listener that sends pushes, so a changed status is told by rows alone: "
    "{reason}",
)
SNOOZED = Sentence("snoozed", "snoozed for this reason, {count:job}, the first until {until}: {reason}")
RESTORED = Sentence(
    "restored",
    "queue.db was restored from a copy of {copied_at}: no shipment is sent until its journal is matched with the "
    "courier's list: paranadctl shipments reconcile",
)
RATE_OF_ANOTHER = Sentence(
    "rate-of-another", "orders wait until {until}: {machine} may have used the courier's rate just before"
)
SHIPMENTS_HELD = Sentence(
    "shipments-held", "{held:shipment} to be decided by a person: paranadctl shipments list --state held"
)
PARCELS_FOUND = Sentence("parcels-found", "parcels that need a person: {count}; which, and why: paranadctl parcels")
ORDERS_UNSHIPPED = Sentence(
    "orders-unshipped",
    "{orders:order} without a shipment, the oldest of {made_at}: paranadctl orders --without-shipment",
)
ALERTS_FAILING = Sentence(
    "alerts-failing",
    "nobody is told of trouble: the alert command fails since {since}, {times:time} in a row: {reason}; "
    "correct it, then: paranadctl alert test",
)
ALERT_MUTED = Sentence(
    "alert-muted",
    "nobody is told of {kind} until {until}, as {by} asked; to be told again: paranadctl alerts unmute {kind}",
)
NOTHING_DUE = Sentence("nothing-due", "nothing is due")
NOTHING_DUE_NEXT = Sentence("nothing-due-next", "nothing is due; next: {entry} at {at}")

DAEMON = {"starting": DAEMON_STARTING, "draining": DAEMON_DRAINING, "stopping": DAEMON_STOPPING}
"""By the daemon's state."""


def remarks_on(status: schemas_status.Status, files: FileLook, now: datetime) -> Iterator[Said]:
    """Say why nothing, or less than expected, runs; *now* is in the configured zone."""
    if not files.gone:  # a lost file makes it drain, and then no `resume` ends that
        yield from remarks_on_daemon(status)
    yield from remarks_on_pauses(status, now)
    yield from remarks_on_queues(status)
    yield from remarks_on_restored(status)
    yield from remarks_on_state(status.store, files)
    yield from remarks_on_outages(status)
    if until := status.courier.limiter.another_until:
        yield RATE_OF_ANOTHER(machine=status.courier.limiter.another or "?", until=clock_time(until, now))
    if status.shipments.held:
        yield SHIPMENTS_HELD(held=status.shipments.held)
    stands_still = status.daemon.state != "ready" or status.pause or any(queue.paused for queue in status.queues)
    if not (stands_still or status.running or any(queue.available > queue.set_apart for queue in status.queues)):
        yield remark_on_next(status.schedule)


def remarks_on_daemon(status: schemas_status.Status) -> Iterator[Said]:
    """Say what the daemon's own state means for new jobs."""
    standby = status.standby
    if standby and standby.handing_over:
        yield HANDING_OVER()
    elif status.daemon.state in DAEMON:
        yield DAEMON[status.daemon.state]()
    elif standby and not standby.claims:
        yield LEASE_STALE(reason=trouble_of(standby))
    if standby:
        yield from remarks_on_cure(standby)
        # As long as the table cannot be read, it is not known.
        if not standby.trouble and not any(each.present and not each.itself for each in standby.machines):
            yield NO_STANDBY_ANY_MORE(machine=standby.before) if standby.before else NO_STANDBY()


def remarks_on_standing_by(status: schemas_status.Status, files: FileLook, now: datetime) -> Iterator[Said]:
    """Say for whom a daemon stands by, and what of its own would keep it from working; *now* as in `remarks_on`."""
    if standby := status.standby:
        yield TAKING_OVER(reason=trouble_of(standby)) if standby.role == "active" else standing_by(standby)
        yield from remarks_on_cure(standby)
    if status.shop.reachable is False:
        yield SHOP_UNREACHABLE(reason=fact_of(status.shop))
    yield from remarks_on_state(status.store, files)
    yield from remarks_on_restored(status)
    yield from remarks_on_pauses(status, now)


def remarks_on_restored(status: schemas_status.Status) -> Iterator[Said]:
    """Say that no shipment is sent before a restored journal is matched."""
    if copied_at := status.shipments.restored_from:
        yield RESTORED(copied_at=f"{copied_at:%Y-%m-%d %H:%M}")


def remarks_on_left(jobs: int) -> Iterator[Said]:
    """Say that so many *jobs* wait on this machine alone, which stands by."""
    if jobs:
        yield JOBS_LEFT_HERE(jobs=jobs)


def remarks_on_cure(standby: schemas_standby.Standby) -> Iterator[Said]:
    """Say what a person does so that a machine can hold the lease."""
    if standby.cure:
        yield LEASE_CURE(cure=standby.cure_why.said() if standby.cure_why else standby.cure)


def standing_by(standby: schemas_standby.Standby) -> Said:
    """Say whether another machine works, seems to be gone, or none works."""
    reason = fact_of(standby)
    if not standby.works:
        return NOBODY_WORKS(reason=reason)
    return (TAKEOVER_COMES if standby.silent else DAEMON_STANDBY)(reason=reason)


def trouble_of(standby: schemas_standby.Standby) -> Value:
    """Return why the lease is not renewed; the reason for how it stands if that is not known."""
    if standby.trouble is None:
        return fact_of(standby)
    return standby.trouble_why.said() if standby.trouble_why else standby.trouble


def remarks_on_pauses(status: schemas_status.Status, now: datetime) -> Iterator[Said]:
    """Say what is paused: everything, queues, tasks and schedule entries, each with its end and its reason."""
    if status.pause:
        yield ALL_PAUSED(waiting=waiting_in(status.queues), pause=fact_of_pause(status.pause, now))
    for queue in status.queues:
        if queue.pause:
            yield QUEUE_PAUSED(queue=queue.name, waiting=waiting_in([queue]), pause=fact_of_pause(queue.pause, now))
    for task in status.paused_tasks:
        if task.pause:
            yield TASK_PAUSED(task=task.name, due=task.due, pause=fact_of_pause(task.pause, now))
    for entry in status.schedule:
        if entry.pause and entry.enabled:
            yield ENTRY_PAUSED(entry=entry.name, pause=fact_of_pause(entry.pause, now))
    for gone in status.gone_entries:
        yield ENTRY_GONE(entry=gone.name, pause=fact_of_pause(gone.pause, now))


def waiting_in(queues: Sequence[schemas_status.Queue]) -> Said:
    """Say how many jobs wait in *queues*: due, and put off or to be tried again."""
    return waiting(sum(each.available for each in queues), sum(each.scheduled + each.retryable for each in queues))


def fact_of_pause(pause: schemas.Pause, now: datetime) -> Said:
    """Say since when, until when, why and by whom something is paused."""
    return Pause(pause.since, pause.until, pause.reason, pause.by).said(now)


def remarks_on_queues(status: schemas_status.Status) -> Iterator[Said]:
    """Say that due jobs wait for one of their queue to end, or for a worker."""
    if status.pause:
        return
    for queue in status.queues:
        at_limit = queue.limit and queue.running >= queue.limit and not queue.paused
        if at_limit and (due := queue.available - queue.set_apart):
            yield QUEUE_AT_LIMIT(queue=queue.name, running=queue.running, limit=queue.limit or 0, due=due)
    waiting = sum(queue.available - queue.set_apart for queue in status.queues if not queue.paused)
    if waiting and len(status.running) >= status.workers:
        yield WORKERS_BUSY(workers=status.workers, due=waiting)


def remarks_on_recovered(state: str, due: int) -> Iterator[Said]:
    """Say that *due* jobs start one at a time, if the daemon's *state* lets any start."""
    if due and state == "ready":
        yield ONE_AT_A_TIME(due=due)


def remarks_on_state(store: schemas_status.Store, files: FileLook) -> Iterator[Said]:
    """Say what is wrong with queue.db; *files* is the latest look at its files."""
    if not store.healthy:
        yield (STATE_GONE if files.gone else STATE_NOT_WRITTEN)(reason=fact_of(store))
    if files.held:
        yield STATE_LOG_HELD(held_by=", ".join(map(str, files.held_by)) or "?")


def remarks_on_outages(status: schemas_status.Status) -> Iterator[Said]:
    """Say what makes jobs wait at the shop, the bridge or the courier."""
    courier, limiter = status.courier, status.courier.limiter
    if status.shop.reachable is False:
        yield SHOP_UNREACHABLE(reason=fact_of(status.shop))
    elif status.shop.reason:
        yield SHOP_UNUSABLE(reason=fact_of(status.shop))
    else:
        yield from remarks_on_bridge(status.bridge)
        yield from remarks_on_php(status.php)
    if courier.login == "refused":
        yield COURIER_LOGIN_REFUSED(reason=fact_of(courier))
    yield from remarks_on_door(courier.door)
    if limiter.closed_until:
        yield COURIER_CLOSED(until=f"{limiter.closed_until:%H:%M:%S}", waiting=limiter.waiting)
    elif limiter.waiting:
        yield COURIER_LIMIT(limit=limiter.limit, waiting=limiter.waiting)


def remarks_on_door(door: schemas_status.Door) -> Iterator[Said]:
    """Say that not every order is sent to the courier."""
    if door.next_try_at:
        yield COURIER_DOOR_CLOSED(at=f"{door.next_try_at:%H:%M:%S}", reason=fact_of(door))
    elif door.state == "one_order":
        yield COURIER_ONE_ORDER()


def remarks_on_orders(orders: schemas_status.OrderCounts, after: timedelta, now: datetime) -> Iterator[Said]:
    """Say that orders have no shipment, if the oldest is older than *after* (zero: never said).

    A shop that sends no order by itself owes none.
    """
    if orders.oldest_at and orders.automatic and after and now - orders.oldest_at >= after:
        made_at = clock_time(orders.oldest_at, now)
        yield ORDERS_UNSHIPPED(orders=orders.without_shipment or 0, made_at=made_at)


def remarks_on_parcels(counts: Iterable[int]) -> Iterator[Said]:
    """Say how many parcels need a person, of all the kinds that are watched."""
    if count := sum(counts):
        yield PARCELS_FOUND(count=count)


def remarks_on_alerts(alerts: schemas_alerts.Alerting, now: datetime) -> Iterator[Said]:
    """Say that nobody is told of trouble, or not of some kind of it."""
    if failing := alerts.failing:
        reason = failing.why.said() if failing.why else failing.reason
        yield ALERTS_FAILING(since=clock_time(failing.since, now), times=failing.times, reason=reason)
    for mute in alerts.muted:
        yield ALERT_MUTED(kind=mute.kind, until=clock_time(mute.until, now), by=mute.by)


def remarks_on_bridge(bridge: schemas_status.Bridge) -> Iterator[Said]:
    """Say which rows of the shop's `jobs` table are not worked here, and what in its `failed_jobs` needs a person."""
    if bridge.active:
        for name, count in bridge.left.items():
            yield BRIDGE_LEFT(rows=count, name=name)
    elif bridge.mode != "off":
        yield BRIDGE_OFF(reason=fact_of(bridge))
    if last := bridge.last_unreadable:
        yield BRIDGE_UNREADABLE(rows=bridge.unreadable, uuid=last.uuid, reason=fact_of(last))
    if bridge.trouble:
        yield BRIDGE_TROUBLE(reason=bridge.trouble_why.said() if bridge.trouble_why else bridge.trouble)


def remarks_on_php(php: schemas_status.Php | None) -> Iterator[Said]:
    """Say that rows wait for a worker that is late or works nothing off, and that a status is not left to PHP."""
    if php and php.notices_refused:
        yield NOTICES_REFUSED(reason=php.notices_refused_why.said() if php.notices_refused_why else php.notices_refused)
    if php and php.cure and php.waiting:
        cure = php.cure_why.said() if php.cure_why else php.cure
        yield PHP_LATE(rows=php.waiting, reason=fact_of(php), cure=cure)


def fact_of(
    known: schemas_status.Store
    | schemas_status.Shop
    | schemas_status.Courier
    | schemas_status.Door
    | schemas_status.Bridge
    | schemas_status.Php
    | schemas_status.UnreadableRow
    | schemas_standby.Standby,
) -> Value:
    """Return the reason that *known* gives, as a fact if it is known as one."""
    return known.why.said() if known.why else str(known.reason)


def remarks_on_programs(views: Iterable[EntryView]) -> Iterator[Said]:
    """Say which entries are left out because their program is missing."""
    for view in views:
        if view.off and view.entry.command:
            yield ENTRY_OFF(entry=view.entry.name, reason=view.off)


def remarks_on_waiting(waiting: Iterable[tuple[Said, datetime]], now: datetime) -> Iterator[Said]:
    """Say what snoozed jobs wait for, the most frequent reason first, and when the first of them goes on."""
    due: dict[Said, list[datetime]] = defaultdict(list)
    for reason, due_at in waiting:
        due[reason].append(due_at)
    for reason, instants in sorted(due.items(), key=lambda each: -len(each[1]))[:REASONS_SHOWN]:
        yield SNOOZED(count=len(instants), until=clock_time(min(instants), now), reason=reason)


def clock_time(instant: datetime, now: datetime) -> str:
    """Return *instant* on the wall clock of *now*, with the day unless that is today."""
    local = instant.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M:%S}"


def remark_on_next(schedule: list[schemas_schedule.Entry]) -> Said:
    """Say that nothing is due, and which entry starts something next, if any."""
    coming = min(
        (entry for entry in schedule if entry.next and not entry.task_paused),
        key=lambda entry: str(entry.next),
        default=None,
    )
    if coming is None:
        return NOTHING_DUE()
    return NOTHING_DUE_NEXT(entry=coming.name, at=f"{coming.next:%Y-%m-%d %H:%M}")
