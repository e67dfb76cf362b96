"""Which tables a task of the shop's later schedule needs: a shop that is older than these tasks lacks some."""

from collections.abc import Collection, Mapping
from contextlib import suppress

import anyio
from sqlalchemy import inspect

from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.tasks.cleanup import CLEANUP_OLD_DATA
from paranad.tasks.counts import UPDATE_STATUS_COUNTS
from paranad.tasks.statuses import SYNC_STATUSES
from paranad.tasks.update_orders import UPDATE_ORDERS
from paranad.tasks.update_shipments import UPDATE_SHIPMENTS

SHIPMENTS = ("alwaseet_shipments", "alwaseet_order_status_history")
TABLES: Mapping[str, tuple[str, ...]] = {
    UPDATE_SHIPMENTS: SHIPMENTS,
    UPDATE_ORDERS: (*SHIPMENTS, "alwaseet_order_statuses"),
    SYNC_STATUSES: ("alwaseet_order_statuses",),
    UPDATE_STATUS_COUNTS: ("alwaseet_order_statuses", "alwaseet_shipments"),
    CLEANUP_OLD_DATA: ("notifications", "messages"),
}
"""By task; the tables that every shop has are not named."""
PATIENCE_S = 3.0
"""How long a silent database is waited for: the schedule, with entries that need no shop, waits meanwhile."""


class Needs:
    """What the tasks need of the shop, looked up until it was seen once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._seen: set[str] = set()
        self._missing: frozenset[str] = frozenset()

    async def lacking(self, tasks: Collection[str]) -> dict[str, str]:
        """Return by task why some of *tasks* cannot work in this shop; while it does not answer, as it last was."""
        wanted = {table for task in tasks for table in TABLES.get(task, ())} - self._seen
        if wanted:
            with suppress(ShopError), anyio.move_on_after(PATIENCE_S):
                present = await self._tables()
                self._seen |= wanted & present
                self._missing = frozenset(wanted - present)
        lacks = {task: [table for table in TABLES.get(task, ()) if table in self._missing] for task in tasks}
        return {task: _reason(tables) for task, tables in lacks.items() if tables}

    async def _tables(self) -> set[str]:
        async with self.shop.read() as connection:
            return set(await connection.run_sync(lambda plain: inspect(plain).get_table_names()))


def _reason(tables: list[str]) -> str:
    return f"this shop has no table {' and no table '.join(tables)}"
