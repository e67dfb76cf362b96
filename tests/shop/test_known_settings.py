"""The shop's settings that a person looks at and changes: nothing is stored that the daemon could not use."""

import pytest
from sqlalchemy import select

from paranad.errors import InvalidRequest, NotFound, WrongState
from paranad.events.event import Event, Events
from paranad.events.shop import ShopSettingChanged
from paranad.log.redaction import redact
from paranad.said import plain
from paranad.shop.database import Shop
from paranad.shop.known_settings import KNOWN, KnownSetting, KnownSettings
from paranad.shop.tables import settings
from tests.support import shop as t
from tests.support.clock import ManualClock

SECRET = "s3cret-of-the-account"


@pytest.fixture
def known(shop: Shop, events: Events) -> KnownSettings:
    return KnownSettings(shop, events, {"delivery_fee": plain("it is not added")})


async def stored(shop: Shop, key: str) -> str | None:
    async with shop.read() as connection:
        return (await connection.execute(select(settings.c.value).where(settings.c.key == key))).scalar()


async def only(known: KnownSettings, key: str) -> KnownSetting:
    return next(each for each in await known.all() if each.facts.key == key)


async def test_a_shop_without_rows_says_the_defaults_and_what_is_missing(known: KnownSettings) -> None:
    reads = {each.facts.key: (str(each.reads), each.is_wrong) for each in await known.all()}
    assert len(KNOWN) == len(reads)
    assert ("off", False) == reads["alwaseet_auto_create_shipment"]
    assert ("every 60 minutes", False) == reads["alwaseet_auto_sync_interval"]
    assert ("all statuses", False) == reads["alwaseet_notify_statuses"]
    assert ("5000 dinars", False) == reads["delivery_fee"]
    assert reads["alwaseet_default_city_id"][1], "an order without a city cannot be sent"
    assert ("not set", False) == reads["alwaseet_password"]
    assert "it is not added" == str((await only(known, "delivery_fee")).unused)


async def test_a_secret_is_never_shown(known: KnownSettings, shop: Shop, told: list[Event]) -> None:
    for key in ("alwaseet_password", "alwaseet_token"):
        await t.set_setting(shop, key, SECRET)
        found = await only(known, key)
        assert (None, "set") == (found.value, str(found.reads))
        assert SECRET not in str(found.as_json())
    change = await known.change("alwaseet_password", f"{SECRET}-new")
    assert (None, None) == (change.before.value, change.after.value)
    assert SECRET not in repr(told)
    assert f"{SECRET}-new" == await stored(shop, "alwaseet_password")
    assert SECRET not in redact(f"the courier said {SECRET}-new")


async def test_a_change_is_stored_and_told(
    known: KnownSettings, shop: Shop, clock: ManualClock, told: list[Event]
) -> None:
    row = await t.make(shop, settings, key="alwaseet_auto_sync_interval", value="60", description="كل كم دقيقة")
    before = await t.row(shop, settings, row)
    await clock.advance(60)

    change = await known.change("alwaseet_auto_sync_interval", " 15 ")

    assert ("every 60 minutes", "every 15 minutes") == (str(change.before.reads), str(change.after.reads))
    assert {**before, "value": "15", "updated_at": shop.now()} == await t.row(shop, settings, row)
    event = ShopSettingChanged(
        setting="alwaseet_auto_sync_interval", before="every 60 minutes", after="every 15 minutes"
    )
    assert [event] == [each for each in told if isinstance(each, ShopSettingChanged)]


@pytest.mark.parametrize(("word", "value"), [("on", "1"), ("OFF", "0"), ("1", "1"), (" 0 ", "0")])
async def test_a_switch_takes_words(known: KnownSettings, shop: Shop, word: str, value: str) -> None:
    await known.change("alwaseet_auto_sync_enabled", word)
    assert value == await stored(shop, "alwaseet_auto_sync_enabled")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("alwaseet_auto_sync_enabled", "true"),
        ("alwaseet_auto_sync_enabled", ""),
        ("alwaseet_auto_sync_interval", "soon"),
        ("alwaseet_auto_sync_interval", "1441"),
        ("alwaseet_auto_sync_status_ids", "4,x"),
        ("alwaseet_notify_statuses", ","),
        ("alwaseet_default_city_id", ""),
        ("alwaseet_default_region_id", "Baghdad"),
        ("alwaseet_default_package_size_id", "-1"),
        ("delivery_fee", "5 000"),
        ("app_product_link_duration", "0"),
        ("app_product_link_duration", "169"),
        ("alwaseet_default_type_name", "two\nlines"),
        ("alwaseet_default_type_name", "x" * 1001),
        ("alwaseet_username", "a\x00b"),
    ],
)
async def test_what_the_daemon_cannot_use_is_not_stored(
    known: KnownSettings, shop: Shop, told: list[Event], key: str, value: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await known.change(key, value)
    assert "in the shop" not in str(refused.value)
    assert (None, []) == (await stored(shop, key), [each for each in told if isinstance(each, ShopSettingChanged)])


async def test_a_dry_run_changes_nothing(known: KnownSettings, shop: Shop, told: list[Event]) -> None:
    change = await known.change("alwaseet_auto_sync_enabled", "on", dry_run=True)
    assert ("off", "on", None) == (
        str(change.before.reads),
        str(change.after.reads),
        await stored(shop, "alwaseet_auto_sync_enabled"),
    )
    assert [] == [each for each in told if isinstance(each, ShopSettingChanged)]


@pytest.mark.parametrize("key", ["alwaseet_token", "alwaseet_account_type"])
async def test_what_a_login_writes_is_not_changed_by_hand(known: KnownSettings, key: str) -> None:
    with pytest.raises(WrongState, match="paranadctl courier test"):
        await known.change(key, "@@x")


async def test_unknown_setting_names_the_nearest_or_all(known: KnownSettings) -> None:
    with pytest.raises(NotFound, match='did you mean "alwaseet_password"'):
        await known.change("alwaseet_pasword", "x")
    with pytest.raises(NotFound, match="; known: alwaseet_auto_create_shipment, "):
        await known.change("zzz", "x")
