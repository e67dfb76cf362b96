"""The checks of one daemon among several: its lease, the others, their clocks, the database's cluster."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from math import ceil
from zoneinfo import ZoneInfo

from paranad.alerts.kinds import DOUBLED, DOUBLED_CURE
from paranad.bridge.kept import KeptRows
from paranad.clock import Clock, wall_time
from paranad.doctor.bounded import Findings
from paranad.finding import Found, failed, ok, warning
from paranad.said import Said, Sentence
from paranad.shop.cluster import Cluster, Copies, cluster_of
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.standby.service import Standby
from paranad.standby.view import Role, StandbyView

DRIFT, OFF = timedelta(seconds=10), timedelta(minutes=1)
"""How far a machine's clock may be from the database's: beyond the first it is told, beyond the second it is wrong."""
SYNCED = "Synced"
"""What a node of Galera says of itself when it has all that the others have."""
NTP = "set both clocks by NTP (`timedatectl set-ntp true`)"

LEASE_HELD = ok("lease-held", "lease", "{here} works since {since}; it renewed its lease {age_s} s ago")
LEASE_LATE = warning(
    "lease-late",
    "lease",
    "{here} works since {since}, and has not renewed its lease for {age_s} s, so it takes no new job: {why}",
    "see the lines lease-table and shop-database; a minute without a renewal ends the daemon, and another goes on",
)
LEASE_HELD_UP = warning(
    "lease-held-up",
    "lease",
    "{here} holds the lease since {since}, and does not work yet: {why}",
    "see the lines lease-table, shop-database and shop-rights; it is tried again, and after a minute the lease is left"
    " to another machine, if one stands by",
)
LEASE_WAITED_FOR = ok("lease-waited-for", "lease", "{here} stands by: {why}")
LEASE_OUT_OF_REACH = warning(
    "lease-out-of-reach",
    "lease",
    "{here} stands by, but could not take over now: {why}",
    "see the lines lease-table and shop-database; it is tried again every few seconds",
)
NONE_WORKS = "{here} stands by, and no machine is known to work: {why}"
LEASE_DUE = warning(
    "lease-due",
    "lease",
    NONE_WORKS,
    "wait until then; if it stays so, see the lines lease-table and shop-database",
)
LEASE_UNTAKEN = failed(
    "lease-untaken",
    "lease",
    NONE_WORKS,
    "a lease that ran out is taken within two minutes; if it stays so, see the lines lease-table and shop-database",
)
LEASE_DOUBLED = failed("lease-doubled", "lease", DOUBLED.english, DOUBLED_CURE.english)
LEASE_TABLE_GOOD = ok(
    "lease-table-good", "lease-table", "the table paranad_lease is there, with the rights that are needed on it"
)
LEASE_TABLE_WRONG = failed("lease-table-wrong", "lease-table", "{reason}", "{cure}")
STANDBY_PRESENT = ok("standby-present", "standby", "machines that stand by: {machines}")
STANDBY_NONE = warning(
    "standby-none",
    "standby",
    "no other machine stands by: if {here} dies, no order is sent",
    "start paranad on another machine with [standby] enabled = true: docs/two-servers.md",
)
NAME_TWICE = warning(
    "standby-name-twice",
    "standby-name",
    "more than one machine is called {machine}, so no line tells which of them is meant",
    "give each its own [standby] name in paranad.toml, then: systemctl restart paranad",
)
VERSIONS_ALIKE = ok("versions-alike", "standby-version", "every machine runs paranad {version}")
VERSIONS_DIFFER = warning(
    "versions-differ",
    "standby-version",
    "this machine runs paranad {version}, others do not: {others}",
    "bring all to one version, the machines that stand by first",
)
STANDBY_CLOCK_SAME = ok(
    "standby-clock-same", "standby-clock", "the shop's database is a file, and has no clock but this machine's"
)
STANDBY_CLOCKS_GOOD = ok(
    "standby-clocks-good", "standby-clock", "no machine's clock is more than {apart_s} s from the database's"
)
APART = "the clock of {machine} and the database's are {apart_s} s apart, expected at most {limit_s}"
STANDBY_CLOCK_DRIFTS = warning("standby-clock-drifts", "standby-clock", APART, NTP)
STANDBY_CLOCK_OFF = failed("standby-clock-off", "standby-clock", APART, NTP)
ROWS_KEPT = ok(
    "rows-kept",
    "standby-rows",
    "rows of the jobs table stay until their jobs have ended, so that another machine finds them; here now: {rows}",
)
ROWS_NOT_KEPT = warning(
    "rows-not-kept",
    "standby-rows",
    "rows of the jobs table whose jobs are here cannot be reserved anew: {reason}; after 90 s another may take them",
    "see the shop-database and shop-rights lines; it is tried again, and what is taken meanwhile is cancelled here",
)
CLUSTER_ONE = ok("cluster-one", "cluster", "the shop's database is one server: while it is down, no machine works")
CLUSTER_GALERA = ok(
    "cluster-galera", "cluster", "the shop's database is a Galera cluster of {nodes:node}; this one: {node_state}"
)
CLUSTER_GROUP = ok("cluster-group", "cluster", "the shop's database is a group of MySQL servers (InnoDB Cluster)")
CLUSTER_CONFIRMED = ok(
    "cluster-confirmed",
    "cluster",
    "the shop's database is copied to {replicas:replica}, each commit before it is answered (semi-synchronous)",
)
CLUSTER_EVEN = warning(
    "cluster-even",
    "cluster",
    "the Galera cluster has {nodes:node}, an even number: if the network is cut into two halves, neither goes on",
    "add a node, or an arbitrator (garbd) on another machine: docs/two-servers.md",
)
CLUSTER_NOT_SYNCED = warning(
    "cluster-not-synced",
    "cluster",
    "this node of the Galera cluster is {node_state}: it may lag behind the others",
    "a donor is synced again once the other node has its copy; if it stays so, see the node's error log",
)
CLUSTER_CUT = failed(
    "cluster-cut",
    "cluster",
    "this node of the Galera cluster takes no change: it is {status}, and sees {nodes:node}",
    "mend its network to the other nodes; if all are down: see docs/two-servers.md for which one begins",
)
CLUSTER_LATER = warning(
    "cluster-later",
    "cluster",
    "the shop's database is copied to {replicas:replica} only after each commit: if one takes its place, the last"
    " commits are lost, the lease and the marks of orders among them, and an order may be sent twice",
    "use Galera or semi-synchronous replication (rpl_semi_sync_master_enabled); or stop paranad on every machine before"
    " a replica takes over, then: paranadctl shipments reconcile",
)
WORK_ELSEWHERE = ok(
    "work-elsewhere",
    "work",
    "queues, schedule, PHP, shipments, parcels, the shop's settings, the courier's account, digest and heartbeat are"
    " looked at on the machine that works: {machine}",
)
TABLE_DOCS = Sentence("doctor.table_docs", "docs/two-servers.md says how the table is made")
NOT_KNOWN = Sentence("doctor.machine_unknown", "none is known")


async def elsewhere_findings(standby: Standby) -> Findings:
    """Say which machine does the work, of which this one can say nothing."""
    return [WORK_ELSEWHERE(machine=standby.view.working or NOT_KNOWN())]


async def standby_findings(
    standby: Standby, kept: KeptRows, shop: Shop, clock: Clock, held_up: Said | None
) -> Findings:
    """Look at the lease and all that it stands on; the database's own troubles are told by the checks of the shop.

    *held_up* is why this machine does not work yet although it holds the lease.
    """
    await standby.look()  # one may have begun to stand by just now
    found = [*_lease(standby, clock, shop.zone, held_up), *_others(standby), _rows(kept)]
    if cluster := await how_it_stands(shop):
        found.append(cluster_finding(cluster))
    if cluster and cluster.works:
        with suppress(ShopError):
            found += [*await _table(standby), *_clocks(standby, await shop.clock_apart())]
    return found


async def how_it_stands(shop: Shop) -> Cluster | None:
    """Return how the database's server stands; None: it does not say."""
    cluster = None
    # A node that lost its cluster answers this, and refuses the rollback after it.
    with suppress(ShopError):
        async with shop.read() as connection:
            cluster = await cluster_of(connection)
    return cluster


