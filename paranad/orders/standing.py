"""Where an order stands on its way to a shipment, why, and until when: one pure decision from gathered facts."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from paranad.queue.model import FINISHED, Job, Json, State
from paranad.record import record
from paranad.said import Said, Sentence, from_document, plain
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.send import AUTO_CREATE_OFF

ASKED_WITHIN = timedelta(minutes=1)
"""How long after an order was made the shop may still be about to ask for its shipment."""

JUST_MADE = Sentence("order.just_made", "it was just made; the shop asks for its shipment within a minute")
ROW_COMES = Sentence("order.row_comes", "its row of the shop's jobs table is put off until its time comes")
ROW_NEXT = Sentence("order.row_next", "its row of the shop's jobs table is taken at the next look")
ROW_RESERVED = Sentence("order.row_reserved", "a worker has reserved its row of the shop's jobs table")
ROW_NOT_TAKEN = Sentence("order.row_not_taken", "its row of the shop's jobs table is not taken: {reason}")
JOB_DUE = Sentence("order.job_due", "job {job} is due; the next free worker takes it")
JOB_RUNS = Sentence("order.job_runs", "job {job} is sending it now")
JOB_PUT_OFF = Sentence("order.job_put_off", "job {job} is put off")
JOB_CANCELLED = Sentence("order.job_cancelled", "job {job} was cancelled, and nothing else asks for its shipment")
JOB_ENDED = Sentence("order.job_ended", "job {job} ended, and nothing asks for its shipment since")
JOB_SKIPPED = Sentence("order.job_skipped", "job {job} did not send it: {reason}; nothing asks for its shipment since")
NOT_TAKEN = Sentence("order.not_taken", "the courier did not take it ({reason}), and no job tries again")
ROWS_UNREAD = Sentence(
    "order.rows_unread",
    "its row may be further back in the shop's jobs table, which has more rows than are read at once",
)
NOBODY_ASKED = Sentence(
    "order.nobody_asked",
    "nothing has asked for its shipment: no row of the shop's jobs table, and no job; "
    "if it is to be sent: paranadctl dispatch alwaseet:create-shipment order_id={order}",
)
UNCLEAR = Sentence("order.unclear", "its request has left, and the answer is not known yet")
UNCLEAR_DOOR_SHUT = Sentence("order.unclear_door_shut", "{reason}; {door}")
ROW_TO_WRITE = Sentence(
    "order.row_to_write", "the courier has it as order {courier_id}; the shop's row is not written yet"
)
RECORDED = Sentence("order.recorded", "its shipment is recorded: courier order {courier_id}")
UNKNOWN = Sentence("order.unknown", "unknown: {reason}")
UNNAMED_HOLD = Sentence("order.held", "a person must decide about its shipment")
UNNAMED_FAILURE = Sentence("order.job_failed", "job {job} has failed")


class Standing(StrEnum):
    """Why an order has no shipment yet."""

    NOT_DUE = "not_due"
    """Its row waits in the shop's `jobs` table, or is only about to come."""
    WAITING = "waiting"
    """Its job waits: snoozed, put off, or after a failed attempt."""
    QUEUED = "queued"
    """Its job is due and waits for a worker."""
    SETTING_OFF = "setting_off"
    """Its job runs, or its request has left and what became of it is being found out."""
    FAILED = "failed"
    """Its job has failed for good."""
    HELD = "held"
    """A person must decide."""
    NEVER_ASKED = "never_asked"
    """Nothing asks for its shipment."""
    PAUSED = "paused"
    """Its job is not claimed: its queue or task is paused, or the daemon takes nothing new."""


@record
class ShopRow:
    """The row of the shop's `jobs` table that asks for an order's shipment."""

    id: int
    due_at: datetime | None
    """From when a worker may take it; None: the column cannot be read."""
    reserved: bool
    """A worker has reserved it."""


@record
class Facts:
    """What the shop, the journal, the queue and the bridge know of one order."""

    order_id: int
    made_at: datetime | None
    needs_none: Said | None
    """Why the shop's order needs no shipment from here: cancelled, in the trash, shipped; None: it needs one."""
    shop_unknown: Said | None
    """Why the shop cannot be asked about the order; None: it was."""
    auto_create: bool
    """Whether the shop lets new orders become shipments by themselves."""
    shipment: Shipment | None
    job: Job | None
    """The job that decides: see `deciding`."""
    row: ShopRow | None
    rows_are_whole: bool
    """False: the table has more rows than are read, so *row* may be among those."""
    rows_stay: Said | None
    """Why rows of the shop's `jobs` table are not taken; None: they are."""
    halted: Said | None
    """Why *job* is not claimed even when it is due; None: it is."""
    door: Said | None
    """Why the courier's door lets no order through, or one; None: it is open."""
    now: datetime


@record
class Stand:
    """Where an order stands."""

    standing: Standing | None
    """None: it has its shipment, needs none, or the shop cannot be asked."""
    reason: Said
    until: datetime | None = None
    """When something happens by itself; None: unknown, or nothing does."""


_FIRST = (State.RUNNING, State.AVAILABLE, State.RETRYABLE, State.SCHEDULED)


def deciding(jobs: Iterable[Job]) -> Job | None:
    """Return the job of one order that says how it stands: the unfinished one nearest to running, else the newest."""
    return min(
        jobs, key=lambda job: (_FIRST.index(job.state) if job.state in _FIRST else len(_FIRST), -job.id), default=None
    )


