"""Counts from the start, measures how late the loop wakes, and puts everything into text when a monitor asks."""

from collections.abc import Callable, Collection
from importlib.metadata import version

import anyio

from paranad.clock import Clock
from paranad.events.event import Events
from paranad.histogram import Histogram
from paranad.metrics.families import Figure, figures_of
from paranad.metrics.reading import Sources
from paranad.metrics.tally import Tally

PROBE_S = 1.0
LAG_BOUNDS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The figures of one daemon, from its start on; `run` until cancelled."""

    def __init__(
        self, sources: Sources, clock: Clock, events: Events, known_tasks: Callable[[], Collection[str]]
    ) -> None:
        """Count what *events* tell, by task for the *known_tasks*; read the rest from *sources*."""
        self.tally = Tally(known_tasks, sources.jobs.queues.names)
        self.lag = Histogram(LAG_BOUNDS_S)
        self._sources, self._clock = sources, clock
        self._started = clock.now()
        events.listen(self.tally.hear, self.tally.counted)

    async def run(self) -> None:
        """Once a second, until cancelled, measure how late the loop wakes, and count what was noted."""
        while True:
            due_s = self._clock.monotonic() + PROBE_S
            await self._clock.sleep(PROBE_S)
            self.lag.add(max(self._clock.monotonic() - due_s, 0.0))
            self.lag.fold()
            self.tally.fold()
            self._sources.store.writer.commits.fold()

    async def text(self) -> bytes:
        """Return all figures in Prometheus' text format. The loop goes on while they are read and written."""
        self.tally.begin()
        reading = await self._sources.read(self._clock)
        figures = figures_of(
            self.tally,
            reading,
            self._sources.store.writer.commits,
            self.lag,
            version=version("paranad"),
            started=self._started,
            now=self._clock.now(),
        )
        return await anyio.to_thread.run_sync(_text_of, figures)


def _text_of(figures: list[Figure]) -> bytes:
    from paranad.metrics.text import text_of  # noqa: PLC0415 - a daemon that is never asked need not hold the library

    return text_of(figures)
