"""The shop's `settings` table: text by key, read with the defaults the shop itself uses.

Each setting is read here and nowhere else. A setting that can be wrong answers its value, or what is wrong with it.
"""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import insert, select, update

from paranad.numbers import is_digits
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.columns import SHOWN_CHARS, is_blank
from paranad.shop.connections import AsyncConnection
from paranad.shop.tables import settings

INTERVAL = "alwaseet_auto_sync_interval"
SYNC_STATUSES, NOTIFY_STATUSES = "alwaseet_auto_sync_status_ids", "alwaseet_notify_statuses"
CITY_ID, REGION_ID = "alwaseet_default_city_id", "alwaseet_default_region_id"
PACKAGE_SIZE_ID = "alwaseet_default_package_size_id"

MINUTE = timedelta(minutes=1)
MINUTES = range(1441)
"""What an interval may be; 0 is every minute. The shop's own page takes 5 and more."""
DEFAULT_INTERVAL = timedelta(minutes=60)
"""How long after a sync the next one is due if the setting cannot be used."""
FEE = re.compile(r"(\d{1,8})(?:\.0+)?")
"""Whole dinars, in Arabic digits too."""
LINK_HOURS = range(1, 169)
DEFAULT_LINK_HOURS = 2

INTERVAL_WRONG = Sentence(
    "setting.interval_wrong",
    'expected a whole number of minutes from 0 to 1440, got "{value}"; every {minutes} minutes until then',
)
FEE_WRONG = Sentence("setting.fee_wrong", 'delivery_fee: expected whole dinars, got "{value}"; correct it in the shop')
ID_MISSING = Sentence(
    "setting.id_missing", "the shop's setting {key} is empty: expected an id of the courier; set it in the shop"
)
ID_WRONG = Sentence("setting.id_wrong", '{key}: expected an id of the courier, got "{value}"; correct it in the shop')
STATUS_ID_WRONG = Sentence("setting.status_id_wrong", "expected digits in the shop's setting {key}")


@record
class StatusIds:
    """A comma list of the courier's status ids: trimmed, no blanks, none twice, `04` as `4`."""

    ids: tuple[str, ...]
    wrong: tuple[str, ...]
    """Entries that are not numbers; *ids* does not hold them."""


