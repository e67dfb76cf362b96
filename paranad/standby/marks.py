"""The marks of orders: which machine has sent a create-order request for an order, or is about to.

A mark is committed before the lease is read, and the lease is taken before the marks of others are read: of a machine
that marks an order and one that takes over meanwhile, one at least sees the other.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Executable, delete, insert, select, update

from paranad.errors import NotHolding
from paranad.record import record
from paranad.said import Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.standby.decide import NUMBERS, Numbers
from paranad.standby.table import LEASE, ORDER, lease

PIECE: Final = 500
"""How many orders are asked for at once."""
NOT_HELD: Final = Sentence(
    "standby.not_held", "{machine} holds the lease on the shop's work now, so this machine sends no order"
)
GIVEN_UP: Final = Sentence(
    "standby.given_up_here", "this machine has given up the lease on the shop's work, so it sends no order"
)
MARKED_LATER: Final = Sentence(
    "standby.marked_later", "another machine has marked order {order} in a later term, so this machine does not send it"
)


class Holder(Protocol):
    """Who marks."""

    @property
    def holder(self) -> str:
        """This daemon's identity."""
        ...

    @property
    def machine(self) -> str:
        """What this machine is called."""
        ...

    @property
    def version(self) -> str:
        """The program's."""
        ...

    @property
    def term(self) -> int:
        """The term in which this daemon holds the lease; 0: it does not."""
        ...


@record
class Mark:
    """A mark as it stands in the table."""

    holder: str
    machine: str
    term: int
    reference: str
    """What the request carries; empty: not known."""
    number: int
    """Which request of the order it was in the journal of its machine; a journal without it is older than the mark."""


class Marks:
    """The statements; each commits itself, and each has the time limit of one on the lease."""

    def __init__(self, shop: Shop, who: Holder, *, numbers: Numbers = NUMBERS) -> None:
        self._statements = shop.single_statements()
        self.who, self._within_s = who, numbers.answer_s

    async def begin(self, order_id: int, reference: str, number: int) -> None:
        """Mark the order: its request *number* is about to leave. A mark of a later term stays.

        Raises:
            NotHolding: this machine does not hold the lease; the mark may stand.
            ShopError: nobody knows whether the mark stands.
        """
        term = self.who.term
        mark = self._mark(term, reference, number)
        # Only over a mark of an earlier term: a machine that stood still must not wipe out its successor's.
        earlier = (lease.c.name == f"{ORDER}{order_id}", lease.c.term <= term)
        if not term:
            raise NotHolding(GIVEN_UP())
        if not await self._run(update(lease).where(*earlier).values(**mark)):
            try:
                await self._insert(order_id, mark)
            except ShopBadRow:
                raise NotHolding(MARKED_LATER(order=order_id)) from None
        # After the mark is committed: whoever takes over later than this finds it.
        await self._see_holding(term)

    async def add(self, requests: Mapping[int, tuple[str, int]]) -> None:
        """Mark orders that no machine has marked, each with the reference and the number of its request.

        Raises:
            ShopError: nobody knows which marks stand.
        """
        for order_id, (reference, number) in requests.items():
            with suppress(ShopBadRow):  # there is one already
                await self._insert(order_id, self._mark(self.who.term, reference, number))

    async def of(self, order_ids: Sequence[int]) -> Mapping[int, Mark]:
        """Return the marks of these orders.

        Raises:
            ShopError: they cannot be read.
        """
        found: dict[int, Mark] = {}
        for start in range(0, len(order_ids), PIECE):
            names = [f"{ORDER}{each}" for each in order_ids[start : start + PIECE]]
            found |= await self._found(lease.c.name.in_(names))
        return found

    async def all(self) -> Mapping[int, Mark]:
        """Return every mark.

        Raises:
            ShopError: they cannot be read.
        """
        return await self._found(lease.c.name.like(f"{ORDER}%"))

    async def _found(self, which: ColumnElement[bool]) -> dict[int, Mark]:
        rows = (await self._statements.run(select(lease).where(which), within_s=self._within_s)).rows
        return {
            _order_of(row.name): Mark(row.holder, row.machine, row.term, row.reference or "", row.expires_at)
            for row in rows
        }

    async def end(self, order_id: int, *, of_all: bool = False) -> None:
        """Take this daemon's mark of the order away; *of_all*: whoever's it is.

        Raises:
            ShopError: nobody knows whether it still stands.
        """
        these = [lease.c.name == f"{ORDER}{order_id}"]
        if not of_all:
            these.append(lease.c.holder == self.who.holder)
        await self._run(delete(lease).where(*these))

    async def close(self) -> None:
        """Close the connection."""
        await self._statements.close()

    def _mark(self, term: int, reference: str, number: int) -> Mapping[str, Any]:
        who = self.who
        made = {"holder": who.holder, "machine": who.machine, "term": term, "version": who.version}
        # A mark does not expire: its number stands where a lease's end does.
        return {**made, "reference": reference, "expires_at": number, "since": self._statements.now_ms}

    async def _insert(self, order_id: int, mark: Mapping[str, Any]) -> None:
        await self._run(insert(lease).values(name=f"{ORDER}{order_id}", **mark))

    async def _run(self, change: Executable) -> int:
        return (await self._statements.run(change, within_s=self._within_s)).changed

    async def _see_holding(self, term: int) -> None:
        wanted = select(lease.c.holder, lease.c.machine, lease.c.term, lease.c.expires_at).where(lease.c.name == LEASE)
        row = next(iter((await self._statements.run(wanted, within_s=self._within_s)).rows), None)
        if row is None or (row.holder == self.who.holder and not row.expires_at):
            raise NotHolding(GIVEN_UP())
        if (row.holder, row.term) != (self.who.holder, term):
            raise NotHolding(NOT_HELD(machine=row.machine))


def _order_of(name: str) -> int:
    return int(name.removeprefix(ORDER))
