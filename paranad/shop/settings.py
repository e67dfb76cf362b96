"""The shop's `settings` table: text by key, read with the defaults the shop itself uses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from pydantic import SecretStr
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shop.blank import is_blank
from paranad.shop.tables import settings

NOTIFY_STATUSES = "alwaseet_notify_statuses"
MINUTES = re.compile(r"\s*([0-9]{1,6})\s*")
DEFAULT_MINUTES = 60
STATUS_ID = re.compile(r"[0-9]+")
LINK_HOURS = range(1, 169)
DEFAULT_LINK_HOURS = 2


@dataclass(frozen=True, slots=True)
class StatusIds:
    """A comma list of the courier's status ids: trimmed, no blanks, none twice, `04` as `4`."""

    ids: tuple[str, ...]
    wrong: tuple[str, ...]
    """Entries that are not numbers; they are left out of *ids*."""


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """All settings of one moment. A missing row gives the default; a row with NULL gives None, not the default."""

    values: Mapping[str, str | None] = field(repr=False)
    """Hidden: the courier's password and token are among them."""

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return the text at *key*, *default* where there is no such row, None where the row holds NULL."""
        return self.values.get(key, default)

    @property
    def auto_sync_enabled(self) -> bool:
        """Whether orders are to be synced by themselves; only `1` is yes."""
        return self.get("alwaseet_auto_sync_enabled", "0") == "1"

    @property
    def auto_sync_interval(self) -> timedelta:
        """How long after a sync the next is due; an hour where the setting is no number of minutes."""
        return timedelta(minutes=DEFAULT_MINUTES if self.auto_sync_minutes is None else self.auto_sync_minutes)

    @property
    def auto_sync_minutes(self) -> int | None:
        """The minutes between two syncs as the setting has them; None where it is no number of minutes.

        The shop itself reads such a value as 0, every minute: nobody who mistypes a number wants that.
        """
        number = MINUTES.fullmatch(self.get("alwaseet_auto_sync_interval", str(DEFAULT_MINUTES)) or "")
        return int(number[1]) if number else None

    @property
    def auto_sync_status_ids(self) -> StatusIds:
        """What to sync, one sync for each; empty: everything."""
        return _status_ids(self.get("alwaseet_auto_sync_status_ids"))

    @property
    def auto_create_shipment(self) -> bool:
        """Whether a new order becomes a shipment by itself; only `1` is yes."""
        return self.get("alwaseet_auto_create_shipment", "0") == "1"

    @property
    def default_city_id(self) -> str | None:
        """The city where an order names none; None where the setting is blank."""
        return self._filled("alwaseet_default_city_id")

    @property
    def default_region_id(self) -> str | None:
        """The region where an order names none; None where the setting is blank."""
        return self._filled("alwaseet_default_region_id")

    @property
    def default_package_size_id(self) -> str | None:
        """The size of every parcel; None where the setting is blank."""
        return self._filled("alwaseet_default_package_size_id")

    @property
    def default_type_name(self) -> str:
        """What the parcels hold."""
        return self._filled("alwaseet_default_type_name") or "ملابس"

    @property
    def notify_status_ids(self) -> StatusIds:
        """Which new statuses are told; nothing in it at all: every one. A list of commas alone is wrong as a whole."""
        text = (self.get(NOTIFY_STATUSES) or "").strip()
        found = _status_ids(text)
        return found if found.ids or found.wrong or not text else StatusIds((), (text,))

    def notifies_of(self, status_id: str) -> bool:
        """Tell whether a shipment's new status is told; a list with nothing usable in it tells none."""
        wanted = self.notify_status_ids
        return not (wanted.ids or wanted.wrong) or status_id in wanted.ids

    @property
    def username(self) -> str | None:
        """The courier account's name; None where the setting is blank."""
        return self._filled("alwaseet_username")

    @property
    def password(self) -> SecretStr | None:
        """The courier account's password; None where the setting is blank."""
        return self._secret("alwaseet_password")

    @property
    def token(self) -> SecretStr | None:
        """The courier's token as last stored, by the shop or by us; None where there is none."""
        return self._secret("alwaseet_token")

    @property
    def delivery_fee(self) -> Decimal:
        """What delivery costs the customer, in dinars; 0 where the setting is no amount."""
        try:
            fee = Decimal((self.get("delivery_fee", "5000") or "0").strip())
        except InvalidOperation:
            return Decimal(0)
        return fee if fee.is_finite() and fee > 0 else Decimal(0)

    @property
    def product_link_duration(self) -> timedelta:
        """How long a product link lives: 1 to 168 hours; two hours where the setting is anything else."""
        value = (self.get("app_product_link_duration") or "").strip()
        hours = int(value) if re.fullmatch(r"[0-9]{1,4}", value) else 0
        return timedelta(hours=hours if hours in LINK_HOURS else DEFAULT_LINK_HOURS)

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
    if not changed.rowcount:
        await connection.execute(insert(settings).values(key=key, value=value, created_at=now, updated_at=now))


def _status_ids(text: str | None) -> StatusIds:
    entries = dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip())
    good = dict.fromkeys(entry.lstrip("0") or "0" for entry in entries if STATUS_ID.fullmatch(entry))
    return StatusIds(tuple(good), tuple(entry for entry in entries if not STATUS_ID.fullmatch(entry)))
