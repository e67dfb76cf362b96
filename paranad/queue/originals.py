"""What the doors were given, kept while its job may fail: a failure is given back where the work came from.

Once the job has failed no longer, or is forgotten, what was given back is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import aiosqlite

from paranad.clock import from_us, to_us
from paranad.queue.model import FailedOriginal, RevokedOriginal
from paranad.queue.rows import STATEMENTS, encode
from paranad.store.file import Store
from paranad.store.writer import Act


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
        await self._store.writer.do(_Note(("give_back_originals",), failures))

    async def revoked(self, limit: int) -> list[RevokedOriginal]:
        """Return up to *limit* originals that may stand where they came from and should not, oldest failure first."""
        rows = await self._store.reader.fetch(STATEMENTS["revoked_originals"], {"limit": limit})
        return [
            RevokedOriginal(source=row["source"], original=row["original"], failed_at=from_us(row["failed_at"]))
            for row in rows
        ]

    async def taken_back(self, revoked: Sequence[RevokedOriginal]) -> None:
        """Note that *revoked* stand nowhere; one whose job has failed again meanwhile is given back again."""
        await self._store.writer.do(_Note(("drop_originals", "take_back_originals"), revoked))


@dataclass(frozen=True, slots=True)
class _Note(Act[None]):
    """Note what was done with originals where they came from."""

    statements: Sequence[str]
    originals: Sequence[FailedOriginal | RevokedOriginal]

    async def apply(self, connection: aiosqlite.Connection) -> None:
        # By source and failure: a job that has failed again since is another failure, and is left to be given back.
        named = encode([[each.source, to_us(each.failed_at)] for each in self.originals])
        for statement in self.statements:
            await connection.execute_fetchall(STATEMENTS[statement], {"originals": named})
