"""What the tests of the history may ask for."""

import pytest

from paranad.configuration.durations import Rate
from paranad.courier.limiter import Limiter
from paranad.events.event import Events
from paranad.history.service import History
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.control import BAGHDAD
from tests.support.courier import KeptWindow
from tests.support.store import store

__all__ = ["store"]


@pytest.fixture
def kept() -> KeptWindow:
    return KeptWindow()


@pytest.fixture
def limiter(clock: ManualClock, kept: KeptWindow) -> Limiter:
    return Limiter(Rate.parse("28/30s"), clock, kept.load, kept.save)


@pytest.fixture
def history(store: Store, limiter: Limiter, clock: ManualClock, events: Events) -> History:
    return History(store, limiter, clock, BAGHDAD, events)
