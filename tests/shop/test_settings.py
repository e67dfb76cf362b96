from datetime import timedelta

import pytest

from paranad.shop.database import Shop
from paranad.shop.settings import (
    FEE_WRONG,
    ID_MISSING,
    ID_WRONG,
    INTERVAL_WRONG,
    ShopSettings,
    StatusIds,
    read_settings,
    write_setting,
)
from paranad.shop.tables import settings
from tests.support import shop as t
from tests.support.clock import ManualClock


async def read(shop: Shop) -> ShopSettings:
    async with shop.read() as connection:
        return await read_settings(connection)


async def test_missing_row_gives_the_default_and_null_gives_none(shop: Shop) -> None:
    await t.set_setting(shop, "b", None)
    await t.set_setting(shop, "c", "")
    found = await read(shop)
    assert ("x", None, "") == (found.get("a", "x"), found.get("b", "x"), found.get("c", "x"))


async def test_writing_changes_value_and_time_only(shop: Shop, clock: ManualClock) -> None:
    setting = await t.make(shop, settings, key="alwaseet_token", value=None, description="رمز")
    before = await t.row(shop, settings, setting)
    await clock.advance(60)
    async with shop.transaction() as connection:
        await write_setting(connection, "alwaseet_token", "@@t", shop.now())
    assert {**before, "value": "@@t", "updated_at": shop.now()} == await t.row(shop, settings, setting)


async def test_writing_a_missing_row_makes_it(shop: Shop) -> None:
    await t.set_setting(shop, "alwaseet_token", "@@t")
    [row] = await t.rows(shop, settings, key="alwaseet_token")
    assert ("@@t", shop.now(), shop.now()) == (row["value"], row["created_at"], row["updated_at"])


@pytest.mark.parametrize(("value", "on"), [("1", True), ("0", False), ("true", False), (" 1", False), (None, False)])
def test_only_one_is_on(value: str | None, on: bool) -> None:
    found = ShopSettings({"alwaseet_auto_sync_enabled": value, "alwaseet_auto_create_shipment": value})
    assert (on, on) == (found.auto_sync_enabled, found.auto_create_shipment)


@pytest.mark.parametrize(("value", "minutes"), [("15", 15), (" 15 ", 15), ("0", 0), ("3", 3), ("1440", 1440)])
def test_interval_is_a_number_of_minutes(value: str | None, minutes: int) -> None:
    found = ShopSettings({"alwaseet_auto_sync_interval": value})
    assert timedelta(minutes=minutes) == found.auto_sync_interval


@pytest.mark.parametrize("value", ["15 min", "abc", "", None, "-5", "٣", "1.9", "1441", "1234567", "9" * 30])
def test_interval_that_is_no_number_of_minutes_is_said(value: str | None) -> None:
    found = ShopSettings({"alwaseet_auto_sync_interval": value}).auto_sync_interval
    assert INTERVAL_WRONG(value=(value or "")[:40], minutes=60) == found


@pytest.mark.parametrize(
    ("value", "ids", "wrong"),
    [(" 4, 17,,4 ,04", ("4", "17"), ()), ("4,x,٣,-1,x", ("4",), ("x", "٣", "-1")), ("", (), ()), (None, (), ())],
)
def test_status_ids_are_trimmed_and_each_once(value: str | None, ids: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    found = ShopSettings({"alwaseet_auto_sync_status_ids": value, "alwaseet_notify_statuses": value})
    assert StatusIds(ids, wrong) == found.auto_sync_status_ids == found.notify_status_ids


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "0 4 17"),
        (" ", "0 4 17"),
        ("0", "0"),
        ("04,x", "4"),
        (",", ""),
        ("x", ""),
        ("4.0", ""),
        (" 4, 17,", "4 17"),
    ],
)
def test_statuses_that_are_told_are_those_of_the_list(value: str | None, told: str) -> None:
    found = ShopSettings({"alwaseet_notify_statuses": value})
    assert told.split() == [status_id for status_id in ("0", "4", "17") if found.notifies_of(status_id)]


@pytest.mark.parametrize("value", [",", " , ,"])
def test_list_of_commas_alone_is_wrong_as_a_whole(value: str) -> None:
    assert StatusIds((), (value.strip(),)) == ShopSettings({"alwaseet_notify_statuses": value}).notify_status_ids


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blank_is_not_given(blank: str | None) -> None:
    keys = ("city_id", "region_id", "package_size_id", "type_name")
    courier = {f"alwaseet_{key}": blank for key in ("username", "password", "token")}
    found = ShopSettings({f"alwaseet_default_{key}": blank for key in keys} | courier)
    missing = tuple(ID_MISSING(key=f"alwaseet_default_{key}") for key in keys[:3])
    assert missing == (found.default_city_id, found.default_region_id, found.default_package_size_id)
    assert (None, None, None) == (found.username, found.password, found.token)
    assert "ملابس" == found.default_type_name


def test_empty_shop_has_the_shops_defaults() -> None:
    found = ShopSettings({})
    assert (False, timedelta(hours=1), False) == (
        found.auto_sync_enabled,
        found.auto_sync_interval,
        found.auto_create_shipment,
    )
    assert (5000, timedelta(hours=2)) == (found.delivery_fee, found.product_link_duration)


@pytest.mark.parametrize(
    ("value", "fee"), [("4000", 4000), (" 2500.00 ", 2500), ("٥٠٠٠", 5000), ("0", 0), ("99999999", 99_999_999)]
)
def test_delivery_fee_is_whole_dinars(value: str, fee: int) -> None:
    assert fee == ShopSettings({"delivery_fee": value}).delivery_fee


@pytest.mark.parametrize("value", ["2500.50", "x", None, "", "NaN", "-1", "5e3", "5_000", "100000000"])
def test_delivery_fee_that_is_no_whole_number_is_said(value: str | None) -> None:
    assert FEE_WRONG(value=value or "") == ShopSettings({"delivery_fee": value}).delivery_fee


def test_default_id_that_is_no_number_is_said() -> None:
    found = ShopSettings({"alwaseet_default_city_id": "بغداد"}).default_city_id
    assert ID_WRONG(key="alwaseet_default_city_id", value="بغداد") == found


def test_secrets_do_not_show() -> None:
    found = ShopSettings({"alwaseet_password": "hunter2", "alwaseet_token": "@@hunter2"})
    assert "hunter2" not in f"{found!r} {found.password!r} {found.token!r}"
    assert found.password is not None
    assert "hunter2" == found.password.get_secret_value()
