"""Where an order stands, over invented worlds: the decision alone, without a shop or a queue."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.orders.standing import ASKED_WITHIN, ROWS_UNREAD, Facts, ShopRow, Stand, Standing, deciding, stand
from paranad.queue.model import FINISHED, Job, Origin, State
from paranad.said import Said, plain
from paranad.shipments import reasons
from paranad.shipments.model import Look, Shipment, ShipmentState
from paranad.shipments.send import AUTO_CREATE_OFF, CANCELLED

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOON, LATE = NOW + timedelta(minutes=5), NOW - timedelta(hours=3)
UNFINISHED = [state for state in State if state not in FINISHED]


def job(
    state: State, job_id: int = 7, *, error: Said | None = None, result: Any = None, due_at: datetime = SOON
) -> Job:
    return Job(
        id=job_id,
        task="alwaseet:create-shipment",
        args={"order_id": 318},
        queue="high",
        origin=Origin.SHOP,
        state=state,
        tries=3,
        tries_spent=0,
        timeout=timedelta(minutes=2),
        due_at=due_at,
        created_at=LATE,
        enqueued_at=LATE,
        started_at=None,
        finished_at=LATE if state in FINISHED else None,
        unique_key=None,
        snoozes=0,
        attempt=0,
        result=result,
        error=error,
        attempts=(),
    )


def shipment(state: ShipmentState, *, reason: Said | None = None, look: Look | None = None) -> Shipment:
    courier_id = "90000018" if state in {ShipmentState.CREATED, ShipmentState.RECORDED} else None
    return Shipment(
        order_id=318,
        state=state,
        reference="P318-AAAA",
        courier_id=courier_id,
        ids=frozenset({courier_id} if courier_id else ()),
        reason=reason,
        absences=0,
        absent_at=None,
        look=look,
        intended_at=LATE,
        created_at=None,
        recorded_at=None,
        decided_at=None,
        unconfirmed=False,
        attempts=(),
        suspicions=(),
        version=0,
    )


PLAIN: Mapping[str, Any] = {
    "order_id": 318,
    "made_at": LATE,
    "needs_none": None,
    "shop_unknown": None,
    "auto_create": True,
    "shipment": None,
    "job": None,
    "row": None,
    "rows_are_whole": True,
    "rows_stay": None,
    "halted": None,
    "door": None,
    "now": NOW,
}


def standing(**more: Any) -> Stand:
    return stand(Facts(**{**PLAIN, **more}))


REASONS = st.sampled_from([reasons.GIVEN_UP(), reasons.ENDED(), plain("the courier said no")])
SAIDS = st.none() | REASONS
INSTANTS = st.sampled_from([None, LATE, NOW - timedelta(seconds=30), NOW, SOON])
SHIPMENTS = st.builds(
    lambda state, reason, looked: shipment(state, reason=reason, look=Look(LATE, looked) if looked else None),
    st.sampled_from(ShipmentState),
    SAIDS,
    SAIDS,
)
RESULTS = st.sampled_from(
    [
        None,
        {"skipped": {"count": 1, "items": [{"what": "order 318", "reason": "x"}]}},
        {"skipped": {"count": 1, "items": [{"what": "order 318", "reason": "x", "why": {"code": "y"}}]}},
        {"skipped": {"count": 0, "items": []}},
        [1, 2],
        "nothing",
    ]
)
JOBS = st.builds(
    lambda state, error, result, id_, due_at: job(state, id_, error=error, result=result, due_at=due_at),
    st.sampled_from(State),
    SAIDS,
    RESULTS,
    st.integers(1, 99),
    st.sampled_from([LATE, NOW, SOON]),
)
WORLDS = st.builds(
    Facts,
    order_id=st.just(318),
    made_at=INSTANTS,
    needs_none=SAIDS,
    shop_unknown=SAIDS,
    auto_create=st.booleans(),
    shipment=st.none() | SHIPMENTS,
    job=st.none() | JOBS,
    row=st.none() | st.builds(ShopRow, st.just(1), INSTANTS, st.booleans()),
    rows_stay=SAIDS,
    halted=SAIDS,
    door=SAIDS,
    now=st.just(NOW),
)


@given(WORLDS)
def test_every_world_has_one_answer_with_a_reason_and_until_is_never_past(facts: Facts) -> None:
    found = stand(facts)

    assert found.reason.text
    assert found.until is None or found.until > facts.now
    assert found == stand(facts)


@given(WORLDS)
def test_held_is_what_the_journal_alone_decides(facts: Facts) -> None:
    held = facts.shipment is not None and facts.shipment.state is ShipmentState.HELD

    assert held is (stand(facts).standing is Standing.HELD)


@given(WORLDS)
def test_nothing_is_called_never_asked_for_while_something_asks(facts: Facts) -> None:
    asks = (facts.job and facts.job.state not in FINISHED) or facts.row

    assert not (asks and stand(facts).standing in {Standing.NEVER_ASKED, Standing.FAILED})


@given(WORLDS)
def test_order_counts_as_done_only_if_recorded_not_needed_or_not_known(facts: Facts) -> None:
    recorded = facts.shipment is not None and facts.shipment.state is ShipmentState.RECORDED

    assert recorded or facts.needs_none or facts.shop_unknown or stand(facts).standing is not None


@given(WORLDS)
def test_shop_that_cannot_be_asked_is_never_taken_for_one_that_asked_nothing(facts: Facts) -> None:
    assert not (facts.shop_unknown and stand(facts).standing is Standing.NEVER_ASKED)


@given(WORLDS)
def test_what_is_paused_has_a_job_that_would_go_on_and_a_reason(facts: Facts) -> None:
    found = stand(facts)
    if found.standing is Standing.PAUSED:
        assert facts.halted == found.reason
        assert facts.job is not None
        assert facts.job.state in {State.AVAILABLE, State.SCHEDULED, State.RETRYABLE}


@given(st.lists(JOBS, max_size=6))
def test_unfinished_job_decides_before_any_that_has_ended(jobs: list[Job]) -> None:
    found = deciding(jobs)
    unfinished = [each for each in jobs if each.state not in FINISHED]

    assert (found in unfinished) if unfinished else (found is None or found.id == max(each.id for each in jobs))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"shipment": shipment(ShipmentState.HELD, reason=reasons.GIVEN_UP())}, (Standing.HELD, None)),
        ({"shipment": shipment(ShipmentState.CREATED)}, (Standing.SETTING_OFF, None)),
        ({"shipment": shipment(ShipmentState.CREATED), "job": job(State.SCHEDULED)}, (Standing.SETTING_OFF, SOON)),
        ({"shipment": shipment(ShipmentState.INTENDED)}, (Standing.SETTING_OFF, None)),
        (
            {"shipment": shipment(ShipmentState.INTENDED), "job": job(State.SCHEDULED), "halted": CANCELLED()},
            (Standing.PAUSED, None),
        ),
        (
            {"shipment": shipment(ShipmentState.CREATED), "job": job(State.AVAILABLE), "halted": CANCELLED()},
            (Standing.PAUSED, None),
        ),
        ({"shipment": shipment(ShipmentState.INTENDED), "halted": CANCELLED()}, (Standing.SETTING_OFF, None)),
        ({"shipment": shipment(ShipmentState.RECORDED)}, (None, None)),
        ({"needs_none": CANCELLED()}, (None, None)),
        ({"needs_none": CANCELLED(), "shipment": shipment(ShipmentState.CREATED)}, (Standing.SETTING_OFF, None)),
        ({"job": job(State.RUNNING)}, (Standing.SETTING_OFF, None)),
        ({"job": job(State.RUNNING), "halted": CANCELLED()}, (Standing.SETTING_OFF, None)),
        ({"job": job(State.AVAILABLE)}, (Standing.QUEUED, None)),
        ({"job": job(State.AVAILABLE), "halted": CANCELLED()}, (Standing.PAUSED, None)),
        ({"job": job(State.SCHEDULED)}, (Standing.WAITING, SOON)),
        ({"job": job(State.RETRYABLE)}, (Standing.WAITING, SOON)),
        ({"job": job(State.SCHEDULED), "halted": CANCELLED()}, (Standing.PAUSED, None)),
        ({"job": job(State.FAILED)}, (Standing.FAILED, None)),
        ({"job": job(State.FAILED), "row": ShopRow(1, LATE, False)}, (Standing.NOT_DUE, None)),
        ({"job": job(State.CANCELLED)}, (Standing.NEVER_ASKED, None)),
        ({"job": job(State.COMPLETED)}, (Standing.NEVER_ASKED, None)),
        ({"row": ShopRow(1, SOON, False)}, (Standing.NOT_DUE, SOON)),
        ({"row": ShopRow(1, None, True)}, (Standing.NOT_DUE, None)),
        ({"made_at": NOW}, (Standing.NOT_DUE, NOW + ASKED_WITHIN)),
        ({"made_at": SOON}, (Standing.NEVER_ASKED, None)),
        ({"made_at": None}, (Standing.NEVER_ASKED, None)),
        ({"auto_create": False, "made_at": NOW}, (Standing.NEVER_ASKED, None)),
        ({"shop_unknown": CANCELLED()}, (None, None)),
        ({"shop_unknown": CANCELLED(), "job": job(State.SCHEDULED)}, (Standing.WAITING, SOON)),
        ({"shop_unknown": CANCELLED(), "job": job(State.FAILED)}, (Standing.FAILED, None)),
    ],
)
def test_standing_by_what_is_known(more: dict[str, Any], expected: tuple[Standing | None, datetime | None]) -> None:
    found = standing(**more)

    assert expected == (found.standing, found.until)


def test_reason_of_a_job_that_sent_nothing_is_the_job_s_own() -> None:
    item = {"what": "order 318", "reason": CANCELLED().text, "why": {"code": CANCELLED.code, "values": {}}}
    found = standing(job=job(State.COMPLETED, result={"skipped": {"count": 1, "items": [item]}}))

    assert ("order.job_skipped", CANCELLED()) == (found.reason.code, found.reason.values["reason"])


def test_shipment_that_the_courier_refused_and_no_job_tries_again_says_both() -> None:
    found = standing(shipment=shipment(ShipmentState.WITHDRAWN, reason=reasons.RESEND()), job=job(State.CANCELLED))

    assert (Standing.NEVER_ASKED, "order.not_taken") == (found.standing, found.reason.code)


def test_unclear_order_names_the_closed_door_beside_what_is_known_of_it() -> None:
    found = standing(shipment=shipment(ShipmentState.INTENDED), job=job(State.SCHEDULED), door=CANCELLED())

    assert (Standing.SETTING_OFF, SOON) == (found.standing, found.until)
    assert "its request has left, and the answer is not known yet; the order is cancelled" == found.reason.text


def test_auto_create_off_is_the_reason_whatever_was_before() -> None:
    found = standing(auto_create=False, job=job(State.COMPLETED))

    assert AUTO_CREATE_OFF() == found.reason


def test_order_whose_row_may_be_further_back_is_not_called_never_asked_for() -> None:
    assert Stand(Standing.NOT_DUE, ROWS_UNREAD()) == standing(rows_are_whole=False)
