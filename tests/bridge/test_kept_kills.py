"""A daemon that keeps rows is killed at each of its steps; another machine goes on, then the first comes back."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from paranad.events.event import Events
from paranad.queue.model import Completed, Failed, Outcome, State
from paranad.queue.running import Running
from paranad.said import plain
from paranad.shop.database import Shop
from paranad.shop.laravel_rows import RETRY_AFTER_S
from paranad.store.file import open_store
from tests.support.bridge import CREATE, BridgeHarness
from tests.support.clock import ManualClock
from tests.support.payloads import create_shipment

FAILING = 3
TEN = 10


class Killed(BaseException):
    """Ends what it meets as a killed daemon does: nothing after it is done."""


@dataclass
class Machine:
    """A daemon on a machine of its own: its queue.db, its bridge to the shop that both share."""

    harness: BridgeHarness
    left: int | None = None
    """Before how many more steps it is killed; None: it is not."""
    sent: list[tuple[int, bool]] = field(default_factory=list)
    """The orders for which a request left, and whether the job knew that another may have sent it."""

    def watched(self, of: Any, name: str) -> None:
        real: Callable[..., Awaitable[Any]] = getattr(of, name)

        async def doing(*given: Any, **more: Any) -> Any:
            if self.left is not None:
                if not self.left:
                    raise Killed
                self.left -= 1
            return await real(*given, **more)

        setattr(of, name, doing)

    async def lives(self, killed_before: int | None = None) -> bool:
        """Start and work; tell whether it was not killed."""
        self.left = killed_before
        try:
            await self.begin()
            await self.work()
        except Killed:
            return False
        return True

    async def begin(self) -> None:
        """Start as a daemon does, on what the one before left in queue.db."""
        await self.harness.restart()
        kept = self.harness.bridge.kept
        for name in ("reserve", "renew", "delete", "release", "current"):
            self.watched(kept.table, name)
        for name in ("keep", "_do"):
            self.watched(kept.notes, name)
        for name in ("written", "removed"):
            self.watched(self.harness.bridge.failed.originals, name)
        self.watched(self.harness.bridge.failed, "_insert")
        await kept.reclaim()

    async def work(self) -> None:
        """Take what there is, send each order, and let every job come to its end."""
        kept, line = self.harness.bridge.kept, self.harness.line
        await self.harness.look()
        jobs = [job for job in await self.harness.jobs() if job.finished_at is None]
        for job in jobs:
            if await kept.tried(job.id):
                self.sent.append((job.args["order_id"], bool(job.args.get("tried_elsewhere"))))
        await self.harness.clock.advance(31)
        await kept.reclaim()
        line.scripts[CREATE] = _sent
        async with line.working():
            await line.seen.until(lambda: sum(map(len, map(line.seen.named, ENDED))) >= len(jobs))
        await kept.reclaim()
        await self.harness.catch_up()
        await kept.reclaim()


ENDED = ("job.completed", "job.failed", "job.cancelled")


async def _sent(running: Running) -> Outcome:
    return Failed(plain("no such city")) if running.job.args["order_id"] % TEN == FAILING else Completed()


@asynccontextmanager
async def two_machines(folder: Path, shop: Shop, clock: ManualClock) -> AsyncIterator[tuple[Machine, Machine]]:
    async with AsyncExitStack() as stack:
        machines = []
        for name in ("first", "second"):
            events = Events()
            opened = open_store(folder / name, durability="normal", clock=clock, events=events)
            store = await stack.enter_async_context(opened)
            machines.append(Machine(BridgeHarness(store, shop, clock, events, keeps=True)))
        yield machines[0], machines[1]


async def test_kill_at_any_step_loses_no_row_and_lets_no_order_be_sent_twice_unknowing(
    tmp_path: Path, sqlite_shop: Shop, clock: ManualClock
) -> None:
    async with two_machines(tmp_path, sqlite_shop, clock) as (first, second):
        for killed_before in count():
            orders = {TEN * killed_before + number for number in (1, 2, FAILING, 4)}
            await first.harness.put_all([create_shipment(order, uuid=str(order)) for order in sorted(orders)])
            survived = await first.lives(killed_before)
            await clock.advance(RETRY_AFTER_S + 1)
            for machine in (second, first):
                assert await machine.lives()
                await clock.advance(RETRY_AFTER_S + 1)
            here = f"killed before step {killed_before}"
            assert [] == await first.harness.rows(), here
            jobs = [job for machine in (first, second) for job in await machine.harness.jobs()]
            assert all(job.finished_at is not None for job in jobs), here
            done = {job.args["order_id"] for job in jobs if job.state is State.COMPLETED} & orders
            assert orders == done | {TEN * killed_before + FAILING}, here
            failed = [row["uuid"] for row in await first.harness.failed_rows()]
            assert [str(TEN * step + FAILING) for step in range(killed_before + 1)] == failed, here
            unknowing = Counter(order for order, knew in (*first.sent, *second.sent) if not knew)
            assert all(times == 1 for times in unknowing.values()), here
            if survived:
                assert killed_before > TEN, "hardly a step was met"
                return
