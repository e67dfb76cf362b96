"""What needs a person about a parcel and its money: pure decisions over what the shop's rows and the journal say.

Only what is provable counts. How long a parcel has stood is told up to when the courier last said so, and what cannot
be read makes no finding.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from paranad.configuration.settings import ParcelsSection
from paranad.courier.statuses import DELIVERED, ENDED, ON_THE_WAY_BACK, PARTLY_DELIVERED
from paranad.numbers import is_digits
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.phone import last_ten, normalised, without_phones
from paranad.shipments.request import whole_dinars
from paranad.shop.columns import is_blank
from paranad.wording import AND, joined, one_line, shorten

DAY: Final = timedelta(days=1)
GONE_AFTER: Final = 3 * DAY
"""How long after the newest answer about any parcel one that was not among the answers counts as under way."""
NO_ISSUE: Final = frozenset({"", "0", "-", "لايوجد", "لا", "null", "none"})
"""How the courier writes that there is no note of an issue, by `_bare`."""
UNPRICED: Final = frozenset({"cancelled", "returned", "exchanged"})
"""Statuses of orders whose total is not what the courier collects."""

STUCK = Sentence("parcel.stuck", "its status has not changed for {days:day}")
ISSUE = Sentence("parcel.issue", "the courier notes: {note}")
RETURNING = Sentence("parcel.returning", "on its way back for {days:day}")
UNINVOICED = Sentence("parcel.uninvoiced", "delivered {days:day} before the courier's last answer, and on no invoice")
CONFIRMED = Sentence(
    "parcel.confirmed",
    "delivered {days:day} before the courier's last answer and confirmed by its accounts, and on no invoice",
)
PRICE = Sentence("parcel.price", "the courier collects {price} for an order of {expected:dinar}")
PRICE_WITH_FEE = Sentence(
    "parcel.price_with_fee", "the courier collects {price} for an order of {expected:dinar} with its fee"
)
CHANGED = Sentence("parcel.changed", "the courier has another {what}; changed since it was sent")
ITEMS_CHANGED = Sentence("parcel.items_changed", "its items were changed in the shop since it was sent")
CANCELLED = Sentence("parcel.cancelled", "cancelled in the shop, and the parcel goes on")
TRASHED = Sentence("parcel.trashed", "in the shop's trash, and the parcel goes on")
PHONE = Sentence("parcel.phone", "phone")
ADDRESS = Sentence("parcel.address", "address")
AMOUNT = Sentence("parcel.amount", "price")
ITEMS = Sentence("parcel.items", "number of items")


class ParcelKind(StrEnum):
    """What may need a person."""

    STUCK = "stuck"
    """The same status for too long, or the courier notes an issue."""
    RETURNING = "returning"
    """On its way back for too long."""
    UNINVOICED = "uninvoiced"
    """Delivered, and on no invoice of the courier's."""
    PRICE = "price"
    """The courier's price is not the order's total."""
    CHANGED = "changed"
    """The order was changed in the shop after it was sent."""
    CANCELLED = "cancelled"
    """Cancelled or trashed in the shop, and under way."""


class Invoice(StrEnum):
    """Whether the courier has put a parcel on an invoice."""

    NONE = "none"
    ON_ONE = "on one"
    UNKNOWN = "unknown"


@record
class OrderNow:
    """What the shop says of an order. None: empty, or not readable."""

    id: int
    number: str | None
    status: str | None
    is_trashed: bool
    trashed_at: datetime | None
    cancelled_at: datetime | None
    updated_at: datetime | None
    total: Decimal | None
    fee_then: Decimal | None
    """The fee when the order was confirmed."""
    phones: tuple[str, ...] = field(repr=False)
    address: str | None = field(repr=False)


@record
class SentAs:
    """What our own request said."""

    at: datetime
    phone: str = field(repr=False)
    price: int


@record
class Items:
    """The rows of an order."""

    count: int
    changed_at: datetime | None
    """When one was last changed; None: unknown."""


