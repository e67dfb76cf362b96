"""What the doors were given, kept while its job may fail: a failure is given back where the work came from."""

from collections.abc import Sequence

import aiosqlite

from paranad.clock import from_us, to_us
from paranad.queue.model import FailedOriginal
from paranad.queue.rows import STATEMENTS, encode
from paranad.store.file import Store
from paranad.store.writer import Kind


class Originals:
    """The originals of failed jobs. Those of jobs that completed or were cancelled are gone by themselves."""

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


async def _give_back(connection: aiosqlite.Connection, failures: Sequence[FailedOriginal]) -> Sequence[None]:
    originals = encode([[failure.source, to_us(failure.failed_at)] for failure in failures])
    await connection.execute_fetchall(STATEMENTS["give_back_originals"], {"originals": originals})
    return [None] * len(failures)


_GIVE_BACK: Kind[FailedOriginal, None] = Kind("queue.give_back", _give_back)
