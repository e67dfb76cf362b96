"""Rows that only PHP can work: set apart in `php:` queues, known there, never taken, given back by their old names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from paranad.bridge.apart import GIVE_BACK_S, LEAVE, MANY, OTHERS, PhpRule, PhpWork
from paranad.bridge.intake import AGAIN_S
from paranad.bridge.loop import AT_LEAST_S, OFF_S, Mode
from paranad.bridge.reserve import LIST
from paranad.events.event import Event
from paranad.events.shop import BridgeFailed, BridgeRowsGivenBack, BridgeRowsSetApart, BridgeStarted, BridgeStopped
from paranad.php import SIZE_BYTES, PhpObject, write
from paranad.said import plain
from paranad.shop.errors import ShopBadRow, ShopUnexpectedSchema
from paranad.shop.laravel_rows import RETRY_AFTER_S
from paranad.shop.tables import jobs
from tests.support.bridge import POLL, BridgeHarness
from tests.support.payloads import payload_of, sample, status_counts
from tests.support.shop_faults import refuse_no_more, refuse_updates

ON_DEMAND = PhpRule(on_demand=True, notices=True)
MAIL = payload_of("Illuminate\\Mail\\SendQueuedMailable", "O:1:{}", displayName="App\\Mail\\OrderShipped")
NOTICE = sample("laravel_11.listener.shipment_status_changed").payload
COUNTS, CREATE = "App\\Jobs\\UpdateStatusCountsJob", "App\\Jobs\\CreateAlWaseetShipmentJob"


def chained(name: str) -> str:
    return payload_of(name, write(PhpObject(name, {"chained": {0: "O:1:{}"}})))


def encrypted(name: str) -> str:
    return payload_of(name, "eyJpdiI6IjEifQ==")


@pytest.fixture
def harness(harness: BridgeHarness) -> BridgeHarness:
    harness.start(Mode.AUTO, rule=ON_DEMAND)
    return harness


async def look_after(harness: BridgeHarness, seconds: float) -> None:
    """Let the bridge look twice when *seconds* have gone by: what a look forgets, the next one reads again."""
    for wait_s in (seconds, AT_LEAST_S):
        await harness.clock.advance(wait_s)
        await harness.look()


async def queues(harness: BridgeHarness) -> list[str]:
    return [row["queue"] for row in await harness.rows()]


@pytest.mark.parametrize(
    "payload", [MAIL, NOTICE, chained(COUNTS), encrypted(COUNTS)], ids=["mail", "listener", "chained", "encrypted"]
)
async def test_row_that_only_php_can_work_is_set_apart_and_stays(harness: BridgeHarness, payload: str) -> None:
    await harness.put(payload, queue="high")
    await harness.put(status_counts("1"))
    await harness.look()
    await harness.look()
    assert ["php:high"] == await queues(harness)
    assert [payload] == [row["payload"] for row in await harness.rows()]
    assert ["alwaseet:update-status-counts"] == [job.task for job in await harness.jobs()]
    assert (1, {}) == (harness.bridge.php.work.waiting, harness.bridge.left)


async def test_nothing_is_taken_out_of_php_s_queues_whatever_it_is(harness: BridgeHarness) -> None:
    """Somebody's `queue:retry` may put there what the daemon could work."""
    await harness.put(status_counts("1"), queue="php:default")
    await harness.look()
    assert (["php:default"], []) == (await queues(harness), await harness.jobs())


@pytest.mark.parametrize("payload", [chained(CREATE), encrypted(CREATE)], ids=["chained", "encrypted"])
async def test_php_never_sends_an_order_beside_the_daemon(harness: BridgeHarness, payload: str) -> None:
    await harness.put(payload)
    await harness.look()
    assert ([], 1) == (await harness.rows(), len(await harness.failed_rows()))


@pytest.mark.parametrize(
    "payload",
    [
        MAIL[:-30],
        payload_of("App\\Mail\\X", "O:1:{}", uuid=None),
        payload_of("App\\Mail\\X", "O:1:{}", job=None),
        '{"uuid": "1", "displayName": "App\\\\Mail\\\\X", "job": "X@fire"}',
        payload_of("App\\Mail\\X", "x" * SIZE_BYTES)[:-9],
    ],
    ids=["cut off", "no uuid", "no job", "no data", "long and cut off"],
)
async def test_row_that_php_would_delete_and_keep_nowhere_stays(
    harness: BridgeHarness, told: list[Event], payload: str
) -> None:
    """Laravel's worker deletes what it cannot begin with, and its `failed_jobs` takes nothing without a uuid."""
    await harness.put(payload)
    await harness.look()
    assert ["default"] == await queues(harness)
    assert 1 == harness.bridge.left.total()
    assert "it is not set apart, since Laravel's worker would delete it" in str(told[-1])