@record
class Parcel:
    """A row of the shop's shipments with what belongs to it. None: empty, or not readable."""

    shipment_id: int
    courier_id: str
    status_id: str
    status: str | None
    phone: str | None = field(repr=False)
    address: str | None = field(repr=False)
    price: Decimal | None
    items: str | None
    issue: str | None = field(repr=False)
    is_exchange: bool
    made_at: datetime | None
    touched_at: datetime | None
    """The courier's own time of its last change."""
    seen_at: datetime | None
    """When the courier last said all this."""
    order: OrderNow | None = None
    statuses: Sequence[tuple[str, datetime]] = ()
    """Its history: each status with since when it held at the latest, in the order of time."""
    invoice: Invoice = Invoice.UNKNOWN
    confirmed: bool = False
    """Whether the courier's accounts have confirmed the delivery."""
    sent: SentAs | None = None
    order_items: Items | None = None


@record
class Around:
    """What holds for all parcels of one reading."""

    limits: ParcelsSection
    newest_at: datetime | None
    """When the courier last said anything of any parcel."""
    with_fee: bool
    """Whether the fee is added to what the courier collects."""
    fee: int | None
    fee_since: datetime | None
    """When the shop's fee was last set: what was sent before had another, perhaps."""


@record
class Finding:
    """A parcel that needs a person, and why: of a customer at most what the courier's note of an issue says."""

    kind: ParcelKind
    shipment_id: int
    order_id: int | None
    order_number: str | None
    courier_id: str
    status_id: str
    status: str | None
    price: int | None
    """What the courier collects, in whole dinars."""
    since: datetime | None
    why: Said
    expected: int | None
    """What the order would have the courier collect, in whole dinars; None: it is of no kind that asks for it."""


Rule: TypeAlias = Callable[[Parcel, Around], Finding | None]


def judge(parcel: Parcel, around: Around, kinds: Collection[ParcelKind]) -> Iterator[Finding]:
    """Yield what needs a person about *parcel*, of the *kinds* that are watched."""
    for kind in kinds:
        if found := RULES[kind](parcel, around):
            yield found


def needs_request(parcel: Parcel) -> bool:
    """Tell whether what was sent says anything about *parcel*."""
    return parcel.order is not None and (_is_outbound(parcel) or _is_unpaid(parcel))


def needs_invoice(parcel: Parcel, around: Around, kinds: Collection[ParcelKind]) -> bool:
    """Tell whether of *parcel*, which is delivered, anything is found if it is on no invoice."""
    return parcel.invoice is not Invoice.ON_ONE and any(judge(replace(parcel, invoice=Invoice.NONE), around, kinds))


def stands_since(parcel: Parcel, statuses: Collection[str]) -> datetime | None:
    """Return since when *parcel* is in one of *statuses*, at the latest; None: unknown.

    Where the history does not go as far, the courier's own time of the last change of anything is late enough.
    """
    since = None
    for status, at in reversed(parcel.statuses):
        if status not in statuses:
            break
        since = at
    return since or parcel.touched_at


def expected_prices(order: OrderNow, sent: SentAs | None, around: Around) -> tuple[int, ...]:
    """Return what the courier may collect for *order*, the likeliest first; empty: unknown.

    The shop's manual path always adds the fee, PHP's job never did, nor did we before `total_plus_fee` was set: only
    what we *sent* with the fee ourselves has to have it.
    """
    if order.total is None or order.total < 0:
        return ()
    total = whole_dinars(order.total)
    fees = [whole_dinars(order.fee_then)] if order.fee_then is not None else []
    fees += [around.fee] if around.fee is not None else []
    with_fee = tuple(total + fee for fee in fees)
    if not around.with_fee:
        return total, *with_fee
    had_none = bool(with_fee) and (sent is None or sent.price == total)
    return (*with_fee, total) if had_none else with_fee


