"""A courier, its sandbox, and the shop's settings row that holds the token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from paranad.configuration.durations import Rate
from paranad.courier.client import Courier
from paranad.courier.limiter import Limiter
from paranad.courier.login import Login
from paranad.courier.models import Account, NewShipment
from paranad.events.event import Events
from paranad.sandbox.server import Sandbox
from tests.support.clock import ManualClock

PASSWORD = "pass-5ecret-word"
PHONE = "+9647701234567"


@dataclass
class KeptWindow:
    """What a limiter keeps."""

    value: Any = None
    saves: int = 0

    async def load(self) -> Any:
        return self.value

    async def save(self, value: Any) -> None:
        self.value = value
        self.saves += 1


@dataclass
class SettingsRow:
    """The shop's settings: account and token."""

    account: Account = field(default_factory=lambda: Account("parana", SecretStr(PASSWORD)))
    token: str | None = None
    account_type: str | None = None

    async def load_account(self) -> Account:
        return self.account

    async def load_token(self) -> str | None:
        return self.token

    async def save_token(self, token: str, account_type: str) -> None:
        self.token, self.account_type = token, account_type


def an_order(**changes: Any) -> NewShipment:
    fields: dict[str, Any] = {
        "client_name": "زبون تجريبي",
        "client_mobile": PHONE,
        "client_mobile2": None,
        "city_id": "1",
        "region_id": "15",
        "location": "قرب الساحة",
        "type_name": "ملابس",
        "items_number": 2,
        "price": 25000,
        "package_size": "1",
        "merchant_notes": "PK-4812 الرجاء الاتصال",
    }
    return NewShipment(**(fields | changes))


@pytest.fixture
async def sandbox(clock: ManualClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock, username="parana", password=PASSWORD) as sandbox:
        sandbox.behaviour.rate_limit = 1000
        yield sandbox


BRIEFLY = timedelta(seconds=1.5)
"""How long a courier is waited for that does not answer."""


@pytest.fixture
def row() -> SettingsRow:
    return SettingsRow()


@pytest.fixture
def kept() -> KeptWindow:
    return KeptWindow()


@pytest.fixture
def limiter(clock: ManualClock, kept: KeptWindow) -> Limiter:
    return Limiter(Rate(1000, timedelta(seconds=30)), clock, kept.load, kept.save)


@pytest.fixture
def login(row: SettingsRow, clock: ManualClock, events: Events) -> Login:
    return Login(row.load_account, row.load_token, row.save_token, clock, events)


@pytest.fixture
async def courier(
    sandbox: Sandbox, limiter: Limiter, login: Login, patience: timedelta, clock: ManualClock, events: Events
) -> AsyncIterator[Courier]:
    courier = Courier(sandbox.base_url, patience, limiter, login, clock, events)
    yield courier
    await courier.close()
