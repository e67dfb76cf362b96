"""What a row of the shop's `jobs` table is, by Laravel's own rules: due, reserved, free; and which rows are PHP's.

A row is free if it is due and was not reserved within the last 90 s. Source: shop contract, section 3.
"""

from sqlalchemy import ColumnElement, and_, bindparam, or_

from paranad.catalogue import PHP_QUEUE
from paranad.shop.tables import jobs

RETRY_AFTER_S = 90
"""How long a worker's reservation holds."""
PAST = f"{PHP_QUEUE[:-1]}{chr(ord(PHP_QUEUE[-1]) + 1)}"
"""The first text after all that begin as PHP's queues do, by their bytes."""

IS_DUE = or_(jobs.c.reserved_at.is_not(None), jobs.c.available_at <= bindparam("now"))
"""A worker has taken it, or may."""
IS_UNRESERVED = or_(jobs.c.reserved_at.is_(None), jobs.c.reserved_at <= bindparam("expired"))
"""No worker has it; a reservation was `expired` if it is no later than that."""
IS_FREE = and_(IS_DUE, IS_UNRESERVED)
"""A worker may take it: what `is_unreserved` says of a due row."""


def expired_s(now_s: int) -> int:
    """Return the latest `reserved_at` that holds no longer at *now_s*."""
    return now_s - RETRY_AFTER_S


def is_unreserved(reserved_at: object, now_s: int) -> bool:
    """Tell whether no worker has the row; what is no number is a reservation of which nobody knows when it ends."""
    return reserved_at is None or (isinstance(reserved_at, int) and reserved_at <= expired_s(now_s))


def is_apart(*, types_are_hints: bool) -> ColumnElement[bool]:
    """Return whether a row was set apart for PHP: it is not ours, and who reserves it is no rival.

    On each engine its index on the queue's name serves. SQLite compares bytes; a server's collation sorts signs in an
    order of its own, so there only LIKE will do.
    """
    if types_are_hints:
        return and_(jobs.c.queue >= PHP_QUEUE, jobs.c.queue < PAST)
    return jobs.c.queue.like(f"{PHP_QUEUE}%")
