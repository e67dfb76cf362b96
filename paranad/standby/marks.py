"""The marks of orders: which machine has sent a create-order request for an order, or is about to.

A mark is committed before the lease is read, and the lease is taken before the marks of others are read: of a machine
that marks an order and one that takes over meanwhile, one at least sees the other.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from sqlalchemy import Executable, delete, insert, select, update

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


class Marks:
    """The statements; each commits itself, and each has the time limit of one on the lease."""

    def __init__(self, shop: Shop, who: Holder, *, numbers: Numbers = NUMBERS) -> None:
        self._statements = shop.single_statements()
        self._who, self._within_s = who, numbers.answer_s

    async def begin(self, order_id: int, reference: str) -> None:
        """Mark the order: a request for it is about to leave. A mark of a later term stays.

        Raises:
            NotHolding: this machine does not hold the lease; the mark may stand.
            ShopError: nobody knows whether the mark stands.
        """
        term = self._who.term
        mark = self._mark(term, reference)
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

    async def add(self, references: Mapping[int, str]) -> None:
        """Mark orders, each with its reference, that no machine has marked.

        Raises:
            ShopError: nobody knows which marks stand.
        """
        for order_id, reference in references.items():
            with suppress(ShopBadRow):  # there is one already
                await self._insert(order_id, self._mark(self._who.term, reference))

    async def of_others(self, order_ids: Sequence[int]) -> Mapping[int, Mark]:
        """Return by order the marks among these that are not this daemon's.

        Raises:
            ShopError: they cannot be read.
        """
        found: dict[int, Mark] = {}
        for start in range(0, len(order_ids), PIECE):
            names = [f"{ORDER}{each}" for each in order_ids[start : start + PIECE]]
            wanted = select(lease).where(lease.c.name.in_(names), lease.c.holder != self._who.holder)
            for row in (await self._statements.run(wanted, within_s=self._within_s)).rows:
                found[_order_of(row.name)] = Mark(row.holder, row.machine, row.term, row.reference or "")
        return found

    async def of_another(self, order_id: int) -> Mark | None:
        """Return the order's mark if it is not this daemon's; None: there is none."""
        return (await self.of_others([order_id])).get(order_id)

    async def own(self) -> Sequence[int]:
        """Return the orders that this daemon has marked.

        Raises:
            ShopError: they cannot be read.
        """
        wanted = select(lease.c.name).where(lease.c.name.like(f"{ORDER}%"), lease.c.holder == self._who.holder)
        rows = (await self._statements.run(wanted, within_s=self._within_s)).rows
        return sorted(_order_of(row.name) for row in rows)

    async def end(self, order_id: int, *, of_all: bool = False) -> None:
        """Take this daemon's mark of the order away; *of_all*: whoever's it is.

        Raises:
            ShopError: nobody knows whether it still stands.
        """
        these = [lease.c.name == f"{ORDER}{order_id}"]
        if not of_all:
            these.append(lease.c.holder == self._who.holder)
        await self._run(delete(lease).where(*these))

    async def close(self) -> None:
        """Close the connection."""
        await self._statements.close()

    def _mark(self, term: int, reference: str) -> Mapping[str, Any]:
        who = self._who
        made = {"holder": who.holder, "machine": who.machine, "term": term, "version": who.version}
        return {**made, "reference": reference, "expires_at": 0, "since": self._statements.now_ms}

    async def _insert(self, order_id: int, mark: Mapping[str, Any]) -> None:
        await self._run(insert(lease).values(name=f"{ORDER}{order_id}", **mark))

    async def _run(self, change: Executable) -> int:
        return (await self._statements.run(change, within_s=self._within_s)).changed

    async def _see_holding(self, term: int) -> None:
        wanted = select(lease.c.holder, lease.c.machine, lease.c.term, lease.c.expires_at).where(lease.c.name == LEASE)
        row = next(iter((await self._statements.run(wanted, within_s=self._within_s)).rows), None)
        if row is None or (row.holder == self._who.holder and not row.expires_at):
            raise NotHolding(GIVEN_UP())
        if (row.holder, row.term) != (self._who.holder, term):
            raise NotHolding(NOT_HELD(machine=row.machine))


def _order_of(name: str) -> int:
    return int(name.removeprefix(ORDER))
