"""Whether the courier still has the defaults: each gone once, and what cannot be read is not taken for gone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from paranad.courier.client import Courier
from paranad.courier.lookups import BELIEVED_FOR, REMEMBERED_FOR, Lookups
from paranad.doctor.bounded import Findings
from paranad.doctor.places import place_findings
from paranad.sandbox.answers import Answer, Reply, refusal, success
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.findings import codes, only
from tests.support.shipping import SETTINGS
from tests.support.shop import set_setting

CITY, REGION, SIZE = (f"alwaseet_default_{each}_id" for each in ("city", "region", "package_size"))
CALLS = ("citys", "regions", "package-sizes")
Look = Callable[[], Awaitable[Findings]]


@pytest.fixture
async def look(courier: Courier, store: Store, sqlite_shop: Shop, clock: ManualClock) -> Look:
    for key, value in SETTINGS.items():
        await set_setting(sqlite_shop, key, value)

    async def looked() -> Findings:
        lookups = Lookups(courier, clock, store.values.get, store.values.put)  # as after a restart
        return await place_findings(lookups, sqlite_shop)

    return looked


def asked(sandbox: Sandbox) -> list[int]:
    return [sandbox.count(call) for call in CALLS]


async def test_defaults_that_the_courier_has_are_named_and_asked_once_a_day_without_a_login(
    look: Look, sandbox: Sandbox, clock: ManualClock
) -> None:
    for _ in range(2):
        found = only(await look(), "courier-places-good")
    assert {"city": "1 (بغداد)", "region": "15 (الكرادة)", "size": "1 (عادي)"} == found.values
    assert ([1, 1, 1], 0) == (asked(sandbox), sandbox.count("login"))
    await clock.advance(REMEMBERED_FOR)
    await look()
    assert [2, 2, 2] == asked(sandbox)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (CITY, "99", "courier-city-gone"),
        (REGION, "99999", "courier-region-gone"),
        (SIZE, "9", "courier-size-gone"),
    ],
)
async def test_default_that_the_courier_lacks_is_named(
    look: Look, sqlite_shop: Shop, key: str, value: str, code: str
) -> None:
    await set_setting(sqlite_shop, key, value)
    found = await look()
    assert [code] == codes(found)
    assert value in only(found, code).why.text
    assert key in only(found, code).why.text


async def test_region_of_another_city_is_gone(look: Look, sqlite_shop: Shop) -> None:
    await set_setting(sqlite_shop, CITY, "2")
    assert "2 (" in str(only(await look(), "courier-region-gone").values["city"])


async def test_what_is_gone_is_asked_again_after_a_minute(
    look: Look, sandbox: Sandbox, sqlite_shop: Shop, clock: ManualClock
) -> None:
    await set_setting(sqlite_shop, SIZE, "9")
    await look()
    await look()
    assert [1, 1, 1] == asked(sandbox)
    await clock.advance(BELIEVED_FOR)
    sandbox.next("package-sizes", success([{"id": 9, "size": "ضخم"}]))
    assert ["courier-places-good"] == codes(await look())
    assert [1, 1, 2] == asked(sandbox)


@pytest.mark.parametrize(
    "answer",
    [
        Answer.ERROR_500,
        Answer.DROPPED,
        refusal(400, "999", "city_id is required"),
        success([]),
        success({"1": "بغداد"}),
        success([{"id": "2", "city_name": "كربلاء"}, {"city_name": "بغداد"}]),
    ],
)
async def test_list_that_cannot_be_read_is_no_list_without_the_city(
    look: Look, sandbox: Sandbox, answer: Answer | Reply
) -> None:
    sandbox.next("citys", answer)
    assert ["courier-places-unknown"] == codes(await look())
    assert ["courier-places-good"] == codes(await look())


async def test_nothing_is_asked_while_the_rate_has_no_place_to_spare(
    look: Look, courier: Courier, sandbox: Sandbox
) -> None:
    for number in range(courier.limiter.state().limit - 2):
        await courier.limiter.take(f"job:{number}", new_order=False)
    assert ["courier-places-later"] == codes(await look())
    assert [0, 0, 0] == asked(sandbox)


async def test_setting_without_an_id_is_left_to_the_check_of_the_settings(
    look: Look, sandbox: Sandbox, sqlite_shop: Shop
) -> None:
    await set_setting(sqlite_shop, REGION, "")
    assert [] == codes(await look())
    await set_setting(sqlite_shop, "alwaseet_auto_create_shipment", "0")
    await set_setting(sqlite_shop, SIZE, "9")
    assert [] == codes(await look())
    assert [1, 0, 1] == asked(sandbox)


async def test_clock_that_was_ahead_makes_no_list_last_for_ever(
    look: Look, sandbox: Sandbox, clock: ManualClock
) -> None:
    await clock.advance(timedelta(days=30))
    await look()
    clock.step(-timedelta(days=20))
    await look()
    assert [2, 2, 2] == asked(sandbox)
