"""Every task of the shop with every fact about it, once: the schedule, the bridge and the tasks read it here."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from paranad.record import record

DEFAULT_QUEUE = "default"
PHP_QUEUE = "php:"
"""A row of the shop's `jobs` table that only PHP can work is set apart in a queue of its old name behind this."""
PHP_WORK = "php:work"
"""The operator's own task that runs a PHP worker, if systemd starts none."""


class OnePer(StrEnum):
    """Per what at most one unfinished job is stored."""

    TASK = "task"
    ORDER = "order"
    FILTER = "filter"
    ARGUMENTS = "arguments"


@record
class TaskFacts:
    """What is known of a task without running it."""

    name: str
    summary: str
    """One line for the operator."""
    timeout: timedelta
    tries: int
    cron: str | None = None
    """When the shop's own schedule runs it; None: it has no entry of its own."""
    queue: str = DEFAULT_QUEUE
    tables: tuple[str, ...] = ()
    """Tables that an older shop may lack: without them its entry is off. The tables of every shop are not named."""
    uses_courier: bool = False
    """True: never claimed ahead, so that a waiting create-order delays no other job."""
    needs_arguments: bool = False
    """True: a schedule entry cannot name it."""
    one_per: OnePer | None = OnePer.TASK
    """Jobs of one task; or, of those, jobs with equal arguments, called by what these name. None: any number waits."""


@record
class DescribedArgument:
    """One argument of a task."""

    name: str
    required: bool
    default: object
    """A JSON value; None too if it is required."""
    words: str
    """What it means."""


@record
class DescribedTask:
    """A task that the daemon knows, as an operator may know it."""

    facts: TaskFacts
    queue: str
    """Where its jobs go: the task's own, unless the operator has no such queue."""
    arguments: tuple[DescribedArgument, ...]
    program: tuple[str, ...] | None
    """The operator's own command; None: a task of the shop."""


_MINUTE, _ALWAYS = timedelta(minutes=1), "* * * * *"
_SHIPMENTS, _STATUSES = ("alwaseet_shipments", "alwaseet_order_status_history"), ("alwaseet_order_statuses",)

CARTS_EXPIRE = TaskFacts("carts:expire", "release expired carts: guests' and empty ones", _MINUTE, 3, _ALWAYS)
CARTS_ARCHIVE_EXPIRED = TaskFacts(
    "carts:archive-expired", "archive delegates' expired carts", 2 * _MINUTE, 3, "*/5 * * * *"
)
ORDERS_DELETE_OLD_TRASHED = TaskFacts(
    "orders:delete-old-trashed", "delete orders trashed more than 30 days ago", 10 * _MINUTE, 3, "0 2 * * *"
)
PROMOTIONS_EXPIRE = TaskFacts("promotions:expire", "switch off promotions that are over", _MINUTE, 3, "0 * * * *")
PRODUCT_LINKS_DELETE_EXPIRED = TaskFacts(
    "product-links:delete-expired", "trash product links past their time", _MINUTE, 3, _ALWAYS
)
AUTO_SYNC = TaskFacts(
    "alwaseet:auto-sync",
    "enqueue the courier sync when the shop's settings say that it is due",
    timedelta(seconds=30),
    1,
    _ALWAYS,
)
UPDATE_SHIPMENTS = TaskFacts(
    "alwaseet:update-shipments",
    "ask the courier for the shipments that are on their way",
    2 * _MINUTE,
    1,
    _ALWAYS,
    tables=_SHIPMENTS,
    uses_courier=True,
)
SYNC_STATUSES = TaskFacts(
    "alwaseet:sync-statuses",
    "bring the names of the courier's statuses into the shop",
    _MINUTE,
    2,
    "0 */2 * * *",
    tables=_STATUSES,
    uses_courier=True,
)
UPDATE_ORDERS = TaskFacts(
    "alwaseet:update-orders",
    "bring the shop's shipments up to date with the courier's whole list",
    5 * _MINUTE,
    2,
    "*/15 * * * *",
    tables=(*_SHIPMENTS, *_STATUSES),
    uses_courier=True,
)
UPDATE_STATUS_COUNTS = TaskFacts(
    "alwaseet:update-status-counts",
    "count the shipments by status for the shop's pages",
    5 * _MINUTE,
    2,
    "*/15 * * * *",
    tables=(*_STATUSES, "alwaseet_shipments"),
)
CLEANUP_OLD_DATA = TaskFacts(
    "app:cleanup-old-data",
    "delete notifications and messages older than a day",
    5 * _MINUTE,
    3,
    "0 * * * *",
    tables=("notifications", "messages"),
)
CREATE_SHIPMENT = TaskFacts(
    "alwaseet:create-shipment",
    "send a new order to the courier, once",
    2 * _MINUTE,
    3,
    queue="high",
    uses_courier=True,
    needs_arguments=True,
    one_per=OnePer.ORDER,
)
SYNC_ORDERS = TaskFacts(
    "alwaseet:sync-orders",
    "bring the courier's orders into the shop",
    5 * _MINUTE,
    2,
    uses_courier=True,
    one_per=OnePer.FILTER,
)
PROCESS_QUEUE = TaskFacts(
    "alwaseet:process-queue",
    "enqueue the courier job that the shop names",
    _MINUTE,
    3,
    needs_arguments=True,
    one_per=None,
)
NOTIFY_STATUS = TaskFacts(
    "alwaseet:notify-status",
    "write the shop's notices of a changed status; push messages and Telegram stay with PHP",
    _MINUTE,
    3,
    needs_arguments=True,
    one_per=None,
)
FCM_CLEANUP = TaskFacts(
    "fcm:cleanup", "delete the push tokens of devices that have been silent for days", 5 * _MINUTE, 3
)
SEED_STATUS_HISTORY = TaskFacts(
    "alwaseet:seed-status-history", "write where each shipment stands into its history", 10 * _MINUTE, 3
)

CATALOGUE: Mapping[str, TaskFacts] = {each.name: each for each in tuple(vars().values()) if isinstance(each, TaskFacts)}
"""The shop's tasks by name; an operator's commands come beside them by the name of their schedule entry."""
SCHEDULE: Mapping[str, str] = {name: facts.cron for name, facts in CATALOGUE.items() if facts.cron is not None}
"""Cron by task: the shop's own schedule."""
SCHEDULABLE = tuple(sorted(name for name, facts in CATALOGUE.items() if not facts.needs_arguments))
"""The tasks that a schedule entry may name: they run without arguments."""


def is_own(task: str) -> bool:
    """Tell whether *task* is an operator's own command: what it is told, and answers, may be anything, secrets too."""
    return task not in CATALOGUE
