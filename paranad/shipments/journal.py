"""The shipment journal: every step of a shipment, committed before it counts.

intended → created → recorded, or withdrawn (it may be sent), or held (a person must decide).
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import aiosqlite
import orjson

from paranad.clock import Clock, from_us, to_us
from paranad.courier.errors import WORDS, Refusal
from paranad.errors import NotFound, ParanadError, WrongState
from paranad.shipments.model import RequestOutcome, Right, Shipment, ShipmentAttempt, ShipmentState
from paranad.store.file import Store
from paranad.store.reader import Page, before_id, page
from paranad.store.sql import load
from paranad.store.writer import Kind

SQL = load("paranad.shipments", "journal.sql")

ABSENCES = 3
"""How many complete lists must lack a shipment before it may be sent again."""
NO_ROW = (
    "the shipment journal has no row for order {order_id}; see what became of its job: "
    "paranadctl jobs list --task alwaseet:create-shipment"
)

Step = Callable[[aiosqlite.Connection], Awaitable[Shipment | ParanadError]]


async def _apply(connection: aiosqlite.Connection, steps: Sequence[Step]) -> list[Shipment | ParanadError]:
    return [await step(connection) for step in steps]


STEP: Kind[Step, Shipment] = Kind("shipments.step", _apply)


class Journal:
    """Keeps what is known of each order's shipment. Its rows are never pruned."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self._in_flight: set[int] = set()

    @contextmanager
    def in_flight(self, order_id: int) -> Iterator[None]:
        """Leave the order alone while its request is under way: no list settles it, no person decides on it."""
        self._in_flight.add(order_id)
        try:
            yield
        finally:
            self._in_flight.discard(order_id)

    async def find(self, order_id: int) -> Shipment | None:
        """Return the order's shipment; None if none was ever intended."""
        row = await self.store.reader.fetch_one(SQL["find_one"], {"order_id": order_id})
        return _shipment(row) if row else None

    async def get(self, order_id: int) -> Shipment:
        """Return the order's shipment.

        Raises:
            NotFound: none was ever intended.
        """
        if shipment := await self.find(order_id):
            return shipment
        raise NotFound(NO_ROW.format(order_id=order_id))

    async def list(self, state: ShipmentState | None, limit: int, cursor: str | None) -> Page[Shipment]:
        """Return shipments in *state*, newest order first; with None, all that are not recorded yet."""
        name = "find_recorded" if state is ShipmentState.RECORDED else "find_unrecorded"
        params = {"state": state, "before": before_id(cursor), "limit": limit + 1}
        shipments = [_shipment(row) for row in await self.store.reader.fetch(SQL[name], params)]
        return page([(shipment.order_id, shipment) for shipment in shipments], limit)

    async def unsettled(self) -> Sequence[Shipment]:
        """Return those that the courier's list may tell about: intended, held, or sent once before a refusal."""
        return [_shipment(row) for row in await self.store.reader.fetch(SQL["find_unsettled"])]

    async def created(self) -> Sequence[Shipment]:
        """Return those whose row the shop lacks."""
        return [_shipment(row) for row in await self.store.reader.fetch(SQL["find_created"])]

    async def counts(self) -> Mapping[ShipmentState, int]:
        """Return how many are not recorded yet, by state."""
        rows = await self.store.reader.fetch(SQL["count_unrecorded"])
        return {ShipmentState(row["state"]): row["shipments"] for row in rows}

    async def held_orders(self, limit: int) -> Sequence[int]:
        """Return the orders a person must decide on, oldest first."""
        rows = await self.store.reader.fetch(SQL["find_held_orders"], {"limit": limit})
        return [row["order_id"] for row in rows]

    async def last_right(self) -> Right | None:
        """Return whether the courier, when it last showed it, let the account create orders; None: it never did."""
        row = await self.store.reader.fetch_one(SQL["find_last_right"], {"denied": WORDS[Refusal.PERMISSION]})
        given = row is not None and RequestOutcome(row["outcome"]) is RequestOutcome.CREATED
        return Right(given, row["detail"], from_us(row["answered_at"])) if row else None

    async def any_ours(self, references: Sequence[str]) -> bool:
        """Tell whether one of *references* is ours."""
        params = {"references": _json(references)}
        return await self.store.reader.fetch_one(SQL["find_references"], params) is not None

    async def holders(self, ids: Sequence[str]) -> Mapping[str, int]:
        """Return the order that holds each of the courier's *ids*; ids that none holds are left out."""
        rows = await self.store.reader.fetch(SQL["find_holders"], {"ids": _json(ids)})
        return {row["courier_id"]: row["order_id"] for row in rows}

    async def intend(self, order_id: int, reference: str, phone: str, price: int) -> Shipment:
        """Commit that a request is about to leave.

        Raises:
            WrongState: another one is under way or unclear, or the order has its shipment.
        """
        values = {"reference": reference, "phone": phone, "price": price, "absences": ABSENCES}
        return await self._write(_intend, order_id, values)

    async def suspect(self, order_id: int, reference: str, attempt: ShipmentAttempt) -> Shipment:
        """Keep that a worker of the shop may have sent it: *attempt*, whose number is given here.

        Raises:
            WrongState: a request of ours is under way or unclear, or the order has its shipment.
        """
        values = {
            "reference": reference,
            "phone": attempt.phone,
            "price": attempt.price,
            "since": to_us(attempt.sent_at),
            "reason": attempt.detail,
        }
        return await self._write(_suspect, order_id, values)

    async def adopt(self, order_id: int, reference: str, reason: str) -> Shipment:
        """Hold a shipment that the courier has and this journal did not know of, or not as sent.

        Raises:
            WrongState: the order has its shipment, or is held already.
        """
        return await self._write(partial(_moved, "adopt"), order_id, {"reference": reference, "reason": reason})

    async def mark_unclear(self, order_id: int, reason: str) -> Shipment:
        """Keep that the request may have become a courier order."""
        values = {"outcome": RequestOutcome.UNCLEAR, "detail": reason, "reason": reason}
        return await self._write(partial(_answered, "mark_unclear"), order_id, values)

    async def explain(self, order_id: int, reason: str) -> Shipment:
        """Keep why an intent is unclear whose request was under way when the daemon ended."""
        return await self._write(partial(_moved, "mark_unclear"), order_id, {"reason": reason})

    async def withdraw(self, order_id: int, reason: str) -> Shipment:
        """Keep that the courier has nothing of it: it may be sent."""
        values = {"outcome": RequestOutcome.REFUSED, "detail": reason, "reason": reason}
        return await self._write(partial(_answered, "withdraw"), order_id, values)

    async def postpone(self, order_id: int, reason: str) -> Shipment:
        """Take an intent back before its request left: it may be sent later."""
        return await self._write(_postpone, order_id, {"reason": reason})

    async def create(
        self,
        order_id: int,
        courier_id: str,
        ids: frozenset[str],
        *,
        since: Sequence[ShipmentState] = (ShipmentState.INTENDED,),
        decided: bool = False,
    ) -> Shipment:
        """Keep that the courier has it, under *ids*; held instead where one of them belongs to another order.

        Raises:
            WrongState: the shipment stands in none of the states *since*.
        """
        values = {"courier_id": courier_id, "ids": _json(sorted(ids)), "from": _json(since), "decided": decided}
        return await self._write(_create, order_id, values)

    async def record(self, order_id: int) -> Shipment:
        """Keep that the shop's row is written."""
        return await self._write(partial(_moved, "record"), order_id, {})

    async def hold(self, order_id: int, reason: str) -> Shipment:
        """Leave it to a person."""
        return await self._write(partial(_moved, "hold"), order_id, {"reason": reason})

    async def send_again(self, order_id: int, reason: str) -> Shipment:
        """Keep a person's word that a held shipment may be sent.

        Raises:
            WrongState: it is not held.
        """
        return await self._write(_send_again, order_id, {"reason": reason})

    async def count_absence(self, shipment: Shipment, asked_at: datetime) -> Shipment:
        """Count a complete list, asked for at *asked_at*, that lacked *shipment*.

        Raises:
            WrongState: something has happened to it since it was read.
        """
        attempt = shipment.attempts[-1].number
        values = {"absences": shipment.absences, "attempt": attempt, "absent_at": to_us(asked_at)}
        return await self._write(partial(_moved, "count_absence"), shipment.order_id, values)

    def flying(self, order_id: int) -> bool:
        """Tell whether the order's request is under way."""
        return order_id in self._in_flight

    async def _write(
        self,
        step: Callable[[Mapping[str, Any], aiosqlite.Connection], Awaitable[Shipment | ParanadError]],
        order_id: int,
        values: Mapping[str, object],
    ) -> Shipment:
        params = {"order_id": order_id, "at": to_us(self.clock.now()), **values}
        bound: Step = partial(step, params)
        return await self.store.writer.write(STEP, bound)


