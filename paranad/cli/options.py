"""Options and arguments that several commands share, and how their values are read."""

import json
from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import Annotated, Any

from paranad.cli.parsing import Argument, Misuse, Option
from paranad.numbers import LARGEST_ID
from paranad.said import Sentence
from paranad.wording import did_you_mean

NOT_POSITIVE = Sentence("usage.not_positive", "expected a positive whole number, got {got}")
NOT_WHOLE = Sentence("usage.not_whole", "expected a whole number from 1 to {most}, got {got}")
NOT_A_DAY = Sentence("usage.not_a_day", "expected a day such as 2026-03-01, got {got}")
NOT_KNOWN = Sentence("usage.not_known", "expected one of {known}, got {got}{near}")
NO_PAIR = Sentence("usage.no_pair", "expected key=value, got {got}; write for example order_id=12")
NOBODY_SURE = Sentence("usage.nobody_sure", "nobody can be asked here; if you are sure: add --yes")
GIVEN_TWICE = Sentence("usage.given_twice", "{name} is given twice; give it once")

MOST = 100_000
"""How many items one list may be asked for."""

JOB_STATES = ("scheduled", "available", "running", "retryable", "completed", "failed", "cancelled")
ENDED_STATES = frozenset({"completed", "failed", "cancelled"})
WAITING_STATES = "scheduled", "retryable"
"""Of jobs that become due by themselves, later."""
SHIPMENT_STATES = ("intended", "created", "recorded", "withdrawn", "held")


def quoted(text: str) -> str:
    """Return typed *text* in quotes, as messages name it."""
    return f'"{text}"'


def whole(text: str, biggest: int = LARGEST_ID) -> int:
    """Read a positive whole number.

    Raises:
        Misuse: it is none, or over *biggest*.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and 1 <= int(text) <= biggest):
        got = quoted(text)
        raise Misuse(NOT_POSITIVE(got=got) if biggest == LARGEST_ID else NOT_WHOLE(most=biggest, got=got))
    return int(text)


def positive(text: str) -> int:
    """Read an id."""
    return whole(text)


def courier_id(text: str) -> str:
    """Read the id of a courier's order, which the API takes as text."""
    return str(whole(text))


def limit(text: str) -> int:
    """Read how many items are wanted."""
    return whole(text, MOST)


def day(text: str) -> str:
    """Read a day as the API takes it: 2026-03-01."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misuse(NOT_A_DAY(got=quoted(text))) from None


def job_state(text: str) -> str:
    """Read a job's state."""
    return one_of(JOB_STATES, text)


def shipment_state(text: str) -> str:
    """Read a shipment's state."""
    return one_of(SHIPMENT_STATES, text)


def one_of(known: Sequence[str], text: str) -> str:
    """Read one of the *known* words."""
    if text not in known:
        raise Misuse(NOT_KNOWN(known=known, got=quoted(text), near=did_you_mean(text, known)))
    return text


JobId = Annotated[int, Argument("ID", "The job's id.", positive)]
OrderId = Annotated[int, Argument("ORDER", "The shop's order id.", positive)]
EntryName = Annotated[str, Argument("NAME", "The schedule entry's name.")]
TaskName = Annotated[str, Argument("TASK", "The task's name, such as carts:expire.")]
TaskFilter = Annotated[str | None, Option("--task TASK", "Only jobs of this task.")]
QueueFilter = Annotated[str | None, Option("--queue QUEUE", "Only jobs of this queue.")]
OrderFilter = Annotated[int | None, Option("--order N", "Only about this order of the shop.", positive)]
TextFilter = Annotated[
    str | None,
    Option("--text TEXT", "Only jobs whose task, arguments, error or result hold it."),
]
JobState = Annotated[str | None, Option("--state STATE", f"One of {', '.join(JOB_STATES)}.", job_state)]
ShipmentState = Annotated[
    str | None,
    Option("--state STATE", f"One of {', '.join(SHIPMENT_STATES)}.", shipment_state),
]
Limit = Annotated[int, Option("--limit N", "At most so many.", limit)]
Arguments = Annotated[
    list[str] | None,
    Argument(
        "key=value",
        "The task's arguments. A value that reads as JSON is that (12, true, null, [1, 2]); any other is text.",
        several=True,
    ),
]


YES = Option("--yes", "Do not ask.")


def read_arguments(words: Sequence[str] | None) -> dict[str, Any]:
    """Turn `key=value` words into a task's arguments.

    Raises:
        Misuse: a word is not of that form, or names a key again.
    """
    args: dict[str, Any] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Misuse(NO_PAIR(got=quoted(word)))
        if name in args:
            raise Misuse(GIVEN_TWICE(name=quoted(name)))
        args[name] = _read(value)
    return args


def _read(value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return value


def _no_constant(name: str) -> None:
    """Leave NaN and Infinity, which JSON does not have, as text."""
    raise ValueError(name)


def read_delay(text: str | None) -> float | str | None:
    """Return bare seconds as a number, and what carries a unit as it is: the daemon reads it."""
    try:
        seconds = float(text) if text is not None else None
    except ValueError:
        return text
    return seconds if seconds is None or isfinite(seconds) else text
