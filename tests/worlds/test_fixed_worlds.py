"""The ways to a second parcel that were once found, and what was found beside them, each as a small fixed world."""

from collections.abc import Iterator

import pytest

from tests.worlds.promises import Report
from tests.worlds.prove import Players, players
from tests.worlds.world import (
    Answer,
    Become,
    Cancel,
    Change,
    Copy,
    Dispatch,
    During,
    Edit,
    Lists,
    Moment,
    Note,
    OrderPlan,
    Other,
    Phone,
    Php,
    Price,
    PutBack,
    Reconcile,
    Resend,
    Restore,
    Run,
    SettleIt,
    Ship,
    Sync,
    Tamper,
    Time,
    Touch,
    Wait,
    Which,
    World,
)

DAY = 86400


@pytest.fixture
def opened() -> Iterator[Players]:
    with players() as opened:
        yield opened


def ends(report: Report) -> dict[str, int]:
    return {str(state): count for state, count in report.states.items()}


def lost(**change: object) -> OrderPlan:
    """Return an order that the courier made, whose answer was lost, and what became of its parcel there."""
    return OrderPlan(answers=(Answer.LOST_DONE,), change=Change(**change))  # type: ignore[arg-type]


@pytest.mark.parametrize("note", [Note.FOREIGN, Note.ANOTHERS])
def test_text_that_looks_like_a_reference_does_not_clear_a_row_with_the_phone(opened: Players, note: Note) -> None:
    """Row 1: PHP sent it, and its notes hold a product's code, or another parcel's printed reference."""
    change = Change(note=note)
    world = World(orders=(OrderPlan(php=Php(sent=True, requeued=False, days=0), change=change),), script=())
    assert {"held": 1} == ends(opened.play(world))


@pytest.mark.parametrize(
    "change",
    [
        {"note": Note.GONE, "price": Price.OTHER},
        {"note": Note.REPLACED, "price": Price.GONE},
        {"note": Note.LOWER, "price": Price.OTHER},
        {"note": Note.LOWER, "time": Time.UTC},
        {"note": Note.GONE, "time": Time.NONE},
    ],
)
def test_row_that_the_courier_changed_is_waited_for_then_held(opened: Players, change: dict[str, object]) -> None:
    """Row 2: our note is gone, and the price or the time is another."""
    assert {"held": 1} == ends(opened.play(World(orders=(lost(**change),), script=())))


@pytest.mark.parametrize("lists", [Lists(lag_s=5 * DAY), Lists(frozen=True)])
def test_list_that_lacks_known_parcels_proves_no_absence(opened: Players, lists: Lists) -> None:
    """Row 3: what the lists lag behind, or leave out, is not sent again; it is held when a day has settled nothing."""
    world = World(orders=(OrderPlan(), lost()), script=(Wait(5), Run(0), Run(1)), lists=lists)
    report = opened.play(world)
    assert (1, 2) == (report.held, report.own_creates)


def test_list_without_its_newest_half_is_waited_for(opened: Players) -> None:
    """Row 3: when enough others have shipped, it stands in the half that is shown."""
    report = opened.play(World(orders=(OrderPlan(), lost()), script=(Run(0), Run(1)), lists=Lists(half=True)))
    assert ({"recorded": 2}, 2) == (ends(report), report.own_creates)


def test_list_that_catches_up_settles_it(opened: Players) -> None:
    """Row 3: a list that is some seconds behind is waited for."""
    report = opened.play(World(orders=(lost(),), script=(), lists=Lists(lag_s=185)))
    assert ({"recorded": 1}, 1) == (ends(report), report.own_creates)


def test_lists_that_stop_showing_notes_are_believed_no_longer(opened: Players) -> None:
    """Row 4: references were seen once, a day ago; since then lists show none, nor the phone it was sent with."""
    world = World(orders=(lost(phone=Phone.OTHER),), script=(), blind=True)
    report = opened.play(world)
    assert ({"held": 1}, 1) == (ends(report), report.own_creates)