async def _intend(params: Mapping[str, Any], connection: aiosqlite.Connection) -> Shipment | ParanadError:
    begun = await _run(connection, "intend", params) or await _run(connection, "intend_again", params)
    if not begun:
        return await _wrong_state(connection, params)
    await _run(connection, "begin_attempt", params)
    return await _read(connection, params)


async def _suspect(params: Mapping[str, Any], connection: aiosqlite.Connection) -> Shipment | ParanadError:
    if not await _run(connection, "suspect", params):
        return await _wrong_state(connection, params)
    await _run(connection, "note_elsewhere", params)
    return await _read(connection, params)


async def _answered(
    statement: str, params: Mapping[str, Any], connection: aiosqlite.Connection
) -> Shipment | ParanadError:
    await _run(connection, "end_attempt", params)
    return await _moved(statement, params, connection)


async def _postpone(params: Mapping[str, Any], connection: aiosqlite.Connection) -> Shipment | ParanadError:
    await _run(connection, "forget_attempt", params)
    return await _moved("withdraw", params, connection)


async def _moved(
    statement: str, params: Mapping[str, Any], connection: aiosqlite.Connection
) -> Shipment | ParanadError:
    moved = await _run(connection, statement, params)
    return await _read(connection, params) if moved else await _wrong_state(connection, params)


