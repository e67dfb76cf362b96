"""What statements on the shop's tables share: the lock of a row, the row an error is about, conditions on times."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Column, ColumnElement, String, Table, and_, or_, select, type_coerce
from sqlalchemy.exc import DBAPIError

from paranad.said import Said, Sentence
from paranad.shop.columns import ZEROS
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ABOUT, ShopBadRow

ORDER = Sentence("shop.order", "order {order}")
ORDER_OF_SHIPMENT = Sentence("shop.order_of_shipment", "the order of shipment {shipment}")
ORDER_BEFORE = Sentence("shop.order_before", "an order of the same day and price")
ORDER_OF_REFERENCE = Sentence("shop.order_of_reference", "an order of a reference")

FIRST = datetime(1970, 1, 2)  # noqa: DTZ001 - the shop's times are naive
"""No time of the shop is earlier; a server's date of zeros is."""
LAST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001


async def lock_row(connection: AsyncConnection, table: Table, row_id: int) -> bool:
    """Lock the row of *table* until the transaction ends; tell whether there is one.

    Call it as the transaction's first statement: what a server reads afterwards is as the lock found it, but after an
    earlier read it would still show the state before the lock. On SQLite the transaction locks every row when it
    begins.
    """
    this = select(table.c.id).where(table.c.id == row_id).with_for_update()
    return (await connection.execute(this)).one_or_none() is not None


@contextmanager
def about(row: Said) -> Iterator[None]:
    """Let a ShopBadRow from the block begin with *row*, such as `order 12`: the database knows the column only."""
    try:
        yield
    except ShopBadRow as error:
        raise ShopBadRow(ABOUT(row=row, reason=error.said)) from error
    except DBAPIError as error:
        error.detail.append(row)  # type: ignore[arg-type]  # Shop takes it back as it is
        raise


def is_before(shop: Shop, column: Column[datetime], at: datetime) -> ColumnElement[bool]:
    """Tell whether *column* holds a time before *at*; a date of zeros is no time.

    On SQLite a column may hold anything. A value that is no time meets the condition too, so that its row fails when
    it is read: otherwise no task would ever report it. So a task that acts on such a row reads *column* first.
    """
    if shop.types_are_hints:
        return or_(and_(column < at, _text(column).not_like(f"{ZEROS}%")), column > LAST)
    return and_(column < at, column >= FIRST)


def is_unset(shop: Shop, column: Column[datetime]) -> ColumnElement[bool]:
    """Tell whether *column* holds no time, or a date of zeros."""
    zeros = _text(column).like(f"{ZEROS}%") if shop.types_are_hints else column < FIRST
    return or_(column.is_(None), zeros)


def _text(column: Column[datetime]) -> ColumnElement[str]:
    return type_coerce(column, String)
