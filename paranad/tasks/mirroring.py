"""What a task's result says of courier orders that were written into the shop."""

from paranad.mirror.write import Written
from paranad.queue.model import Json
from paranad.said import Sentence
from paranad.tasks.task import MENTIONED, Tally, mention

LATER_ANSWER = Sentence("shop.later_answer", "the shop has a later answer already")
CHUNK = 100
"""Courier orders in one transaction."""


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
