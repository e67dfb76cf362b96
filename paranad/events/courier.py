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


@named_record
class CourierDoorClosed(Event):
    """After several outages in a row no order is sent; the courier is asked again at *next_try_at*."""

    name = "courier.door_closed"
    level = "warning"
    reason: Said
    next_try_at: str


@named_record
class CourierDoorOneOrder(Event):
    """The courier has answered again: one order is sent first."""

    name = "courier.door_one_order"


@named_record
class CourierDoorOpened(Event):
    """The courier takes orders again: all are sent."""

    name = "courier.door_opened"


@named_record
class CourierDoorFailed(Event):
    """What keeps the courier's door met an error that nothing foresaw; it goes on in a minute."""

    name = "courier.door_failed"
    level = "error"
    error: str
