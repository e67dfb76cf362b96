"""What the doctor says of PHP: what waits for it, and who sends pushes."""

from pathlib import Path

from paranad.bridge.apart import PhpRule
from paranad.bridge.loop import Mode
from paranad.configuration.settings import Settings, ShopSection
from paranad.doctor.php import php_findings
from paranad.finding import Found
from paranad.on_demand.decide import SLOW_AFTER_S
from paranad.on_demand.rows import Backlog
from paranad.on_demand.service import OnDemand
from paranad.on_demand.ways import BySystemd, NoWay
from paranad.shop.errors import TABLE, ShopUnexpectedSchema
from tests.support.bridge import BridgeHarness
from tests.support.payloads import payload_of

MAIL = payload_of("Illuminate\\Mail\\SendQueuedMailable", "O:1:{}", displayName="App\\Mail\\OrderShipped")


async def found(harness: BridgeHarness) -> Found:
    shop, clock = harness.shop, harness.clock
    on_demand = OnDemand(Backlog(shop), lambda _: NoWay(), lambda: False, clock, harness.events, zone=shop.zone)
    [finding] = await php_findings(harness.bridge, on_demand, shop.zone)
    return finding


async def test_nobody_sends_pushes_where_php_is_left_alone(harness: BridgeHarness) -> None:
    finding = await found(harness)
    assert ("php-stands", "ok") == (finding.code, finding.outcome)
    assert '[shop] php is "leave"' in str(finding.why)
    assert str(finding.why).endswith("nobody sends pushes")


async def test_what_waits_is_said_with_its_oldest(harness: BridgeHarness) -> None:
    harness.start(rule=PhpRule(on_demand=True, notices=True))
    await harness.put_all([MAIL, MAIL])
    await harness.look()
    finding = await found(harness)
    assert "waiting for PHP, 2 rows, the oldest since 2026-03-02 12:00:00: no row" in str(finding.why)
    assert str(finding.why).endswith("with pushes and Telegram")


async def test_worker_that_does_not_come_is_a_warning_with_its_cure(harness: BridgeHarness, tmp_path: Path) -> None:
    harness.start(rule=PhpRule(on_demand=True, notices=True))
    await harness.put_all([MAIL])
    await harness.look()
    shop, clock = harness.shop, harness.clock
    enabled = tmp_path / "paranad-php.path"
    way = BySystemd(tmp_path, enabled)
    on_demand = OnDemand(Backlog(shop), lambda _: way, lambda: False, clock, harness.events, zone=shop.zone)
    on_demand.use(Settings(shop=ShopSection(php="on-demand")))
    [finding] = await php_findings(harness.bridge, on_demand, shop.zone)
    assert ("php-unready", "warning") == (finding.code, finding.outcome), "before any row waits"
    assert "paranad-php.path is not enabled" in str(finding.why)
    assert "systemctl enable --now paranad-php.path" in str(finding.cure)
    assert str(finding.why).endswith("with pushes, only once a worker takes its row")
    enabled.symlink_to("/usr/local/lib/systemd/system/paranad-php.path")
    await on_demand.look()
    [finding] = await php_findings(harness.bridge, on_demand, shop.zone)
    assert "php-waited-for" == finding.code
    await clock.advance(SLOW_AFTER_S)
    [finding] = await php_findings(harness.bridge, on_demand, shop.zone)
    assert "php-late" == finding.code
    assert "php.wanted is there since 2026-03-02 12:00:00, and nobody took it" in str(finding.why)
    assert "systemctl enable --now paranad-php.path" in str(finding.cure)


async def test_listener_s_row_that_the_table_did_not_take_is_a_warning_with_its_reason(harness: BridgeHarness) -> None:
    harness.start(rule=PhpRule(on_demand=True, notices=True))
    refused = ShopUnexpectedSchema(TABLE(name="jobs")).said
    on_demand = OnDemand(
        Backlog(harness.shop), lambda _: NoWay(), lambda: False, harness.clock, harness.events, zone=harness.shop.zone
    )
    [finding] = await php_findings(harness.bridge, on_demand, harness.shop.zone, refused)
    assert ("php-notices-refused", "warning") == (finding.code, finding.outcome)
    assert 'no table "jobs"' in str(finding.why)


async def test_listener_that_nobody_works_is_a_warning(harness: BridgeHarness) -> None:
    harness.start(rule=PhpRule(on_demand=False, notices=True))
    assert "php-notices-unworked" == (await found(harness)).code
    harness.start(Mode.OFF, rule=PhpRule(on_demand=False, notices=True))
    assert "php-stands" == (await found(harness)).code, "the shop's own workers have every row"
