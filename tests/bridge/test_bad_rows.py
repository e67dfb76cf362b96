"""Bad rows: each is named once with its id and why, none is lost, and good rows behind them are worked at once."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from paranad.events.event import Event
from paranad.events.shop import BridgePayloadUnknown, BridgeRowFailed
from paranad.php import SIZE_BYTES
from tests.support.bridge import BridgeHarness
from tests.support.payloads import UUID, create_shipment, payload_of, sample

SYNC = "App\\Jobs\\SyncAlWaseetOrdersJob"
GOOD = create_shipment(99, uuid="good")
DEEP = "a:1:{i:0;" * 100 + "N;" + "}" * 100

LEFT = {
    "no JSON": "hello",
    "empty": "",
    "other JSON": "[1, 2]",
    "deep JSON": "[" * 5000,
    "another class": payload_of("App\\Jobs\\SendNewsletter", 'O:23:"App\\Jobs\\SendNewsletter":0:{}'),
    "another listener": payload_of("Illuminate\\Events\\CallQueuedListener", "", displayName="App\\Listeners\\Mail"),
    "megabytes of another class": payload_of("App\\Jobs\\SendNewsletter", "x" * 2 * SIZE_BYTES),
}
FAILED = {
    "cut off": create_shipment(1)[:-40],
    "a wrong length": create_shipment(1).replace("s:5", "s:6"),
    "deep": payload_of(SYNC, f'O:30:"{SYNC}":1:{{s:8:"statusId";{DEEP}}}'),
    "a reference": payload_of(SYNC, f'O:30:"{SYNC}":1:{{s:8:"statusId";R:1;}}'),
    "NUL bytes": payload_of(SYNC, "O:\0\0\0"),
    "encrypted": payload_of(SYNC, "eyJpdiI6IjEifQ=="),
    "megabytes": create_shipment(1, more=f's:1:"x";s:{2 * SIZE_BYTES}:"{"x" * 2 * SIZE_BYTES}";', count=2),
    "an id that no row can have": create_shipment(0),
    "a status that is none": sample("laravel_11.sync_orders.arabic_text").payload,
    "days in the wrong order": payload_of(
        SYNC, f'O:30:"{SYNC}":2:{{s:8:"dateFrom";s:10:"2026-03-02";s:6:"dateTo";s:10:"2026-03-01";}}'
    ),
    "no uuid": create_shipment(0, uuid=None),
}


def unknown(told: list[Event]) -> list[BridgePayloadUnknown]:
    return [event for event in told if isinstance(event, BridgePayloadUnknown)]


def failed(told: list[Event]) -> list[BridgeRowFailed]:
    return [event for event in told if isinstance(event, BridgeRowFailed)]


@pytest.mark.parametrize("payload", LEFT.values(), ids=LEFT)
async def test_row_that_is_not_known_is_left_as_it_is(harness: BridgeHarness, told: list[Event], payload: str) -> None:
    row_id = await harness.put(payload)
    before = await harness.rows()
    await harness.put(GOOD)
    await harness.look()
    await harness.look()
    assert [99] == [job.args["order_id"] for job in await harness.jobs()]
    assert before == await harness.rows()
    assert [row_id] == [event.row_id for event in unknown(told)]
    assert all(event.reason for event in unknown(told))


@pytest.mark.parametrize("payload", FAILED.values(), ids=FAILED)
async def test_row_of_a_known_class_that_cannot_be_decoded_moves_to_failed_jobs(
    harness: BridgeHarness, told: list[Event], payload: str
) -> None:
    row_id = await harness.put(payload, queue="low")
    await harness.put(GOOD)
    await harness.look()
    await harness.look()
    assert [99] == [job.args["order_id"] for job in await harness.jobs()]
    assert [] == await harness.rows()
    [row] = await harness.failed_rows()
    [event] = failed(told)
    assert (payload, "low", "database") == (row["payload"], row["queue"], row["connection"])
    assert (row_id, row["uuid"]) == (event.row_id, event.uuid)
    assert event.error in row["exception"]
    assert harness.shop.now() == row["failed_at"]


async def test_uuid_in_failed_jobs_is_the_payload_s_own(harness: BridgeHarness) -> None:
    await harness.put(FAILED["cut off"])
    await harness.look()
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]


async def test_rows_without_a_uuid_do_not_replace_one_another(harness: BridgeHarness) -> None:
    await harness.put_all([create_shipment(0, uuid=None)] * 2)
    await harness.look()
    assert 2 == len(await harness.failed_rows())


async def test_unreadable_rows_of_one_uuid_and_different_payloads_all_stand_in_failed_jobs(
    harness: BridgeHarness, told: list[Event]
) -> None:
    first, second = FAILED["cut off"], FAILED["cut off"] + " "
    await harness.put_all([first, second, first])
    await harness.look()
    rows = await harness.failed_rows()
    assert [first, second] == sorted(row["payload"] for row in rows), "the third is the first again"
    assert UUID == next(row["uuid"] for row in rows if row["payload"] == first)
    assert {row["uuid"] for row in rows} == {event.uuid for event in failed(told)}


async def test_good_row_without_a_uuid_is_worked(harness: BridgeHarness) -> None:
    await harness.put_all([create_shipment(1, uuid=None), create_shipment(2, uuid=None)])
    await harness.look()
    assert 2 == len(await harness.jobs())


async def test_class_is_named_once_however_many_rows_it_has(harness: BridgeHarness, told: list[Event]) -> None:
    await harness.put_all([LEFT["another class"]] * 50)
    for _ in range(3):
        await harness.look()
    assert ["App\\Jobs\\SendNewsletter"] == [event.payload_class for event in unknown(told)]


async def test_row_that_names_no_class_is_named_by_its_id(harness: BridgeHarness, told: list[Event]) -> None:
    ids = await harness.put_all(["hello", "{"])
    for _ in range(3):
        await harness.look()
    assert ids == [event.row_id for event in unknown(told)]


async def test_row_that_somebody_takes_is_not_moved(
    harness: BridgeHarness, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id = await harness.put(FAILED["encrypted"])
    read = harness.bridge.table.read

    async def late(seen: Any) -> Any:
        found = await read(seen)
        await harness.change(row_id, reserved_at=harness.now_s(), attempts=1)
        return found

    monkeypatch.setattr(harness.bridge.table, "read", late)
    await harness.look()
    assert [row_id] == await harness.row_ids()
    assert [] == await harness.failed_rows()
    assert [] == failed(told)


async def test_row_that_failed_jobs_cannot_take_is_left_and_named(harness: BridgeHarness, told: list[Event]) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    row_id = await harness.put(FAILED["encrypted"])
    await harness.put(GOOD)
    await harness.look()
    await harness.look()
    assert [row_id] == await harness.row_ids()
    assert 1 == len(await harness.jobs())
    assert ["failed_jobs"] == ["failed_jobs" for event in unknown(told) if "encrypted" in event.reason]
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))


async def test_reservation_in_the_far_future_is_named_and_keeps_auto_on(
    harness: BridgeHarness, told: list[Event]
) -> None:
    row_id = await harness.put(create_shipment(1, uuid="1"), reserved_at=4_294_967_295)
    await harness.put(GOOD)
    await harness.look()
    await harness.look()
    assert [row_id] == [event.row_id for event in unknown(told)]
    assert [99] == [job.args["order_id"] for job in await harness.jobs()]


async def test_impossible_attempts_and_times_are_taken_for_tried(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1), attempts=255, created_at=0, available_at=0)
    await harness.look()
    assert [{"order_id": 1, "tried_elsewhere": True}] == await harness.args()


class TestSqliteHoldsAnything:
    """Types are only a hint there."""

    @pytest.fixture
    def shop_url(self, shop_file: Any) -> str:
        return f"sqlite:///{shop_file}"

    @pytest.mark.parametrize(
        ("values", "left"),
        [
            ("'default', X'FF00FE', 0, NULL, 0, 0", True),
            ("X'FFFE', CAST(X'7BFF' AS TEXT), 0, NULL, 0, 0", True),
            ("'default', '{}', 'many', NULL, 0, 0", True),
            ("'default', '{}', 0, 'yesterday', 0, 0", True),
            ("'default', '{}', 0, X'00', 0, 0", True),
            ("'default', '{}', 0, NULL, 'soon', 0", False),
            ("'default', '{}', -1, NULL, -5, 'never'", True),
        ],
    )
    async def test_row_of_odd_values_is_left_and_named(
        self, harness: BridgeHarness, told: list[Event], values: str, left: bool
    ) -> None:
        async with harness.shop.transaction() as connection:
            await connection.execute(
                text(
                    "INSERT INTO jobs (queue, payload, attempts, reserved_at, available_at, created_at)"
                    f" VALUES ({values})"
                )
            )
        await harness.add(GOOD)
        await harness.look()
        await harness.look()
        assert [99] == [job.args["order_id"] for job in await harness.jobs()]
        assert int(left) == len(unknown(told))

    @pytest.mark.parametrize("created_at", ["'never'", "NULL", "X'00'", "1e300", "0", "-5", "9e18"])
    async def test_row_made_at_no_time_asks_for_its_order_all_the_same(
        self, harness: BridgeHarness, created_at: str
    ) -> None:
        await harness.put(create_shipment(1))
        async with harness.shop.transaction() as connection:
            await connection.execute(text("ALTER TABLE jobs RENAME COLUMN created_at TO made_at"))
            await connection.execute(text(f"ALTER TABLE jobs ADD COLUMN created_at DEFAULT {created_at}"))
        await harness.look()
        assert [{"order_id": 1}] == [job.args for job in await harness.jobs()]


def test_bad_payloads_are_what_they_are_called() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(FAILED["cut off"])
    assert len(FAILED["megabytes"]) > SIZE_BYTES
