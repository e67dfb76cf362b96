"""Rows of the shipment journal as records, and reasons as they are stored."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from paranad.clock import from_us
from paranad.said import Said
from paranad.shipments import reasons
from paranad.shipments.model import Look, RequestOutcome, Shipment, ShipmentAttempt, ShipmentState, Suspicion


def kept_reason(reason: Said) -> dict[str, object]:
    """Return *reason* as it is stored: its sentence too, for a version that knows no codes."""
    values = orjson.dumps(reasons.kept_values(reason)).decode()
    return {"reason": reason.text, "reason_code": reason.code, "reason_values": values}


def created_values(
    courier_id: str,
    ids: frozenset[str],
    states: Sequence[ShipmentState],
    *,
    decided: bool = False,
    unconfirmed: bool = False,
) -> dict[str, object]:
    """Return what is stored of a courier order that is the shipment; it must stand in one of *states* before."""
    known = {"courier_id": courier_id, "ids": as_json(sorted(ids)), "from": as_json(states)}
    return {**known, "decided": decided, "unconfirmed": unconfirmed}


def as_json(values: Sequence[object]) -> str:
    """Return *values* as a list for a statement."""
    return orjson.dumps(list(values)).decode()


def shipment_of(row: sqlite3.Row) -> Shipment:
    """Return a row of `shipment_records`."""
    kept = sorted(orjson.loads(row["attempts"]), key=lambda attempt: attempt["number"])
    ours = [attempt for attempt in kept if not attempt["elsewhere"]]
    looked_at = instant_of(row["looked_at"])
    return Shipment(
        order_id=row["order_id"],
        state=ShipmentState(row["state"]),
        reference=row["reference"],
        courier_id=row["courier_id"],
        ids=frozenset(orjson.loads(row["ids"])),
        reason=read_reason(row["reason_code"], row["reason_values"], row["reason"]),
        absences=row["absences"],
        absent_at=instant_of(row["absent_at"]),
        look=Look(looked_at, read_reason(row["look_code"], row["look_values"], None)) if looked_at else None,
        intended_at=from_us(row["intended_at"]),
        created_at=instant_of(row["created_at"]),
        recorded_at=instant_of(row["recorded_at"]),
        decided_at=instant_of(row["decided_at"]),
        unconfirmed=bool(row["unconfirmed"]),
        attempts=tuple(_attempt(number, attempt) for number, attempt in enumerate(ours, 1)),
        suspicions=tuple(_suspicion(attempt) for attempt in kept if attempt["elsewhere"]),
        version=kept[-1]["number"] if kept else 0,
    )


def _attempt(number: int, attempt: Mapping[str, Any]) -> ShipmentAttempt:
    return ShipmentAttempt(
        number=number,
        phone=attempt["phone"],
        price=attempt["price"],
        sent_at=from_us(attempt["sent_at"]),
        answered_at=instant_of(attempt["answered_at"]),
        outcome=RequestOutcome(attempt["outcome"]),
        reason=read_reason(attempt["code"], attempt["values"], attempt["detail"]),
    )


def _suspicion(attempt: Mapping[str, Any]) -> Suspicion:
    return Suspicion(
        code=attempt["code"] or reasons.RESTORED.code,
        source=attempt["source"] or "",
        phone=attempt["phone"],
        price=attempt["price"],
        since=from_us(attempt["sent_at"]),
        known_at=from_us(attempt["answered_at"]),
    )


def read_reason(code: str | None, values: str | Mapping[str, Any] | None, sentence: str | None) -> Said | None:
    """Return a stored reason; only its sentence if an earlier version, or a later one with more codes, wrote it."""
    if code and code in reasons.SENTENCES and values is not None:
        return reasons.stored(code, orjson.loads(values) if isinstance(values, str) else values, sentence or "")
    return reasons.SAID(text=sentence) if sentence else None


def instant_of(us: int | None) -> datetime | None:
    """Return a stored instant; None if none is stored."""
    return None if us is None else from_us(us)
