"""Two weeks of a daemon's life, written into its queue.db before it starts."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from paranad.clock import SystemClock
from paranad.courier.errors import NOT_SENT
from paranad.events.event import Events
from paranad.queue.attempt import TIMED_OUT
from paranad.said import Said
from paranad.shipments.send import REFUSED
from paranad.shop.errors import UNREACHABLE
from paranad.store.file import FILE_NAME, open_store
from tests.browser.shop import BIDI, ENDLESS, MARKUP, Orders

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JOB = (
    "INSERT INTO jobs (task, args, queue, origin, state, tries, tries_spent, timeout_us, due_at, created_at,"
    " enqueued_at, started_at, finished_at, attempt, snoozes, result, error, why)"
    " VALUES (:task, :args, :queue, :origin, :state, :tries, :spent, 60000000, :due, :created,"
    " :created, :started, :finished, :attempt, :snoozes, :result, :error, :why)"
)
ATTEMPT = (
    "INSERT INTO attempts (job_id, number, started_at, finished_at, outcome, counted, error, traceback, why)"
    " VALUES (:job, :number, :started, :finished, :outcome, :counted, :error, :traceback, :why)"
)
RUN = (
    "INSERT INTO schedule_runs (entry, occurrence, keyed, outcome, reason, job_id, why)"
    " VALUES (:entry, :at, 1, :outcome, :reason, :job, NULL)"
)
FAILURE = (
    "INSERT INTO failures_by_quarter (quarter, failures) VALUES (:finished / 900000000, 1)"
    " ON CONFLICT (quarter) DO UPDATE SET failures = failures + 1"
)
SHIPMENT = (
    "INSERT INTO shipments (order_id, state, reference, courier_id, intended_at, created_at, recorded_at)"
    " VALUES (:order, 'recorded', :reference, :courier, :at, :at, :at)"
)
SENT = (
    "INSERT INTO shipment_attempts (order_id, number, phone, price, sent_at, answered_at, outcome)"
    " VALUES (:order, 1, '+9647700000001', 25000, :at, :at, 'created')"
)
REFUSED_THERE = "[Errno 111] Connection refused"
TRACEBACK = """Traceback (most recent call last):
  File "/opt/paranad/lib/python3.11/site-packages/paranad/tasks/carts.py", line 61, in run
    await self.shop.archive(cart, with_all_its_items_and_whatever_else_a_line_may_be_long_of)
  File "/opt/paranad/lib/python3.11/site-packages/paranad/shop/database.py", line 118, in archive
    raise ValueError(f"cart {cart} holds {MARKUP}")
