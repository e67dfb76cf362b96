"""Bringing the shop's shipments up to date with the courier's rows of them: only what is said, never back in time.

Source: shop contract, "UpdateAlWaseetShipmentsStatusJob" and "UpdateOrdersFromMerchantOrdersJob".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.courier.models import CourierOrder
from paranad.mirror.known import KEPT, Ids, QrIds, find_known, ids_of, last_of_each
from paranad.mirror.rows import (
    FILLED,
    SENT_LATER,
    api_data_of,
    changed_history,
    is_back_in_time,
    listed_history,
    parsed,
    present_of,
)
from paranad.mirror.upsert import StatusChange, Written
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments

_TABLE = alwaseet_shipments
_COLUMNS = (*FILLED, *SENT_LATER)
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row_id"))
    .values({name: bindparam(f"new_{name}") for name in (*_COLUMNS, "api_data")})
)


class Found(StrEnum):
    """How the courier's rows were come by."""

    BY_ID = "by_id"
    """Asked for by id: all that they say is written."""
    LISTED = "listed"
    """In the whole list: pickup and QR code stay as they are; a change's time is the courier's."""


LEFT_ALONE: Mapping[Found, tuple[str, ...]] = {Found.BY_ID: (), Found.LISTED: ("pickup_id", "qr_id", "qr_link")}
HISTORY = {Found.BY_ID: changed_history, Found.LISTED: listed_history}


@dataclass(frozen=True, slots=True)
class _How:
    """What all rows of one chunk have in common."""

    found: Found
    now: datetime
    qr_ids: QrIds


@dataclass(frozen=True, slots=True)
class _Answer:
    """One row of the courier's, as it may be written."""

    ids: Ids
    """By which the shop may know it."""
    said: Mapping[str, Any] = field(repr=False)
    api_data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Change:
    """A shipment as the shop has it, and what the courier says."""

    old: RowMapping
    answer: _Answer

    kept: Any = field(repr=False)
    """What the shop kept of the courier's whole row, the last time."""

    @property
    def is_back_in_time(self) -> bool:
        return is_back_in_time(self.answer.said.get("alwaseet_updated_at"), self.kept)

    @property
    def differs(self) -> bool:
        said = any(self.old[name] != value for name, value in self.answer.said.items())
        return said or self.kept != self.answer.api_data

    @property
    def moved(self) -> bool:
        return bool(self.new("status_id") != self.old["status_id"])

    def new(self, name: str) -> Any:
        return self.answer.said.get(name, self.old[name])

    def row(self) -> dict[str, Any]:
        new = {f"new_{name}": self.new(name) for name in _COLUMNS}
        return {"row_id": self.old["id"], "new_api_data": self.answer.api_data, **new}

    def history(self, found: Found, now: datetime) -> dict[str, Any]:
        said = {name: self.answer.said.get(name) for name in ("status", "alwaseet_updated_at")}
        values = {"status_id": self.new("status_id"), **said}
        return HISTORY[found](self.old["id"], self.old["order_id"], values, self.old["status_id"], now)


async def refresh(shop: Shop, orders: Sequence[CourierOrder], found: Found, qr_ids: QrIds | None = None) -> Written:
    """Update the shop's shipments of *orders*, about a hundred at once, with one history row for a changed status.

    *qr_ids* is kept over the chunks of one list; None: this is all of it.

    Orders that the shop does not know are counted; so are those of which it has a later answer already.

    Raises:
        ShopError: the shop's database does not answer; nothing of the chunk was written.
    """
    written = Written()
    answers, how = _answers(orders, found, written), _How(found, shop.now(), qr_ids or QrIds())
    try:
        written.add(await shop.in_transaction(partial(_write, answers=answers, how=how)))
    except ShopBadRow:
        written.add(await shop.in_transaction(partial(_write_each, shop=shop, answers=answers, how=how)))
    return written


def _answers(orders: Sequence[CourierOrder], found: Found, written: Written) -> list[_Answer]:
    """Return what may be written, the last where an id comes twice; what does not fit is noted in *written*."""
    answers = []
    for order in last_of_each(orders):
        try:
            row = present_of(order)
        except ShopBadRow as error:
            written.failed.append((order.id[:40], str(error)))
            continue
        hidden = ("alwaseet_order_id", *LEFT_ALONE[found])
        said = {name: value for name, value in row.values.items() if name not in hidden}
        answers.append(_Answer(ids_of(order), said, api_data_of(order)))
        written.note(order.id, row)
    return answers


async def _write_each(connection: AsyncConnection, shop: Shop, answers: Sequence[_Answer], how: _How) -> Written:
    written = Written()
    for answer in answers:
        try:
            async with shop.savepoint(connection):
                written.add(await _write(connection, [answer], how))
        except ShopBadRow as error:
            written.failed.append((answer.ids[0], str(error)))
    return written


async def _write(connection: AsyncConnection, answers: Sequence[_Answer], how: _How) -> Written:
    known = await find_known(connection, [answer.ids for answer in answers], _COLUMNS, how.qr_ids)
    met = {old["id"]: (answer, old) for answer, old in zip(answers, known, strict=True) if old is not None}
    pairs = [_Change(old, answer, parsed(old[KEPT])) for answer, old in met.values()]
    changes = [pair for pair in pairs if not pair.is_back_in_time]
    rows = [change.row() for change in changes if change.differs]
    moved = [change for change in changes if change.moved]
    if rows:
        await connection.execute(_CHANGE, rows)
    if moved:
        history = [change.history(how.found, how.now) for change in moved]
        await connection.execute(insert(alwaseet_order_status_history), history)
    if changes:
        stamp = update(_TABLE).where(_TABLE.c.id.in_([change.old["id"] for change in changes]))
        await connection.execute(stamp.values(synced_at=how.now, updated_at=how.now))
    return Written(
        known=len(pairs),
        changed=len(rows),
        unknown=sum(old is None for old in known),
        older=[pair.answer.ids[0] for pair in pairs if pair.is_back_in_time],
        status_changes=[StatusChange(each.old["id"], each.old["status_id"], each.new("status_id")) for each in moved],
    )
