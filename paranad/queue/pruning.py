"""Deletes finished jobs past their retention, and deliveries too old to come again, a bounded batch a commit."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from paranad.clock import Clock, to_us
from paranad.errors import StateError
from paranad.events.event import Events
from paranad.events.queue import QueuePruned
from paranad.queue.model import State
from paranad.queue.rows import STATEMENTS
from paranad.record import record
from paranad.store.file import Store
from paranad.store.writer import Act

BATCH = 500
EVERY_S = 300.0
INTAKE_KEPT = timedelta(days=30)


@record
class Retention:
    """How long finished jobs are kept."""

    completed: timedelta
    """Completed and cancelled ones, and failed ones born of the schedule."""
    failed: timedelta | None
    """None: until the operator retries or forgets them."""


@record
class _Batch(Act[int]):
    """Delete up to BATCH rows; answer how many."""

    statement: str
    parameters: dict[str, object]

    def apply(self, connection: sqlite3.Connection) -> int:
        return len(connection.execute(STATEMENTS[self.statement], self.parameters).fetchall())


class Pruning:
    """Prunes every five minutes. `retention` may be replaced at any time."""

    def __init__(self, store: Store, clock: Clock, events: Events, retention: Retention) -> None:
        self.retention = retention
        self._store = store
        self._clock = clock
        self._events = events

    async def run(self) -> None:
        """Prune now and then, until cancelled."""
        while True:
            with suppress(StateError):  # The writer has told; the next round tries again.
                await self.prune()
            await self._clock.sleep(EVERY_S)

    async def prune(self) -> int:
        """Delete jobs and deliveries past their retention; return how many jobs."""
        jobs = 0
        for batch in self._batches():
            deleted = await self._whole(batch)
            jobs += 0 if batch.statement == "prune_intake" else deleted
        if jobs:
            self._events.tell(QueuePruned(deleted=jobs))
        return jobs

    async def _whole(self, batch: _Batch) -> int:
        deleted = in_batch = await self._store.writer.do(batch)
        while in_batch == BATCH:  # a commit each, so that jobs go on in between
            in_batch = await self._store.writer.do(batch)
            deleted += in_batch
        return deleted

    def _batches(self) -> Iterator[_Batch]:
        completed, failed = self._before(self.retention.completed), self.retention.failed
        for state in (State.COMPLETED, State.CANCELLED):
            yield _Batch("prune", {"state": state.value, "before": completed, "limit": BATCH})
        yield _Batch("prune_failed", {"before": completed, "of_schedule": 1, "limit": BATCH})
        if failed is not None:
            yield _Batch("prune_failed", {"before": self._before(failed), "of_schedule": 0, "limit": BATCH})
        yield _Batch("prune_intake", {"before": self._before(INTAKE_KEPT), "limit": BATCH})

    def _before(self, kept: timedelta) -> int:
        return to_us(self._clock.now() - kept)