ValueError: cart 77 holds <img src=x onerror="alert(1)">
"""


@dataclass
class Past:
    """The jobs that tests look for."""

    failed: list[int]
    waiting: list[int]


def micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


async def write_past(state_dir: Path, orders: Orders) -> Past:
    """Make queue.db in *state_dir*, with finished jobs, runs and shipments of 14 days."""
    clock = SystemClock()
    async with open_store(state_dir, durability="normal", clock=clock, events=Events()):
        pass
    with closing(sqlite3.connect(state_dir / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE migrations SET applied_at = applied_at - ?", [15 * 86_400_000_000])
        past = _Writer(connection, clock.now().astimezone(UTC))
        past.finished()
        past.shipments(orders.courier_ids)
        return Past(past.failed(orders.without_phone[0]), past.waiting())


class _Writer:
    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self.connection, self.now = connection, now

    def job(
        self,
        task: str,
        state: str,
        age: timedelta,
        *,
        args: Any = None,
        wait: timedelta = timedelta(milliseconds=40),
        lasted: timedelta = timedelta(milliseconds=300),
        outcomes: Sequence[str] = ("completed",),
        error: Said | str | None = None,
        traceback: str | None = None,
        **values: Any,
    ) -> int:
        created = self.now - age
        is_over = state in {"completed", "failed", "cancelled"}
        started = created + wait if outcomes else None
        why = json.dumps(error.document()) if isinstance(error, Said) and error.code else None
        row = {
            "task": task,
            "args": json.dumps(args or {}),
            "queue": "high" if task == "alwaseet:create-shipment" else "default",
            "origin": "schedule",
            "state": state,
            "tries": 3,
            "spent": min(3, sum(each in {"failed", "timed_out"} for each in outcomes)),
            "due": micros(created),
            "created": micros(created),
            "started": started and micros(started),
            "finished": micros(created + wait + lasted) if is_over else None,
            "attempt": len(outcomes),
            "snoozes": sum(each == "snoozed" for each in outcomes),
            "result": json.dumps({"looked_at": 12, "changed": 3}) if state == "completed" else None,
            "error": error and str(error),
            "why": why,
            **values,
        }
        job_id = self.connection.execute(JOB, row).lastrowid
        if state == "failed":
            self.connection.execute(FAILURE, row)
        for number, outcome in enumerate(outcomes, 1):
            self._attempt(job_id or 0, number, len(outcomes), row, outcome, traceback)
        return job_id or 0

    def _attempt(self, job: int, number: int, of: int, row: Any, outcome: str, traceback: str | None) -> None:
        end = row["finished"] or row["started"] + 200_000
        ended_badly = outcome != "completed"
        values = {
            "job": job,
            "number": number,
            "started": end - 300_000 - (of - number) * 60_000_000,
            "finished": end - (of - number) * 60_000_000,
            "outcome": outcome,
            "counted": outcome in {"failed", "timed_out"},
            "error": row["error"] if ended_badly else None,
            "why": row["why"] if ended_badly else None,
            "traceback": traceback if outcome == "failed" else None,
        }
        self.connection.execute(ATTEMPT, values)

    def run(self, entry: str, at: datetime, job: int | None, reason: str | None = None) -> None:
        at = at.replace(second=0, microsecond=0)
        outcome = "enqueued" if job else "skipped"
        row = {"entry": entry, "at": micros(at), "outcome": outcome, "reason": reason, "job": job}
        self.connection.execute(RUN, row)

    def finished(self) -> None:
        """Two entries each hour; now and then one is slow, fails, or is skipped."""
        for hour in range(14 * 24, 0, -1):
            age, slow = hour * HOUR, timedelta(seconds=hour * 7 % 40)
            for entry, every in (("promotions:expire", 1), ("orders:delete-old-trashed", 24), ("carts:expire", 2)):
                if hour % every:
                    continue
                if entry == "carts:expire" and hour % 26 == 0:
                    self.run(entry, self.now - age, None, "its last job is unfinished")
                    continue
                failing = hour % 45 == 0
                outcome = ("failed",) * 3 if failing else ("completed",)
                job = self.job(
                    entry,
                    "failed" if failing else "completed",
                    age,
                    wait=slow if hour % 5 == 0 else timedelta(milliseconds=20 + hour % 90),
                    outcomes=outcome,
                    error=UNREACHABLE(reason=REFUSED_THERE) if failing else None,
                )
                self.run(entry, self.now - age, job)

    def shipments(self, orders: Mapping[int, str]) -> None:
        for number, (order, courier_id) in enumerate(orders.items()):
            at = micros(self.now - 11 * HOUR * (len(orders) - number))
            row = {"order": order, "reference": f"P{order}-AB{order:02}", "courier": courier_id, "at": at}
            self.connection.execute(SHIPMENT, row)
            self.connection.execute(SENT, row)
            self.connection.execute("INSERT INTO shipment_ids VALUES (:courier, :order)", row)
            age = 11 * HOUR * (len(orders) - number)
            self.job("alwaseet:create-shipment", "completed", age, args={"order_id": order}, origin="shop")

    def failed(self, order: int) -> list[int]:
        """Failed for good, each for another cause; some were asked for by a person, so that they last."""
        refused = REFUSED(order=order, reason="the courier refused it: رقم هاتف الزبون غير صحيح")
        create = "alwaseet:create-shipment"
        again = ("failed",) * 3
        by_hand: dict[str, Any] = {"origin": "operator"}
        return [
            self.job(create, "failed", 26 * HOUR, args={"order_id": order}, error=refused, outcomes=("failed",)),
            self.job(
                "carts:archive-expired",
                "failed",
                5 * HOUR,
                error=f"ValueError: cart 77 holds {MARKUP}",
                traceback=TRACEBACK,
                outcomes=again,
                **by_hand,
            ),
            self.job(
                "alwaseet:sync-orders",
                "failed",
                3 * HOUR,
                args={"status_id": "4"},
                error=TIMED_OUT(seconds=300),
                outcomes=("timed_out",) * 2,
                **by_hand,
            ),
            self.job("fcm:cleanup", "failed", 2 * DAY, args={"days": 30}, error=BIDI, outcomes=again, **by_hand),
            self.job("promotions:expire", "failed", 9 * DAY, error=ENDLESS, outcomes=again, **by_hand),
        ]

    def waiting(self) -> list[int]:
        """Put off, backing off after a failure, and waiting for an outage to end."""
        later = micros(self.now + 3 * HOUR)
        broken = NOT_SENT(detail=REFUSED_THERE)
        return [
            self.job("fcm:cleanup", "scheduled", MINUTE, args={"days": 60}, origin="operator", outcomes=(), due=later),
            self.job(
                "alwaseet:notify-status",
                "retryable",
                2 * MINUTE,
                args={"shipment_id": 3, "old_status_id": "1", "new_status_id": "4"},
                origin="shop",
                error="KeyError: 'user'",
                outcomes=("failed",),
                due=later,
            ),
            self.job(
                "alwaseet:sync-orders",
                "scheduled",
                20 * MINUTE,
                args={"status_id": "7"},
                origin="operator",
                error=broken,
                outcomes=("snoozed",) * 4,
                due=later,
            ),
        ]
