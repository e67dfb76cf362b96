"""How a task works through the shop's rows: page by page, each row its own short transaction with its lock first."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, select

from paranad.queue.model import Completed
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.statements import lock_row
from paranad.tasks.task import Context, NoArguments, PlainTask, Tally

PAGE = 200
"""How many ids are read at once."""

NO_LONGER_DUE = Sentence("shop.no_longer_due", "no longer due")

Act = Callable[[AsyncConnection, Row[Any]], Awaitable[Said | None]]
"""Changes what belongs to the locked row; answers None, or the reason why it is left alone."""


@record
class Sweep:
    """Lets *act* change every row of *table* that is *due*.

    Each row is locked and looked at again before *act* gets it, so that a web request or a second run may come
    between. Pages advance by id: a row that stays due is met once.
    """

    shop: Shop
    table: Table
    due: ColumnElement[bool]
    act: Act
    columns: Sequence[Column[Any]]
    """What *act* needs of the row, and the time that makes it due: a row of which one cannot be read is left alone."""

    async def run(self, context: Context) -> Tally:
        """Go through the rows and return what was done.

        A row that cannot be read or written is counted as failed and the rest goes on; any other error passes
        through, with the rows before it committed.
        """
        tally = Tally()
        after = 0
        while ids := await self._page(after):
            for row_id in ids:
                await self._change(row_id, tally, dry_run=context.dry_run)
            after = ids[-1]
            context.progress(tally.looked_at, None)
        return tally

    async def _page(self, after: int) -> Sequence[int]:
        row_id = self.table.c.id
        page = select(row_id).where(self.due, row_id > after).order_by(row_id).limit(PAGE)
        async with self.shop.read() as connection:
            return (await connection.execute(page)).scalars().all()

    async def _change(self, row_id: int, tally: Tally, *, dry_run: bool) -> None:
        what = f"{self.table.name.removesuffix('s').replace('_', ' ')} {row_id}"
        tally.looked_at += 1
        try:
            reason = await self.shop.in_transaction(partial(self._locked, row_id), dry_run=dry_run)
        except ShopBadRow as error:
            tally.fail(what, error.said)
            return
        if reason is None:
            tally.touch(what)
        else:
            tally.skip(what, reason)

    async def _locked(self, row_id: int, connection: AsyncConnection) -> Said | None:
        this = self.table.c.id == row_id
        # The lock first, then the look: between the page and here the shop may have changed the row.
        await lock_row(connection, self.table, row_id)
        row = (await connection.execute(select(self.table.c.id, *self.columns).where(this, self.due))).one_or_none()
        return NO_LONGER_DUE() if row is None else await self.act(connection, row)


class Housekeeping(PlainTask):
    """A task without arguments, one at a time, whose result is the tally of its `work`."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def run(self, context: Context, _: NoArguments) -> Completed:
        """Work, and keep the tally."""
        return Completed((await self.work(context)).as_json())

    async def work(self, context: Context) -> Tally:
        """Do the work."""
        raise NotImplementedError
