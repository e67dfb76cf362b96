"""Several daemons, one shop: real processes on a real Galera cluster, in a network that can be cut.

They run by `make test-standby` alone, which sets PARANAD_STANDBY: a cluster of their own is no part of the ordinary
tests.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.standby.shown import FIGURES, Shown
from tests.support.galera import WITHOUT_GALERA, Cluster, has_galera
from tests.support.network import WITHOUT_NAMESPACES, Site, has_namespaces, network, sites_on_loopback

collect_ignore_glob = [] if "PARANAD_STANDBY" in os.environ else ["test_*.py"]
NODES = 3
SITES = NODES + 1
"""One more, for a server alone."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One loop for all tests here, since the cluster lives as long as they do."""
    return "asyncio"


def pytest_sessionstart() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        FIGURES.unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each what was not tested for want of something."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for without in (WITHOUT_GALERA, WITHOUT_NAMESPACES):
        if any(without in reason for reason in skipped):
            terminalreporter.write_line(without)
    if FIGURES.exists():
        terminalreporter.write_line(FIGURES.read_text("utf-8").rstrip())


@pytest.fixture(scope="session")
def figures() -> Shown:
    return Shown()


@pytest.fixture(scope="session")
def sites() -> Iterator[list[Site]]:
    """The sites; without cables where the machine allows no namespaces."""
    if has_namespaces():
        with network(SITES) as sites:
            yield sites
    else:
        yield sites_on_loopback(SITES)


@pytest.fixture(scope="session")
async def cluster(sites: list[Site]) -> AsyncIterator[Cluster]:
    if not has_galera():
        pytest.skip(WITHOUT_GALERA)
    with TemporaryDirectory(prefix="paranad-galera-") as folder:
        cluster = Cluster(Path(folder), [site.database for site in sites[:NODES]])
        try:
            await cluster.start()
            yield cluster
        finally:
            cluster.kill()
