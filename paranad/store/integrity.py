"""Whether queue.db is whole: SQLite's own check, on a connection of its own, for as long as one may wait."""

import asyncio
import sqlite3
from pathlib import Path

from paranad.store.sqlite import connected


async def damage(path: Path, limit_s: float) -> str | None:
    """Return the first thing that is wrong with the file at *path*; None: it is whole. The daemon goes on meanwhile.

    Raises:
        TimeoutError: it would have taken longer than *limit_s* seconds, and was broken off.
    """
    try:
        async with connected(path, "ro") as connection:
            try:
                async with asyncio.timeout(limit_s):
                    rows = await connection.execute_fetchall("PRAGMA quick_check(1)")
            finally:
                await connection.interrupt()  # its thread may still be at it
    except sqlite3.Error as error:
        return str(error)
    findings = [str(row[0]) for row in rows]
    return None if findings == ["ok"] else findings[0].splitlines()[-1]
