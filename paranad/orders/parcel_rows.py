"""Reads the parcels that may need a person: from the shop's rows in small pieces, from the journal what was sent."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson
from sqlalchemy import Column, ColumnElement, and_, func, null, or_, select

from paranad.courier.statuses import DELIVERED, ENDED
from paranad.orders.parcel_rules import Invoice, Items, OrderNow, Parcel, SentAs
from paranad.orders.shop_rows import as_it_is, is_set, text_of
from paranad.shipments.journal import Journal
from paranad.shipments.model import RequestOutcome, Shipment
from paranad.shop.columns import time_of
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_order_status_history as history
from paranad.shop.tables import alwaseet_shipments as shipments
from paranad.shop.tables import order_items, orders, settings

AT_ONCE: Final = 250
"""How many parcels one statement reads: the event loop goes on between two of them."""
LOOKED_BACK: Final = timedelta(days=180)
"""How long ago the shop may have come to know a parcel that is watched."""
NO_INVOICE: Final = ("", "-1", "0")
"""How the courier writes that a parcel is on no invoice."""
INVOICE: Final = "merchant_invoice_id"
YES: Final = frozenset({"1", "true"})
FIRST_SEEN: Final = '"shipment_created"'
"""What marks the row of a history that was written when the shipment was inserted."""

_COLUMNS: Final = (
    shipments.c.alwaseet_order_id,
    shipments.c.status_id,
    shipments.c.status,
    shipments.c.client_mobile,
    shipments.c.location,
    shipments.c.price,
    shipments.c.items_number,
    shipments.c.issue_notes,
    shipments.c.replacement,
    shipments.c.created_at,
    shipments.c.alwaseet_updated_at,
    shipments.c.synced_at,
    orders.c.order_number,
    orders.c.status,
    orders.c.deleted_at,
    orders.c.updated_at,
    orders.c.total_amount,
    orders.c.customer_phone,
    orders.c.customer_phone2,
    orders.c.customer_address,
)
"""Beside the two ids and the columns that a shop may lack."""


class ParcelRows:
    """Questions to the shop about its parcels, each by an index and of at most `AT_ONCE` rows."""

    def __init__(self, shop: Shop, journal: Journal) -> None:
        self.shop, self._journal = shop, journal

    async def newest_answer(self, connection: AsyncConnection) -> datetime | None:
        """Return when the courier last said anything of any parcel, by no clock that is ahead."""
        asked = select(as_it_is(func.max(shipments.c.synced_at))).where(shipments.c.synced_at <= self.shop.now())
        return self._instant((await connection.execute(asked)).scalar())

    async def fee_set_at(self, connection: AsyncConnection) -> datetime | None:
        """Return when the shop's fee was last set."""
        asked = select(as_it_is(settings.c.updated_at)).where(settings.c.key == "delivery_fee")
        return self._instant((await connection.execute(asked)).scalar())

    async def batches(
        self, columns: Mapping[str, Collection[str]], *, with_delivered: bool
    ) -> AsyncIterator[list[Parcel]]:
        """Yield the parcels that are under way, and *with_delivered* those that are on no invoice, piece by piece.

        Each piece is read in a moment of its own, so that no transaction stands open for long. *columns* are those that
        the shop has, by table.
        """
        since, after = self.shop.wall(self.shop.clock.now() - LOOKED_BACK), 0
        invoice = _if_there(shipments.c.merchant_invoice_id, columns)
        fee = _if_there(orders.c.delivery_fee_at_confirmation, columns)
        cancelled_at = _if_there(orders.c.cancelled_at, columns)
        under_way = shipments.c.status_id.not_in(sorted(ENDED))
        delivered = and_(shipments.c.status_id.in_(sorted(DELIVERED)), or_(invoice.is_(None), invoice.in_(NO_INVOICE)))
        wanted = (
            select(shipments.c.id, orders.c.id, invoice, fee, cancelled_at, *map(as_it_is, _COLUMNS))
            .select_from(shipments.outerjoin(orders, orders.c.id == shipments.c.order_id))
            .where(or_(under_way, delivered) if with_delivered else under_way)
            .where(or_(shipments.c.created_at >= since, shipments.c.created_at.is_(None)))
            .order_by(shipments.c.id)
            .limit(AT_ONCE)
        )
        while True:
            async with self.shop.read() as connection:
                rows = (await connection.execute(wanted.where(shipments.c.id > after))).all()
                parcels = [self._parcel(row) for row in rows]
                if "changed_at" in columns.get(history.name, ()):
                    parcels = await self._with_history(connection, parcels, columns)
            yield parcels
            if len(rows) < AT_ONCE:
                return
            after = rows[-1][0]

    async def with_courier_words(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """Return the delivered *parcels* with what the courier's own object says of their invoice."""
        ids = [parcel.shipment_id for parcel in parcels]
        asked = select(shipments.c.id, as_it_is(shipments.c.api_data)).where(shipments.c.id.in_(ids))
        async with self.shop.read() as connection:
            said = {row[0]: _object(row[1]) for row in await connection.execute(asked)}
        return [_invoiced(parcel, said.get(parcel.shipment_id, {})) for parcel in parcels]

    async def names_invoices(self, columns: Mapping[str, Collection[str]], days: int) -> bool:
        """Tell whether the courier has put any parcel on an invoice; true also if none is delivered for *days*.

        The newest are asked first: in a shop that has invoices, the first piece has one.
        """
        now, invoice = self.shop.clock.now(), _if_there(shipments.c.merchant_invoice_id, columns)
        wanted = (
            select(shipments.c.id, invoice, as_it_is(shipments.c.api_data))
            .where(shipments.c.status_id.in_(sorted(DELIVERED)))
            .where(shipments.c.created_at >= self.shop.wall(now - LOOKED_BACK))
            .where(shipments.c.created_at <= self.shop.wall(now - timedelta(days=days)))
            .order_by(shipments.c.id.desc())
            .limit(AT_ONCE)
        )
        piece, is_any = wanted.where(shipments.c.id > 0), False
        while True:
            async with self.shop.read() as connection:
                rows = (await connection.execute(piece)).all()
            is_any = is_any or bool(rows)
            if any(_is_named(text_of(number)) or _is_named(_object(said).get(INVOICE)) for _, number, said in rows):
                return True
            if len(rows) < AT_ONCE:
                return not is_any
            piece = wanted.where(shipments.c.id < rows[-1][0])

    async def with_requests(self, parcels: Sequence[Parcel], columns: Mapping[str, Collection[str]]) -> list[Parcel]:
        """Return *parcels* of orders with what our own request said, and the rows of the order as they are now."""
        ids = sorted({parcel.order.id for parcel in parcels if parcel.order})
        known = await self._journal.find_several(ids)
        changed_at = _if_there(order_items.c.updated_at, columns)
        asked = (
            select(order_items.c.order_id, func.count(), as_it_is(func.max(changed_at)))
            .where(order_items.c.order_id.in_(ids))
            .group_by(order_items.c.order_id)
        )
        async with self.shop.read() as connection:
            items = {row[0]: Items(row[1], self._instant(row[2])) for row in await connection.execute(asked)}
        return [
            replace(
                parcel,
                sent=_sent_as(known.get(parcel.order.id), parcel.courier_id),
                order_items=items.get(parcel.order.id, Items(0, None)),
            )
            for parcel in parcels
            if parcel.order
        ]

    async def _with_history(
        self, connection: AsyncConnection, parcels: Sequence[Parcel], columns: Mapping[str, Collection[str]]
    ) -> list[Parcel]:
        """Return *parcels* with their histories.

        The row of a parcel's insertion is dated to when the parcel was made, not to when it came to its status: what it
        says holds since the row was written, or since the courier's last change of anything if that is earlier.
        """
        known = {parcel.shipment_id: parcel for parcel in parcels}
        is_first = as_it_is(_if_there(history.c.metadata, columns)).contains(FIRST_SEEN)
        asked = (
            select(
                history.c.shipment_id,
                as_it_is(history.c.status_id),
                as_it_is(history.c.changed_at),
                _if_there(history.c.created_at, columns),
                is_first,
            )
            .where(history.c.shipment_id.in_(list(known)))
            .order_by(history.c.changed_at, history.c.id)
        )
        found: dict[int, list[tuple[str, datetime]]] = {}
        for shipment_id, status, changed_at, written_at, is_of_insertion in (
            await connection.execute(asked) if parcels else ()
        ):
            if is_of_insertion:
                times = [each for each in (self._instant(written_at), known[shipment_id].touched_at) if each]
                at = min(times, default=None)
            else:
                at = self._instant(changed_at)
            if at:
                found.setdefault(shipment_id, []).append((text_of(status) or "", at))
        return [replace(parcel, statuses=found.get(parcel.shipment_id, ())) for parcel in parcels]

    def _parcel(self, row: Sequence[Any]) -> Parcel:
        shipment_id, order_id, invoice, fee, cancelled_at, *values = row
        courier_id, status_id, status, phone, address, price, items, issue, exchange, made, touched, seen = values[:12]
        return Parcel(
            shipment_id=shipment_id,
            courier_id=text_of(courier_id) or "",
            status_id=(text_of(status_id) or "").strip(),
            status=text_of(status),
            phone=text_of(phone),
            address=text_of(address),
            price=_amount(price),
            items=(text_of(items) or "").strip(),
            issue=text_of(issue),
            is_exchange=str(exchange) in YES,
            made_at=self._instant(made),
            touched_at=self._instant(touched),
            seen_at=self._instant(seen),
            order=None if order_id is None else self._order(order_id, fee, cancelled_at, values[12:]),
            # A number alone says something here: what is left empty may never have been asked for.
            invoice=Invoice.NONE if text_of(invoice) in NO_INVOICE[1:] else Invoice.UNKNOWN,
        )

    def _order(self, order_id: int, fee: object, cancelled_at: object, values: Sequence[Any]) -> OrderNow:
        number, status, deleted_at, updated_at, total, phone, phone2, address = values
        return OrderNow(
            id=order_id,
            number=text_of(number),
            status=text_of(status),
            is_trashed=is_set(deleted_at),
            trashed_at=self._instant(deleted_at),
            cancelled_at=self._instant(cancelled_at),
            updated_at=self._instant(updated_at),
            total=_amount(total),
            fee_then=_amount(fee),
            phones=tuple(each for value in (phone, phone2) if (each := text_of(value))),
            address=text_of(address),
        )

    def _instant(self, value: object) -> datetime | None:
        try:
            wall = time_of(value)
        except ValueError:
            return None
        return wall and self.shop.instant(wall)


def _if_there(column: Column[Any], columns: Mapping[str, Collection[str]]) -> ColumnElement[Any]:
    """Return *column* as it is, or nothing where the shop has no such column."""
    is_there = column.name in columns.get(column.table.name, ())
    return as_it_is(column) if is_there else null()


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _object(stored: bytes | str | None) -> Mapping[str, Any]:
    """Return the courier's object as the shop stored it, also if it was encoded twice; nothing if it is none."""
    try:
        value = orjson.loads(stored or b"{}")
        value = orjson.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _invoiced(parcel: Parcel, said: Mapping[str, Any]) -> Parcel:
    invoice = parcel.invoice
    if INVOICE in said:
        invoice = Invoice.ON_ONE if _is_named(said[INVOICE]) else Invoice.NONE
    return replace(parcel, invoice=invoice, confirmed=str(said.get("deliver_confirmed_fin", "")).strip().lower() in YES)


def _is_named(invoice: object) -> bool:
    return str(invoice or "").strip() not in NO_INVOICE


def _sent_as(shipment: Shipment | None, courier_id: str) -> SentAs | None:
    """Return our last request that may have become this parcel; None: somebody else sent it."""
    if shipment is None or courier_id not in shipment.ids:
        return None
    ours = [each for each in shipment.attempts if each.outcome is not RequestOutcome.REFUSED]
    return SentAs(ours[-1].sent_at, ours[-1].phone, ours[-1].price) if ours else None
