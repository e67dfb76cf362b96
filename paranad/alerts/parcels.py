"""The watches of parcels and their money: one for each kind, all by one reading."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from paranad.alerts.incident import Facts, Incident
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import Tick, Trouble
from paranad.orders.parcel_rules import KEYS, Finding, ParcelKind
from paranad.orders.parcel_watch import ParcelWatch
from paranad.said import Sentence
from paranad.wording import quotable

PARCELS: Final = "parcels"
"""The key of each incident: it is about all parcels of its kind."""
NAMED: Final = 5
"""How many are named, those that have stood longest."""
NONE_LEFT = Sentence("alert.parcels_none_left", "none is left")


class ParcelTrouble:
    """Tells whether parcels of one kind need a person."""

    def __init__(self, of: ParcelKind, parcels: ParcelWatch) -> None:
        self.kind = IncidentKind(f"parcels-{of}")
        self._of, self._parcels = of, parcels

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        reading = await self._parcels.latest()
        if reading is None:  # not known is not over
            return Trouble()
        if why := reading.off.get(self._of):
            return Trouble(over=dict.fromkeys(opened, why))
        if not reading.counts[self._of]:
            return Trouble(over=dict.fromkeys(opened, NONE_LEFT()))
        return Trouble({PARCELS: self._facts(reading.counts[self._of], reading.found[self._of])})

    def _facts(self, count: int, found: Sequence[Finding]) -> Facts:
        limit = getattr(self._parcels.settings, KEYS[self._of])
        days = {} if isinstance(limit, bool) else {"days": limit}
        return {"count": count, **days, "orders": [_name(each) for each in found[:NAMED]]}


def parcel_troubles(parcels: ParcelWatch) -> Iterable[ParcelTrouble]:
    """Return the watches, one for each kind."""
    return [ParcelTrouble(kind, parcels) for kind in KEYS]


def _name(finding: Finding) -> str:
    """Return the shop's number of the order; without one its id, or that of the courier."""
    number = finding.order_number or str(finding.order_id or finding.courier_id)
    return quotable(number)
