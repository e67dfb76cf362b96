"""Free rows of the `jobs` table, read and sorted: into jobs, into the shop's failed jobs, or left where they are."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from anyio.lowlevel import checkpoint

from paranad.bridge.apart import PhpRule, RowsApart
from paranad.bridge.failed import Original, move, uuid_of
from paranad.bridge.payload import Decoded, Meaning, Undecodable, Unknown, decode, decode_head
from paranad.bridge.reserve import JobsRow, JobsTable, ReadyRow, SeenRow
from paranad.errors import RequestError
from paranad.events.event import Events
from paranad.events.shop import BridgePayloadUnknown, BridgeRowFailed
from paranad.php import SIZE_BYTES
from paranad.queue.model import Json, NewJob, Request
from paranad.said import Said, Sentence
from paranad.shop.errors import ShopBadRow, ShopError, ShopUnexpectedSchema

SLICE = 100
"""How many rows are decoded before the loop may go on."""
QUEUE_CHARACTERS = 64
"""So much of a queue's name is shown."""
NAMED = 1000
"""So many classes are remembered as told."""
AGAIN_S = 600.0
"""After how long a row that the database refused to change is tried again: rights and columns get mended."""

OTHER_QUEUE = Sentence(
    "bridge.other_queue",
    "{reason}; its queue {queue} is none of [queue] queues, and only for these a worker is asked for",
)
NOT_FOR_PHP = Sentence(
    "bridge.not_for_php", "{reason}; it is not set apart, since Laravel's worker would delete it and keep it nowhere"
)
TOO_LONG = Sentence("bridge.payload_too_long", "its payload is longer than {bytes} bytes")
NOT_SET_APART = Sentence("bridge.not_set_apart", "it cannot be set apart for PHP: {error}")
NOT_MOVED = Sentence("bridge.not_moved", "{reason}; and failed_jobs cannot take it: {error}")


ForPhp: TypeAlias = tuple[SeenRow, Unknown]
"""A row that is to be set apart, with its class and why."""


class NewJobOf(Protocol):
    """Check a task's arguments and return the queue's form of the job, for the named queue or the task's own."""

    def __call__(
        self, task: str, args: Mapping[str, Json], /, *, queue: str | None, source: str, original: str
    ) -> NewJob:
        """Raise RequestError if the task does not take these arguments."""
        ...


