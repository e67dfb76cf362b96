"""The courier's statuses: what the shop calls each of them.

Source: shop contract, "SyncAlWaseetOrderStatusesJob".
"""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Executable, insert, select, update

from paranad.catalogue import SYNC_STATUSES
from paranad.courier.client import Courier
from paranad.queue.model import Completed, Json, Outcome
from paranad.said import Sentence
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_order_statuses
from paranad.tasks.task import Context, NoArguments, PlainTask, Tally
from paranad.wording import quotable

NO_ID_OR_TEXT = Sentence("courier.status_without_id_or_text", "it has no id, or no text")
TEXT_CHARACTERS = 255
"""What the shop's column holds."""


class SyncStatuses(PlainTask):
    """`alwaseet:sync-statuses`: brings the courier's statuses into the shop; a status that is gone there stays."""

    facts = SYNC_STATUSES

    def __init__(self, shop: Shop, courier: Courier) -> None:
        self.shop, self.courier = shop, courier

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Fetch the list and write the new and renamed statuses; if the shop refuses one, the others are written."""
        if context.dry_run:
            return Completed({"request": {"path": "statuses"}})
        answer = await self.courier.statuses(owner=f"job:{context.job_id}")
        texts = {status_id: text[:TEXT_CHARACTERS] for status_id, text in answer.texts.items()}
        tally = await self.shop.in_transaction(partial(self._write, texts=texts))
        for _row in range(answer.skipped):
            tally.skip("a row of the courier's", NO_ID_OR_TEXT())
        cut = [status_id for status_id, text in answer.texts.items() if len(text) > TEXT_CHARACTERS]
        items: list[Json] = [{"what": f"status {quotable(status_id)}", "reason": "status_text"} for status_id in cut]
        return Completed(tally.as_json(shortened={"count": len(cut), "items": items}))

    async def _write(self, connection: AsyncConnection, texts: Mapping[str, str]) -> Tally:
        table, now, tally = alwaseet_order_statuses, self.shop.now(), Tally(looked_at=len(texts))
        columns = (table.c.status_id, table.c.status_text, table.c.is_active)
        rows = await connection.execute(select(*columns).where(table.c.status_id.in_(texts)).with_for_update())
        known = {row.status_id: (row.status_text, row.is_active) for row in rows}
        for status_id, text in texts.items():
            if known.get(status_id) == (text, True):
                continue
            values = {"status_text": text, "is_active": True, "updated_at": now}
            change: Executable = update(table).where(table.c.status_id == status_id).values(values)
            if status_id not in known:
                change = insert(table).values({**values, "status_id": status_id, "created_at": now})
            try:
                async with self.shop.savepoint(connection):
                    await connection.execute(change)
            except ShopBadRow as error:
                tally.fail(f"status {quotable(status_id)}", error.said)
            else:
                tally.touch(f"status {status_id}")
        return tally
