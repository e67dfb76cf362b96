"""The check of the shop's settings that decide what the daemon does. Pure."""

from collections.abc import Iterator

from paranad.configuration.settings import TasksSection
from paranad.doctor.bounded import Findings
from paranad.finding import Found, failed, ok, warning
from paranad.said import Said
from paranad.shop.settings import (
    CITY_ID,
    MINUTE,
    NOTIFY_STATUSES,
    PACKAGE_SIZE_ID,
    REGION_ID,
    SYNC_STATUSES,
    ShopSettings,
)
from paranad.wording import quotable

CREATE_SHIPMENT_ON = ok(
    "create-shipment-on", "setting-shipments", "new orders are sent to the courier (alwaseet_auto_create_shipment)"
)
CREATE_SHIPMENT_OFF = warning(
    "create-shipment-off",
    "setting-shipments",
    "new orders are not sent to the courier: the shop's setting alwaseet_auto_create_shipment is not 1",
    "switch it on in the shop's AlWaseet settings, if they are meant to be",
)
DEFAULTS_GOOD = ok(
    "defaults-good",
    "setting-defaults",
    "city {city}, region {region} and package size {size} stand in where an order has none",
)
DEFAULTS_MISSING = failed(
    "defaults-missing",
    "setting-defaults",
    "the shop's settings lack an id of the courier's in {keys}: no order can be sent that does not have its own",
    "choose city, region and package size in the shop's AlWaseet settings",
)
DELIVERY_FEE_WRONG = failed(
    "delivery-fee-wrong",
    "setting-price",
    'the shop\'s setting delivery_fee is "{value}", expected whole dinars:'
    ' with shipment_price = "total_plus_fee" no order can be sent',
    "correct it in the shop's settings",
)
PRICE_TOTAL = ok("price-total", "setting-price", "the courier collects the order's total, without the delivery fee")
PRICE_TOTAL_PLUS_FEE = ok(
    "price-total-plus-fee",
    "setting-price",
    "the courier collects the order's total and the delivery fee of {fee} dinars",
)
AUTO_SYNC_ALL = ok("auto-sync-all", "setting-sync", "all courier orders are synced every {minutes} minutes")
AUTO_SYNC_SOME = ok(
    "auto-sync-some", "setting-sync", "courier orders of these statuses are synced every {minutes} minutes: {statuses}"
)
AUTO_SYNC_OFF = warning(
    "auto-sync-off",
    "setting-sync",
    "courier orders are not synced by themselves: the shop's setting alwaseet_auto_sync_enabled is not 1",
    "switch it on in the shop's AlWaseet settings, if they are meant to be; once, now: paranadctl sync",
)
AUTO_SYNC_INTERVAL_WRONG = warning(
    "auto-sync-interval-wrong",
    "setting-sync",
    'the shop\'s setting alwaseet_auto_sync_interval is "{value}", expected minutes from 5 to 1440; until it is'
    " corrected, courier orders are synced every {minutes} minutes",
    "correct it in the shop's AlWaseet settings",
)
STATUS_IDS_WRONG = warning(
    "status-ids-wrong",
    "setting-statuses",
    "the shop's setting {key} holds what is no status id: {wrong}",
    "correct it in the shop's AlWaseet settings: numbers with commas between them",
)
NOTICES_ALL = ok(
    "notices-all", "setting-statuses", "every change of status is told (alwaseet_notify_statuses is empty)"
)
NOTICES_SOME = ok("notices-some", "setting-statuses", "changes to these statuses are told: {statuses}")


def settings_findings(settings: ShopSettings, tasks: TasksSection) -> Findings:
    """Say what *settings* make the daemon do, and what in them cannot be used."""
    return [*_shipments(settings, tasks), *_sync(settings), *_notices(settings)]


def _shipments(settings: ShopSettings, tasks: TasksSection) -> Iterator[Found]:
    if not settings.auto_create_shipment:
        yield CREATE_SHIPMENT_OFF()
        return
    yield CREATE_SHIPMENT_ON()
    yield _defaults(settings)
    yield _price(settings, tasks)


def _defaults(settings: ShopSettings) -> Found:
    ids = {
        CITY_ID: settings.default_city_id,
        REGION_ID: settings.default_region_id,
        PACKAGE_SIZE_ID: settings.default_package_size_id,
    }
    wrong = [key for key, value in ids.items() if isinstance(value, Said)]
    if wrong:
        return DEFAULTS_MISSING(keys=", ".join(wrong))
    city, region, size = ids.values()
    return DEFAULTS_GOOD(city=city, region=region, size=size)


def _price(settings: ShopSettings, tasks: TasksSection) -> Found:
    if tasks.shipment_price == "total":
        return PRICE_TOTAL()
    fee = settings.delivery_fee
    if isinstance(fee, Said):
        return DELIVERY_FEE_WRONG(value=fee.values["value"])
    return PRICE_TOTAL_PLUS_FEE(fee=fee)


def _sync(settings: ShopSettings) -> Iterator[Found]:
    if not settings.auto_sync_enabled:
        yield AUTO_SYNC_OFF()
        return
    statuses, interval = settings.auto_sync_status_ids, settings.auto_sync_interval
    if isinstance(interval, Said):
        yield AUTO_SYNC_INTERVAL_WRONG(**interval.values)
    elif not statuses.wrong:
        finding = AUTO_SYNC_SOME if statuses.ids else AUTO_SYNC_ALL
        yield finding(minutes=interval // MINUTE, statuses=", ".join(statuses.ids))
    if statuses.wrong:
        yield STATUS_IDS_WRONG(key=SYNC_STATUSES, wrong=_shown(statuses.wrong))


def _notices(settings: ShopSettings) -> Iterator[Found]:
    statuses = settings.notify_status_ids
    if statuses.wrong:
        yield STATUS_IDS_WRONG(key=NOTIFY_STATUSES, wrong=_shown(statuses.wrong))
    elif statuses.ids:
        yield NOTICES_SOME(statuses=", ".join(statuses.ids))
    else:
        yield NOTICES_ALL()


def _shown(entries: tuple[str, ...]) -> str:
    return ", ".join(f'"{quotable(entry)}"' for entry in entries[:5])
