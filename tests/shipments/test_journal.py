"""The shipment journal's own promises: the database holds them, whatever the code above does."""

import sqlite3

import pytest

from paranad.errors import WrongState
from paranad.events.event import Events
from paranad.shipments import reasons
from paranad.shipments.journal import SQL, Journal
from paranad.shipments.model import ShipmentState
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.sqlite_file import change

PHONE = "+9647701234567"
REFUSED = reasons.REFUSED(detail="no such city")


@pytest.fixture
def journal(store: Store, clock: ManualClock, events: Events) -> Journal:
    return Journal(store, clock, events)


async def intended(journal: Journal, order_id: int = 1) -> str:
    return (await journal.intend(order_id, f"P{order_id}-ABCD", PHONE, 25000)).reference


async def test_second_intent_is_refused_while_the_first_is_open(journal: Journal) -> None:
    reference = await intended(journal)
    with pytest.raises(WrongState, match="order 1 is intended"):
        await journal.intend(1, reference, PHONE, 25000)
    assert len((await journal.get(1)).attempts) == 1


async def test_intent_after_a_refusal_is_a_second_attempt(journal: Journal) -> None:
    reference = await intended(journal)
    await journal.withdraw(1, REFUSED)
    again = await journal.intend(1, reference, "+9647801112223", 30000)
    assert [(1, 25000), (2, 30000)] == [(attempt.number, attempt.price) for attempt in again.attempts]


async def test_shipment_whose_request_did_not_leave_is_told_from_one_that_was_refused(journal: Journal) -> None:
    """An order that waits for its turn is none that the courier did not take."""
    for order_id in (1, 2):
        await intended(journal, order_id)
    await journal.withdraw(1, REFUSED)
    await journal.postpone(2, reasons.NOT_SENT(detail="it waits for its turn"))
    assert (2, 1) == ((await journal.counts())[ShipmentState.WITHDRAWN], await journal.postponed())


@pytest.mark.parametrize("step", ["withdraw", "hold", "mark_unclear", "postpone"])
async def test_recorded_shipment_changes_no_more(journal: Journal, step: str) -> None:
    await intended(journal)
    await journal.create(1, "900", frozenset({"900"}))
    await journal.record(1)
    before = await journal.get(1)
    with pytest.raises(WrongState):
        await getattr(journal, step)(1, REFUSED)
    assert before == await journal.get(1)


async def test_step_on_an_order_without_a_shipment_is_refused(journal: Journal) -> None:
    with pytest.raises(WrongState, match="not in the journal"):
        await journal.record(1)


async def test_every_id_of_the_answer_is_kept(journal: Journal) -> None:
    await intended(journal)
    created = await journal.create(1, "900", frozenset({"900", "Q900"}))
    assert {"900", "Q900"} == created.ids
    assert {"900": 1, "Q900": 1} == await journal.holders(["900", "Q900", "901"])


async def test_answer_with_an_id_of_another_order_is_held(journal: Journal) -> None:
    await intended(journal, 1)
    await journal.create(1, "900", frozenset({"900"}))
    await intended(journal, 2)
    held = await journal.create(2, "901", frozenset({"901", "900"}))
    assert (ShipmentState.HELD, "901") == (held.state, held.courier_id)
    assert reasons.FOREIGN_ID(rows=["900 (order 1)"]) == held.reason


async def test_absence_does_not_count_for_an_attempt_that_came_after_the_list(
    journal: Journal, clock: ManualClock
) -> None:
    reference = await intended(journal)
    seen = await journal.mark_unclear(1, reasons.ENDED())
    await journal.withdraw(1, REFUSED)
    await journal.intend(1, reference, PHONE, 25000)
    with pytest.raises(WrongState):
        await journal.count_absence(seen, clock.now())
    assert (await journal.get(1)).absences == 0


async def test_absence_is_counted_once_for_one_look(journal: Journal, clock: ManualClock) -> None:
    await intended(journal)
    seen = await journal.mark_unclear(1, reasons.ENDED())
    assert (await journal.count_absence(seen, clock.now())).absences == 1
    with pytest.raises(WrongState):
        await journal.count_absence(seen, clock.now())


