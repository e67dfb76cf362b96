"""The queue's fixtures."""

import pytest

from paranad.events.event import Events
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.queue import Line
from tests.support.store import store

__all__ = ["line", "store"]


@pytest.fixture
async def line(store: Store, clock: ManualClock, events: Events) -> Line:
    line = Line(store, clock, events)
    await line.jobs.recover()
    return line
