"""What a claim of one job costs with few and with many jobs waiting, and with many of a paused task; SQLite's part."""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.past import made, numbered
from paranad.queue.rows import STATEMENTS
from paranad.queue.turn import claim
from paranad.store.file import FILE_NAME

FEW, PAUSED, MANY = 1_000, 1_000_000, 10_000_000
CLAIMS = 200
COUNTER = "jobs_count_new"

_FILL = """
INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at)
SELECT :task, '{}', 'default', 'operator', 'available', 3, 60000000, n, n, n FROM numbers
"""


def fill(folder: Path, waiting: int, paused: int = 0) -> Path:
    """Make a queue.db in which *waiting* jobs wait for a claim, behind *paused* ones of a paused task."""
    asyncio.run(made(folder))
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
        # Counted at once instead of row by row: ten millions take half a minute.
        (counter,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (COUNTER,)).fetchone()
        connection.execute(f"DROP TRIGGER {COUNTER}")
        for task, count in (("paused", paused), ("noop", waiting)):
            connection.execute(numbered(_FILL), {"count": count, "task": task})
        connection.execute("INSERT INTO job_counts SELECT queue, state, count(*) FROM jobs GROUP BY queue, state")
        connection.execute(counter)
        if paused:
            pause = {"task": "paused", "since": 1, "until": None, "reason": None, "by": None}
            connection.execute(STATEMENTS["pause_task"], pause)
            connection.execute(STATEMENTS["set_apart"], {"task": "paused"})
        connection.commit()
        connection.execute("PRAGMA journal_mode = WAL")
    return path


def cost_us(path: Path) -> tuple[float, float]:
    """Return the median microseconds of a claim of one job, by the clock and of CPU; the jobs wait again afterwards."""
    with closing(sqlite3.connect(path, isolation_level="IMMEDIATE", cached_statements=256)) as connection:
        connection.row_factory = sqlite3.Row
        costs = []
        for _ in range(CLAIMS):
            wall, cpu = time.perf_counter(), time.thread_time()
            claim(connection, MANY, "default", 1)
            costs.append((time.perf_counter() - wall, time.thread_time() - cpu))
        connection.rollback()
    wall, cpu = (statistics.median(each) * 1e6 for each in zip(*costs, strict=True))
    return wall, cpu


def measure(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        folder = Path(name)
        files = [fill(folder / "few", FEW), fill(folder / "many", MANY), fill(folder / "paused", FEW, PAUSED)]
        paired = [[cost_us(path) for path in files] for _ in range(rounds)]
    few, many, paused = zip(*paired, strict=True)
    names = (f"{FEW:,} waiting", f"{MANY:,} waiting", f"{FEW:,}, and {PAUSED:,} of a paused task")
    for waiting, costs in zip(names, (few, many, paused), strict=True):
        yield Figure(f"claim with {waiting}", "µs", [wall for wall, _ in costs])
        yield Figure(f"claim with {waiting}: CPU", "µs", [cpu for _, cpu in costs])
    for waiting, costs in zip(names[1:], (many, paused), strict=True):
        ratio = [one[0] / other[0] for one, other in zip(costs, few, strict=True)]
        yield Figure(f"claim, {waiting} ÷ {FEW:,}", "", ratio, "must 2, aim 1.2", "less")