async def test_phone_is_not_in_the_record_s_text(journal: Journal) -> None:
    await intended(journal)
    assert "7701234567" not in repr(await journal.get(1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shipments SET state = 'created'",
        "UPDATE shipments SET state = 'recorded', recorded_at = 1",
        "UPDATE shipments SET state = 'held'",
        "UPDATE shipments SET state = 'withdrawn'",
        "UPDATE shipments SET state = 'lost'",
        "UPDATE shipments SET recorded_at = 1",
        "UPDATE shipments SET absences = 1",
        "UPDATE shipment_attempts SET outcome = 'unclear'",
        "UPDATE shipment_attempts SET price = 0",
        "INSERT INTO shipments (order_id, state, reference, intended_at) VALUES (0, 'intended', 'P0-AAAA', 1)",
        "INSERT INTO shipments (order_id, state, reference, intended_at) VALUES (2, 'intended', 'P1-ABCD', 1)",
    ],
)
async def test_table_refuses_what_cannot_be(journal: Journal, statement: str) -> None:
    await intended(journal)
    with pytest.raises(sqlite3.IntegrityError):
        await change(journal.store.path, statement)


@pytest.mark.parametrize("name", ["find_unsettled", "find_created", "count_unrecorded", "find_held_orders"])
async def test_questions_about_what_is_open_do_not_read_what_is_done(journal: Journal, name: str) -> None:
    plan = await journal.store.reader.fetch(f"EXPLAIN QUERY PLAN {SQL[name]}", {"limit": 10})
    [shipments] = [row["detail"] for row in plan if row["detail"].split()[1] == "shipments"]
    assert "shipments_unrecorded" in shipments


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("find_one", "SEARCH shipments USING INTEGER PRIMARY KEY (rowid=?)"),
        ("find_several", "SEARCH shipments USING INTEGER PRIMARY KEY (rowid=?)"),
        ("find_recorded_among", "SEARCH shipments USING INTEGER PRIMARY KEY (rowid=?)"),
        ("find_unrecorded", "SEARCH shipments USING INDEX shipments_unrecorded (order_id<?)"),
        ("find_recorded", "SEARCH shipments USING INTEGER PRIMARY KEY (rowid<?)"),
    ],
)
async def test_what_a_page_shows_of_shipments_is_found_by_an_index(journal: Journal, name: str, index: str) -> None:
    params = {"limit": 10, "before": 1, "state": None, "order_id": 1, "orders": "[]", "order_ids": "[]"}
    plan = "\n".join(
        row["detail"] for row in await journal.store.reader.fetch(f"EXPLAIN QUERY PLAN {SQL[name]}", params)
    )
    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN shipment" not in plan


async def test_reason_is_kept_as_code_and_values_and_read_again(journal: Journal) -> None:
    await intended(journal)
    unclear = await journal.mark_unclear(1, reasons.NO_ANSWER(detail="cut"))
    assert reasons.NO_ANSWER(detail="cut") == unclear.reason == unclear.attempts[0].reason
    assert unclear == await journal.find(1)


async def test_sentence_of_a_version_without_codes_stays_and_decides_nothing(journal: Journal) -> None:
    await intended(journal)
    await journal.mark_unclear(1, reasons.ENDED())
    await change(
        journal.store.path, "UPDATE shipments SET reason_code = NULL, reason_values = NULL, reason = 'as it was said'"
    )
    shipment = await journal.get(1)
    assert reasons.SAID(text="as it was said") == shipment.reason


async def test_reason_that_names_another_reason_keeps_it_whole(journal: Journal) -> None:
    await intended(journal)
    refused = reasons.REFUSED(detail=reasons.PLACE(detail="no such city"))
    withdrawn = await journal.withdraw(1, refused)
    assert refused == withdrawn.reason == (await journal.get(1)).reason


async def test_code_decides_although_another_version_stored_no_values(journal: Journal) -> None:
    await intended(journal)
    await journal.mark_unclear(1, reasons.NO_ANSWER(detail="cut"))
    await change(journal.store.path, "UPDATE shipments SET reason_values = '{}'")
    reason = (await journal.get(1)).reason
    assert reason
    assert (reasons.NO_ANSWER.code, "cut") == (reason.code, reason.text)
