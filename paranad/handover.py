"""Passing the work from machine to machine: what begins it here, and the planned change that an operator asks for."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import anyio

from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import Clock
from paranad.errors import OfAnotherMachine
from paranad.parts import Parts
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.errors import ShopError
from paranad.standby.service import Standby
from paranad.standby.taken import Taken

T = TypeVar("T")

RETRY_S = 2.0
"""How long a database that fails just after the lease was taken is left alone before it is asked again."""
HELD_UP_S = 60.0
"""How long what is taken over may keep a daemon from working before it leaves the lease to another."""
TAKEN_WITHIN_S = 10.0
"""How long another machine may take for a planned change; then this one takes the lease back."""

DONE_ELSEWHERE = Sentence(
    "job.done_elsewhere", "another machine worked meanwhile, and did what the schedule asked for; it goes on from there"
)
HELD_UP = Sentence(
    "standby.held_up", "this machine held the lease and could not begin to work, so it left it to another: {reason}"
)
NOT_TAKEN = Sentence(
    "standby.not_taken",
    "no other machine took over within {seconds:second}, so this one works on; "
    "see there: paranadctl standby, paranadctl doctor",
)
NOT_KNOWN = Sentence(
    "standby.not_known",
    "whether the lease is given up, and another machine has taken over, is not known: {reason}; "
    "this one stands by from now on: paranadctl standby",
)
LOST_MEANWHILE = Sentence("standby.lost_meanwhile", "the lease was lost before it could be given up: {reason}")
STOPPED_MEANWHILE = Sentence(
    "standby.stopped_meanwhile", "the daemon was told to stop meanwhile: it gives the lease up and ends"
)


async def take_over(parts: Parts, taken: Taken, clock: Clock, held_up: Callable[[Said | None], None]) -> bool:
    """Go on where the machine before left off; nothing may be claimed or enqueued before this has returned True.

    A database that fails meanwhile is asked again, until the caller gives up; *held_up* is told why, and of the end.
    """
    # What another sent and enqueued stands in its own queue.db: here the most that it may have done is assumed.
    if taken.from_another and taken.last_sent_at and taken.last_renewed_at:
        await parts.courier.limiter.count_full(taken.last_sent_at, taken.machine_before or "")
        await parts.scheduler.begin_after(taken.last_renewed_at)
        parts.digests.work_from(taken.last_renewed_at)
        # Older than the other's work: it did what the schedule asked for. An order is looked for first, so it may stay.
        left = await parts.bridge.kept.notes.scheduled_here(CREATE_SHIPMENT.name)
        await parts.jobs.cancel_taken(left, DONE_ELSEWHERE())
    for act in (parts.bridge.kept.reclaim, parts.shipments.tidy_marks):
        await _until_done(act, clock, held_up)
    return True


async def taken_over(  # noqa: PLR0917 - each of its own type
    parts: Parts,
    taken: Taken,
    clock: Clock,
    over: anyio.Event,
    held_up: Callable[[Said | None], None],
    leave: Callable[[Said], None],
) -> bool:
    """Take over, unless it is *over* first; tell whether it is done.

    If the shop's database keeps this daemon from it for a minute while another machine stands by, *leave* is told:
    that one may be able to.
    """
    last: Said | None = None

    def note(why: Said | None) -> None:
        nonlocal last
        last = why
        held_up(why)

    async def mind() -> None:
        while True:
            await clock.sleep(HELD_UP_S)
            if last and parts.standby and await others_present(parts.standby):
                leave(HELD_UP(reason=last))

    async with anyio.create_task_group() as taking:
        taking.start_soon(mind)
        done = await unless(over, partial(take_over, parts, taken, clock, note))
        taking.cancel_scope.cancel()
    return bool(done)


async def others_present(standby: Standby) -> bool:
    """Look whether another machine stands by."""
    await standby.look()
    return bool(standby.view.standing_by)


async def _until_done(
    act: Callable[[], Awaitable[object]], clock: Clock, held_up: Callable[[Said | None], None]
) -> None:
    """Do *act*, again and again while the shop's database fails."""
    while True:
        try:
            await act()
        except ShopError as error:
            held_up(error.said)
            await clock.sleep(RETRY_S)
        else:
            held_up(None)
            return


async def unless(over: anyio.Event, act: Callable[[], Awaitable[T]]) -> T | None:
    """Do *act* and return its answer; None: it was *over* first, and the act is cancelled."""
    answer: T | None = None
    async with anyio.create_task_group() as doing:

        async def do() -> None:
            nonlocal answer
            answer = await act()
            doing.cancel_scope.cancel()

        doing.start_soon(do)
        await over.wait()
        doing.cancel_scope.cancel()
    return answer


async def within(clock: Clock, limit_s: float, cut_short: asyncio.Event, act: Callable[[], Awaitable[None]]) -> None:
    """Do *act*, for *limit_s* at most, and no longer once it is *cut_short*."""
    async with anyio.create_task_group() as doing:

        async def limit() -> None:
            await clock.wait(cut_short, limit_s)
            doing.cancel_scope.cancel()

        doing.start_soon(limit)
        await act()
        doing.cancel_scope.cancel()


@record
class HandedOver:
    """A planned change that has been made."""

    machine: str
    """Which machine works now."""
    seconds: float
    """How long nobody worked."""
    left: int
    """How many jobs wait on this machine alone until it works again."""


class Handover:
    """A planned change of the machine that works: asked for at the control API, carried out by the daemon's life."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        """Set while somebody waits for the answer; nobody else may ask meanwhile."""
        self._answer: asyncio.Future[HandedOver] | None = None

    async def ask(self) -> HandedOver:
        """Ask for it, and return how it went.

        Raises:
            OfAnotherMachine: no machine has taken over, and this one works on; or it ends in another way.
        """
        self._answer = asyncio.get_running_loop().create_future()
        self.asked.set()
        return await self._answer

    def done(self, handed_over: HandedOver) -> None:
        """Answer that another machine has taken over."""
        if (answer := self._taken()) is not None:
            answer.set_result(handed_over)

    def failed(self, why: Said) -> None:
        """Answer why none has."""
        if (answer := self._taken()) is not None:
            answer.set_exception(OfAnotherMachine(why))

    def _taken(self) -> "asyncio.Future[HandedOver] | None":
        """Return the answer that is due, once; None: its caller has gone."""
        answer, self._answer = self._answer, None
        self.asked.clear()
        return None if answer is None or answer.done() else answer
