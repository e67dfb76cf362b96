"""queue.db restored from a copy: nothing is sent before its journal is matched, and nothing is ever sent twice."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from paranad.events.event import Event
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import Ending, Finished, HeldBack, NeedsPerson, ShipmentState, Skipped, Waiting
from paranad.shipments.search import order_of
from paranad.shipments.settle import look
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments, orders
from paranad.store.backup import copied
from paranad.store.file import FILE_NAME, open_store
from tests.support.shipping import SETTLE_TIME, Shipping, names

OLD = timedelta(hours=5)
"""How long after the copy the disk was lost: whatever was made since is newer than the copy."""


async def copy_to(shipping: Shipping, folder: Path) -> Path:
    async with copied(shipping.store, shipping.clock) as copy:
        place(copy, folder)
    return folder


def place(copy: Path, folder: Path) -> None:
    folder.mkdir()
    shutil.copy(copy, folder / FILE_NAME)


async def restore(shipping: Shipping, folder: Path, stack: AsyncExitStack) -> None:
    opened = open_store(folder, durability="normal", clock=shipping.clock, events=shipping.events)
    shipping.store = await stack.enter_async_context(opened)
    shipping.start()


@pytest.fixture
async def lose(shipping: Shipping, tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give what puts the daemon back on the copy of its queue.db that was made when the test began."""
    await shipping.teach_references()
    folder = await copy_to(shipping, tmp_path / "restored")
    async with AsyncExitStack() as stack:

        async def lose() -> None:
            await shipping.clock.advance(OLD)
            await restore(shipping, folder, stack)

        yield lose


Lose = Callable[[], Awaitable[None]]


async def forget_shop_rows(shipping: Shipping) -> None:
    """Let the shop have lost its rows too: only the courier knows."""
    async with shipping.shop.transaction() as connection:
        await connection.execute(alwaseet_order_status_history.delete())
        await connection.execute(alwaseet_shipments.delete())


async def sent_and_forgotten(shipping: Shipping, lose: Lose) -> tuple[int, str]:
    """Send an order, then lose every trace of it here; return it and the courier's id."""
    order_id = await shipping.order()
    ending = await shipping.run(order_id)
    assert isinstance(ending, Finished)
    await lose()
    await forget_shop_rows(shipping)
    return order_id, ending.shipment.courier_id or ""


async def run_matched(shipping: Shipping, order_id: int) -> Ending:
    assert (await shipping.shipments.reconcile()).matched
    return await shipping.run_to_end(order_id)


async def test_nothing_is_sent_before_the_journal_is_matched(shipping: Shipping, lose: Lose, told: list[Event]) -> None:
    order_id = await shipping.order()
    await lose()
    await shipping.shipments.tell_restored()
    ending = await shipping.run(order_id)
    assert isinstance(ending, HeldBack)
    assert shipping.clock.now() + SETTLE_TIME / 3 == ending.until
    assert ending.reason.text.endswith("paranadctl shipments reconcile")
    assert isinstance(await shipping.shipments.preview(order_id), Skipped)
    assert (1, "shipment.journal_restored") == (shipping.sandbox.count("create-order"), names(told)[-1])


async def test_order_that_was_sent_after_the_copy_is_written_into_the_journal(shipping: Shipping, lose: Lose) -> None:
    order_id, courier_id = await sent_and_forgotten(shipping, lose)
    report = await shipping.shipments.reconcile()
    shipment = await shipping.shipments.journal.get(order_id)
    assert (True, ShipmentState.RECORDED, courier_id) == (report.matched, shipment.state, shipment.courier_id)
    assert [order_id] == [row["order_id"] for row in await shipping.shop_rows(alwaseet_order_id=courier_id)]
    assert isinstance(await shipping.run(order_id), Finished)
    assert 2 == shipping.sandbox.count("create-order")


async def test_matching_is_told_once_and_lasts(shipping: Shipping, lose: Lose, told: list[Event]) -> None:
    await lose()
    assert (await shipping.shipments.reconcile()).matched is True
    assert "shipment.journal_matched" == names(told)[-1]
    shipping.start()
    assert (await shipping.shipments.reconcile()).matched is None
    assert await shipping.shipments.restored_from() is None


