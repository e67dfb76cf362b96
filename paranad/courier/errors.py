"""What can go wrong with the courier.

CourierError
├── CourierRefused      it did not do it, and we know: not sent, bad data, no permission
├── CourierUnclear      the answer says nothing that can be trusted; a create-order may have been carried out
├── CourierLimited      over the rate, ours or the courier's: until
└── LoginFailed         no usable username and password

No message holds a token, a password or a URL.
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


class CourierError(ParanadError):
    """The courier did not do what was asked, or may not have."""

    kind = "courier"
    status = 503


class CourierRefused(CourierError):
    """Nothing was done, for certain."""

    kind = "courier-refused"

    def __init__(self, refusal: Refusal, err_num: str, message: str) -> None:
        self.refusal, self.err_num, self.message = refusal, err_num, message
        code = f" (errNum {err_num})" if err_num else ""
        super().__init__(f"courier: {WORDS[refusal]}{code}: {message}")


class CourierUnclear(CourierError):
    """The answer is missing, cut, or not what the courier's API answers."""

    kind = "courier-unclear"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"courier: the answer is unclear: {detail}")


class CourierLimited(CourierError):
    """Nothing was done; ask again at *until*."""

    kind = "courier-limited"

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("courier: over the request rate; it waits for its turn")


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
}
