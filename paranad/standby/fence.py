"""What the shipments ask before an order leaves: the lease, the marks, and the shop's row of the job."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from paranad.clock import from_us
from paranad.errors import NotHolding
from paranad.record import record
from paranad.said import Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnexpectedSchema
from paranad.standby.decide import Numbers
from paranad.standby.marks import Mark, Marks
from paranad.standby.memory import KEY, TAKEN_OVER
from paranad.standby.service import Standby
from paranad.store.file import Values

ROW_LOST: Final = Sentence("standby.row_lost", "another has the shop's row of this job, so nothing is sent for it here")

Found = Mapping[int, tuple[str | None, int, str, int]]
"""Marks by order: the machine, None for this one, its term, the reference, and the number of the request."""


class Kept(Protocol):
    """The rows of `jobs` that are kept."""

    async def tried(self, job_id: int) -> bool:
        """Reserve the job's row anew and mark it as tried; False: it is another's."""
        ...

    async def untried(self, job_id: int) -> None:
        """Take back that the job's row is tried."""
        ...

    def has_row(self, job_id: int) -> bool:
        """Tell whether the job has a row."""
        ...


@record
class RowOfJob:
    """The shop's row of a sender's job."""

    kept: Callable[[], Kept]
    job_of: Callable[[str], int | None]
    """Which job a name of a sender stands for; None: no job."""

    async def mark_tried(self, owner: str) -> None:
        """Reserve the row anew, and mark it as tried.

        Raises:
            NotHolding: the row is another's.
            ShopError: the shop cannot be asked.
        """
        job_id = self.job_of(owner)
        if job_id is not None and not await self.kept().tried(job_id):
            raise NotHolding(ROW_LOST())

    async def unmark_tried(self, owner: str) -> None:
        """Take back that it is tried."""
        job_id = self.job_of(owner)
        if job_id is not None:
            await self.kept().untried(job_id)

    def is_there(self, owner: str) -> bool:
        """Tell whether there is one."""
        job_id = self.job_of(owner)
        return job_id is not None and self.kept().has_row(job_id)


@record
class Former:
    """A daemon that stood by once, and works alone now."""

    holder: str
    machine: str = ""
    version: str = ""
    term: int = 0


class LoneFence:
    """Where no other machine may take over: the mark of the shop's row, for PHP and for a daemon on a new disk.

    If this daemon has ever stood by, what another machine left is still marked: with `[standby]` switched off after
    that one died, its orders are looked for all the same. Otherwise the table is not asked for.
    """

    def __init__(self, shop: Shop, values: Values, row: RowOfJob) -> None:
        self._values, self._row, self._shop = values, row, shop
        self._former: Marks | None = None
        self._is_known = False
        """Whether it is known if this daemon has ever stood by."""

    async def has_marks(self) -> bool:
        """Tell whether this daemon works beside others, or ever has."""
        return await self._there() is not None

    @property
    def is_alone(self) -> bool:
        """Whether no other machine may take over."""
        return True

    def may_leave(self) -> bool:
        """Tell that a request may leave: there is no lease."""
        return True

    async def before_request(self, order_id: int, reference: str, number: int, owner: str) -> None:  # noqa: ARG002
        """Mark the row as tried.

        Raises:
            NotHolding: the row is another's.
        """
        await self._row.mark_tried(owner)

    async def not_sent(self, owner: str) -> None:
        """Take back that the row is tried."""
        await self._row.unmark_tried(owner)

    async def marks(self, order_ids: Sequence[int]) -> Found:
        """Return the marks of these orders."""
        return await self._asked(lambda marks: marks.of(order_ids))

    async def all_marks(self) -> Found:
        """Return every mark."""
        return await self._asked(Marks.all)

    async def mark(self, requests: Mapping[int, tuple[str, int]]) -> None:
        """Mark nothing: no other machine reads it."""

    async def unmark(self, order_id: int, *, of_all: bool = False) -> None:
        """Take a mark away."""
        marks = await self._there()
        if marks and order_id in await self.marks([order_id]):
            await marks.end(order_id, of_all=of_all)

    async def taken_over(self) -> tuple[str, datetime] | None:
        """Return from which machine, and in which term, this one last took over, and when; kept over restarts."""
        kept = await self._values.get(TAKEN_OVER)
        return (f"{kept['machine']}:{kept['term']}", from_us(kept["at_us"])) if isinstance(kept, dict) else None

    def has_row(self, owner: str) -> bool:
        """Tell whether the shop keeps a row of the job."""
        return self._row.is_there(owner)

    async def close(self) -> None:
        """Close the marks' connection, if there is one."""
        if self._former:
            await self._former.close()

    async def _asked(self, ask: Callable[[Marks], Awaitable[Mapping[int, Mark]]]) -> Found:
        marks = await self._there()
        if marks is None:
            return {}
        own = marks.who.holder
        try:
            found = await ask(marks)
        except ShopUnexpectedSchema:
            if marks is not self._former:
                raise
            return {}  # whoever works alone again may drop the table
        return {
            order_id: (None if each.holder == own else each.machine, each.term, each.reference, each.number)
            for order_id, each in found.items()
        }

    async def _there(self) -> Marks | None:
        """Return the marks; None: this daemon has always been alone."""
        if not self._is_known:
            memory = await self._values.get(KEY)
            self._former = Marks(self._shop, Former(memory["holder"])) if memory else None
            self._is_known = True
        return self._former


class LeaseFence(LoneFence):
    """Where another machine may take over: the lease, and a mark of each order before its request."""

    def __init__(
        self, shop: Shop, values: Values, row: RowOfJob, standby: Standby, *, request: timedelta, numbers: Numbers
    ) -> None:
        """*request* is how long a create-order request may take."""
        super().__init__(shop, values, row)
        self._marks, self._standby = Marks(shop, standby, numbers=numbers), standby
        self._needed_s = request.total_seconds() + numbers.margin_s

    @property
    def is_alone(self) -> bool:
        """Whether no other machine may take over."""
        return False

    def may_leave(self) -> bool:
        """Tell whether the lease holds for as long as a request takes, and some seconds more."""
        return self._standby.left_s() >= self._needed_s

    async def before_request(self, order_id: int, reference: str, number: int, owner: str) -> None:
        """Mark the order, and then the row, for a machine that does not know of marks.

        Raises:
            NotHolding: the lease or the row is another's; the mark may stand.
            ShopError: the shop cannot be asked.
        """
        await self._marks.begin(order_id, reference, number)
        await self._row.mark_tried(owner)

    async def mark(self, requests: Mapping[int, tuple[str, int]]) -> None:
        """Mark orders that no daemon has marked."""
        await self._marks.add(requests)

    async def close(self) -> None:
        """Close the marks' connection."""
        await self._marks.close()

    async def _there(self) -> Marks | None:
        return self._marks
