"""The parcels that need a person, as last read: by the alerts every quarter of an hour, and afresh for whoever asks."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Final

from paranad.configuration.settings import ParcelsSection
from paranad.courier.statuses import DELIVERED
from paranad.errors import BadRequest
from paranad.orders.parcel_rows import ParcelRows
from paranad.orders.parcel_rules import (
    KEYS,
    Around,
    Finding,
    Parcel,
    ParcelKind,
    judge,
    needs_invoice,
    needs_request,
)
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.schema import columns_of
from paranad.shop.settings import read_settings
from paranad.store.reader import NO_CURSOR, Page
from paranad.wording import shorten

EVERY: Final = timedelta(minutes=15)
"""How old a reading may be by which somebody is told."""
ASKED_AGAIN: Final = timedelta(minutes=1)
"""How old a reading may be that somebody looks at, if it does not take long."""
SHARE: Final = 20
"""How many times longer than it took a reading is good: it must not keep the shop busy."""
UNKNOWN_FOR: Final = timedelta(minutes=1)
"""How soon a shop that did not answer is asked again."""
PATIENCE_S: Final = 1.0
"""How long the alerts wait for a reading. A slower one goes on by itself, and the one before is good meanwhile."""
MOST: Final = 1000
"""How many parcels of a kind are listed, those that have stood longest; all are counted."""

NOT_WATCHED = Sentence("parcel.not_watched", "[parcels] {key} is {value}, so it is not watched")
NO_TABLE = Sentence("parcel.no_table", "this shop has no table {table}, so it is not watched")
NO_COLUMN = Sentence("parcel.no_column", "this shop has no column {column} in {table}, so it is not watched")
NO_INVOICES = Sentence("parcel.no_invoices", "the courier named no invoice of any parcel, so it is not watched")

NEEDED: Final[Mapping[ParcelKind, Sequence[tuple[str, str]]]] = {
    ParcelKind.STUCK: [("alwaseet_order_status_history", "changed_at")],
    ParcelKind.RETURNING: [("alwaseet_order_status_history", "changed_at")],
    ParcelKind.UNINVOICED: [
        ("alwaseet_order_status_history", "changed_at"),
        ("alwaseet_shipments", "merchant_invoice_id"),
        ("alwaseet_shipments", "api_data"),
    ],
}
"""What a kind needs of the shop beside what every kind needs."""
KINDS: Final = tuple(KEYS)
OF_DELIVERED: Final = frozenset({ParcelKind.UNINVOICED, ParcelKind.PRICE})
"""The kinds that look at delivered parcels too."""
ALL_NEED: Final = [("alwaseet_shipments", "status_id"), ("orders", "total_amount")]


@record
class Reading:
    """The parcels that need a person, of one moment."""

    at: datetime
    found: Mapping[ParcelKind, Sequence[Finding]]
    """Those that have stood longest first, `MOST` at most."""
    counts: Mapping[ParcelKind, int]
    """Of each kind that is watched."""
    off: Mapping[ParcelKind, Said]
    """Why a kind is not watched."""

    def page(self, kind: ParcelKind | None, *, limit: int, cursor: str | None) -> Page[Finding]:
        """Return findings, of *kind* alone if it is given: by their kinds, those that have stood longest first.

        Raises:
            BadRequest: *cursor* is nothing an earlier page gave.
        """
        after = _read_cursor(cursor)
        kinds = [kind] if kind else KINDS
        listed = [each for one in kinds for each in self.found.get(one, ()) if _place(each) > after][: limit + 1]
        return Page(listed[:limit], _cursor(listed[limit - 1]) if len(listed) > limit else None)


class ParcelWatch:
    """Reads the parcels, one reading at a time for all who ask; it changes nothing."""

    def __init__(self, shop: Shop, journal: Journal, settings: ParcelsSection, price: ShipmentPrice) -> None:
        """Read by *settings*; *price* is what orders are sent with."""
        self._rows, self._shop, self._price = ParcelRows(shop, journal), shop, price
        self.settings = settings
        self._reading: asyncio.Task[Reading] | None = None
        self._asked_at_s, self._took_s, self._is_stale = 0.0, 0.0, True
        self.last: Reading | None = None
        """As last read; None: nothing was, by these settings."""

    def use(self, settings: ParcelsSection) -> None:
        """Read by *settings* from now on."""
        if settings != self.settings:
            self.settings, self.last, self._is_stale = settings, None, True

    async def latest(self) -> Reading | None:
        """Return a reading of the last quarter of an hour; None: the shop does not answer, or not yet."""
        reading = self._read_after(EVERY)
        await asyncio.wait([reading], timeout=PATIENCE_S)
        if not reading.done():
            return self.last
        try:
            return reading.result()
        except ShopError:
            return None

    async def fresh(self) -> Reading:
        """Return a reading of the last minute, or one that is not older than twenty times what it took.

        Raises:
            ShopError: the shop cannot be asked.
        """
        reading = self._read_after(ASKED_AGAIN)
        await asyncio.wait([reading])  # whoever stops waiting leaves it to the others
        return reading.result()

    async def close(self) -> None:
        """End the reading under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    def _read_after(self, age: timedelta) -> asyncio.Task[Reading]:
        """Return the reading under way, or one that is not older than *age*, or a new one."""
        reading, now_s = self._reading, self._shop.clock.monotonic()
        if reading is not None and not reading.done():
            return reading
        if reading is not None and reading.exception():
            age = min(age, UNKNOWN_FOR)
        good_for_s = max(age.total_seconds(), SHARE * self._took_s)
        if reading is None or self._is_stale or now_s - self._asked_at_s >= good_for_s:
            self._asked_at_s, self._is_stale = now_s, False
            reading = self._reading = asyncio.create_task(self._read(self.settings), name="parcels.read")
        return reading

    async def _read(self, limits: ParcelsSection) -> Reading:
        now, off = self._shop.clock.now(), _not_watched(limits)
        columns: Mapping[str, Collection[str]] = {}
        around: Around | None = None
        if len(off) < len(KINDS):
            async with self._shop.read() as connection:
                columns = await columns_of(connection)
                off |= _not_there(columns, [kind for kind in KINDS if kind not in off])
                around = await self._around(connection, limits) if len(off) < len(KINDS) else None
        kinds = [kind for kind in KINDS if kind not in off]
        found: dict[ParcelKind, list[Finding]] = {kind: [] for kind in kinds}
        counts: Counter[ParcelKind] = Counter(dict.fromkeys(kinds, 0))
        if around is not None:
            with_delivered = bool(OF_DELIVERED.intersection(kinds))
            if with_delivered and not await self._rows.names_invoices(columns, limits.uninvoiced):
                with_delivered = False
                if ParcelKind.UNINVOICED in kinds:
                    off[ParcelKind.UNINVOICED] = NO_INVOICES()
                    kinds.remove(ParcelKind.UNINVOICED)
            async for parcels in self._rows.batches(columns, with_delivered=with_delivered):
                for parcel in await self._completed(parcels, around, kinds, columns):
                    for finding in judge(parcel, around, kinds):
                        counts[finding.kind] += 1
                        found[finding.kind].append(finding)
                found = {kind: _longest(each) if len(each) > 2 * MOST else each for kind, each in found.items()}
        self._took_s = self._shop.clock.monotonic() - self._asked_at_s
        reading = Reading(now, {kind: _longest(each) for kind, each in found.items()}, counts, off)
        if limits == self.settings:
            self.last = reading
        return reading

    async def _around(self, connection: AsyncConnection, limits: ParcelsSection) -> Around:
        fee = (await read_settings(connection)).delivery_fee
        return Around(
            limits=limits,
            newest_at=await self._rows.newest_answer(connection),
            with_fee=self._price is ShipmentPrice.TOTAL_PLUS_FEE,
            fee=fee if isinstance(fee, int) else None,
            fee_since=await self._rows.fee_set_at(connection),
        )

    async def _completed(
        self,
        parcels: Sequence[Parcel],
        around: Around,
        kinds: Collection[ParcelKind],
        columns: Mapping[str, Collection[str]],
    ) -> Iterable[Parcel]:
        """Return *parcels* with what only some of them are asked for: the courier's own words, and our request."""
        known = {parcel.shipment_id: parcel for parcel in parcels}
        of_money = OF_DELIVERED.intersection(kinds)
        due = [each for each in parcels if each.status_id in DELIVERED and needs_invoice(each, around, of_money)]
        known |= {each.shipment_id: each for each in await self._rows.with_courier_words(due)} if due else {}
        if ParcelKind.CHANGED in kinds or (ParcelKind.PRICE in kinds and around.with_fee):
            sent = [each for each in known.values() if needs_request(each)]
            known |= {each.shipment_id: each for each in await self._rows.with_requests(sent, columns)} if sent else {}
        return known.values()


