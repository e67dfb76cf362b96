"""The watches of parcels and their money: one for each kind, all by one reading."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from paranad.alerts.incident import Facts, Incident
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import Tick, Trouble
from paranad.orders.parcel_rules import KEYS, Finding, ParcelKind
from paranad.orders.parcel_watch import ParcelWatch
from paranad.said import Said, Sentence
from paranad.wording import joined

PARCELS: Final = "parcels"
"""The key of each incident: it is about all parcels of its kind."""
NAMED: Final = 5
"""How many are named, those that have stood longest."""
NONE_LEFT = Sentence("alert.parcels_none_left", "none is left")
ORDER = Sentence("alert.parcel_order", "order {order_id}")
OF_NO_ORDER = Sentence("alert.parcel_of_no_order", "parcel {courier_id}")
NEXT = Sentence("alert.parcel_next", "{first}, {rest}")


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
        named = found[:NAMED]
        orders = [str(each.order_id) for each in named if each.order_id is not None]
        return {"count": count, **days, "orders": orders, "oldest": joined([_name(each) for each in named], NEXT)}


def parcel_troubles(parcels: ParcelWatch) -> Iterable[ParcelTrouble]:
    """Return the watches, one for each kind."""
    return [ParcelTrouble(kind, parcels) for kind in KEYS]


def _name(finding: Finding) -> Said:
    """Name the order by its id, as the list does; a parcel of no order by the courier's."""
    if finding.order_id is None:
        return OF_NO_ORDER(courier_id=finding.courier_id)
    return ORDER(order_id=finding.order_id)
