"""The shop's settings that a person may look at and change here: what each means, what it holds, who reads it.

How a value is read stands in `settings.py`; nothing is stored that would be read as wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from paranad.errors import InvalidRequest, NotFound, WrongState
from paranad.events.event import Events
from paranad.events.shop import ShopSettingChanged
from paranad.log.redaction import hide
from paranad.numbers import is_digits
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.columns import is_blank
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.settings import (
    CITY_ID,
    INTERVAL,
    LINK_HOURS,
    MINUTE,
    NOTIFY_STATUSES,
    PACKAGE_SIZE_ID,
    REGION_ID,
    STATUS_ID_WRONG,
    SYNC_STATUSES,
    ShopSettings,
    StatusIds,
    read_settings,
    write_setting,
)
from paranad.wording import did_you_mean, quotable

LONGEST = 1000
"""How many characters a value may have."""

ON, OFF = Sentence("setting.on", "on"), Sentence("setting.off", "off")
EVERY = Sentence("setting.every", "every {minutes:minute}")
EVERY_MINUTE = Sentence("setting.every_minute", "every minute")
STATUSES, ALL_STATUSES = Sentence("setting.statuses", "{ids}"), Sentence("setting.all_statuses", "all statuses")
DINARS = Sentence("setting.dinars", "{dinars:dinar}")
HOURS = Sentence("setting.hours", "{hours:hour}")
TEXT = Sentence("setting.text", "{value}")
SET, NOT_SET = Sentence("setting.set", "set"), Sentence("setting.not_set", "not set")

SWITCH_WRONG = Sentence("setting.switch_wrong", '{key}: expected on or off, got "{value}"')
TEXT_WRONG = Sentence("setting.text_wrong", "{key}: expected one line of at most {most} characters")
MINUTES_EXPECTED = Sentence(
    "setting.minutes_expected", '{key}: expected a whole number of minutes from 0 to 1440, got "{value}"'
)
DINARS_EXPECTED = Sentence("setting.dinars_expected", '{key}: expected whole dinars, got "{value}"')
ID_EXPECTED = Sentence("setting.id_expected", '{key}: expected an id of the courier, got "{value}"')
STATUSES_EXPECTED = Sentence("setting.statuses_expected", '{key}: expected ids of statuses with commas, got "{value}"')
HOURS_WRONG = Sentence("setting.hours_wrong", '{key}: expected hours as a whole number from 1 to 168, got "{value}"')
UNKNOWN = Sentence("setting.unknown", 'there is no setting "{key}"{cure}')
KNOWN_KEYS = Sentence("setting.known", "; known: {keys}")
NOT_BY_HAND = Sentence(
    "setting.not_by_hand", "{key} is written by the daemon and the shop after a login; try one: paranadctl courier test"
)

WORDS = {"on": "1", "off": "0"}
"""What may be written instead of a switch's value."""

Reading = tuple[Said, bool]
"""How a value is read, and whether it is one that cannot be used."""


@record
class SettingFacts:
    """What is known of a setting without reading it."""

    key: str
    about: Sentence
    """What it means."""
    used_by: tuple[str, ...]
    """The tasks that read it; none: the shop's own pages alone, or the login."""
    read: Callable[[ShopSettings], Reading]
    default: str | None = None
    """What the shop takes if it has no such row."""
    is_secret: bool = False
    by_hand: bool = True
    """Whether a person may change it."""
    expected: Sentence | None = None
    """What a person is told who writes a value that would be read as wrong; None: every text can be read."""
    typed: Callable[[str, str], str] = lambda _, text: text
    """Turns what a person wrote, after the key, into what is stored; raises InvalidRequest."""


@record
class KnownSetting:
    """A setting as it stands in the shop."""

    facts: SettingFacts
    value: str | None
    """As stored; None for a secret, or if there is none."""
    reads: Said
    """How the daemon reads it."""
    is_wrong: bool
    unused: Said | None
    """Why the daemon does not use it, such as a value in paranad.toml that takes its place."""

    def as_json(self) -> dict[str, Any]:
        """Return all that may be shown of it; sentences as `Said.remark` has them."""
        return {
            "name": self.facts.key,
            "means": self.facts.about().remark(),
            "value": self.value,
            "default": self.facts.default,
            "secret": self.facts.is_secret,
            "changeable": self.facts.by_hand,
            "reads": self.reads.remark(),
            "wrong": self.is_wrong,
            "used_by": list(self.facts.used_by),
            "unused": self.unused and self.unused.text,
            "why": self.unused and self.unused.remark(),
        }


@record
class Change:
    """What a setting was read as, and is read as now."""

    before: KnownSetting
    after: KnownSetting