def _not_watched(limits: ParcelsSection) -> dict[ParcelKind, Said]:
    """Return why the kinds that the configuration leaves out are not watched."""
    values = {kind: (key, getattr(limits, key)) for kind, key in KEYS.items()}
    return {kind: NOT_WATCHED(key=key, value=str(value).lower()) for kind, (key, value) in values.items() if not value}


def _not_there(columns: Mapping[str, Collection[str]], kinds: Iterable[ParcelKind]) -> dict[ParcelKind, Said]:
    """Return why some of *kinds* are not watched: what this shop lacks for them."""
    off: dict[ParcelKind, Said] = {}
    for kind in kinds:
        for table, column in (*ALL_NEED, *NEEDED.get(kind, ())):
            if table not in columns:
                off[kind] = NO_TABLE(table=table)
            elif column not in columns[table]:
                off[kind] = NO_COLUMN(column=column, table=table)
    return off


def _longest(findings: Iterable[Finding]) -> list[Finding]:
    return nsmallest(MOST, findings, _place)


def _place(finding: Finding) -> tuple[int, int, int]:
    """Return where a finding stands in the list: its kind, since when in seconds, its shipment."""
    since = int(finding.since.timestamp()) if finding.since else 0
    return KINDS.index(finding.kind), since, finding.shipment_id


def _cursor(finding: Finding) -> str:
    return ".".join(map(str, _place(finding)))


def _read_cursor(cursor: str | None) -> tuple[int, ...]:
    if cursor is None:
        return (-1,)
    parts = cursor.split(".")
    if len(parts) != 3 or not all(
        part.removeprefix("-").isascii() and part.removeprefix("-").isdigit() for part in parts
    ):
        raise BadRequest(NO_CURSOR(got=shorten(cursor, 40)))
    return tuple(int(part[:20]) for part in parts)
