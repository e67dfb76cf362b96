"""Watches what the daemon depends on: the disk of its state, the courier's login, the shop's database and its rows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

import anyio

from paranad.alerts.incident import Facts, Incident, IncidentKind
from paranad.alerts.look import Look, Moment
from paranad.catalogue import SYNC_ORDERS, SYNC_STATUSES
from paranad.clock import Clock
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event
from paranad.events.shipments import ShipmentCreated
from paranad.events.shop import ShopLost, ShopReturned
from paranad.said import Said
from paranad.shop.errors import ShopError, ShopUnreachable
from paranad.store.room import MIB, room_of

ROOM_AGAIN = 1.5
"""How many times the low water must be free before it is over: what hovers there is told once."""
ACCOUNT, RIGHT = "account", "right"
ASKS_COURIER = frozenset({SYNC_ORDERS.name, SYNC_STATUSES.name})
"""Tasks that complete only when the courier has accepted the account."""
SHOP = "database"
UNREACHABLE_AFTER_S = 300.0
SILENT_AFTER_S = 60.0
"""How long an answer is waited for before it counts as none."""
ASKED_S = 1.0
"""How long a look waits for the shop's rows before it goes without."""
ROWS_TOLD = 100
"""Of how many rows that cannot be read somebody is told at once: the last ones."""
LONGEST_SNOOZE_S = 300.0
"""How long after an outage a job may still sleep because of it."""


