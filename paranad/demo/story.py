"""What the daemon does, told in plain lines while it does it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import Clock
from paranad.events.courier import CourierLimitReached, CourierLoggedIn
from paranad.events.event import Event
from paranad.events.queue import JobAttemptFailed, JobCompleted, JobFailed, JobSnoozed
from paranad.events.shipments import (
    ShipmentCreated,
    ShipmentHeld,
    ShipmentIntended,
    ShipmentReconciled,
    ShipmentRecorded,
    ShipmentUnclear,
    ShipmentWithdrawn,
)
from paranad.events.shop import BridgeRowsTaken

WORDS: Mapping[type[Event], str] = {
    BridgeRowsTaken: "{event.rows} rows of the shop's jobs table are in the queue, and gone from there",
    CourierLoggedIn: "logged in with the courier; the token is shared with the shop",
    CourierLimitReached: "the courier says that its limit is reached: requests wait",
    ShipmentIntended: "order {event.order_id}: intent {event.reference} is on disk, now the request may leave",
    ShipmentCreated: "order {event.order_id}: the courier has it as {event.courier_id}",
    ShipmentRecorded: "order {event.order_id}: the shop's row for {event.courier_id} is written",
    ShipmentUnclear: "order {event.order_id}: UNCLEAR, {event.reason}; not sent again blindly, looked for instead",
    ShipmentReconciled: "order {event.order_id}: FOUND AGAIN in the courier's list as {event.courier_id}",
    ShipmentWithdrawn: "order {event.order_id}: the courier did not take it, {event.reason}",
    ShipmentHeld: "order {event.order_id}: HELD for a person, {event.reason}",
    JobSnoozed: "{event.task} (job {event.job_id}): waits, {event.reason}",
    JobAttemptFailed: "{event.task} (job {event.job_id}): attempt {event.attempt} failed, {event.error}",
    JobFailed: "{event.task} (job {event.job_id}): FAILED, {event.error}",
}
"""Each shipment has lines of its own, so its job needs none."""
COUNTS = ("looked_at", "changed", "created", "updated", "skipped", "failed", "enqueued")


def sentence(event: Event) -> str | None:
    """Return the line of *event*; None if a first-time reader need not see it."""
    if isinstance(event, JobCompleted):
        if event.task == CREATE_SHIPMENT.name:
            return None
        return f"{event.task}: done in {event.duration_ms} ms{_counts(event.result)}"
    words = WORDS.get(type(event))
    return words and words.format(event=event)


def _counts(result: Any) -> str:
    if not isinstance(result, Mapping):
        return ""
    told = (f"{name.replace('_', ' ')} {result[name]}" for name in COUNTS if name in result)
    return f": {', '.join(told)}"


class Teller:
    """Writes a line for each event worth one, with the seconds since the start."""

    def __init__(self, write: Callable[[str], None], clock: Clock) -> None:
        self.write, self.clock = write, clock
        self.started_s = clock.monotonic()

    def hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if line := sentence(event):
                self.say(line)

    def say(self, line: str) -> None:
        """Write *line* behind the time."""
        self.write(f"{self.clock.monotonic() - self.started_s:6.1f}s  {line}")
