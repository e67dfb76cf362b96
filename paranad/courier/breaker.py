"""The courier's door: after several outages in a row no new order leaves, until the courier answers again.

A circuit breaker, in the words of a door: what leaves through an *open* door is sent. Without it each new order would
send its request into an outage, and each would have to be looked for in the courier's list afterwards. `Door` decides,
purely; `Breaker` keeps it, lets orders pass, and asks the courier while the door is closed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from paranad.clock import Clock, from_us, to_us
from paranad.courier.errors import CourierClosed, CourierLimited
from paranad.courier.models import Json
from paranad.errors import ParanadError
from paranad.events.courier import CourierDoorClosed, CourierDoorFailed, CourierDoorOneOrder, CourierDoorOpened
from paranad.events.event import Events
from paranad.record import record
from paranad.said import Said, Sentence, from_document

OWNER = "door"
OUTAGES = 3
"""After so many outages in a row the door closes."""
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)
"""How long a closed door waits before the courier is asked again: twice as long each time."""
SOON = timedelta(seconds=5)
"""After how long an order comes again while the door lets one order through, or the courier is being asked."""
LONGEST_PASSAGE_S = 300.0
"""How long one order may keep the others waiting: no request takes longer, so its worker is lost."""
AFTER_TROUBLE_S = 60.0

DOOR_CLOSED = Sentence(
    "courier.door_closed", "the courier did not answer several times in a row, so no order is sent until it does"
)
ONE_ORDER_FIRST = Sentence(
    "courier.one_order_first", "the courier answers again: one order is sent first, the others after it"
)


class DoorState(StrEnum):
    """What the door lets through."""

    OPEN = "open"
    """Every order."""
    CLOSED = "closed"
    """No order."""
    ONE_ORDER = "one_order"
    """The courier has answered a question: one order, whose answer opens or closes."""


@record
class Door:
    """The door as it is kept over a restart; each method returns it as it is after something happened.

    An *order* is a create-order request, a *question* any other request. *Answered* means understood, a refusal
    included; *lost* means that there was no connection, or no answer that can be understood.
    """

    state: DoorState = DoorState.OPEN
    orders_lost: int = 0
    """Since the last order that was answered: a courier that answers questions alone takes no orders."""
    questions_lost: int = 0
    """Since anything was last answered."""
    since: datetime | None = None
    """Since when not every order is let through; None: it is open."""
    next_try_at: datetime | None = None
    """When the courier is asked again; set while it is closed."""
    tries: int = 0
    """How many tries were lost since it closed."""
    order_failed: bool = False
    """A question was answered, and the one order after it was lost: before `next_try_at` an answer means little."""
    reason: Said | None = None
    """Why it closed: the last outage."""

    def order_answered(self) -> "Door":
        """Open: the courier takes orders."""
        return Door()

    def order_lost(self, reason: Said, now: datetime, *, is_the_one: bool) -> "Door":
        """Count an order's outage; *is_the_one*: it was let through alone. An earlier one that comes late is known."""
        match self.state:
            case DoorState.OPEN:
                return _closed_if_often(replace(self, orders_lost=self.orders_lost + 1), reason, now)
            case DoorState.ONE_ORDER if is_the_one:
                return _closed(replace(self, tries=self.tries + 1, order_failed=True), reason, now)
            case _:
                return self

    def question_answered(self, now: datetime) -> "Door":
        """Forget the questions that were lost; let one order through if it is closed."""
        if self.state is not DoorState.CLOSED:
            return replace(self, questions_lost=0)
        if self.order_failed and not self._is_due(now):
            return self
        return replace(self, state=DoorState.ONE_ORDER, orders_lost=0, questions_lost=0, next_try_at=None)

    def question_lost(self, reason: Said, now: datetime) -> "Door":
        """Count a question's outage; while it is closed, wait longer for the next try."""
        if self.state is not DoorState.CLOSED:
            return _closed_if_often(replace(self, questions_lost=self.questions_lost + 1), reason, now)
        lost = replace(self, order_failed=False, reason=reason)
        return _closed(replace(lost, tries=self.tries + 1), reason, now) if self._is_due(now) else lost

    def put_off(self, until: datetime) -> "Door":
        """Ask again at *until*: the question could not leave."""
        return replace(self, next_try_at=until) if self.state is DoorState.CLOSED else self

    def healed(self, now: datetime) -> "Door":
        """Return the door with no instant further ahead than it can be: the wall clock may have stepped."""
        since = self.since and min(self.since, now)
        next_try_at = self.next_try_at and min(self.next_try_at, now + LONGEST_WAIT)
        same = since == self.since and next_try_at == self.next_try_at
        return self if same else replace(self, since=since, next_try_at=next_try_at)

    def as_json(self) -> Json:
        """Return the door as `read` takes it."""
        return {
            "state": self.state.value,
            "orders_lost": self.orders_lost,
            "questions_lost": self.questions_lost,
            "since_us": self.since and to_us(self.since),
            "next_try_at_us": self.next_try_at and to_us(self.next_try_at),
            "tries": self.tries,
            "order_failed": self.order_failed,
            "reason": self.reason and self.reason.document(),
        }

    @classmethod
    def read(cls, value: Json) -> "Door":
        """Return the door kept as *value*; an open one if there is none, or it is of another version."""
        try:
            state, since_us, next_us = DoorState(value["state"]), value["since_us"], value["next_try_at_us"]
            if (since_us is None) is not (state is DoorState.OPEN):
                return cls()
            if (next_us is None) is (state is DoorState.CLOSED):
                return cls()
            return cls(
                state,
                int(value["orders_lost"]),
                int(value["questions_lost"]),
                None if since_us is None else from_us(int(since_us)),
                None if next_us is None else from_us(int(next_us)),
                int(value["tries"]),
                bool(value["order_failed"]),
                None if value["reason"] is None else from_document(value["reason"]),
            )
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
            return cls()

    def _is_due(self, now: datetime) -> bool:
        return self.next_try_at is None or now >= self.next_try_at


