"""The task that makes one order of the courier of a new order of the shop."""

from datetime import UTC, datetime
from decimal import Decimal

from pydantic import Field

from paranad.catalogue import CREATE_SHIPMENT
from paranad.courier.models import NewShipment
from paranad.numbers import PATIENCE
from paranad.queue.model import Completed, Failed, Json, Origin, Outcome, Snoozed
from paranad.said import Said, Sentence
from paranad.shipments.model import Ending, Finished, HeldBack, NeedsPerson, Sender, Skipped, Waiting
from paranad.shipments.request import shown
from paranad.shipments.service import Shipments
from paranad.tasks.outage import OUTAGES
from paranad.tasks.task import Arguments, Context, RowId, Tally, Task

GIVEN_UP = Sentence(
    "shipment.unclear_for_a_day",
    "order {order}: {reason}; it lasted 24 h, so it is not tried again by itself; see: "
    "paranadctl shipments show {order}",
)
JOB = "job:"
"""Begins the name under which a job asks the courier."""
LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


class CreateShipmentArguments(Arguments):
    """Which order is to be sent."""

    order_id: RowId = Field(description="the shop's order")
    tried_elsewhere: bool | None = Field(default=None, repr=False)
    """True: a worker of the shop had the order before, so it begins as unclear."""
    row_created_at: int | None = Field(default=None, ge=0, le=LAST_SECOND, repr=False)
    """When the shop's row of `jobs` was made, in seconds since the epoch; None: the job came otherwise."""


class CreateShipment(Task[CreateShipmentArguments]):
    """`alwaseet:create-shipment`: brings an order to its one shipment."""

    facts = CREATE_SHIPMENT
    arguments = CreateShipmentArguments
    lasting = frozenset({"tried_elsewhere", "row_created_at"})

    def __init__(self, shipments: Shipments) -> None:
        self.shipments = shipments

    async def run(self, context: Context, args: CreateShipmentArguments) -> Outcome:
        """Bring the order to its one shipment; an unclear one is snoozed until the courier's list can tell."""
        if context.dry_run:
            return await self._preview(args.order_id)
        # After a day nothing looks for it any longer, so an unclear shipment is left to a person, as a failed job is.
        late = context.clock.now() - context.enqueued_at >= PATIENCE
        try:
            by_php = bool(args.tried_elsewhere)
            sender = Sender(f"{JOB}{context.job_id}", context.shield, by_php, _asked_at(context, args))
            ending = await self.shipments.create(args.order_id, sender)
        except OUTAGES:
            if late:
                await self.shipments.abandon(args.order_id)
            raise
        if late and isinstance(ending, Waiting):
            await self.shipments.abandon(args.order_id)
            return Failed(GIVEN_UP(order=args.order_id, reason=ending.reason))
        return _outcome(args.order_id, ending)

    async def _preview(self, order_id: int) -> Outcome:
        preview = await self.shipments.preview(order_id)
        if isinstance(preview, NewShipment):
            return Completed({**_tally(order_id, None), "request": shown(preview), **_rounded(preview.rounded_from)})
        return _outcome(order_id, preview)


def job_of(owner: str) -> int | None:
    """Return the id of the job that asks the courier as *owner*; None: no job does."""
    return int(owner.removeprefix(JOB)) if owner.startswith(JOB) else None


def _asked_at(context: Context, args: CreateShipmentArguments) -> datetime | None:
    """Return when the shipment was asked for, as the shop's row or a person's job says; None: unknown.

    A job that other work here has asked for is as old as what asked for it, which is no news of the order.
    """
    if args.row_created_at is not None:
        return datetime.fromtimestamp(args.row_created_at, UTC)
    return context.created_at if context.origin is Origin.OPERATOR else None


def _outcome(order_id: int, ending: Ending) -> Outcome:
    match ending:
        case Finished(shipment, rounded_from):
            said: dict[str, Json] = {"courier_id": shipment.courier_id, "reference": shipment.reference}
            tally = Tally(looked_at=1, changed=1)
            return Completed(tally.as_json(order_id=order_id, **said, **_rounded(rounded_from)))
        case Skipped(reason):
            return Completed(_tally(order_id, reason))
        case Waiting(until, reason) | HeldBack(until, reason):
            return Snoozed(until, reason)
        case NeedsPerson(reason):
            return Failed(reason)


def _rounded(total: Decimal | None) -> dict[str, Json]:
    """Return the order's total if another amount is sent, since the courier takes whole dinars only."""
    return {} if total is None else {"rounded_from": str(total)}


def _tally(order_id: int, skipped: Said | None) -> dict[str, Json]:
    tally = Tally(looked_at=1)
    if skipped:
        tally.skip(f"order {order_id}", skipped)
    return tally.as_json(order_id=order_id)
