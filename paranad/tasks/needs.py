"""Which tables an older shop lacks: the entries of the tasks that need them are off."""

from collections.abc import Collection
from contextlib import suppress

import anyio

from paranad.catalogue import CATALOGUE
from paranad.said import Said, Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.schema import columns_of
from paranad.wording import AND, joined

NO_TABLE = Sentence("shop.no_table", "no table {table}")
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
                present = await self.tables()
                self._seen |= wanted & present
                self._missing = frozenset(wanted - present)
        lacks = {task: [each for each in tables if each in self._missing] for task, tables in needed.items()}
        reasons = {task: [NO_TABLE(table=each) for each in tables] for task, tables in lacks.items() if tables}
        return {task: THIS_SHOP(lacks=joined(lacking, AND)) for task, lacking in reasons.items()}

    async def tables(self) -> set[str]:
        """Return the names of the tables that the shop has."""
        async with self.shop.read() as connection:
            return set(await columns_of(connection))
