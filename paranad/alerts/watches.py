"""The watches: each knows one kind of trouble, in queue.db, on the disk or outside, and how it ends."""

import sqlite3
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

import anyio
import orjson

from paranad.alerts.incident import Facts, Incident
from paranad.alerts.kinds import IncidentKind
from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import to_us
from paranad.courier.breaker import Breaker, DoorState
from paranad.orders.service import Count
from paranad.outside import Outside, ShopAnswer
from paranad.queue.acts import TOOK_DAEMON_DOWN
from paranad.queue.model import State
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.journal_rows import read_reason
from paranad.shipments.model import ShipmentState
from paranad.store import facts
from paranad.store.file import Store
from paranad.store.reader import Reader
from paranad.store.room import MIB, room_of
from paranad.store.sql import load

SQL = load("paranad.alerts", "alerts.sql")
OVERLAP = timedelta(minutes=2)
"""How far a look reaches back before the last: a clock may be set back a little, and a commit be told late."""
ROOM_AGAIN = 1.5
"""How many times the wanted room must be free before it is over: a disk that hovers there is told once."""
ACCOUNT, RIGHT = "account", "right"
SHOP = "database"
OLDEST = "oldest"
UNREACHABLE_AFTER_S = 300.0
DOOR = "door"
CLOSED_AFTER = timedelta(minutes=5)
ROWS_TOLD = 100
"""How many unreadable rows are told at once: the last ones."""

GONE, OTHERWISE = "gone", "failed otherwise"
JOB_ENDED: Mapping[str, Sentence] = {
    State.COMPLETED: Sentence("alert.job_completed", "is completed now"),
    State.CANCELLED: Sentence("alert.job_cancelled", "was cancelled"),
    GONE: Sentence("alert.job_forgotten", "was forgotten"),
    OTHERWISE: Sentence("alert.job_failed_otherwise", "has failed in another way"),
}
"""How an incident about a job ends; a job that is unfinished ends none."""
ITS_JOB = Sentence("alert.its_job", "job {job_id} {how}")
SENT: Mapping[ShipmentState, Sentence] = {
    ShipmentState.CREATED: Sentence("alert.shipment_created", "the courier has it now"),
    ShipmentState.RECORDED: Sentence("alert.shipment_recorded", "it has its shipment now"),
    ShipmentState.HELD: Sentence("alert.shipment_held_now", "its shipment is held now"),
}
DECIDED: Mapping[ShipmentState | None, Sentence] = {
    ShipmentState.CREATED: Sentence("alert.decided_created", "the courier has it"),
    ShipmentState.RECORDED: Sentence("alert.decided_recorded", "it is recorded"),
    ShipmentState.WITHDRAWN: Sentence("alert.decided_again", "it may be sent again"),
    ShipmentState.INTENDED: Sentence("alert.decided_intended", "it is sent again"),
    None: Sentence("alert.decided", "it is decided"),
}
OTHER_DISK = Sentence("alert.other_disk", "it is the state directory no more")
ROOM_FREE = Sentence("alert.room_free", "there is room again, {free_mib} MiB")
STATE_BACK = Sentence("alert.state_back", "it is there again")
SHOP_ANSWERS = Sentence("alert.shop_answers", "it answers")
ORDERS_SENT = Sentence("alert.orders_sent", "it takes orders again, and all that waited are sent")
ANSWERS_AGAIN = Sentence("alert.courier_answers", "it answers again; the next order is sent first, the others after it")
ALL_SHIPPED = Sentence("alert.all_shipped", "every order of the last 30 days has its shipment")
NONE_LATE = Sentence("alert.none_late", "none is late any longer")
NOT_WATCHED = Sentence("alert.not_watched", "[alert] unshipped_after is 0s, so they are not watched")
ROW_GONE = Sentence("alert.row_gone", "it stands in failed_jobs no more")


Counting = Callable[[], Awaitable[Count | None]]
Lacking = Callable[[Collection[int]], Awaitable[Collection[int] | None]]


@record
class Tick:
    """One round of the watches: when they look, and what the shop answered just before."""

    now: datetime
    monotonic_s: float
    last: datetime
    """Up to when this daemon, or the one before it, had looked; never after *now*. At the first look ever: *now*."""
    is_first: bool
    """Whether this daemon looks for the first time: it was down since *last*."""
    shop: ShopAnswer


@record
class Trouble:
    """The findings of one look. An open incident that is in neither mapping stays open."""

    bad: Mapping[str, Facts] = field(default_factory=dict)
    """By key: what is wrong, and what is known of it."""
    over: Mapping[str, Said] = field(default_factory=dict)
    """By key of an open incident: how it ended."""


class Watch(Protocol):
    """Knows one kind of trouble."""

    @property
    def kind(self) -> IncidentKind:
        """The kind of trouble."""
        ...

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        """Look now; *opened* are the open incidents of the kind by key."""
        ...


