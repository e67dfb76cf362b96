"""What happened to the daemon itself, and at its control API."""

from paranad.events.event import Event
from paranad.record import named_record


@named_record
class DaemonStarted(Event):
    name = "daemon.started"
    version: str
    pid: int
    state_dir: str


@named_record
class DaemonReady(Event):
    name = "daemon.ready"
    socket: str
    recovered: int


@named_record
class DaemonDraining(Event):
    name = "daemon.draining"
    reason: str
    running: int


@named_record
class DaemonResumed(Event):
    """Claims again: a drain is over."""

    name = "daemon.resumed"


@named_record
class DaemonStopped(Event):
    name = "daemon.stopped"
    handed_back: int


@named_record
class DaemonLoopBlocked(Event):
    """The event loop stood still, in this daemon or in the one before it."""

    name = "daemon.loop_blocked"
    level = "error"
    since: str
    where: str
    stacks: str
    """Where every thread stood."""


@named_record
class DaemonReloading(Event):
    """The configuration is read again from now on."""

    name = "daemon.reloading"
    level = "debug"


@named_record
class DaemonReloaded(Event):
    name = "daemon.reloaded"
    changed: tuple[str, ...]
    needs_restart: tuple[str, ...]


@named_record
class DaemonReloadFailed(Event):
    name = "daemon.reload_failed"
    level = "error"
    problems: tuple[str, ...]


@named_record
class ControlChanged(Event):
    """A caller changed something: who (uid from the kernel) and what."""

    name = "control.changed"
    uid: int
    method: str
    path: str
    status: int


@named_record
class ControlCrowded(Event):
    """Callers were turned away, or cut off while they asked for nothing: more are connected than may be."""

    name = "control.crowded"
    level = "warning"
    most: int
    turned_away: int


@named_record
class ControlFailed(Event):
    """A request met a defect of the program; the caller was told so."""

    name = "control.failed"
    level = "error"
    method: str
    path: str
    error: str
    traceback: str


@named_record
class HistoryFailed(Event):
    """A defect kept the history from being read; it is tried again, and the daemon goes on."""

    name = "history.failed"
    level = "error"
    error: str
    traceback: str
