"""An order that another machine may have sent: it is looked for first; and one that may not leave any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from paranad.clock import to_us
from paranad.courier.errors import OrderLate
from paranad.errors import NotHolding
from paranad.events.event import Event
from paranad.said import plain
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import Finished, HeldBack, Sender, ShipmentState, Waiting
from paranad.shipments.tools import Marks
from paranad.store.backup import COPIED_AT
from tests.support.shipping import SETTLE_TIME, Shipping, names
from tests.support.shop import make_shipment


class SetFence:
    """The lease and the marks, as a test sets them."""

    def __init__(self) -> None:
        self.allowed: list[bool] = []
        """What is answered to each question whether a request may leave; then yes."""
        self.marked: dict[int, tuple[str, int]] = {}
        self.tried: set[str] = set()
        self.elsewhere: dict[int, tuple[str, str]] = {}
        self.taken: tuple[str, datetime] | None = None
        self.refuses = False
        self.is_alone = False

    async def has_marks(self) -> bool:
        return True

    def may_leave(self) -> bool:
        return self.allowed.pop(0) if self.allowed else True

    async def before_request(self, order_id: int, reference: str, number: int, owner: str) -> None:
        if self.refuses:
            raise NotHolding(plain("web-2 works"))
        self.marked[order_id] = (reference, number)
        self.tried.add(owner)

    async def not_sent(self, owner: str) -> None:
        self.tried.discard(owner)

    async def marks(self, order_ids: Sequence[int]) -> Marks:
        marks = await self.all_marks()
        return {each: marks[each] for each in order_ids if each in marks}

    async def all_marks(self) -> Marks:
        own = {each: (None, 5, reference, number) for each, (reference, number) in self.marked.items()}
        elsewhere = {each: (machine, 4, reference, 1) for each, (machine, reference) in self.elsewhere.items()}
        return {**own, **elsewhere}

    async def mark(self, requests: Mapping[int, tuple[str, int]]) -> None:
        self.marked |= requests

    async def unmark(self, order_id: int, *, of_all: bool = False) -> None:
        self.marked.pop(order_id, None)
        if of_all:
            self.elsewhere.pop(order_id, None)

    async def taken_over(self) -> tuple[str, datetime] | None:
        return self.taken

    def has_row(self, owner: str) -> bool:
        return owner == "job:1"

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def fence(shipping: Shipping) -> SetFence:
    shipping.fence = fence = SetFence()
    shipping.start()
    return fence


async def test_order_that_another_machine_sent_is_found_by_its_reference_and_not_sent_again(
    shipping: Shipping, fence: SetFence, told: list[Event]
) -> None:
    order_id = await shipping.order()
    fence.elsewhere[order_id] = ("web-1", f"P{order_id}-ABCD")
    sent = {"client_mobile": "+9647701234567", "price": "31000.00", "city_id": "1", "region_id": "15"}
    courier_id = shipping.sandbox.books.add_order({**sent, "merchant_notes": f"P{order_id}-ABCD ring twice"}).id
    first = await shipping.run(order_id)
    assert isinstance(first, Waiting)
    assert "web-1 may have sent it before this machine took over" in first.reason.text
    shipment = await shipping.shipments.journal.get(order_id)
    assert ((), reasons.TAKEN_OVER.code) == (shipment.attempts, shipment.suspicions[0].code)
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, Finished)
    assert (courier_id, 0) == (ending.shipment.courier_id, shipping.sandbox.count("create-order"))
    assert {} == fence.elsewhere
    assert ["shipment.unclear", "shipment.reconciled", "shipment.recorded"] == names(told)


async def test_order_that_another_machine_did_not_send_is_sent_with_its_reference(
    shipping: Shipping, fence: SetFence
) -> None:
    order_id = await shipping.order()
    fence.elsewhere[order_id] = ("web-1", f"P{order_id}-ABCD")
    ending = await shipping.run_to_end(order_id, witness=True)
    assert isinstance(ending, Finished)
    assert (f"P{order_id}-ABCD", 1) == (ending.shipment.reference, len(ending.shipment.attempts))
    assert {} == fence.marked


async def test_order_without_a_mark_is_looked_for_where_its_job_has_no_row(shipping: Shipping, fence: SetFence) -> None:
    """The other machine may have shipped it, and the shop's row of it was taken out since."""
    order_id, other_id = await shipping.order(), await shipping.order(customer_phone="07709999998")
    sent = {"client_mobile": "+9647701234567", "price": "25000.00", "city_id": "1", "region_id": "15"}
    courier_id = shipping.sandbox.books.add_order({**sent, "merchant_notes": f"P{order_id}-WXYZ"}).id
    fence.taken = ("web-1:4", shipping.clock.now() + timedelta(seconds=1))
    by_hand = Sender("job:2", lambda: shipping.shield)
    assert isinstance(await shipping.shipments.create(order_id, by_hand), Waiting)
    assert isinstance(await shipping.run(other_id), Finished)
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id


async def test_machine_that_works_alone_again_sends_an_old_order_that_has_no_mark(
    shipping: Shipping, fence: SetFence
) -> None:
    """It keeps no rows, so that none says nothing; what the other machine sent is marked."""
    order_id = await shipping.order()
    fence.taken, fence.is_alone = ("web-1:4", shipping.clock.now() + timedelta(seconds=1)), True
    by_hand = Sender("job:2", lambda: shipping.shield)
    assert isinstance(await shipping.shipments.create(order_id, by_hand), Finished)