class HeldShipments:
    """Finds the orders that wait for a person's decision."""

    kind: ClassVar = IncidentKind.SHIPMENT_HELD

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        rows = await self._reader.fetch(SQL["held"])
        bad = {str(row["order_id"]): _held(row) for row in rows}
        states = await _shipments(self._reader, opened.keys() - bad)
        over = {key: DECIDED.get(states.get(key), DECIDED[None])() for key in opened if key not in bad}
        return Trouble(bad, over)


class UnsentOrders:
    """Finds the orders without a shipment whose job has failed for good."""

    kind: ClassVar = IncidentKind.SHIPMENT_FAILED

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        params = {**_since(tick), "task": CREATE_SHIPMENT.name}
        bad = {str(row["order_id"]): _unsent(row) for row in await self._reader.fetch(SQL["unsent"], params)}
        states = await _shipments(self._reader, opened)
        sent = {key: SENT[state]() for key, state in states.items() if state in SENT and key in opened}
        jobs = await _jobs_ended(self._reader, opened)
        ended = {key: ITS_JOB(job_id=opened[key].facts["job_id"], how=how) for key, how in jobs.items()}
        # A shipment says more than its job, so it decides how the incident ended.
        return Trouble(bad, {key: how for key, how in (ended | sent).items() if key not in bad})


class LateOrders:
    """Tells whether the oldest order that should have a shipment has waited for it too long, for any reason.

    A shop that sends no order by itself owes none, and orders that it cannot be asked for are not known to be shipped.
    An order that grows too old to be counted, or loses its date, is not shipped by that.
    """

    kind: ClassVar = IncidentKind.ORDERS_UNSHIPPED

    def __init__(self, count: Counting, lacking: Lacking, after: timedelta, zone: ZoneInfo) -> None:
        """*count* tells how many have none; *lacking* which of some orders have none, whenever they were made."""
        self.after = after
        """How old the oldest may be; zero: it is not watched."""
        self._count, self._lacking, self._zone = count, lacking, zone
        self._last: int | None = None
        """The order that was the oldest when it last was late."""

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        count = await self._count()
        if not self.after:
            return Trouble(over=dict.fromkeys(opened, NOT_WATCHED()))
        if count is None:  # not known is not shipped: an open incident stays open
            return Trouble()
        late = count.oldest_at is not None and tick.now - count.oldest_at >= self.after
        if not (late and count.auto_create and count.oldest_at):
            if count.auto_create and await self._goes_on(opened):
                return Trouble()
            return Trouble(over=dict.fromkeys(opened, (NONE_LATE if count.orders else ALL_SHIPPED)()))
        self._last = count.oldest
        made_at = f"{count.oldest_at.astimezone(self._zone):%Y-%m-%d %H:%M}"
        return Trouble({OLDEST: {"order_id": count.oldest, "orders": count.orders, "made_at": made_at}})

    async def _goes_on(self, opened: Mapping[str, Incident]) -> bool:
        """Tell whether an order that was late is still without its shipment, or that this is unknown."""
        orders = {self._last, *(incident.facts["order_id"] for incident in opened.values())} - {None}
        return bool(opened) and (await self._lacking(orders)) != set()


class FatalJobs:
    """Finds the jobs that took the daemon down, so that they are not started again."""

    kind: ClassVar = IncidentKind.JOB_TOOK_DAEMON_DOWN

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        bad = {str(row["job_id"]): dict(row) for row in await self._reader.fetch(SQL["fatal"], _since(tick))}
        ended = await _jobs_ended(self._reader, opened)
        return Trouble(bad, {key: how for key, how in ended.items() if key not in bad})


class GoneState:
    """Tells whether queue.db is still the file that the daemon has open."""

    kind: ClassVar = IncidentKind.STATE_GONE

    def __init__(self, store: Store) -> None:
        self._store = store

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        key = str(self._store.path)
        if reason := self._store.watch.gone:
            return Trouble({key: {"path": key, "reason": reason}})
        return Trouble(over=dict.fromkeys(opened, STATE_BACK()))


