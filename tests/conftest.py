"""What every test may ask for."""

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from paranad.events.event import Event, Events
from paranad.sandbox.answers import Answer
from paranad.store.file import open_store
from tests.support.clock import ManualClock
from tests.support.courier import BRIEFLY
from tests.support.laravel import WITHOUT_LARAVEL
from tests.support.mariadb import MariaDb, is_installed, running_server
from tests.support.prometheus import WITHOUT_PROMTOOL

# The suite has five minutes on two cores; a machine that is busy is no fault of what is tested.
settings.register_profile("suite", max_examples=40, deadline=None)
settings.load_profile("suite")

# The tests' folders are in memory where it has room: no test cuts the power, and each commit would wait for the disk.
MEMORY, ROOM = Path("/dev/shm"), 2**30
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# httpcore looks for it anew with every request.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

WITHOUT_SERVER = "left out: what is tested on MariaDB; to have it: apt-get install mariadb-server"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test's rows run all on SQLite and the first on MariaDB: its statements are those of the others.

    A test whose rows differ in their statements is marked `every_row`.
    """
    ids, begun = {item.nodeid for item in items}, set[str]()
    kept: list[pytest.Item] = []
    for item in items:
        of_mariadb = isinstance(item, pytest.Function) and "[mariadb" in item.nodeid
        test = item.nodeid.partition("[")[0]
        on_sqlite = item.nodeid.replace("[mariadb", "[sqlite") in ids
        if not (of_mariadb and on_sqlite and test in begun and not item.get_closest_marker("every_row")):
            kept.append(item)
        if of_mariadb:
            begun.add(test)
    items[:] = kept


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make, and no more among thousands of collected tests."""
    gc.collect()
    gc.freeze()


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


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> timedelta:
    """How long the courier is waited for: as long as a busy machine may take, but where a test's row has it silent."""
    row = getattr(request.node, "callspec", None)
    return BRIEFLY if row and Answer.SILENT in row.params.values() else timedelta(seconds=30)


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state directory of a daemon that has just begun: made once, for its tables take 30 ms of processor."""
    folder = tmp_path_factory.mktemp("state") / "empty"

    async def make() -> None:
        async with open_store(folder, durability="normal", clock=ManualClock(), events=Events()):
            pass

    asyncio.run(make())
    return folder


@pytest.fixture
def state_dir(tmp_path: Path, empty_state: Path) -> Path:
    """The test's own copy of it."""
    return shutil.copytree(empty_state, tmp_path / "state")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """The session's own database server, started where the first test wants it."""
    if not is_installed():
        pytest.skip(WITHOUT_SERVER)
    with running_server() as server:
        yield server
