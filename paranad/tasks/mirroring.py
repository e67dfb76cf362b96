"""What a task makes of courier orders that were written into the shop: notices of the changes, and its result."""

from collections.abc import Awaitable

from paranad.mirror.write import Written
from paranad.queue.model import Json
from paranad.said import Sentence
from paranad.tasks.notify import notices
from paranad.tasks.task import MENTIONED, Context, Tally, mention
from paranad.uninterrupted import to_its_end

LATER_ANSWER = Sentence("shop.later_answer", "the shop has a later answer already")
CHUNK = 100
"""Courier orders in one transaction."""


async def with_notices(context: Context, work: Awaitable[Written]) -> Written:
    """Await a chunk's transaction, then enqueue the notices of its changed statuses.

    A cancellation waits until both are done: the next run would see no change, and nobody would be told.
    """

    async def both() -> Written:
        written = await work
        if requests := notices(written.status_changes):
            await context.enqueue(requests)
        return written

    return await to_its_end(both())


def tally_of(looked_at: int, written: Written) -> Tally:
    """Return the tally of courier orders, *looked_at* in all."""
    tally = Tally(looked_at=looked_at, changed=written.created + written.changed)
    for courier_id in written.older:
        tally.skip(f"courier order {courier_id}", LATER_ANSWER())
    for courier_id, reason in written.failed:
        tally.fail(f"courier order {courier_id}", reason)
    return tally


def details_of(written: Written) -> dict[str, Json]:
    """Return what a result says of courier orders beside the tally."""
    cut = [{"what": f"courier order {courier_id}", "reason": names} for courier_id, names in written.cut[:MENTIONED]]
    unread = [mention(f"courier order {courier_id}", reason) for courier_id, reason in written.unread[:MENTIONED]]
    return {
        "updated": written.known,
        "status_changed": len(written.status_changes),
        "shortened": {"count": len(written.cut), "items": cut},
        "unreadable": {"count": len(written.unread), "items": unread},
    }
