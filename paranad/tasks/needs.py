"""Which tables of the tasks an older shop lacks: the entries of those tasks are off."""

from collections.abc import Collection
from contextlib import suppress

import anyio

from paranad.catalogue import CATALOGUE
from paranad.said import Said, Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.schema import columns_of

NO_TABLE = Sentence("shop.no_table", "no table {table}")
AND = Sentence("shop.and", "{first} and {second}")
THIS_SHOP = Sentence("shop.lacks", "this shop has {lacks}")
PATIENCE_S = 3.0
"""How long a silent database is waited for: the schedule, with entries that need no shop, waits meanwhile."""


class Needs:
    """What the tasks need of the shop, looked up until it was seen once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._seen: set[str] = set()
        self._missing: frozenset[str] = frozenset()

    async def lacking(self, tasks: Collection[str]) -> dict[str, Said]:
        """Return by task why some of *tasks* cannot work in this shop; while it does not answer, as it last was."""
        needed = {task: facts.tables for task in tasks if (facts := CATALOGUE.get(task))}
        wanted = {table for tables in needed.values() for table in tables} - self._seen
        if wanted:
            with suppress(ShopError), anyio.move_on_after(PATIENCE_S):
                present = await self._tables()
                self._seen |= wanted & present
                self._missing = frozenset(wanted - present)
        lacks = {task: [each for each in tables if each in self._missing] for task, tables in needed.items()}
        return {task: _reason(tables) for task, tables in lacks.items() if tables}

    async def _tables(self) -> set[str]:
        async with self.shop.read() as connection:
            return set(await columns_of(connection))


def _reason(tables: list[str]) -> Said:
    *before, reason = [NO_TABLE(table=table) for table in tables]
    for first in reversed(before):
        reason = AND(first=first, second=reason)
    return THIS_SHOP(lacks=reason)