async def _create(params: Mapping[str, Any], connection: aiosqlite.Connection) -> Shipment | ParanadError:
    answered = {**params, "outcome": RequestOutcome.CREATED, "detail": None}
    decided = {**params, "decided_at": params["at"] if params["decided"] else None}
    foreign = await _run(connection, "foreign_ids", params)
    if not await _run(connection, "create", decided):
        return await _wrong_state(connection, params)
    await _run(connection, "end_attempt", answered)
    if params["decided"]:
        await _run(connection, "drop_ids", params)
    await _run(connection, "keep_ids", params)
    if foreign:
        others = ", ".join(f"{row['courier_id']} (order {row['order_id']})" for row in foreign)
        reason = f"the courier answered with an id that belongs to another order: {others}"
        return await _moved("hold", {**params, "reason": reason}, connection)
    return await _read(connection, params)


async def _send_again(params: Mapping[str, Any], connection: aiosqlite.Connection) -> Shipment | ParanadError:
    if not await _run(connection, "send_again", params):
        return await _wrong_state(connection, params)
    await _run(connection, "drop_ids", params)
    return await _read(connection, params)


async def _run(connection: aiosqlite.Connection, statement: str, params: Mapping[str, Any]) -> Sequence[sqlite3.Row]:
    return list(await connection.execute_fetchall(SQL[statement], params))


async def _read(connection: aiosqlite.Connection, params: Mapping[str, Any]) -> Shipment:
    return _shipment((await _run(connection, "find_one", params))[0])


async def _wrong_state(connection: aiosqlite.Connection, params: Mapping[str, Any]) -> ParanadError:
    rows = await _run(connection, "find_one", params)
    state = rows[0]["state"] if rows else "not in the journal"
    return WrongState(f"the shipment of order {params['order_id']} is {state}, so this step is not possible")


def _shipment(row: sqlite3.Row) -> Shipment:
    attempts = [_attempt(attempt) for attempt in orjson.loads(row["attempts"])]
    return Shipment(
        order_id=row["order_id"],
        state=ShipmentState(row["state"]),
        reference=row["reference"],
        courier_id=row["courier_id"],
        ids=frozenset(orjson.loads(row["ids"])),
        reason=row["reason"],
        absences=row["absences"],
        absent_at=_instant(row["absent_at"]),
        intended_at=from_us(row["intended_at"]),
        created_at=_instant(row["created_at"]),
        recorded_at=_instant(row["recorded_at"]),
        decided_at=_instant(row["decided_at"]),
        attempts=tuple(sorted(attempts, key=lambda attempt: attempt.number)),
    )


def _attempt(attempt: Mapping[str, Any]) -> ShipmentAttempt:
    return ShipmentAttempt(
        number=attempt["number"],
        phone=attempt["phone"],
        price=attempt["price"],
        sent_at=from_us(attempt["sent_at"]),
        answered_at=_instant(attempt["answered_at"]),
        outcome=RequestOutcome(attempt["outcome"]),
        detail=attempt["detail"],
        elsewhere=bool(attempt["elsewhere"]),
    )


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _json(values: Sequence[object]) -> str:
    return orjson.dumps(list(values)).decode()
