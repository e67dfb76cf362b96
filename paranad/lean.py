"""Loading little, and fast: one part of a library whose package would load far more; no look for garbage meanwhile."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec

MADE_MEANWHILE = 10_000
"""Garbage is looked for after so many new objects. Python's 700 would look 10 times through each list of 1,000 rows."""


def without_init(package: str) -> None:
    """Let the modules of *package* be imported without running its `__init__` first, unless that has run already.

    They are then imported by their own names alone: the package has none of the names that its `__init__` would make.
    """
    if package not in sys.modules and (spec := find_spec(package)) is not None:
        sys.modules[package] = module_from_spec(spec)


def without(module: str) -> None:
    """Let the import of *module* fail, as if it were not installed, unless it is there already."""
    sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # the import system's own word for that


@contextmanager
def loading() -> Iterator[None]:
    """Let a start go on without looks for garbage, until `loaded`: they would find little, and take a quarter of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def loaded() -> None:
    """Look for garbage less often from now on, and never in what is there by now: a loop would stand for 70 ms."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(MADE_MEANWHILE)
