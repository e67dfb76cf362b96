"""What the daemon knows of the shop and the courier, for the status: what it was told, and what it asks when asked."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from sqlalchemy import desc, select

from paranad.bridge.loop import Bridge
from paranad.bridge.unreadable import UnreadableRow, UnreadableRows
from paranad.control import schemas
from paranad.courier.limiter import Limiter, LimiterState
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused
from paranad.events.event import Event, Events
from paranad.events.shop import ShopLost, ShopReturned
from paranad.said import Said
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.tables import alwaseet_sync_logs

ASKED_S = 1.0
"""How long a status waits for the shop before it goes without."""

CLASSES_SHOWN = 5
SYNC_SHOWN = tuple(
    alwaseet_sync_logs.c[name]
    for name in (
        "type",
        "status",
        "started_at",
        "completed_at",
        "orders_created",
        "orders_updated",
        "orders_failed",
    )
)


class Answer(NamedTuple):
    """What the shop answered."""

    shop: schemas.Shop
    last_sync: schemas.LastSync | None = None
    last_sync_known: bool = False
    """Whether it could be asked for that."""


class Neighbours:
    """The shop and the courier as they were last seen."""

    def __init__(self, shop: Shop, limiter: Limiter, unreadable: UnreadableRows, events: Events) -> None:
        self.shop, self.limiter, self.unreadable = shop, limiter, unreadable
        self.login: Literal["ok", "refused", "unknown"] = "unknown"
        self.login_reason: Said | None = None
        self.shop_reason: str | None = None
        self._asking: asyncio.Task[Answer] | None = None
        events.listen(self.hear)

    def hear(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case CourierLoggedIn():
                    self.login, self.login_reason = "ok", None
                case CourierLoginRefused():
                    self.login, self.login_reason = "refused", event.reason
                case ShopLost():
                    self.shop_reason = event.reason
                case ShopReturned():
                    self.shop_reason = None
                case _:
                    pass

    def courier_facts(self) -> schemas.Courier:
        """Return the limiter's state and the last login's."""
        reason, limiter = self.login_reason, _limiter(self.limiter.state())
        return schemas.Courier(
            limiter=limiter, login=self.login, reason=reason and reason.text, why=schemas.remark_of(reason)
        )

    async def shop_facts(self) -> Answer:
        """Ask the shop for its last sync and what it has that cannot be read, at most a second; say if it answered."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="facts.shop")
        asking = self._asking
        # A database that is waited for cannot be left half way: it is left to itself.
        await asyncio.wait([asking], timeout=ASKED_S)
        if asking.done():
            return asking.result()
        silent = f"it did not answer within {ASKED_S:g} s"
        return Answer(schemas.Shop(reachable=False, reason=self.shop_reason or silent))

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask(self) -> Answer:
        try:
            with suppress(ShopUnexpectedSchema):  # a shop whose queue is elsewhere has no such table
                await self.unreadable.look()
            last_sync = await self._last_sync()
            return Answer(schemas.Shop(reachable=True, reason=self.shop_reason), last_sync, last_sync_known=True)
        except ShopUnreachable as error:
            return Answer(schemas.Shop(reachable=False, reason=error.reason))
        except ShopError as error:
            return Answer(schemas.Shop(reachable=True, reason=str(error)))

    async def _last_sync(self) -> schemas.LastSync | None:
        logs = alwaseet_sync_logs
        async with self.shop.read() as connection:
            row = (await connection.execute(select(*SYNC_SHOWN).order_by(desc(logs.c.id)).limit(1))).one_or_none()
        if row is None:
            return None
        return schemas.LastSync(
            at=self.shop.instant(row.completed_at or row.started_at).astimezone(self.shop.zone),
            type=row.type,
            status=row.status if row.completed_at else "running",
            created=row.orders_created,
            updated=row.orders_updated,
            failed=row.orders_failed,
        )


def bridge_facts(bridge: Bridge) -> schemas.Bridge:
    """Return whether work is taken from the shop's own `jobs` table, and why; what stands in its `failed_jobs`."""
    state, trouble, unreadable = bridge.state, bridge.failed.trouble, bridge.unreadable.standing
    last = unreadable[-1] if unreadable else None
    return schemas.Bridge(
        mode=state.mode.value,
        active=state.active,
        reason=state.reason.text,
        why=schemas.remark_of(state.reason),
        left=dict(bridge.left.most_common(CLASSES_SHOWN)),
        unreadable=len(unreadable),
        last_unreadable=last and _unreadable_row(last),
        trouble=trouble and trouble.text,
        trouble_why=schemas.remark_of(trouble),
    )


def _unreadable_row(row: UnreadableRow) -> schemas.UnreadableRow:
    return schemas.UnreadableRow(uuid=row.uuid, reason=row.reason.text, why=schemas.remark_of(row.reason))


def _limiter(state: LimiterState) -> schemas.Limiter:
    return schemas.Limiter(
        used=state.used,
        limit=state.limit,
        window_s=state.window.total_seconds(),
        waiting=state.waiting,
        closed_until=state.closed_until,
    )
