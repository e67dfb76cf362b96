"""Telling the shop's people that a shipment's status has changed: rows that its pages and its phones' inboxes show.

Source: shop contract, "Status-change side effects". Push messages and Telegram are left to the shop's PHP.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from sqlalchemy import String, Table, Text, and_, insert, or_, select, type_coerce

from paranad.catalogue import NOTIFY_STATUS
from paranad.queue.model import Completed, Failed, Outcome
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.columns import shown_or, time_of
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.settings import read_settings
from paranad.shop.statements import ORDER_OF_SHIPMENT, about, is_unset, lock_row
from paranad.shop.tables import (
    alwaseet_notifications,
    alwaseet_order_statuses,
    alwaseet_shipments,
    notifications,
    order_items,
    orders,
    products,
    sweet_alerts,
    users,
    warehouse_user,
)
from paranad.tasks.task import Arguments, Context, RowId, Tally, Task

KIND = "alwaseet_status_changed"
SOURCE_VIEW = "alwaseet"
UNNAMED = "تغيير حالة الشحنة"
"""The title if the shipment has no order."""
QUIET = timedelta(seconds=10)
"""How long an order's people hear nothing more of it."""

SHIPMENT_GONE = Sentence(
    "shipment.gone_from_shop", "shipment {shipment} is gone from the shop, so nobody can be told of its status"
)
NO_ORDER = Sentence("shipment.without_order", "the shipment has no order, or it is in the trash")
LEFT_OUT = Sentence("setting.status_left_out", "alwaseet_notify_statuses leaves out status {status}")
WRITTEN_ALREADY = Sentence("shop.written_already", "written already")
TOLD_LATELY = Sentence("order.told_lately", "the order's people were told within the last {seconds} s")


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


StatusId = Annotated[str, BeforeValidator(_text), Field(max_length=255)]


class NotifyStatusArguments(Arguments):
    """The shop's shipment, and its two statuses by the courier's ids."""

    shipment_id: RowId = Field(description="the row in the shop's alwaseet_shipments")
    old_status_id: StatusId = Field(description="the courier's id of the status before")
    new_status_id: StatusId = Field(description="the courier's id of the status now")


@record
class _Change:
    """What is told: the shipment, its order unless there is none or it is in the trash, and the statuses' texts."""

    args: NotifyStatusArguments
    order: Any
    old_text: str
    new_text: str

    def data(self) -> dict[str, str]:
        """Return what the shop's apps read beside the message."""
        return {
            "type": KIND,
            "order_id": str(self.order.id),
            "order_number": self.order.order_number,
            "shipment_id": str(self.args.shipment_id),
            "old_status": self.old_text,
            "new_status": self.new_text,
            "status": self.order.status,
            "source_view": SOURCE_VIEW,
            "screen": "order_details",
        }


