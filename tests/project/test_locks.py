"""The lock files are closed: an installation from them asks no registry what is new.

pip takes no package beyond the lock (`--no-deps --require-hashes`), so the lock has to name everything that anything in
it needs, on every Python and processor that it is meant for.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PROCESSORS = ("x86_64", "aarch64")
EXTRAS_OF = {"requirements.lock": ("build",), "requirements-dev.lock": ("build", "dev")}
PIN = re.compile(r"(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,-]+)\])?==(?P<version>\S+) \\")


@dataclass(frozen=True, slots=True)
class Pin:
    version: Version
    extras: frozenset[str]


def pins(lock: str) -> dict[str, Pin]:
    """Return what a lock file holds, by name; every line that begins a requirement has to be a pin."""
    found: dict[str, Pin] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            pin = PIN.fullmatch(line)
            assert pin, f"{lock}: expected NAME==VERSION with hashes, got {line!r}"
            extras = frozenset((pin["extras"] or "").split(",")) - {""}
            found[canonicalize_name(pin["name"])] = Pin(Version(pin["version"]), extras)
    return found


def asked_by_the_project(lock: str) -> Iterator[Requirement]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, extras = settings["project"], settings["project"]["optional-dependencies"]
    for each in (settings["build-system"]["requires"], project["dependencies"], *map(extras.get, EXTRAS_OF[lock])):
        yield from map(Requirement, each)


def asked_by(name: str, extras: frozenset[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """Yield what an installed package with *extras* needs in an *environment*."""
    for requirement in map(Requirement, metadata.requires(name) or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)):
            yield requirement


def environment(python: str, processor: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": processor,
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
    }


def unmet(asked: Requirement, held: Mapping[str, Pin]) -> str | None:
    pin = held.get(canonicalize_name(asked.name))
    if pin is None:
        return "is not pinned"
    if not asked.specifier.contains(pin.version, prereleases=True):
        return f"is pinned at {pin.version}"
    missing = asked.extras - pin.extras
    return f"is pinned without [{','.join(sorted(missing))}]" if missing else None


@pytest.mark.parametrize("lock", EXTRAS_OF)
def test_lock_names_all_that_its_packages_need(lock: str) -> None:
    """Whatever the machine; pip would otherwise look for the newest, or install a set that does not work."""
    held = pins(lock)
    open_ends = {
        f"{asked}, asked for by paranad, {why}" for asked in asked_by_the_project(lock) if (why := unmet(asked, held))
    }
    for python, processor in product(PYTHONS, PROCESSORS):
        for name, pin in held.items():
            for asked in asked_by(name, pin.extras, environment(python, processor)):
                if why := unmet(asked, held):
                    open_ends.add(f"{asked}, asked for by {name} on Python {python} {processor}, {why}")
    assert [] == sorted(open_ends)


def test_installed_packages_are_those_of_the_lock() -> None:
    """What the other test reads is the metadata of what is installed."""
    held = pins("requirements-dev.lock")
    assert {name: str(pin.version) for name, pin in held.items()} == {name: metadata.version(name) for name in held}


def test_an_installation_for_use_holds_what_was_tested() -> None:
    tested = pins("requirements-dev.lock")
    assert {name: pin.version for name, pin in pins("requirements.lock").items()} == {
        name: tested[name].version for name in pins("requirements.lock")
    }


@pytest.mark.parametrize("lock", EXTRAS_OF)
def test_lock_names_no_registry_and_hashes_everything(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text)
    pinned = re.findall(r"^[a-z0-9].*(?:\n    .*)*", text, re.MULTILINE | re.IGNORECASE)
    assert len(pins(lock)) == len(pinned)
    assert [] == [each for each in pinned if "--hash=sha256:" not in each]
