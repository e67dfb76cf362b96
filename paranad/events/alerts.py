"""What happened to incidents and their alerts."""

from paranad.events.event import Event
from paranad.record import named_record
from paranad.said import Said


@named_record
class AlertEvent(Event):
    """About one incident that an alert is for; the base of all alert events."""

    kind: str
    key: str


@named_record
class AlertOpened(AlertEvent):
    name = "alert.opened"
    level = "error"


@named_record
class AlertClosed(AlertEvent):
    name = "alert.closed"
    how: str


@named_record
class AlertSent(AlertEvent):
    """The alert command took the document."""

    name = "alert.sent"
    state: str


@named_record
class AlertFailed(AlertEvent):
    """The alert command did not take the document; it runs again at *retry_at*."""

    name = "alert.failed"
    level = "error"
    state: str
    error: str
    retry_at: str


@named_record
class AlertGivenUp(AlertEvent):
    """For a day the alert command did not take the news that an incident is over."""

    name = "alert.given_up"
    level = "warning"


@named_record
class HeartbeatAnswered(Event):
    """The heartbeat's address took it, for the first time or after failures in a row."""

    name = "alert.heartbeat_answered"
    host: str


@named_record
class HeartbeatFailed(Event):
    """The heartbeat's address did not take it, three times in a row."""

    name = "alert.heartbeat_failed"
    level = "error"
    host: str
    reason: Said


@named_record
class HeartbeatWithheld(Event):
    """No heartbeat goes out, because something is wrong with the daemon itself."""

    name = "alert.heartbeat_withheld"
    level = "error"
    host: str
    reason: Said


@named_record
class AlertMuted(Event):
    """Nobody is told of a kind until then; *by* whom: the user's name, or `uid` and a number."""

    name = "alert.muted"
    kind: str
    until: str
    by: str


@named_record
class AlertUnmuted(Event):
    """Somebody is told of a kind again; *by* whom it was asked, None: its time was over."""

    name = "alert.unmuted"
    kind: str
    by: str | None


@named_record
class AlertWatchFailed(Event):
    """One kind of trouble cannot be looked for just now; the others are."""

    name = "alert.watch_failed"
    level = "error"
    kind: str
    error: str