def _stuck(parcel: Parcel, around: Around) -> Finding | None:
    if not _is_outbound(parcel) or _is_gone(parcel, around):
        return None
    since = stands_since(parcel, {parcel.status_id})
    if note := _issue(parcel):
        return _finding(ParcelKind.STUCK, parcel, since, ISSUE(note=note))
    days = _days(since, parcel.seen_at)
    return _finding(ParcelKind.STUCK, parcel, since, STUCK(days=days)) if days >= around.limits.stuck else None


def _returning(parcel: Parcel, around: Around) -> Finding | None:
    if parcel.status_id not in ON_THE_WAY_BACK or _is_gone(parcel, around):
        return None
    since = stands_since(parcel, ON_THE_WAY_BACK)
    days = _days(since, parcel.seen_at)
    return (
        _finding(ParcelKind.RETURNING, parcel, since, RETURNING(days=days)) if days >= around.limits.returning else None
    )


def _uninvoiced(parcel: Parcel, around: Around) -> Finding | None:
    if not _is_unpaid(parcel) or _is_gone(parcel, around):
        return None
    since = stands_since(parcel, DELIVERED)
    days = _days(since, parcel.seen_at)
    if days < around.limits.uninvoiced:
        return None
    why = CONFIRMED if parcel.confirmed else UNINVOICED
    return _finding(ParcelKind.UNINVOICED, parcel, since, why(days=days))


def _price(parcel: Parcel, around: Around) -> Finding | None:
    order = parcel.order
    if order is None or parcel.price is None or not _is_priced(parcel, order) or _is_gone(parcel, around):
        return None
    expected, price = expected_prices(order, parcel.sent, around), whole_dinars(parcel.price)
    if not expected or price in expected or _had_another_fee(parcel, around):
        return None
    why = (PRICE_WITH_FEE if around.with_fee else PRICE)(price=price, expected=expected[0])
    return _finding(ParcelKind.PRICE, parcel, parcel.made_at, why, expected[0])


def _changed(parcel: Parcel, around: Around) -> Finding | None:
    order, sent_at = parcel.order, parcel.sent.at if parcel.sent else parcel.made_at
    if order is None or sent_at is None or not _is_outbound(parcel) or _is_gone(parcel, around):
        return None
    items_at = parcel.order_items.changed_at if parcel.order_items else None
    is_later = order.updated_at is not None and order.updated_at > sent_at
    what = list(_differences(parcel, order, around)) if is_later else []
    if what:
        return _finding(ParcelKind.CHANGED, parcel, order.updated_at, CHANGED(what=joined(what, AND)))
    if items_at is not None and items_at > sent_at:
        return _finding(ParcelKind.CHANGED, parcel, items_at, ITEMS_CHANGED())
    return None


def _differences(parcel: Parcel, order: OrderNow, around: Around) -> Iterator[Said]:
    """Yield what the courier has otherwise than the shop; what we did not send ourselves is compared by phone alone."""
    sent = parcel.sent
    now = {last_ten(phone) for each in order.phones if (phone := normalised(each))}
    courier = normalised(parcel.phone)
    if now and courier and last_ten(courier) not in now and (sent is None or last_ten(sent.phone) not in now):
        yield PHONE()
    if sent is None:
        return
    if parcel.address and order.address and not _alike(parcel.address, order.address):
        yield ADDRESS()
    expected = expected_prices(order, sent, around)
    is_sent_price = sent.price in expected or (parcel.price is not None and whole_dinars(parcel.price) in expected)
    if expected and not is_sent_price and not _had_another_fee(parcel, around):
        yield AMOUNT()
    if parcel.order_items and is_digits(parcel.items or "") and int(parcel.items or 0) != parcel.order_items.count:
        yield ITEMS()


def _cancelled(parcel: Parcel, around: Around) -> Finding | None:
    order = parcel.order
    if order is None or not _is_outbound(parcel) or _is_gone(parcel, around):
        return None
    if not order.is_trashed and order.status != "cancelled":
        return None
    cancelled_at = order.cancelled_at or order.updated_at
    why, since = (TRASHED(), order.trashed_at) if order.is_trashed else (CANCELLED(), cancelled_at)
    # The courier forgets an order that was deleted there in time: only what it has said since is known.
    is_seen_since = since is not None and parcel.seen_at is not None and parcel.seen_at > since
    return _finding(ParcelKind.CANCELLED, parcel, since, why) if is_seen_since else None