async def test_chained_job_without_a_uuid_is_kept_in_failed_jobs(harness: BridgeHarness) -> None:
    await harness.put(payload_of(COUNTS, write(PhpObject(COUNTS, {"chained": {0: "O:1:{}"}})), uuid=None))
    await harness.look()
    assert ([], 1) == (await harness.rows(), len(await harness.failed_rows()))


async def test_mail_too_long_to_be_read_here_is_set_apart_as_any_other(harness: BridgeHarness) -> None:
    await harness.put(payload_of("App\\Mail\\Invoice", "x" * SIZE_BYTES))
    await harness.look()
    assert ["php:default"] == await queues(harness)


@pytest.mark.parametrize(
    ("payload", "queue"),
    [(MAIL, "emails"), (encrypted(COUNTS), "emails"), ("no JSON", "high")],
    ids=["mail", "encrypted", "no class"],
)
async def test_row_that_no_worker_is_asked_for_stays_as_it_is(
    harness: BridgeHarness, told: list[Event], payload: str, queue: str
) -> None:
    """A queue that the daemon does not read has a worker of its own; a payload without a class is no work for PHP."""
    await harness.put(payload, queue=queue)
    await harness.look()
    await harness.look()
    assert [queue] == await queues(harness)
    assert 1 == harness.bridge.left.total()
    assert ["bridge.payload_unknown"] == [event.name for event in told if "payload" in event.name]


@pytest.mark.parametrize(
    ("rule", "stays", "tasks"),
    [
        (PhpRule(on_demand=True, notices=False), [], ["alwaseet:notify-status"]),
        (PhpRule(on_demand=False, notices=True), ["default"], []),
        (LEAVE, [], ["alwaseet:notify-status"]),
    ],
)
async def test_status_change_is_told_by_whom_the_setting_names(
    harness: BridgeHarness, rule: PhpRule, stays: list[str], tasks: list[str]
) -> None:
    harness.start(rule=rule)
    await harness.put(NOTICE)
    await harness.look()
    assert stays == await queues(harness)
    assert tasks == [job.task for job in await harness.jobs()]


async def test_it_is_known_what_waits_since_when_and_what_a_worker_has(harness: BridgeHarness) -> None:
    old, _, taken, later = await harness.put_all([MAIL, MAIL, NOTICE, MAIL])
    await harness.change(old, available_at=harness.now_s() - 600)
    await harness.look()
    await harness.change(taken, reserved_at=harness.now_s(), attempts=1)
    await harness.change(later, available_at=harness.now_s() + 60)
    await harness.look()
    since = datetime.fromtimestamp(harness.now_s() - 600, UTC)
    expected = PhpWork({"App\\Mail\\OrderShipped": 2}, oldest_due_at=since, reserved=1)
    assert expected == harness.bridge.php.work
    harness.start(Mode.AUTO, rule=ON_DEMAND)
    await harness.look()
    assert expected == harness.bridge.php.work, "a daemon that starts reads it again"
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    work = harness.bridge.php.work
    assert ({"App\\Mail\\OrderShipped": 3, "App\\Listeners\\NotifyShipmentStatusChangedListener": 1}, 0) == (
        work.by_class,
        work.reserved,
    )


async def test_worker_that_is_asked_for_is_no_rival(harness: BridgeHarness) -> None:
    row_id = await harness.put(MAIL)
    await harness.look()
    await harness.change(row_id, reserved_at=harness.now_s(), attempts=1)
    await harness.put(status_counts("1"))
    await harness.look()
    assert harness.bridge.state.active
    assert 1 == len(await harness.jobs())


