"""Rows as the daemon leaves them, many at a time."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta

from paranad.clock import to_us
from paranad.store.file import Store

SECOND = timedelta(seconds=1)
JOB = """
INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,
    started_at, finished_at)
VALUES ('carts:expire', '{}', 'default', 'schedule', 'completed', 3, 60000000, :due, :due, :due, :started, :finished)
"""
SHIPMENT = """
INSERT INTO shipments (order_id, state, reference, courier_id, intended_at, created_at, recorded_at)
VALUES (:order, 'recorded', 'P' || :order, 'C' || :order, :at, :at, :at)
"""


def complete(store: Store, *jobs: tuple[datetime, float]) -> None:
    """Let jobs have completed, each at an instant and after so many seconds of waiting."""
    rows = [
        {"due": to_us(at - SECOND * (1 + waited_s)), "started": to_us(at - SECOND), "finished": to_us(at)}
        for at, waited_s in jobs
    ]
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.executemany(JOB, rows)


def ship(store: Store, instants: Iterable[datetime]) -> None:
    """Let an order have been shipped at each of *instants*."""
    with closing(sqlite3.connect(store.path)) as connection, connection:
        first = connection.execute("SELECT coalesce(max(order_id), 0) + 1 FROM shipments").fetchone()[0]
        connection.executemany(SHIPMENT, [{"order": first + n, "at": to_us(at)} for n, at in enumerate(instants)])
