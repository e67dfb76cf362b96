"""What the shipments ask before an order leaves: the lease, the marks, and the shop's row of the job."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from paranad.clock import from_us
from paranad.errors import NotHolding
from paranad.record import record
from paranad.said import Sentence
from paranad.standby.decide import NUMBERS, Numbers
from paranad.standby.marks import Marks
from paranad.standby.memory import TAKEN_OVER
from paranad.standby.service import Standby
from paranad.store.file import Values

ROW_LOST: Final = Sentence("standby.row_lost", "another has the shop's row of this job, so nothing is sent for it here")


class Kept(Protocol):
    """The rows of `jobs` that are kept."""

    async def tried(self, job_id: int) -> bool:
        """Reserve the job's row anew and mark it as tried; False: it is another's."""
        ...

    async def holds(self, job_id: int) -> bool:
        """Reserve the job's row anew; False: it is another's."""
        ...

    def has_row(self, job_id: int) -> bool:
        """Tell whether the job has a row."""
        ...


@record
class KeptRow:
    """The shop's row of a sender's job."""

    kept: Callable[[], Kept]
    job_of: Callable[[str], int | None]
    """Which job a name of a sender stands for; None: no job."""

    async def hold(self, owner: str, *, tried: bool) -> None:
        """Reserve the row anew, and mark it as *tried*.

        Raises:
            NotHolding: the row is another's.
            ShopError: the shop cannot be asked.
        """
        job_id = self.job_of(owner)
        if job_id is None:
            return
        hold = self.kept().tried if tried else self.kept().holds
        if not await hold(job_id):
            raise NotHolding(ROW_LOST())

    def is_there(self, owner: str) -> bool:
        """Tell whether there is one."""
        job_id = self.job_of(owner)
        return job_id is not None and self.kept().has_row(job_id)


class RowFence:
    """Where no other daemon may take over: the row's own mark, for the shop's PHP and for a daemon on a new disk."""

    shared = False

    def __init__(self, row: KeptRow) -> None:
        self._row = row

    def may_leave(self) -> bool:
        """Tell that a request may leave: there is no lease."""
        return True

    async def before_request(self, order_id: int, reference: str, owner: str) -> None:  # noqa: ARG002 - no mark
        """Mark the row as tried.

        Raises:
            NotHolding: the row is another's.
        """
        await self._row.hold(owner, tried=True)

    async def marks_of_others(self, order_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:  # noqa: ARG002
        """Return nothing: no other daemon marks orders."""
        return {}

    async def own_marks(self) -> Sequence[int]:
        """Return nothing: no order is marked."""
        return ()

    async def mark(self, references: Mapping[int, str]) -> None:
        """Mark nothing."""

    async def unmark(self, order_id: int, *, of_all: bool = False) -> None:
        """Take nothing away."""

    async def taken_over(self) -> tuple[str, datetime] | None:
        """Return None: nothing was taken over."""
        return None

    def has_row(self, owner: str) -> bool:
        """Tell whether the shop keeps a row of the job."""
        return self._row.is_there(owner)

    async def close(self) -> None:
        """Close nothing."""


class LeaseFence(RowFence):
    """Where another machine may take over: the lease, and a mark of each order before its request."""

    shared = True

    def __init__(
        self,
        standby: Standby,
        marks: Marks,
        values: Values,
        row: KeptRow,
        *,
        request: timedelta,
        numbers: Numbers = NUMBERS,
    ) -> None:
        """*request* is how long a create-order request may take."""
        super().__init__(row)
        self._standby, self._marks, self._values = standby, marks, values
        self._needed_s = request.total_seconds() + numbers.margin_s

    def may_leave(self) -> bool:
        """Tell whether the lease holds for as long as a request takes, and some seconds more."""
        return self._standby.left_s() >= self._needed_s

    async def before_request(self, order_id: int, reference: str, owner: str) -> None:
        """Mark the order, and see that the row is still ours.

        Raises:
            NotHolding: the lease or the row is another's.
            ShopError: the shop cannot be asked.
        """
        await self._marks.begin(order_id, reference)
        try:
            # Not marked as tried: the order's own mark goes once it is known that nothing has left. A row's would stay.
            await self._row.hold(owner, tried=False)
        except NotHolding:
            await self._marks.end(order_id)
            raise

    async def marks_of_others(self, order_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """Return the marks that other daemons have left of these orders."""
        found = await self._marks.of_others(order_ids)
        return {order_id: (f"{each.machine}:{each.term}", each.reference) for order_id, each in found.items()}

    async def own_marks(self) -> Sequence[int]:
        """Return the orders that this daemon has marked."""
        return await self._marks.own()

    async def mark(self, references: Mapping[int, str]) -> None:
        """Mark orders that no daemon has marked."""
        await self._marks.add(references)

    async def unmark(self, order_id: int, *, of_all: bool = False) -> None:
        """Take a mark away."""
        await self._marks.end(order_id, of_all=of_all)

    async def taken_over(self) -> tuple[str, datetime] | None:
        """Return from which machine, and in which term, this one last took over, and when; kept over restarts."""
        kept = await self._values.get(TAKEN_OVER)
        return (f"{kept['machine']}:{kept['term']}", from_us(kept["at_us"])) if isinstance(kept, dict) else None

    async def close(self) -> None:
        """Close the marks' connection."""
        await self._marks.close()
