"""What a claim of one job costs with few and with many jobs waiting, and with many of a paused task."""

import asyncio
import statistics
import time
from pathlib import Path

from paranad.clock import SystemClock
from paranad.events.event import Events
from paranad.queue.rows import STATEMENTS
from paranad.store.file import open_store

FEW, MANY = 1_000, 1_000_000
CLAIMS = 200

_FILL = """
INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
SELECT :task, '{}', 'default', 'operator', 'available', 3, 60000000, n, n, n FROM numbers
WHERE n <= :count
"""


async def _cost_us(folder: Path, waiting: int, paused: int) -> float:
    async with open_store(folder, durability="normal", clock=SystemClock(), events=Events()) as store:
        connection = store.writer._connection  # noqa: SLF001 -- the statement alone is measured, not the writer
        await connection.execute_fetchall(_FILL, {"count": paused, "task": "paused"})
        for statement in ("pause_task", "set_apart"):
            await connection.execute_fetchall(STATEMENTS[statement], {"task": "paused"})
        await connection.execute_fetchall(_FILL, {"count": waiting, "task": "noop"})
        await connection.commit()
        costs = []
        for _ in range(CLAIMS):
            started = time.perf_counter()
            await connection.execute_fetchall(STATEMENTS["claim"], {"now": 1, "queue": "default", "limit": 1})
            costs.append(time.perf_counter() - started)
        await connection.rollback()
    return statistics.median(costs) * 1_000_000


def cost_us(folder: Path, waiting: int, paused: int = 0) -> float:
    """Return the median microseconds of a claim of one job, the hop to SQLite's thread included.

    *waiting* jobs wait for a claim, and *paused* ones of a paused task stand before them.
    """
    return asyncio.run(_cost_us(folder, waiting, paused))
