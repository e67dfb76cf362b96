"""Turns the parcels that need a person into the API's forms; of a customer at most the courier's note is in them."""

from paranad.configuration.settings import ParcelsSection
from paranad.control import schemas_parcels
from paranad.control.views import Views, said_fields
from paranad.orders.parcel_rules import KEYS, Finding, ParcelKind
from paranad.orders.parcel_watch import Reading
from paranad.store.reader import Page


class ParcelViews:
    """Shows parcels with their instants as *show* has them."""

    def __init__(self, show: Views) -> None:
        self.show = show

    def parcels(self, page: Page[Finding], reading: Reading, limits: ParcelsSection) -> schemas_parcels.Parcels:
        """Show a page of parcels, and how many of each kind there are."""
        return schemas_parcels.Parcels(
            items=[self.parcel(finding) for finding in page.items],
            next_cursor=page.next_cursor,
            at=self.show.at(reading.at),
            kinds=[_count(kind, reading, limits) for kind in KEYS],
        )

    def parcel(self, finding: Finding) -> schemas_parcels.Parcel:
        """Show a parcel that needs a person."""
        return schemas_parcels.Parcel(
            kind=finding.kind.value,
            order_id=finding.order_id,
            order_number=finding.order_number,
            courier_id=finding.courier_id,
            status_id=finding.status_id,
            status=finding.status,
            since=self.show.at_or_none(finding.since),
            price=finding.price,
            expected=finding.expected,
            **said_fields(finding.why),
        )


def _count(kind: ParcelKind, reading: Reading, limits: ParcelsSection) -> schemas_parcels.ParcelCount:
    why, limit = reading.off.get(kind), getattr(limits, KEYS[kind])
    return schemas_parcels.ParcelCount(
        kind=kind.value,
        count=None if why else reading.counts[kind],
        days=None if why or isinstance(limit, bool) else limit,
        **said_fields(why),
    )