def _switch(settings: ShopSettings, key: str) -> Reading:
    is_on = settings.get(key, "0") == "1"
    return (ON if is_on else OFF)(), False


def _typed_switch(key: str, text: str) -> str:
    value = WORDS.get(text.lower(), text)
    if value not in WORDS.values():
        raise InvalidRequest(SWITCH_WRONG(key=key, value=quotable(text)))
    return value


def _interval(settings: ShopSettings) -> Reading:
    interval = settings.auto_sync_interval
    if isinstance(interval, Said):
        return interval, True
    return EVERY(minutes=interval // MINUTE) if interval > MINUTE else EVERY_MINUTE(), False


def _statuses(key: str, found: StatusIds) -> Reading:
    if found.wrong:
        return STATUS_ID_WRONG(key=key), True
    return STATUSES(ids=found.ids) if found.ids else ALL_STATUSES(), False


def _courier_id(found: str | Said) -> Reading:
    return (found, True) if isinstance(found, Said) else (TEXT(value=found), False)


def _fee(settings: ShopSettings) -> Reading:
    fee = settings.delivery_fee
    return (fee, True) if isinstance(fee, Said) else (DINARS(dinars=fee), False)


def _link_hours(settings: ShopSettings) -> Reading:
    return HOURS(hours=settings.product_link_duration // timedelta(hours=1)), False


def _typed_hours(key: str, text: str) -> str:
    if not (is_digits(text) and len(text) <= 3 and int(text) in LINK_HOURS):
        raise InvalidRequest(HOURS_WRONG(key=key, value=quotable(text)))
    return text


def _secret(settings: ShopSettings, key: str) -> Reading:
    return _set_or_not(settings.get(key)), False


def _set_or_not(text: str | None) -> Said:
    return NOT_SET() if text is None or is_blank(text) else SET()


def _text(settings: ShopSettings, key: str) -> Reading:
    text = settings.get(key)
    return (NOT_SET() if text is None or is_blank(text) else TEXT(value=text)), False


SYNC, SEND, AUTO = "alwaseet:sync-orders", "alwaseet:create-shipment", "alwaseet:auto-sync"

KNOWN: Sequence[SettingFacts] = (
    SettingFacts(
        "alwaseet_auto_create_shipment",
        Sentence("setting.about_auto_create", "whether a new order is sent to the courier by itself"),
        (SEND,),
        lambda settings: _switch(settings, "alwaseet_auto_create_shipment"),
        "0",
        typed=_typed_switch,
    ),
    SettingFacts(
        "alwaseet_auto_sync_enabled",
        Sentence("setting.about_auto_sync", "whether the courier's orders are synced by themselves"),
        (AUTO,),
        lambda settings: _switch(settings, "alwaseet_auto_sync_enabled"),
        "0",
        typed=_typed_switch,
    ),
    SettingFacts(
        INTERVAL,
        Sentence("setting.about_interval", "how many minutes after a sync the next one is due"),
        (AUTO,),
        _interval,
        "60",
        expected=MINUTES_EXPECTED,
    ),
    SettingFacts(
        SYNC_STATUSES,
        Sentence("setting.about_sync_statuses", "the courier statuses that are synced, with commas; empty: all"),
        (AUTO,),
        lambda settings: _statuses(SYNC_STATUSES, settings.auto_sync_status_ids),
        "",
        expected=STATUSES_EXPECTED,
    ),
    SettingFacts(
        NOTIFY_STATUSES,
        Sentence("setting.about_notify", "the new statuses of a shipment that are told, with commas; empty: all"),
        ("alwaseet:notify-status",),
        lambda settings: _statuses(NOTIFY_STATUSES, settings.notify_status_ids),
        "",
        expected=STATUSES_EXPECTED,
    ),
    SettingFacts(
        CITY_ID,
        Sentence("setting.about_city", "the courier's id of the city of an order that names none"),
        (SEND,),
        lambda settings: _courier_id(settings.default_city_id),
        expected=ID_EXPECTED,
    ),
    SettingFacts(
        REGION_ID,
        Sentence("setting.about_region", "the courier's id of the region of an order that names none"),
        (SEND,),
        lambda settings: _courier_id(settings.default_region_id),
        expected=ID_EXPECTED,
    ),
    SettingFacts(
        PACKAGE_SIZE_ID,
        Sentence("setting.about_size", "the courier's id of the size of every parcel"),
        (SEND,),
        lambda settings: _courier_id(settings.default_package_size_id),
        expected=ID_EXPECTED,
    ),
    SettingFacts(
        "alwaseet_default_type_name",
        Sentence("setting.about_type", "what the parcels hold, as the courier is told"),
        (SEND,),
        lambda settings: (TEXT(value=settings.default_type_name), False),
        ShopSettings({}).default_type_name,
    ),
    SettingFacts(
        "delivery_fee",
        Sentence("setting.about_fee", "the price of delivery for the customer, in dinars"),
        (SEND,),
        _fee,
        "5000",
        expected=DINARS_EXPECTED,
    ),
    SettingFacts(
        "app_product_link_duration",
        Sentence("setting.about_links", "how many hours a product link lives, from 1 to 168"),
        ("product-links:delete-expired",),
        _link_hours,
        "2",
        typed=_typed_hours,
    ),
    SettingFacts(
        "alwaseet_username",
        Sentence("setting.about_username", "the courier account's name"),
        (),
        lambda settings: _text(settings, "alwaseet_username"),
    ),
    SettingFacts(
        "alwaseet_password",
        Sentence("setting.about_password", "the courier account's password"),
        (),
        lambda settings: _secret(settings, "alwaseet_password"),
        is_secret=True,
    ),
    SettingFacts(
        "alwaseet_token",
        Sentence("setting.about_token", "what the courier gave at the last login, shared with the shop's pages"),
        (),
        lambda settings: _secret(settings, "alwaseet_token"),
        is_secret=True,
        by_hand=False,
    ),
    SettingFacts(
        "alwaseet_account_type",
        Sentence("setting.about_account", "whether it is the merchant's account or an employee's, as the token tells"),
        (),
        lambda settings: _text(settings, "alwaseet_account_type"),
        by_hand=False,
    ),
)


class KnownSettings:
    """The known settings of one shop."""

    def __init__(self, shop: Shop, events: Events, unused: Mapping[str, Said]) -> None:
        """Look at *shop*; *unused* tells by key why the daemon does not use a setting."""
        self._shop, self._events, self._unused = shop, events, unused

    async def all(self) -> list[KnownSetting]:
        """Return every setting as it stands.

        Raises:
            ShopError: the shop cannot be asked.
        """
        async with self._shop.read() as connection:
            settings = await read_settings(connection)
        return [self._known(facts, settings) for facts in KNOWN]

    async def change(self, key: str, text: str, *, dry_run: bool = False) -> Change:
        """Store *text* at *key*, unless it would be read as wrong; in a dry run only say how it would be read.

        Raises:
            NotFound: no such setting.
            WrongState: a login writes it, and no person.
            InvalidRequest: what was expected.
            ShopError: the shop cannot be asked, or refused it.
        """
        facts = known(key)
        value = checked(facts, text)
        if facts.is_secret:
            hide(value)
        now = self._shop.now()

        async def work(connection: AsyncConnection) -> Change:
            settings = await read_settings(connection)
            before, after = self._known(facts, settings), self._known(facts, replaced(settings, key, value))
            if after.is_wrong:
                expected = facts.expected
                raise InvalidRequest(expected(key=key, value=quotable(text)) if expected else after.reads)
            await write_setting(connection, key, value, now)
            return Change(before, after)

        change = await self._shop.in_transaction(work, dry_run=dry_run)
        if not dry_run:
            before, after = (str(each.reads) for each in (change.before, change.after))
            self._events.tell(ShopSettingChanged(setting=key, before=before, after=after))
        return change

    def _known(self, facts: SettingFacts, settings: ShopSettings) -> KnownSetting:
        reads, is_wrong = facts.read(settings)
        value = None if facts.is_secret else settings.get(facts.key)
        return KnownSetting(facts, value, reads, is_wrong, self._unused.get(facts.key))


def known(key: str) -> SettingFacts:
    """Return the facts of the setting *key*.

    Raises:
        NotFound: names the nearest, or all.
    """
    if facts := next((each for each in KNOWN if each.key == key), None):
        return facts
    keys = [each.key for each in KNOWN]
    raise NotFound(UNKNOWN(key=quotable(key), cure=did_you_mean(key, keys) or KNOWN_KEYS(keys=keys)))


def checked(facts: SettingFacts, text: str) -> str:
    """Return *text* as it is stored, checked for what the shop's row takes and how a person writes it.

    Raises:
        WrongState, InvalidRequest: as `KnownSettings.change`.
    """
    if not facts.by_hand:
        raise WrongState(NOT_BY_HAND(key=facts.key))
    value = text.strip()
    if len(value) > LONGEST or not value.isprintable():
        raise InvalidRequest(TEXT_WRONG(key=facts.key, most=LONGEST))
    return facts.typed(facts.key, value)


def replaced(settings: ShopSettings, key: str, value: str) -> ShopSettings:
    """Return *settings* with *value* at *key*."""
    return ShopSettings({**settings.values, key: value})
