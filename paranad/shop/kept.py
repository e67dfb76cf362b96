"""A connection that is kept open for one who looks again and again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from paranad.uninterrupted import to_its_end


class KeptConnection:
    """Runs one statement at a time, each for itself; after anything that went wrong the next one connects anew."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Connect by *engine*, whose connections commit each statement and are nobody else's."""
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def rows(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Return all rows of *statement*."""
        try:
            if self._connection is None:
                self._connection = AsyncConnection(self._engine)
                await self._connection.start()
            rows: Sequence[Row[Any]] = (await self._connection.execute(statement, dict(parameters))).all()
        except BaseException:
            await self.close()
            raise
        return rows

    async def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.sync_connection is not None:
            with suppress(DBAPIError):  # where the server is gone, so is what there was to roll back
                await to_its_end(connection.close())
