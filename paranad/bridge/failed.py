"""The shop's `failed_jobs`: what failed for good stands there under its uuid, for Laravel's own commands.

A failed job's row is written again and again until it stands; a row that cannot be decoded is moved there at once.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.bridge.payload import Undecodable
from paranad.bridge.reserve import Row, still_as_seen
from paranad.clock import Clock
from paranad.errors import StateError
from paranad.events import BridgeFailed, BridgeJobGivenBack, Event, Events, JobFailed, JobTookDaemonDown
from paranad.queue.model import FailedOriginal
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

Failed = Callable[[int], Awaitable[Sequence[FailedOriginal]]]
"""Return up to so many originals whose job has failed and that are not given back yet."""
GivenBack = Callable[[Sequence[FailedOriginal]], Awaitable[None]]
"""Note that they are given back."""


@dataclass(frozen=True, slots=True)
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
        "exception": literal(f"paranad cannot decode this payload: {undecodable.reason}"),
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
    """Writes failed jobs of the shop's into its `failed_jobs`; goes on until they stand there."""

    def __init__(self, shop: Shop, clock: Clock, events: Events, *, failed: Failed, given_back: GivenBack) -> None:
        self.shop, self.clock, self.events = shop, clock, events
        self._failed, self._given_back = failed, given_back
        self._wake = asyncio.Event()
        self._trouble: str | None = None

    async def run(self) -> None:
        """Give back what failed while the daemon was away, and then what fails; until cancelled."""
        stop_listening = self.events.listen(self._hear)
        try:
            while True:
                wait_s = await self._pass()
                await self.clock.wait(self._wake, wait_s)
                self._wake.clear()
        finally:
            stop_listening()

    def _hear(self, events: Sequence[Event]) -> None:
        if any(isinstance(event, JobFailed | JobTookDaemonDown) for event in events):
            self._wake.set()

    async def _pass(self) -> float:
        """Give back what there is; return how many seconds to wait."""
        try:
            while failures := await self._failed(AT_ONCE):
                await self._give_back(failures)
        except (ShopUnreachable, StateError):  # told already
            return RETRY_S
        except Exception as error:  # noqa: BLE001 -- the loop's edge: what failed stays noted, and is tried again
            self._tell_trouble(f"failed jobs cannot be given back to the shop: {error}")
            return RETRY_S
        self._trouble = None
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
            await self._given_back(failures)
            return
        await self._given_back(failures)
        self.events.tell(
            *(BridgeJobGivenBack(job_id=each.job_id, uuid=Original.read(each.original).uuid) for each in failures)
        )

    async def _write(self, failures: Sequence[FailedOriginal]) -> None:
        rows = {row["uuid"]: row for row in map(self._row, failures)}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid.in_(list(rows))))
            await connection.execute(insert(failed_jobs), list(rows.values()))

        await self.shop.repeat(work)

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

    def _tell_trouble(self, trouble: str) -> None:
        """Tell of *trouble* once, however often it comes in a row."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.events.tell(BridgeFailed(error=trouble))
