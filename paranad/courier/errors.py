"""What can go wrong with the courier.

CourierError
├── CourierRefused      nothing was done, and it is known why: not sent, bad data, no right, the place, for the moment
├── CourierUnclear      the answer says nothing that can be trusted; a create-order may have been carried out
├── CourierLimited      over the rate by our own count: not sent; until
│   └── RateRefused     the courier refused a request that left, for its rate: until
├── CourierClosed       an order that is not sent into an outage; until
├── OrderLate           an order that may not leave any more: another machine may be about to take over
└── LoginFailed         no usable username and password

Decisions rest on the class and its codes, never on a sentence. No message holds a token, a password or a URL.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from paranad.errors import ParanadError
from paranad.said import Said, Sentence, names_in


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
TRANSIENT_SENDS = 5
"""How often one order is sent before its TRANSIENT refusals mean no, within about three minutes: the waits between are
10, 20, 40 and 80 s. Fewer than for a question, since each try sends the order again."""
TRANSIENT_WAITS = 10
"""After how many waits, about half an hour in all, a TRANSIENT refusal of any other request means no."""


CALL = Sentence("courier.call", "{path}: {reason}")
"""Which call of the courier's API it was."""

NOT_SENT = Sentence("courier.not_sent", "courier: cannot be reached, nothing was sent: {detail}")
REFUSED = Sentence("courier.refused", "courier: refused the request: {detail}")
REFUSED_NUMBER = Sentence("courier.refused_number", "courier: refused the request (errNum {number}): {detail}")
NO_RIGHT = Sentence(
    "courier.no_right", "courier: says this account may not do that; ask AlWaseet for the API right: {detail}"
)
NO_RIGHT_NUMBER = Sentence(
    "courier.no_right_number",
    "courier: says this account may not do that; ask AlWaseet for the API right (errNum {number}): {detail}",
)
PLACE = Sentence(
    "courier.place",
    "courier: refused the request: {detail}; "
    "it takes other orders, so correct this one's city {city} or region {region}",
)
PLACE_NUMBER = Sentence(
    "courier.place_number",
    "courier: refused the request (errNum {number}): {detail}; "
    "it takes other orders, so correct this one's city {city} or region {region}",
)
NOT_NOW = Sentence("courier.not_now", "courier: could not do it for the moment: {detail}")
NOT_NOW_NUMBER = Sentence(
    "courier.not_now_number", "courier: could not do it for the moment (errNum {number}): {detail}"
)
REFUSALS: Mapping[Refusal, tuple[Sentence, Sentence]] = {
    Refusal.NOT_SENT: (NOT_SENT, NOT_SENT),
    Refusal.DATA: (REFUSED, REFUSED_NUMBER),
    Refusal.PERMISSION: (NO_RIGHT, NO_RIGHT_NUMBER),
    Refusal.PLACE: (PLACE, PLACE_NUMBER),
    Refusal.TRANSIENT: (NOT_NOW, NOT_NOW_NUMBER),
}
"""How each refusal is said without and with the courier's own number."""
UNCLEAR = Sentence("courier.unclear", "courier: the answer is unclear: {detail}")
LIMITED = Sentence("courier.limited", "courier: over the request rate; it waits for its turn")
LIMITED_BY_ANOTHER = Sentence(
    "courier.limited_by_another",
    "courier: {machine} may have used the request rate before this machine took over; it waits for its turn",
)
RATE_REFUSED = Sentence(
    "courier.rate_refused", "courier: it says that its request rate is exceeded; it waits for its turn"
)
LATE = Sentence(
    "courier.order_late",
    "the lease on the shop's work is about to end, and no order is sent in its last moments: it waits for the renewal",
)
LOGIN_FAILED = Sentence("courier.login_failed", "courier: login failed: {reason}")


class CourierError(ParanadError):
    """The courier did not do what was asked, or may not have."""

    kind = "courier"
    status = 503
    left: bool = False
    """True: the request that was asked for left this machine, wholly or in part, before this went wrong."""


class CourierRefused(CourierError):
    """Nothing was done, for certain."""

    kind = "courier-refused"

    def __init__(
        self, refusal: Refusal, err_num: str, message: Said | str, *, city_id: str = "", region_id: str = ""
    ) -> None:
        self.refusal, self.err_num, self.message = refusal, err_num, message
        """The message is the courier's own text, or a fact of ours if it gave none."""
        self.city_id, self.region_id = city_id, region_id
        """The order's own, if PLACE is the reason; empty otherwise."""
        self.left = refusal is not Refusal.NOT_SENT
        sentence = REFUSALS[refusal][bool(err_num)]
        known = {"number": err_num, "detail": message, "city": city_id, "region": region_id}
        super().__init__(sentence(**{name: known[name] for name in names_in(sentence.english)}))


class CourierUnclear(CourierError):
    """The answer is missing, cut, contradicts itself, or is not what the courier's API answers."""

    kind = "courier-unclear"
    left = True

    def __init__(self, detail: Said | str) -> None:
        self.detail = detail
        super().__init__(UNCLEAR(detail=detail))


class CourierLimited(CourierError):
    """By our own count there is no room: not sent; ask again at *until*."""

    kind = "courier-limited"

    def __init__(self, until: datetime, said: Said | None = None) -> None:
        self.until = until
        super().__init__(said or LIMITED())


class RateRefused(CourierLimited):
    """The courier refused a request that left, because of its rate: nothing was done; ask again at *until*."""

    left = True

    def __init__(self, until: datetime, err_num: str = "", *, for_all: bool = True) -> None:
        self.err_num = err_num
        self.for_all = for_all
        """False: others go on, only the owner of this request waits."""
        super().__init__(until, RATE_REFUSED())


class CourierClosed(CourierError):
    """The courier's door is closed: the order is held back before anything of it has left; ask again at *until*."""

    kind = "courier-door-closed"

    def __init__(self, until: datetime, said: Said) -> None:
        self.until = until
        super().__init__(said)


class OrderLate(CourierError):
    """Too little is left of the lease for a create-order request: it was held back."""

    kind = "order-late"

    def __init__(self) -> None:
        super().__init__(LATE())


class LoginFailed(CourierError):
    """The courier refused the username and password, or there are none."""

    kind = "courier-login-failed"

    def __init__(self, reason: Said | str) -> None:
        self.reason = reason
        super().__init__(LOGIN_FAILED(reason=reason))
