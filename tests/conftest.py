"""What every test may ask for."""

import pytest

from paranad.events import Event, Events
from tests.support.clock import ManualClock


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def told(events: Events) -> list[Event]:
    """Everything told so far, in order."""
    told: list[Event] = []
    events.listen(told.extend)
    return told
