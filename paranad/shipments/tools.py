"""What every step of a shipment works with."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from paranad.clock import Clock
from paranad.courier.client import Courier
from paranad.events.event import Events
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.shop_orders import ShopOrders
from paranad.store.file import Values

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Lists:
    """The courier's lists: asked for by one step at a time, applied by one at a time."""

    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    applying: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: datetime = NEVER
    """When the last whole list was asked for."""


@dataclass(frozen=True, slots=True)
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
    lists: Lists = field(default_factory=Lists)
    intending: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from the last look at an order until its intent is committed: of two that repeat each other, the one that
    comes second sees the first's."""
