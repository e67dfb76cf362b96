"""The shop's `failed_jobs`: what failed for good stands there under its uuid, for Laravel's own commands.

A failed job's row is written again and again until it stands, and taken back once the job is retried or forgotten; a
row that cannot be decoded is moved there at once.
"""

import asyncio
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import orjson
from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.bridge.payload import Undecodable
from paranad.bridge.reserve import Row, still_as_seen
from paranad.bridge.unreadable import UNREADABLE
from paranad.clock import Clock
from paranad.errors import ParanadError, StateError
from paranad.events import (
    BridgeFailed,
    BridgeJobGivenBack,
    BridgeRowTakenBack,
    Event,
    Events,
    JobFailed,
    JobForgotten,
    JobRetried,
    JobTookDaemonDown,
    QueueFlushed,
)
from paranad.queue.model import FailedOriginal, RevokedOriginal
from paranad.record import record
from paranad.shop.columns import WallClock
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow, ShopUnreachable
from paranad.shop.tables import failed_jobs, jobs

CONNECTION = "database"
"""The name of Laravel's queue connection that reads `jobs`."""
AT_ONCE = 100
RETRY_S = 5.0
IDLE_S = 300.0
UUIDS = uuid.UUID("4f1c3f6e-6a0f-4d0c-9d5b-1f0d6c9d8e21")
"""The namespace of uuids for rows whose payload names none."""

WAKING = JobFailed | JobTookDaemonDown | JobRetried | JobForgotten | QueueFlushed
"""Events after which there may be something to give or to take back."""


class Originals(Protocol):
    """The queue's own knowledge of what stands in `failed_jobs`, and of what is to."""

    async def failed(self, limit: int, /) -> Sequence[FailedOriginal]:
        """Return up to *limit* originals whose job has failed and that are not given back yet."""
        ...

    async def given_back(self, failures: Sequence[FailedOriginal], /) -> None:
        """Note that they stand there."""
        ...

    async def revoked(self, limit: int, /) -> Sequence[RevokedOriginal]:
        """Return up to *limit* originals that may stand there and should not: their job is retried or forgotten."""
        ...

    async def taken_back(self, revoked: Sequence[RevokedOriginal], /) -> None:
        """Note that they stand there no more."""
        ...


@record
class Original:
    """A row as the shop wrote it, kept with its job."""

    uuid: str
    queue: str
    payload: str

    def as_text(self) -> str:
        return orjson.dumps([self.uuid, self.queue, self.payload]).decode()

    @classmethod
    def read(cls, text: str) -> "Original":
        return cls(*orjson.loads(text))


def uuid_of(row: Row, named: str | None) -> str:
    """Return the uuid that the payload *named*; for a payload without one always the same of our own."""
    return named or str(uuid.uuid5(UUIDS, f"{row.id}:{row.head!r}"))


async def move(shop: Shop, row: Row, undecodable: Undecodable) -> bool:
    """Move *row* to the shop's `failed_jobs`, payload as it came; tell whether it still was as it was seen."""
    values = {
        "uuid": literal(uuid_of(row, undecodable.uuid)),
        "connection": literal(CONNECTION),
        "queue": jobs.c.queue,
        "payload": jobs.c.payload,
        "exception": literal(f"{UNREADABLE}{undecodable.reason}"),
        "failed_at": literal(shop.now(), WallClock()),
    }
    this = jobs.c.id == row.id
    copy = insert(failed_jobs).from_select(list(values), select(*values.values()).where(this))

    async def work(connection: AsyncConnection) -> bool:
        if not await still_as_seen(connection, {row.id: row.seen.reserved_at}):
            return False
        await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid == values["uuid"]))
        await connection.execute(copy)
        await connection.execute(delete(jobs).where(this))
        return True

    return await shop.repeat(work)


