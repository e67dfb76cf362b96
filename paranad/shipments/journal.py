"""The shipment journal: every step of a shipment, committed before it counts, and told once it does.

intended → created → recorded, or withdrawn (it may be sent), or held (a person must decide).
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from paranad.clock import Clock, from_us, to_us
from paranad.errors import NotFound, ParanadError, WrongState
from paranad.events.event import Events
from paranad.said import Said, Sentence
from paranad.shipments import reasons
from paranad.shipments.journal_rows import as_json, created_values, instant_of, kept_reason, shipment_of
from paranad.shipments.judge import Parcel
from paranad.shipments.model import ABSENCES, UNSETTLED, RequestOutcome, Right, Shipment, ShipmentState, Suspicion
from paranad.shipments.steps import Step, event_of
from paranad.store.file import Store
from paranad.store.reader import Page, before_id, page
from paranad.store.sql import load
from paranad.store.writer import Kind

SQL = load("paranad.shipments", "journal.sql")

NO_ROW = Sentence(
    "shipment.no_row",
    "the shipment journal has no row for order {order_id}; see what became of its job: "
    "paranadctl jobs list --task alwaseet:create-shipment",
)
NO_STEP = Sentence("shipment.no_step", "the shipment of order {order} is {state}, so this step is not possible")
NOT_IN_JOURNAL = Sentence("shipment.not_in_journal", "not in the journal")
DECIDABLE = (*UNSETTLED, ShipmentState.CREATED, ShipmentState.RECORDED)

Change = Callable[[sqlite3.Connection], Shipment | ParanadError]


def _apply(connection: sqlite3.Connection, changes: Sequence[Change]) -> list[Shipment | ParanadError]:
    return [change(connection) for change in changes]


CHANGE: Kind[Change, Shipment] = Kind(_apply)


class Journal:
    """Keeps what is known of each order's shipment, and tells each step. Its rows are never pruned."""

    def __init__(self, store: Store, clock: Clock, events: Events) -> None:
        self.store, self.clock, self.events = store, clock, events
        self._in_flight: set[int] = set()

    @contextmanager
    def in_flight(self, order_id: int) -> Iterator[None]:
        """Mark the order's request as under way: meanwhile no list settles it and no person decides on it."""
        self._in_flight.add(order_id)
        try:
            yield
        finally:
            self._in_flight.discard(order_id)

    def is_in_flight(self, order_id: int) -> bool:
        """Tell whether the order's request is under way."""
        return order_id in self._in_flight

    async def find(self, order_id: int) -> Shipment | None:
        """Return the order's shipment; None if none was ever intended."""
        row = await self.store.reader.fetch_one(SQL["find_one"], {"order_id": order_id})
        return shipment_of(row) if row else None

    async def get(self, order_id: int) -> Shipment:
        """Return the order's shipment.

        Raises:
            NotFound: none was ever intended.
        """
        if shipment := await self.find(order_id):
            return shipment
        raise NotFound(NO_ROW(order_id=order_id))

    async def find_several(self, order_ids: Sequence[int]) -> Mapping[int, Shipment]:
        """Return by order the shipments of *order_ids*; an order without one is left out."""
        rows = await self.store.reader.fetch(SQL["find_several"], {"orders": as_json(order_ids)})
        return {row["order_id"]: shipment_of(row) for row in rows}

    async def recorded_among(self, order_ids: Sequence[int]) -> frozenset[int]:
        """Return those of *order_ids* whose shipment is recorded."""
        rows = await self.store.reader.fetch(SQL["find_recorded_among"], {"orders": as_json(order_ids)})
        return frozenset(row["order_id"] for row in rows)

    async def list(self, state: ShipmentState | None, limit: int, cursor: str | None) -> Page[Shipment]:
        """Return shipments in *state*, newest order first; with None, all that are not recorded yet."""
        name = "find_recorded" if state is ShipmentState.RECORDED else "find_unrecorded"
        params = {"state": state, "before": before_id(cursor), "limit": limit + 1}
        shipments = [shipment_of(row) for row in await self.store.reader.fetch(SQL[name], params)]
        return page([(shipment.order_id, shipment) for shipment in shipments], limit)

    async def unsettled(self) -> Sequence[Shipment]:
        """Return the shipments that a list may settle: intended, withdrawn, or held without a courier id."""
        return [shipment_of(row) for row in await self.store.reader.fetch(SQL["find_unsettled"])]

    async def created(self) -> Sequence[Shipment]:
        """Return the created shipments, whose rows the shop lacks."""
        return [shipment_of(row) for row in await self.store.reader.fetch(SQL["find_created"])]

    async def parcels(self, since: datetime) -> Sequence[Parcel]:
        """Return what the courier is known to have, of all orders, acknowledged *since*."""
        rows = await self.store.reader.fetch(SQL["find_parcels"], {"since": to_us(since)})
        return [
            Parcel(
                order_id=row["order_id"],
                ids=frozenset(orjson.loads(row["ids"])),
                sent_at=instant_of(row["sent_at"]),
                acknowledged_at=from_us(row["created_at"]),
            )
            for row in rows
        ]

    async def last_sent(self, since: datetime) -> datetime | None:
        """Return when the newest parcel was sent that the courier acknowledged *since*; None: there is none."""
        row = await self.store.reader.fetch_one(SQL["find_last_sent"], {"since": to_us(since)})
        return instant_of(row["sent_at"]) if row else None

    async def owners(self, references: Sequence[str]) -> Mapping[str, Shipment]:
        """Return the shipment of each of *references*; those that are none of ours are left out."""
        rows = await self.store.reader.fetch(SQL["find_owners"], {"references": as_json(references)})
        return {row["reference"]: shipment_of(row) for row in rows}

    async def any_ours(self, references: Sequence[str], since: datetime) -> bool:
        """Tell whether one of *references* is ours, of a shipment that was begun *since*."""
        params = {"references": as_json(references), "since": to_us(since)}
        return await self.store.reader.fetch_one(SQL["any_reference"], params) is not None

    async def counts(self) -> Mapping[ShipmentState, int]:
        """Return how many are not recorded yet, by state."""
        rows = await self.store.reader.fetch(SQL["count_unrecorded"])
        return {ShipmentState(row["state"]): row["shipments"] for row in rows}

    async def postponed(self) -> int:
        """Return how many are withdrawn because their request did not leave: they only wait."""
        (row,) = await self.store.reader.fetch(SQL["count_postponed"])
        return int(row["shipments"])

    async def counts_of_all(self) -> Mapping[ShipmentState, int]:
        """Return how many there are in every state."""
        rows = await self.store.reader.fetch(SQL["count_all"])
        found = {ShipmentState(row["state"]): row["shipments"] for row in rows}
        return {state: found.get(state, 0) for state in ShipmentState}

    async def held_orders(self, limit: int) -> Sequence[int]:
        """Return the orders a person must decide on, oldest first."""
        rows = await self.store.reader.fetch(SQL["find_held_orders"], {"limit": limit})
        return [row["order_id"] for row in rows]

    async def last_right(self) -> Right | None:
        """Return whether the courier, when it last showed it, let the account create orders; None: it never did."""
        row = await self.store.reader.fetch_one(SQL["find_last_right"])
        given = row is not None and RequestOutcome(row["outcome"]) is RequestOutcome.CREATED
        return Right(given, row["detail"], from_us(row["answered_at"])) if row else None

    async def holders(self, ids: Sequence[str]) -> Mapping[str, int]:
        """Return the order that holds each of the courier's *ids*; ids that no order holds are left out."""
        rows = await self.store.reader.fetch(SQL["find_holders"], {"ids": as_json(ids)})
        return {row["courier_id"]: row["order_id"] for row in rows}

    async def sure_holders(self, ids: Sequence[str]) -> Mapping[str, Shipment]:
        """Return the shipment that holds each id, without ids that a person named and the courier did not confirm."""
        rows = await self.store.reader.fetch(SQL["find_sure_holders"], {"ids": as_json(ids)})
        return {row["held_id"]: shipment_of(row) for row in rows}

    async def disown(self, order_id: int, reason: Said) -> Shipment:
        """Take back the id that the courier's answer gave: it is another order's, so the shipment is unclear again.

        Raises:
            WrongState: it is not created, or a person has decided on it.
        """
        return await self._write(_disown, order_id, kept_reason(reason), Step.UNCLEAR)

    async def intend(self, order_id: int, reference: str, phone: str, price: int) -> Shipment:
        """Commit that a request is about to leave.

        Raises:
            WrongState: another one is under way or unclear, or the order has its shipment.
        """
        values = {"reference": reference, "phone": phone, "price": price, "absences": ABSENCES}
        return await self._write(_intend, order_id, values, Step.INTENDED)

    async def suspect(self, order_id: int, reference: str, suspicion: Suspicion) -> Shipment:
        """Keep that somebody else may have sent the order, with *reference*, so that its job looks first.

        Raises:
            WrongState: a request of ours is under way, or the order has its shipment.
        """
        values = {
            "reference": reference,
            "phone": suspicion.phone,
            "price": suspicion.price,
            "since": to_us(suspicion.since),
            "source": suspicion.source,
            **kept_reason(suspicion.said),
        }
        return await self._write(_suspect, order_id, values, Step.UNCLEAR)

    async def adopt(self, order_id: int, reference: str, reason: Said) -> Shipment:
        """Hold a shipment that the courier has, and that this journal did not know of or did not know as sent.

        Raises:
            WrongState: the order has its shipment, or is held already.
        """
        values = {"reference": reference, **kept_reason(reason)}
        return await self._write(
            partial(_moved, "adopt"),
            order_id,
            values,
            Step.SILENT if reason.code == reasons.ADOPTED.code else Step.HELD,
        )

    async def mark_unclear(self, order_id: int, reason: Said) -> Shipment:
        """Keep that the request may have become a courier order."""
        values = {"outcome": RequestOutcome.UNCLEAR, **kept_reason(reason)}
        return await self._write(partial(_answered, "mark_unclear"), order_id, values, Step.UNCLEAR)

    async def withdraw(self, order_id: int, reason: Said) -> Shipment:
        """Keep that the courier has nothing of it: it may be sent."""
        values = {"outcome": RequestOutcome.REFUSED, **kept_reason(reason)}
        return await self._write(partial(_answered, "withdraw"), order_id, values, Step.WITHDRAWN)

    async def postpone(self, order_id: int, reason: Said) -> Shipment:
        """Take back an intent whose request never left; the order may be sent later."""
        return await self._write(_postpone, order_id, kept_reason(reason), Step.SILENT)

    async def create(self, order_id: int, courier_id: str, ids: frozenset[str], *, by: str | None = None) -> Shipment:
        """Keep that the courier has it, under *ids*; held instead if one of them belongs to another order.

        *by* names what a list matched it by; None: the courier's answer to the request says so.

        Raises:
            WrongState: the shipment is settled already; without *by*, or is not intended.
        """
        states = UNSETTLED if by else (ShipmentState.INTENDED,)
        values = created_values(courier_id, ids, states)
        return await self._write(_create, order_id, values, Step.RECONCILED if by else Step.CREATED, by or "")

    async def decide(
        self, order_id: int, courier_id: str, ids: frozenset[str], *, confirmed: bool, decision: str
    ) -> Shipment:
        """Keep a person's word that *courier_id* is the order's shipment, or a correction of that word."""
        values = created_values(courier_id, ids, DECIDABLE, decided=True, unconfirmed=not confirmed)
        return await self._write(_create, order_id, values, Step.DECIDED, decision)

    async def record(self, order_id: int) -> Shipment:
        """Keep that the shop's row is written."""
        return await self._write(partial(_moved, "record"), order_id, {}, Step.RECORDED)

    async def hold(self, order_id: int, reason: Said) -> Shipment:
        """Leave it to a person."""
        return await self._write(partial(_moved, "hold"), order_id, kept_reason(reason), Step.HELD)

    async def hold_repeat(self, order_id: int, reference: str, reason: Said) -> Shipment:
        """Leave to a person whether it is sent beside another order.

        Raises:
            WrongState: a request is under way, the order has its shipment, or it is held already.
        """
        values = {"reference": reference, **kept_reason(reason)}
        return await self._write(partial(_moved, "hold_repeat"), order_id, values, Step.HELD)

    async def release_repeat(self, order_id: int, reason: Said) -> Shipment:
        """Keep that a repeat need not wait for a person: it may be sent, or is not to be sent any more."""
        values = {"repeat": reasons.REPEAT.code, **kept_reason(reason)}
        return await self._write(partial(_moved, "release_repeat"), order_id, values, Step.WITHDRAWN)

    async def send_again(self, order_id: int) -> Shipment:
        """Keep a person's word that a held shipment may be sent.

        Raises:
            WrongState: it is not held.
        """
        values = kept_reason(reasons.RESEND())
        return await self._write(_send_again, order_id, values, Step.DECIDED, "sent again")

    async def note_look(self, shipment: Shipment, at: datetime, reason: Said) -> Shipment:
        """Keep why the list asked for at *at* settled nothing.

        Raises:
            WrongState: something has happened to it since it was read.
        """
        values = {"version": shipment.version, "looked_at": to_us(at), **kept_reason(reason)}
        return await self._write(partial(_moved, "note_look"), shipment.order_id, values, Step.SILENT)

    async def count_absence(self, shipment: Shipment, at: datetime) -> Shipment:
        """Count a list, asked for at *at*, that proved *shipment* absent.

        Raises:
            WrongState: something has happened to it since it was read.
        """
        values = {"absences": shipment.absences, "version": shipment.version, "looked_at": to_us(at)}
        return await self._write(partial(_moved, "count_absence"), shipment.order_id, values, Step.SILENT)

    async def _write(
        self,
        change: Callable[[Mapping[str, Any], sqlite3.Connection], Shipment | ParanadError],
        order_id: int,
        values: Mapping[str, object],
        told: Step,
        how: str = "",
    ) -> Shipment:
        params = {"order_id": order_id, "at": to_us(self.clock.now()), **values}
        bound: Change = partial(change, params)
        shipment = await self.store.writer.write(CHANGE, bound)
        # Told after the commit: what an operator reads has happened, whatever becomes of the daemon now.
        if event := event_of(told, how, shipment):
            self.events.tell(event)
        return shipment