def _closed_if_often(door: Door, reason: Said, now: datetime) -> Door:
    return _closed(door, reason, now) if door.orders_lost + door.questions_lost >= OUTAGES else door


def _closed(door: Door, reason: Said, now: datetime) -> Door:
    return replace(
        door,
        state=DoorState.CLOSED,
        orders_lost=0,
        questions_lost=0,
        since=door.since or now,
        next_try_at=now + min(FIRST_WAIT * (1 << min(door.tries, 10)), LONGEST_WAIT),
        reason=reason,
    )


def restored(kept: Json, address: str) -> Door:
    """Return the door *kept* by the last daemon; an open one if the courier is asked at another *address* now.

    What was lost at a wrong address says nothing of the right one. A version before kept no address.
    """
    is_of_another = isinstance(kept, dict) and kept.get("address", address) != address
    return Door() if is_of_another else Door.read(kept)


async def _nothing() -> Json:
    return None


async def _keep_nothing(_: Json) -> None:
    return None


class Breaker:
    """Lets orders pass, hears what became of each request, and asks the courier while the door is closed."""

    def __init__(
        self,
        clock: Clock,
        events: Events,
        load: Callable[[], Awaitable[Json]] = _nothing,
        save: Callable[[Json], Awaitable[None]] = _keep_nothing,
        address: str = "",
    ) -> None:
        """Keep the door of the courier at *address* by *load* and *save*."""
        self.clock, self.events, self.load, self.save = clock, events, load, save
        self._address = sha256(address.encode()).hexdigest()  # an address may carry a password
        self._door = self._kept = Door()
        self._changed = asyncio.Event()
        self._passing: str | None = None
        """The owner of the one order that is on its way."""
        self._passing_since_s = 0.0
        self._waiting: dict[str, None] = {}
        """The owners that were held back since the door closed, first come first."""

    @property
    def door(self) -> Door:
        """The door as it is now."""
        return self._door.healed(self.clock.now())

    @property
    def shut(self) -> Said | None:
        """Why not every order is let through; None: it is open."""
        match self._door.state:
            case DoorState.OPEN:
                return None
            case DoorState.CLOSED:
                return DOOR_CLOSED()
            case DoorState.ONE_ORDER:
                return ONE_ORDER_FIRST()

    @property
    def is_awaited(self) -> bool:
        """Whether an order waits for the door, or is the one that is on its way."""
        return bool(self._waiting) or self._passing is not None

    async def restore(self) -> None:
        """Read the kept door, before the first order asks."""
        self._door = self._kept = restored(await self.load(), self._address)

    async def keep(self) -> None:
        """Keep the door if it has changed since it was last kept."""
        if self._door != self._kept:
            door = self._door
            await self.save({**door.as_json(), "address": self._address})
            self._kept = door

    def check(self, owner: str) -> None:
        """See whether an order of *owner* may leave now.

        Raises:
            CourierClosed: it may not, and comes again at `until`.
        """
        door, now = self.door, self.clock.now()
        match door.state:
            case DoorState.CLOSED:
                self._waiting[owner] = None
                raise CourierClosed(max(door.next_try_at or now, now + SOON), DOOR_CLOSED())
            case DoorState.ONE_ORDER if not self._is_free(owner):
                self._waiting[owner] = None
                raise CourierClosed(now + SOON, ONE_ORDER_FIRST())
            case _:
                self._waiting.pop(owner, None)

    @contextmanager
    def passing(self, owner: str) -> Iterator[None]:
        """Let an order of *owner* leave within the block; the block itself decides nothing, the answer does.

        Raises:
            CourierClosed: it may not leave, and comes again at `until`.
        """
        self.check(owner)
        is_the_one = self._door.state is DoorState.ONE_ORDER
        if is_the_one:
            self._passing, self._passing_since_s = owner, self.clock.monotonic()
        try:
            yield
        finally:
            # However it ends, cancelled or without an answer, the next order may be the one.
            if is_the_one and self._passing == owner:
                self._passing = None

    def answered(self, *, is_order: bool) -> None:
        """Note that a request was answered and understood."""
        door = self.door
        self._move(door.order_answered() if is_order else door.question_answered(self.clock.now()))

    def lost(self, owner: str, reason: Said, *, is_order: bool) -> None:
        """Note that a request found no courier, or that its answer cannot be understood."""
        door, now = self.door, self.clock.now()
        if is_order:
            self._move(door.order_lost(reason, now, is_the_one=self._passing == owner))
        else:
            self._move(door.question_lost(reason, now))

    async def run(
        self, ask: Callable[[], Awaitable[object]], wake: Callable[[Sequence[str]], Awaitable[object]]
    ) -> None:
        """Keep the door, *wake* the owners that may go on, and *ask* while it is closed; until cancelled."""
        while True:
            try:
                await self._attend(ask, wake)
            except Exception as error:  # noqa: BLE001 -- the loop's edge: no trouble of the door ends the daemon
                self.events.tell(CourierDoorFailed(error=f"{type(error).__name__}: {error}"))
                await self.clock.sleep(AFTER_TROUBLE_S)

    async def _attend(
        self, ask: Callable[[], Awaitable[object]], wake: Callable[[Sequence[str]], Awaitable[object]]
    ) -> None:
        self._changed.clear()
        with suppress(ParanadError):  # the full disk was told already; the next change keeps it
            await self.keep()
        if owners := self._released():
            await wake(owners)
        door = self.door
        if door.next_try_at is None:
            await self._changed.wait()
            return
        # What was waited for on the clock that never steps has passed, whatever the wall clock says then.
        wait_s = (door.next_try_at - self.clock.now()).total_seconds()
        if wait_s <= 0 or not await self.clock.wait(self._changed, wait_s):
            await self._try(ask)

    async def _try(self, ask: Callable[[], Awaitable[object]]) -> None:
        until = self.clock.now() + FIRST_WAIT
        try:
            await ask()
        except CourierLimited as error:
            until = max(error.until, self.clock.now() + SOON)
        except ParanadError:
            pass  # what it means was heard with the request; without a request it is asked again
        door, now = self.door, self.clock.now()
        if door.next_try_at and door.next_try_at <= now:
            self._move(door.put_off(until))

    def _is_free(self, owner: str) -> bool:
        """Tell whether *owner* may be the one order."""
        taken = self._passing is not None and self._passing != owner
        return not taken or self.clock.monotonic() - self._passing_since_s > LONGEST_PASSAGE_S

    def _released(self) -> list[str]:
        """Return the owners that need not wait any longer."""
        match self._door.state:
            case DoorState.OPEN:
                owners = list(self._waiting)
            case DoorState.ONE_ORDER if self._passing is None:
                owners = list(self._waiting)[:1]
            case _:
                owners = []
        for owner in owners:
            del self._waiting[owner]
        return owners

    def _move(self, door: Door) -> None:
        if door == self._door:
            return
        before, self._door = self._door, door
        self._changed.set()
        if door.state is before.state:
            return
        match door.state:
            case DoorState.OPEN:
                self.events.tell(CourierDoorOpened())
            case DoorState.ONE_ORDER:
                self.events.tell(CourierDoorOneOrder())
            case DoorState.CLOSED if door.reason and door.next_try_at:
                self.events.tell(CourierDoorClosed(reason=door.reason, next_try_at=door.next_try_at.isoformat()))
