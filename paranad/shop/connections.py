"""Connections to the shop: SQLAlchemy's, those never cut off within a statement, one open for a caller that polls."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.exc import DBAPIError

from paranad.lean import without_init
from paranad.uninterrupted import to_its_end

without_init("sqlalchemy.ext.asyncio")  # whose sessions would load the ORM: 7 MiB, and a twentieth of the start

from sqlalchemy.ext.asyncio.engine import AsyncConnection, AsyncEngine, create_async_engine  # noqa: E402 - only now

__all__ = [
    "AsyncConnection",
    "AsyncEngine",
    "PollingConnection",
    "UninterruptedConnection",
    "UninterruptedStatements",
    "create_async_engine",
]


class UninterruptedStatements(AsyncConnection):
    """A connection that finishes each statement it has begun; a cancellation waits for the database's answer."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await to_its_end(super().execute(*args, **options))

    async def exec_driver_sql(self, *args: Any, **options: Any) -> Any:
        return await to_its_end(super().exec_driver_sql(*args, **options))


class UninterruptedConnection(UninterruptedStatements):
    """A connection whose opening is finished too.

    For a driver that runs each statement in a thread: if it is cancelled in between, it leaves a connection behind
    that holds its lock until the last reference to its cursor is gone.
    """

    async def start(self, is_ctxmanager: bool = False) -> AsyncConnection:
        return await to_its_end(super().start(is_ctxmanager))


class PollingConnection:
    """A connection that stays open and runs one statement at a time; after any failure the next one opens it again."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Connect by *engine*, whose connections commit each statement and are used by nothing else."""
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
            with suppress(DBAPIError):  # if the server is gone, nothing is left to roll back
                await to_its_end(connection.close())
