"""Plays many invented worlds, and counts."""

import asyncio
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from tests.worlds.play import stage
from tests.worlds.promises import Broken, Report
from tests.worlds.world import ALIKE, HONEST, LYING, World, brief, of_two

BATCH = 250
"""How many worlds one seed invents."""
MEMORY = Path("/dev/shm")
ONE_IN = 4
"""Of so many worlds one is honest, and of twice as many one has orders that are alike."""
OF_TWO = 3
"""Of so many worlds one has two machines."""


@dataclass
class Count:
    """What became of the orders of many worlds."""

    worlds: int = 0
    outside: int = 0
    orders: int = 0
    held: int = 0
    creates: int = 0

    def add(self, report: Report) -> None:
        self.worlds += 1
        self.outside += report.outside
        self.orders += report.orders
        self.held += report.held
        self.creates += report.creates

    def join(self, other: "Count") -> None:
        for name in ("worlds", "outside", "orders", "held", "creates"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def share(self) -> str:
        return f"{100 * self.held / max(self.orders, 1):.2f} %"


@dataclass
class Counts:
    honest: Count = field(default_factory=Count)
    honest_of_two: Count = field(default_factory=Count)
    """Of two machines, of which now one works and now the other."""
    lying: Count = field(default_factory=Count)
    lying_of_two: Count = field(default_factory=Count)

    def join(self, other: "Counts") -> None:
        for each in fields(self):
            getattr(self, each.name).join(getattr(other, each.name))

    @property
    def all(self) -> Count:
        """Those of every kind."""
        joined = Count()
        for each in fields(self):
            joined.join(getattr(self, each.name))
        return joined


class Players:
    """Plays worlds on one journal; for one thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path) -> None:
        self.loop, self.counts = loop, Counts()
        self._opened = stage(folder)
        self._stage = loop.run_until_complete(self._opened.__aenter__())

    def close(self) -> None:
        self.loop.run_until_complete(self._opened.__aexit__(None, None, None))

    def play(self, world: World) -> Report:
        return self.loop.run_until_complete(self._stage.play(world))

    def play_lying(self, world: World) -> None:
        counts = self.counts.lying if world.machines == 1 else self.counts.lying_of_two
        counts.add(self.play(world))

    def play_honest(self, world: World) -> None:
        """Play a world in which nothing may be held: every order is recorded."""
        report = self.play(world)
        counts = self.counts.honest if world.machines == 1 else self.counts.honest_of_two
        counts.add(report)
        if report.states != {"recorded": report.orders}:
            raise Broken(f"in an honest world {dict(report.states)}")

    def prove(self, number: int, worlds: int) -> None:
        """Play *worlds* invented by the seed *number*; what breaks is shrunk, and raised."""
        honest, alike = worlds // ONE_IN, worlds // (2 * ONE_IN)
        self._prove(HONEST, self.play_honest, number, honest)
        self._prove(ALIKE, self.play_lying, number, alike)
        self._prove(LYING, self.play_lying, number, worlds - honest - alike)

    def _prove(
        self, strategy: st.SearchStrategy[World], play: Callable[[World], None], number: int, worlds: int
    ) -> None:
        of_two_machines = worlds // OF_TWO
        _prove(strategy, play, number, worlds - of_two_machines)
        _prove(of_two(strategy), play, number, of_two_machines)


def _prove(strategy: st.SearchStrategy[World], play: Callable[[World], None], number: int, worlds: int) -> None:
    @seed(number)
    @settings(
        max_examples=worlds,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    @given(strategy)
    def hold(world: World) -> None:
        try:
            play(world)
        except Exception as error:
            error.add_note(f"the world, shrunk: {brief(world)}")
            raise

    hold()


@contextmanager
def players() -> Iterator[Players]:
    """Give a journal in memory, and what plays on it."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        loop = asyncio.new_event_loop()
        try:
            opened = Players(loop, Path(folder))
            try:
                yield opened
            finally:
                opened.close()
        finally:
            loop.close()


def prove_batch(number: int) -> tuple[Counts, str]:
    """Play the worlds that one seed invents; return what became of them, and what broke: empty if nothing did."""
    with players() as opened:
        try:
            opened.prove(number, BATCH)
        except Exception:  # noqa: BLE001 -- whatever it is, the world that led to it is told
            return opened.counts, traceback.format_exc()
        return opened.counts, ""