def _intend(params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    begun = _run(connection, "intend", params) or _run(connection, "intend_again", params)
    if not begun:
        return _wrong_state(connection, params)
    _run(connection, "begin_attempt", params)
    return _read(connection, params)


def _suspect(params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    if not _run(connection, "suspect", params):
        return _wrong_state(connection, params)
    _run(connection, "note_suspicion", params)
    return _read(connection, params)


def _answered(statement: str, params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    _run(connection, "end_attempt", params)
    return _moved(statement, params, connection)


def _postpone(params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    _run(connection, "forget_attempt", params)
    return _moved("withdraw", params, connection)


def _moved(statement: str, params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    moved = _run(connection, statement, params)
    return _read(connection, params) if moved else _wrong_state(connection, params)


def _create(params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    no_reason = {"reason": None, "reason_code": None, "reason_values": None}
    # Asked before the ids are kept: an id that another order holds stays that order's, and a person must look.
    foreign = _run(connection, "foreign_ids", params)
    decided_at = params["at"] if params["decided"] else None
    if not _run(connection, "create", {**params, "decided_at": decided_at}):
        return _wrong_state(connection, params)
    _run(connection, "end_attempt", {**params, **no_reason, "outcome": RequestOutcome.CREATED})
    if params["decided"]:
        _run(connection, "drop_ids", params)
    _run(connection, "keep_ids", params)
    if foreign:
        others = reasons.named({f"{row['courier_id']} (order {row['order_id']})" for row in foreign})
        return _moved("hold", {**params, **kept_reason(reasons.FOREIGN_ID(rows=others))}, connection)
    return _read(connection, params)


def _disown(params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    if not _run(connection, "disown", params):
        return _wrong_state(connection, params)
    _run(connection, "drop_ids", params)
    _run(connection, "disown_attempt", params)
    return _read(connection, params)


def _send_again(params: Mapping[str, Any], connection: sqlite3.Connection) -> Shipment | ParanadError:
    if not _run(connection, "send_again", params):
        return _wrong_state(connection, params)
    _run(connection, "drop_ids", params)
    return _read(connection, params)


def _run(connection: sqlite3.Connection, statement: str, params: Mapping[str, Any]) -> Sequence[sqlite3.Row]:
    return connection.execute(SQL[statement], params).fetchall()


def _read(connection: sqlite3.Connection, params: Mapping[str, Any]) -> Shipment:
    return shipment_of((_run(connection, "find_one", params))[0])


def _wrong_state(connection: sqlite3.Connection, params: Mapping[str, Any]) -> ParanadError:
    rows = _run(connection, "find_one", params)
    state = rows[0]["state"] if rows else NOT_IN_JOURNAL()
    return WrongState(NO_STEP(order=params["order_id"], state=state))
