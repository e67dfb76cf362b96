"""The shop's database: short transactions that take their lock first; every failure comes out as a ShopError."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import anyio
from sqlalchemy import URL, Select, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from paranad.clock import Clock, SystemClock
from paranad.configuration.addresses import DATABASE_EXAMPLE, DATABASE_KEY
from paranad.errors import ConfigurationError, WrongSetting
from paranad.events.event import Events
from paranad.events.shop import ShopLost, ShopReturned
from paranad.said import Said, Sentence, as_said
from paranad.shop.connections import AsyncConnection
from paranad.shop.errors import ABOUT, ShopBadRow, ShopBusy, ShopClockOff, ShopNotGranted, ShopReadOnly, ShopUnreachable
from paranad.shop.single import SingleStatements
from paranad.shop.sqlite import SqliteShop
from paranad.uninterrupted import to_its_end

if TYPE_CHECKING:
    from paranad.shop.mysql import MysqlShop

T = TypeVar("T")
Engine: TypeAlias = "SqliteShop | MysqlShop"
"""The databases that a shop may use; they have the same methods."""

ALL_IN_USE = Sentence("shop.all_in_use", "every connection is in use")

BUSY_TIMEOUT = timedelta(seconds=5)
"""How long one transaction waits for another program's lock."""
BUSY_TRIES = 4
"""How often `in_transaction` tries before it gives up."""
PAUSE = timedelta(milliseconds=50)
"""The longest pause after the first try; twice as long after the second, and so on."""
CLOCK_LIMIT = timedelta(minutes=10)
"""How far the database server's clock may be from ours for rows to be deleted by time."""

Pause = Callable[[int], Awaitable[None]]


async def brief_pause(tried: int) -> None:
    """Wait for a random moment, longer after each try, so that two programs in a deadlock do not meet again."""
    await anyio.sleep(SystemRandom().uniform(0, PAUSE.total_seconds() * tried))


