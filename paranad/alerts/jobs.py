"""Looks into queue.db: shipments that are held, orders that were not sent, jobs that took the daemon down."""

import sqlite3
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import ClassVar

import orjson

from paranad.alerts.incident import Incident, IncidentKind
from paranad.alerts.look import Look, Moment
from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import to_us
from paranad.queue.acts import TOOK_DAEMON_DOWN
from paranad.queue.model import State
from paranad.shipments.model import ShipmentState
from paranad.store.reader import Reader
from paranad.store.sql import load

SQL = load("paranad.alerts", "alerts.sql")
OVERLAP = timedelta(minutes=2)
"""How far a look reaches back before the last: a clock may be set back a little, and a commit be told late."""
GONE, OTHERWISE = "gone", "failed otherwise"
ENDED: Mapping[str, str] = {
    State.COMPLETED: "is completed now",
    State.CANCELLED: "was cancelled",
    GONE: "was forgotten",
    OTHERWISE: "has failed in another way",
}
"""How an incident about a job ends; while the job is unfinished it is not known."""
SENT = {
    ShipmentState.CREATED: "the courier has it now",
    ShipmentState.RECORDED: "it has its shipment now",
    ShipmentState.HELD: "its shipment is held now",
}
DECIDED: Mapping[ShipmentState | None, str] = {
    ShipmentState.CREATED: "the courier has it",
    ShipmentState.RECORDED: "it is recorded",
    ShipmentState.WITHDRAWN: "it may be sent again",
    ShipmentState.INTENDED: "it is sent again",
}


class HeldShipments:
    """Which orders wait for a person's decision."""

    kind: ClassVar = IncidentKind.SHIPMENT_HELD

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def look(self, _: Moment, opened: Mapping[str, Incident]) -> Look:
        rows = await self._reader.fetch(SQL["held"])
        bad = {str(row["order_id"]): dict(row) for row in rows}
        states = await _shipments(self._reader, opened.keys() - bad)
        return Look(bad, {key: DECIDED.get(states.get(key), "it is decided") for key in opened if key not in bad})


class UnsentOrders:
    """Which orders have no shipment because their job has failed for good."""

    kind: ClassVar = IncidentKind.SHIPMENT_FAILED

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def look(self, moment: Moment, opened: Mapping[str, Incident]) -> Look:
        params = {**_since(moment), "task": CREATE_SHIPMENT.name}
        bad = {str(row["order_id"]): dict(row) for row in await self._reader.fetch(SQL["unsent"], params)}
        states = await _shipments(self._reader, opened)
        sent = {key: SENT[state] for key, state in states.items() if state in SENT and key in opened}
        jobs = await _jobs(self._reader, opened)
        ended = {key: f"job {opened[key].facts['job_id']} {ENDED[end]}" for key, end in jobs.items() if end in ENDED}
        return Look(bad, {key: how for key, how in (ended | sent).items() if key not in bad})


class FatalJobs:
    """Which jobs took the daemon down, so that they are not started again."""

    kind: ClassVar = IncidentKind.JOB_TOOK_DAEMON_DOWN

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def look(self, moment: Moment, opened: Mapping[str, Incident]) -> Look:
        bad = {str(row["job_id"]): dict(row) for row in await self._reader.fetch(SQL["fatal"], _since(moment))}
        jobs = await _jobs(self._reader, opened)
        ended = {key: ENDED[end] for key, end in jobs.items() if end in ENDED}
        return Look(bad, {key: how for key, how in ended.items() if key not in bad})


def _since(moment: Moment) -> dict[str, object]:
    return {"since": to_us(moment.last - OVERLAP), "took_daemon_down": TOOK_DAEMON_DOWN.code}


async def _shipments(reader: Reader, orders: Collection[str]) -> dict[str, ShipmentState]:
    if not orders:
        return {}
    rows = await reader.fetch(SQL["shipments"], {"orders": orjson.dumps([int(each) for each in orders]).decode()})
    return {str(row["order_id"]): ShipmentState(row["state"]) for row in rows}


async def _jobs(reader: Reader, opened: Mapping[str, Incident]) -> dict[str, str]:
    """Return by key how the job of each incident stands: its state, or that it is gone or has failed otherwise."""
    if not opened:
        return {}
    ids = {key: incident.facts["job_id"] for key, incident in opened.items()}
    rows = await reader.fetch(SQL["jobs"], {"ids": orjson.dumps(list(ids.values())).decode()})
    found = {row["id"]: row for row in rows}
    return {key: _state(found.get(job_id), opened[key].kind) for key, job_id in ids.items()}


def _state(job: sqlite3.Row | None, kind: IncidentKind) -> str:
    if job is None:
        return GONE
    took_down = job["code"] == TOOK_DAEMON_DOWN.code
    otherwise = job["state"] == State.FAILED and took_down is not (kind is IncidentKind.JOB_TOOK_DAEMON_DOWN)
    return OTHERWISE if otherwise else job["state"]