def _rows(kept: KeptRows) -> Found:
    return ROWS_NOT_KEPT(reason=kept.trouble) if kept.trouble else ROWS_KEPT(rows=len(kept.ours))


async def _table(standby: Standby) -> Findings:
    troubles = await standby.setup.examine()
    wrong = [LEASE_TABLE_WRONG(reason=each.reason, cure=each.cure or TABLE_DOCS()) for each in troubles]
    return wrong or [LEASE_TABLE_GOOD()]


def _lease(standby: Standby, clock: Clock, zone: ZoneInfo, held_up: Said | None) -> Iterator[Found]:
    view, here = standby.view, standby.machine
    if view.doubled:
        yield LEASE_DOUBLED(here=here)
    if view.renewed_s is None or view.since is None:
        yield _waited_for(view)
        return
    if held_up:
        yield LEASE_HELD_UP(here=here, since=wall_time(view.since, zone), why=held_up)
        return
    finding = LEASE_HELD if standby.may_claim() else LEASE_LATE
    age_s = round(clock.elapsed() - view.renewed_s)
    yield finding(here=here, since=wall_time(view.since, zone), age_s=age_s, why=view.trouble or view.why)


def _waited_for(view: StandbyView) -> Found:
    """Say what a machine waits for that stands by."""
    if view.holder_machine and view.trouble:
        return LEASE_OUT_OF_REACH(here=view.machine, why=view.trouble)
    if view.working:
        return LEASE_WAITED_FOR(here=view.machine, why=view.why)
    is_due = view.takes_at is not None and view.trouble is None
    return (LEASE_DUE if is_due else LEASE_UNTAKEN)(here=view.machine, why=view.why)


