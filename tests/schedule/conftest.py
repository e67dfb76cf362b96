"""What the tests of the schedule may ask for."""

import pytest

from paranad.events.event import Events
from paranad.store.file import Store
from tests.schedule.bench import Bench, Start, running
from tests.support.clock import ManualClock
from tests.support.store import store

__all__ = ["start", "store"]


@pytest.fixture
def start(store: Store, clock: ManualClock, events: Events) -> Start:
    return lambda *entries: running(Bench(store, clock, events, entries))
