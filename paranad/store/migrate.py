"""Brings queue.db to this version: numbered SQL files, forward only, each one transaction with its record.

A file's first line, such as `-- readable from: 1`, names the oldest form whose program can still use the migrated
file. A later version raises that number only if an older program would misread the tables.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import aiosqlite

from paranad.clock import Clock, to_us
from paranad.errors import StateFromFuture
from paranad.record import record
from paranad.said import Sentence

_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>\w+)\.sql")
_READABLE_FROM = re.compile(r"^-- readable from: (?P<number>\d+)\n")

_RECORDS = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    readable_from INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""
_RECORD = "INSERT INTO migrations (number, name, readable_from, applied_at) VALUES (?, ?, ?, ?)"
_APPLIED = "SELECT number, readable_from FROM migrations"

FROM_FUTURE = Sentence(
    "state.from_future",
    "{path} was written by a later version of paranad (form {form}, this one knows {known}); "
    "install that version again, or restore an older backup",
)


@record
class Migration:
    """One step of the file's form."""

    number: int
    name: str
    readable_from: int
    script: str


def known_migrations() -> list[Migration]:
    """Return the migrations of this version, in order."""
    found = [(_NAME.fullmatch(file.name), file) for file in (files("paranad.store") / "migrations").iterdir()]
    return sorted(
        (_read(int(match["number"]), match["name"], file.read_text("utf-8")) for match, file in found if match),
        key=lambda migration: migration.number,
    )


def _read(number: int, name: str, script: str) -> Migration:
    match = _READABLE_FROM.match(script)
    if match is None:
        raise ValueError(f'{number:04}_{name}.sql: expected the first line "-- readable from: N"')
    return Migration(number, name, int(match["number"]), script)


async def migrate(
    connection: aiosqlite.Connection, path: Path, clock: Clock, migrations: Sequence[Migration] | None = None
) -> int:
    """Apply what *connection*'s file lacks; return how many migrations that were.

    Raises:
        StateFromFuture: a later version wrote the file, and this one would misread it.
    """
    known = known_migrations() if migrations is None else migrations
    await connection.execute_fetchall(_RECORDS)
    applied = {row["number"]: row["readable_from"] for row in await connection.execute_fetchall(_APPLIED)}
    _check_readable(path, max(applied.values(), default=0), known)
    missing = [migration for migration in known if migration.number not in applied]
    for migration in missing:
        await _apply(connection, migration, to_us(clock.now()))
    return len(missing)


def _check_readable(path: Path, readable_from: int, known: Sequence[Migration]) -> None:
    ours = max((migration.number for migration in known), default=0)
    if readable_from > ours:
        raise StateFromFuture(FROM_FUTURE(path=str(path), form=readable_from, known=ours))


async def _apply(connection: aiosqlite.Connection, migration: Migration, now_us: int) -> None:
    await connection.execute_fetchall("BEGIN IMMEDIATE")
    try:
        for statement in _statements(migration.script):
            await connection.execute_fetchall(statement)
        record = (migration.number, migration.name, migration.readable_from, now_us)
        await connection.execute_fetchall(_RECORD, record)
        await connection.execute_fetchall("COMMIT")
    except BaseException:
        if connection.in_transaction:
            await connection.execute_fetchall("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
