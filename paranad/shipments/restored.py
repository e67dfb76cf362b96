"""Whether queue.db was restored from a copy: the journal then lacks what was sent after the copy was made."""

from dataclasses import dataclass
from datetime import datetime

from paranad.clock import from_us, to_us
from paranad.shipments.decide import SLACK
from paranad.shipments.model import Shipment
from paranad.store.backup import COPIED_AT
from paranad.store.file import Values

MATCHED = "shipments.matched"
"""The value that says of which copy the journal has been matched with the courier's list, and when."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a queue.db that was restored stands."""

    copied_at: datetime
    """When the copy was made."""
    matched_at: datetime | None
    """When its journal was matched with the courier's list; None: not yet, so nothing may be sent."""

    def doubts(self, made_at: datetime) -> bool:
        """Tell whether an order made at *made_at* may have been sent by the daemon that is gone."""
        return self.matched_at is None or made_at < self.matched_at + SLACK

    def is_decided(self, shipment: Shipment) -> bool:
        """Tell whether a person has decided on *shipment* since."""
        return shipment.decided_at is not None and shipment.decided_at > self.copied_at


class Restoration:
    """Knows whether queue.db was restored, over restarts."""

    def __init__(self, values: Values) -> None:
        self.values = values

    async def find(self) -> Restored | None:
        """Return where the restored queue.db stands; None: it was never restored."""
        copied_us = await self.values.get(COPIED_AT)
        if not isinstance(copied_us, int):
            return None
        matched = await self.values.get(MATCHED)
        if isinstance(matched, dict) and matched.get("copied_at") == copied_us:
            return Restored(from_us(copied_us), from_us(matched["at"]))
        return Restored(from_us(copied_us), None)

    async def match(self, restored: Restored, at: datetime) -> None:
        """Keep that the journal has been matched with the courier's list."""
        await self.values.put(MATCHED, {"copied_at": to_us(restored.copied_at), "at": to_us(at)})
