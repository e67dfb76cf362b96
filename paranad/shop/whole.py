"""Statements that are never cut in two: a cancellation waits until the database has answered, then takes effect."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.uninterrupted import to_its_end


class WholeStatements(AsyncConnection):
    """A connection on which every statement that was begun is finished."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await to_its_end(super().execute(*args, **options))

    async def exec_driver_sql(self, *args: Any, **options: Any) -> Any:
        return await to_its_end(super().exec_driver_sql(*args, **options))


class WholeConnection(WholeStatements):
    """A connection that is also opened in one piece.

    For a driver that runs each statement in a thread: cancelled in between, it leaves a connection behind that still
    holds its lock until the last reference to its cursor is gone.
    """

    async def start(self, is_ctxmanager: bool = False) -> AsyncConnection:
        return await to_its_end(super().start(is_ctxmanager))
