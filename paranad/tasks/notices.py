"""Telling of a changed status, once: by the shop's listener in PHP, or by the notification rows that paranad writes."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from paranad.catalogue import NOTIFY_STATUS
from paranad.events.shop import StatusNoticesByRows
from paranad.mirror.rows import SEEDED
from paranad.mirror.write import StatusChange, Tell
from paranad.queue.model import Request
from paranad.said import Said
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow, ShopBusy, ShopError, ShopNotGranted, ShopUnexpectedSchema
from paranad.shop.listener import listener_row
from paranad.shop.tables import alwaseet_order_status_history, jobs
from paranad.tasks.task import Context


class Notices:
    """Tells of status changes within the transaction that makes them, so that a kill loses none and doubles none.

    A row of the shop's listener is committed with its status, or neither is. A job is stored before: if that commit is
    lost, a later run finds the change again, and the job stands for it, whoever is to tell of changes by then.
    """

    def __init__(
        self,
        shop: Shop,
        *,
        queue: str | None,
        by_php: bool,
        new_uuid: Callable[[], UUID],
        delivered: Callable[[Sequence[str]], Awaitable[Collection[str]]],
    ) -> None:
        """Make it; *delivered* returns the sources of each origin, such as `notice:5`, whose job is stored."""
        self.queue = queue
        """Where the rows of the shop's listener go; None: a job of this daemon's own tells of a change instead."""
        self.by_php = by_php
        """Whether PHP is to work these rows, and send pushes; else paranad does, and writes the notification rows."""
        self.trouble: Said | None = None
        """Why the last change could not be left to PHP; None: it was, or it was not to be."""
        self.shop, self._new_uuid, self._delivered = shop, new_uuid, delivered
        self._storing = asyncio.Lock()

    def use(self, queue: str | None, *, by_php: bool) -> None:
        """Leave the rows in *queue* from now on; None: jobs of this daemon's own tell of changes."""
        self.queue, self.by_php, self.trouble = queue, by_php, None

    def told_by(self, context: Context) -> Tell:
        """Return what tells of the changes that the job of *context* makes."""
        return _Telling(self, context)

    def rows_of(self, changes: Sequence[StatusChange], queue: str) -> list[Mapping[str, Any]]:
        """Return the row of the shop's listener for each of *changes*."""
        now_s = int(self.shop.clock.now().timestamp())
        return [
            listener_row(
                str(self._new_uuid()),
                change.shipment_id,
                change.old_status_id,
                change.new_status_id,
                queue=queue,
                now_s=now_s,
            )
            for change in changes
        ]

    async def store(self, context: Context, requests: Sequence[Request]) -> None:
        """Store the jobs of *requests*, each source once."""
        async with self._storing:
            await context.enqueue(requests)

    async def stored(self, changes: Sequence[StatusChange]) -> Collection[str]:
        """Return the sources of all jobs that are stored for changes of the same shipments."""
        # A shop that has dropped a connection gives its locks to the next job while the first still stores its own.
        async with self._storing:
            return await self._delivered([_origin(change) for change in changes])

    def note_trouble(self, error: ShopError) -> None:
        """Note, and tell once, why changes are not left to PHP; if they are not to be, nobody misses anything."""
        if self.by_php and self.trouble != error.said:
            self.trouble = error.said
            self.shop.events.tell(StatusNoticesByRows(reason=error.said))


@dataclass(slots=True)
class _Telling:
    """Tells of one job's changes; of those of a transaction that is repeated, each time."""

    notices: Notices
    context: Context
    lacks_right: bool = False
    """The shop's database does not allow a row to be added to `jobs`."""

    async def __call__(self, connection: AsyncConnection, changes: Sequence[StatusChange]) -> None:
        changes = [change for change in changes if change.old_status_id]  # a first status is no change
        if not changes:
            return
        if not await self._leave_rows(connection, changes):
            sources = await _sources(connection, changes)
            requests = [_request(change, source) for change, source in zip(changes, sources, strict=True)]
            await self.notices.store(self.context, requests)

    async def _leave_rows(self, connection: AsyncConnection, changes: Sequence[StatusChange]) -> bool:
        """Add the rows of *changes* to `jobs`, but for those that a job tells of; tell whether the shop took them.

        If it cannot, jobs of this daemon's own tell of the changes; the statuses go on all the same.

        Raises:
            ShopBusy: the right is missing, so the transaction is to be repeated: then it is not tried again.
        """
        queue = self.notices.queue
        if queue is None or self.lacks_right:
            return False
        left = changes
        if stored := await self.notices.stored(changes):  # seldom: so the shop's history is seldom read
            sources = await _sources(connection, changes)
            left = [change for change, source in zip(changes, sources, strict=True) if source not in stored]
            if not left:
                return True
        try:
            async with self.notices.shop.savepoint(connection):
                await connection.execute(insert(jobs), self.notices.rows_of(left, queue))
        except (ShopUnexpectedSchema, ShopBadRow) as error:
            self.notices.note_trouble(error)
            return False
        except ShopNotGranted as error:
            # The connection is given up with it, since only a new one has rights that were granted meanwhile.
            self.lacks_right = True
            self.notices.note_trouble(error)
            raise ShopBusy(error.reason) from error
        self.notices.trouble = None
        return True


async def _sources(connection: AsyncConnection, changes: Sequence[StatusChange]) -> list[str]:
    """Return the source of the job that tells of each of *changes*, which is the same if the change is found again.

    A change is named by the state of the shop that it ends: its shipment's last history row before this transaction. A
    seeded row is none: it may be added at any time, and ends nothing.
    """
    history = alwaseet_order_status_history.c
    made, before = Counter(change.shipment_id for change in changes), defaultdict[int, list[int]](list)
    wanted = select(history.shipment_id, history.id).where(
        history.shipment_id.in_(made), history.changed_by.is_distinct_from(SEEDED)
    )
    for row in await connection.execute(wanted.order_by(history.id)):
        before[row.shipment_id].append(row.id)
    after = {shipment_id: max(before[shipment_id][:-rows], default=0) for shipment_id, rows in made.items()}
    return [f"{_origin(each)}:{after[each.shipment_id]}:{each.new_status_id}" for each in changes]


def _origin(change: StatusChange) -> str:
    return f"notice:{change.shipment_id}"


def _request(change: StatusChange, source: str) -> Request:
    args = {
        "shipment_id": change.shipment_id,
        "old_status_id": change.old_status_id,
        "new_status_id": change.new_status_id,
    }
    return Request(NOTIFY_STATUS.name, args, source)
