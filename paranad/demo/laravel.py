"""What the shop's PHP writes when an order is placed: a row of its own `jobs` table, as Laravel 11 writes it."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import insert, select

from paranad.bridge.payload import LISTENERS
from paranad.php import PhpObject, write
from paranad.shop.connections import AsyncConnection
from paranad.shop.listener import HANDLER, LISTENER, MODEL
from paranad.shop.tables import jobs, orders

CREATES_SHIPMENT = "App\\Listeners\\CreateAlWaseetShipmentListener"


async def orders_created(
    connection: AsyncConnection, order_ids: Iterable[int], instant: Callable[[datetime], datetime]
) -> None:
    """Add the row that the event `OrderCreated` left for each of *order_ids*, when the order was made.

    *instant* gives the instant of a time on the shop's wall clock.
    """
    wanted = select(orders.c.id, orders.c.created_at).where(orders.c.id.in_(list(order_ids))).order_by(orders.c.id)
    made = [(row.id, int(instant(row.created_at).timestamp())) for row in await connection.execute(wanted)]
    rows = [
        {"queue": "default", "attempts": 0, "available_at": at_s, "created_at": at_s, "payload": _payload(order_id)}
        for order_id, at_s in made
    ]
    await connection.execute(insert(jobs), rows)


def _payload(order_id: int) -> str:
    data = {"commandName": LISTENER, "command": _command(order_id)}
    whole = {
        "uuid": str(uuid5(NAMESPACE_OID, f"order {order_id}")),
        "displayName": CREATES_SHIPMENT,
        "job": HANDLER,
        "maxTries": None,
        "timeout": None,
        "data": data,
    }
    return json.dumps(whole, ensure_ascii=False)


def _command(order_id: int) -> str:
    """Return the queued call of the listener, as PHP's `serialize` writes it."""
    order = PhpObject(MODEL, {"class": "App\\Models\\Order", "id": order_id, "relations": {}})
    event = PhpObject(LISTENERS[CREATES_SHIPMENT], {"order": order})
    return write(PhpObject(LISTENER, {"class": CREATES_SHIPMENT, "method": "handle", "data": {0: event}}))
