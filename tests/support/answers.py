"""The control API's answers as a test wants them: everything plausible, only what matters said."""

from datetime import datetime, timedelta
from typing import Any

from paranad.control import (
    schemas,
    schemas_acts,
    schemas_orders,
    schemas_schedule,
    schemas_shipments,
    schemas_standby,
    schemas_status,
)
from paranad.said import Said
from paranad.shop.errors import UNREACHABLE
from paranad.tasks.task import Tally

AT = datetime.fromisoformat("2026-03-02T12:00:00+03:00")
WAITS = UNREACHABLE(reason="locked")


def job(job_id: int = 4812, state: str = "available", **more: Any) -> schemas.Job:
    """Return a job; *more* says what is special about it."""
    ended = state in {"completed", "failed", "cancelled"}
    plain = {
        "id": job_id,
        "task": "carts:expire",
        "args": {},
        "queue": "default",
        "origin": "operator",
        "state": state,
        "tries": 3,
        "tries_spent": 0,
        "due_at": AT,
        "created_at": AT,
        "started_at": AT if ended or state == "running" else None,
        "finished_at": AT if ended else None,
        "unique_key": None,
        "result": None,
        "error": None,
        "attempts": [],
    }
    return schemas.Job.model_validate(plain | more)


def failed(job_id: int = 4812, error: Said | str = "the thing broke", **more: Any) -> schemas.Job:
    """Return a failed job."""
    return job(job_id, "failed", error=str(error), why=schemas.remark_of(error), tries_spent=3, **more)


def completed(job_id: int = 4812, result: Any = None, **more: Any) -> schemas.Job:
    """Return a completed job."""
    return job(job_id, "completed", result=result, **more)


def attempt(**more: Any) -> dict[str, Any]:
    """Return an attempt that failed."""
    plain = {
        "number": 1,
        "started_at": AT,
        "finished_at": AT,
        "outcome": "failed",
        "counted": True,
        "error": "the thing broke",
        "traceback": None,
    }
    return plain | more


def tally(looked_at: int = 0, changed: int = 0, failed: Any = (), skipped: Any = (), **more: Any) -> dict[str, Any]:
    """Return a task's result; *failed* and *skipped* are (what, reason) pairs."""
    told = Tally(looked_at, changed)
    for what, reason in skipped:
        told.skip(what, reason)
    for what, reason in failed:
        told.fail(what, reason)
    return {name: value for name, value in told.as_json(**more).items() if name != "rows" or "rows" in more}


def entry(name: str = "carts:expire", **more: Any) -> schemas_schedule.Entry:
    """Return a schedule entry that was due at AT."""
    plain = {
        "name": name,
        "task": name,
        "cron": "* * * * *",
        "cron_words": "Every minute",
        "timezone": "Asia/Baghdad",
        "enabled": True,
        "off": None,
        "paused": False,
        "last": {"occurrence": AT, "outcome": "enqueued", "reason": None, "job_id": 4811},
        "last_job_state": "completed",
        "next": AT,
    }
    return schemas_schedule.Entry.model_validate(plain | more)


def task(name: str = "carts:expire", **more: Any) -> schemas_acts.Task:
    """Return a task without arguments that its own entry runs."""
    plain = {
        "name": name,
        "summary": "release expired carts: guests' and empty ones",
        "command": None,
        "args": [],
        "tries": 3,
        "timeout_s": 60.0,
        "queue": "default",
        "one_per": "task",
        "schedule": [name],
        "paused": False,
        "due": 0,
    }
    return schemas_acts.Task.model_validate(plain | more)


def tasks(*more: schemas_acts.Task) -> schemas.Items[schemas_acts.Task]:
    """Return the list of tasks."""
    return schemas.Items(items=[task(), *more])


def sent(**more: Any) -> dict[str, Any]:
    """Return a create-order request that stayed without an answer."""
    plain = {
        "number": 1,
        "sent_at": AT,
        "answered_at": None,
        "outcome": "unclear",
        "detail": "no answer in 30 s",
        "why": None,
    }
    return plain | {"phone": "…123", "price": 25000} | more


def shipment(order_id: int = 318, state: str = "held", **more: Any) -> schemas_shipments.Shipment:
    """Return a shipment."""
    plain = {
        "order_id": order_id,
        "state": state,
        "reference": f"PN{order_id}",
        "courier_id": None,
        "reason": "two courier orders have its phone and price",
        "why": None,
        "unconfirmed": False,
        "attempts": [sent()],
        "suspicions": [],
        "absences": 0,
        "next_look_at": None,
        "look": None,
        "intended_at": AT,
        "created_at": None,
        "recorded_at": None,
    }
    return schemas_shipments.Shipment.model_validate(plain | more)