async def test_list_with_rows_that_cannot_be_read_matches_nothing(shipping: Shipping, lose: Lose) -> None:
    order_id, _ = await sent_and_forgotten(shipping, lose)
    shipping.sandbox.books.add_order({"client_mobile": "+9647701111111", "price": "1", "city_id": "1"}).id = ""
    assert (await shipping.shipments.reconcile()).matched is False
    assert isinstance(await shipping.run(order_id), HeldBack)
    assert await shipping.shipments.restored_from() is not None


async def test_courier_order_with_our_reference_and_another_phone_is_held(shipping: Shipping, lose: Lose) -> None:
    order_id, courier_id = await sent_and_forgotten(shipping, lose)
    shipping.sandbox.orders[courier_id].client_mobile = "+9647808888888"
    ending = await run_matched(shipping, order_id)
    assert isinstance(ending, NeedsPerson)
    assert f"another phone: {courier_id}" in ending.reason.text
    assert 2 == shipping.sandbox.count("create-order")


async def test_person_s_word_that_a_held_one_is_sent_again_counts(shipping: Shipping, lose: Lose) -> None:
    order_id, courier_id = await sent_and_forgotten(shipping, lose)
    shipping.sandbox.orders[courier_id].client_mobile = "+9647808888888"
    await run_matched(shipping, order_id)
    await shipping.shipments.resend(order_id)
    assert isinstance(await shipping.run(order_id), Finished)


async def test_order_that_the_courier_has_twice_is_held(shipping: Shipping, lose: Lose) -> None:
    order_id, courier_id = await sent_and_forgotten(shipping, lose)
    notes = (shipping.sandbox.orders[courier_id].merchant_notes or "").replace("-", "-AAAA ")[
        : len(f"P{order_id}-AAAA")
    ]
    fields = {"client_mobile": "+9647701234567", "price": "25000", "city_id": "1", "merchant_notes": notes}
    second = shipping.sandbox.books.add_order(fields).id
    ending = await run_matched(shipping, order_id)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text
    assert second in ending.reason.text


async def test_courier_order_without_an_order_in_the_shop_is_left_out(shipping: Shipping, lose: Lose) -> None:
    order_id, _ = await sent_and_forgotten(shipping, lose)
    async with shipping.shop.transaction() as connection:
        await connection.execute(orders.delete().where(orders.c.id == order_id))
    assert 0 == (await shipping.shipments.reconcile()).looked_at
    assert await shipping.shipments.journal.find(order_id) is None


async def test_order_that_was_refused_at_the_copy_and_sent_later_is_found(shipping: Shipping, tmp_path: Path) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.REFUSED)
    assert isinstance(await shipping.run(order_id), NeedsPerson)
    folder = await copy_to(shipping, tmp_path / "restored")
    assert isinstance(await shipping.run(order_id), Finished)
    async with AsyncExitStack() as stack:
        await restore(shipping, folder, stack)
        await forget_shop_rows(shipping)
        assert isinstance(await run_matched(shipping, order_id), Finished)
    assert 3 == shipping.sandbox.count("create-order")


async def test_order_that_the_list_shows_late_is_not_sent_again(shipping: Shipping, lose: Lose) -> None:
    """It was sent in the last moments before the loss, so the list that matched the journal did not show it yet."""
    order_id, courier_id = await sent_and_forgotten(shipping, lose)
    shipping.sandbox.orders[courier_id].created_at = shipping.clock.now()
    shipping.sandbox.behaviour.appears_after = SETTLE_TIME - timedelta(seconds=10)
    ending = await run_matched(shipping, order_id)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id
    assert 2 == shipping.sandbox.count("create-order")


async def test_order_that_waited_meanwhile_is_sent_after_three_lists(shipping: Shipping, lose: Lose) -> None:
    order_id = await shipping.order()
    await lose()
    assert (await shipping.shipments.reconcile()).matched
    assert isinstance(await shipping.run(order_id), Waiting)
    began_at = shipping.clock.now()
    await shipping.clock.advance(timedelta(minutes=11))
    await shipping.another_ships()
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, Finished)
    assert timedelta(minutes=11) + 2 * SETTLE_TIME / 3 == shipping.clock.now() - began_at
    assert [reasons.RESTORED.code] == [each.code for each in ending.shipment.suspicions]
    assert [1] == [each.number for each in ending.shipment.attempts]