class FullDisk:
    """Whether the disk of the state directory is nearly full."""

    kind: ClassVar = IncidentKind.DISK_NEARLY_FULL

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def look(self, _: Moment, opened: Mapping[str, Incident]) -> Look:
        key = str(self._folder)
        room = await anyio.to_thread.run_sync(room_of, self._folder)
        free_mib = room.free_bytes // MIB
        gone = {each: "it is the state directory no more" for each in opened if each != key}
        if room.is_nearly_full:
            return Look({key: {"path": key, "free_mib": free_mib, "total_mib": room.total_bytes // MIB}}, gone)
        if key in opened and room.free_bytes >= room.wanted_bytes * ROOM_AGAIN:
            return Look({}, {**gone, key: f"there is room again, {free_mib} MiB"})
        return Look({}, gone)


class GoneState:
    """Whether queue.db is still the file that the daemon has open."""

    kind: ClassVar = IncidentKind.STATE_GONE

    def __init__(self, path: Path, gone: Callable[[], str | None]) -> None:
        """Watch the file at *path*; *gone* says why it is not there."""
        self._key, self._gone = str(path), gone

    async def look(self, _: Moment, opened: Mapping[str, Incident]) -> Look:
        if reason := self._gone():
            return Look({self._key: {"path": self._key, "reason": reason}}, {})
        return Look({}, dict.fromkeys(opened, "it is there again"))


class RefusedLogin:
    """Whether the courier accepts the account, and what the account wants to do."""

    kind: ClassVar = IncidentKind.COURIER_LOGIN_REFUSED

    def __init__(self) -> None:
        self._refused: dict[str, Facts] = {}
        self._accepted: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        """Note what the courier said."""
        match event:
            case CourierLoginRefused():
                self._refuse(ACCOUNT, str(event.reason))
            case CourierRightRefused():
                self._refuse(RIGHT, str(event.reason))
            case CourierLoggedIn():
                self._accept(ACCOUNT, "it accepts the login again")
            case ShipmentCreated():
                self._accept(ACCOUNT, "it accepts the account again")
                self._accept(RIGHT, "it takes shipments again")
            case _:
                pass

    def completed(self, task: str) -> None:
        """Note that *task* has succeeded."""
        if task in ASKS_COURIER:
            self._accept(ACCOUNT, "it accepts the account again")

    async def look(self, _: Moment, opened: Mapping[str, Incident]) -> Look:
        accepted, self._accepted = self._accepted, {}
        return Look(dict(self._refused), {key: how for key, how in accepted.items() if key in opened})

    def _refuse(self, key: str, reason: str) -> None:
        self._accepted.pop(key, None)
        self._refused[key] = {"reason": reason}

    def _accept(self, key: str, how: str) -> None:
        self._refused.pop(key, None)
        self._accepted[key] = how


class LostShop:
    """Whether the shop's database answers; asked once a minute, so that an idle daemon knows too."""

    kind: ClassVar = IncidentKind.SHOP_UNREACHABLE

    def __init__(self, ask: Callable[[], Awaitable[object]], clock: Clock) -> None:
        """Watch the shop; *ask* returns when its database has answered; ShopUnreachable: it does not."""
        self._ask, self._clock = ask, clock
        self._asking: asyncio.Task[None] | None = None
        self._asked_at_s = 0.0
        self._answered = False
        self._is_told_lost = False
        self._lost_at_s: float | None = None
        self._reason = ""
        self._excused_until_s = float("-inf")

    def hear(self, event: Event) -> None:
        """Note that the shop was lost, or is back."""
        if isinstance(event, ShopLost):
            self._is_told_lost = True
            self._lose(event.reason)
        elif isinstance(event, ShopReturned):
            self._is_told_lost = False
            self._found()

    def excused(self, moment: Moment) -> bool:
        """Tell whether a task of the shop's could not succeed just now, or sleeps because of it."""
        return self._lost_at_s is not None or moment.monotonic_s < self._excused_until_s

    async def look(self, moment: Moment, opened: Mapping[str, Incident]) -> Look:
        self._ask_again(moment)
        if self._lost_at_s is not None and moment.monotonic_s - self._lost_at_s >= UNREACHABLE_AFTER_S:
            return Look({SHOP: {"reason": self._reason}})
        is_there = self._answered and self._lost_at_s is None
        return Look({}, dict.fromkeys(opened, "it answers") if is_there else {})

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _ask_again(self, moment: Moment) -> None:
        """Ask once more; its answer is known at the next look, or is not, which is an answer too."""
        if self._asking is not None and not self._asking.done():
            if moment.monotonic_s - self._asked_at_s >= SILENT_AFTER_S:
                self._answered = False
                self._lose("it does not answer")
            return
        self._asked_at_s = moment.monotonic_s
        self._asking = asyncio.create_task(self._asked(), name="alerts.shop")

    async def _asked(self) -> None:
        try:
            await self._ask()
        except ShopUnreachable as error:
            self._answered = False
            self._lose(error.reason)
        else:
            self._answered = True
            if not self._is_told_lost:  # else it is back when it says so: a question is no lock that was refused
                self._found()

    def _lose(self, reason: str) -> None:
        self._reason = reason
        if self._lost_at_s is None:
            self._lost_at_s = self._clock.monotonic()

    def _found(self) -> None:
        if self._lost_at_s is not None:
            now_s = self._clock.monotonic()
            self._excused_until_s = now_s + min(now_s - self._lost_at_s, LONGEST_SNOOZE_S)
        self._lost_at_s = None


class Unreadable(Protocol):
    """A row of the shop's that cannot be read."""

    @property
    def uuid(self) -> str: ...
    @property
    def reason(self) -> Said: ...


class UnreadableRows:
    """Which rows of the shop's `jobs` table cannot be read, and stand in its `failed_jobs`."""

    kind: ClassVar = IncidentKind.ROW_UNREADABLE

    def __init__(self, ask: Callable[[], Awaitable[Sequence[Unreadable]]]) -> None:
        """Watch the rows that *ask* returns, the oldest first; ShopError: nothing is known of them."""
        self._ask = ask
        self._asking: asyncio.Task[Sequence[Unreadable] | None] | None = None

    async def look(self, _: Moment, opened: Mapping[str, Incident]) -> Look:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._asked(), name="alerts.rows")
        # A database that is waited for cannot be left half way: it is left to itself.
        await asyncio.wait([self._asking], timeout=ASKED_S)
        rows = self._asking.result() if self._asking.done() else None
        if rows is None:
            return Look()
        standing = {row.uuid for row in rows}
        bad = {row.uuid: {"uuid": row.uuid, "reason": row.reason.text} for row in rows[-ROWS_TOLD:]}
        return Look(bad, {key: "it stands in failed_jobs no more" for key in opened if key not in standing})

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _asked(self) -> Sequence[Unreadable] | None:
        try:
            return await self._ask()
        except ShopError:
            return None
