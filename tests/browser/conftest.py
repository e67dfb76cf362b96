"""One browser, one shop with its daemon and one page for all tests here; each test has a window of its own.

They run by `make test-browser` alone, which sets PARANAD_BROWSER.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visit import DESKTOP, PROGRAM, SWITCHES, Look, Visit, visiting
from tests.browser.world import Web, World, lived_in, page_of

LEFT_OUT = "left out: what is tested in a real browser; to have it: apt-get install chromium fonts-noto-core"
collect_ignore_glob = [] if "PARANAD_BROWSER" in os.environ else ["test_*.py"]

Visiting = Callable[..., Visit]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line why nothing of this was tested."""
    if any(LEFT_OUT in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(LEFT_OUT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not PROGRAM.exists():
        pytest.skip(LEFT_OUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with lived_in(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture(scope="session")
def web(world: World) -> Iterator[Web]:
    with page_of(world.ground) as web:
        yield web


@pytest.fixture(scope="session")
def signed_in(browser: Browser, web: Web) -> Any:
    """What a browser keeps that has opened the one-time address."""
    with visiting(browser, web.origin, DESKTOP) as visit:
        visit.page.goto(web.address)
        return visit.context.storage_state()


@pytest.fixture
def visit(browser: Browser, web: Web, signed_in: Any) -> Iterator[Visiting]:
    """Opens a window that is signed in; after the test its browser must have had nothing to complain of."""
    with ExitStack() as opened:

        def open_window(look: Look = DESKTOP, **options: Any) -> Visit:
            window: AbstractContextManager[Visit] = visiting(browser, web.origin, look, signed_in, **options)
            visits.append(opened.enter_context(window))
            return visits[-1]

        visits: list[Visit] = []
        yield open_window
        for each in visits:
            assert [] == each.complaints
