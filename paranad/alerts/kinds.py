"""The kinds of trouble that are announced, and the words of each."""

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.reasons import REPEAT


class IncidentKind(StrEnum):
    """The kinds of trouble that are announced."""

    SHIPMENT_HELD = "shipment-held"
    """A person must decide on an order's shipment."""
    SHIPMENT_FAILED = "shipment-failed"
    """The job that was to send an order has failed for good; the order has no shipment."""
    ORDERS_UNSHIPPED = "orders-unshipped"
    """The oldest order without a shipment is older than it may be, whatever it waits for."""
    ENTRY_SILENT = "entry-silent"
    """A schedule entry has had no success within the time in which one is expected."""
    ENTRY_OFF = "entry-off"
    """The program of a schedule entry is missing, so the entry is left out."""
    COMMAND_OFF = "command-off"
    """The program of a `[command]` is missing, so its jobs wait."""
    STATE_GONE = "state-gone"
    """queue.db is no longer the file that the daemon has open."""
    DISK_NEARLY_FULL = "disk-nearly-full"
    """The disk of the state directory has little room left."""
    COURIER_LOGIN_REFUSED = "courier-login-refused"
    """The courier refuses the account, or what the account wants to do."""
    COURIER_CLOSED = "courier-closed"
    """The courier has not answered for five minutes, so no order is sent to it."""
    PARCELS_STUCK = "parcels-stuck"
    """Parcels keep their status for too long, or the courier notes an issue with them."""
    PARCELS_RETURNING = "parcels-returning"
    """Parcels are on their way back for too long."""
    PARCELS_UNINVOICED = "parcels-uninvoiced"
    """Parcels are delivered and on no invoice of the courier's."""
    PARCELS_PRICE = "parcels-price"
    """The courier collects another amount than the order's total."""
    PARCELS_CHANGED = "parcels-changed"
    """Orders were changed in the shop after they were sent."""
    PARCELS_CANCELLED = "parcels-cancelled"
    """Orders are cancelled or trashed in the shop while their parcels go on."""
    SHOP_UNREACHABLE = "shop-unreachable"
    """The shop's database has not answered for five minutes."""
    ROW_UNREADABLE = "row-unreadable"
    """A row of the shop's `jobs` table cannot be read, so it stands in its `failed_jobs` and its work is not done."""
    PHP_MISSING = "php-missing"
    """Rows that only PHP can work wait, and no worker of the shop works them off."""
    JOB_TOOK_DAEMON_DOWN = "job-took-daemon-down"
    """A job was found running at three start-ups in a row, and is not started again."""
    HEARTBEAT_FAILED = "heartbeat-failed"
    """The address of `[alert] heartbeat_url` did not take the heartbeat three times in a row."""
    JOB_FAILED = "job-failed"
    """The jobs of a task fail for good: of a schedule entry, of an operator's command, of the shop."""
    JOB_STUCK = "job-stuck"
    """A job does not end although its time is over; its worker was given up and replaced."""
    RUN_SLOW = "run-slow"
    """A run takes many times its usual."""
    JOBS_WAITING = "jobs-waiting"
    """The oldest available job of a queue has waited too long for a worker."""
    LOOP_BLOCKED = "loop-blocked"
    """The daemon's event loop stood still; systemd's watchdog ends such a daemon."""
    TAKEN_OVER = "taken-over"
    """Another machine's lease ran out, and this one works in its place."""
    NO_STANDBY = "no-standby"
    """For a day no other machine has stood by for this one."""
    LEASE_UNTAKEN = "lease-untaken"
    """The database answers, and no machine has held the lease for five minutes."""
    LEASE_FIGHT = "lease-fight"
    """Machines lose the lease to each other, or two daemons have one identity."""
    DAEMON_FAILED = "daemon-failed"
    """The daemon is down, and systemd does not start it again."""


@record
class Words:
    """How a kind is told: sentences over the facts of the incident, and over `how` it ended."""

    opened: Sentence
    over: Sentence
    cure: Sentence
    cure_of_several: Sentence
    """If many are told in one document."""
    cures_by_reason: Mapping[str, Sentence] = field(default_factory=dict)
    """What else cures one of them, by the code of its fact `reason`."""

    def cure_of(self, facts: Mapping[str, object]) -> Sentence:
        """Return what cures the one incident of *facts*."""
        reason = facts.get("reason")
        return self.cures_by_reason.get(reason.code, self.cure) if isinstance(reason, Said) else self.cure


