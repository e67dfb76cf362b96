"""Telling of a changed status, once: by the shop's listener in PHP, or by the notification rows that paranad writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.catalogue import NOTIFY_STATUS
from paranad.events.shop import StatusNoticesByRows
from paranad.mirror.write import StatusChange, Tell
from paranad.queue.model import Request
from paranad.said import Said
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow, ShopBusy, ShopError, ShopNotGranted, ShopUnexpectedSchema
from paranad.shop.listener import listener_row
from paranad.shop.tables import alwaseet_order_status_history, jobs
from paranad.tasks.task import Context


class Notices:
    """Tells of status changes within the transaction that makes them, so that a kill loses none and doubles none."""

    def __init__(self, shop: Shop, *, queue: str | None, new_uuid: Callable[[], UUID]) -> None:
        self.queue = queue
        """Where the rows of the shop's listener go; None: paranad writes the notification rows, and no push is sent."""
        self.trouble: Said | None = None
        """Why the last change could not be left to PHP; None: it was, or it was not to be."""
        self.shop, self._new_uuid = shop, new_uuid

    def use(self, queue: str | None) -> None:
        """Leave the rows in *queue* from now on; None: paranad writes the notification rows."""
        self.queue, self.trouble = queue, None

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

    def note_trouble(self, error: ShopError) -> None:
        """Note, and tell once, why changes are not left to PHP."""
        if self.trouble != error.said:
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
        if changes and not await self._leave_to_php(connection, changes):
            await self.context.enqueue(await _requests(connection, changes))

    async def _leave_to_php(self, connection: AsyncConnection, changes: Sequence[StatusChange]) -> bool:
        """Add the rows of *changes* to `jobs`; tell whether the shop took them.

        If it cannot, PHP tells nobody; the statuses go on all the same.

        Raises:
            ShopBusy: the right is missing, so the transaction is to be repeated: then it is not tried again.
        """
        queue = self.notices.queue
        if queue is None or self.lacks_right:
            return False
        try:
            async with self.notices.shop.savepoint(connection):
                await connection.execute(insert(jobs), self.notices.rows_of(changes, queue))
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


async def _requests(connection: AsyncConnection, changes: Sequence[StatusChange]) -> list[Request]:
    """Return the request for a notice of each of *changes*.

    It is stored before the change is committed. If that commit fails, a later run finds the change again: so each is
    named by the state of the shop that it ends, which is its shipment's history row before.
    """
    history = alwaseet_order_status_history.c
    wanted = select(history.shipment_id, history.id).where(
        history.shipment_id.in_([each.shipment_id for each in changes])
    )
    before, last = dict[int, int](), dict[int, int]()
    for row in await connection.execute(wanted.order_by(history.id)):
        before[row.shipment_id], last[row.shipment_id] = last.get(row.shipment_id, 0), row.id
    return [_request(change, before.get(change.shipment_id, 0)) for change in changes]


def _request(change: StatusChange, after: int) -> Request:
    args = {
        "shipment_id": change.shipment_id,
        "old_status_id": change.old_status_id,
        "new_status_id": change.new_status_id,
    }
    return Request(NOTIFY_STATUS.name, args, f"notice:{change.shipment_id}:{after}:{change.new_status_id}")