KEYS: Final[Mapping[ParcelKind, str]] = {
    ParcelKind.STUCK: "stuck",
    ParcelKind.RETURNING: "returning",
    ParcelKind.UNINVOICED: "uninvoiced",
    ParcelKind.PRICE: "price_differs",
    ParcelKind.CHANGED: "changed_after_sending",
    ParcelKind.CANCELLED: "cancelled_but_alive",
}
"""The key of `[parcels]` that has each kind watched, in the order in which they are shown."""
RULES: Final[Mapping[ParcelKind, Rule]] = {
    ParcelKind.STUCK: _stuck,
    ParcelKind.RETURNING: _returning,
    ParcelKind.UNINVOICED: _uninvoiced,
    ParcelKind.PRICE: _price,
    ParcelKind.CHANGED: _changed,
    ParcelKind.CANCELLED: _cancelled,
}


def _finding(
    kind: ParcelKind, parcel: Parcel, since: datetime | None, why: Said, expected: int | None = None
) -> Finding:
    order = parcel.order
    return Finding(
        kind=kind,
        shipment_id=parcel.shipment_id,
        order_id=order.id if order else None,
        order_number=order.number if order else None,
        courier_id=parcel.courier_id,
        status_id=parcel.status_id,
        status=parcel.status,
        price=None if parcel.price is None else whole_dinars(parcel.price),
        since=since,
        why=why,
        expected=expected,
    )


def _is_outbound(parcel: Parcel) -> bool:
    return parcel.status_id not in ENDED and parcel.status_id not in ON_THE_WAY_BACK


def _is_priced(parcel: Parcel, order: OrderNow) -> bool:
    """Tell whether the courier is to collect the order's total, or has collected it and surely not paid it out."""
    is_whole = not parcel.is_exchange and not order.is_trashed and order.status not in UNPRICED
    return is_whole and (_is_outbound(parcel) or (_is_unpaid(parcel) and parcel.status_id not in PARTLY_DELIVERED))


def _is_unpaid(parcel: Parcel) -> bool:
    """Tell whether the parcel is delivered, and the courier said that it is on no invoice."""
    return parcel.status_id in DELIVERED and parcel.invoice is Invoice.NONE


def _is_gone(parcel: Parcel, around: Around) -> bool:
    """Tell whether the courier no longer speaks of the parcel while it does of others: an order deleted there."""
    return parcel.seen_at is None or around.newest_at is None or around.newest_at - parcel.seen_at > GONE_AFTER


def _had_another_fee(parcel: Parcel, around: Around) -> bool:
    sent_at = parcel.sent.at if parcel.sent else parcel.made_at
    is_older = around.fee_since is not None and (sent_at is None or around.fee_since > sent_at)
    return is_older and (around.with_fee or parcel.sent is None)


def _days(since: datetime | None, until: datetime | None) -> int:
    """Return for how many whole days something is so; -1: unknown."""
    return -1 if since is None or until is None else max(-1, (until - since) // DAY)


def _issue(parcel: Parcel) -> str | None:
    """Return the courier's note of an issue, short and without a phone in it; None: there is none."""
    note = parcel.issue or ""
    return None if is_blank(note) or _bare(note) in NO_ISSUE else shorten(without_phones(one_line(note)), 80)


def _bare(note: str) -> str:
    """Return *note* as it is compared: its spaces, full stops and case vary."""
    return "".join(note.replace(".", "").split()).casefold()


def _alike(courier: str, shop: str) -> bool:
    """Tell whether two addresses are one: spaces vary, and the courier may cut a long one."""
    one, other = "".join(courier.split()), "".join(shop.split())
    return one.startswith(other) or other.startswith(one)
