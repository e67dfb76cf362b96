"""The way to the shop's database: short transactions with their lock first, and what went wrong said in one place."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from paranad.clock import Clock
from paranad.errors import ConfigurationError, Problem
from paranad.events import Events, ShopLost, ShopReturned
from paranad.shop.errors import ShopBusy, ShopClockOff, ShopError, ShopUnreachable
from paranad.shop.sqlite import SqliteShop
from paranad.shop.whole import WholeStatements, to_its_end

T = TypeVar("T")

BUSY_TIMEOUT = timedelta(seconds=5)
"""How long one transaction waits for another program's lock."""
BUSY_TRIES = 3
"""How often `repeat` begins anew before it gives up."""
CLOCK_LIMIT = timedelta(minutes=10)
"""How far the database server's clock may be from ours where rows are deleted by time."""


class Engine(Protocol):
    """What differs between the databases a shop may use."""

    @property
    def engine(self) -> AsyncEngine: ...

    async def begin(self, connection: AsyncConnection, *, lock: bool) -> None: ...

    async def server_now(self, connection: AsyncConnection) -> datetime | None: ...

    def explain(self, error: DBAPIError) -> ShopError | None: ...


class Shop:
    """The shop's database and its wall clock.

    Whatever fails inside `read`, `transaction` and `repeat` comes out as a ShopError; the first outage and its end
    are told as `shop.lost` and `shop.returned`.
    """

    def __init__(
        self, url: str, zone: ZoneInfo, clock: Clock, events: Events, *, busy_timeout: timedelta = BUSY_TIMEOUT
    ) -> None:
        """Prepare the way to the database at *url*; nothing is opened yet.

        Raises:
            ConfigurationError: *url* is not `sqlite:////absolute/path`.
        """
        self.zone, self.clock, self.events = zone, clock, events
        self._database: Engine = SqliteShop(_sqlite_path(url), busy_timeout)
        self._lost = False
        self._locked_out = False
        """Whether it was lost to another program's lock, which may leave reading possible."""

    def now(self) -> datetime:
        """Return the shop's wall clock: naive, whole seconds, as its tables hold it."""
        return self.wall(self.clock.now())

    def wall(self, instant: datetime) -> datetime:
        """Return the aware *instant* as the shop's wall clock shows it."""
        return instant.astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def instant(self, wall: datetime) -> datetime:
        """Return the aware instant, in UTC, at which the shop's clock shows *wall*."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection on which every statement sees the same moment; nothing is kept that it writes."""
        async with self._watched(lock=False), self._begun(lock=False) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self, *, dry_run: bool = False) -> AsyncIterator[AsyncConnection]:
        """Give a connection that holds the lock from its first statement; commit at the end, or roll back.

        A cancellation during the commit waits for it, so that nothing is committed behind the caller's back.
        With *dry_run*, everything is rolled back.
        """
        async with self._watched(lock=True), self._locked(dry_run=dry_run) as connection:
            yield connection

    async def repeat(self, work: Callable[[AsyncConnection], Awaitable[T]], *, dry_run: bool = False) -> T:
        """Run *work* in a transaction and return its answer; begin anew, a few times, when the lock is lost.

        *work* may run more than once and must do nothing outside its connection. A transaction that has begun is
        finished before a cancellation takes effect.
        """
        async with self._watched(lock=True):
            for _ in range(BUSY_TRIES - 1):
                try:
                    return await to_its_end(self._once(work, dry_run=dry_run))
                except ShopBusy:
                    continue
            return await to_its_end(self._once(work, dry_run=dry_run))

    async def check_clock(self) -> None:
        """Return if rows may be deleted by time.

        Raises:
            ShopClockOff: the database server's clock and ours are more than ten minutes apart.
        """
        async with self.read() as connection:
            server = await self._database.server_now(connection)
        if server is None:
            return
        apart = abs(server - self.clock.now())
        if apart > CLOCK_LIMIT:
            raise ShopClockOff(apart, CLOCK_LIMIT)

    async def close(self) -> None:
        """Close every connection."""
        await to_its_end(self._database.engine.dispose())

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
        connection = WholeStatements(self._database.engine)
        try:
            await to_its_end(self._start(connection, lock=lock))
            yield connection
        except DBAPIError as error:
            explained = self._database.explain(error)
            if explained is None:
                raise
            raise explained from error
        except PoolTimeout as error:
            raise ShopUnreachable("every connection is in use") from error
        finally:
            await to_its_end(_closed(connection))

    async def _start(self, connection: AsyncConnection, *, lock: bool) -> None:
        await connection.start()
        await self._database.begin(connection, lock=lock)

    @asynccontextmanager
    async def _watched(self, *, lock: bool) -> AsyncIterator[None]:
        """Tell when the shop is lost, and when it is back: where a lock was refused, not before one is got."""
        try:
            yield
        except ShopUnreachable as error:
            self._locked_out = self._locked_out or (lock and isinstance(error, ShopBusy))
            if not self._lost:
                self._lost = True
                self.events.tell(ShopLost(reason=error.reason))
            raise
        if self._lost and (lock or not self._locked_out):
            self._lost = self._locked_out = False
            self.events.tell(ShopReturned())


def check_url(url: str) -> None:
    """Return if `Shop` can use *url*, or it is empty.

    Raises:
        ConfigurationError: it is not `sqlite:////absolute/path`.
    """
    if url:
        _sqlite_path(url)


async def _closed(connection: AsyncConnection) -> None:
    """Roll back what is not committed and give the connection back; a start that failed left none."""
    if connection.sync_connection is not None:
        await connection.close()


def _sqlite_path(url: str) -> Path:
    """Return the file that *url* names; the URL may hold a password, so an error shows its scheme alone."""
    try:
        parts = make_url(url)
    except ArgumentError:
        raise _wrong_url("something that is not a URL") from None
    scheme = parts.get_backend_name()
    if scheme != "sqlite":
        raise _wrong_url(f"a {scheme}: URL, which this version cannot use")
    if not parts.database or not parts.database.startswith("/"):
        raise _wrong_url("a sqlite: URL without an absolute path; four slashes begin one")
    return Path(parts.database)


def _wrong_url(got: str) -> ConfigurationError:
    expected = "expected sqlite:////path/to/database.sqlite"
    cure = "write the path of the shop's database file"
    return ConfigurationError([Problem("", "[shop] database_url", f"{expected}, got {got}; {cure}")])
