"""What the doctor says of the lease, of the other machines, of their clocks and of the database's cluster."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from paranad.doctor.standby import cluster_finding, elsewhere_findings, standby_findings
from paranad.finding import Found
from paranad.said import Said, plain
from paranad.shop.cluster import Cluster, Copies
from paranad.shop.database import Shop
from paranad.standby.setup import CURE_TABLE, Setup
from paranad.standby.view import SILENT
from tests.support.clock import START, ManualClock
from tests.support.findings import codes, only
from tests.support.shop_faults import ShopDown
from tests.support.standing import Standing


@dataclass
class Kept:
    """Rows of the shop that are kept here, as the bridge knows them."""

    ours: dict[int, int] = field(default_factory=dict)
    trouble: Said | None = None


@pytest.fixture
def standing(shop: Shop) -> Standing:
    """web-2, which works; nobody stands by."""
    standing = Standing("web-2")
    standing.setup = Setup(shop)
    standing.work()
    return standing


@pytest.fixture
async def table(standing: Standing, shop: Shop) -> None:
    async with shop.transaction() as connection:
        await connection.exec_driver_sql(standing.setup.sql)


@pytest.mark.usefixtures("table")
async def test_machine_that_works_says_when_it_renewed_its_lease(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    standing.let_stand_by("web-1")
    await clock.advance(7)
    found = await found_of(standing, shop, clock)
    assert {"ok"} == {each.outcome for each in found}
    assert "it renewed its lease 7 s ago" in str(only(found, "lease-held").why)
    assert "machines that stand by: web-1" == str(only(found, "standby-present").why)
    assert {"rows-kept", "versions-alike", "cluster-one", "lease-table-good"} <= set(codes(found))


async def found_of(standing: Standing, shop: Shop, clock: ManualClock, held_up: Said | None = None) -> Sequence[Found]:
    return await standby_findings(standing, Kept(), shop, clock, held_up)  # type: ignore[arg-type]


async def test_machine_that_has_just_begun_to_stand_by_is_seen(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    """Whoever has just set the second one up asks the doctor at once."""
    standing.comes = "web-1"
    found = await found_of(standing, shop, clock)
    assert "machines that stand by: web-1" == str(only(found, "standby-present").why)


async def test_two_machines_of_one_name_are_a_warning(standing: Standing, shop: Shop, clock: ManualClock) -> None:
    standing.let_stand_by("web-1", "web-3")
    assert "standby-name-twice" not in codes(await found_of(standing, shop, clock))
    standing.let_stand_by("web-1", "web-2")
    finding = only(await found_of(standing, shop, clock), "standby-name-twice")
    assert "more than one machine is called web-2" in str(finding.why)


async def test_rows_that_cannot_be_reserved_anew_are_a_warning(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    kept = Kept({7: 1}, trouble=plain("no right to UPDATE on jobs"))
    [finding] = [
        each
        for each in await standby_findings(standing, kept, shop, clock, None)  # type: ignore[arg-type]
        if each.check == "standby-rows"
    ]
    assert ("rows-not-kept", "warning") == (finding.code, finding.outcome)
    assert "cannot be reserved anew: no right to UPDATE on jobs" in str(finding.why)


async def test_table_that_is_missing_is_failed_with_its_cure(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    finding = only(await found_of(standing, shop, clock), "lease-table-wrong")
    assert "no table paranad_lease" in str(finding.why)
    assert str(CURE_TABLE()) == str(finding.cure)


async def test_lease_that_is_not_renewed_is_a_warning_with_its_reason(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    standing.fail_to_renew("3306: connection refused")
    finding = only(await found_of(standing, shop, clock), "lease-late")
    assert "has not renewed its lease for 40 s, so it takes no new job: 3306: connection refused" in str(finding.why)


async def test_machine_alone_is_a_warning(standing: Standing, shop: Shop, clock: ManualClock) -> None:
    finding = only(await found_of(standing, shop, clock), "standby-none")
    assert ("warning", "if web-2 dies, no order is sent") == (finding.outcome, str(finding.why).partition(": ")[2])


async def test_machine_that_stands_by_says_for_whom_and_leaves_the_work_to_it(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    standing.stand_by("web-1")
    found = await found_of(standing, shop, clock)
    waited_for = only(found, "lease-waited-for")
    assert ("ok", "web-2 stands by: web-1 works") == (waited_for.outcome, str(waited_for.why).partition(";")[0])
    assert "standby-none" not in codes(found)
    [elsewhere] = await elsewhere_findings(standing)
    assert str(elsewhere.why).endswith("are looked at on the machine that works: web-1")


@pytest.mark.parametrize("holder", ["web-1", None])
async def test_takeover_that_is_near_is_a_warning_with_its_time_and_names_no_machine_that_works(
    standing: Standing, shop: Shop, clock: ManualClock, holder: str | None
) -> None:
    """The machine that works is silent, or gave the lease up a moment ago."""
    standing.stand_by(holder, why=SILENT(machine="web-1", at="21:04", takes_at="21:06"), takes_at=START)
    finding = only(await found_of(standing, shop, clock), "lease-due")
    assert "warning" == finding.outcome
    assert str(finding.why).endswith(
        "no machine is known to work: web-1 has not renewed the lease since 21:04; this machine takes over at 21:06"
    )
    [elsewhere] = await elsewhere_findings(standing)
    assert str(elsewhere.why).endswith("on the machine that works: none is known")


async def test_machine_that_could_not_take_over_is_a_warning(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    standing.stand_by("web-1", trouble="no right to INSERT on paranad_lease")
    finding = only(await found_of(standing, shop, clock), "lease-out-of-reach")
    assert ("warning", "no right to INSERT on paranad_lease") == (finding.outcome, str(finding.why).partition(": ")[2])


async def test_machine_that_holds_the_lease_and_does_not_work_yet_is_a_warning(
    standing: Standing, shop: Shop, clock: ManualClock
) -> None:
    found = await found_of(standing, shop, clock, plain("no right to UPDATE on jobs"))
    finding = only(found, "lease-held-up")
    assert "web-2 holds the lease since" in str(finding.why)
    assert "and does not work yet: no right to UPDATE on jobs" in str(finding.why)
    assert "lease-held" not in codes(found)


@pytest.mark.parametrize(("doubled", "code"), [(False, "lease-untaken"), (True, "lease-doubled")])
async def test_nobody_works_or_two_have_one_identity_is_failed(
    standing: Standing, shop: Shop, clock: ManualClock, doubled: bool, code: str
) -> None:
    standing.stand_by("web-1" if doubled else None, doubled=doubled)
    assert "failed" == only(await found_of(standing, shop, clock), code).outcome


async def test_other_versions_are_named(standing: Standing, shop: Shop, clock: ManualClock) -> None:
    standing.let_stand_by("web-1", "web-3", version="0.9")
    finding = only(await found_of(standing, shop, clock), "versions-differ")
    assert "web-1 (0.9), web-3 (0.9)" in str(finding.why)


@pytest.mark.parametrize(
    ("apart_s", "code"), [(9, "standby-clocks-good"), (11, "standby-clock-drifts"), (-61, "standby-clock-off")]
)
async def test_clock_of_another_machine_is_seen_from_here(
    standing: Standing, shop: Shop, clock: ManualClock, apart_s: int, code: str
) -> None:
    standing.let_stand_by("web-1", apart_s=apart_s)
    found = await found_of(standing, shop, clock)
    if shop.types_are_hints:
        only(found, "standby-clock-same")
    else:
        assert code in codes(found)


async def test_database_that_is_down_ends_no_finding_about_the_lease(
    standing: Standing, shop: Shop, clock: ManualClock, shop_down: ShopDown
) -> None:
    with shop_down():
        found = await found_of(standing, shop, clock)
    assert {"lease-held", "standby-none", "rows-kept"} == set(codes(found))


@pytest.mark.parametrize(
    ("cluster", "code", "outcome"),
    [
        (Cluster(Copies.GALERA, 3, "Primary", "Synced"), "cluster-galera", "ok"),
        (Cluster(Copies.GALERA, 2, "Primary", "Synced"), "cluster-even", "warning"),
        (Cluster(Copies.GALERA, 3, "Primary", "Donor/Desynced"), "cluster-not-synced", "warning"),
        (Cluster(Copies.GALERA, 1, "non-Primary", "Initialized"), "cluster-cut", "failed"),
        (Cluster(Copies.LATER, 2), "cluster-later", "warning"),
        (Cluster(Copies.CONFIRMED, 2), "cluster-confirmed", "ok"),
        (Cluster(Copies.GROUP), "cluster-group", "ok"),
        (Cluster(Copies.NONE), "cluster-one", "ok"),
    ],
)
def test_cluster_is_judged(cluster: Cluster, code: str, outcome: str) -> None:
    finding = cluster_finding(cluster)
    assert (code, outcome) == (finding.code, finding.outcome)
