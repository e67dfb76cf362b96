"""The shop's `failed_jobs`: what failed for good stands there under its uuid, for Laravel's own commands.

A failed job's row is written there until it stands, and deleted once the job is retried or forgotten; where rows are
kept, once a retried job has ended. A row of `jobs` that cannot be decoded is moved there at once.
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import ColumnElement, LargeBinary, cast, delete, insert, literal, select

from paranad.bridge.kept import KeptRows
from paranad.bridge.kept_notes import KeptRow
from paranad.bridge.payload import Undecodable
from paranad.bridge.reserve import CurrentRow, JobsRow, as_they_stand, still_as_seen
from paranad.bridge.unreadable import exception_of
from paranad.clock import Clock
from paranad.errors import StateError, first_line_of
from paranad.events.event import Event, Events
from paranad.events.queue import (
    JobCancelled,
    JobCompleted,
    JobFailed,
    JobForgotten,
    JobRetried,
    JobTookDaemonDown,
    QueueFlushed,
)
from paranad.events.shop import BridgeFailed, BridgeJobGivenBack, BridgeRowsLost, BridgeRowTakenBack
from paranad.queue.model import FailedOriginal, RevokedOriginal
from paranad.queue.originals import Originals
from paranad.record import record
from paranad.said import Said
from paranad.shop.columns import WallClock
from paranad.shop.connections import AsyncConnection
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
HEARD = (JobRetried, JobCompleted, JobCancelled, JobFailed, JobTookDaemonDown, JobForgotten, QueueFlushed)


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


def uuid_of(row: JobsRow, named: str | None) -> str:
    """Return the uuid that the payload *named*; for a payload without a uuid, make one, the same every time."""
    return named or str(uuid.uuid5(UUIDS, f"{row.id}:{row.head!r}"))


def uuid_beside(named: str, payload: str | bytes) -> str:
    """Return a uuid for *payload* if another payload stands in `failed_jobs` under the uuid that both name."""
    text = payload.decode(errors="backslashreplace") if isinstance(payload, bytes) else payload
    return str(uuid.uuid5(UUIDS, f"{named}:{text}"))


async def move(shop: Shop, row: JobsRow, undecodable: Undecodable) -> str | None:
    """Move *row* to the shop's `failed_jobs`, payload as it came; return its uuid there.

    None: the row is no longer as it was seen, and stays. A row of `failed_jobs` with the same uuid and another payload
    stays, too.
    """
    named = uuid_of(row, undecodable.uuid)
    values = {
        "connection": literal(CONNECTION),
        "queue": jobs.c.queue,
        "payload": jobs.c.payload,
        "exception": literal(exception_of(undecodable.reason)),
        "failed_at": literal(shop.now(), WallClock()),
    }
    this = jobs.c.id == row.id
    payload = select(_as_bytes(jobs.c.payload)).where(this).scalar_subquery()
    beside = uuid_beside(named, row.payload or b"%d %b" % (row.id, row.head))

    async def work(connection: AsyncConnection) -> str | None:
        if not await still_as_seen(connection, {row.id: row.seen.reserved_at}):
            return None
        uuid = beside if await _is_taken(connection, named, payload) else named
        columns = {"uuid": literal(uuid), **values}
        await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid == uuid))
        await connection.execute(insert(failed_jobs).from_select(list(columns), select(*columns.values()).where(this)))
        await connection.execute(delete(jobs).where(this))
        return uuid

    return await shop.in_transaction(work)


async def _is_taken(connection: AsyncConnection, uuid: str, payload: ColumnElement[Any]) -> bool:
    """Tell whether a row of `failed_jobs` has *uuid* and another payload; the case of letters counts."""
    other = failed_jobs.c.uuid == uuid, _as_bytes(failed_jobs.c.payload) != payload
    return (await connection.execute(select(failed_jobs.c.id).where(*other))).first() is not None


def _as_bytes(payload: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return *payload* for an exact comparison: a server's collation ignores the case of letters and accents."""
    return cast(payload, LargeBinary)


def _literal(payload: str) -> ColumnElement[Any]:
    return literal(payload.encode(), LargeBinary)


