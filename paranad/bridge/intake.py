"""Free rows of the shop's, read and sorted: into jobs, into the shop's failed jobs, or left where they are."""

from collections.abc import Callable, Container, Iterable, Sequence

from anyio.lowlevel import checkpoint

from paranad.bridge.delivery import Deliveries, Enqueue, Ready
from paranad.bridge.failed import Original, move, uuid_of
from paranad.bridge.payload import Decoded, Meaning, Undecodable, Unknown, decode, decode_head
from paranad.bridge.reserve import JobsTable, Row, Seen
from paranad.clock import Clock
from paranad.errors import RequestError
from paranad.events.event import Events
from paranad.events.shop import BridgePayloadUnknown, BridgeRowFailed
from paranad.php import SIZE_BYTES
from paranad.queue.model import NewJob, Request
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow, ShopUnexpectedSchema

SLICE = 25
"""How many rows are decoded before the loop may go on."""
NAMED = 1000
"""How many classes are remembered as told of."""

NewJobOf = Callable[[Request, str | None, str, str], NewJob]
"""Check a request and give it the queue's form: with the named queue or the task's own, its source, its original.

Raises RequestError.
"""


class Intake:
    """Takes free rows into the queue."""

    def __init__(
        self,
        shop: Shop,
        clock: Clock,
        events: Events,
        *,
        queues: Sequence[str],
        new_job: NewJobOf,
        enqueue: Enqueue,
        is_wanted: Callable[[], bool],
    ) -> None:
        """*is_wanted* tells, before each list, whether rows are to be taken still."""
        self.table = JobsTable(shop)
        self.deliveries = Deliveries(self.table, clock, events, enqueue, is_wanted)
        self.left: dict[int, str | None] = {}
        """Rows that are left where they are, by id, and their class where one is known: no need to read them again."""
        self._shop, self._events = shop, events
        self._queues = frozenset(queues)
        self._new_job = new_job
        self._named: set[str] = set()

    async def take(self, free: Sequence[Seen]) -> Sequence[Seen]:
        """Take the first of *free*, as many as may be read at once; return the others.

        They are delivered while the next are read: `deliveries.settle` waits for that.

        Raises:
            ShopError, StateError, RequestError: rows stay in the shop's table, or come again.
        """
        rows = await self.table.read(free)
        ready: list[Ready] = []
        for at in range(0, len(rows), SLICE):
            for row in rows[at : at + SLICE]:
                await self._sort(row, self._meaning(row), ready)
            await checkpoint()
        if ready:
            await self.deliveries.begin(ready)
        return [each for each in free if rows and each.id > rows[-1].id]

    def leave(self, seen: Iterable[Seen], reason: str) -> None:
        """Leave rows where they are for *reason*, telling of each once."""
        for each in seen:
            if each.id not in self.left:
                self._leave(each.id, Unknown(None, reason))

    def forget_left(self, still_there: Container[int]) -> None:
        """Forget the rows that are left and gone from the table."""
        self.left = {row_id: name for row_id, name in self.left.items() if row_id in still_there}

    def _meaning(self, row: Row) -> Meaning:
        if row.payload is None:
            return decode_head(row.head, f"its payload is longer than {SIZE_BYTES} bytes")
        return decode(row.payload, zone=self._shop.zone, past=row.past)

    async def _sort(self, row: Row, meaning: Meaning, ready: list[Ready]) -> None:
        match meaning:
            case Decoded(uuid, request):
                try:
                    ready.append(Ready(row, self._job(row, uuid, request)))
                except RequestError as error:
                    await self._fail(row, Undecodable(uuid, request.task, str(error)))
            case Undecodable():
                await self._fail(row, meaning)
            case Unknown():
                self._leave(row.id, meaning)

    def _job(self, row: Row, uuid: str | None, request: Request) -> NewJob:
        # Laravel's "default" says nothing: the task's own queue is meant then.
        queue = row.queue if row.queue in self._queues and row.queue != "default" else None
        original = Original(uuid_of(row, uuid), row.queue, (row.payload or b"").decode())
        return self._new_job(request, queue, f"laravel:{row.id}:{original.uuid}", original.as_text())

    async def _fail(self, row: Row, undecodable: Undecodable) -> None:
        try:
            uuid = await move(self._shop, row, undecodable)
        except (ShopBadRow, ShopUnexpectedSchema) as error:
            self._leave(row.id, Unknown(None, f"{undecodable.reason}; and failed_jobs cannot take it: {error}"))
            return
        if uuid is not None:
            self._events.tell(
                BridgeRowFailed(
                    row_id=row.id,
                    payload_class=undecodable.name,
                    uuid=uuid,
                    error=undecodable.reason,
                )
            )

    def _leave(self, row_id: int, unknown: Unknown) -> None:
        self.left[row_id] = unknown.name
        if unknown.name in self._named:
            return
        if unknown.name is not None and len(self._named) < NAMED:
            self._named.add(unknown.name)
        self._events.tell(BridgePayloadUnknown(row_id=row_id, payload_class=unknown.name, reason=unknown.reason))
