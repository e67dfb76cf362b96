"""The automatic sync: every minute, look whether the shop's settings ask for one."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from paranad.catalogue import AUTO_SYNC, SYNC_ORDERS
from paranad.queue.model import Completed, Json, Outcome, Request
from paranad.said import Said, Sentence
from paranad.shop.database import Shop
from paranad.shop.settings import (
    DEFAULT_INTERVAL,
    INTERVAL,
    STATUS_ID_WRONG,
    SYNC_STATUSES,
    ShopSettings,
    read_settings,
)
from paranad.tasks.task import Context, NoArguments, PlainTask, Tally
from paranad.wording import quotable

AUTO_SYNC_OFF = Sentence("setting.auto_sync_off", "the shop's setting alwaseet_auto_sync_enabled is off")
NOT_DUE = Sentence("job.sync_not_due", "not due before {at}")

LoadLast = Callable[[], Awaitable[datetime | None]]
SaveLast = Callable[[datetime], Awaitable[None]]


class AutoSync(PlainTask):
    """`alwaseet:auto-sync`: looks whether a sync is due.

    *load_last* and *save_last* keep when it last enqueued one, over restarts.
    """

    facts = AUTO_SYNC

    def __init__(self, shop: Shop, load_last: LoadLast, save_last: SaveLast) -> None:
        self.shop, self.load_last, self.save_last = shop, load_last, save_last

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Enqueue one sync for each status id of the settings, or one of everything; an equal one is not doubled."""
        async with self.shop.read() as connection:
            settings = await read_settings(connection)
        tally = Tally(looked_at=1)
        if not settings.auto_sync_enabled:
            tally.skip("sync", AUTO_SYNC_OFF())
            return Completed(tally.as_json())
        due_at = await self._due_at(settings, tally)
        if due_at and context.clock.now() < due_at:
            tally.skip("sync", NOT_DUE(at=f"{due_at.astimezone(self.shop.zone):%Y-%m-%d %H:%M}"))
            return Completed(tally.as_json())
        return Completed(await self._enqueue(context, settings, tally))

    async def _due_at(self, settings: ShopSettings, tally: Tally) -> datetime | None:
        """Return from when on the next sync is due; None: it is now.

        Minutes are compared whole, since the schedule asks once in each. A last start that lies in the future (the
        clock was set back) does not count.
        """
        last = await self.load_last()
        if last is None or last > self.shop.clock.now():
            return None
        return last.replace(second=0, microsecond=0) + _interval(settings, tally)

    async def _enqueue(self, context: Context, settings: ShopSettings, tally: Tally) -> Json:
        wanted = settings.auto_sync_status_ids
        for wrong in wanted.wrong:
            tally.fail(f'status id "{quotable(wrong)}"', STATUS_ID_WRONG(key=SYNC_STATUSES))
        # A setting of wrong ids alone asks for nothing, while an empty one asks for everything.
        ids: Sequence[str | None] = wanted.ids or (() if wanted.wrong else (None,))
        requests = [Request(SYNC_ORDERS.name, {"status_id": status_id} if status_id else {}) for status_id in ids]
        answers = await context.enqueue(requests)
        # Saved after the enqueue: a daemon that ends between the two syncs once more, and never once less.
        if not context.dry_run:
            await self.save_last(context.clock.now())
        tally.changed = sum(not answer.duplicate for answer in answers)
        jobs = [
            {"status_id": status_id, "job_id": answer.job_id, "duplicate": answer.duplicate}
            for status_id, answer in zip(ids, answers, strict=True)
        ]
        return tally.as_json(enqueued=jobs)


def _interval(settings: ShopSettings, tally: Tally) -> timedelta:
    """Return how long after a sync the next is due; *tally* names a setting that cannot be used."""
    interval = settings.auto_sync_interval
    if isinstance(interval, Said):
        tally.fail(INTERVAL, interval)
        return DEFAULT_INTERVAL
    return interval
