"""The bridge beside a real Laravel: its rows, its workers, its commands on what failed."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paranad.bridge.apart import PhpRule
from paranad.bridge.loop import Mode
from paranad.clock import SystemClock
from paranad.queue.model import State
from paranad.shop.laravel_rows import RETRY_AFTER_S
from tests.support.bridge import INVOICES, POLL, BridgeHarness
from tests.support.clock import ManualClock
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, has_laravel
from tests.support.payloads import payload_of
from tests.support.queue import fail_for_good
from tests.support.shop import make_order, make_shipment

GONE = payload_of("App\\Mail\\Gone", 'O:13:"App\\Mail\\Gone":0:{}')
"""A job whose class is no longer there, so that PHP fails it."""

pytestmark = pytest.mark.skipif(not has_laravel(), reason=WITHOUT_LARAVEL)


@pytest.fixture
def clock() -> ManualClock:
    """PHP reads the machine's clock: the test's stands a little ahead, so that every row of now is due."""
    return ManualClock(wall=SystemClock().now() + timedelta(seconds=60))


@pytest.fixture
def laravel(shop_url: str, tmp_path: Path) -> Laravel:
    folder = tmp_path / "laravel"
    folder.mkdir()
    return Laravel(shop_url, folder)


async def test_everything_the_shop_dispatches_becomes_a_job(harness: BridgeHarness, laravel: Laravel) -> None:
    order_id = await make_order(harness.shop)
    shipment_id = await make_shipment(harness.shop, order_id=order_id)
    expected: list[tuple[str, str, Any]] = [
        ("order-created", str(order_id), ("alwaseet:create-shipment", {"order_id": order_id})),
        (
            "status-changed",
            str(shipment_id),
            ("alwaseet:notify-status", {"shipment_id": shipment_id, "old_status_id": "1", "new_status_id": "4"}),
        ),
        (
            "sync-orders",
            "4",
            ("alwaseet:sync-orders", {"status_id": "4", "date_from": "2026-08-01", "date_to": "2026-08-10"}),
        ),
        (
            "process-queue",
            "",
            (
                "alwaseet:process-queue",
                {"job_type": "sync_orders", "job_data": {"status_id": "قيد التوصيل", "ids": [1, 2]}},
            ),
        ),
        ("update-shipments", "", ("alwaseet:update-shipments", {})),
        ("sync-statuses", "", ("alwaseet:sync-statuses", {})),
        ("update-orders", "", ("alwaseet:update-orders", {})),
        ("update-status-counts", "", ("alwaseet:update-status-counts", {})),
    ]
    for what, row_id, _ in expected:
        await laravel.dispatch(what, *filter(None, [row_id]))
    await harness.look()
    assert [task for _, _, (task, _) in expected] == [job.task for job in await harness.jobs()]
    assert [args for _, _, (_, args) in expected] == await harness.args()
    assert [] == await harness.rows()


async def test_trashed_order_s_row_names_it_still(harness: BridgeHarness, laravel: Laravel) -> None:
    order_id = await make_order(harness.shop, deleted_at=harness.shop.now())
    await laravel.dispatch("create-shipment", str(order_id), "--queue=high")
    await harness.look()
    assert ["high"] == [job.queue for job in await harness.jobs()]
    assert [{"order_id": order_id}] == await harness.args()


async def test_delayed_row_stays_until_it_is_due(harness: BridgeHarness, laravel: Laravel) -> None:
    await laravel.dispatch("sync-orders", "4", "--delay=300")
    await harness.look()
    assert [] == await harness.jobs()
    await harness.clock.advance(300)
    await harness.look()
    assert 1 == len(await harness.jobs())


async def test_php_works_off_what_is_left_to_it(harness: BridgeHarness, laravel: Laravel) -> None:
    await laravel.dispatch("newsletter")
    await laravel.dispatch("sync-orders", "4")
    await harness.look()
    await laravel.work()
    assert ["newsletter"] == laravel.worked
    assert [] == await harness.rows()
    assert 1 == len(await harness.jobs())


async def test_php_works_off_what_is_set_apart_and_nothing_else(harness: BridgeHarness, laravel: Laravel) -> None:
    """Nor does the daemon take a row that fails there and is retried by hand."""
    bridge = harness.start(Mode.AUTO, rule=PhpRule(on_demand=True, notices=True))
    await laravel.dispatch("newsletter")
    await laravel.dispatch("newsletter", "--queue=high")
    await harness.change(await harness.put(GONE), available_at=1)
    await harness.look()
    await laravel.dispatch("sync-orders", "4")
    await laravel.artisan("queue:work", "--stop-when-empty", "--sleep=0", "--queue=php:high,php:default")
    assert ["newsletter", "newsletter"] == laravel.worked
    await harness.look()
    assert [] == await harness.rows()
    assert (True, 0) == (bridge.state.active, bridge.php.work.waiting)
    assert ["alwaseet:sync-orders"] == [job.task for job in await harness.jobs()]
    assert ["php:default"] == [row["queue"] for row in await harness.failed_rows()]
    await laravel.artisan("queue:retry", "all")
    await harness.look()
    assert (["php:default"], 1) == ([row["queue"] for row in await harness.rows()], bridge.php.work.waiting)
    assert 1 == len(await harness.jobs())


async def test_back_to_laravel_without_loss(harness: BridgeHarness, laravel: Laravel) -> None:
    """Switched off, the next row is the PHP worker's."""
    async with harness.running():
        await laravel.dispatch("sync-orders", "1")
        async with asyncio.timeout(20):
            while not harness.line.seen.named("bridge.rows_taken"):
                await harness.clock.advance(POLL)
        harness.bridge.use(Mode.OFF, POLL)
        await harness.line.seen("bridge.stopped")
        await laravel.dispatch("sync-orders", "2")
        await harness.clock.advance(5)
        await laravel.work()
    assert ["sync-orders 2"] == laravel.worked
    assert ["1"] == [job.args["status_id"] for job in await harness.jobs()]


