"""The courier's client, with its account and token, which the configuration or the shop's settings keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial

from pydantic import SecretStr

from paranad.clock import Clock
from paranad.configuration.settings import CourierSection, Settings
from paranad.courier.breaker import Breaker
from paranad.courier.client import Courier
from paranad.courier.limiter import Limiter
from paranad.courier.login import Login
from paranad.courier.models import Account
from paranad.errors import StateError
from paranad.events.courier import CourierPulledBack
from paranad.events.event import Events
from paranad.log.redaction import hide
from paranad.record import record
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.settings import read_settings, write_setting
from paranad.store.file import Store

LIMITER_WINDOW = "courier.window"
COURIER_DOOR = "courier.door"


@record
class SharedAccount:
    """One account and one token for the daemon and the shop's own pages."""

    configured: CourierSection
    shop: Shop

    async def account(self) -> Account:
        """Return the account of the configuration, else of the shop's settings; empty if neither has one."""
        if self.configured.username:
            return Account(self.configured.username, self.configured.password)
        async with self.shop.read() as connection:
            settings = await read_settings(connection)
        password = settings.password or SecretStr("")
        hide(password.get_secret_value())
        return Account(settings.username or "", password)

    async def load_token(self) -> str | None:
        """Return the token that the shop's pages or the daemon stored last; None if there is none."""
        async with self.shop.read() as connection:
            token = (await read_settings(connection)).token
        if token is None:
            return None
        hide(token.get_secret_value())
        return token.get_secret_value()

    async def save_token(self, token: str, account_type: str) -> None:
        """Store a new token in the shop's settings, where the shop's pages find it too."""
        hide(token)
        now = self.shop.now()

        async def work(connection: AsyncConnection) -> None:
            await write_setting(connection, "alwaseet_token", token, now)
            await write_setting(connection, "alwaseet_account_type", account_type, now)

        await self.shop.in_transaction(work)


@asynccontextmanager
async def courier_of(
    settings: Settings, store: Store, shop: Shop, clock: Clock, events: Events
) -> AsyncIterator[Courier]:
    """Give the courier's client, with its limit as the last daemon left it and its token shared with the shop."""
    load, save = partial(store.values.get, LIMITER_WINDOW), partial(store.values.put, LIMITER_WINDOW)

    def pulled_back(until: datetime) -> None:
        events.tell(CourierPulledBack(until=until.isoformat()))

    limiter = Limiter(settings.courier.rate_limit, clock, load, save, pulled_back)
    await limiter.restore()
    shared = SharedAccount(settings.courier, shop)
    login = Login(shared.account, shared.load_token, shared.save_token, clock, events)
    load_door, keep_door = partial(store.values.get, COURIER_DOOR), partial(store.values.put, COURIER_DOOR)
    breaker = Breaker(clock, events, load_door, keep_door, settings.courier.base_url)
    await breaker.restore()
    courier = Courier(settings.courier.base_url, settings.courier.timeout, limiter, login, clock, events, breaker)
    try:
        yield courier
    finally:
        await courier.close()
        with suppress(StateError):  # the disk is full: then the next daemon begins with the door as it was last kept
            await breaker.keep()
