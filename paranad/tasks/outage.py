"""What an outage of the shop, the courier or the disk means for a job: it waits and spends no try, for a day."""

from datetime import datetime, timedelta

from paranad.courier.errors import (
    FOR_GOOD,
    TRANSIENT_WAITS,
    CourierClosed,
    CourierError,
    CourierLimited,
    CourierRefused,
    Refusal,
)
from paranad.errors import NotHolding, ParanadError, StateFull
from paranad.numbers import PATIENCE
from paranad.queue.model import LONGEST_SNOOZE, Failed, Outcome, Snoozed
from paranad.said import Said, Sentence
from paranad.shop.errors import ShopClockOff, ShopUnexpectedSchema, ShopUnreachable

SHORTEST = timedelta(seconds=5)
SAID_OFTEN = Sentence(
    "job.refused_often", "{reason}; it said so {times} times, so it is not tried again by itself: retry the job"
)
LASTED = Sentence(
    "job.outage_lasted", "{reason}; it lasted 24 h, so it is not tried again by itself: when it is over, retry the job"
)

OUTAGES: tuple[type[ParanadError], ...] = (
    ShopUnreachable,
    ShopUnexpectedSchema,
    ShopClockOff,
    CourierError,
    StateFull,
    NotHolding,
)


def answer_outage(error: ParanadError, *, now: datetime, enqueued_at: datetime, snoozes: int) -> Outcome:
    """Turn an outage that a task ran into to its outcome: snoozed for ever longer, failed after a day of it.

    An answer in which the courier refuses the data is no outage: waiting does not cure it.
    """
    # Waiting cures an outage, never a refusal of the data.
    if isinstance(error, CourierRefused) and error.refusal in FOR_GOOD:
        return Failed(error.said)
    if isinstance(error, CourierRefused) and error.refusal is Refusal.TRANSIENT and snoozes >= TRANSIENT_WAITS:
        return Failed(SAID_OFTEN(reason=error.said, times=snoozes + 1))
    until = error.until if isinstance(error, CourierLimited | CourierClosed) else None
    return wait_for_end(error.said, now=now, enqueued_at=enqueued_at, snoozes=snoozes, until=until)


def wait_for_end(
    reason: Said, *, now: datetime, enqueued_at: datetime, snoozes: int, until: datetime | None = None
) -> Outcome:
    """Return the outcome of a job that cannot be done for now, for *reason*: snoozed, failed after a day of it.

    *until* is when to look again if that is known; None: after ever longer.
    """
    if now - enqueued_at >= PATIENCE:  # since the enqueue, or the operator's last retry
        return Failed(LASTED(reason=reason))
    longer = min(SHORTEST * (1 << min(snoozes, 10)), LONGEST_SNOOZE)
    return Snoozed(until=until or now + longer, reason=reason)
