"""What the shop's PHP writes when an order is placed: a row of its own `jobs` table, as Laravel 11 writes it."""

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shop.tables import jobs

LISTENER = "App\\Listeners\\CreateAlWaseetShipmentListener"
CALL = "Illuminate\\Events\\CallQueuedListener"
EVENT = "App\\Events\\OrderCreated"
MODEL = "Illuminate\\Contracts\\Database\\ModelIdentifier"


async def orders_created(connection: AsyncConnection, orders: Iterable[int], now: datetime) -> None:
    """Add the row that the event `OrderCreated` leaves, for each of *orders*; *now* is aware."""
    now_s = int(now.timestamp())
    row = {"queue": "default", "attempts": 0, "available_at": now_s, "created_at": now_s}
    await connection.execute(insert(jobs), [{**row, "payload": _payload(order_id)} for order_id in orders])


def _payload(order_id: int) -> str:
    data = {"commandName": CALL, "command": _command(order_id)}
    whole = {
        "uuid": str(uuid5(NAMESPACE_OID, f"order {order_id}")),
        "displayName": LISTENER,
        "job": "Illuminate\\Queue\\CallQueuedHandler@call",
        "maxTries": None,
        "timeout": None,
        "data": data,
    }
    return json.dumps(whole, ensure_ascii=False)


def _command(order_id: int) -> str:
    """Return the queued call of the listener, as PHP's `serialize` writes it."""
    order = _object(MODEL, {"class": _text("App\\Models\\Order"), "id": f"i:{order_id};", "relations": "a:0:{}"})
    event = _object(EVENT, {"order": order})
    return _object(CALL, {"class": _text(LISTENER), "method": _text("handle"), "data": f"a:1:{{i:0;{event}}}"})


def _object(class_name: str, properties: dict[str, str]) -> str:
    body = "".join(_text(name) + value for name, value in properties.items())
    return f'O:{len(class_name)}:"{class_name}":{len(properties)}:{{{body}}}'


def _text(value: str) -> str:
    return f's:{len(value)}:"{value}";'
