"""Who came to the page behind a web server; what they change, the daemon tells with this service's uid."""

from paranad.events.event import Event
from paranad.record import named_record


@named_record
class WebReady(Event):
    name = "web.ready"
    socket: str
    host: str


@named_record
class WebSignedIn(Event):
    """Somebody gave the password. The address is what the web server says of it."""

    name = "web.signed_in"
    address: str
    session: str


@named_record
class WebRefused(Event):
    """Somebody gave a wrong password, or tried too often; `wait_s`: how long they have to wait now."""

    name = "web.refused"
    level = "warning"
    address: str
    failed: int
    wait_s: int


@named_record
class WebActed(Event):
    """Somebody who is signed in has sent a form: which act, who, and what it is about, as the form says."""

    name = "web.acted"
    session: str
    act: str
    job_id: int | None = None
    order_id: int | None = None
    task: str | None = None
    queue: str | None = None
    entry: str | None = None


@named_record
class WebFailed(Event):
    """A page or an act met a defect of the program; the reader was told no more than that."""

    name = "web.failed"
    level = "error"
    path: str
    error: str
    traceback: str


@named_record
class WebStopped(Event):
    name = "web.stopped"
