"""The shop's listener of a changed status as a row of `jobs`: any Laravel from 8 on reads it as if it were its own.

Source: shop contract, section 4 and "Status-change side effects".
"""

import json
from collections.abc import Mapping
from typing import Any

from paranad.php import PhpObject, write

HANDLER = "Illuminate\\Queue\\CallQueuedHandler@call"
LISTENER = "Illuminate\\Events\\CallQueuedListener"
MODEL = "Illuminate\\Contracts\\Database\\ModelIdentifier"
SHIPMENT = "App\\Models\\AlWaseetShipment"
STATUS_LISTENER = "App\\Listeners\\NotifyShipmentStatusChangedListener"
STATUS_EVENT = "App\\Events\\AlWaseetShipmentStatusChanged"


def listener_row(
    uuid: str, shipment_id: int, old_status_id: str, new_status_id: str, *, queue: str, now_s: int
) -> Mapping[str, Any]:
    """Return the row of `jobs` that tells of one status change, due at once; *now_s* is in seconds since the epoch."""
    payload = listener_payload(uuid, shipment_id, old_status_id, new_status_id)
    return {
        "queue": queue,
        "payload": payload,
        "attempts": 0,
        "reserved_at": None,
        "available_at": now_s,
        "created_at": now_s,
    }


def listener_payload(uuid: str, shipment_id: int, old_status_id: str, new_status_id: str) -> str:
    """Return the payload, with the keys in Laravel's order."""
    whole = {
        "uuid": uuid,
        "displayName": STATUS_LISTENER,
        "job": HANDLER,
        "maxTries": None,
        "maxExceptions": None,
        "failOnTimeout": False,
        "backoff": None,
        "timeout": None,
        "retryUntil": None,
        "data": {"commandName": LISTENER, "command": _command(shipment_id, old_status_id, new_status_id)},
    }
    # As PHP's json_encode with JSON_UNESCAPED_UNICODE, which escapes slashes.
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def _command(shipment_id: int, old_status_id: str, new_status_id: str) -> str:
    # Only properties that every release's classes declare: PHP sets the others to their defaults, and complains of a
    # property that the class does not have. Without a connection's name the model is found on the shop's default one.
    model = PhpObject(MODEL, {"class": SHIPMENT, "id": shipment_id, "relations": {}, "connection": None})
    statuses = {"oldStatusId": old_status_id, "newStatusId": new_status_id}
    event = PhpObject(STATUS_EVENT, {"shipment": model, **statuses})
    return write(PhpObject(LISTENER, {"class": STATUS_LISTENER, "method": "handle", "data": {0: event}}))
