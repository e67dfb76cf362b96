"""The shop's settings in words, and what in them cannot be used."""

import pytest

from paranad.configuration.settings import TasksSection
from paranad.doctor.settings import settings_findings
from paranad.shop.settings import ShopSettings
from tests.support.findings import codes, only

GOOD = {
    "alwaseet_auto_create_shipment": "1",
    "alwaseet_default_city_id": "1",
    "alwaseet_default_region_id": "15",
    "alwaseet_default_package_size_id": "1",
    "alwaseet_auto_sync_enabled": "1",
    "alwaseet_auto_sync_interval": "60",
}
PLUS_FEE = TasksSection(shipment_price="total_plus_fee")


def findings(changed: dict[str, str | None] | None = None, tasks: TasksSection | None = None) -> list[str]:
    return codes(settings_findings(ShopSettings({**GOOD, **(changed or {})}), tasks or TasksSection()))


def test_good_settings_are_said_in_words() -> None:
    assert ["create-shipment-on", "defaults-good", "price-total", "auto-sync-all", "notices-all"] == findings()


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("alwaseet_auto_create_shipment", "0", "create-shipment-off"),
        ("alwaseet_auto_create_shipment", None, "create-shipment-off"),
        ("alwaseet_default_city_id", "", "defaults-missing"),
        ("alwaseet_default_region_id", None, "defaults-missing"),
        ("alwaseet_default_package_size_id", "كبير", "defaults-missing"),
        ("alwaseet_auto_sync_enabled", "true", "auto-sync-off"),
        ("alwaseet_auto_sync_interval", "hourly", "auto-sync-interval-wrong"),
        ("alwaseet_auto_sync_interval", "1441", "auto-sync-interval-wrong"),
        ("alwaseet_auto_sync_interval", "1234567", "auto-sync-interval-wrong"),
        ("alwaseet_auto_sync_interval", "3", "auto-sync-all"),
        ("alwaseet_auto_sync_interval", None, "auto-sync-interval-wrong"),
        ("alwaseet_auto_sync_status_ids", "4, 7", "auto-sync-some"),
        ("alwaseet_auto_sync_status_ids", "4, سبعة", "status-ids-wrong"),
        ("alwaseet_notify_statuses", "4,17", "notices-some"),
        ("alwaseet_notify_statuses", "all", "status-ids-wrong"),
    ],
)
def test_setting_that_changes_what_is_done_is_seen(key: str, value: str | None, code: str) -> None:
    assert code in findings({key: value})


def test_defaults_and_price_do_not_matter_while_nothing_is_sent() -> None:
    found = findings({"alwaseet_auto_create_shipment": "0", "alwaseet_default_city_id": ""})
    assert ["create-shipment-off", "auto-sync-all", "notices-all"] == found


def test_missing_defaults_are_named() -> None:
    settings = ShopSettings(GOOD | {"alwaseet_default_city_id": "", "alwaseet_default_region_id": "x"})
    finding = only(settings_findings(settings, TasksSection()), "defaults-missing")
    assert "alwaseet_default_city_id, alwaseet_default_region_id" == finding.values["keys"]


@pytest.mark.parametrize(
    ("fee", "code"),
    [
        ("5000", "price-total-plus-fee"),
        ("5000.00", "price-total-plus-fee"),
        ("free", "delivery-fee-wrong"),
        ("5e3", "delivery-fee-wrong"),
    ],
)
def test_fee_matters_where_it_is_added_to_the_price(fee: str, code: str) -> None:
    assert code in findings({"delivery_fee": fee}, PLUS_FEE)
    assert "price-total" in findings({"delivery_fee": fee})
