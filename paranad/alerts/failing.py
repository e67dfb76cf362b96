"""Whether the alert command fails, since when and why: kept over restarts, and said where an operator looks."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from paranad.clock import Clock, from_us, to_us
from paranad.errors import ParanadError
from paranad.record import record
from paranad.said import Said, from_document
from paranad.store.file import Values

KEPT_AS = "alerts.failing"


@record
class Failing:
    """The alert command has taken no document since then."""

    since: datetime
    times: int
    """How often in a row it failed."""
    why: Said
    """How it failed the last time."""


class CommandHealth:
    """What is known of the alert command. Call `load` before anything else, and `save` after what may change it."""

    def __init__(self, values: Values, clock: Clock) -> None:
        self.failing: Failing | None = None
        """None: it took the last document, or has had none yet."""
        self._values, self._clock = values, clock
        self._kept: Failing | None = None

    async def load(self, command: Sequence[str]) -> None:
        """Read what the last daemon kept, if it was about this *command*."""
        if kept := await self._values.get(KEPT_AS):
            of, since, times, why = kept
            self._kept = Failing(from_us(since), times, from_document(why))
            self.failing = self._kept if of == [*command] else None

    async def save(self, command: Sequence[str]) -> None:
        """Keep what has changed about *command*. What the disk refuses is kept after the next change."""
        now = self.failing
        if now != self._kept:
            with suppress(ParanadError):
                kept = now and [[*command], to_us(now.since), now.times, now.why.document()]
                await self._values.put(KEPT_AS, kept)
                self._kept = now

    def failed(self, why: Said, *, again: bool = True) -> None:
        """Note that the command failed; without *again* it counts only if it had not failed before."""
        before = self.failing
        if before is None:
            self.failing = Failing(self._clock.now(), 1, why)
        else:
            self.failing = Failing(before.since, before.times + again, why)

    def worked(self) -> None:
        """Note that the command took a document, or that another one is in its place."""
        self.failing = None
