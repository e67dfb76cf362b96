"""The shop's alwaseet_* settings that decide what the daemon does, in words. Pure."""

import re
from collections.abc import Iterator
from datetime import timedelta

from paranad.configuration.settings import TasksSection
from paranad.control.schemas import DoctorCheck
from paranad.doctor.bounds import Findings
from paranad.doctor.findings import found
from paranad.shop.settings import ShopSettings

SYNC_IDS, NOTIFY_IDS = "alwaseet_auto_sync_status_ids", "alwaseet_notify_statuses"
INTERVAL, MINUTES = "alwaseet_auto_sync_interval", range(5, 1441)
FEE = re.compile(r"[0-9]{1,8}(\.0+)?", re.ASCII)
SHOWN_CHARS = 40


def settings_findings(settings: ShopSettings, tasks: TasksSection) -> Findings:
    """Say what *settings* make the daemon do, and what in them cannot be used."""
    return [*_shipments(settings, tasks), *_sync(settings), *_notices(settings)]


def _shipments(settings: ShopSettings, tasks: TasksSection) -> Iterator[DoctorCheck]:
    if not settings.auto_create_shipment:
        yield found("create-shipment-off")
        return
    yield found("create-shipment-on")
    yield _defaults(settings)
    yield _price(settings, tasks)


def _defaults(settings: ShopSettings) -> DoctorCheck:
    ids = {
        "alwaseet_default_city_id": settings.default_city_id,
        "alwaseet_default_region_id": settings.default_region_id,
        "alwaseet_default_package_size_id": settings.default_package_size_id,
    }
    wrong = [key for key, value in ids.items() if not (value and value.isascii() and value.isdigit())]
    if wrong:
        return found("defaults-missing", keys=", ".join(wrong))
    city, region, size = ids.values()
    return found("defaults-good", city=city, region=region, size=size)


def _price(settings: ShopSettings, tasks: TasksSection) -> DoctorCheck:
    if tasks.shipment_price == "total":
        return found("price-total")
    fee = (settings.get("delivery_fee", "5000") or "").strip()
    if not FEE.fullmatch(fee):
        return found("delivery-fee-wrong", value=fee[:SHOWN_CHARS])
    return found("price-total-plus-fee", fee=fee.partition(".")[0])


def _sync(settings: ShopSettings) -> Iterator[DoctorCheck]:
    if not settings.auto_sync_enabled:
        yield found("auto-sync-off")
        return
    statuses = settings.auto_sync_status_ids
    minutes = settings.auto_sync_interval // timedelta(minutes=1)
    if settings.auto_sync_minutes not in MINUTES:
        value = (settings.get(INTERVAL, "") or "")[:SHOWN_CHARS]
        yield found("auto-sync-interval-wrong", value=value, minutes=minutes)
    elif not statuses.wrong:
        code = "auto-sync-some" if statuses.ids else "auto-sync-all"
        yield found(code, minutes=minutes, statuses=", ".join(statuses.ids))
    if statuses.wrong:
        yield found("status-ids-wrong", key=SYNC_IDS, wrong=_shown(statuses.wrong))


def _notices(settings: ShopSettings) -> Iterator[DoctorCheck]:
    statuses = settings.notify_status_ids
    if statuses.wrong:
        yield found("status-ids-wrong", key=NOTIFY_IDS, wrong=_shown(statuses.wrong))
    elif statuses.ids:
        yield found("notices-some", statuses=", ".join(statuses.ids))
    else:
        yield found("notices-all")


def _shown(entries: tuple[str, ...]) -> str:
    return ", ".join(f'"{entry[:SHOWN_CHARS]}"' for entry in entries[:5])
