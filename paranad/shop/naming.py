"""Naming the row that an error is about: the database and the types know its column only."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from paranad.said import Said, Sentence, as_said
from paranad.shop.errors import ShopBadRow

ORDER = Sentence("shop.order", "order {order}")
ORDER_OF_SHIPMENT = Sentence("shop.order_of_shipment", "the order of shipment {shipment}")
ORDER_OF_REFERENCE = Sentence("shop.order_of_reference", "an order of a reference")
ABOUT = Sentence("shop.about", "{row}: {reason}")


@contextmanager
def about(row: Said) -> Iterator[None]:
    """Let a ShopBadRow of what is read inside begin with *row*, such as `order 12`."""
    try:
        yield
    except ShopBadRow as error:
        raise ShopBadRow(ABOUT(row=row, reason=error.said)) from error
    except DBAPIError as error:
        error.detail.append(row)  # type: ignore[arg-type]  # `with_detail` takes it back as it is
        raise


def with_detail(bad: ShopBadRow, error: DBAPIError) -> ShopBadRow:
    """Return *bad*, what *error* means, with the row that `about` added to it."""
    return ShopBadRow(ABOUT(row=as_said(error.detail[0]), reason=bad.said)) if error.detail else bad
