"""A SQLite file, changed as another program changes it while a daemon under test uses it."""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any


async def change(file: Path, statements: str) -> None:
    """Run *statements* on a connection of their own, in a thread.

    In the loop they would wait for a lock whose holder, the daemon under test, waits for the loop.
    """

    def run() -> None:
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(statements)

    await asyncio.to_thread(run)


async def fill(file: Path, statement: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Run *statement* once for each of *rows*, as `change` does."""

    def run() -> None:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.executemany(statement, rows)

    await asyncio.to_thread(run)
