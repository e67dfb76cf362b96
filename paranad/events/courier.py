"""What happened between the daemon and the courier."""

from paranad.events.event import Event
from paranad.record import named_record
from paranad.said import Said


@named_record
class CourierRequestSent(Event):
    name = "courier.request_sent"
    level = "debug"
    method: str
    path: str


@named_record
class CourierAnswered(Event):
    name = "courier.answered"
    level = "debug"
    path: str
    status: int
    duration_ms: int


@named_record
class CourierRequestEnded(Event):
    """A request that was sent, or was to be sent, is over; *kind* is what its answer means."""

    name = "courier.request_ended"
    level = "debug"
    path: str
    kind: str
    """done, refused, limited (the courier says that its rate is exceeded), unclear, not_sent, or abandoned (by us)."""


@named_record
class CourierLoggedIn(Event):
    name = "courier.logged_in"


@named_record
class CourierLoginRefused(Event):
    name = "courier.login_refused"
    level = "error"
    reason: Said


@named_record
class CourierRightRefused(Event):
    """A fresh token was refused as well: the account may not do what was asked, and a person must ask the courier."""

    name = "courier.right_refused"
    level = "error"
    reason: Said


@named_record
class CourierLimitReached(Event):
    name = "courier.limited"
    level = "warning"
    until: str


@named_record
class CourierPulledBack(Event):
    """The courier was closed for longer than it ever asks, as after a clock that was ahead; until *until* at most."""

    name = "courier.pulled_back"
    level = "warning"
    until: str


@named_record
class CourierListIncomplete(Event):
    """The courier's whole list lacks parcels that the courier has acknowledged: it proves no absence."""

    name = "courier.list_incomplete"
    level = "warning"
    missing: int
    rows: str