def _others(standby: Standby) -> Iterator[Found]:
    view = standby.view
    if view.role is Role.ACTIVE:
        present = view.standing_by
        yield STANDBY_PRESENT(machines=", ".join(present)) if present else STANDBY_NONE(here=standby.machine)
    others = [each for each in view.machines if each.present and not each.is_this]
    names = Counter([standby.machine, *(each.machine for each in others)])
    yield from (NAME_TWICE(machine=name) for name, times in names.items() if times > 1)
    differ = [f"{each.machine} ({each.version})" for each in others if each.version != standby.version]
    if differ:
        yield VERSIONS_DIFFER(version=standby.version, others=", ".join(differ))
    elif others:
        yield VERSIONS_ALIKE(version=standby.version)


def _clocks(standby: Standby, apart: timedelta | None) -> Findings:
    """Say how far each machine's clock is from the database's: *apart* for this one, the others as they last saw it."""
    if apart is None:
        return [STANDBY_CLOCK_SAME()]
    others = [each for each in standby.view.machines if each.present and not each.is_this]
    seen = {each.machine: each.clock_ahead_s for each in others}
    clocks = {standby.machine: apart, **{name: abs(timedelta(seconds=at)) for name, at in seen.items() if at}}
    found = [
        (STANDBY_CLOCK_OFF if at > OFF else STANDBY_CLOCK_DRIFTS)(
            machine=name, apart_s=_seconds(at), limit_s=_seconds(DRIFT)
        )
        for name, at in clocks.items()
        if at > DRIFT
    ]
    return found or [STANDBY_CLOCKS_GOOD(apart_s=f"{ceil(max(clocks.values()).total_seconds())}")]


def _seconds(time: timedelta) -> str:
    return f"{time.total_seconds():.0f}"


def cluster_finding(cluster: Cluster) -> Found:
    """Say what it means that the database stands as *cluster*."""
    match cluster.copies:
        case Copies.GALERA:
            return _galera(cluster)
        case Copies.GROUP:
            return CLUSTER_GROUP()
        case Copies.CONFIRMED:
            return CLUSTER_CONFIRMED(replicas=cluster.nodes - 1)
        case Copies.LATER:
            return CLUSTER_LATER(replicas=cluster.nodes - 1)
        case _:
            return CLUSTER_ONE()


def _galera(cluster: Cluster) -> Found:
    if not cluster.works:
        return CLUSTER_CUT(status=cluster.status, nodes=cluster.nodes)
    if cluster.state != SYNCED:
        return CLUSTER_NOT_SYNCED(node_state=cluster.state)
    return (CLUSTER_GALERA if cluster.nodes % 2 else CLUSTER_EVEN)(nodes=cluster.nodes, node_state=cluster.state)
