"""Naming the row that an error is about: the database and the types know its column only."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from paranad.shop.errors import ShopBadRow


@contextmanager
def about(row: str) -> Iterator[None]:
    """Let a ShopBadRow of what is read inside begin with *row*, such as `order 12`."""
    try:
        yield
    except ShopBadRow as error:
        raise ShopBadRow(f"{row}: {error}") from error
    except DBAPIError as error:
        error.add_detail(row)
        raise


def with_detail(bad: ShopBadRow, error: DBAPIError) -> ShopBadRow:
    """Return *bad*, what *error* means, with the row that `about` added to it."""
    return ShopBadRow(f"{error.detail[0]}: {bad}") if error.detail else bad
