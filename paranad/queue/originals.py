"""The originals of jobs: the text that a door was given, such as a row's payload, kept while the job may fail.

The bridge writes the original of a failed job to the shop's `failed_jobs`, and removes it from there once the job is
retried or forgotten.
"""

import sqlite3
from collections.abc import Sequence

from paranad.clock import from_us, to_us
from paranad.queue.model import FailedOriginal, RevokedOriginal
from paranad.queue.rows import STATEMENTS, encode
from paranad.record import record
from paranad.store.file import Store
from paranad.store.writer import Act


class Originals:
    """The originals of failed jobs. The database itself deletes the original of a job that ends well."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def failed(self, limit: int) -> list[FailedOriginal]:
        """Return up to *limit* originals of failed jobs that are not written yet, oldest failure first."""
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

    async def written(self, failures: Sequence[FailedOriginal]) -> None:
        """Note that *failures* stand in `failed_jobs`; if its job fails again, an original comes again."""
        await self._store.writer.do(_Note(("originals_written",), failures))

    async def revoked(self, limit: int, *, ended: bool = False) -> list[RevokedOriginal]:
        """Return up to *limit* originals that may stand in `failed_jobs` and should not, oldest failure first.

        *ended*: of jobs that were retried only those that have ended since.
        """
        rows = await self._store.reader.fetch(STATEMENTS["revoked_originals"], {"limit": limit, "ended": ended})
        return [
            RevokedOriginal(source=row["source"], original=row["original"], failed_at=from_us(row["failed_at"]))
            for row in rows
        ]

    async def removed(self, revoked: Sequence[RevokedOriginal]) -> None:
        """Note that *revoked* are gone from `failed_jobs`; if its job has failed again, an original comes again."""
        await self._store.writer.do(_Note(("drop_originals", "originals_removed"), revoked))


@record
class _Note(Act[None]):
    """Note what was done with originals in `failed_jobs`."""

    statements: Sequence[str]
    originals: Sequence[FailedOriginal | RevokedOriginal]

    def apply(self, connection: sqlite3.Connection) -> None:
        # By source and failure: if the job has failed again since, that is another failure, still to be written.
        named = encode([[each.source, to_us(each.failed_at)] for each in self.originals])
        for statement in self.statements:
            connection.execute(STATEMENTS[statement], {"originals": named})
