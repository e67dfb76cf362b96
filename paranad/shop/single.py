"""Statements that each commit themselves, on a connection of their own and within a time limit."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Row
from sqlalchemy.exc import DBAPIError

from paranad.clock import Clock
from paranad.record import record
from paranad.said import Sentence
from paranad.shop.connections import AsyncConnection
from paranad.shop.errors import ShopError, ShopUnreachable
from paranad.uninterrupted import to_its_end

NO_ANSWER = Sentence("shop.no_answer_within", "no answer within {seconds:g} s")

LIFE_S: Final = 20.0
"""How long a connection is used. A new one resolves the server's name again and so follows it to another machine."""
CLOSING_S: Final = 1.0
"""How long the server is waited for when a connection is given up."""


@record
class Answer:
    """What a statement brought."""

    rows: Sequence[Row[Any]]
    """Empty for a change."""
    changed: int
    """How many rows a change found, whether or not they held the new values before; 0 for a query."""


class SingleStatements:
    """Runs one statement at a time; after any failure, and after 20 s, the next one opens another connection.

    Nothing stays open in the database between two statements: no transaction, no lock. A statement whose answer does
    not come may have been carried out all the same.
    """

    def __init__(
        self,
        connect: Callable[[], AsyncConnection],
        explain: Callable[[DBAPIError], ShopError | None],
        now_ms: ColumnElement[int],
        clock: Clock,
    ) -> None:
        """*connect* makes a connection; *explain* says what an error means; *now_ms* is the database's clock in SQL."""
        self.now_ms = now_ms
        self._connect, self._explain, self._clock = connect, explain, clock
        self._connection: AsyncConnection | None = None
        self._opened_s = 0.0
        self._one = asyncio.Lock()

    async def run(self, statement: Executable, *, within_s: float) -> Answer:
        """Run *statement* and return its answer; the time limit covers the wait for those before it.

        Raises:
            ShopError: it failed, or *within_s* was over: whether it was carried out is not known then.
        """
        try:
            async with asyncio.timeout(within_s), self._one:
                return await self._run_alone(statement)
        except TimeoutError as error:
            raise ShopUnreachable(NO_ANSWER(seconds=round(within_s, 2))) from error

    async def close(self) -> None:
        """Close the connection, if there is one."""
        await to_its_end(self._drop())

    async def _run_alone(self, statement: Executable) -> Answer:
        try:
            return await self._answer(statement)
        except BaseException as error:
            # Uninterrupted: a caller that is cancelled would leave the connection behind, half closed.
            await to_its_end(self._drop())
            if isinstance(error, DBAPIError):
                raise self._explain(error) or ShopUnreachable(str(error.orig)) from error
            raise

    async def _answer(self, statement: Executable) -> Answer:
        if self._connection and self._clock.monotonic() - self._opened_s >= LIFE_S:
            await self._drop()
        if self._connection is None:
            self._connection, self._opened_s = self._connect(), self._clock.monotonic()
            await self._connection.start()
        result = await self._connection.execute(statement)
        if result.returns_rows:
            return Answer(result.all(), 0)
        return Answer((), result.rowcount)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None or connection.sync_connection is None:
            return
        # Never rolled back first: on a network that is cut, nobody would answer.
        try:
            async with asyncio.timeout(CLOSING_S):
                await connection.invalidate()
                await connection.close()
        except (TimeoutError, DBAPIError):
            pass
