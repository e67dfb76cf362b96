"""One machine for all tests here, which tell its life in order: install, serve, upgrade, uninstall.

They run by `make test-systemd` alone: booting a machine is no part of the ordinary tests. PARANAD_SYSTEMD names the
release that it is of, such as trixie; empty: this computer's own.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.systemd.machine import KEPT, Machine, NotBooted, booted, built, obstacle, python_of, release_here
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
    release = os.environ["PARANAD_SYSTEMD"] or release_here()
    with ExitStack() as ended:
        try:
            root = ended.enter_context(built(release))
            shown = {_checkout(tmp_path_factory.mktemp("checkout")): CHECKOUT, _wheels(python_of(root)): WHEELS}
            machine = ended.enter_context(booted(root, shown))
        except NotBooted as error:
            pytest.skip(f"{LEFT_OUT}, {release}: {error}")
        yield machine


def _wheels(python: str) -> Path:
    """Fetch the lock file's wheels for the machine's Python, unless an earlier run has."""
    lock = ROOT / "requirements.lock"
    wheels = KEPT / f"wheels-{python}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not wheels.exists():
        new = wheels.with_name(f"{wheels.name}.{os.getpid()}")
        shutil.rmtree(new, ignore_errors=True)
        what = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", python)
        pip = (
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            *what,
            "--requirement",
            str(lock),
            "--dest",
            str(new),
        )
        fetched = subprocess.run(pip, capture_output=True, text=True, check=False)
        assert fetched.returncode == 0, fetched.stderr[-1000:]
        new.rename(wheels)
    return wheels


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
