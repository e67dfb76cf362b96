"""The daemon as the control API asks it; `paranad/daemon.py` implements it."""

from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from paranad.clock import Clock
from paranad.control import schemas
from paranad.events.event import Events
from paranad.parts import Parts
from paranad.said import Said


@dataclass(frozen=True, slots=True)
class Facts:
    """The part of a status that only the daemon knows: itself, the shop, the courier, its file."""

    daemon: schemas.Daemon
    courier: schemas.Courier
    shop: schemas.Shop
    bridge: schemas.Bridge
    store: schemas.Store
    last_sync: schemas.LastSync | None
    """None: there was none, or it is not known."""
    last_sync_known: bool = True
    """False: the shop could not be asked for it."""


class Daemon(Protocol):
    """The running daemon: its parts, and what only the whole of them can answer."""

    @property
    def parts(self) -> Parts: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def events(self) -> Events: ...

    def health(self) -> Said | str | None:
        """Return why it is not ready; None: the queue is recovered and the socket listens."""
        ...

    async def facts(self) -> Facts:
        """Return what the status says beside the queue, the schedule and the shipments."""
        ...

    async def doctor(self) -> schemas.Doctor:
        """Look at everything that may be wrong; it takes some seconds, and never more than a minute."""
        ...

    async def reload(self) -> schemas.ReloadReport:
        """Re-read the configuration.

        Raises:
            ConfigurationError: every problem; the old values stay.
        """
        ...

    def drain(self) -> None:
        """Claim no more; what runs goes on."""
        ...

    def undrain(self) -> None:
        """Claim again.

        Raises:
            StateGone: what a job would note of itself could be lost.
        """
        ...
