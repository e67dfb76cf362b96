"""Addresses: of the pages, and of the page that does what a command of paranadctl does."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from paranad.cli.app import COMMANDS, GROUPS
from paranad.cli.commands.parcels import PARCELS as KINDS_OF_PARCELS

NOW, ORDERS, SHIPMENTS, PARCELS, FAILED, ALERTS, JOBS, SCHEDULE, TASKS, SETTINGS, DOCTOR, LOG = (
    "/",
    "/orders",
    "/shipments",
    "/parcels",
    "/failed",
    "/alerts",
    "/jobs",
    "/schedule",
    "/tasks",
    "/settings",
    "/doctor",
    "/log",
)
CREATE_SHIPMENT = "alwaseet:create-shipment"
"""The task that sends an order, as pages name it to the daemon."""
LISTS: Mapping[str, str] = {
    "status": NOW,
    "orders": ORDERS,
    "order": ORDERS,
    "shipments": SHIPMENTS,
    "parcels": PARCELS,
    "failed": FAILED,
    "retry": FAILED,
    "alerts": ALERTS,
    "jobs": JOBS,
    "wake": JOBS,
    "resume": NOW,
    "schedule": SCHEDULE,
    "tasks": TASKS,
    "settings": SETTINGS,
    "doctor": DOCTOR,
    "logs": LOG,
}
"""The page that does what a command does without a number or a name."""
ONE: Mapping[str, str] = {
    "order": ORDERS,
    "shipments": SHIPMENTS,
    "failed": JOBS,
    "retry": JOBS,
    "jobs": JOBS,
    "wake": JOBS,
    "schedule": SCHEDULE,
    "tasks": TASKS,
    "resume": TASKS,
}
"""The page below which one thing has its own: a number, or a name with a colon, such as a task's."""
FILTERS = frozenset({"state", "task", "queue", "job", "level", "since"})
"""Options of commands that the pages take as well."""

_NAMES = "|".join(
    sorted(
        [name for name, _, _ in COMMANDS]
        + [f"parcels {kind}" for kind in KINDS_OF_PARCELS]
        + [f"{group}(?: (?:{'|'.join(name for name, _, _ in below)}))?" for group, (_, below) in GROUPS.items()],
        key=len,
        reverse=True,
    )
)
_ARGUMENTS = r"--[a-z-]+(?:[ =](?!-)[^\s,;)]+)?|\d+|[A-Z]{2,}\b|all\b|[a-z]+(?::[a-z-]+)+|[a-z_]+=[^\s,;)]+|\S+(?=$)"
COMMAND = re.compile(rf"paranadctl (?:{_NAMES})(?![\w:-])(?: (?:{_ARGUMENTS}))*")
"""A command of paranadctl within a sentence, with its arguments as far as they can be told from the words after it."""


def below(page: str, name: str | int, **query: str | int | None) -> str:
    """Return the address of the thing *name* below a page, such as `/jobs/12`."""
    return address(f"{page}/{quote(str(name), safe='')}", **query)


def address(page: str, **query: str | int | None) -> str:
    """Return *page* with a query; what is None or empty is left out."""
    asked = urlencode({name: value for name, value in query.items() if value not in {None, ""}})
    return f"{page}?{asked}" if asked else page


def page_of(command: str) -> str | None:
    """Return the address of the page that does what *command* does, or where it is done; None if there is none."""
    words, options = _read(command.split()[1:])
    name, *rest = words
    if name == "parcels" and rest and rest[0] in KINDS_OF_PARCELS:
        return address(PARCELS, kind=rest[0])
    if name == "dispatch":  # a button of its order's page
        order = next((word.removeprefix("order_id=") for word in rest if word.startswith("order_id=")), "")
        return below(ORDERS, order) if order.isdecimal() else None
    if name == "schedule" and len(rest) > 1 and not rest[1].isupper():  # an entry's name may be any word
        return below(SCHEDULE, rest[1])
    things = [word for word in rest if word.isdecimal() or ":" in word]
    if things and name in ONE:
        return below(ONE[name], things[0])
    return address(LISTS[name], **options) if name in LISTS else None


def _read(words: list[str]) -> tuple[list[str], dict[str, str | int | None]]:
    """Return the words that are no options, and the options that pages take as filters."""
    plain: list[str] = []
    options: dict[str, str | int | None] = {}
    left = iter(words)
    for word in left:
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            value = value if equals else next(left, "")
            if name in FILTERS and not value.isupper():
                options[name] = value
        else:
            plain.append(word)
    return plain, options