@pytest.mark.parametrize("days", [0, 8])
def test_row_that_was_put_back_is_looked_for_first(opened: Players, days: int) -> None:
    """Row 5: PHP had sent it eight days before; its row says nothing of that."""
    report = opened.play(World(orders=(OrderPlan(php=Php(sent=True, requeued=True, days=days)),), script=()))
    assert ({"recorded": 1}, 0) == (ends(report), report.own_creates)


def test_contradictory_answer_is_unclear_and_found_by_a_sync(opened: Players) -> None:
    """Row 6: the answer contradicts itself; the courier has it."""
    report = opened.play(World(orders=(lost(),), script=(Run(0), Sync(), Run(0))))
    assert ({"recorded": 1}, 1) == (ends(report), report.own_creates)


def test_reference_in_a_list_settles_a_withdrawn_shipment(opened: Players) -> None:
    """Row 6: the courier refused it by its words, and made it: a list says so before anybody retries."""
    script = (Run(0), Sync(filtered=False), Run(0))
    report = opened.play(World(orders=(OrderPlan(answers=(Answer.REFUSED_DONE,)),), script=script))
    assert ({"recorded": 1}, 1) == (ends(report), report.own_creates)


def test_suspicion_outlives_a_restart(opened: Players) -> None:
    """Row 7: why somebody else may have sent it is a code in the journal, not a sentence."""
    tried = OrderPlan(php=Php(sent=False, requeued=False, days=0), touch=Touch.TOUCHED)
    report = opened.play(World(orders=(tried,), script=(Run(0, kill=12), Run(0), Wait(61))))
    assert ({"held": 1}, 0) == (ends(report), report.own_creates)


def test_refusal_for_the_rate_is_sent_again(opened: Players) -> None:
    report = opened.play(World(orders=(OrderPlan(answers=(Answer.RATE,)),), script=()))
    assert ({"recorded": 1}, 2) == (ends(report), report.own_creates)


def test_person_s_wrong_id_is_not_believed(opened: Players) -> None:
    script = (Run(0), SettleIt(0, Which.NOBODYS))
    assert {"recorded": 1} == ends(opened.play(World(orders=(lost(),), script=script)))


@pytest.mark.parametrize("answer", [Answer.ODD_ID, Answer.ONLY_QR, Answer.ONLY_ID])
def test_parcel_has_one_row_whichever_id_the_answer_names(opened: Players, answer: Answer) -> None:
    """A sync writes the row that a list shows; the shop must have one of it."""
    script = (Run(0), Sync(), Run(0), Sync())
    assert {"recorded": 1} == ends(opened.play(World(orders=(OrderPlan(answers=(answer,)),), script=script)))


def test_twins_without_notes_are_not_told_apart_by_phone(opened: Players) -> None:
    """One parcel, two unclear orders of one customer: neither is given it."""
    second = OrderPlan(twin=True, answers=(Answer.LOST,), after_s=20)
    report = opened.play(World(orders=(lost(note=Note.GONE), second), script=(Run(0), Run(1))))
    assert ({"held": 2}, 2) == (ends(report), report.own_creates)


def test_parcel_made_by_hand_with_the_phone_keeps_an_unclear_order_from_being_sent(opened: Players) -> None:
    lookalike = Other(of=0, same_price=False, note=Note.GONE, before_s=60)
    world = World(orders=(OrderPlan(answers=(Answer.LOST,)),), script=(), others=(lookalike,))
    report = opened.play(world)
    assert ({"held": 1}, 1) == (ends(report), report.own_creates)


def test_no_witness_no_second_request(opened: Players) -> None:
    report = opened.play(World(orders=(OrderPlan(answers=(Answer.LOST,)),), script=(), witness_h=None))
    assert ({"held": 1}, 1) == (ends(report), report.own_creates)


def test_lost_request_is_sent_again_once_a_later_order_shows(opened: Players) -> None:
    report = opened.play(World(orders=(OrderPlan(answers=(Answer.LOST,)),), script=()))
    assert ({"recorded": 1}, 2) == (ends(report), report.own_creates)