@record
class ShopSettings:
    """All settings at one moment. A missing row means the default; a row with NULL means None, not the default."""

    values: Mapping[str, str | None] = field(repr=False)
    """Hidden: the courier's password and token are among them."""

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return the text at *key*; *default* if there is no such row; None if the row holds NULL."""
        return self.values.get(key, default)

    @property
    def auto_sync_enabled(self) -> bool:
        """Whether courier orders are synced automatically; only `1` means yes."""
        return self.get("alwaseet_auto_sync_enabled", "0") == "1"

    @property
    def auto_sync_interval(self) -> timedelta | Said:
        """How long after a sync the next is due, or why `DEFAULT_INTERVAL` stands in.

        The shop itself reads a text that is no number as 0, every minute: whoever mistypes a number does not want that.
        """
        text = self.get(INTERVAL, str(DEFAULT_INTERVAL // MINUTE)) or ""
        minutes = int(text) if is_digits(text.strip()) and len(text.strip()) < 20 else -1
        if minutes in MINUTES:
            return timedelta(minutes=minutes)
        return INTERVAL_WRONG(value=text[:SHOWN_CHARS], minutes=DEFAULT_INTERVAL // MINUTE)

    @property
    def auto_sync_status_ids(self) -> StatusIds:
        """The statuses to sync, with one sync for each; empty: one sync of everything."""
        return _status_ids(self.get(SYNC_STATUSES))

    @property
    def auto_create_shipment(self) -> bool:
        """Whether a new order becomes a shipment automatically; only `1` means yes."""
        return self.get("alwaseet_auto_create_shipment", "0") == "1"

    @property
    def default_city_id(self) -> str | Said:
        """The city for an order that names none, or why there is none."""
        return self._courier_id(CITY_ID)

    @property
    def default_region_id(self) -> str | Said:
        """The region for an order that names none, or why there is none."""
        return self._courier_id(REGION_ID)

    @property
    def default_package_size_id(self) -> str | Said:
        """The size of every parcel, or why there is none."""
        return self._courier_id(PACKAGE_SIZE_ID)

    @property
    def default_type_name(self) -> str:
        """What the parcels hold."""
        return self._filled("alwaseet_default_type_name") or "ملابس"

    @property
    def notify_status_ids(self) -> StatusIds:
        """The new statuses that are told; an empty setting tells all. A list of commas alone is wrong as a whole."""
        text = (self.get(NOTIFY_STATUSES) or "").strip()
        found = _status_ids(text)
        return found if found.ids or found.wrong or not text else StatusIds((), (text,))

    def notifies_of(self, status_id: str) -> bool:
        """Tell whether a shipment's new status is told; a list without a usable entry tells none."""
        wanted = self.notify_status_ids
        return not (wanted.ids or wanted.wrong) or status_id in wanted.ids

    @property
    def username(self) -> str | None:
        """The courier account's name; None if the setting is blank."""
        return self._filled("alwaseet_username")

    @property
    def password(self) -> SecretStr | None:
        """The courier account's password; None if the setting is blank."""
        return self._secret("alwaseet_password")

    @property
    def token(self) -> SecretStr | None:
        """The courier's token as last stored, by the shop or by the daemon; None if there is none."""
        return self._secret("alwaseet_token")

    @property
    def delivery_fee(self) -> int | Said:
        """The price of delivery for the customer, in whole dinars, or why it cannot be read."""
        text = (self.get("delivery_fee", "5000") or "").strip()
        dinars = FEE.fullmatch(text)
        return int(dinars[1]) if dinars else FEE_WRONG(value=text[:SHOWN_CHARS])

    @property
    def product_link_duration(self) -> timedelta:
        """How long a product link lives: 1 to 168 hours, or 2 if the setting is anything else."""
        value = (self.get("app_product_link_duration") or "").strip()
        hours = int(value) if is_digits(value) and len(value) <= 4 else 0
        return timedelta(hours=hours if hours in LINK_HOURS else DEFAULT_LINK_HOURS)

    def _courier_id(self, key: str) -> str | Said:
        value = self._filled(key)
        if value is None:
            return ID_MISSING(key=key)
        return value if is_digits(value) else ID_WRONG(key=key, value=value[:SHOWN_CHARS])

    def _filled(self, key: str) -> str | None:
        text = self.get(key)
        return None if text is None or is_blank(text) else text.strip()

    def _secret(self, key: str) -> SecretStr | None:
        value = self._filled(key)
        return SecretStr(value) if value else None


async def read_settings(connection: AsyncConnection) -> ShopSettings:
    """Read all settings at once; there are a few dozen."""
    rows = await connection.execute(select(settings.c.key, settings.c.value))
    return ShopSettings({row.key: row.value for row in rows})


async def write_setting(connection: AsyncConnection, key: str, value: str | None, now: datetime) -> None:
    """Store *value* at *key* and nothing else; *now* is the shop's wall clock. The description stays as it is."""
    changed = await connection.execute(
        update(settings).where(settings.c.key == key).values(value=value, updated_at=now)
    )
    # Rows matched, not rows changed: SQLAlchemy asks a server for that, so an equal value is not inserted again.
    if not changed.rowcount:
        await connection.execute(insert(settings).values(key=key, value=value, created_at=now, updated_at=now))


def _status_ids(text: str | None) -> StatusIds:
    entries = dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip())
    good = dict.fromkeys(entry.lstrip("0") or "0" for entry in entries if is_digits(entry))
    return StatusIds(tuple(good), tuple(entry for entry in entries if not is_digits(entry)))
