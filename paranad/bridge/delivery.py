"""From decoded rows to committed jobs: reserved, enqueued under their source, deleted; a list at a time, in order.

A row is never lost. Until the queue has committed its job, it stays in the shop's table, at the worst reserved for
90 s; a row that comes again is recognised by its source. Rows that are kept are deleted once their jobs have ended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias

from paranad.bridge.kept import KeptRows
from paranad.bridge.reserve import JobsTable, ReadyRow
from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.events.event import Events
from paranad.events.shop import BridgeFailed, BridgeRowsTaken
from paranad.queue.model import Enqueued, NewJob
from paranad.shop.laravel_rows import RETRY_AFTER_S
from paranad.uninterrupted import to_its_end

LISTS = 2
"""So many lists are under way at once: one is reserved and enqueued while the list before is deleted."""
STEPS_S = 60.0
"""A list may take so long from its reservation to its end: well below the 90 s that a reservation holds."""

InTheQueue: TypeAlias = asyncio.Future[bool]
"""Tells, once it is known, whether a list was committed in the queue: the next list waits for it, so order is kept."""
Enqueue = Callable[[Sequence[NewJob]], Awaitable[Sequence[Enqueued]]]


class Deliveries:
    """The lists that are under way."""

    def __init__(self, table: JobsTable, clock: Clock, events: Events, enqueue: Enqueue, kept: KeptRows) -> None:
        self.ours: dict[int, int] = {}
        """Rows that are reserved by us, and since when, in seconds since the epoch."""
        self.table, self.clock, self.events, self.enqueue = table, clock, events, enqueue
        self.kept = kept
        self._lists: list[asyncio.Task[None]] = []
        self._last: InTheQueue | None = None

    async def room(self) -> None:
        """Wait until there is room for another list.

        Raises:
            ShopError, StateError, RequestError: an earlier list failed, so none is to be begun.
        """
        await self._ended(LISTS - 1)

    def begin(self, ready: Sequence[ReadyRow]) -> None:
        """Begin to deliver a list; there must be `room` for it."""
        before, self._last = self._last, asyncio.get_running_loop().create_future()
        self._lists.append(asyncio.create_task(self._in_time(ready, before, self._last)))

    async def settle(self) -> None:
        """Wait until every list has ended, even if the bridge is cancelled meanwhile.

        Raises:
            ShopError, StateError, RequestError: rows of a list stay in the shop's table, or come again.
        """
        await to_its_end(self._ended(0))

    def forget(self) -> None:
        """Forget reservations of ours that have run out."""
        now_s = self.table.shop.unix_s()
        self.ours = {row_id: at for row_id, at in self.ours.items() if now_s - at < RETRY_AFTER_S}

    async def _ended(self, under_way: int) -> None:
        """Wait until at most *under_way* lists are under way; after a failure, until none is."""
        failed: BaseException | None = None
        while len(self._lists) > (under_way if failed is None else 0):
            await asyncio.wait(self._lists[:1])
            error = self._lists.pop(0).exception()
            failed = failed or error
        if not self._lists:
            self._last = None
        if failed is not None:
            raise failed

    async def _in_time(self, ready: Sequence[ReadyRow], before: InTheQueue | None, this: InTheQueue) -> None:
        try:
            async with asyncio.timeout(STEPS_S):
                await self._deliver(ready, before, this)
        except TimeoutError:
            late = f"{len(ready)} rows took longer than {STEPS_S:g} s; those that are not in the queue come again"
            raise TimeoutError(late) from None
        finally:
            if not this.done():
                this.set_result(False)

    async def _deliver(self, ready: Sequence[ReadyRow], before: InTheQueue | None, this: InTheQueue) -> None:
        """Reserve, enqueue once the list before is in the queue, delete; each step only the rows of the step before."""
        now_s = self.table.shop.unix_s()
        reserved = await self.table.reserve([each.row.seen for each in ready], now_s)
        self.ours |= dict.fromkeys(reserved, now_s)
        mine = [each for each in ready if each.row.id in reserved]
        if before is not None:
            await asyncio.wait([before])
        if before is not None and not before.result():  # the list before comes again: this one must not overtake it
            await self._release(mine, now_s)
        elif mine:
            await self._hand_over(mine, now_s, this)
        else:
            this.set_result(True)

    async def _hand_over(self, mine: Sequence[ReadyRow], now_s: int, this: InTheQueue) -> None:
        keeps = self.kept.keeps
        try:
            new = [each.new for each in mine]
            answers = await (self.kept.keep(mine, now_s) if keeps else self.enqueue(new))
        except ParanadError:  # refused, so nothing is stored; after any other error the rows stay reserved for 90 s
            await self._release(mine, now_s)
            raise
        this.set_result(True)
        if keeps:
            self._disown(mine)
        else:
            await self._delete(mine, now_s)
        self.events.tell(BridgeRowsTaken(rows=len(mine), duplicates=sum(answer.duplicate for answer in answers)))

    async def _release(self, mine: Sequence[ReadyRow], reserved_at: int) -> None:
        await self.table.release([each.row.id for each in mine], reserved_at)
        self._disown(mine)

    async def _delete(self, mine: Sequence[ReadyRow], reserved_at: int) -> None:
        deleted = await self.table.delete([each.row.id for each in mine], reserved_at)
        self._disown(mine)
        if deleted < len(mine):
            lost = f"{len(mine) - deleted} of the rows {mine[0].row.id} to {mine[-1].row.id}"
            error = f"{lost} were reserved by someone else, or deleted, before the queue had them: they may run twice"
            self.events.tell(BridgeFailed(error=error))

    def _disown(self, mine: Iterable[ReadyRow]) -> None:
        for each in mine:
            self.ours.pop(each.row.id, None)
