"""Conditions on the shop's times, in which a date of zeros is no date."""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, String, and_, or_, type_coerce

from paranad.shop.columns import ZEROS
from paranad.shop.database import Shop

FIRST = datetime(1970, 1, 2)  # noqa: DTZ001 - the shop's times are naive
"""No time of the shop's is earlier; a server's date of zeros is."""
LAST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001


def is_before(shop: Shop, column: Column[datetime], at: datetime) -> ColumnElement[bool]:
    """Tell whether *column* holds a time before *at*.

    Where columns may hold anything, what is no time is met too, and its row fails when it is read: nobody would hear
    of it otherwise. So whoever acts on such a row reads *column* first.
    """
    if shop.types_are_hints:
        return or_(and_(column < at, _text(column).not_like(f"{ZEROS}%")), column > LAST)
    return and_(column < at, column >= FIRST)


def is_unset(shop: Shop, column: Column[datetime]) -> ColumnElement[bool]:
    """Tell whether *column* holds no time."""
    zeros = _text(column).like(f"{ZEROS}%") if shop.types_are_hints else column < FIRST
    return or_(column.is_(None), zeros)


def _text(column: Column[datetime]) -> ColumnElement[str]:
    return type_coerce(column, String)