async def test_failed_job_is_seen_and_retried_by_laravel_s_own_commands(
    harness: BridgeHarness, laravel: Laravel
) -> None:
    await laravel.dispatch("sync-orders", "4")
    await harness.look()
    harness.line.scripts["alwaseet:sync-orders"] = fail_for_good
    async with harness.line.working():
        await harness.line.seen("job.failed")
    await harness.catch_up()
    [row] = await harness.failed_rows()
    listed = await laravel.artisan("queue:failed")
    assert row["uuid"] in listed
    assert "App\\Jobs\\SyncAlWaseetOrdersJob" in listed
    await laravel.artisan("queue:retry", row["uuid"])
    assert [] == await harness.failed_rows()
    await harness.clock.advance(5)
    await harness.look()
    assert [State.FAILED, State.AVAILABLE] == [job.state for job in await harness.jobs()]


async def test_failed_job_retried_by_laravel_may_be_worked_by_php(harness: BridgeHarness, laravel: Laravel) -> None:
    await laravel.dispatch("sync-orders", "4")
    await harness.look()
    harness.line.scripts["alwaseet:sync-orders"] = fail_for_good
    async with harness.line.working():
        await harness.line.seen("job.failed")
    await harness.catch_up()
    await laravel.artisan("queue:retry", "all")
    await laravel.work()
    assert ["sync-orders 4"] == laravel.worked


async def test_undecodable_row_is_seen_by_laravel_s_own_commands(harness: BridgeHarness, laravel: Laravel) -> None:
    await laravel.dispatch("sync-orders", "soon")
    await harness.look()
    [row] = await harness.failed_rows()
    assert row["uuid"] in await laravel.artisan("queue:failed")
    assert "status_id" in row["exception"]


OWN_TASKS = Path(__file__).parents[2] / "docs" / "own-tasks.md"


