"""One login and one short list, to see what the courier says: an operator's question, and no part of any work."""

from dataclasses import replace
from datetime import date, datetime

from paranad.courier.client import Courier
from paranad.courier.errors import CourierError, CourierLimited, LoginFailed
from paranad.courier.login import account_type
from paranad.record import record
from paranad.said import Said

OWNER = "courier-test"


@record
class Trial:
    """What came back."""

    accepted: bool | None = None
    """Whether the courier accepts the account; None: it could not be learned."""
    is_merchant: bool | None = None
    """Whether it is the merchant's main account; None: not accepted."""
    login_s: float | None = None
    rows: int | None = None
    """Orders in the list; None: there was no list."""
    unreadable: int = 0
    """Rows of the list that could not be read."""
    list_s: float | None = None
    reason: Said | None = None
    """Why it went no further; None: all went well."""
    again_at: datetime | None = None
    """From when the rate has room for it, if that is the reason."""


async def try_out(courier: Courier, since: date) -> Trial:
    """Log in, whatever token is known, and ask for the orders created from the day *since* on; both within the rate.

    Raises:
        ShopError: the account or the token stands in the shop, which does not answer.
    """
    started_s = courier.clock.monotonic()
    try:
        token = await courier.log_in(owner=OWNER)
    except LoginFailed as error:
        return Trial(accepted=False, reason=error.said)
    except CourierError as error:
        return Trial(reason=error.said, again_at=_again_at(error))
    login_s = courier.clock.monotonic() - started_s
    trial = Trial(accepted=True, is_merchant=account_type(token.text) == "merchant", login_s=login_s)
    started_s = courier.clock.monotonic()
    try:
        orders = await courier.merchant_orders(owner=OWNER, date_from=since)
    except CourierError as error:
        return replace(trial, reason=error.said, again_at=_again_at(error))
    list_s = courier.clock.monotonic() - started_s
    return replace(trial, rows=len(orders), unreadable=orders.skipped, list_s=list_s)


def _again_at(error: CourierError) -> datetime | None:
    return error.until if isinstance(error, CourierLimited) else None
