"""The records of the shipment journal."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from paranad.record import record
from paranad.said import Said
from paranad.shipments.phone import last_ten
from paranad.shipments.reasons import REPEAT, SENTENCES, TAKEN_OVER


class ShipmentState(StrEnum):
    """Where an order's shipment stands."""

    INTENDED = "intended"
    """Its request is under way, or ended without an answer that says what became of it."""
    CREATED = "created"
    """The courier has it; the shop's row is not written yet."""
    RECORDED = "recorded"
    """The shop's row is written: done."""
    WITHDRAWN = "withdrawn"
    """The courier did not take it: it may be sent."""
    HELD = "held"
    """A person must decide."""


class RequestOutcome(StrEnum):
    """What became of one create-order request."""

    SENT = "sent"
    """Under way, or the daemon ended before its answer came."""
    CREATED = "created"
    """Answered with the courier's id."""
    REFUSED = "refused"
    """Surely not created."""
    UNCLEAR = "unclear"
    """It may have been created."""


UNKNOWN = frozenset({RequestOutcome.SENT, RequestOutcome.UNCLEAR})
ABSENCES = 3
"""How many lists must prove a shipment absent before it is sent again."""
UNSETTLED = (ShipmentState.INTENDED, ShipmentState.HELD, ShipmentState.WITHDRAWN)


def pace(settle_time: timedelta) -> timedelta:
    """Return how far apart lists must lie that each count: the proof of an absence takes *settle_time* in all."""
    return settle_time / ABSENCES


@record
class ShipmentAttempt:
    """One create-order request of ours."""

    number: int
    """From 1."""
    phone: str = field(repr=False)
    """As sent: `+9647XXXXXXXXX`."""
    price: int
    """As sent, whole dinars."""
    sent_at: datetime
    """Committed before the request left."""
    answered_at: datetime | None
    """None while its outcome is `sent`."""
    outcome: RequestOutcome
    reason: Said | None
    """Why it was refused or is unclear; None otherwise."""

    @property
    def known_at(self) -> datetime:
        """When we last learnt something of it."""
        return self.answered_at or self.sent_at


@record
class Suspicion:
    """Somebody else may have sent the order: a worker of the shop, the lost daemon, or another machine's."""

    code: str
    """Of one of the `reasons`."""
    source: str
    """What raised it (a job, a copy of queue.db, `machine:term`): each raises it once."""
    phone: str = field(repr=False)
    """What would have been sent: `+9647XXXXXXXXX`."""
    price: int
    """What would have been sent, whole dinars."""
    since: datetime
    """When the order was made: nothing was sent before."""
    known_at: datetime
    """When it was raised."""

    @property
    def said(self) -> Said:
        """Who may have sent it, as the shipment's reason."""
        if self.code == TAKEN_OVER.code:
            return TAKEN_OVER(machine=self.source.rpartition(":")[0])
        return SENTENCES[self.code]()


@record
class Look:
    """What the last list said of an unclear shipment that it did not settle."""

    at: datetime
    """When the list was asked for."""
    reason: Said | None
    """Why it settled nothing; None: the shipment was proven absent."""


@record
class Shipment:
    """One order's row in the shipment journal."""

    order_id: int
    state: ShipmentState
    reference: str
    """Short and ASCII; stands first in the courier order's merchant notes; the same for every attempt."""
    courier_id: str | None
    """The courier's order; None until it is known."""
    ids: frozenset[str]
    """Every id under which the courier knows it."""
    reason: Said | None
    """Why it is unclear, withdrawn or held."""
    absences: int
    """Lists that proved it absent since the last attempt."""
    absent_at: datetime | None
    """When the last of them was asked for; None before the first."""
    look: Look | None
    """What the last list said; None before the first since the last attempt."""
    intended_at: datetime
    created_at: datetime | None
    recorded_at: datetime | None
    decided_at: datetime | None
    """When a person last decided on it; None: never."""
    unconfirmed: bool
    """A person named its courier id, and the courier did not confirm it."""
    attempts: tuple[ShipmentAttempt, ...]
    suspicions: tuple[Suspicion, ...]
    version: int
    """Grows with each attempt and suspicion."""

    @property
    def unclear(self) -> tuple[ShipmentAttempt, ...]:
        """Our requests that may have become a courier order."""
        return tuple(attempt for attempt in self.attempts if attempt.outcome in UNKNOWN)

    @property
    def phones(self) -> frozenset[str]:
        """The phones it was or may have been sent with, by what two spellings of one share."""
        return frozenset(last_ten(each.phone) for each in self._sendings)

    @property
    def is_held_as_repeat(self) -> bool:
        """Whether it waits for a person only because another order has its phone and price."""
        return self.state is ShipmentState.HELD and self.reason is not None and self.reason.code == REPEAT.code

    @property
    def may_be_at_courier(self) -> bool:
        """Whether the courier may have it, or has it, while the shop lacks its row: no other machine may send it."""
        match self.state:
            case ShipmentState.CREATED:
                return True
            case ShipmentState.INTENDED | ShipmentState.HELD:
                return bool(self.unclear) or self.courier_id is not None
            case _:
                return False

    @property
    def known_at(self) -> datetime:
        """When something last happened to it that a list may tell about."""
        return max((each.known_at for each in self._sendings), default=self.intended_at)

    @property
    def _sendings(self) -> tuple[ShipmentAttempt | Suspicion, ...]:
        return (*self.attempts, *self.suspicions)

    @property
    def begun_at(self) -> datetime:
        """The earliest instant at which it may have been sent."""
        unclear = (attempt.sent_at for attempt in self.unclear)
        return min((*unclear, *(suspicion.since for suspicion in self.suspicions)), default=self.intended_at)

    def absence_due_at(self, settle_time: timedelta) -> datetime:
        """Return from when on a list that lacks it counts: one `pace` after the last thing known."""
        return max(self.known_at, self.absent_at or self.known_at) + pace(settle_time)


@record
class Sender:
    """The job that sends a shipment, as far as the shipment needs to know it."""

    owner: str
    """Names the job, for its places in the courier's limit."""
    shield: Callable[[], AbstractContextManager[None]]
    """While inside, the job is not cancelled."""
    tried_by_php: bool = False
    """A worker of the shop had the order before the job: it may have sent it."""
    asked_at: datetime | None = None
    """When the shipment was asked for; None: not known, and then it is taken to be as old as the order."""


@record
class Right:
    """What the courier's last answer to a create-order showed of the account's right to create."""

    given: bool
    detail: str | None
    """Why not."""
    at: datetime


@record
class Finished:
    """The order has its one shipment, and the shop has its row."""

    shipment: Shipment
    rounded_from: Decimal | None = None
    """The order's total if another amount, in whole dinars, was sent."""


@record
class Skipped:
    """Nothing was to do."""

    reason: Said


@record
class Waiting:
    """Not known yet: look again at *until*."""

    until: datetime
    reason: Said


@record
class NeedsPerson:
    """A person must look."""

    reason: Said


@record
class HeldBack:
    """Nothing may be sent before a person has acted, however long that takes: look again at *until*."""

    until: datetime
    reason: Said


Ending = Finished | Skipped | Waiting | HeldBack | NeedsPerson
