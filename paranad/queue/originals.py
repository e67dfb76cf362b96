"""What the doors were given, kept while its job may fail: a failure is given back where the work came from.

Once the job has failed no longer, or is forgotten, what was given back is taken back.
"""

from collections.abc import Sequence

import aiosqlite

from paranad.clock import from_us, to_us
from paranad.queue.model import FailedOriginal, RevokedOriginal
from paranad.queue.rows import STATEMENTS, encode
from paranad.store.file import Store
from paranad.store.writer import Kind


class Originals:
    """The originals of failed jobs. Those of jobs that never failed are gone by themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def failed(self, limit: int) -> list[FailedOriginal]:
        """Return up to *limit* originals whose job has failed and that are not given back, oldest failure first."""
        rows = await self._store.reader.fetch(STATEMENTS["failed_originals"], {"limit": limit})
        return [
            FailedOriginal(
                source=row["source"],
                original=row["original"],
                job_id=row["id"],
                error=row["error"],
                traceback=row["traceback"],
                failed_at=from_us(row["failed_at"]),
            )
            for row in rows
        ]

    async def given_back(self, failures: Sequence[FailedOriginal]) -> None:
        """Note that *failures* stand where they came from; one whose job fails again comes again."""
        await self._store.writer.write_all(_GIVE_BACK, failures)

    async def revoked(self, limit: int) -> list[RevokedOriginal]:
        """Return up to *limit* originals that may stand where they came from and should not, oldest failure first."""
        rows = await self._store.reader.fetch(STATEMENTS["revoked_originals"], {"limit": limit})
        return [
            RevokedOriginal(source=row["source"], original=row["original"], failed_at=from_us(row["failed_at"]))
            for row in rows
        ]

    async def taken_back(self, revoked: Sequence[RevokedOriginal]) -> None:
        """Note that *revoked* stand nowhere; one whose job has failed again meanwhile is given back again."""
        await self._store.writer.write_all(_TAKE_BACK, revoked)


async def _give_back(connection: aiosqlite.Connection, failures: Sequence[FailedOriginal]) -> Sequence[None]:
    await connection.execute_fetchall(STATEMENTS["give_back_originals"], {"originals": _named(failures)})
    return [None] * len(failures)


async def _take_back(connection: aiosqlite.Connection, revoked: Sequence[RevokedOriginal]) -> Sequence[None]:
    for statement in ("drop_originals", "take_back_originals"):
        await connection.execute_fetchall(STATEMENTS[statement], {"originals": _named(revoked)})
    return [None] * len(revoked)


def _named(originals: Sequence[FailedOriginal | RevokedOriginal]) -> str:
    return encode([[each.source, to_us(each.failed_at)] for each in originals])


_GIVE_BACK: Kind[FailedOriginal, None] = Kind("queue.give_back", _give_back)
_TAKE_BACK: Kind[RevokedOriginal, None] = Kind("queue.take_back", _take_back)
