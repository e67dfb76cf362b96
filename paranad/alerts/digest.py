"""The daily digest: what it counts, its lines, and its document. What is not known is said to be unknown, never 0."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from paranad.alerts.incident import encoded, summed
from paranad.alerts.incidents import Incidents
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.language import Language, spoken
from paranad.errors import ParanadError
from paranad.history.service import History
from paranad.orders.parcels import Parcels
from paranad.orders.service import Count, Orders
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.journal import Journal
from paranad.shipments.model import ShipmentState
from paranad.standby.service import Standby
from paranad.standby.view import Role, StandbyView

T = TypeVar("T")
Json = Any
KIND = "digest"

HEAD = Sentence("digest.head", "paranad, from {since} to {until}")
LEFT_OUT = Sentence("digest.left_out", "what was from {since} to {until} stands in no digest")
SHIPPED = Sentence("digest.shipped", "orders shipped: {count}")
UNSHIPPED = Sentence("digest.unshipped", "orders without a shipment: {count}")
UNSHIPPED_SINCE = Sentence("digest.unshipped_since", "orders without a shipment: {count}, the oldest made at {made_at}")
HELD = Sentence("digest.held", "shipments held for a person: {count}")
FAILED = Sentence("digest.failed", "jobs that failed: {count}")
SILENT = Sentence("digest.silent", "schedule entries without success: {entries}")
PARCELS = Sentence(
    "digest.parcels",
    "parcels: handed over {handed_over}, delivered {delivered}, on the way back {on_the_way_back}, "
    "come back {came_back}",
)
PARCELS_UNKNOWN = Sentence("digest.parcels_unknown", "parcels: unknown, the shop's database does not say")
MACHINES = Sentence("digest.machines", "{machine} works; machines that stand by: {others}")
UNKNOWN = Sentence("digest.unknown", "unknown")
NONE = Sentence("digest.none", "none")
NEEDED = Sentence("digest.needed", "a person is needed:")
NEED = Sentence("digest.need", "- {message}")
CURE = Sentence("digest.cure", "to do: {cure}")
NOT_NEEDED = Sentence("digest.not_needed", "nobody is needed")
COUNTED_HERE = Sentence(
    "digest.counted_here", "{here} stands by: of shipping, jobs and entries, what was on it alone is counted"
)
NOT_NEEDED_HERE = Sentence("digest.not_needed_here", "nobody is needed on {here}")


@record
class Need:
    """Open incidents of one kind: what needs a person."""

    kind: IncidentKind
    count: int
    message: Said
    cure: Said | None


@record
class Day:
    """What a digest counts. None: not known."""

    since: datetime
    until: datetime
    shipped: int | None
    """Orders that the courier was known to have from then on."""
    failed: int | None
    """How often a job failed for good, in every quarter of an hour that the time touches."""
    held: int | None
    orders: Count | None
    """Orders without a shipment."""
    parcels: Parcels | None
    silent: Sequence[str]
    needs: Sequence[Need]
    machines: Said | None = None
    """Which machine works, and which stand by; None: there is but one."""
    left_out_since: datetime | None = None
    """From when to `since` no digest counts, since none went out for too long; None: each does."""
    stands_by: str | None = None
    """What this machine is called, if it stands by: then its own work alone is counted; None: it works."""


CountDay: TypeAlias = Callable[[datetime, datetime], Awaitable[Day]]


@record
class Counting:
    """The rooms that a digest asks, each for what it counts."""

    history: History
    journal: Journal
    orders: Orders
    parcels: Callable[[datetime], Awaitable[Parcels | None]]
    incidents: Incidents
    look: Callable[[], Awaitable[None]]
    """Brings the incidents up to date."""
    standby: Standby | None = None

    async def day(self, since: datetime, until: datetime) -> Day:
        """Count from *since* to *until*, or as it stands now."""
        await self.look()  # what needs a person is to agree with the counts
        counted, standing = await _known(self.history.counted(since, until)), await _known(self.journal.counts())
        return Day(
            since,
            until,
            shipped=counted.shipments if counted else None,
            failed=counted.failures if counted else None,
            held=None if standing is None else standing.get(ShipmentState.HELD, 0),
            orders=await self.orders.count(),
            parcels=await self.parcels(since),
            silent=sorted(self.incidents.open(IncidentKind.ENTRY_SILENT)),
            needs=list(_needs(self.incidents)),
            machines=_machines(self.standby.view) if self.standby else None,
            stands_by=self.standby.machine if self.standby and self.standby.view.role is Role.STANDBY else None,
        )


def _machines(view: StandbyView) -> Said:
    others = [each.machine for each in view.machines if each.present and each.role is Role.STANDBY]
    return MACHINES(machine=view.working or NONE(), others=others or NONE())


async def _known(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except (ParanadError, sqlite3.Error):
        return None


def _needs(incidents: Incidents) -> Iterator[Need]:
    for kind in IncidentKind:
        opened = sorted(incidents.open(kind).values(), key=lambda incident: incident.opened_at)
        if opened:
            message, cure = summed(opened)
            yield Need(kind, len(opened), message, cure)


def lines_of(day: Day, zone: ZoneInfo) -> list[Said]:
    """Return the digest as a person reads it, line by line."""
    return [
        HEAD(since=_at(day.since, zone), until=_at(day.until, zone)),
        *([LEFT_OUT(since=_at(day.left_out_since, zone), until=_at(day.since, zone))] if day.left_out_since else []),
        *([COUNTED_HERE(here=day.stands_by)] if day.stands_by else []),
        SHIPPED(count=_or_unknown(day.shipped)),
        _unshipped(day.orders, zone),
        HELD(count=_or_unknown(day.held)),
        FAILED(count=_or_unknown(day.failed)),
        SILENT(entries=list(day.silent) or NONE()),
        PARCELS(**asdict(day.parcels)) if day.parcels else PARCELS_UNKNOWN(),
        *([day.machines] if day.machines else []),
        *_needed(day),
    ]


def is_empty(day: Day) -> bool:
    """Tell whether *day* has nothing to say: everything is known, nothing happened, and nobody is needed."""
    counted = (day.shipped, day.failed, day.held, day.orders and day.orders.orders)
    moved = None if day.parcels is None else sum(asdict(day.parcels).values())
    return all(count == 0 for count in (*counted, moved)) and not (day.silent or day.needs or day.left_out_since)


def _unshipped(orders: Count | None, zone: ZoneInfo) -> Said:
    if orders is None:
        return UNSHIPPED(count=UNKNOWN())
    if orders.oldest_at is None:
        return UNSHIPPED(count=orders.orders)
    return UNSHIPPED_SINCE(count=orders.orders, made_at=_at(orders.oldest_at, zone))


def _needed(day: Day) -> Iterator[Said]:
    if not day.needs:
        yield NOT_NEEDED_HERE(here=day.stands_by) if day.stands_by else NOT_NEEDED()
        return
    yield NEEDED()
    for need in day.needs:
        yield NEED(message=need.message)
        if need.cure:
            yield CURE(cure=need.cure)


def _or_unknown(count: int | None) -> int | Said:
    return UNKNOWN() if count is None else count


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def message_of(lines: Sequence[Said], language: Language) -> str:
    """Return *lines* in *language*, each on its own line: a phone lays out each by its own direction."""
    return "\n".join(spoken(line, language) for line in lines)


def document(day: Day, key: str, zone: ZoneInfo, language: Language) -> bytes:
    """Return the JSON document of *day*; its message has a line for each fact. *key* is the date it is told for."""
    lines = lines_of(day, zone)
    at = day.until.astimezone(zone).isoformat(timespec="seconds")
    return encoded(
        {
            "kind": KIND,
            "key": key,
            "state": "open" if day.needs else "over",
            "at": at,
            "opened_at": at,
            "language": language,
            "message": message_of(lines, language),
            "cure": None,
            "why": lines[0].document(),
            "since": day.since.astimezone(zone).isoformat(timespec="seconds"),
            "counts": counts_of(day),
            "lines": [line.document() for line in lines],
        }
    )


def counts_of(day: Day) -> Mapping[str, Json]:
    """Return what *day* counts as values; null: not known."""
    return {
        "shipped": day.shipped,
        "unshipped": day.orders and day.orders.orders,
        "held": day.held,
        "failed": day.failed,
        "silent": list(day.silent),
        "parcels": day.parcels and asdict(day.parcels),
        "needs": {need.kind.value: need.count for need in day.needs},
    }
