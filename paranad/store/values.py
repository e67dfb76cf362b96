"""Small named JSON values: what must survive a restart and is no row of its own."""

from dataclasses import dataclass
from typing import Any

import aiosqlite
import orjson

from paranad.store.reader import Reader
from paranad.store.writer import Act, Writer

Json = Any

_GET = "SELECT value FROM named_values WHERE name = :name"
_PUT = "INSERT INTO named_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Values:
    """Keeps JSON values by name."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, name: str) -> Json | None:
        """Return the value last put under *name*; None if there is none."""
        row = await self._reader.fetch_one(_GET, {"name": name})
        return orjson.loads(row["value"]) if row else None

    async def put(self, name: str, value: Json) -> None:
        """Keep *value* under *name*; committed when it returns."""
        await self._writer.do(Put(name, value))


@dataclass(frozen=True, slots=True)
class Put(Act[None]):
    """Keep one value."""

    name: str
    value: Json

    async def apply(self, connection: aiosqlite.Connection) -> None:
        await connection.execute_fetchall(_PUT, (self.name, orjson.dumps(self.value).decode()))
