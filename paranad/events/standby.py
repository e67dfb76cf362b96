"""What happened to the lease, for which daemons of several machines elect the one that works."""

from paranad.events.event import Event
from paranad.record import named_record
from paranad.said import Said


@named_record
class StandbyWaiting(Event):
    """This daemon stands by: told when it begins to, and again when the reason is another one."""

    name = "standby.waiting"
    machine: str | None
    """Which machine works; None: none, or it is not known."""
    reason: Said


@named_record
class StandbyCame(Event):
    """Another machine stands by for this one."""

    name = "standby.came"
    machine: str
    version: str


@named_record
class StandbyLeft(Event):
    """A machine that stood by for this one does so no longer."""

    name = "standby.left"
    level = "warning"
    machine: str


@named_record
class LeaseEvent(Event):
    """About the lease in one term of this daemon's; the base of most lease events."""

    term: int


@named_record
class LeaseTaken(LeaseEvent):
    """This daemon holds the lease, and works from now on."""

    name = "lease.taken"
    machine_before: str | None
    """Which machine held it before; None: this daemon did, or nobody yet."""
    last_renewed_at: str | None
    """When the machine before last renewed it, or gave it up; None with no machine before."""


@named_record
class LeaseNotRenewed(LeaseEvent):
    """The lease could not be renewed; told of the first of several failures in a row."""

    name = "lease.not_renewed"
    level = "warning"
    reason: Said


@named_record
class LeaseRenewed(LeaseEvent):
    """The lease is renewed again, after failures."""

    name = "lease.renewed"


@named_record
class LeaseLost(LeaseEvent):
    """The lease is over: this daemon stops at once, and another may work."""

    name = "lease.lost"
    level = "error"
    reason: Said


@named_record
class LeaseGivenUp(LeaseEvent):
    """This daemon gave the lease up in order: another may take it at once."""

    name = "lease.given_up"


@named_record
class LeaseDoubled(Event):
    """Another daemon holds the lease under this one's identity: the state directory was copied; told once."""

    name = "lease.doubled"
    level = "error"
    machine: str


@named_record
class StandbyCopied(Event):
    """`queue.db` is a copy or was restored, so this daemon has a new identity; told once, at its start."""

    name = "standby.copied"
    level = "warning"
