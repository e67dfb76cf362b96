"""The one writer of queue.db: takes all operations that wait, commits them together, then answers.

A caller that is cancelled leaves its future, not the transaction. The writer is never cancelled: it ends when it is
closed and nothing waits.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import aiosqlite

from paranad.clock import Clock
from paranad.errors import ParanadError, StateError, StateGone, Unavailable
from paranad.events.event import Events
from paranad.events.queue import QueueStoreFailed, QueueStoreHealed
from paranad.histogram import Histogram
from paranad.said import Said, Sentence
from paranad.store.sqlite import storage_error
from paranad.store.watch import GONE, FileWatch
from paranad.uninterrupted import to_its_end

STOPPING = Sentence("daemon.stopping", "the daemon is stopping: nothing more is stored; try again when it runs")
NOT_STORED = Sentence("daemon.not_stored", "the daemon is stopping: nothing was stored")
COMMIT_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

I = TypeVar("I")  # noqa: E741 -- an item
R = TypeVar("R")

Apply = Callable[[sqlite3.Connection, Sequence[I]], Sequence[R | ParanadError]]
Committed = Callable[[Sequence[I], Sequence[R | ParanadError]], None]


class Act(Generic[R]):
    """One change of queue.db. The fields of a subclass say what is to be changed."""

    takes: ClassVar[bool] = False
    """Whether a caller relies on the change from now on, as on a new job. Such a change is refused while the file is
    gone; others, such as outcomes, are still stored, for the stop that writes the file back."""

    def apply(self, connection: sqlite3.Connection) -> R | ParanadError:
        """Make the change in the open transaction; return the answer. It runs in SQLite's thread, not in the loop's.

        A statement that writes begins with INSERT, UPDATE, DELETE or REPLACE (sqlite3 begins the transaction for these;
        not for WITH). An error that is returned is raised at the caller while the transaction stands. One that is
        raised rolls back this change alone.
        """
        raise NotImplementedError

    def told(self, answer: R) -> None:
        """Tell events and wake those who now have work, once *answer* is committed. Must not raise.

        The writer calls it before the caller resumes, and also when the caller no longer waits.
        """


@dataclass(frozen=True)
class Kind(Generic[I, R]):
    """A kind of change that many callers ask for at once: all of one commit are applied together."""

    apply: Apply[I, R]
    """As `Act.apply`, for the items of every operation that waits for this commit; answers each, in order."""
    committed: Committed[I, R] | None = None
    """As `Act.told`, called once a commit with the items that are stored and their answers, errors among them."""
    takes: bool = False
    """As `Act.takes`."""


@dataclass(eq=False, slots=True)
class _Operation:
    change: Act[Any] | Kind[Any, Any]
    items: Sequence[Any]
    """Of a kind; empty for an act."""
    answered: asyncio.Future[Any]

    def answer(self, answers: Sequence[Any]) -> None:
        if self.answered.done():
            return  # its caller was cancelled; the change stands
        error = next((answer for answer in answers if isinstance(answer, ParanadError)), None)
        if error is not None:
            self.answered.set_exception(error)
        else:
            self.answered.set_result(answers[0] if isinstance(self.change, Act) else list(answers))

    def fail(self, error: BaseException) -> None:
        if not self.answered.done():
            self.answered.set_exception(error)


_Answers = dict[_Operation, Sequence[Any]]


class Writer:
    """Takes every change of queue.db and answers once it is committed."""

    def __init__(
        self, connection: aiosqlite.Connection, path: Path, clock: Clock, events: Events, watch: FileWatch
    ) -> None:
        self.failing: Said | None = None
        """Why the last commit was refused (a full disk, an I/O error); None while all is well."""
        self.committing = False
        """Whether a transaction is under way; what waits meanwhile is in the next one."""
        self.commits = Histogram(COMMIT_BOUNDS_S)
        """How long each commit took, the changes in it included; since this daemon's start."""
        self._clock = clock
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
        return (await self.submit(kind, (item,)))[0]

    def submit(self, kind: Kind[I, R], items: Sequence[I]) -> "asyncio.Future[list[R]]":
        """Apply *items* in the next commit, all or none. Calls without an await in between share one commit."""
        return self._hand_over(kind, items)

    def do(self, act: Act[R]) -> "asyncio.Future[R]":
        """Apply *act* in the next commit. Calls without an await in between share one commit."""
        return self._hand_over(act, ())

    def _hand_over(self, change: Act[Any] | Kind[Any, Any], items: Sequence[Any]) -> "asyncio.Future[Any]":
        if self._closing:
            raise Unavailable(STOPPING())
        # A commit into a removed file would acknowledge what the next start does not find.
        if change.takes and self._watch.last_look.gone is not None:
            raise StateGone(GONE(what=self._watch.last_look.gone))
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Operation(change, items, answered))
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
                # What arrives during this commit waits for the next one: so one fsync serves many callers.
                operations, self._waiting = self._waiting, []
                self.committing = True
                await self._commit(operations)
                self.committing = False
        finally:
            self._closing = True
            for operation in self._waiting:
                operation.fail(Unavailable(NOT_STORED()))

    async def _something_waits(self) -> bool:
        while not self._waiting and not self._closing:
            self._wake.clear()
            await self._wake.wait()
        return bool(self._waiting)

    async def _commit(self, operations: Sequence[_Operation]) -> None:
        began_s = self._clock.monotonic()
        try:
            answers = await transact(self._connection, partial(_apply, operations))
            self.commits.add(self._clock.monotonic() - began_s)
        except Exception as error:  # noqa: BLE001 -- any error belongs to one of the operations
            await self._after_failure(operations, error)
        else:
            self._committed(answers)

    async def _after_failure(self, operations: Sequence[_Operation], error: Exception) -> None:
        refusal = storage_error(error, self._path)
        if refusal is not None:
            # The disk refused the commit: no operation is guilty, and none would fare better alone.
            self._refuse(operations, refusal)
        elif len(operations) == 1:
            operations[0].fail(error)
        else:
            await self._apply_each(operations)

    async def _apply_each(self, operations: Sequence[_Operation]) -> None:
        """Apply each of *operations* in a savepoint of its own, so that only the guilty one fails; commit the rest."""
        try:
            answers, errors = await transact(self._connection, partial(_apply_each, operations, self._path))
        except Exception as error:  # noqa: BLE001 -- an operation's own error is among *errors*: this is the file's
            self._refuse(operations, storage_error(error, self._path) or error)
        else:
            for operation, its_own in errors.items():
                operation.fail(its_own)
            self._committed(answers)

    def _refuse(self, operations: Sequence[_Operation], error: BaseException) -> None:
        self._watch.note(error)
        if isinstance(error, StateError) and self.failing is None:
            self.failing = error.said
            self._events.tell(QueueStoreFailed(error=str(error)))
        for operation in operations:
            operation.fail(error)

    def _committed(self, answers: _Answers) -> None:
        if self.failing is not None:
            self.failing = None
            self._events.tell(QueueStoreHealed())
        # Listeners hear of all changes of the commit before the first caller goes on: a caller that was answered finds
        # the workers awake, and its event told.
        for group in _groups(answers):
            _tell(group, answers)
        for operation, answer in answers.items():
            operation.answer(answer)