class FullDisk:
    """Tells whether the disk of the state directory is nearly full."""

    kind: ClassVar = IncidentKind.DISK_NEARLY_FULL

    def __init__(self, store: Store) -> None:
        self._folder = store.path.parent

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        key = str(self._folder)
        # In a thread: a disk that does not answer would hold the loop.
        room = await anyio.to_thread.run_sync(room_of, self._folder)
        free_mib = room.free_bytes // MIB
        over = {each: OTHER_DISK() for each in opened if each != key}
        if room.is_nearly_full:
            return Trouble({key: {"path": key, "free_mib": free_mib, "total_mib": room.total_bytes // MIB}}, over)
        if key in opened and room.free_bytes >= room.wanted_bytes * ROOM_AGAIN:
            over[key] = ROOM_FREE(free_mib=free_mib)
        return Trouble(over=over)


class RefusedLogin:
    """Tells whether the courier accepts the account, and what the account wants to do."""

    kind: ClassVar = IncidentKind.COURIER_LOGIN_REFUSED

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        verdicts = {ACCOUNT: self._outside.account, RIGHT: self._outside.right}
        bad = {key: {"reason": each.reason} for key, each in verdicts.items() if each and not each.accepted}
        over = {key: each.reason for key, each in verdicts.items() if each and each.accepted and key in opened}
        return Trouble(bad, over)


class ClosedDoor:
    """Tells whether the courier answers, so that orders are sent to it."""

    kind: ClassVar = IncidentKind.COURIER_CLOSED

    def __init__(self, breaker: Breaker, zone: ZoneInfo) -> None:
        self._breaker, self._zone = breaker, zone

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        door = self._breaker.door
        if door.state is DoorState.CLOSED and door.since and tick.now - door.since >= CLOSED_AFTER:
            since = f"{door.since.astimezone(self._zone):%Y-%m-%d %H:%M}"
            return Trouble({DOOR: {"since": since, "reason": door.reason}})
        # While the one order is on its way, or waits to be, it is not known whether the courier takes orders.
        if door.state is DoorState.OPEN:
            return Trouble(over=dict.fromkeys(opened, ORDERS_SENT()))
        idle = door.state is DoorState.ONE_ORDER and not self._breaker.is_awaited
        return Trouble(over=dict.fromkeys(opened, ANSWERS_AGAIN()) if idle else {})


class LostShop:
    """Tells whether the shop's database answers. It is asked before every look, so an idle daemon finds out too."""

    kind: ClassVar = IncidentKind.SHOP_UNREACHABLE

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        outside = self._outside
        if outside.lost_at_s is not None and tick.monotonic_s - outside.lost_at_s >= UNREACHABLE_AFTER_S:
            return Trouble({SHOP: {"reason": outside.lost_why}})
        # After a restart nothing is lost yet, and nothing has answered: an open incident waits for an answer.
        is_there = outside.answered and outside.lost_at_s is None
        return Trouble(over=dict.fromkeys(opened, SHOP_ANSWERS()) if is_there else {})


class UnreadableRows:
    """Finds the rows of the shop's `jobs` table that cannot be read and stand in its `failed_jobs`."""

    kind: ClassVar = IncidentKind.ROW_UNREADABLE

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        rows = tick.shop.rows
        if rows is None:  # not known is not gone: the open incidents stay open
            return Trouble()
        standing = {row.uuid for row in rows}
        bad = {row.uuid: {"uuid": row.uuid, "reason": row.reason} for row in rows[-ROWS_TOLD:]}
        return Trouble(bad, {key: ROW_GONE() for key in opened if key not in standing})


def _since(tick: Tick) -> dict[str, object]:
    return {"since": to_us(tick.last - OVERLAP), "took_daemon_down": TOOK_DAEMON_DOWN.code}


def _held(row: sqlite3.Row) -> Facts:
    reason = read_reason(row["reason_code"], row["reason_values"], row["reason"])
    return {"order_id": row["order_id"], "reference": row["reference"], "reason": reason}


def _unsent(row: sqlite3.Row) -> Facts:
    return {"job_id": row["job_id"], "order_id": row["order_id"], "error": facts.read(row["why"], row["error"])}


async def _shipments(reader: Reader, orders: Collection[str]) -> dict[str, ShipmentState]:
    if not orders:
        return {}
    rows = await reader.fetch(SQL["shipments"], {"orders": orjson.dumps([int(each) for each in orders]).decode()})
    return {str(row["order_id"]): ShipmentState(row["state"]) for row in rows}


async def _jobs_ended(reader: Reader, opened: Mapping[str, Incident]) -> dict[str, Said]:
    """Return by key how the job of each incident has ended; a job that may still run is left out."""
    if not opened:
        return {}
    ids = {key: incident.facts["job_id"] for key, incident in opened.items()}
    rows = await reader.fetch(SQL["jobs"], {"ids": orjson.dumps(list(ids.values())).decode()})
    found = {row["id"]: row for row in rows}
    ends = {key: _end(found.get(job_id), opened[key].kind) for key, job_id in ids.items()}
    return {key: JOB_ENDED[end]() for key, end in ends.items() if end in JOB_ENDED}


def _end(job: sqlite3.Row | None, kind: IncidentKind) -> str:
    """Return how *job* stands for an incident of *kind*: its state, GONE, or OTHERWISE if its failure is another."""
    if job is None:
        return GONE
    took_down = job["code"] == TOOK_DAEMON_DOWN.code
    otherwise = job["state"] == State.FAILED and took_down is not (kind is IncidentKind.JOB_TOOK_DAEMON_DOWN)
    return OTHERWISE if otherwise else job["state"]