class GivingBack:
    """Writes failed jobs of the shop's into its `failed_jobs`, and deletes them there; goes on until it is done."""

    def __init__(self, shop: Shop, clock: Clock, events: Events, originals: Originals) -> None:
        self.shop, self.clock, self.events = shop, clock, events
        self.trouble: str | None = None
        """Why what failed cannot be given or taken back just now; None: it can, or there is nothing."""
        self._originals = originals
        self._wake = asyncio.Event()
        self._told: str | None = None

    async def run(self) -> None:
        """Give and take back what is due since the daemon was away, and then what comes; until cancelled."""
        stop_listening = self.events.listen(self._hear)
        try:
            while True:
                wait_s = await self._pass()
                await self.clock.wait(self._wake, wait_s)
                self._wake.clear()
        finally:
            stop_listening()

    def _hear(self, events: Sequence[Event]) -> None:
        if any(isinstance(event, WAKING) for event in events):
            self._wake.set()

    async def _pass(self) -> float:
        """Give and take back what there is; return how many seconds to wait."""
        try:
            while failures := await self._originals.failed(AT_ONCE):
                await self._give_back(failures)
            while revoked := await self._originals.revoked(AT_ONCE):
                await self._take_back(revoked)
        except StateError:  # told already
            return RETRY_S
        except ShopUnreachable as error:  # told already, by the shop
            self.trouble = str(error)
            return RETRY_S
        except Exception as error:  # noqa: BLE001 -- the loop's edge: what is due stays noted, and is tried again
            self._tell_trouble(error)
            return RETRY_S
        self.trouble = self._told = None
        return IDLE_S

    async def _give_back(self, failures: Sequence[FailedOriginal]) -> None:
        try:
            await self._write(failures)
        except ShopBadRow as error:
            if len(failures) > 1:
                for failure in failures:
                    await self._give_back([failure])
                return
            self.events.tell(BridgeFailed(error=f"job {failures[0].job_id} cannot stand in failed_jobs: {error}"))
            await self._originals.given_back(failures)
            return
        await self._originals.given_back(failures)
        self.events.tell(
            *(BridgeJobGivenBack(job_id=each.job_id, uuid=Original.read(each.original).uuid) for each in failures)
        )

    async def _write(self, failures: Sequence[FailedOriginal]) -> None:
        rows = {row["uuid"]: row for row in map(self._row, failures)}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid.in_(list(rows))))
            await connection.execute(insert(failed_jobs), list(rows.values()))

        await self.shop.repeat(work)

    async def _take_back(self, revoked: Sequence[RevokedOriginal]) -> None:
        gone = await self.shop.repeat(partial(self._delete, revoked))
        await self._originals.taken_back(revoked)
        self.events.tell(*(BridgeRowTakenBack(uuid=uuid) for uuid in gone))

    async def _delete(self, revoked: Sequence[RevokedOriginal], connection: AsyncConnection) -> list[str]:
        """Delete the rows that still are as they were written; return their uuids."""
        gone, column = list[str](), failed_jobs.c
        for each in revoked:
            original, failed_at = Original.read(each.original), self.shop.wall(each.failed_at)
            as_written = column.uuid == original.uuid, column.payload == original.payload
            # A later failure is somebody else's, of the same work.
            deleted = await connection.execute(delete(failed_jobs).where(*as_written, column.failed_at <= failed_at))
            gone += [original.uuid] if deleted.rowcount else []
        return gone

    def _row(self, failure: FailedOriginal) -> dict[str, Any]:
        original = Original.read(failure.original)
        return {
            "uuid": original.uuid,
            "connection": CONNECTION,
            "queue": original.queue,
            "payload": original.payload,
            "exception": "\n\n".join(filter(None, (failure.error, failure.traceback))),
            "failed_at": self.shop.wall(failure.failed_at),
        }

    def _tell_trouble(self, error: Exception) -> None:
        """Tell of *error* once, however often it comes in a row."""
        first_line = str(error).partition("\n")[0]
        self.trouble = first_line if isinstance(error, ParanadError) else f"{type(error).__name__}: {first_line}"
        if self.trouble != self._told:
            self._told = self.trouble
            self.events.tell(BridgeFailed(error=f"failed jobs cannot be given back to the shop: {self.trouble}"))
