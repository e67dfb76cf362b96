"""What the tests of alerts may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from paranad.events.event import Events
from paranad.store.file import Store
from tests.alerts.office import Office
from tests.support.clock import ManualClock
from tests.support.store import store

__all__ = ["store"]


@pytest.fixture
async def office(store: Store, clock: ManualClock, events: Events, tmp_path: Path) -> AsyncIterator[Office]:
    office = Office(store, clock, events, tmp_path)
    await office.start()
    yield office
    await office.stop()
