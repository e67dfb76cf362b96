"""How each task treats the courier's rows: what is inserted, which columns are written, whose time counts.

Source: shop contract, "SyncAlWaseetOrdersJob", "UpdateAlWaseetShipmentsStatusJob", "UpdateOrdersFromMerchantOrdersJob".
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from paranad.courier.models import CourierOrder
from paranad.mirror.rows import FILLED, SENT_LATER, Row, changed_history, listed_history, present_of, row_of
from paranad.record import record

History = Callable[[int, int | None, Mapping[str, Any], str, datetime], dict[str, Any]]
"""Makes the history row of a changed status: shipment, its order, the courier's values, old status id, now."""


@record
class Policy:
    """What a task does with the courier's rows."""

    inserts_unknown: bool
    """Whether an order that the shop does not know is inserted; otherwise it is only counted."""
    row_of: Callable[[CourierOrder], Row]
    """What of an order may be written; it decides whether a blank field gets a stand-in or is left out."""
    columns: frozenset[str]
    """What is written of an order that the shop knows, beside the courier's whole object and the two stamps."""
    compares_whole: bool
    """Whether a difference in a field that has no column counts as a change too."""
    history_of: History
    """Makes the history row of a changed status, with its time."""


_ALL = frozenset((*FILLED, *SENT_LATER))
_NOT_FROM_THE_LIST = frozenset(("pickup_id", "qr_id", "qr_link"))

SYNC = Policy(
    inserts_unknown=True, row_of=row_of, columns=frozenset(FILLED), compares_whole=False, history_of=changed_history
)
"""Every order of a list: what the shop does not know is inserted, and a blank field is written as blank."""
BY_ID = Policy(inserts_unknown=False, row_of=present_of, columns=_ALL, compares_whole=True, history_of=changed_history)
"""Shipments that were asked for by id: everything that the courier says is written, and nothing else."""
LISTED = Policy(
    inserts_unknown=False,
    row_of=present_of,
    columns=_ALL - _NOT_FROM_THE_LIST,
    compares_whole=True,
    history_of=listed_history,
)
"""Known shipments, from the courier's whole list: a changed status has the courier's time."""
