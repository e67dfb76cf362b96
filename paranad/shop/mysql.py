"""A shop on MySQL or MariaDB: how its server is reached, and when a connection or a lock is given up."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import asyncmy
from asyncmy.errors import MySQLError
from sqlalchemy import URL, ColumnElement, ExceptionContext, Integer, NullPool, Row, Select, event, literal_column
from sqlalchemy.exc import DBAPIError, DisconnectionError

from paranad.clock import Clock
from paranad.configuration.addresses import DATABASE_KEY
from paranad.said import Said
from paranad.shop.connections import (
    AsyncConnection,
    AsyncEngine,
    PollingConnection,
    UninterruptedStatements,
    create_async_engine,
)
from paranad.shop.errors import ShopError, ShopUnreachable
from paranad.shop.mysql_errors import SERVER_FAILED, explain, has_moved, is_not_granted
from paranad.shop.single import LIFE_S

CONNECTIONS = 4
"""The most that are open at once; a fifth caller waits for one of them."""
CONNECT_TIMEOUT = timedelta(seconds=5)
ANSWER_TIMEOUT = timedelta(seconds=30)
"""How long a statement may take before its connection is given up."""
DEFAULT_PORT = 3306
CUT_OFF_SOON = (
    "SET /*M!100300 SESSION idle_transaction_timeout = 60, */ /*!50700 SESSION wait_timeout = 75, */ @paranad = 1"
)
"""Lets the server undo what a machine has begun that is cut off from it: MariaDB and MySQL, each in its own words."""
UNKNOWN_VARIABLE = 1193
AS_COMMITTED = "SET SESSION wsrep_sync_wait = 1"
"""Lets a node of a Galera cluster answer a query only once it has what the other nodes had committed by then."""


class _Since(NamedTuple):
    """When a connection was opened."""

    moves: int
    opened_s: float


class MysqlShop:
    """The shop's database on a server, with the same session settings as the shop's own PHP.

    Text is utf8mb4. The session's time zone, SQL mode and isolation level stay as the server gives them: its TIMESTAMP
    columns are converted with the session's zone, which must be the shop's.
    """

    types_are_hints = False
    now_ms: ColumnElement[int] = literal_column(
        # In UTC: in a zone that sets its clocks back, an hour would come twice.
        "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000",
        Integer,
    )
    """The server's clock within a statement: milliseconds since 1970."""

    def __init__(
        self,
        url: URL,
        busy_timeout: timedelta,
        clock: Clock,
        setting: Said | str = DATABASE_KEY,
        *,
        shared: bool = False,
    ) -> None:
        """Prepare the connections to *url*, `mysql://user:password@host/name`, with `?unix_socket=/path` or without.

        *setting* is where *url* is set, for errors. *shared*: daemons on several machines use it.
        """
        self.setting = setting
        self.place, self.database = _place(url), url.database or ""
        self._busy_timeout, self._clock, self._shared = busy_timeout, clock, shared
        self._moves = 0
        """How often an error said that another server may answer there now, or that the server has another role."""
        self._url = URL.create("mysql+asyncmy", url.username, host=url.host, port=url.port, database=url.database)
        self._options: Mapping[str, Any] = {
            "async_creator_fn": self._connect,
            "password": (url.password or "").encode(),  # asyncmy knows only Latin letters in text
            "unix_socket": url.query.get("unix_socket"),
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_TIMEOUT.total_seconds(),
            "read_timeout": ANSWER_TIMEOUT.total_seconds(),
        }
        self.engine: AsyncEngine = create_async_engine(
            self._url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=self._options,
        )
        event.listen(self.engine.sync_engine, "connect", self._opened)
        event.listen(self.engine.sync_engine, "checkout", self._taken)
        event.listen(self.engine.sync_engine, "handle_error", self._failed)
        self._polling = PollingConnection(self.engine.execution_options(isolation_level="AUTOCOMMIT"))
        self._polling_since = self._now()

    def apart(self) -> Callable[[], AsyncConnection]:
        """Return what makes connections outside the pool, to be started; each of their statements commits itself."""
        engine = create_async_engine(
            self._url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=self._options,
        )
        event.listen(engine.sync_engine, "connect", self._opened)
        return lambda: AsyncConnection(engine)

    def connection(self, *, lock: bool) -> AsyncConnection:
        """Return a connection to be started; only with *lock* is a statement under way finished before a cancellation.

        A cancelled read ends at once, since the driver then closes its connection.
        """
        return UninterruptedStatements(self.engine) if lock else AsyncConnection(self.engine)

    async def begin(self, connection: AsyncConnection, *, lock: bool) -> None:
        """Begin nothing: the first statement does, and on a server it takes the lock that is needed."""

    async def poll(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Return the rows of *statement*, in one exchange with the server."""
        if self._is_over(self._polling_since):
            await self._polling.close()
            self._polling_since = self._now()
        return await self._polling.rows(statement, parameters)

    def change_token(self) -> object | None:
        """Return None: a server tells of a commit to queries alone."""
        return None

    async def close(self) -> None:
        """Close every connection."""
        await self._polling.close()
        await self.engine.dispose()

    async def server_now(self, connection: AsyncConnection) -> datetime | None:
        """Return the database server's instant."""
        now: datetime = (await connection.exec_driver_sql("SELECT UTC_TIMESTAMP(6)")).scalar_one()
        return now.replace(tzinfo=UTC)

    def explain(self, error: DBAPIError) -> ShopError | None:
        """Return *error* as what it means for the shop; None: it is a defect of the program."""
        return explain(error, self.place, self.database, self.setting)

    def _opened(self, connection: Any, record: Any) -> None:
        record.info["since"] = self._now()
        connection.cursor().execute(_session(self._busy_timeout))
        if self._shared:
            connection.cursor().execute(CUT_OFF_SOON)
            try:
                connection.cursor().execute(AS_COMMITTED)
            except MySQLError as error:
                if error.args[0] != UNKNOWN_VARIABLE:  # a server without Galera may not know it
                    raise

    def _taken(self, connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG002
        """Refuse a pooled connection that may lead to a server that the shop has left; the pool opens another."""
        if self._is_over(record.info["since"]):
            raise DisconnectionError(f"{self.place} may be another server now")

    def _failed(self, context: ExceptionContext) -> None:
        """Give up this connection if a new one may succeed; give up all if the server moved or changed its role.

        An open connection does not learn of a right that is granted on a database, either.
        """
        if has_moved(context.original_exception):
            self._moves += 1
            context.is_disconnect = True
        elif is_not_granted(context.original_exception):
            context.is_disconnect = True

    def _now(self) -> _Since:
        return _Since(self._moves, self._clock.monotonic())

    def _is_over(self, since: _Since) -> bool:
        return since.moves != self._moves or self._clock.monotonic() - since.opened_s >= LIFE_S

    async def _connect(self, **options: Any) -> Any:
        try:
            return await asyncmy.connect(**options)
        except (RuntimeError, LookupError, ValueError) as error:  # an account or a greeting that the driver cannot read
            raise ShopUnreachable(SERVER_FAILED(place=self.place, detail=str(error))) from error


def _place(url: URL) -> str:
    """Return where the server is, without the user and the password."""
    socket = url.query.get("unix_socket")
    return f"socket {socket}" if socket else f"{url.host}:{url.port or DEFAULT_PORT}"


def _session(busy_timeout: timedelta) -> str:
    """Return the statement that sets up each connection; a table being altered is waited for no longer than a row."""
    wait_s = max(1, math.ceil(busy_timeout.total_seconds()))
    return (
        "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci',"
        f" SESSION innodb_lock_wait_timeout = {wait_s}, SESSION lock_wait_timeout = {wait_s}"
    )
