"""What has lain long enough: read or unread notices and messages, and devices that no longer call.

Source: shop contract, "app:cleanup-old-data" and "fcm:cleanup".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field
from sqlalchemy import Column, ColumnElement, String, Table, delete, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.queue.model import Completed, Outcome
from paranad.shop.columns import SHOWN_CHARS, time_of
from paranad.shop.database import Shop
from paranad.shop.tables import fcm_tokens, messages, notifications
from paranad.shop.times import is_before
from paranad.tasks.sweep import housekeeping
from paranad.tasks.task import Arguments, Context, NoArguments, Tally, Task, number

CLEANUP_OLD_DATA = "app:cleanup-old-data"
FCM_CLEANUP = "fcm:cleanup"
KEPT = timedelta(hours=24)
BATCH = 500
"""Rows deleted in one transaction."""
TIMEOUT = timedelta(seconds=300)


class FcmCleanupArguments(Arguments):
    """For how many days a device may be silent."""

    days: Annotated[int, BeforeValidator(number), Field(ge=1, le=36500)] = 60


def cleanup_old_data(shop: Shop) -> Task[NoArguments]:
    """Build `app:cleanup-old-data`; files that a message names stay on the shop's disk, as with the shop's own."""

    async def work(context: Context) -> Tally:
        await shop.check_clock()
        tally, before = Tally(), shop.now() - KEPT
        for table in (notifications, messages):
            await Purge(shop, table, table.c.created_at, before).run(context, tally)
        return tally

    return housekeeping(CLEANUP_OLD_DATA, "delete notifications and messages older than a day", TIMEOUT, work)


def fcm_cleanup(shop: Shop) -> Task[FcmCleanupArguments]:
    """Build `fcm:cleanup`."""

    async def run(context: Context, args: FcmCleanupArguments) -> Outcome:
        await shop.check_clock()
        tally, before = Tally(), shop.now() - timedelta(days=args.days)
        await Purge(shop, fcm_tokens, fcm_tokens.c.updated_at, before).run(context, tally)
        return Completed(tally.as_json())

    return Task(
        name=FCM_CLEANUP,
        summary="delete the push tokens of devices that have been silent for days",
        arguments=FcmCleanupArguments,
        run=run,
        timeout=TIMEOUT,
        tries=3,
        unique_key=lambda _: FCM_CLEANUP,
    )


@dataclass(frozen=True, slots=True)
class Purge:
    """Deletes every row of *table* whose *column* is before a time, a batch at a time, advancing by id."""

    shop: Shop
    table: Table
    column: Column[datetime]
    before: datetime

    async def run(self, context: Context, tally: Tally) -> None:
        """Delete the rows and count them in *tally*; an error passes through, with the batches before it committed."""
        after = 0
        while ids := await self._page(after):
            gone, unreadable = await self.shop.in_transaction(partial(self._delete, ids), dry_run=context.dry_run)
            what = self.table.name.removesuffix("s").replace("_", " ")
            for row_id in gone:
                tally.touch(f"{what} {row_id}")
            for row_id, reason in unreadable.items():
                tally.fail(f"{what} {row_id}", reason)
            tally.looked_at += len(ids)
            context.progress(tally.changed, None)
            after = ids[-1]

    async def _page(self, after: int) -> Sequence[int]:
        row_id = self.table.c.id
        page = select(row_id).where(self._due(), row_id > after).order_by(row_id).limit(BATCH)
        async with self.shop.read() as connection:
            return (await connection.execute(page)).scalars().all()

    async def _delete(self, ids: Sequence[int], connection: AsyncConnection) -> tuple[Sequence[int], Mapping[int, str]]:
        """Delete those of *ids* that are still due; return them, and why others cannot be told.

        They are locked by id, so that no new row has to wait.
        """
        row_id, time = self.table.c.id, type_coerce(self.column, String).label("time")
        locked = await connection.execute(select(row_id, time).where(row_id.in_(ids), self._due()).with_for_update())
        due, unreadable = list[int](), dict[int, str]()
        for row in locked:
            try:
                time_of(row.time)
            except ValueError:
                got = str(row.time)[:SHOWN_CHARS]
                unreadable[row.id] = f'{self.column}: expected a time such as 2026-03-02 12:00:00, got "{got}"'
            else:
                due.append(row.id)
        await connection.execute(delete(self.table).where(row_id.in_(due)))
        return due, unreadable

    def _due(self) -> ColumnElement[bool]:
        return is_before(self.shop, self.column, self.before)