async def test_order_that_was_made_afterwards_is_sent_at_once(shipping: Shipping, lose: Lose) -> None:
    await lose()
    await shipping.shipments.reconcile()
    await shipping.clock.advance(timedelta(minutes=11))
    assert isinstance(await shipping.run(await shipping.order()), Finished)


@pytest.mark.parametrize("is_sent", [True, False])
async def test_where_lists_lack_notes_phone_and_price_find_it_and_nothing_is_sent(
    shipping: Shipping, tmp_path: Path, is_sent: bool
) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    folder = await copy_to(shipping, tmp_path / "restored")
    order_id = await shipping.order()
    if is_sent:
        await shipping.run(order_id)
    async with AsyncExitStack() as stack:
        await restore(shipping, folder, stack)
        await forget_shop_rows(shipping)
        assert (await shipping.shipments.reconcile()).matched
        assert isinstance(await shipping.run(order_id), Waiting)
        await shipping.clock.advance(timedelta(minutes=11))
        await shipping.another_ships()
        ending = await shipping.run_to_end(order_id)
        assert isinstance(ending, Finished if is_sent else NeedsPerson)
    assert 1 + int(is_sent) == shipping.sandbox.count("create-order")


async def test_copy_of_a_matched_queue_db_begins_anew(shipping: Shipping, lose: Lose, tmp_path: Path) -> None:
    await lose()
    await shipping.shipments.reconcile()
    await shipping.clock.advance(OLD)
    folder = await copy_to(shipping, tmp_path / "again")
    async with AsyncExitStack() as stack:
        await restore(shipping, folder, stack)
        assert isinstance(await shipping.run(await shipping.order()), HeldBack)


async def test_list_that_a_sync_fetched_does_not_match_the_journal(shipping: Shipping, lose: Lose) -> None:
    """A person says when: the machine that was lost may still be running."""
    order_id, courier_id = await sent_and_forgotten(shipping, lose)
    await look(shipping.shipments.tools, "job:7")
    assert courier_id == (await shipping.shipments.journal.get(order_id)).courier_id
    assert isinstance(await shipping.run(order_id), HeldBack)


@pytest.mark.parametrize("reference", ["P12-ABCD", "P0-ABCD", "P9999999999999999999-ABCD"])
async def test_reference_names_its_order(reference: str) -> None:
    assert int(reference[1:-5]) == order_of(reference)


async def test_unclear_order_of_the_copy_waits_as_before(shipping: Shipping, tmp_path: Path) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    assert isinstance(await shipping.run(order_id), Waiting)
    folder = await copy_to(shipping, tmp_path / "restored")
    async with AsyncExitStack() as stack:
        await restore(shipping, folder, stack)
        assert isinstance(await run_matched(shipping, order_id), Finished)
    assert 2 == shipping.sandbox.count("create-order")


async def run_once(shipping: Shipping, order_id: int) -> None:
    ending = await shipping.run(order_id)
    assert isinstance(ending, Waiting)
    await shipping.until(ending.until)


async def test_order_that_was_unclear_in_the_copy_is_looked_for_anew(shipping: Shipping, tmp_path: Path) -> None:
    """It was sent again after the copy was made, and that answer was lost too: absences from before count no more."""
    await shipping.teach_references()
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    await run_once(shipping, order_id)
    await shipping.another_ships()
    while (await shipping.shipments.journal.get(order_id)).absences < 2:
        await run_once(shipping, order_id)
    folder = await copy_to(shipping, tmp_path / "restored")
    shipping.sandbox.next("create-order", Answer.RESET)
    await shipping.run(order_id)
    sent = [each for each in shipping.sandbox.orders.values() if each.client_mobile == "+9647701234567"]
    assert 1 == len(sent)

    shipping.sandbox.behaviour.appears_after = timedelta(seconds=30)
    await shipping.clock.advance(timedelta(seconds=1))
    async with AsyncExitStack() as stack:
        await restore(shipping, folder, stack)
        await shipping.shipments.reconcile()
        ending = await shipping.run_to_end(order_id)
        assert isinstance(ending, Finished)
        assert sent[0].id == ending.shipment.courier_id
    assert sent == [each for each in shipping.sandbox.orders.values() if each.client_mobile == "+9647701234567"]