class NotifyStatus(Task[NotifyStatusArguments]):
    """`alwaseet:notify-status`: writes the notices of one change, all or none; push and Telegram stay with PHP."""

    facts = NOTIFY_STATUS
    arguments = NotifyStatusArguments

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def run(self, context: Context, args: NotifyStatusArguments) -> Outcome:
        """Write the rows of one change; a second run of the same job writes none again."""
        since = self.shop.wall(context.enqueued_at)
        tally = await self.shop.in_transaction(partial(self._write, args=args, since=since), dry_run=context.dry_run)
        if tally is None:
            return Failed(SHIPMENT_GONE(shipment=args.shipment_id))
        return Completed(tally.as_json(shipment_id=args.shipment_id))

    async def _write(self, connection: AsyncConnection, args: NotifyStatusArguments, since: datetime) -> Tally | None:
        if not await _lock(connection, args.shipment_id):
            return None
        tally, change = Tally(looked_at=1), await self._read(connection, args)
        await self._tell_the_pages(connection, change, since, tally)
        if change.order is None:
            tally.skip("notifications", NO_ORDER())
        else:
            await self._tell_the_people(connection, change, since, tally)
        return tally

    async def _tell_the_pages(
        self, connection: AsyncConnection, change: _Change, since: datetime, tally: Tally
    ) -> None:
        args, table = change.args, alwaseet_notifications
        if not (await read_settings(connection)).notifies_of(args.new_status_id):
            tally.skip("alwaseet notification", LEFT_OUT(status=args.new_status_id))
            return
        values = {
            "alwaseet_shipment_id": args.shipment_id,
            "type": "status_changed",
            "old_status": args.old_status_id,
            "new_status": args.new_status_id,
        }
        # The rows since the enqueue are this job's own: a second run of the same job must write none again.
        same = and_(*(table.c[name] == value for name, value in values.items()), table.c.created_at >= since)
        if (await connection.execute(select(table.c.id).where(same).limit(1))).first():
            tally.skip("alwaseet notification", WRITTEN_ALREADY())
            return
        title = shown_or(change.order.customer_name if change.order else None, UNNAMED)
        message = f"من '{change.old_text}' إلى '{change.new_text}'"
        await self._insert(connection, table, [values | {"title": title, "message": message, "is_read": False}])
        tally.touch("alwaseet notification")

    async def _tell_the_people(
        self, connection: AsyncConnection, change: _Change, since: datetime, tally: Tally
    ) -> None:
        recipients = await _recipients(connection, change.order.id)
        if reason := await self._told_already(connection, change, recipients, since):
            tally.skip("notifications", reason)
            return
        row = {
            "type": KIND,
            "title": change.order.customer_name,
            "message": f"{change.new_text} | {change.order.order_number}",
            "data": change.data(),
        }
        inbox = [row | {"user_id": user_id, "source_view": SOURCE_VIEW} for user_id in recipients]
        alerts = [row | {"user_id": user_id, "icon": "info"} for user_id in recipients]
        await self._insert(connection, notifications, inbox)
        await self._insert(connection, sweet_alerts, alerts)
        for user_id in recipients:
            tally.touch(f"notification and alert of user {user_id}")

    async def _told_already(
        self, connection: AsyncConnection, change: _Change, recipients: Sequence[int], since: datetime
    ) -> Said | None:
        """Return why the order's people are not to be told now; None: they are."""
        table, quiet_since = notifications, self.shop.now() - QUIET
        young = or_(table.c.created_at > quiet_since, table.c.created_at >= since)
        wanted = select(
            type_coerce(table.c.created_at, String).label("created_at"), type_coerce(table.c.data, Text).label("data")
        ).where(table.c.user_id.in_(recipients), table.c.type == KIND, young)
        for row in await connection.execute(wanted):
            data = _parsed(row.data)
            if data.get("order_id") != str(change.order.id):
                continue
            if data == change.data():
                return WRITTEN_ALREADY()
            if (created_at := _time(row.created_at)) and created_at > quiet_since:
                return TOLD_LATELY(seconds=QUIET.seconds)
        return None

    async def _read(self, connection: AsyncConnection, args: NotifyStatusArguments) -> _Change:
        shipment = select(alwaseet_shipments.c.order_id).where(alwaseet_shipments.c.id == args.shipment_id)
        columns = [orders.c[name] for name in ("id", "order_number", "customer_name", "status")]
        kept = is_unset(self.shop, orders.c.deleted_at)
        with about(ORDER_OF_SHIPMENT(shipment=args.shipment_id)):
            linked = select(*columns).where(orders.c.id == shipment.scalar_subquery(), kept)
            order = (await connection.execute(linked)).one_or_none()
        statuses, ids = alwaseet_order_statuses.c, (args.old_status_id, args.new_status_id)
        named = await connection.execute(
            select(statuses.status_id, statuses.status_text).where(statuses.status_id.in_(ids))
        )
        texts = {row.status_id: row.status_text for row in named}
        old_text, new_text = (texts.get(each) or each for each in ids)
        return _Change(args, order, old_text, new_text)

    async def _insert(self, connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        stamps = {"created_at": self.shop.now(), "updated_at": self.shop.now()}
        if rows:
            await connection.execute(insert(table), [{**row, **stamps} for row in rows])


async def _lock(connection: AsyncConnection, shipment_id: int) -> bool:
    """Lock the shipment, then its order, so that the order's other shipments wait; tell whether the shipment exists.

    To be the transaction's first statements, as `lock_row`.
    """
    table = alwaseet_shipments.c
    this = select(table.order_id).where(table.id == shipment_id).with_for_update()
    shipment = (await connection.execute(this)).one_or_none()
    if shipment is not None and shipment.order_id is not None:
        await lock_row(connection, orders, shipment.order_id)
    return shipment is not None


async def _recipients(connection: AsyncConnection, order_id: int) -> Sequence[int]:
    """Return the admins, and the suppliers of the warehouses that the order's products come from."""
    warehouses = (
        select(products.c.warehouse_id)
        .join(order_items, order_items.c.product_id == products.c.id)
        .where(order_items.c.order_id == order_id)
    )
    linked = select(warehouse_user.c.user_id).where(warehouse_user.c.warehouse_id.in_(warehouses))
    supplier = and_(users.c.role.in_(("supplier", "private_supplier")), users.c.id.in_(linked))
    wanted = select(users.c.id).where(or_(users.c.role == "admin", supplier)).order_by(users.c.id)
    return (await connection.execute(wanted)).scalars().all()


def _time(value: object) -> datetime | None:
    """Return when a notification was written; None if that cannot be read: such a row holds no notice back."""
    try:
        return time_of(value)
    except ValueError:
        return None


def _parsed(text: object) -> dict[str, Any]:
    """Return a notification's data; empty if it cannot be read."""
    try:
        value = json.loads(text) if isinstance(text, str | bytes) else text
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
