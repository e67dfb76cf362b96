"""The pauses of a queue, a task, a schedule entry and everything: made, changed and ended here; each at its instant."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from paranad.clock import Clock
from paranad.errors import StateError
from paranad.queue.jobs import Jobs
from paranad.queue.pause import LONGEST, Pause
from paranad.record import record
from paranad.schedule.loop import Scheduler

LOOK_S = 60.0
"""How long it waits at most before it looks at the wall clock again, which may have stepped."""
RETRY_S = 10.0


class Kind(StrEnum):
    """What kind of thing is paused."""

    ALL = "all"
    QUEUE = "queue"
    TASK = "task"
    ENTRY = "entry"


@record
class Target:
    """What is paused."""

    kind: Kind
    name: str = ""
    """Of everything: empty."""


ALL = Target(Kind.ALL)


class Pauses:
    """All pauses. Each change is made here, one at a time, so that none ends that was made longer meanwhile."""

    def __init__(self, jobs: Jobs, scheduler: Scheduler, clock: Clock) -> None:
        self._jobs, self._scheduler, self._clock = jobs, scheduler, clock
        self._changing = asyncio.Lock()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """End each pause when its instant has come, until cancelled; a full disk delays that."""
        while True:
            self._changed.clear()
            try:
                wait_s = await self.end_due()
            except StateError:  # the writer has told
                wait_s = RETRY_S
            await self._clock.wait(self._changed, wait_s)

    async def standing(self) -> Mapping[Target, Pause]:
        """Return every pause: of everything, then of queues, tasks and entries, by name.

        What is paused may be known no longer: a queue, task or entry that the configuration has no more.
        """
        queues = self._jobs.queues
        pauses = {ALL: queues.all_paused} if queues.all_paused else {}
        for kind, named in (
            (Kind.QUEUE, queues.paused),
            (Kind.TASK, queues.paused_tasks),
            (Kind.ENTRY, await self._scheduler.pauses()),
        ):
            pauses |= {Target(kind, name): named[name] for name in sorted(named)}
        return pauses

    async def pause(self, target: Target, pause: Pause) -> int:
        """Pause *target*, over restarts too; what is paused gets the new *pause*.

        Return how many due jobs of a task wait; 0 for what is no task.

        Raises:
            NotFound: there is no such entry.
            UnknownQueue: there is no such queue.
            StateFull: it goes on.
        """
        async with self._changing:
            waiting = await self._pause(target, pause)
        self._changed.set()
        return waiting

    async def resume(self, target: Target) -> None:
        """Let *target* go on from now.

        Raises:
            NotFound: there is no such entry, and none of that name is paused.
            UnknownQueue: likewise of a queue.
            StateFull: it stays paused.
        """
        async with self._changing:
            await self._resume(target, ended_at=None)

    async def resume_everything(self) -> None:
        """End every pause there is; that of everything last, so that what came until then is skipped."""
        for target in sorted(await self.standing(), key=lambda target: target == ALL):
            await self.resume(target)

    async def end_due(self) -> float:
        """End every pause whose instant has come; return how many seconds to wait for the next."""
        async with self._changing:
            now = self._clock.now()
            for target, pause in (await self.standing()).items():
                if pause.is_over(now):
                    await self._resume(target, ended_at=pause.until)
                elif (reachable := within_reach(pause, now)) != pause:
                    await self._pause(target, reachable)
            ends = [pause.until for pause in (await self.standing()).values() if pause.until]
        return min([LOOK_S, *(max(0.0, (end - now).total_seconds()) for end in ends)])

    async def _pause(self, target: Target, pause: Pause) -> int:
        match target.kind:
            case Kind.ALL:
                await self._jobs.pause_all(pause)
            case Kind.QUEUE:
                await self._jobs.pause(target.name, pause)
            case Kind.TASK:
                return await self._jobs.pause_task(target.name, pause)
            case Kind.ENTRY:
                await self._scheduler.pause(target.name, pause)
        return 0

    async def _resume(self, target: Target, *, ended_at: datetime | None) -> None:
        by_itself = ended_at is not None
        match target.kind:
            case Kind.ALL:
                # Before the pause ends, so that a crash in between repeats it: nothing of it starts afterwards.
                await self._scheduler.skip_while_all_paused()
                await self._jobs.resume_all(by_itself=by_itself)
                self._scheduler.look()
            case Kind.QUEUE:
                await self._jobs.resume(target.name, by_itself=by_itself)
            case Kind.TASK:
                await self._jobs.resume_task(target.name, by_itself=by_itself)
            case Kind.ENTRY:
                await self._scheduler.resume(target.name, ended_at=ended_at)


def within_reach(pause: Pause, now: datetime) -> Pause:
    """Return *pause* with an end that lies at most LONGEST ahead: a clock that was wrong has made one further away."""
    if pause.until is None or pause.until - now <= LONGEST:
        return pause
    lasts = min(pause.until - pause.since, LONGEST) if pause.since else LONGEST
    return replace(pause, since=now, until=now + lasts)
