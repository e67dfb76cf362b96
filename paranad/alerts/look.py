"""What a look at one kind of trouble answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from paranad.alerts.incident import Facts, Incident, IncidentKind


@dataclass(frozen=True, slots=True)
class Moment:
    """When a look is taken."""

    now: datetime
    monotonic_s: float
    last: datetime
    """Up to when the daemon, or the one before it, had looked; never after *now*. The first time of all: *now*."""
    is_first: bool
    """Whether this daemon looks for the first time: it was down since *last*."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found; an open incident that is in neither stays open."""

    bad: Mapping[str, Facts] = field(default_factory=dict)
    """By key: what is wrong, and what is known of it."""
    over: Mapping[str, str] = field(default_factory=dict)
    """By key of an open incident: how it ended."""


class Watch(Protocol):
    """Knows one kind of trouble."""

    kind: ClassVar[IncidentKind]

    async def look(self, moment: Moment, opened: Mapping[str, Incident]) -> Look:
        """Look now; *opened* are the open incidents of the kind."""
        ...