def _apply(operations: Sequence[_Operation], connection: sqlite3.Connection) -> _Answers:
    """Apply the operations of one kind together, and answer each with its own part of the answers."""
    answered: _Answers = {}
    for group in _groups(operations):
        change = group[0].change
        if isinstance(change, Act):
            answered |= {operation: [change.apply(connection)] for operation in group}
            continue
        answers, start = change.apply(connection, _items(group)), 0
        for operation in group:
            end = start + len(operation.items)
            answered[operation] = answers[start:end]
            start = end
    return answered


def _apply_each(
    operations: Sequence[_Operation], path: Path, connection: sqlite3.Connection
) -> tuple[_Answers, dict[_Operation, Exception]]:
    answers: _Answers = {}
    errors: dict[_Operation, Exception] = {}
    # By hand: sqlite3 begins a transaction for a statement that writes, and a savepoint is none.
    connection.execute("BEGIN IMMEDIATE")
    for operation in operations:
        connection.execute("SAVEPOINT operation")
        try:
            answers |= _apply([operation], connection)
        except Exception as error:
            if storage_error(error, path) is not None:
                raise
            connection.execute("ROLLBACK TO operation")
            errors[operation] = error
        connection.execute("RELEASE operation")
    return answers, errors


async def transact(connection: aiosqlite.Connection, change: Callable[[sqlite3.Connection], R]) -> R:
    """Make *change* in one transaction, whole in the connection's thread; return its answer once it is committed.

    One hop to the thread and back, however many statements. A caller that is cancelled meanwhile leaves the transaction
    whole; an error of *change* rolls back all of it.
    """

    def transaction(connection: sqlite3.Connection) -> R:
        try:
            answer = change(connection)
            connection.commit()
        except BaseException:
            if connection.in_transaction:  # SQLITE_FULL rolls back by itself
                connection.rollback()
            raise
        return answer

    # aiosqlite runs its own methods so, and offers no public way to run a function of ours.
    answer: R = await connection._execute(transaction, connection._conn)  # type: ignore[no-untyped-call]  # noqa: SLF001
    return answer


def _groups(operations: Iterable[_Operation]) -> list[list[_Operation]]:
    """Return *operations* by kind, in the order of their first; acts are compared by identity, each its own group."""
    groups: dict[int, list[_Operation]] = {}
    for operation in operations:
        groups.setdefault(id(operation.change), []).append(operation)
    return list(groups.values())


def _items(group: Sequence[_Operation]) -> Sequence[Any]:
    return group[0].items if len(group) == 1 else [item for operation in group for item in operation.items]


def _tell(group: Sequence[_Operation], answers: Mapping[_Operation, Sequence[Any]]) -> None:
    change = group[0].change
    given = [answer for operation in group for answer in answers[operation]]
    if isinstance(change, Kind):
        if change.committed is not None:
            change.committed(_items(group), given)
        return
    for answer in given:
        if not isinstance(answer, ParanadError):
            change.told(answer)