class FailedRows:
    """Writes the failed jobs that came from the shop into its `failed_jobs`, and deletes them there."""

    def __init__(self, shop: Shop, clock: Clock, events: Events, originals: Originals, kept: KeptRows) -> None:
        self.shop, self.clock, self.events, self.kept = shop, clock, events, kept
        self.originals = originals
        """The queue's own knowledge of what stands in `failed_jobs`, and of what is to stand there."""
        self.trouble: Said | None = None
        """Why rows cannot be written or deleted just now; None: they can, or there are none."""
        self._retried = set[int]()
        """Jobs that were retried and have not ended since."""
        self._wake = asyncio.Event()
        self._told: Said | None = None

    async def run(self) -> None:
        """Write and delete what became due while the daemon was away, and then what comes; until cancelled."""
        stop_listening = self.events.listen(self._hear, HEARD)
        try:
            while True:
                wait_s = await self.catch_up()
                await self.clock.wait(self._wake, wait_s)
                self._wake.clear()
        finally:
            stop_listening()

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case JobRetried(job_id=job_id):
                    self._retried.add(job_id)
                    self._wake.set()
                case JobCompleted(job_id=job_id) | JobCancelled(job_id=job_id) if job_id in self._retried:
                    self._retried.discard(job_id)
                    self._wake.set()
                case JobFailed() | JobTookDaemonDown() | JobForgotten() | QueueFlushed():
                    self._wake.set()
                case _:
                    pass

    async def catch_up(self) -> float:
        """Write and delete what is due now; return how many seconds to wait. No error leaves it: each is told."""
        try:
            while failures := await self.originals.failed(AT_ONCE):
                async with self.kept.one_at_a_time:
                    await self._write(failures, await self.kept.of_failed(failures))
            # Where rows are kept, a retried job has its row here until it has ended: it lives on no machine alone.
            while revoked := await self.originals.revoked(AT_ONCE, ended=self.kept.keeps):
                await self._withdraw(revoked)
        except StateError:  # told already
            return RETRY_S
        except ShopUnreachable as error:  # told already, by the shop
            self.trouble = error.said
            return RETRY_S
        except Exception as error:  # noqa: BLE001 -- the loop's edge: what is due stays noted, and is tried again
            self._tell_trouble(error)
            return RETRY_S
        self.trouble = self._told = None
        return IDLE_S

    async def _write(self, failures: Sequence[FailedOriginal], rows: Mapping[str, KeptRow]) -> None:
        """Write *failures*, and delete their *rows* of `jobs`, by source, that are kept and still ours."""
        try:
            uuids, lost = await self._insert(failures, rows)
        except ShopBadRow as error:
            # One bad row fails the whole statement: written one by one, only the bad row is left out.
            if len(failures) > 1:
                for failure in failures:
                    await self._write([failure], rows)
                return
            self.events.tell(BridgeFailed(error=f"job {failures[0].job_id} cannot stand in failed_jobs: {error}"))
            await self.originals.written(failures)
            return
        gone = [rows[each.source].row_id for each in failures if each.source in rows]
        # The rows first: a failure that is not noted as written is written again, over itself.
        await self.kept.forget(gone, come_again=[rows[source].row_id for source in lost])
        await self.originals.written(failures)
        back = [each for each in failures if each.source not in lost]
        self.events.tell(*(BridgeJobGivenBack(job_id=each.job_id, uuid=uuids[each.source]) for each in back))
        if lost:
            self.events.tell(BridgeRowsLost(rows=len(lost), jobs=len(lost)))

    async def _insert(
        self, failures: Sequence[FailedOriginal], kept: Mapping[str, KeptRow]
    ) -> tuple[dict[str, str], frozenset[str]]:
        """Insert *failures*, and delete the rows that are *kept* of them.

        Returns:
            By source each one's uuid there, its own unless another payload has that one; and the sources of those that
            are not inserted, since someone else has their row, or has done it.
        """
        ours = [kept[each.source] for each in failures if each.source in kept]

        async def work(connection: AsyncConnection) -> tuple[dict[str, str], frozenset[str]]:
            there = await as_they_stand(connection, [row.row_id for row in ours]) if ours else {}
            rows = dict[str, dict[str, Any]]()
            uuids, lost = dict[str, str](), set[str]()
            for failure in failures:
                row, held = self._row(failure), kept.get(failure.source)
                uuid, payload = row["uuid"], row["payload"]
                if held and await self._is_lost(connection, held, there.get(held.row_id), row):
                    lost.add(failure.source)
                    continue
                met = uuid in rows and rows[uuid]["payload"] != payload
                if met or await _is_taken(connection, uuid, _literal(payload)):
                    uuid = row["uuid"] = uuid_beside(uuid, payload)
                rows[uuid], uuids[failure.source] = row, uuid
            if rows:
                await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid.in_(list(rows))))
                await connection.execute(insert(failed_jobs), list(rows.values()))
            if done := [row.row_id for row in ours if row.source not in lost]:
                await connection.execute(delete(jobs).where(jobs.c.id.in_(done)))
            return uuids, frozenset(lost)

        return await self.shop.in_transaction(work)

    async def _is_lost(
        self, connection: AsyncConnection, kept: KeptRow, stands: CurrentRow | None, row: Mapping[str, Any]
    ) -> bool:
        """Tell whether a *kept* row is no longer ours, by what *stands* there; *row* is what would be inserted."""
        if stands is not None or kept.taken:
            return kept.taken or stands is None or not kept.is_ours(stands)
        # It is gone: by our own transaction, if what it inserted stands there, else by someone else.
        uuid, payload = row["uuid"], row["payload"]
        inserted = failed_jobs.c.uuid.in_([uuid, uuid_beside(uuid, payload)])
        as_we_do = inserted, _as_bytes(failed_jobs.c.payload) == _literal(payload)
        return (await connection.execute(select(failed_jobs.c.id).where(*as_we_do))).first() is None

    async def _withdraw(self, revoked: Sequence[RevokedOriginal]) -> None:
        gone = await self.shop.in_transaction(partial(self._delete, revoked))
        await self.originals.removed(revoked)
        self.events.tell(*(BridgeRowTakenBack(uuid=uuid) for uuid in gone))

    async def _delete(self, revoked: Sequence[RevokedOriginal], connection: AsyncConnection) -> list[str]:
        """Delete the rows that still are as they were written; return their uuids."""
        gone, column = list[str](), failed_jobs.c
        for each in revoked:
            original, failed_at = Original.read(each.original), self.shop.wall(each.failed_at)
            for named in (original.uuid, uuid_beside(original.uuid, original.payload)):
                as_written = column.uuid == named, _as_bytes(column.payload) == _literal(original.payload)
                # A later row of the same uuid is another failure of this work, by a PHP worker: it stays.
                deleted = await connection.execute(
                    delete(failed_jobs).where(*as_written, column.failed_at <= failed_at)
                )
                gone += [named] if deleted.rowcount else []
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
        self.trouble = first_line_of(error)
        if self.trouble != self._told:
            self._told = self.trouble
            self.events.tell(BridgeFailed(error=f"failed jobs cannot be given back to the shop: {self.trouble}"))
