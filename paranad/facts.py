"""What the daemon knows of the shop and the courier, for the status: what it was told, and what it asks when asked."""

from collections.abc import Sequence
from typing import Literal

import anyio
from sqlalchemy import desc, select

from paranad.control import schemas
from paranad.courier.limiter import Limiter, LimiterState
from paranad.events import CourierLoggedIn, CourierLoginRefused, Event, Events, ShopLost, ShopReturned
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.tables import alwaseet_sync_logs

ASKED_S = 1.0
"""How long a status waits for the shop before it goes without."""


class Neighbours:
    """The shop and the courier as they were last seen."""

    def __init__(self, shop: Shop, limiter: Limiter, events: Events) -> None:
        self.shop, self.limiter = shop, limiter
        self.login: Literal["ok", "refused", "unknown"] = "unknown"
        self.login_reason: str | None = None
        self.shop_reason: str | None = None
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
        return schemas.Courier(limiter=_limiter(self.limiter.state()), login=self.login, reason=self.login_reason)

    async def shop_facts(self) -> tuple[schemas.Shop, schemas.LastSync | None]:
        """Ask the shop for its last sync, at most a second; say whether it answered."""
        answered, last = False, None
        try:
            with anyio.move_on_after(ASKED_S):
                last = await self._last_sync()
                answered = True
        except ShopError as error:
            return schemas.Shop(reachable=False, reason=str(error)), None
        reason = None if answered else self.shop_reason or f"it did not answer within {ASKED_S:g} s"
        return schemas.Shop(reachable=answered, reason=reason), last

    async def _last_sync(self) -> schemas.LastSync | None:
        logs = alwaseet_sync_logs
        async with self.shop.read() as connection:
            row = (await connection.execute(select(logs).order_by(desc(logs.c.id)).limit(1))).one_or_none()
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


def _limiter(state: LimiterState) -> schemas.Limiter:
    return schemas.Limiter(
        used=state.used,
        limit=state.limit,
        window_s=state.window.total_seconds(),
        waiting=state.waiting,
        closed_until=state.closed_until,
    )