def stand(facts: Facts) -> Stand:
    """Return where the order stands."""
    return _by_shipment(facts) or _by_need(facts) or _by_job(facts) or _by_row(facts) or _by_nobody(facts)


def _by_shipment(facts: Facts) -> Stand | None:
    """Let the journal say it, unless the shipment may only be sent: then whoever sends it says more."""
    shipment = facts.shipment
    match shipment and shipment.state:
        case ShipmentState.HELD if shipment:
            return Stand(Standing.HELD, shipment.reason or UNNAMED_HOLD())
        case ShipmentState.RECORDED if shipment:
            return Stand(None, RECORDED(courier_id=shipment.courier_id or "?"))
        case ShipmentState.CREATED if shipment:
            return _paused(facts) or Stand(
                Standing.SETTING_OFF, ROW_TO_WRITE(courier_id=shipment.courier_id or "?"), _goes_on_at(facts)
            )
        case ShipmentState.INTENDED if shipment:
            looked = shipment.look.reason if shipment.look else None
            reason = looked or shipment.reason or UNCLEAR()
            if facts.door:  # it is looked for all the same; only if it is not found, it is sent
                reason = UNCLEAR_DOOR_SHUT(reason=reason, door=facts.door)
            return _paused(facts) or Stand(Standing.SETTING_OFF, reason, _goes_on_at(facts))
        case _:
            return None


def _paused(facts: Facts) -> Stand | None:
    """Let a pause say it, if the order's job waits for its end."""
    waits = facts.job and facts.job.state is not State.RUNNING and facts.job.state not in FINISHED
    return Stand(Standing.PAUSED, facts.halted) if waits and facts.halted else None


def _goes_on_at(facts: Facts) -> datetime | None:
    """Return when the order's job goes on by itself; None: it does not wait, or is due already."""
    job = facts.job
    if job is None or facts.halted or job.state not in {State.SCHEDULED, State.RETRYABLE}:
        return None
    return job.due_at if job.due_at > facts.now else None


def _by_need(facts: Facts) -> Stand | None:
    return Stand(None, facts.needs_none) if facts.needs_none else None


def _by_job(facts: Facts) -> Stand | None:
    """Let an unfinished job say it."""
    job = facts.job
    if job is None or job.state in FINISHED:
        return None
    if job.state is State.RUNNING:
        return Stand(Standing.SETTING_OFF, JOB_RUNS(job=job.id))
    if paused := _paused(facts):
        return paused
    if job.state is State.AVAILABLE:
        return Stand(Standing.QUEUED, JOB_DUE(job=job.id))
    return Stand(Standing.WAITING, job.error or JOB_PUT_OFF(job=job.id), _goes_on_at(facts))


def _by_row(facts: Facts) -> Stand | None:
    """Let the row of the shop's `jobs` table say it, which becomes a job."""
    row = facts.row
    if row is None:
        return None
    until = row.due_at if row.due_at and row.due_at > facts.now else None
    if facts.rows_stay:
        return Stand(Standing.NOT_DUE, ROW_NOT_TAKEN(reason=facts.rows_stay), until)
    if row.reserved:
        return Stand(Standing.NOT_DUE, ROW_RESERVED())
    return Stand(Standing.NOT_DUE, ROW_COMES() if until else ROW_NEXT(), until)


def _by_nobody(facts: Facts) -> Stand:
    """Say how it came that nothing asks for the shipment now."""
    job = facts.job
    if job and job.state is State.FAILED:
        return Stand(Standing.FAILED, job.error or UNNAMED_FAILURE(job=job.id))
    if facts.shop_unknown:
        return Stand(None, UNKNOWN(reason=facts.shop_unknown))
    if not facts.auto_create:
        return Stand(Standing.NEVER_ASKED, AUTO_CREATE_OFF())
    return _by_what_was(facts)


def _by_what_was(facts: Facts) -> Stand:
    """Say it of an order for which there is neither a job that does it or failed, nor a row that was read."""
    just_made = facts.made_at and timedelta(0) <= facts.now - facts.made_at < ASKED_WITHIN
    ended = _ended(facts.shipment, facts.job)
    if just_made and facts.made_at and not ended:
        return Stand(Standing.NOT_DUE, JUST_MADE(), facts.made_at + ASKED_WITHIN)
    if not facts.rows_are_whole:
        return Stand(Standing.NOT_DUE, ROWS_UNREAD())
    return Stand(Standing.NEVER_ASKED, ended or NOBODY_ASKED(order=facts.order_id))


def _ended(shipment: Shipment | None, job: Job | None) -> Said | None:
    """Return what became of the shipment's last request or job; None: there was none."""
    if shipment and shipment.reason:
        return NOT_TAKEN(reason=shipment.reason)
    if job is None:
        return None
    if job.state is State.CANCELLED:
        return JOB_CANCELLED(job=job.id)
    skipped = _skipped(job.result)
    return JOB_SKIPPED(job=job.id, reason=skipped) if skipped else JOB_ENDED(job=job.id)


def _skipped(result: Json) -> Said | None:
    """Return why the job did not send the order, as its stored result says; a result may be of another version."""
    match result:
        case {"skipped": {"items": [{"reason": str() as reason, "why": dict() as why}, *_]}}:
            with suppress(KeyError, TypeError, AttributeError):
                return from_document({**why, "text": reason})
            return plain(reason)
        case {"skipped": {"items": [{"reason": str() as reason}, *_]}}:
            return plain(reason)
        case _:
            return None
