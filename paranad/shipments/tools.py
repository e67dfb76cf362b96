"""What every step of a shipment works with."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from paranad.clock import Clock
from paranad.courier.client import Courier
from paranad.events.event import Events
from paranad.record import record
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.shop_orders import ShopOrders
from paranad.store.file import Values

NEVER = datetime.min.replace(tzinfo=UTC)


class Mark(NamedTuple):
    """What a machine left of an order: its create-order request has left there, or was about to."""

    machine: str | None
    """None: this one."""
    term: int
    """In which it worked."""
    reference: str
    """What its request carries."""
    number: int
    """Which request of the order it was, as its journal counts; a journal that has fewer does not know of it."""


Marks = Mapping[int, tuple[str | None, int, str, int]]
"""By order, each as a `Mark`."""


class Fence(Protocol):
    """What stands between an order and its request where another machine may send the order too.

    A mark stands where every machine sees it, until its machine knows what became of the request.
    """

    async def has_marks(self) -> bool:
        """Tell whether there may be any: other machines work, or worked."""
        ...

    @property
    def is_alone(self) -> bool:
        """Whether no other machine may take over."""
        ...

    def may_leave(self) -> bool:
        """Tell whether a request that leaves now ends while this machine surely still works."""
        ...

    async def before_request(self, order_id: int, reference: str, number: int, owner: str) -> None:
        """Mark the order, and the shop's row of the job *owner* as tried; both are committed when it returns.

        Raises:
            ParanadError: another machine works now, or has the row: nothing may be sent.
        """
        ...

    async def not_sent(self, owner: str) -> None:
        """Take the row's mark back: it is certain that the courier has nothing of the order."""
        ...

    async def marks(self, order_ids: Sequence[int]) -> Marks:
        """Return the marks of these orders.

        Raises:
            ShopError: the shop cannot be asked.
        """
        ...

    async def all_marks(self) -> Marks:
        """Return every mark."""
        ...

    async def mark(self, requests: Mapping[int, tuple[str, int]]) -> None:
        """Mark these orders, each with the reference and the number of its request, where no machine has."""
        ...

    async def unmark(self, order_id: int, *, of_all: bool = False) -> None:
        """Take this machine's mark of the order away; *of_all*: every machine's, since the shop has its shipment."""
        ...

    async def taken_over(self) -> tuple[str, datetime] | None:
        """Return what worked before this machine last took over from another, `machine:term`, and when it did."""
        ...

    def has_row(self, owner: str) -> bool:
        """Tell whether the shop keeps a row of the job *owner*: whoever sent its order has marked it."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


@dataclass(slots=True)
class Lists:
    """The courier's lists: asked for by one step at a time, applied by one at a time."""

    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    applying: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: datetime = NEVER
    """When the last whole list was asked for."""


@record
class Tools:
    """Made once; each step is a function that takes it first."""

    journal: Journal
    orders: ShopOrders
    courier: Courier
    values: Values
    clock: Clock
    events: Events
    random: Random
    zone: ZoneInfo
    """The shop's."""
    settle_time: timedelta
    price: ShipmentPrice
    hold_repeats: bool
    """Whether a second order of one phone and price within a day waits for a person."""
    fence: Fence | None = None
    """None: no other machine sends orders of this shop."""
    unsent: dict[int, int] = field(default_factory=dict)
    """By order, the number of a mark whose request surely did not leave, as this process knows."""
    lists: Lists = field(default_factory=Lists)
    intending: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from the last look at an order until its intent is committed: of two that repeat each other, the one that
    comes second sees the first's."""
