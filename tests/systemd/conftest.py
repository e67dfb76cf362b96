"""One machine for all tests here, which tell its life in order: install, serve, upgrade, uninstall.

They run by `make test-systemd` alone: booting a machine is no part of the ordinary tests.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.systemd.machine import Machine, NotBooted, booted, obstacle
from tests.systemd.server import CHECKOUT, ROOT, WHEELS, Server

TREE = ("Makefile", "pyproject.toml", "requirements.lock", "paranad", "etc", "tests", "docs")

LEFT_OUT = "left out: what is tested under a real systemd"
collect_ignore_glob = [] if "PARANAD_SYSTEMD" in os.environ else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line why nothing of this was tested."""
    skipped = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(each.removeprefix("Skipped: ") for each in skipped if LEFT_OUT in each):
        terminalreporter.write_line(reason)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A booted machine that sees a checkout and the lock file's wheels."""
    if why := obstacle():
        pytest.skip(f"{LEFT_OUT}: {why}")
    shown = {_checkout(tmp_path_factory.mktemp("checkout")): CHECKOUT, ROOT / "wheels": WHEELS}
    with ExitStack() as ended:
        try:
            machine = ended.enter_context(booted(shown))
        except NotBooted as error:
            pytest.skip(f"{LEFT_OUT}: {error}")
        yield machine


def _checkout(folder: Path) -> Path:
    """Copy the tree as a user would have it: without environments and caches."""
    files = [
        path
        for path in ROOT.iterdir()
        if path.name in TREE or path.suffix in {".md", ".service"} or path.name == "LICENSE"
    ]
    for path in files:
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def server(machine: Machine) -> Server:
    return Server(machine)
