"""The courier's sandbox as a courier on bad days: slow, and a share of its answers to create-order never arrives."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from paranad.clock import Clock
from paranad.sandbox.answers import Answer, Reply
from paranad.sandbox.books import SandboxOrder
from paranad.sandbox.rules import Call
from paranad.sandbox.server import Sandbox

LOST = (
    Answer.SILENT,
    Answer.RESET,
    Answer.CUT,
    Answer.EMPTY,
    Answer.HTML,
    Answer.ERROR_502,
    Answer.ERROR_504,
    Answer.DROPPED,
)
"""All but the last after the order was made."""
SLOW_S = 0.4
"""How long a request, and how long an answer, may be on its way: long enough to die meanwhile."""


class BadDays(Sandbox):
    """A sandbox that loses *share* of its answers to create-order."""

    def __init__(self, clock: Clock, share: float, random: Random, **options: Any) -> None:
        super().__init__(clock, **options)
        self.share, self._random = share, random
        self.over_rate = 0
        """How many requests came too fast, whoever sent them."""
        self.made: Callable[[SandboxOrder], None] = lambda _: None
        """Called for each parcel as it is made."""

    async def _reply(self, call: Call, planned: Answer | Reply | None) -> Reply:
        is_order = call.path.endswith("/create-order")
        if is_order and planned is None and self._random.random() < self.share:
            planned = self._random.choice(LOST)
        await asyncio.sleep(self._random.uniform(0, SLOW_S))
        before = len(self.orders)
        reply = await super()._reply(call, planned)
        self.over_rate += reply.status == self.behaviour.limit_status
        if is_order and len(self.orders) > before:
            self.made(next(reversed(self.orders.values())))
        await asyncio.sleep(self._random.uniform(0, SLOW_S))
        return reply