@pytest.mark.parametrize("asked_before", [0, 1])
async def test_no_request_leaves_with_too_little_left_of_the_lease(
    shipping: Shipping, fence: SetFence, asked_before: int
) -> None:
    """Asked before the order is marked, and once more as the last thing before the request leaves."""
    order_id = await shipping.order()
    fence.allowed = [True] * asked_before + [False]
    with pytest.raises(OrderLate, match="the lease on the shop's work is about to end"):
        await shipping.run(order_id)
    shipment = await shipping.shipments.journal.find(order_id)
    assert 0 == shipping.sandbox.count("create-order")
    assert shipment is None or (shipment.state, shipment.attempts) == (ShipmentState.WITHDRAWN, ())
    assert {} == fence.marked
    assert isinstance(await shipping.run_to_end(order_id), Finished)


async def test_request_that_a_renewed_login_would_repeat_is_not_repeated_late(
    shipping: Shipping, fence: SetFence
) -> None:
    order_id = await shipping.order()
    fence.allowed = [True, True, False]
    shipping.sandbox.next("create-order", Answer.NO_ACCESS)
    with pytest.raises(OrderLate):
        await shipping.run(order_id)
    assert 1 == shipping.sandbox.count("create-order")
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.WITHDRAWN, 1) == (shipment.state, len(shipment.attempts))


async def test_nothing_is_intended_where_another_machine_works(shipping: Shipping, fence: SetFence) -> None:
    order_id = await shipping.order()
    fence.refuses = True
    with pytest.raises(NotHolding):
        await shipping.run(order_id)
    assert await shipping.shipments.journal.find(order_id) is None
    assert 0 == shipping.sandbox.count("create-order")


async def test_marks_say_what_the_journal_says_once_this_machine_works(shipping: Shipping, fence: SetFence) -> None:
    unclear = await shipping.send(Answer.CUT)
    refused = await shipping.send(Answer.REFUSED, customer_phone="07709999996")
    assert {unclear} == fence.marked.keys(), "a refusal leaves no mark"
    fence.marked = {refused: ("P-ABCD", 1)}
    await shipping.shipments.tidy_marks()
    reference = (await shipping.shipments.journal.get(unclear)).reference
    assert {unclear: (reference, 1)} == fence.marked
    assert [] == shipping.enqueued
    fence.taken = ("web-1:4", shipping.clock.now() + timedelta(seconds=1))
    fence.elsewhere[777] = ("web-1", "P777-ABCD")
    await shipping.shipments.tidy_marks()
    assert sorted([unclear, 777]) == sorted(shipping.enqueued)


async def test_mark_that_this_journal_does_not_know_is_looked_for_like_another_machine_s(
    shipping: Shipping, fence: SetFence
) -> None:
    """The disk was put back as it was before the request, or a power cut took the last moments."""
    order_id = await shipping.order()
    fence.marked = {order_id: (f"P{order_id}-ABCD", 1)}
    sent = {"client_mobile": "+9647701234567", "price": "25000.00", "city_id": "1", "region_id": "15"}
    courier_id = shipping.sandbox.books.add_order({**sent, "merchant_notes": f"P{order_id}-ABCD"}).id
    await shipping.shipments.tidy_marks()
    assert ([order_id], [order_id]) == (shipping.enqueued, list(fence.marked))
    first = await shipping.run(order_id)
    assert isinstance(first, Waiting)
    assert "this machine has marked it as sent, and its shipment journal" in first.reason.text
    assert {order_id} == fence.marked.keys(), "it is not known yet what became of it"
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, Finished)
    assert (courier_id, 0, {}) == (ending.shipment.courier_id, shipping.sandbox.count("create-order"), fence.marked)


async def test_row_is_tried_only_as_long_as_its_order_may_have_left(shipping: Shipping, fence: SetFence) -> None:
    await shipping.send(Answer.REFUSED)
    assert set() == fence.tried
    await shipping.send(Answer.CUT, customer_phone="07709999996")
    assert {"job:1"} == fence.tried


async def test_list_that_lacks_what_another_machine_has_shipped_proves_nothing(
    shipping: Shipping, fence: SetFence
) -> None:
    """This journal knows nothing of that parcel; the shop does."""
    shipped_id, order_id = await shipping.order(customer_phone="07709999997"), await shipping.order()
    await make_shipment(shipping.shop, order_id=shipped_id, alwaseet_order_id="1234567", qr_id="1234568")
    fence.elsewhere[order_id] = ("web-1", f"P{order_id}-ABCD")
    await shipping.run(order_id)
    await shipping.clock.advance(SETTLE_TIME / 3)
    await shipping.another_ships()
    ending = await shipping.run(order_id)
    assert isinstance(ending, Waiting)
    assert "lacks parcels that the courier has acknowledged (1234567)" in ending.reason.text


async def test_restored_journal_is_matched_by_itself_where_this_machine_took_over(
    shipping: Shipping, fence: SetFence
) -> None:
    """Nobody may be there to reconcile it; without a takeover a person says when."""
    order_id = await shipping.order()
    await shipping.store.values.put(COPIED_AT, to_us(shipping.clock.now()))
    assert isinstance(await shipping.run(order_id), HeldBack)
    fence.taken = ("web-1:4", shipping.clock.now() + timedelta(seconds=1))
    assert isinstance(await shipping.run(order_id), Waiting), "looked for, as what the lost daemon may have sent"
    assert await shipping.shipments.restored_from() is None
