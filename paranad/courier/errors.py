"""What can go wrong with the courier.

CourierError
├── CourierRefused      it did not do it, and we know why: not sent, bad data, no right, its place, for the moment
├── CourierUnclear      the answer says nothing that can be trusted; a create-order may have been carried out
├── CourierLimited      over the rate by our own count: not sent; until
│   └── RateRefused     the courier said no to a request that left, for its rate: until
└── LoginFailed         no usable username and password

Each carries codes to decide by; nobody decides by a sentence. No message holds a token, a password or a URL.
"""

from datetime import datetime
from enum import StrEnum

from paranad.errors import ParanadError


class Refusal(StrEnum):
    """Why the courier certainly did not do what was asked."""

    NOT_SENT = "not_sent"
    """No connection came about: refused, timed out, name not found, TLS not trusted; not a byte was sent."""
    DATA = "data"
    """The courier read the request and said no to what it holds; the same request would be refused again."""
    PERMISSION = "permission"
    """The courier refused the token even after one login: the account may not do this."""
    PLACE = "place"
    """The courier refused this one order as it refuses an account without the right, while it takes others: it does
    not know the order's city or region."""
    TRANSIENT = "transient"
    """The courier said no and asks, in its own words, to try the same again: worth some tries."""


FOR_GOOD = frozenset({Refusal.DATA, Refusal.PLACE})
"""Refused again until a person has changed the order."""


class CourierError(ParanadError):
    """The courier did not do what was asked, or may not have."""

    kind = "courier"
    status = 503
    left: bool = False
    """True: the request that was asked for left this machine, wholly or in part, before this went wrong."""


class CourierRefused(CourierError):
    """Nothing was done, for certain."""

    kind = "courier-refused"

    def __init__(self, refusal: Refusal, err_num: str, message: str, *, city_id: str = "", region_id: str = "") -> None:
        self.refusal, self.err_num, self.message = refusal, err_num, message
        self.city_id, self.region_id = city_id, region_id
        """The order's own, where PLACE is the reason; empty otherwise."""
        self.left = refusal is not Refusal.NOT_SENT
        code = f" (errNum {err_num})" if err_num else ""
        place = f"; it takes other orders, so correct this one's city {city_id} or region {region_id}"
        super().__init__(
            f"courier: {WORDS[refusal]}{code}: {message}{place if refusal is Refusal.PLACE else ''}",
        )


class CourierUnclear(CourierError):
    """The answer is missing, cut, contradicts itself, or is not what the courier's API answers."""

    kind = "courier-unclear"
    left = True

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"courier: the answer is unclear: {detail}")


class CourierLimited(CourierError):
    """By our own count there is no room: not sent; ask again at *until*."""

    kind = "courier-limited"

    def __init__(self, until: datetime, reason: str = "over the request rate; it waits for its turn") -> None:
        self.until = until
        super().__init__(f"courier: {reason}")


class RateRefused(CourierLimited):
    """The courier refused a request that left, because of its rate: nothing was done; ask again at *until*."""

    left = True

    def __init__(self, until: datetime, err_num: str = "", *, for_all: bool = True) -> None:
        self.err_num = err_num
        self.for_all = for_all
        """False: others go on, only the owner of this request waits."""
        super().__init__(until, "it says that its request rate is exceeded; it waits for its turn")


class LoginFailed(CourierError):
    """The courier refused the username and password, or there are none."""

    kind = "courier-login-failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"courier: login failed: {reason}")


WORDS = {
    Refusal.NOT_SENT: "cannot be reached, nothing was sent",
    Refusal.DATA: "refused the request",
    Refusal.PERMISSION: "says this account may not do that; ask AlWaseet for the API right",
    Refusal.PLACE: "refused the request",
    Refusal.TRANSIENT: "could not do it for the moment",
}
