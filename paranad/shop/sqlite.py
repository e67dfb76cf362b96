"""A shop in an SQLite file: how the file is opened, how its lock is taken, what each error means."""

import os
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from errno import EACCES, EISDIR
from pathlib import Path
from stat import S_ISDIR
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, ColumnElement, Integer, NullPool, Row, Select, event, literal_column
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError

from paranad.configuration.addresses import DATABASE_KEY
from paranad.said import Said, Sentence
from paranad.shop.columns import NO_UTF8
from paranad.shop.connections import AsyncConnection, AsyncEngine, UninterruptedConnection, create_async_engine
from paranad.shop.errors import (
    COLUMN,
    ROW_REFUSED,
    TABLE,
    ShopBadRow,
    ShopBusy,
    ShopError,
    ShopReadOnly,
    ShopUnexpectedSchema,
    ShopUnreachable,
)
from paranad.uninterrupted import to_its_end

FILE_LOCKED = Sentence("shop.file_locked", "{file} is locked by another program")
FILE_READ_ONLY = Sentence(
    "shop.file_read_only", "{file}: {detail}; let the daemon's user write the file and its folder"
)
FILE_FAILED = Sentence("shop.file_failed", "{file}: {detail}")
NO_FILE = Sentence("shop.no_file", "there is no file {file}; create it, or correct {setting}")

MISSING_TABLE = re.compile(r"no such table: (?:main\.)?(?P<name>\S+)")
MISSING_COLUMN = re.compile(r"no such column: (?P<name>\S+)|has no column named (?P<inserted>\S+)")
NOT_UTF8 = re.compile(r"Could not decode to UTF-8 column '([^']*)'")

CONNECTIONS = 4
"""How many stay open; SQLite lets one write at a time anyway."""


class SqliteShop:
    """The shop's file at *path*. It is never created, and its journal mode is never changed."""

    types_are_hints = True
    now_ms: ColumnElement[int] = literal_column("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", Integer)
    """This machine's clock within a statement: milliseconds since 1970."""

    def __init__(self, path: Path, busy_timeout: timedelta, setting: Said | str = DATABASE_KEY) -> None:
        self.path, self.setting = path, setting
        url = URL.create("sqlite+aiosqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})
        self._url = url
        # Without sqlite3's own transactions: `begin` below takes the lock before the first read.
        self._options = {"timeout": busy_timeout.total_seconds(), "isolation_level": None}
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=4 * CONNECTIONS,
            hide_parameters=True,
            connect_args=self._options,
        )
        self._listen(self.engine)

    def apart(self) -> Callable[[], AsyncConnection]:
        """Return what makes connections outside the pool, to be started; each of their statements commits itself."""
        engine = create_async_engine(self._url, poolclass=NullPool, hide_parameters=True, connect_args=self._options)
        self._listen(engine)
        return lambda: UninterruptedConnection(engine)

    def connection(self, *, lock: bool) -> AsyncConnection:  # noqa: ARG002 - both kinds alike
        """Return a connection to be started."""
        return UninterruptedConnection(self.engine)

    async def begin(self, connection: AsyncConnection, *, lock: bool) -> None:
        """Start a transaction; with *lock*, no other program writes until it ends."""
        await connection.exec_driver_sql("BEGIN IMMEDIATE" if lock else "BEGIN")
        if not lock:
            # BEGIN alone reads nothing: the moment that a transaction sees is fixed by its first statement.
            await connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1")

    async def poll(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Return the rows of *statement*, without a transaction around it."""
        connection = self.connection(lock=False)
        try:
            await connection.start()
            rows: Sequence[Row[Any]] = (await connection.execute(statement, dict(parameters))).all()
            return rows
        finally:
            if connection.sync_connection is not None:
                await to_its_end(connection.close())

    def change_token(self) -> object | None:
        """Return inode, size and time of the file and of the log beside it, which any commit changes; None: no file."""
        file, log = _stamp(self.path), _stamp(self.path.with_name(f"{self.path.name}-wal"))
        return (file, log) if file else None

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def server_now(self, connection: AsyncConnection) -> datetime | None:  # noqa: ARG002
        """Return the database server's instant; None, since a file has no clock but this machine's."""
        return None

    def explain(self, error: DBAPIError) -> ShopError | None:
        """Return what *error* means for the shop; None: it is a defect of the program."""
        said = str(error.orig)
        if isinstance(error, IntegrityError):
            return ShopBadRow(ROW_REFUSED(reason=said))
        if column := NOT_UTF8.match(said):
            return ShopBadRow(NO_UTF8(column=_place(column[1], error.statement)))
        if table := MISSING_TABLE.search(said):
            return ShopUnexpectedSchema(TABLE(name=table["name"]))
        if column := MISSING_COLUMN.search(said):
            return ShopUnexpectedSchema(COLUMN(name=column["name"] or column["inserted"]))
        return self._explain_file(said, getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR))

    def _explain_file(self, said: str, code: int) -> ShopError | None:
        """Return what is wrong with the file itself; *code* is SQLite's, extended or not."""
        match code & 0xFF:
            case sqlite3.SQLITE_ERROR | sqlite3.SQLITE_MISUSE | sqlite3.SQLITE_RANGE:
                return None
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return ShopBusy(FILE_LOCKED(file=str(self.path)))
            case sqlite3.SQLITE_READONLY if not self.path.exists():
                # SQLite's words for a file that was taken away under an open connection.
                return ShopUnreachable(NO_FILE(file=str(self.path), setting=self.setting))
            case sqlite3.SQLITE_READONLY:
                return ShopReadOnly(FILE_READ_ONLY(file=str(self.path), detail=said))
            case _:
                return ShopUnreachable(FILE_FAILED(file=str(self.path), detail=said))

    def _listen(self, engine: AsyncEngine) -> None:
        event.listen(engine.sync_engine, "do_connect", self._opening)
        event.listen(engine.sync_engine, "connect", self._opened)
        event.listen(engine.sync_engine, "checkout", self._taken)

    def _opening(self, *_: Any) -> None:
        """Refuse a file that cannot be opened, before the driver starts a thread for it."""
        # Never opened here: closing any descriptor of a file lets go of all locks that the process has on it (POSIX),
        # so those of the other connections. A second writer, such as the shop's PHP, would then ruin the file.
        try:
            if S_ISDIR(self.path.stat().st_mode):
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            if not os.access(self.path, os.R_OK):
                raise PermissionError(EACCES, os.strerror(EACCES))
        except FileNotFoundError:
            raise ShopUnreachable(NO_FILE(file=str(self.path), setting=self.setting)) from None
        except OSError as error:
            raise ShopUnreachable(FILE_FAILED(file=str(self.path), detail=error.strerror or str(error))) from error

    def _opened(self, connection: Any, record: Any) -> None:
        record.info["file"] = self._file()
        connection.cursor().execute("PRAGMA foreign_keys = ON")

    def _taken(self, connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG002
        """Refuse a pooled connection if the file was moved or replaced, or its write permission has changed."""
        if record.info.get("file") != self._file():
            raise DisconnectionError(f"{self.path} is another file now")

    def _file(self) -> tuple[int, int, bool] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino, os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _place(column: str, statement: str | None) -> str:
    """Return the table and the name of *column*, as *statement* has them."""
    named = re.search(rf"\b(\w+\.{re.escape(column)})\b", statement or "")
    return named[1] if named else column
