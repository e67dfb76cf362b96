"""The world outside the daemon as it was last seen: the shop's database and its rows, the courier's account.

The status and the alerts share this one watcher: it hears the events of the rooms, and asks the shop on request.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import desc, select

from paranad.bridge.unreadable import MovedRows, UnreadableRow
from paranad.catalogue import SYNC_ORDERS, SYNC_STATUSES
from paranad.clock import Clock
from paranad.courier.breaker import Breaker
from paranad.courier.client import ABANDONED, UNDERSTOOD
from paranad.courier.limiter import Limiter
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRequestEnded, CourierRightRefused
from paranad.events.event import Event, Events
from paranad.events.queue import JobCompleted
from paranad.events.shipments import ShipmentCreated
from paranad.events.shop import ShopLost, ShopReturned
from paranad.queue.model import LONGEST_SNOOZE
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.tables import alwaseet_sync_logs

PATIENCE_S = 1.0
"""How long a caller waits for the shop's answer. A slower question goes on by itself."""
SILENT_AFTER_S = 60.0
"""After how long a question without an answer shows that the shop is lost."""
HEARD = frozenset(
    {
        CourierLoggedIn,
        CourierLoginRefused,
        CourierRequestEnded,
        CourierRightRefused,
        ShipmentCreated,
        ShopLost,
        ShopReturned,
    }
)
ASKS_COURIER = frozenset({SYNC_ORDERS.name, SYNC_STATUSES.name})
"""Tasks that complete only if the courier has accepted the account."""

LOGIN_ACCEPTED = Sentence("courier.login_accepted", "it accepts the login again")
ACCOUNT_ACCEPTED = Sentence("courier.account_accepted", "it accepts the account again")
RIGHT_PROVED = Sentence("courier.right_proved", "it takes shipments again")
SHOP_SILENT = Sentence("shop.silent", "it does not answer")
SHOP_LATE = Sentence("shop.late", "it did not answer within {seconds:g} s")

SYNC_SHOWN = tuple(
    alwaseet_sync_logs.c[name]
    for name in ("type", "status", "started_at", "completed_at", "orders_created", "orders_updated", "orders_failed")
)


@record
class Verdict:
    """The courier's last answer to the account's login, or to its wish to create orders."""

    accepted: bool
    reason: Said


@record
class LastSync:
    """The latest line of the shop's sync log."""

    at: datetime
    type: str
    status: str
    created: int
    updated: int
    failed: int


@record
class ShopAnswer:
    """What the shop's database answered."""

    reachable: bool
    reason: Said | None
    """Why it is not reachable, or why its tasks may wait although it is."""
    rows: Sequence[UnreadableRow] | None = None
    """Rows of its `jobs` table that cannot be read and stand in `failed_jobs`, oldest first; None: not known."""
    last_sync: LastSync | None = None
    last_sync_known: bool = False
    """Whether it could be asked for its last sync; if so, None says that there was none."""