class Shop:
    """The shop's database and its wall clock.

    Whatever fails inside `read`, `transaction` and `in_transaction` comes out as a ShopError. The events `shop.lost`
    and `shop.returned` tell the beginning and the end of an outage.
    """

    def __init__(
        self,
        url: str,
        zone: ZoneInfo,
        clock: Clock,
        events: Events,
        *,
        busy_timeout: timedelta = BUSY_TIMEOUT,
        pause: Pause = brief_pause,
        setting: Said | str = DATABASE_KEY,
        shared: bool = False,
    ) -> None:
        """Prepare the way to the database at *url*; nothing is opened yet.

        *pause* is awaited before a transaction is tried again. *setting* is where *url* is set, for errors. *shared*:
        daemons on several machines use the database, so what one leaves behind when it is cut off must not stay.

        Raises:
            ConfigurationError: *url* is neither `sqlite:////absolute/path` nor `mysql://user:password@host/name`.
        """
        self.zone, self.clock, self.events = zone, clock, events
        self.database = _engine(url, busy_timeout, clock, setting, shared=shared)
        """What differs between SQLite and a server; for `Shop` and its tests alone."""
        self.ahead_s = 0.0
        """How far this machine's clock is ahead of the database's, where several machines agree on that one."""
        self._pause = pause
        self._lost = False
        self._returns = 0
        self._locked_out = False
        """Whether a change was refused, by another program's lock or a read-only server; reads may still succeed."""
        self._not_granted = ""
        """The beginning of a statement for which the user lacks a right; other statements may succeed."""
        event.listen(self.database.engine.sync_engine, "after_cursor_execute", self._executed)

    @property
    def types_are_hints(self) -> bool:
        """Whether a column may hold values of other types than its own, as SQLite's do."""
        return self.database.types_are_hints

    def now(self) -> datetime:
        """Return the shop's wall clock: naive, whole seconds, as its tables hold it."""
        return self.wall(self.clock.now())

    def unix_s(self) -> int:
        """Return now in seconds since the epoch, as the `jobs` table holds it, by the clock that all machines share."""
        return int(self.clock.now().timestamp() - self.ahead_s)

    def wall(self, instant: datetime) -> datetime:
        """Return the aware *instant* as the shop's wall clock shows it."""
        return instant.astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def instant(self, wall: datetime) -> datetime:
        """Return the aware instant, in UTC, at which the shop's clock shows *wall*."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose statements all see the same moment; anything they write is rolled back."""
        async with self._watched(lock=False), self._begun(lock=False) as connection:
            yield connection

    async def poll(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return the rows of *statement* as they are committed now, at the least cost; for a loop that asks often.

        Only one call may run at a time.
        """
        async with self._watched(lock=False):
            with self._explained():
                return await self.database.poll(statement, parameters)

    def single_statements(self) -> SingleStatements:
        """Return what runs statements on a connection of its own, which waits for no other."""
        return SingleStatements(self.database.apart(), self.database.explain, self.database.now_ms, self.clock)

    def change_token(self) -> object | None:
        """Return a token that changes after any commit, within some seconds; None if the engine has none."""
        return self.database.change_token()

    @asynccontextmanager
    async def transaction(self, *, dry_run: bool = False) -> AsyncIterator[AsyncConnection]:
        """Give a connection that holds its lock from the first statement; commit at the end, or roll back.

        On SQLite the lock is on the whole file; on a server the first statement takes it, usually `lock_row`.
        A cancellation during the commit waits until the commit is done, so that the caller knows what was committed.
        With *dry_run*, everything is rolled back.
        """
        async with self._watched(lock=True), self._locked(dry_run=dry_run) as connection:
            yield connection

    async def in_transaction(self, work: Callable[[AsyncConnection], Awaitable[T]], *, dry_run: bool = False) -> T:
        """Run *work* in a transaction and return its answer; try again, a few times, if the lock is lost.

        *work* may run more than once and must do nothing outside its connection. A transaction that has begun is
        finished before a cancellation takes effect.
        """
        async with self._watched(lock=True):
            for tried in range(1, BUSY_TRIES):
                try:
                    # Uninterrupted: after a commit cut off halfway it would be unknown what was committed.
                    return await to_its_end(self._once(work, dry_run=dry_run))
                except ShopBusy:
                    await self._pause(tried)
            # The last try: its ShopBusy is the caller's.
            return await to_its_end(self._once(work, dry_run=dry_run))

    @asynccontextmanager
    async def savepoint(self, connection: AsyncConnection) -> AsyncIterator[None]:
        """Set a savepoint on *connection*: if the block fails, only the block is undone.

        Any failure inside comes out as a ShopError; after a ShopBadRow the transaction may go on.
        """
        with self._explained():
            async with connection.begin_nested():
                yield

    async def check_clock(self) -> None:
        """Return if rows may be deleted by time.

        Raises:
            ShopClockOff: the database server's clock and ours are more than ten minutes apart.
        """
        apart = await self.clock_apart()
        if apart is not None and apart > CLOCK_LIMIT:
            raise ShopClockOff(apart, CLOCK_LIMIT)

    async def clock_apart(self) -> timedelta | None:
        """Return how far the database server's clock is from ours; None: it has none of its own."""
        async with self.read() as connection:
            server = await self.database.server_now(connection)
        return None if server is None else abs(server - self.clock.now())

    async def close(self) -> None:
        """Close every connection."""
        await to_its_end(self.database.close())

    async def _once(self, work: Callable[[AsyncConnection], Awaitable[T]], *, dry_run: bool) -> T:
        async with self._locked(dry_run=dry_run) as connection:
            return await work(connection)

    @asynccontextmanager
    async def _locked(self, *, dry_run: bool) -> AsyncIterator[AsyncConnection]:
        async with self._begun(lock=True) as connection:
            yield connection
            if not dry_run:
                await to_its_end(connection.commit())

    @asynccontextmanager
    async def _begun(self, *, lock: bool) -> AsyncIterator[AsyncConnection]:
        connection = self.database.connection(lock=lock)
        with self._explained():
            try:
                await connection.start()
                await self.database.begin(connection, lock=lock)
                yield connection
            finally:
                # Uninterrupted too: a connection that is not given back is lost to the pool, and may hold its lock.
                await to_its_end(_closed(connection))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            explained = self.database.explain(error)
            if explained is None:
                raise
            if isinstance(explained, ShopBadRow) and error.detail:  # the row that `statements.about` added
                raise ShopBadRow(ABOUT(row=as_said(error.detail[0]), reason=explained.said)) from error
            raise explained from error
        except PoolTimeout as error:
            raise ShopUnreachable(ALL_IN_USE()) from error

    @asynccontextmanager
    async def _watched(self, *, lock: bool) -> AsyncIterator[None]:
        """Tell when the shop is lost and when it is back.

        If a lock was refused, it is back only after a lock succeeds. If a right was missing, it is back only after
        such a statement succeeds, since no other statement uses that right.
        """
        # A block that began during an outage may fail after its end: that is no second outage.
        returns = self._returns
        try:
            yield
        except ShopUnreachable as error:
            self._locked_out = self._locked_out or (lock and isinstance(error, ShopBusy | ShopReadOnly))
            if isinstance(error, ShopNotGranted):
                self._not_granted = error.statement
            if not self._lost and returns == self._returns:
                self._lost = True
                self.events.tell(ShopLost(reason=error.reason))
            raise
        if self._lost and not self._not_granted and (lock or not self._locked_out):
            self._lost = self._locked_out = False
            self._returns += 1
            self.events.tell(ShopReturned())

    def _executed(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:  # noqa: ARG002 - the event's signature
        if self._not_granted and statement.startswith(self._not_granted):
            self._not_granted = ""


def check_url(url: str) -> None:
    """Return if `Shop` can use *url*, or it is empty.

    Raises:
        ConfigurationError: it is neither `sqlite:////absolute/path` nor `mysql://user:password@host/name`.
    """
    if url:
        _engine(url, BUSY_TIMEOUT, SystemClock())


async def _closed(connection: AsyncConnection) -> None:
    """Roll back what is not committed and give the connection back, if its start did not fail."""
    if connection.sync_connection is not None:
        await connection.close()


def _engine(
    url: str, busy_timeout: timedelta, clock: Clock, setting: Said | str = DATABASE_KEY, *, shared: bool = False
) -> Engine:
    """Return the engine for *url*. The URL may hold a password, so an error shows its scheme alone."""
    try:
        parts = make_url(url)
    except ArgumentError:
        raise _wrong_url("something that is not a URL") from None
    match parts.drivername:
        case "sqlite":
            return SqliteShop(_path(parts), busy_timeout, setting)
        case "mysql":
            return _server(parts, busy_timeout, clock, setting, shared=shared)
        case scheme:
            raise _wrong_url(f"a {scheme.partition('+')[0]}: URL, which this version cannot use")


def _server(parts: URL, busy_timeout: timedelta, clock: Clock, setting: Said | str, *, shared: bool) -> Engine:
    from paranad.shop.mysql import MysqlShop  # noqa: PLC0415 - only such a shop needs the driver

    if not parts.host or not parts.database:
        raise _wrong_url("a mysql: URL without a host or a database")
    return MysqlShop(parts, busy_timeout, clock, setting, shared=shared)


def _path(parts: URL) -> Path:
    if not parts.database or not parts.database.startswith("/"):
        raise _wrong_url("a sqlite: URL without an absolute path; four slashes begin one")
    return Path(parts.database)


def _wrong_url(got: str) -> ConfigurationError:
    expected = "expected sqlite:////path/to/database.sqlite or mysql://user:password@host:3306/database"
    cure = f'write database_url = "{DATABASE_EXAMPLE}"'
    return ConfigurationError([WrongSetting("", DATABASE_KEY, f"{expected}, got {got}; {cure}")])