def test_restored_journal_sends_nothing_again(opened: Players) -> None:
    script = (Copy(), Run(0), Wait(3600), Restore(shop_too=True), Reconcile(), Run(0))
    report = opened.play(World(orders=(OrderPlan(),), script=script))
    assert ({"recorded": 1}, 1) == (ends(report), report.own_creates)


def test_job_dispatched_by_hand_looks_first(opened: Players) -> None:
    """The order is older than the job that asks for it: somebody may have sent it."""
    refused = OrderPlan(answers=(Answer.DATA,), after_s=700)
    report = opened.play(World(orders=(refused,), script=(Run(0), Dispatch(0), Ship())))
    assert ({"recorded": 1}, 2) == (ends(report), report.own_creates)


def test_witness_of_the_minute_in_which_the_request_may_still_be_carried_out_counts_for_nothing(
    opened: Players,
) -> None:
    late = OrderPlan(answers=(Answer.LOST_LATE,), late_s=30)
    script = (Run(0), Wait(5), Ship(), Wait(61), Become(Lists(half=True)))
    report = opened.play(World(orders=(late, OrderPlan()), script=script, witness_h=None))
    assert 2 == report.own_creates


def test_order_held_for_a_foreign_id_keeps_its_twin_from_its_parcel(opened: Players) -> None:
    first = OrderPlan(answers=(Answer.KNOWN_ID,), change=Change(note=Note.GONE))
    second = OrderPlan(twin=True, answers=(Answer.LOST,))
    assert {"held": 2} == ends(opened.play(World(orders=(first, second), script=())))


def test_candidate_that_a_later_list_lacks_is_remembered(opened: Players) -> None:
    """It was seen by its phone; then its phone was changed at the courier too."""
    moved = Tamper(0, Change(note=Note.GONE, phone=Phone.OTHER))
    script = (Run(0), Wait(61), Run(0), moved)
    report = opened.play(World(orders=(lost(note=Note.GONE, price=Price.OTHER),), script=script))
    assert ({"held": 1}, 1) == (ends(report), report.own_creates)


def test_order_with_another_phone_since_the_copy_is_held_after_a_restore(opened: Players) -> None:
    script = (Copy(), Run(0), Wait(3600), Edit(0, Touch.PHONE), Restore(shop_too=True), Reconcile(), Run(0))
    report = opened.play(World(orders=(OrderPlan(change=Change(note=Note.GONE)),), script=script))
    assert ({"held": 1}, 1) == (ends(report), report.own_creates)


TWINS = (OrderPlan(), OrderPlan(twin=True))


def test_repeat_that_a_person_let_go_is_sent_once(opened: Players) -> None:
    report = opened.play(World(orders=TWINS, script=(Run(1), Resend(1), Resend(1), Run(1)), hold_repeats=True))
    assert (2, {"recorded": 2}) == (report.own_creates, ends(report))


def test_repeat_that_a_lost_daemon_sent_is_looked_for_before_a_person_may_let_it_go_again(opened: Players) -> None:
    """The person says that both are wanted, not that the courier lacks it; and the lists show no notes."""
    lists = Become(Lists(notes=False))
    script = (
        Run(0),
        Run(1),
        Copy(),
        Wait(60),
        Resend(1),
        Run(1),
        lists,
        Restore(shop_too=True),
        Reconcile(),
        Resend(1),
    )
    opened.play(World(orders=TWINS, script=script, hold_repeats=True))


def test_first_order_that_is_put_back_is_the_repeat_of_the_second(opened: Players) -> None:
    script = (Cancel(0), Run(0), Run(1), PutBack(0), Run(0))
    report = opened.play(World(orders=TWINS, script=script, hold_repeats=True))
    assert (2, {"recorded": 2}) == (report.own_creates, ends(report))  # let go by a person at the end


def test_first_order_that_gives_way_while_it_waits_for_a_login_is_not_sent(opened: Players) -> None:
    script = (Run(0, during=During.GIVE_WAY, moment=Moment.INTENT),)
    report = opened.play(World(orders=TWINS, script=script, hold_repeats=True))
    assert (1, {"none": 1, "recorded": 1}) == (report.own_creates, ends(report))