class Outside:
    """Listens from the start; `close` it before the shop."""

    def __init__(  # noqa: PLR0917 - the parts that are watched, each of its own type
        self,
        shop: Shop,
        limiter: Limiter,
        breaker: Breaker,
        unreadable: MovedRows,
        clock: Clock,
        events: Events,
    ) -> None:
        self.shop, self.limiter, self.breaker, self.unreadable, self.clock = shop, limiter, breaker, unreadable, clock
        self.account: Verdict | None = None
        """Whether the courier accepts the account; None: not known since the start."""
        self.right: Verdict | None = None
        """Whether the courier lets the account create orders; None: not known since the start."""
        self.courier_reachable: bool | None = None
        """Whether its last answer could be understood; None: nothing was asked yet."""
        self.shop_trouble: Said | None = None
        """Why the shop's tasks may wait, as its last event says; None: no event, or that it is back."""
        self.lost_why: Said | None = None
        """Why the shop's database counts as lost; None: it does not."""
        self.lost_at_s: float | None = None
        """Since when it counts as lost, on the monotonic clock."""
        self.answered = False
        """Whether it answered the last question."""
        self._excused_until_s = float("-inf")
        self._asking: asyncio.Task[ShopAnswer] | None = None
        self._asked_at_s = 0.0
        events.listen(self.hear, {JobCompleted, *HEARD})

    def hear(self, events: Sequence[Event]) -> None:
        """Note what the rooms tell of the shop and the courier."""
        for event in events:
            if isinstance(event, JobCompleted):  # thousands a second may be told
                if event.task in ASKS_COURIER:
                    self.account = Verdict(True, ACCOUNT_ACCEPTED())
            elif type(event) in HEARD:
                self._note(event)

    def _note(self, event: Event) -> None:
        match event:
            case CourierLoggedIn():
                self.account = Verdict(True, LOGIN_ACCEPTED())
            case CourierLoginRefused():
                self.account = Verdict(False, event.reason)
            case CourierRightRefused():
                self.right = Verdict(False, event.reason)
            case CourierRequestEnded():
                if event.kind != ABANDONED:  # we left before its answer: that says nothing of it
                    self.courier_reachable = event.kind in UNDERSTOOD
            case ShipmentCreated():
                self.account, self.right = Verdict(True, ACCOUNT_ACCEPTED()), Verdict(True, RIGHT_PROVED())
            case ShopLost():
                self.shop_trouble = event.reason
                self._lose(self.shop_trouble)
            case ShopReturned():
                self.shop_trouble = None
                self._find()
            case _:
                pass

    @property
    def shop_reachable(self) -> bool | None:
        """Whether the shop's database answered when it was last asked; None: not known yet."""
        if self.lost_at_s is not None:
            return False
        return self.answered or None

    def is_shop_excused(self) -> bool:
        """Tell whether the shop's tasks cannot succeed just now, or may still sleep because of an outage."""
        return self.lost_at_s is not None or self.clock.monotonic() < self._excused_until_s

    async def ask(self) -> ShopAnswer:
        """Ask the shop's database for what the status and the alerts show of it, and wait a second at most."""
        if self._asking is None or self._asking.done():
            self._asked_at_s = self.clock.monotonic()
            self._asking = asyncio.create_task(self._ask(), name="outside.shop")
        elif self.clock.monotonic() - self._asked_at_s >= SILENT_AFTER_S:
            self.answered = False
            self._lose(SHOP_SILENT())
        asking = self._asking
        # A question to a database cannot be broken off half way, so a slow question is left to itself.
        await asyncio.wait([asking], timeout=PATIENCE_S)
        if asking.done():
            return asking.result()
        return ShopAnswer(reachable=False, reason=self.shop_trouble or SHOP_LATE(seconds=PATIENCE_S))

    async def close(self) -> None:
        """End the question under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask(self) -> ShopAnswer:
        rows: Sequence[UnreadableRow] | None = None
        try:
            with suppress(ShopUnexpectedSchema):  # a shop whose queue is elsewhere has no such table
                rows = await self.unreadable.look()
            last_sync = await self._last_sync()
        except ShopUnreachable as error:
            self.answered = False
            self._lose(error.reason)
            return ShopAnswer(False, error.reason)
        except ShopError as error:
            self._answer()
            return ShopAnswer(True, error.said, rows)
        self._answer()
        return ShopAnswer(True, self.shop_trouble, rows, last_sync, last_sync_known=True)

    async def _last_sync(self) -> LastSync | None:
        logs = alwaseet_sync_logs
        async with self.shop.read() as connection:
            row = (await connection.execute(select(*SYNC_SHOWN).order_by(desc(logs.c.id)).limit(1))).one_or_none()
        if row is None:
            return None
        return LastSync(
            at=self.shop.instant(row.completed_at or row.started_at),
            type=row.type,
            status=row.status if row.completed_at else "running",
            created=row.orders_created,
            updated=row.orders_updated,
            failed=row.orders_failed,
        )

    def _answer(self) -> None:
        self.answered = True
        # A lock that was refused is no question: a shop that told of its loss is back only when it says so itself.
        if self.shop_trouble is None:
            self._find()

    def _lose(self, reason: Said) -> None:
        self.lost_why = reason
        if self.lost_at_s is None:
            self.lost_at_s = self.clock.monotonic()

    def _find(self) -> None:
        if self.lost_at_s is not None:
            now_s = self.clock.monotonic()
            self._excused_until_s = now_s + min(now_s - self.lost_at_s, LONGEST_SNOOZE.total_seconds())
        self.lost_at_s = self.lost_why = None