async def test_row_that_a_worker_reserves_meanwhile_is_left_to_it(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's `queue:work` took it between the look and the change."""
    row_id = await harness.put(MAIL)
    set_apart = harness.bridge.php.set_apart

    async def late(seen: Any) -> int:
        await harness.change(row_id, reserved_at=harness.now_s(), attempts=1)
        return await set_apart(seen)

    monkeypatch.setattr(harness.bridge.php, "set_apart", late)
    await harness.look()
    assert ["default"] == await queues(harness)
    assert 0 == harness.bridge.left.total()


async def test_more_rows_than_a_list_holds_are_set_apart_at_once_and_given_back_by_lists(
    harness: BridgeHarness, told: list[Event]
) -> None:
    await harness.put_all([MAIL] * (LIST + 3))
    await harness.look()
    assert {"php:default"} == set(await queues(harness))
    assert LIST + 3 == harness.bridge.php.work.waiting
    assert {"App\\Mail\\OrderShipped": MANY, OTHERS: LIST + 3 - MANY} == harness.bridge.php.work.by_class
    harness.bridge.use(Mode.AUTO, POLL)
    await harness.put(status_counts("1"))
    assert 0 == await harness.bridge.poll(), "the rest at once"
    assert 3 == (await queues(harness)).count("php:default")
    assert "not given back yet: 3 rows in php: queues" in str(harness.bridge.nothing_apart)
    assert 1 == len(await harness.jobs()), "new work does not wait for the rest"
    harness.bridge.use(Mode.OFF, POLL)
    await harness.look()
    assert {"default"} == set(await queues(harness))
    assert 0 == harness.bridge.php.work.waiting
    given_back = [event.rows for event in told if isinstance(event, BridgeRowsGivenBack)]
    set_apart = [event.rows for event in told if isinstance(event, BridgeRowsSetApart)]
    assert ([LIST, 3], [LIST, 3]) == (set_apart, given_back)


@pytest.mark.parametrize(
    ("mode", "wait_s", "tasks"), [(Mode.OFF, OFF_S, []), (Mode.AUTO, GIVE_BACK_S, ["alwaseet:notify-status"])]
)
async def test_reload_gives_the_old_names_back_and_a_row_that_is_with_php_later(
    harness: BridgeHarness, mode: Mode, wait_s: float, tasks: list[str]
) -> None:
    """What was PHP's is what the setting now says: a mail stays for whoever comes, a listener's row may be ours."""
    with_php, _, _ = await harness.put_all([MAIL, MAIL, NOTICE])
    await harness.look()
    await harness.change(with_php, reserved_at=harness.now_s(), attempts=1)
    harness.bridge.use(mode, POLL)
    await harness.look()
    assert ["php:default", "default", "default"] == await queues(harness)
    await harness.clock.advance(timedelta(seconds=RETRY_AFTER_S + wait_s))
    await harness.look()
    await harness.look()
    assert {"default"} == set(await queues(harness))
    assert tasks == [job.task for job in await harness.jobs()]


async def test_row_that_a_worker_has_for_long_is_not_given_back_while_it_runs(harness: BridgeHarness) -> None:
    """Its --timeout may be longer than its reservation holds: else the daemon would tell of the status, and PHP too."""
    at_work, _ = await harness.put_all([NOTICE, encrypted(COUNTS)])
    await harness.look()
    await harness.change(at_work, reserved_at=harness.now_s(), attempts=1)
    await harness.clock.advance(RETRY_AFTER_S + 15)
    harness.worker_runs = True
    harness.bridge.use(Mode.AUTO, POLL)
    await harness.look()
    await look_after(harness, GIVE_BACK_S)
    assert ["php:default"] == await queues(harness), "what no worker has came back at once, and went to failed_jobs"
    assert [] == await harness.jobs()
    harness.worker_runs = False
    await look_after(harness, GIVE_BACK_S)
    assert [] == await queues(harness)
    assert ["alwaseet:notify-status"] == [job.task for job in await harness.jobs()]


async def test_what_is_not_given_back_is_said_until_it_is(harness: BridgeHarness, told: list[Event]) -> None:
    with_php, refused = await harness.put_all([MAIL, MAIL])
    await harness.look()
    await harness.change(with_php, reserved_at=harness.now_s(), attempts=1)
    await refuse_updates(harness.shop, jobs, f"OLD.id = {refused}")
    harness.bridge.use(Mode.OFF, POLL, ON_DEMAND)
    await look_after(harness, OFF_S)
    assert "not given back: 2 rows in php: queues: the shop's database refused a row" in str(
        harness.bridge.nothing_apart
    )
    assert ["bridge.failed"] == [event.name for event in told if "failed" in event.name], "told once"
    await refuse_no_more(harness.shop)
    await harness.clock.advance(GIVE_BACK_S)
    await harness.change(with_php, reserved_at=harness.now_s())
    await harness.look()
    assert str(harness.bridge.nothing_apart).endswith("not given back yet: 1 row in php: queues, 1 with a worker")
    assert 1 == harness.bridge.php.work.reserved
    await look_after(harness, RETRY_AFTER_S)
    assert ["default", "default"] == await queues(harness)
    assert str(harness.bridge.nothing_apart).endswith("every row of the jobs table is left to PHP")


@pytest.mark.parametrize(("rule", "step"), [(ON_DEMAND, "look"), (LEAVE, "give_back")])
async def test_trouble_with_the_rows_of_php_is_told_once_and_the_intake_goes_on(
    harness: BridgeHarness, told: list[Event], monkeypatch: pytest.MonkeyPatch, rule: PhpRule, step: str
) -> None:
    bridge = harness.start(Mode.AUTO, rule=rule)

    async def refused() -> None:
        raise ShopUnexpectedSchema(plain('column "attempts"'))

    monkeypatch.setattr(bridge.php, step, refused)
    for uuid in ("1", "2"):
        await harness.put(status_counts(uuid))
        assert POLL.total_seconds() == await bridge.poll()
    assert (True, None) == (bridge.state.active, bridge.state.error)
    names = [event.name for event in told if isinstance(event, BridgeStarted | BridgeStopped | BridgeFailed)]
    assert ["bridge.started", "bridge.failed"] == names
    assert [] == await harness.rows(), "each was taken"


async def test_each_reload_holds_at_once_for_rows_that_are_there(harness: BridgeHarness) -> None:
    harness.start(Mode.AUTO)
    await harness.put(MAIL)
    await harness.look()
    assert ["default"] == await queues(harness)
    harness.bridge.use(Mode.AUTO, POLL, ON_DEMAND)
    await harness.look()
    assert ["php:default"] == await queues(harness)
    assert 0 == harness.bridge.left.total()
    harness.bridge.use(Mode.AUTO, POLL)
    await harness.look()
    assert ["default"] == await queues(harness)


async def test_queue_of_the_shop_s_own_that_is_named_so_keeps_its_name(harness: BridgeHarness) -> None:
    """Whatever the setting: nothing is set apart of a queue that the daemon does not read."""
    harness.start(Mode.AUTO)
    for queue in ("php:reports", "PHP:default", "php:high", "php:default"):
        await harness.put(MAIL, queue=queue)
    await harness.look()
    assert ["php:reports", "PHP:default", "high", "default"] == await queues(harness)


async def test_row_that_cannot_be_set_apart_stays_and_holds_up_nobody(
    harness: BridgeHarness, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as in a table whose column `queue` is short."""

    async def refused(_: object) -> int:
        raise ShopBadRow(plain("Data too long for column 'queue'"))

    monkeypatch.setattr(harness.bridge.php, "set_apart", refused)
    await harness.put_all([MAIL, status_counts("1")])
    await harness.look()
    assert ["default"] == await queues(harness)
    assert (1, {"Illuminate\\Mail\\SendQueuedMailable": 1}) == (len(await harness.jobs()), harness.bridge.left)
    [event] = [event for event in told if event.name == "bridge.payload_unknown"]
    assert "cannot be set apart for PHP: Data too long" in str(event)


async def test_row_that_the_database_refuses_keeps_none_of_its_list_and_is_tried_again(
    harness: BridgeHarness, told: list[Event]
) -> None:
    """Such as one that a trigger of the shop's own guards, until somebody takes the trigger away."""
    ids = await harness.put_all([MAIL] * 4)
    await refuse_updates(harness.shop, jobs, f"OLD.id = {ids[2]}")
    await harness.look()
    await harness.look()
    assert ["php:default", "php:default", "default", "php:default"] == await queues(harness)
    assert 1 == harness.bridge.left.total()
    await look_after(harness, AGAIN_S)
    assert 1 == harness.bridge.left.total()
    assert ["bridge.payload_unknown"] == [event.name for event in told if "payload" in event.name], "told once"
    await refuse_no_more(harness.shop)
    await look_after(harness, AGAIN_S)
    assert {"php:default"} == set(await queues(harness))
    assert 0 == harness.bridge.left.total()


async def test_off_beside_a_shop_without_such_a_table_is_silent(harness: BridgeHarness, told: list[Event]) -> None:
    harness.start(Mode.OFF)
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME TO elsewhere"))
    assert OFF_S == await harness.bridge.poll()
    assert '[shop] laravel_queue is "off"' == str(harness.bridge.state.reason)
    assert [] == [event for event in told if event.name.startswith("bridge.")]
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO jobs"))
