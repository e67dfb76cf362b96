"""The look at the shop, on each of its databases: everything is broken once, and seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from paranad.bridge.apart import PhpRule
from paranad.bridge.loop import Mode
from paranad.configuration.settings import TasksSection
from paranad.doctor import shop as room
from paranad.doctor.bounded import Findings
from paranad.doctor.shop import shop_findings
from paranad.shop.database import Shop
from paranad.shop.errors import ShopReadOnly
from paranad.shop.tables import failed_jobs
from tests.support.bridge import BridgeHarness
from tests.support.findings import codes, only
from tests.support.mariadb import MariaDb
from tests.support.payloads import create_shipment, payload_of, samples
from tests.support.queue import fail_for_good
from tests.support.shop import set_setting
from tests.support.shop_faults import ShopDown

SAMPLE = next(sample for sample in samples() if sample.task == "alwaseet:create-shipment")


async def found(harness: BridgeHarness, *place: str) -> Findings:
    return await shop_findings(harness.shop, harness.bridge, harness.line.jobs, TasksSection(), *place)


async def run(shop: Shop, statement: str) -> None:
    async with shop.transaction() as connection:
        await connection.execute(text(statement))


@asynccontextmanager
async def renamed(shop: Shop, table: str, column: str = "") -> AsyncIterator[None]:
    """Let a table, or `COLUMN name` of it, be missing while the block lasts: made anew, it would cost a second."""
    words, _, name = column.rpartition(" ")
    await run(shop, f"ALTER TABLE {table} RENAME {words} {name} TO gone")
    try:
        yield
    finally:
        back = f"ALTER TABLE {table} RENAME {words} gone TO {name}" if column else f"ALTER TABLE gone RENAME TO {table}"
        await run(shop, back)


async def never_used(shop: Shop) -> None:
    """Let the `jobs` table be as the migrations leave it."""
    async with shop.transaction() as connection:
        if connection.dialect.name == "mysql":
            await connection.execute(text("TRUNCATE jobs"))
            await connection.execute(text("TRUNCATE failed_jobs"))


async def test_good_shop_is_good(harness: BridgeHarness) -> None:
    await harness.put(SAMPLE.payload)
    await harness.look()
    findings = await found(harness)
    clock = "shop-clock-same" if harness.shop.types_are_hints else "shop-clock-good"
    assert ["shop-reachable", "shop-rights-good", "shop-tables-good", clock, "shop-queue-used"] == codes(findings)[:5]
    assert "2026-03-02 12:00:00" == only(findings, "shop-queue-used").values["at"]


async def test_shop_that_is_away_is_seen_and_nothing_more_asked(harness: BridgeHarness, shop_down: ShopDown) -> None:
    with shop_down():
        [finding] = await found(harness)
    assert ("shop-unreachable", "failed", "shop-database") == (finding.code, finding.outcome, finding.check)


async def test_cure_names_the_place_where_the_address_is_set(harness: BridgeHarness, shop_down: ShopDown) -> None:
    place = "credential shop_database_url (/etc/paranad/credentials/shop/database_url)"
    with shop_down():
        [finding] = await found(harness, place)
    assert place in str(finding.cure)
    assert "systemctl restart paranad" in str(finding.cure)


async def test_shop_that_takes_no_change_is_seen_and_nothing_more_asked(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> object:
        raise ShopReadOnly("it is read-only")

    monkeypatch.setattr(harness.shop, "transaction", refused)
    [finding] = await found(harness)
    assert ("shop-read-only", "failed", "shop-database") == (finding.code, finding.outcome, finding.check)


@pytest.fixture
def server(harness: BridgeHarness, mariadb: MariaDb) -> MariaDb:
    if harness.shop.types_are_hints:
        pytest.skip("a file has no rights of its own and no role")
    return mariadb


async def test_missing_right_is_a_failure_whose_cure_grants_it(harness: BridgeHarness, server: MariaDb) -> None:
    server.query(
        "REVOKE ALL, GRANT OPTION FROM shop@localhost; GRANT SELECT, INSERT, DELETE ON shop.* TO shop@localhost"
    )
    await harness.shop.close()
    try:
        await harness.look()
        await harness.put(SAMPLE.payload)
        await harness.look()
        findings = await found(harness)
    finally:
        server.query("GRANT ALL ON shop.* TO shop@localhost")
    missing = [finding for finding in findings if finding.code == "shop-right-missing"]
    assert {"shop-rights", "failed"} == {word for finding in missing for word in (finding.check, finding.outcome)}
    cures = " ".join(str(finding.cure) for finding in missing)
    assert "GRANT UPDATE ON shop.jobs TO " in cures
    assert "GRANT UPDATE ON shop.alwaseet_shipments TO " in cures
    assert "shop-queue-not-taken" not in codes(findings), "no worker of the shop is in the way"
    assert "GRANT INSERT" not in cures


async def test_row_for_php_needs_the_right_to_add_one(harness: BridgeHarness, server: MariaDb) -> None:
    rights = (
        "GRANT SELECT, UPDATE, DELETE ON shop.* TO shop@localhost; GRANT INSERT ON shop.failed_jobs TO shop@localhost"
    )
    server.query(f"REVOKE ALL, GRANT OPTION FROM shop@localhost; {rights}")
    await harness.shop.close()
    try:
        plain = await found(harness)
        harness.start(rule=PhpRule(on_demand=True, notices=True))
        for_php = await found(harness)
    finally:
        server.query("REVOKE ALL, GRANT OPTION FROM shop@localhost; GRANT ALL ON shop.* TO shop@localhost")
    added = {str(finding.cure) for finding in for_php} - {str(finding.cure) for finding in plain}
    assert ["GRANT INSERT ON shop.jobs TO"] == [cure.partition("root: ")[2][:28] for cure in added]


async def test_every_right_that_is_missing_is_named(harness: BridgeHarness, server: MariaDb) -> None:
    server.query("REVOKE ALL, GRANT OPTION FROM shop@localhost; GRANT SELECT ON shop.* TO shop@localhost")
    await harness.shop.close()
    try:
        findings = await found(harness)
    finally:
        server.query("GRANT ALL ON shop.* TO shop@localhost")
    assert {
        "INSERT shop.alwaseet_shipments",
        "UPDATE shop.alwaseet_shipments",
        "UPDATE shop.jobs",
        "DELETE shop.jobs",
        "INSERT shop.failed_jobs",
        "DELETE shop.failed_jobs",
    } == {f"{each.values['right']} {each.values['on']}" for each in findings if each.code == "shop-right-missing"}


async def test_right_that_is_granted_again_is_good(harness: BridgeHarness, server: MariaDb) -> None:
    await test_missing_right_is_a_failure_whose_cure_grants_it(harness, server)
    await harness.look()
    assert "shop-rights-good" in codes(await found(harness))


async def test_server_that_takes_no_change_is_seen_with_its_own_cure(harness: BridgeHarness, server: MariaDb) -> None:
    await harness.put(SAMPLE.payload)
    server.query("SET GLOBAL read_only = ON")
    try:
        await harness.look()
        findings = await found(harness)
    finally:
        server.query("SET GLOBAL read_only = OFF")
    finding = next(finding for finding in findings if finding.code == "shop-server-read-only")
    assert ("failed", "shop-database") == (finding.outcome, finding.check)
    assert "read_only = OFF" in str(finding.cure)
    assert "shop-queue-not-taken" not in codes(findings)


async def test_missing_table_and_column_are_named(harness: BridgeHarness, shop: Shop) -> None:
    async with renamed(shop, "product_links", "COLUMN deleted_at"), renamed(shop, "stock_reservations"):
        finding = only(await found(harness), "shop-tables-missing")
    assert "product_links.deleted_at, stock_reservations" == ", ".join(sorted(finding.values["missing"].split(", ")))
    assert "failed" == finding.outcome


@pytest.mark.parametrize(
    ("table", "column"), [("orders", "COLUMN profit_margin_at_confirmation"), ("product_movements", "")]
)
async def test_what_no_statement_names_is_not_missed(
    harness: BridgeHarness, shop: Shop, table: str, column: str
) -> None:
    async with renamed(shop, table, column):
        assert "shop-tables-good" in codes(await found(harness))


async def test_tables_of_a_later_shop_are_a_warning(harness: BridgeHarness, shop: Shop) -> None:
    async with renamed(shop, "sweet_alerts"):
        finding = only(await found(harness), "shop-tables-older")
    assert ("warning", "sweet_alerts") == (finding.outcome, finding.values["missing"])


@pytest.mark.parametrize(
    ("apart", "code"),
    [
        (None, "shop-clock-same"),
        (timedelta(seconds=30), "shop-clock-good"),
        (timedelta(seconds=31), "shop-clock-drifts"),
        (timedelta(minutes=11), "shop-clock-off"),
    ],
)
async def test_clock_that_is_off_is_seen(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch, apart: timedelta | None, code: str
) -> None:
    async def clock_apart() -> timedelta | None:
        return apart

    monkeypatch.setattr(harness.shop, "clock_apart", clock_apart)
    assert code in codes(await found(harness))


async def test_jobs_table_that_never_had_a_row_is_seen(harness: BridgeHarness) -> None:
    await never_used(harness.shop)
    await harness.look()
    finding = only(await found(harness), "shop-queue-never")
    assert "QUEUE_CONNECTION=database" in str(finding.cure)


async def test_rows_of_a_worker_of_the_shop_show_that_its_queue_is_used(harness: BridgeHarness) -> None:
    await never_used(harness.shop)
    await harness.put(SAMPLE.payload)
    await run(harness.shop, "DELETE FROM jobs")
    await harness.look()
    assert "shop-queue-seen" in codes(await found(harness))


async def test_a_failed_job_of_the_shop_shows_that_its_queue_is_used(harness: BridgeHarness) -> None:
    await never_used(harness.shop)
    row = {"uuid": "u", "connection": "database", "queue": "default", "payload": "{}", "exception": "e"}
    async with harness.shop.transaction() as connection:
        await connection.execute(insert(failed_jobs).values({**row, "failed_at": harness.shop.now()}))
    await harness.look()
    assert "shop-queue-seen" in codes(await found(harness))


async def test_worker_of_the_shop_beside_is_seen(harness: BridgeHarness) -> None:
    harness.bridge.use(Mode.AUTO, timedelta(seconds=1))
    await harness.put(SAMPLE.payload, reserved_at=harness.now_s())
    await harness.look()
    finding = only(await found(harness), "shop-queue-not-taken")
    assert "PHP worker" in str(finding.why)


async def test_rows_left_for_a_php_worker_are_counted(harness: BridgeHarness) -> None:
    await harness.put(payload_of("App\\Jobs\\Unknown", "O:1:{}"))
    await harness.look()
    assert "1" == only(await found(harness), "shop-queue-left").values["rows"]
    harness.start(rule=PhpRule(on_demand=True, notices=True))
    await harness.put("no JSON")
    await harness.look()
    assert "1" == only(await found(harness), "shop-queue-stays").values["rows"]


async def test_queue_that_is_off_is_said(harness: BridgeHarness) -> None:
    harness.bridge.use(Mode.OFF, timedelta(seconds=1))
    assert "shop-queue-off" in codes(await found(harness))


async def test_queue_without_its_tables_is_seen(harness: BridgeHarness, shop: Shop) -> None:
    async with renamed(shop, "failed_jobs"):
        assert "failed_jobs" == only(await found(harness), "shop-queue-no-table").values["missing"]


async def test_row_that_cannot_be_read_is_seen_until_it_is_gone(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(0, uuid="bad"))
    await harness.look()
    finding = only(await found(harness), "shop-rows-unreadable")
    assert ("warning", "1", "bad") == (finding.outcome, finding.values["rows"], finding.values["uuid"])
    assert "order_id" in str(finding.why)
    assert "queue:retry bad" in str(finding.cure)
    await run(harness.shop, "DELETE FROM failed_jobs")
    assert "shop-rows-readable" in codes(await found(harness))


async def test_failed_jobs_that_cannot_be_given_back_are_seen(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    harness.line.scripts["alwaseet:create-shipment"] = fail_for_good
    async with harness.line.working():
        await harness.line.seen("job.failed")
    async with renamed(harness.shop, "failed_jobs"):
        await harness.catch_up()
        finding = only(await found(harness), "shop-failed-not-written")
    assert 'no table "failed_jobs"' in str(finding.why)


async def test_settings_are_said_in_words(harness: BridgeHarness, shop: Shop) -> None:
    await set_setting(shop, "alwaseet_auto_create_shipment", "1")
    assert {"create-shipment-on", "defaults-missing"} <= set(codes(await found(harness)))


async def test_shop_that_does_not_answer_is_not_waited_for(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LIMIT_S", 0.01)

    @asynccontextmanager
    async def silent() -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(harness.shop, "read", silent)
    [finding] = await found(harness)
    assert ("check-late", "shop-database", "failed") == (finding.code, finding.check, finding.outcome)
