"""What the courier has, and how its lists show it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from paranad.courier.models import CourierOrder
from tests.worlds.world import Change, Lists, Note, Phone, Price, Time

BAGHDAD = ZoneInfo("Asia/Baghdad")
OTHER_PHONE = "+9647809999999"


@dataclass
class Parcel:
    """What the courier has."""

    id: str
    qr_id: str
    phone: str
    price: int
    notes: str
    made_at: datetime
    order_id: int | None
    """Whose it is; None: nobody's of the shop."""
    by: str
    """`paranad`, `php` or `other`."""
    change: Change = field(default_factory=Change)
    refused: bool = False
    """The courier has it, and said in plain words that it does not."""
    misnamed: bool = False
    """A person named it for another order of its phone, and was believed."""
    recognised: bool = False
    """A list that was held against its unclear order has shown it with the order's phone, or our reference."""

    def row(self, lists: Lists, anothers: str) -> CourierOrder:
        time = self.change.time if self.change.time is not Time.BAGHDAD else lists.time
        price = self.shown_price() if lists.prices else None
        unsaid: dict[str, Any] = dict.fromkeys(UNSAID)
        return CourierOrder(
            **unsaid,
            id=self.id,
            qr_id=self.qr_id,
            client_mobile=self.shown_phone(),
            price=price,
            merchant_notes=self.shown_notes(anothers) if lists.notes else None,
            created_at=_shown_time(self.made_at, time),
            extra={},
        )

    def shown_phone(self) -> str | None:
        return {Phone.KEPT: self.phone, Phone.OTHER: OTHER_PHONE, Phone.GONE: None}[self.change.phone]

    def shown_price(self) -> Decimal | None:
        prices = {Price.KEPT: Decimal(self.price), Price.OTHER: Decimal(self.price + 5000), Price.GONE: None}
        return prices[self.change.price]

    def shown_notes(self, anothers: str) -> str | None:
        return {
            Note.KEPT: self.notes,
            Note.GONE: None,
            Note.REPLACED: "call before noon",
            Note.LOWER: self.notes.lower(),
            Note.FOREIGN: "P2-ABCD",
            Note.ANOTHERS: anothers,
        }[self.change.note]


UNSAID = (
    "qr_link",
    "client_name",
    "client_mobile2",
    "city_id",
    "city_name",
    "region_id",
    "region_name",
    "location",
    "delivery_price",
    "package_size",
    "type_name",
    "status_id",
    "status",
    "items_number",
    "issue_notes",
    "replacement",
    "merchant_invoice_id",
    "pickup_id",
    "updated_at",
)


def _shown_time(made_at: datetime, time: Time) -> datetime | None:
    wall = made_at.astimezone(BAGHDAD).replace(tzinfo=None, microsecond=0)
    match time:
        case Time.UTC:
            return made_at.replace(tzinfo=None, microsecond=0)
        case Time.NONE:
            return None
        case Time.DAY:
            return wall.replace(hour=0, minute=0, second=0)
        case Time.BAGHDAD:
            return wall
