"""What every test may ask for."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from paranad.events.event import Event, Events
from tests.support.clock import ManualClock
from tests.support.laravel import WITHOUT_LARAVEL
from tests.support.mariadb import MariaDb, is_installed, running_server
from tests.support.prometheus import WITHOUT_PROMTOOL

# The suite has five minutes on two cores; a machine that is busy is no fault of what is tested.
settings.register_profile("suite", max_examples=40, deadline=None)
settings.load_profile("suite")

WITHOUT_SERVER = "left out: what is tested on MariaDB; to have it: apt-get install mariadb-server"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each what was not tested for want of a program."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for without in (WITHOUT_SERVER, WITHOUT_LARAVEL, WITHOUT_PROMTOOL):
        if any(without in reason for reason in skipped):
            terminalreporter.write_line(without)


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


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """The session's own database server, started where the first test wants it."""
    if not is_installed():
        pytest.skip(WITHOUT_SERVER)
    with running_server() as server:
        yield server
