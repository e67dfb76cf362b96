"""Rows as the daemon leaves them, many at a time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from paranad.clock import to_us
from paranad.store.file import Store
from tests.support.sqlite_file import fill

SECOND = timedelta(seconds=1)
JOB = """
INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,
    started_at, finished_at)
VALUES ('carts:expire', '{}', 'default', 'schedule', 'completed', 3, 60000000, :due, :due, :due, :started, :finished)
"""
SHIPMENT = """
INSERT INTO shipments (order_id, state, reference, courier_id, intended_at, created_at, recorded_at)
SELECT count(*) + 1, 'recorded', 'P' || (count(*) + 1), 'C' || (count(*) + 1), :at, :at, :at FROM shipments
"""


async def complete(store: Store, *jobs: tuple[datetime, float]) -> None:
    """Let jobs have completed, each at an instant and after so many seconds of waiting."""
    rows = [
        {"due": to_us(at - SECOND * (1 + waited_s)), "started": to_us(at - SECOND), "finished": to_us(at)}
        for at, waited_s in jobs
    ]
    await fill(store.path, JOB, rows)


async def ship(store: Store, instants: Iterable[datetime]) -> None:
    """Let an order have been shipped at each of *instants*."""
    await fill(store.path, SHIPMENT, [{"at": to_us(at)} for at in instants])