def _words(kind: IncidentKind, opened: str, over: str, cure: str, cure_of_several: str = "") -> Words:
    code = f"alert.{kind.replace('-', '_')}"
    one = Sentence(f"{code}_cure", cure)
    several = Sentence(f"{code}_cures", cure_of_several) if cure_of_several else one
    return Words(Sentence(code, opened), Sentence(f"{code}_over", over), one, several)


REPEAT_CURE = Sentence(
    "alert.repeat_held_cure",
    "see paranadctl shipments show {order_id}, then decide: both are wanted: paranadctl shipments resend {order_id}; "
    "if not: cancel order {order_id} in the shop",
)

OFTEN = Sentence(
    "alert.lease_often", "the lease was lost to another machine {times:time} within an hour, last to {machine}"
)
DOUBLED = Sentence(
    "alert.lease_doubled",
    "another daemon had the identity of {here}, as after a copied disk or a restored backup; this one has a new one",
)
DOUBLED_CURE = Sentence(
    "alert.lease_doubled_cure",
    "if a disk was copied, the copy holds the other's jobs and shipments: stop paranad on it, move its state directory "
    "away, then systemctl start paranad there; after a restored backup: paranadctl shipments reconcile",
)

WORDS: Mapping[IncidentKind, Words] = {
    IncidentKind.SHIPMENT_HELD: replace(
        _words(
            IncidentKind.SHIPMENT_HELD,
            "order {order_id}: its shipment is held: {reason}",
            "order {order_id}: its shipment is no longer held: {how}",
            "see paranadctl shipments show {order_id}, then decide: "
            "paranadctl shipments settle {order_id} --courier-id ID, or resend {order_id}",
            "see paranadctl shipments, then decide on each: settle ORDER --courier-id ID, resend ORDER, "
            "or cancel in the shop an order that was made twice",
        ),
        cures_by_reason={REPEAT.code: REPEAT_CURE},
    ),
    IncidentKind.SHIPMENT_FAILED: _words(
        IncidentKind.SHIPMENT_FAILED,
        "order {order_id} has no shipment: job {job_id} has failed: {error}",
        "order {order_id}: {how}",
        "see paranadctl failed show {job_id}, correct the order, then paranadctl retry {job_id}",
        "see paranadctl failed, correct the orders, then paranadctl retry each",
    ),
    IncidentKind.ORDERS_UNSHIPPED: _words(
        IncidentKind.ORDERS_UNSHIPPED,
        "{orders:order} without a shipment; the oldest, order {order_id}, was made at {made_at}",
        "orders without a shipment: {how}",
        "see paranadctl orders --without-shipment, then paranadctl order {order_id}",
    ),
    IncidentKind.ENTRY_SILENT: _words(
        IncidentKind.ENTRY_SILENT,
        "schedule entry {entry} has had no success, expected by {expected_by}; the last: {last_success}",
        "schedule entry {entry}: {how}",
        "see paranadctl schedule history {entry}, and paranadctl failed",
        "see paranadctl status and paranadctl failed",
    ),
    IncidentKind.ENTRY_OFF: _words(
        IncidentKind.ENTRY_OFF,
        "schedule entry {entry} is left out: {reason}",
        "schedule entry {entry}: {how}",
        "put the program back, or correct the entry in paranad.toml and reload; it is looked for every minute",
    ),
    IncidentKind.COMMAND_OFF: _words(
        IncidentKind.COMMAND_OFF,
        "{reason}",
        "own task {task}: {how}",
        "put the program there, or correct [command] in paranad.toml and reload; its jobs wait, and run by themselves",
    ),
    IncidentKind.STATE_GONE: _words(
        IncidentKind.STATE_GONE,
        "{path}: {reason}",
        "{path}: {how}",
        "systemctl restart paranad: at its stop the daemon writes back what it has open",
    ),
    IncidentKind.DISK_NEARLY_FULL: _words(
        IncidentKind.DISK_NEARLY_FULL,
        "{path}: {free_mib} MiB of the disk's {total_mib} MiB are free; without room no job is stored",
        "{path}: {how}",
        "make room on that disk",
    ),
    IncidentKind.COURIER_LOGIN_REFUSED: _words(
        IncidentKind.COURIER_LOGIN_REFUSED,
        "no shipment can be sent: {reason}",
        "the courier: {how}",
        "correct the account where paranadctl doctor says that it is set, or ask the courier",
    ),
    IncidentKind.COURIER_CLOSED: _words(
        IncidentKind.COURIER_CLOSED,
        "the courier does not answer, so no order is sent to it since {since}: {reason}",
        "the courier: {how}",
        "orders wait, and are sent by themselves once it answers; see paranadctl doctor; ask the courier if it lasts",
    ),
    IncidentKind.PARCELS_STUCK: _words(
        IncidentKind.PARCELS_STUCK,
        "{count:parcel} without a new status for {days:day}, or with a note of an issue; the oldest: {oldest}",
        "parcels without a new status: {how}",
        "see paranadctl parcels stuck, and ask the courier",
    ),
    IncidentKind.PARCELS_RETURNING: _words(
        IncidentKind.PARCELS_RETURNING,
        "{count:parcel} on the way back for {days:day} or longer; the oldest: {oldest}",
        "parcels on the way back: {how}",
        "see paranadctl parcels returning, and ask the courier for them",
    ),
    IncidentKind.PARCELS_UNINVOICED: _words(
        IncidentKind.PARCELS_UNINVOICED,
        "{count:parcel} on no invoice of the courier's, {days:day} or longer after delivery; the oldest: {oldest}",
        "delivered parcels on no invoice: {how}",
        "see paranadctl parcels uninvoiced, and ask the courier for the money",
    ),
    IncidentKind.PARCELS_PRICE: _words(
        IncidentKind.PARCELS_PRICE,
        "{count:parcel} with another price at the courier than the order's total; the oldest: {oldest}",
        "parcels with another price at the courier: {how}",
        "see paranadctl parcels price, then correct the order in the shop, or have the courier correct its price",
    ),
    IncidentKind.PARCELS_CHANGED: _words(
        IncidentKind.PARCELS_CHANGED,
        "{count:parcel} under way whose order was changed in the shop after it was sent; the oldest: {oldest}",
        "orders that were changed after they were sent: {how}",
        "see paranadctl parcels changed, and tell the courier what is new",
    ),
    IncidentKind.PARCELS_CANCELLED: _words(
        IncidentKind.PARCELS_CANCELLED,
        "{count:parcel} under way whose order is cancelled or trashed in the shop; the oldest: {oldest}",
        "parcels of cancelled or trashed orders: {how}",
        "see paranadctl parcels cancelled, and have the courier stop them, or take the orders back in the shop",
    ),
    IncidentKind.SHOP_UNREACHABLE: _words(
        IncidentKind.SHOP_UNREACHABLE,
        "the shop's database has not answered for five minutes: {reason}",
        "the shop's database answers again",
        "see whether the database server runs, and [shop] database_url; then paranadctl doctor",
    ),
    IncidentKind.ROW_UNREADABLE: _words(
        IncidentKind.ROW_UNREADABLE,
        "row {uuid} of the shop's jobs table cannot be read, so what it asks for is not done: {reason}",
        "row {uuid} of the shop's jobs table: {how}",
        "in the shop: php artisan queue:failed; correct what is wrong, then php artisan queue:retry {uuid}, "
        "or do it by hand and php artisan queue:forget {uuid}",
        "in the shop: php artisan queue:failed; correct what is wrong, then php artisan queue:retry each, "
        "or do it by hand and php artisan queue:forget each",
    ),
    IncidentKind.PHP_MISSING: _words(
        IncidentKind.PHP_MISSING,
        "{rows:row} of the shop's jobs table wait for PHP, the first since {since} or longer: {reason}",
        "rows that wait for PHP: {how}",
        "{what_to_do}",
    ),
    IncidentKind.JOB_TOOK_DAEMON_DOWN: _words(
        IncidentKind.JOB_TOOK_DAEMON_DOWN,
        "job {job_id} ({task}) took the daemon down {strikes} times and is not started again",
        "job {job_id} ({task}): {how}",
        "see paranadctl logs --job {job_id} for its last start, then paranadctl retry {job_id}, "
        "or paranadctl failed forget {job_id}",
        "see paranadctl failed, and paranadctl logs --job ID for the last start of each; then retry or forget them",
    ),
    IncidentKind.HEARTBEAT_FAILED: _words(
        IncidentKind.HEARTBEAT_FAILED,
        "{host} does not take the daemon's heartbeat: {reason}",
        "the daemon's heartbeat: {host}: {how}",
        "see paranadctl doctor, and correct [alert] heartbeat_url; until then the service behind it takes the daemon "
        "for dead",
    ),
    IncidentKind.JOB_FAILED: _words(
        IncidentKind.JOB_FAILED,
        "job {job_id} ({task}) has failed: {error}",
        "{task}: {how}",
        "see paranadctl failed show {job_id}, correct what is wrong, then paranadctl retry {job_id}",
        "see paranadctl failed, correct what is wrong, then paranadctl retry each",
    ),
    IncidentKind.JOB_STUCK: _words(
        IncidentKind.JOB_STUCK,
        "job {job_id} ({task}) does not end, though its time was over at {deadline}; it began at {since}",
        "{task}: {how}",
        "see paranadctl logs --job {job_id} for what it waits for; systemctl restart paranad ends it",
        "see paranadctl logs --job ID of each for what it waits for; systemctl restart paranad ends them",
    ),
    IncidentKind.RUN_SLOW: _words(
        IncidentKind.RUN_SLOW,
        "job {job_id} ({task}) has taken {took}, where {usual} is usual",
        "{task}: {how}",
        "see paranadctl logs --job {job_id} for what it does; if it hangs: paranadctl jobs cancel {job_id}",
        "see paranadctl status for what runs; if one hangs: paranadctl jobs cancel ID",
    ),
    IncidentKind.JOBS_WAITING: _words(
        IncidentKind.JOBS_WAITING,
        "jobs wait in queue {queue}: the oldest, job {job_id} ({task}), since {since}; {busy}",
        "queue {queue}: {how}",
        "see paranadctl status for what runs; if a job hangs: paranadctl jobs cancel ID; for more at once: {setting}",
    ),
    IncidentKind.LOOP_BLOCKED: _words(
        IncidentKind.LOOP_BLOCKED,
        "the daemon stood still from {since} in {where}; {outcome}; jobs that ran: {jobs}",
        "the daemon: {how}",
        "see paranadctl logs for daemon.loop_blocked, and report it; with top, see what else wants the processor",
    ),
    IncidentKind.TAKEN_OVER: _words(
        IncidentKind.TAKEN_OVER,
        "{machine} last renewed its lease at {last_renewed_at}, so {here} has worked in its place since {since}",
        "{how}",
        "see on {machine} why: journalctl -u paranad -n 50; started again it stands by; held shipments, jobs "
        "dispatched by hand and pauses are still on it",
    ),
    IncidentKind.NO_STANDBY: _words(
        IncidentKind.NO_STANDBY,
        "no machine has stood by for {here} since {since}: if it dies, no order is sent",
        "{how}",
        "on the other machine: systemctl status paranad, paranadctl doctor; see docs/two-servers.md for a new one",
    ),
    IncidentKind.LEASE_UNTAKEN: _words(
        IncidentKind.LEASE_UNTAKEN,
        "no machine works, so no order is sent; {here} stands by: {reason}",
        "{how}",
        "its lines lease, lease-table and shop-database say why: paranadctl doctor",
    ),
    IncidentKind.LEASE_FIGHT: replace(
        _words(
            IncidentKind.LEASE_FIGHT,
            "{reason}",
            "the lease: {how}",
            "see on each machine paranadctl logs for lease.not_renewed and lease.lost, and paranadctl doctor; until "
            "its way to the database is mended: systemctl stop paranad on the one that loses it",
        ),
        cures_by_reason={DOUBLED.code: DOUBLED_CURE},
    ),
    IncidentKind.DAEMON_FAILED: _words(
        IncidentKind.DAEMON_FAILED,
        "{unit} is down: {result}",
        "{unit} runs again",
        "see journalctl -u {unit} -n 50 and paranad check, then systemctl start {unit}",
    ),
}
