"""The courier's sandbox as a courier on bad days: a share of its answers to create-order never arrives whole."""

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
        before = len(self.orders)
        reply = await super()._reply(call, planned)
        self.over_rate += reply.status == self.behaviour.limit_status
        if is_order and len(self.orders) > before:
            self.made(next(reversed(self.orders.values())))
        return reply