class TestOwnTasks:
    """The class of docs/own-tasks.md, word for word."""

    @pytest.fixture
    def script(self, tmp_path: Path) -> Callable[[str], str]:
        """Return what writes a script of the shop that has the class."""

        def script(lines: str) -> str:
            [described] = [each for each in OWN_TASKS.read_text("utf-8").split("```php\n") if each.startswith("<?php")]
            (tmp_path / "Paranad.php").write_text(described.partition("```")[0], "utf-8")
            file = tmp_path / "script.php"
            use = "use App\\Support\\Paranad; use Illuminate\\Support\\Facades\\DB;"
            file.write_text(f"<?php {use} require_once __DIR__ . '/Paranad.php'; {lines}", "utf-8")
            return str(file)

        return script

    async def test_the_shop_asks_for_a_task_of_the_operator_s_own(
        self, harness: BridgeHarness, laravel: Laravel, script: Callable[[str], str]
    ) -> None:
        await laravel.dispatch(
            "script",
            script(
                f"""Paranad::dispatch('{INVOICES}', ['order_id' => 12]);
                Paranad::dispatch('{INVOICES}', ['order_id' => 'فاتورة/١٢'], 0, 'high');
                Paranad::dispatch('reports:mail');
                Paranad::dispatch('{INVOICES}', ['order_id' => 13], 300);
                DB::transaction(function () {{ Paranad::dispatch('{INVOICES}', ['order_id' => 14]); }});
                try {{
                    DB::transaction(function () {{
                        Paranad::dispatch('{INVOICES}', ['order_id' => 15]);
                        throw new RuntimeException('the order is not saved');
                    }});
                }} catch (RuntimeException $e) {{}}"""
            ),
        )
        await harness.look()
        jobs = await harness.jobs()
        asked = [(job.task, job.args.get("order_id"), job.queue, job.tries) for job in jobs]
        assert [
            (INVOICES, 12, "default", 3),
            (INVOICES, "فاتورة/١٢", "high", 3),
            ("reports:mail", None, "default", 3),
            (INVOICES, 14, "default", 3),
        ] == asked
        await harness.clock.advance(300)
        await harness.look()
        assert 13 == (await harness.jobs())[-1].args["order_id"]
        assert [] == await harness.rows()

    async def test_what_is_wrong_or_fails_comes_back_with_queue_retry(
        self, harness: BridgeHarness, laravel: Laravel, script: Callable[[str], str]
    ) -> None:
        await laravel.dispatch(
            "script",
            script(
                f"""Paranad::dispatch('{INVOICES}', ['order' => 12]);
                Paranad::dispatch('reports:mail');"""
            ),
        )
        await harness.look()
        harness.line.scripts["reports:mail"] = fail_for_good
        async with harness.line.working():
            await harness.line.seen("job.failed")
        await harness.catch_up()
        wrong, failed = await harness.failed_rows()
        assert "order_id is missing; unknown argument" in wrong["exception"]
        listed = await laravel.artisan("queue:failed")
        named = [line for line in listed.splitlines() if wrong["uuid"] in line or failed["uuid"] in line]
        assert [True, True] == ["paranad" in line for line in named], listed
        await laravel.artisan("queue:retry", failed["uuid"])
        await harness.clock.advance(5)
        await harness.look()
        assert ["reports:mail"] * 2 == [job.task for job in await harness.jobs()]


class TestBesideAWorker:
    """Both take from the same rows at once; SQLite has one writer, and Laravel no patience with that."""

    @pytest.fixture
    def shop_url(self, mariadb: Any) -> str:
        return str(mariadb.empty_database("shop"))

    async def test_no_row_is_taken_twice_and_none_is_lost(self, harness: BridgeHarness, laravel: Laravel) -> None:
        """Rows keep coming while PHP workers and the bridge take them: one by hand, one for what is set apart."""
        harness.start(rule=PhpRule(on_demand=True, notices=True))
        await laravel.dispatch("sync-orders", "1", "--times=200")
        await laravel.dispatch("newsletter", "--times=50")
        workers = [
            await laravel.start("queue:work", "--stop-when-empty", "--sleep=0", f"--queue={queue}")
            for queue in ("default", "php:default")
        ]
        more = await laravel.start("shop:dispatch", "sync-orders", "201", "--times=200")
        ended = asyncio.ensure_future(asyncio.gather(*(process.wait() for process in (*workers, more))))
        while not ended.done():
            harness.clock.wall = SystemClock().now()
            await harness.look()
            await asyncio.wait([ended], timeout=POLL.total_seconds())
        harness.clock.wall = SystemClock().now() + timedelta(seconds=5)
        await harness.look()
        await laravel.artisan("queue:work", "--stop-when-empty", "--queue=php:default")
        by_php = Counter(line.removeprefix("sync-orders ") for line in laravel.worked)
        assert 50 == by_php.pop("newsletter")
        by_us = Counter(job.args["status_id"] for job in await harness.jobs())
        assert Counter(str(number) for number in range(1, 401)) == by_php + by_us
        assert [] == await harness.rows()

    async def test_row_of_a_worker_that_was_killed_is_taken_over_as_tried(
        self, harness: BridgeHarness, laravel: Laravel
    ) -> None:
        order_id = await make_order(harness.shop)
        await laravel.dispatch("create-shipment", str(order_id))
        harness.start(Mode.AUTO)
        async with laravel.at_work():
            harness.clock.wall = SystemClock().now()
            await harness.look()
            assert not harness.bridge.state.active, harness.bridge.state.reason
        await harness.clock.advance(RETRY_AFTER_S + 5)
        await harness.look()
        assert [{"order_id": order_id, "tried_elsewhere": True}] == await harness.args()

    async def test_server_that_ends_every_connection_costs_a_look_at_most(
        self, harness: BridgeHarness, laravel: Laravel, mariadb: Any
    ) -> None:
        await harness.look()
        await laravel.dispatch("sync-orders", "4")
        for connection in mariadb.query("SELECT id FROM information_schema.processlist WHERE user <> 'root'"):
            mariadb.query(f"KILL {connection}")
        await harness.look()
        await harness.look()
        assert 1 == len(await harness.jobs())
        assert harness.bridge.state.active
