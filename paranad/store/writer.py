"""The one writer of queue.db: takes all operations that wait, commits them together, then answers.

A caller that is cancelled leaves its future, not the transaction. The writer is never cancelled: `close` sends it
a sentinel, behind everything that was asked before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import aiosqlite

from paranad.errors import ParanadError, StateError, StateGone, Unavailable
from paranad.events.event import Events
from paranad.events.queue import QueueStoreFailed, QueueStoreHealed
from paranad.store.sqlite import storage_error
from paranad.store.watch import Watch
from paranad.uninterrupted import to_its_end

I = TypeVar("I")  # noqa: E741 -- an item
R = TypeVar("R")

Apply = Callable[[aiosqlite.Connection, Sequence[I]], Awaitable[Sequence[R | ParanadError]]]
Committed = Callable[[Sequence[I], Sequence[R | ParanadError]], None]


@dataclass(frozen=True)
class Kind(Generic[I, R]):
    """A kind of change, applied to all items of one commit at once."""

    name: str
    apply: Apply[I, R]
    """Gets every item of the kind that waits for this commit; answers each, in order. Statements may be gathered.

    A statement that writes begins with INSERT, UPDATE, DELETE or REPLACE (sqlite3 begins the transaction for these;
    not for WITH).
    An answer that is a ParanadError is raised at its caller while the transaction stands. Raising fails the group:
    it is rolled back and its operations run again one by one, so that only the guilty one fails.
    """
    committed: Committed[I, R] | None = None
    """Called once a commit, with the items that are stored and their answers, before their callers resume and
    whether or not they still wait: the place to tell events and to wake who has work. Must not raise."""
    takes: bool = False
    """Whether somebody relies on it from now on: a new job, a request that is to be sent. Refused while the file is
    gone; what has happened is stored still, for the stop that writes it back."""


@dataclass(eq=False, slots=True)
class _Operation:
    kind: Kind[Any, Any]
    items: Sequence[Any]
    answered: asyncio.Future[list[Any]]

    def answer(self, answers: Sequence[Any]) -> None:
        if self.answered.done():
            return
        error = next((answer for answer in answers if isinstance(answer, ParanadError)), None)
        if error is None:
            self.answered.set_result(list(answers))
        else:
            self.answered.set_exception(error)

    def fail(self, error: BaseException) -> None:
        if not self.answered.done():
            self.answered.set_exception(error)


class Writer:
    """Takes changes of queue.db from anyone and answers once they are committed."""

    def __init__(self, connection: aiosqlite.Connection, path: Path, events: Events, watch: Watch) -> None:
        self.failing: str | None = None
        """Why the last commit was refused (a full disk, an I/O error); None while all is well."""
        self._connection = connection
        self._path = path
        self._events = events
        self._watch = watch
        self._waiting: list[_Operation] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="store.writer")

    async def write(self, kind: Kind[I, R], item: I) -> R:
        """Apply *item*; return its answer when it is committed.

        Raises:
            StateFull: the disk refused it; nothing was stored.
            Unavailable: the store is closing; nothing was stored.
        """
        return (await self.write_all(kind, (item,)))[0]

    async def write_all(self, kind: Kind[I, R], items: Sequence[I]) -> list[R]:
        """Apply *items* as one operation, all or none; return their answers, in order, when they are committed."""
        return await self.submit(kind, items)

    def submit(self, kind: Kind[I, R], items: Sequence[I]) -> "asyncio.Future[list[R]]":
        """Hand over *items* as one operation, for the next commit; what is submitted without an await shares one."""
        if self._closing:
            raise Unavailable("the daemon is stopping: nothing more is stored; try again when it runs")
        if kind.takes and self._watch.gone:
            raise StateGone(self._watch.gone)
        answered: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Operation(kind, items, answered))
        self._wake.set()
        return answered

    async def close(self) -> None:
        """Commit what waits, then end. Whoever asks later is refused."""
        self._closing = True
        self._wake.set()
        await to_its_end(self._ended())

    async def _ended(self) -> None:
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while await self._something_waits():
                operations, self._waiting = self._waiting, []
                await self._commit(operations)
        finally:
            self._closing = True
            for operation in self._waiting:
                operation.fail(Unavailable("the daemon is stopping: nothing was stored"))

    async def _something_waits(self) -> bool:
        while not self._waiting and not self._closing:
            self._wake.clear()
            await self._wake.wait()
        return bool(self._waiting)

    async def _commit(self, operations: list[_Operation]) -> None:
        try:
            answers = await self._together(operations)
        except Exception as error:  # noqa: BLE001 -- whatever it is belongs to one of the operations
            await self._after_failure(operations, error)
        else:
            self._committed(answers)

    async def _together(self, operations: list[_Operation]) -> dict[_Operation, Sequence[Any]]:
        answers: dict[_Operation, Sequence[Any]] = {}
        for kind, group in _by_kind(operations).items():
            answers |= await self._apply(kind, group)
        await self._connection.commit()
        return answers

    async def _apply(self, kind: Kind[Any, Any], group: list[_Operation]) -> dict[_Operation, Sequence[Any]]:
        if len(group) == 1:
            return {group[0]: await kind.apply(self._connection, group[0].items)}
        answers = await kind.apply(self._connection, [item for operation in group for item in operation.items])
        shared: dict[_Operation, Sequence[Any]] = {}
        start = 0
        for operation in group:
            end = start + len(operation.items)
            shared[operation] = answers[start:end]
            start = end
        return shared

    async def _after_failure(self, operations: list[_Operation], error: Exception) -> None:
        await self._rollback()
        refusal = storage_error(error, self._path)
        if refusal is not None:
            self._refuse(operations, refusal)
        elif len(operations) == 1:
            operations[0].fail(error)
        else:
            await self._one_by_one(operations)

    async def _one_by_one(self, operations: list[_Operation]) -> None:
        answers: dict[_Operation, Sequence[Any]] = {}
        try:
            await self._connection.execute_fetchall("BEGIN IMMEDIATE")
            for operation in operations:
                await self._alone(operation, answers)
            await self._connection.commit()
        except Exception as error:  # noqa: BLE001 -- an operation's own error stays in _alone: this is the file's
            await self._rollback()
            self._refuse(operations, storage_error(error, self._path) or error)
        else:
            self._committed(answers)

    async def _alone(self, operation: _Operation, answers: dict[_Operation, Sequence[Any]]) -> None:
        await self._connection.execute_fetchall("SAVEPOINT operation")
        try:
            answers[operation] = await operation.kind.apply(self._connection, operation.items)
        except Exception as error:
            if storage_error(error, self._path) is not None:
                raise
            await self._connection.execute_fetchall("ROLLBACK TO operation")
            operation.fail(error)
        await self._connection.execute_fetchall("RELEASE operation")

    async def _rollback(self) -> None:
        # SQLITE_FULL rolls back by itself.
        if self._connection.in_transaction:
            await self._connection.rollback()

    def _refuse(self, operations: Sequence[_Operation], error: BaseException) -> None:
        self._watch.note(error)
        if isinstance(error, StateError) and self.failing is None:
            self.failing = str(error)
            self._events.tell(QueueStoreFailed(error=str(error)))
        for operation in operations:
            operation.fail(error)

    def _committed(self, answers: "dict[_Operation, Sequence[Any]]") -> None:
        if self.failing is not None:
            self.failing = None
            self._events.tell(QueueStoreHealed())
        for kind, group in _by_kind(answers).items():
            if kind.committed is not None:
                items = [item for operation in group for item in operation.items]
                kind.committed(items, [answer for operation in group for answer in answers[operation]])
        for operation, answer in answers.items():
            operation.answer(answer)


def _by_kind(operations: Iterable[_Operation]) -> dict[Kind[Any, Any], list[_Operation]]:
    groups: dict[Kind[Any, Any], list[_Operation]] = {}
    for operation in operations:
        groups.setdefault(operation.kind, []).append(operation)
    return groups