class Intake:
    """Reads free rows and sorts them: into jobs, into `failed_jobs`, or for PHP: set apart, or left as they are."""

    def __init__(
        self,
        table: JobsTable,
        php: RowsApart,
        events: Events,
        *,
        rule: PhpRule,
        queues: Sequence[str],
        new_job: NewJobOf,
    ) -> None:
        self.left: dict[int, str | None] = {}
        """Rows that are left where they are, by id, and their class if it is known: they need not be read again."""
        self._table, self._php, self._shop, self._events = table, php, table.shop, events
        self._rule = rule
        self._queues = frozenset(queues)
        self._new_job = new_job
        self._named: set[str] = set()
        self._refused: dict[int, float] = {}
        """When each row that the database refused to change was tried last, on the monotonic clock."""

    async def sort(self, free: Sequence[SeenRow]) -> tuple[Sequence[ReadyRow], Sequence[SeenRow]]:
        """Read the first of *free*, as many as may be read at once; return those with a job, and the rows not read yet.

        Rows that are for PHP, and those moved to `failed_jobs`, are in neither.

        Raises:
            ShopError: rows could not be read, or not be moved.
        """
        rows = await self._table.read(free)
        ready, apart = list[ReadyRow](), list[ForPhp]()
        for at in range(0, len(rows), SLICE):
            for row in rows[at : at + SLICE]:
                await self._sort(row, self._meaning(row), ready, apart)
            await checkpoint()
        if apart:
            await self._set_apart(apart)
        return ready, [each for each in free if rows and each.id > rows[-1].id]

    def leave(self, seen: Iterable[SeenRow], reason: Said) -> None:
        """Leave rows where they are for *reason*, telling of each once."""
        for each in seen:
            if each.id not in self.left:
                self._leave(each.id, Unknown(None, reason))

    def use(self, rule: PhpRule) -> bool:
        """Sort by *rule* from now on, also the rows that were left by another; tell whether there was another."""
        other, self._rule = rule != self._rule, rule
        if other:
            self.left, self._named, self._refused = {}, set(), {}
        return other

    def forget_left(self, still_there: Container[int]) -> None:
        """Forget the rows that are left and gone from the table, and those that are to be tried again."""
        self._refused = {row_id: at_s for row_id, at_s in self._refused.items() if row_id in still_there}
        long_ago_s = self._shop.clock.monotonic() - AGAIN_S
        again = {row_id for row_id, at_s in self._refused.items() if at_s <= long_ago_s}
        self.left = {
            row_id: name for row_id, name in self.left.items() if row_id in still_there and row_id not in again
        }

    def _meaning(self, row: JobsRow) -> Meaning:
        if row.payload is None:
            return decode_head(row.head, TOO_LONG(bytes=SIZE_BYTES), is_json=row.is_json)
        return decode(row.payload, zone=self._shop.zone, past=row.past)

    async def _sort(self, row: JobsRow, meaning: Meaning, ready: list[ReadyRow], apart: list[ForPhp]) -> None:
        if php := self._rule.claims(meaning):
            self._sort_for_php(row, php, apart)
            return
        match meaning:
            case Decoded(uuid, request):
                try:
                    ready.append(ReadyRow(row, self._job(row, uuid, request)))
                except RequestError as error:
                    await self._fail(row, Undecodable(uuid, request.task, error.said))
            case Undecodable():
                await self._fail(row, meaning)

    def _sort_for_php(self, row: JobsRow, php: Unknown, apart: list[ForPhp]) -> None:
        # What PHP cannot begin with it deletes, and keeps in no `failed_jobs`: it stays.
        if not self._rule.on_demand:
            self._leave(row.id, php)
        elif php.name is None or not php.for_php:
            self._leave(row.id, Unknown(php.name, NOT_FOR_PHP(reason=php.reason)))
        elif row.queue in self._queues:
            apart.append((row.seen, php))
        else:
            self._leave(row.id, Unknown(php.name, OTHER_QUEUE(reason=php.reason, queue=row.queue[:QUEUE_CHARACTERS])))

    async def _set_apart(self, rows: Sequence[ForPhp]) -> None:
        try:
            await self._php.set_apart([seen for seen, _ in rows])
        except ShopBadRow as error:
            # One bad row fails the whole statement: by halves, only the bad row is left out.
            if len(rows) == 1:
                self._refuse(*rows[0], error)
                return
            half = len(rows) // 2
            for some in (rows[:half], rows[half:]):
                await self._set_apart(some)
        except ShopUnexpectedSchema as error:
            for seen, php in rows:
                self._refuse(seen, php, error)

    def _refuse(self, seen: SeenRow, php: Unknown, error: ShopError) -> None:
        self._leave(seen.id, Unknown(php.name, NOT_SET_APART(error=error.said)), refused=True)

    def _job(self, row: JobsRow, uuid: str | None, request: Request) -> NewJob:
        # Laravel writes "default" if nobody chose a queue: then the task's own queue is meant.
        queue = row.queue if row.queue in self._queues and row.queue != "default" else None
        original = Original(uuid_of(row, uuid), row.queue, (row.payload or b"").decode())
        source = f"laravel:{row.id}:{original.uuid}"
        return self._new_job(request.task, request.args, queue=queue, source=source, original=original.as_text())

    async def _fail(self, row: JobsRow, undecodable: Undecodable) -> None:
        try:
            uuid = await move(self._shop, row, undecodable)
        except (ShopBadRow, ShopUnexpectedSchema) as error:
            self._leave(row.id, Unknown(None, NOT_MOVED(reason=undecodable.reason, error=error.said)), refused=True)
            return
        if uuid is not None:
            self._events.tell(
                BridgeRowFailed(row_id=row.id, payload_class=undecodable.name, uuid=uuid, error=undecodable.reason.text)
            )

    def _leave(self, row_id: int, unknown: Unknown, *, refused: bool = False) -> None:
        """Leave a row; one that the database *refused* to change, for a while."""
        again, self.left[row_id] = row_id in self._refused, unknown.name
        if refused:
            self._refused[row_id] = self._shop.clock.monotonic()
        # Told once for each class, or for each row if the class cannot be read.
        if again or unknown.name in self._named:
            return
        if unknown.name is not None and len(self._named) < NAMED:
            self._named.add(unknown.name)
        self._events.tell(BridgePayloadUnknown(row_id=row_id, payload_class=unknown.name, reason=unknown.reason.text))
