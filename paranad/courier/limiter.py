"""The courier's rate, shared by all jobs: a sliding window that survives restarts, and slots for those that wait.

Every request that leaves is an instant in the window. An owner for which there is no room is given a slot: the instant
at which there will be room, kept under the owner's name. An owner that asked earlier is never overtaken by a later one.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta

from paranad.clock import Clock, Steps, from_us, to_us
from paranad.configuration.durations import Rate
from paranad.courier.answers import LONGEST_CLOSURE
from paranad.courier.errors import LIMITED, LIMITED_BY_ANOTHER, CourierLimited
from paranad.courier.minutes import Minutes, MinuteUse
from paranad.courier.models import Json
from paranad.record import record

LEFT_FREE = 2
"""Room that only new orders may use."""
STALE = timedelta(minutes=10)
"""A slot that its owner has not used for so long is forgotten."""
SLACK_US = 1_000_000
"""Slots are planned this much wider than the rate, so that an owner a little late does not push the next one."""


@record
class Slot:
    """When an owner may come back."""

    at_us: int
    turn: int
    """The owner that asked first has the lower one."""


@record
class Window:
    """All that the limiter knows, as it is kept over a restart."""

    sent_us: tuple[int, ...] = ()
    """The instants of the requests that still count, in order."""
    slots: Mapping[str, Slot] = field(default_factory=dict)
    """By owner."""
    turns: int = 0
    """How many turns were given out."""
    closed_until_us: int = 0
    closers: Mapping[str, int] = field(default_factory=dict)
    """When a request of each owner last made the courier close the rate for everybody."""
    minutes: Minutes = field(default_factory=Minutes)
    """How many left in each of the last minutes; no decision rests on them."""

    def as_json(self) -> Json:
        """Return the window as `read` takes it."""
        slots = {owner: [slot.at_us, slot.turn] for owner, slot in self.slots.items()}
        return {
            "sent_us": list(self.sent_us),
            "slots": slots,
            "turns": self.turns,
            "closed_until_us": self.closed_until_us,
            "closers": dict(self.closers),
            "minutes": self.minutes.as_json(),
        }

    @classmethod
    def read(cls, value: Json) -> "Window":
        """Return the window kept as *value*; an empty one if there is none, or it is of another version."""
        try:
            return cls(
                tuple(sorted(int(at) for at in value["sent_us"])),
                {str(owner): Slot(int(at), int(turn)) for owner, (at, turn) in value["slots"].items()},
                int(value["turns"]),
                int(value["closed_until_us"]),
                {str(owner): int(at) for owner, at in value.get("closers", {}).items()},
                Minutes.read(value.get("minutes")),
            )
        except (TypeError, KeyError, ValueError, AttributeError):
            return cls()


@record
class LimiterState:
    """What status shows."""

    used: int
    """Requests that left within the last `window`."""
    limit: int
    window: timedelta
    waiting: int
    """Owners that hold a slot."""
    closed_until: datetime | None
    """Set while the courier itself has said that the rate is exceeded."""
    another: str | None = None
    """The machine that may have used all of it; None: none, or its requests count no longer."""
    another_until: datetime | None = None
    """Until when they count."""


class Limiter:
    """Lets through at most `rate.count` requests in any `rate.per`."""

    def __init__(
        self,
        rate: Rate,
        clock: Clock,
        load: Callable[[], Awaitable[Json]],
        save: Callable[[Json], Awaitable[None]],
        pulled_back: Callable[[datetime], None] = lambda _until: None,
    ) -> None:
        """Keep the window by *load* and *save*.

        *pulled_back* is told until when the rate is closed, after a clock that was ahead closed it for too long.
        """
        self.rate, self.clock, self.load, self.save = rate, clock, load, save
        self.pulled_back = pulled_back
        self._lock = asyncio.Lock()
        self._window: Window | None = None
        self._another, self._another_until_us = "", 0
        """Which other machine may have used the whole rate, and until when that counts."""
        self._steps = Steps(clock)

    async def take(self, owner: str, *, new_order: bool) -> None:
        """Let one request of *owner* leave now; stored before this returns.

        A new order may use the whole rate. Other requests leave two slots free, unless they have waited for a slot.

        Raises:
            CourierLimited: there is no room, or an earlier owner's turn comes first; *owner* holds a slot at `until`.
        """
        async with self._lock:
            now_us = to_us(self.clock.now())
            window = await self._healed(now_us)
            slot = window.slots.get(owner)
            # An owner that comes before its slot gains nothing: it keeps the slot and its turn.
            if slot and slot.at_us > now_us:
                raise self._limited(slot.at_us, now_us)
            at_us = self._earliest(window, slot, now_us, new_order=new_order)
            if at_us > now_us:
                await self._store(_waiting(window, owner, slot, at_us))
                raise self._limited(at_us, now_us)
            await self._store(_sent(window, owner, now_us))

    async def refuse(self, owner: str, until: datetime) -> bool:
        """Note that the courier refused a request of *owner* for its rate; tell whether everybody waits until then.

        An order that the courier always answers like this would stop all others again and again. So an owner that has
        closed the rate once waits alone the next time, if our own count says that there is room.
        """
        async with self._lock:
            now_us = to_us(self.clock.now())
            window = await self._healed(now_us)
            for_all = closes_for_all(window, owner, self.rate.count)
            until_us = to_us(until)
            window = _closed(window, owner, now_us, until_us) if for_all else _waiting(window, owner, None, until_us)
            await self._store(pruned(window, now_us, self.rate))
            return for_all

    def set_rate(self, rate: Rate) -> None:
        """Use another rate from now on; slots already given stay."""
        self.rate = rate

    async def restore(self) -> None:
        """Read the kept window now rather than at the first request, so that `state` is true from the start."""
        async with self._lock:
            kept = self._window = Window.read(await self.load())
            window = await self._healed(to_us(self.clock.now()))
            if kept.minutes.since_us is None:  # from now on, each minute without a request is known to have had none
                await self._store(window)

    async def count_full(self, at: datetime, machine: str) -> None:
        """Count the whole rate as used at *at*: *machine* may have used it, and its window is not known here."""
        async with self._lock:
            now_us = to_us(self.clock.now())
            window = await self._healed(now_us)
            sent_us = (*window.sent_us, *[to_us(at)] * self.rate.count)
            await self._store(pruned(replace(window, sent_us=sent_us), now_us, self.rate))
            self._another, self._another_until_us = machine, to_us(at) + self._per_us + SLACK_US

    def minutes(self) -> list[MinuteUse]:
        """Return how many requests left in each of the last minutes, oldest first; all are unknown before `restore`.

        It only looks: after a step of the clock they stay unknown until the next request begins the counting anew.
        """
        now_us = to_us(self.clock.now())
        minutes = self._window.minutes if self._window is not None and not self._steps.are_new() else Minutes()
        return minutes.last(now_us)

    def state(self) -> LimiterState:
        """Return what status shows."""
        now_us = to_us(self.clock.now())
        window = pruned(self._window or Window(), now_us, self.rate)
        used = sum(1 for at in window.sent_us if at > now_us - self._per_us)
        closed = from_us(window.closed_until_us) if window.closed_until_us > now_us else None
        another, another_until = None, None
        if self._another_until_us > now_us:
            another, another_until, used = self._another, from_us(self._another_until_us), min(used, self.rate.count)
        return LimiterState(used, self.rate.count, self.rate.per, len(window.slots), closed, another, another_until)

    def _limited(self, until_us: int, now_us: int) -> CourierLimited:
        is_anothers = self._another_until_us > now_us
        said = LIMITED_BY_ANOTHER(machine=self._another) if is_anothers else LIMITED()
        return CourierLimited(from_us(until_us), said)

    @property
    def _per_us(self) -> int:
        return self.rate.per // timedelta(microseconds=1)

    def _earliest(self, window: Window, slot: Slot | None, now_us: int, *, new_order: bool) -> int:
        """Return the first instant from now on at which one more request fits beside those with an earlier turn."""
        # Slots of earlier turns count like requests that have left: a later owner must not take their room.
        turn = slot.turn if slot else window.turns
        ahead = [other.at_us for other in window.slots.values() if other.turn < turn]
        taken = sorted([*window.sent_us, *ahead])
        most = self.rate.count if new_order or slot else max(1, self.rate.count - LEFT_FREE)
        if window.closed_until_us <= now_us and _fits(taken, now_us, self._per_us, most, self.rate.count):
            return now_us
        # There is no room now. It appears when one of the counted instants leaves the window, so only those are tried.
        wide_us = self._per_us + SLACK_US
        first_us = max(now_us, window.closed_until_us)
        later = (at + wide_us for at in taken if at + wide_us > first_us)
        candidates = (first_us, *later) if first_us > now_us else tuple(later)
        return next(at for at in candidates if _fits(taken, at, wide_us, most, self.rate.count))

    async def _healed(self, now_us: int) -> Window:
        """Return the window as of now; a closure longer than the courier ever asks for is shortened, and told."""
        kept = self._window or Window.read(await self.load())
        window = pruned(kept, now_us, self.rate)
        window = replace(window, minutes=window.minutes.healed(now_us, stepped=self._steps.stepped()))
        if window.closed_until_us < kept.closed_until_us:
            await self._store(window)
            self.pulled_back(from_us(window.closed_until_us))
        self._window = window
        return window

    async def _store(self, window: Window) -> None:
        await self.save(window.as_json())
        self._window = window


def pruned(window: Window, now_us: int, rate: Rate) -> Window:
    """Return *window* without what no longer counts, its instants no further ahead than the rate explains.

    The wall clock may have been wrong when they were computed. A request or a closer that lies ahead counts as of now.
    """
    wide_us = rate.per // timedelta(microseconds=1) + SLACK_US
    sent = tuple(sorted(min(at, now_us) for at in window.sent_us if at > now_us - wide_us))
    longest_us = LONGEST_CLOSURE // timedelta(microseconds=1)
    closed_until_us = min(window.closed_until_us, now_us + longest_us)
    closers = {owner: min(at, now_us) for owner, at in window.closers.items() if at > now_us - longest_us}
    oldest_us = now_us - STALE // timedelta(microseconds=1)
    slots = {owner: slot for owner, slot in window.slots.items() if slot.at_us > oldest_us}
    latest_us = _latest(len(sent) + len(slots), max(now_us, closed_until_us), wide_us, rate.count)
    # An owner that waits alone was told by the courier itself to come back, up to an hour later.
    alone_us = max(latest_us, now_us + longest_us)
    slots = {
        owner: replace(slot, at_us=min(slot.at_us, alone_us if owner in closers else latest_us))
        for owner, slot in slots.items()
    }
    return replace(window, sent_us=sent, slots=slots, closed_until_us=closed_until_us, closers=closers)


def _latest(ahead: int, first_us: int, wide_us: int, count: int) -> int:
    """Return the latest instant that an owner's slot can have, with *ahead* others before it."""
    return first_us + (2 * ahead // max(1, count - LEFT_FREE) + 2) * wide_us


def closes_for_all(window: Window, owner: str, count: int) -> bool:
    """Tell whether the refusal of *owner* stops everybody: not if it did lately, while half the rate is free."""
    return owner not in window.closers or 2 * (len(window.sent_us) - 1) > count


def _closed(window: Window, owner: str, now_us: int, until_us: int) -> Window:
    closers = {**window.closers, owner: now_us}
    return replace(window, closed_until_us=max(window.closed_until_us, until_us), closers=closers)


def _fits(taken: list[int], at_us: int, per_us: int, most: int, count: int) -> bool:
    """Tell whether one more at *at_us* leaves at most *most* up to then, and *count* in every window that follows."""
    # A slot may lie ahead of *at_us*: one more request now must not make the windows of those slots too full.
    end = bisect_right(taken, at_us)
    if end - bisect_right(taken, at_us - per_us) >= most:
        return False
    return all(
        place + 1 - bisect_right(taken, later - per_us) < count
        for place, later in enumerate(taken[end : end + count], end)
        if later < at_us + per_us
    )


def _waiting(window: Window, owner: str, slot: Slot | None, at_us: int) -> Window:
    turn = slot.turn if slot else window.turns
    turns = window.turns if slot else window.turns + 1
    return replace(window, slots={**window.slots, owner: Slot(at_us, turn)}, turns=turns)


def _sent(window: Window, owner: str, now_us: int) -> Window:
    slots = {name: slot for name, slot in window.slots.items() if name != owner}
    return replace(window, slots=slots, sent_us=(*window.sent_us, now_us), minutes=window.minutes.sent(now_us))