def unshipped(order_id: int = 318, standing: str = "waiting", **more: Any) -> schemas_orders.UnshippedOrder:
    """Return an order that has no shipment."""
    plain = {"order_id": order_id, "created_at": AT, "standing": standing, "until": None, "job_id": 4812}
    return schemas_orders.UnshippedOrder.model_validate(
        plain | {"reason": WAITS.text, "why": schemas.remark_of(WAITS)} | more
    )


def found_order(order_id: int = 318, **more: Any) -> schemas_orders.FoundOrder:
    """Return an order that a text has found."""
    plain = {
        "order_id": order_id,
        "created_at": AT,
        "status": "pending",
        "customer": "سلمى عبد",
        "phone": "…123",
        "courier_id": None,
        "standing": "waiting",
    }
    return schemas_orders.FoundOrder.model_validate(plain | more)


def order(order_id: int = 318, standing: str | None = "waiting", **more: Any) -> schemas_orders.Order:
    """Return everything about one order."""
    shop = {
        "number": "ORD-7",
        "status": "pending",
        "created_at": AT,
        "trashed": False,
        "total": "25000.00",
        "items": 2,
        "customer": "سلمى عبد",
        "phone": "…123",
        "address": "بغداد، الكرادة",
    }
    plain = {
        "order_id": order_id,
        "shop": shop,
        "shop_reason": None,
        "shop_why": None,
        "shop_shipments": [],
        "standing": standing,
        "reason": WAITS.text,
        "why": schemas.remark_of(WAITS),
        "until": None,
        "shipment": None,
        "jobs": [],
        "actions": [],
    }
    return schemas_orders.Order.model_validate(plain | more)


def queue(name: str = "default", **more: Any) -> dict[str, Any]:
    """Return an empty open queue."""
    counts = dict.fromkeys(("available", "running", "scheduled", "retryable", "failed"), 0)
    return {"name": name, "paused": False, **counts, **more}


def bridge(**more: Any) -> dict[str, Any]:
    """Return a bridge that works the shop's table."""
    plain = {"mode": "auto", "active": True, "reason": "no one else does", "left": {}}
    return plain | {"unreadable": 0, "last_unreadable": None, "trouble": None} | more


def php(**more: Any) -> dict[str, Any]:
    """Return PHP as a shop that leaves everything to it has it."""
    reason = '[shop] php is "leave": what only PHP can work stays in the jobs table'
    plain = {"mode": "leave", "status_notices": "rows", "state": "off", "reason": reason}
    return (
        plain
        | {"waiting": 0, "by_class": {}, "oldest_due_at": None, "reserved": 0, "runs": None, "last_run_at": None}
        | more
    )


def machine(name: str, role: str = "standby", **more: Any) -> dict[str, Any]:
    """Return a machine that was heard of four seconds ago."""
    seen = {"version": "0.9.0", "seen_at": AT - timedelta(seconds=4), "present": True, "itself": False}
    return {"machine": name, "role": role, **seen, **more}


def standing_by(**more: Any) -> schemas_standby.Standby:
    """Return how web-2 stands by for web-1."""
    reason = "web-1 works; if it no longer renews the lease, this machine takes over 90 s later"
    plain: dict[str, Any] = {
        "role": "standby",
        "machine": "web-2",
        "works": "web-1",
        "since": AT - timedelta(hours=2),
        "standing_since": AT - timedelta(hours=1),
        "term": 5,
        "claims": False,
        "reason": reason,
        "machines": [machine("web-1", "active"), machine("web-2", itself=True)],
    }
    return schemas_standby.Standby.model_validate(plain | more)


def works(**more: Any) -> schemas_standby.Standby:
    """Return how web-1 works while web-2 stands by."""
    machines = [machine("web-1", "active", itself=True), machine("web-2")]
    active = {"role": "active", "machine": "web-1", "claims": True, "machines": machines}
    return standing_by(reason="this machine holds the lease since 12:00:00", **active | more)


def status(**more: Any) -> schemas_status.Status:
    """Return the status of a daemon at rest."""
    limiter = {"used": 0, "limit": 28, "window_s": 30.0, "waiting": 0, "closed_until": None}
    plain: dict[str, Any] = {
        "daemon": {"version": "0.1.0", "pid": 812, "state": "ready", "since": AT, "config_file": None},
        "notes": [],
        "remarks": [],
        "queues": [queue("high"), queue("default")],
        "workers": 10,
        "running": [],
        "failed": {"count": 0, "last": []},
        "schedule": [entry()],
        "courier": {"limiter": limiter, "login": "ok", "reason": None},
        "last_sync": None,
        "shipments": {"intended": 0, "created": 0, "held": 0, "needs_person": []},
        "orders": {"without_shipment": 0, "oldest_at": None, "known": True, "automatic": True},
        "shop": {"reachable": True, "reason": None},
        "bridge": bridge(),
        "store": {"healthy": True, "reason": None},
    }
    return schemas_status.Status.model_validate(plain | more)
