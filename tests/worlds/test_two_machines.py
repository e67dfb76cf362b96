"""Two machines, of which one takes over from the other at any step: small fixed worlds."""

from collections.abc import Iterator

import pytest

from tests.worlds.prove import Players, players
from tests.worlds.world import (
    Answer,
    Cancel,
    Change,
    Copy,
    Dispatch,
    Event,
    Lists,
    OrderPlan,
    Phone,
    PutBack,
    Reconcile,
    Resend,
    Restore,
    Run,
    StandStill,
    Sync,
    TakeOver,
    Wait,
    World,
)

STEPS = 36
"""More than an order's job does before it ends or waits."""
LOST = OrderPlan(answers=(Answer.LOST_DONE,))


@pytest.fixture
def opened() -> Iterator[Players]:
    with players() as opened:
        yield opened


def of_two(*script: Event, orders: tuple[OrderPlan, ...] = (OrderPlan(),), hold_repeats: bool = False) -> World:
    return World(orders=orders, script=script, machines=2, hold_repeats=hold_repeats, lists=Lists())


@pytest.mark.parametrize("answer", [Answer.DONE, Answer.LOST_DONE, Answer.LOST_LATE])
def test_machine_that_dies_at_any_step_leaves_one_parcel(opened: Players, answer: Answer) -> None:
    for step in range(1, STEPS):
        opened.play_honest(of_two(Run(0, kill=step), orders=(OrderPlan(answers=(answer,)),)))


@pytest.mark.parametrize("meanwhile_s", [(), (61, 61, 55)])
def test_machine_that_stands_still_at_any_step_and_goes_on_leaves_one_parcel(
    opened: Players, meanwhile_s: tuple[int, ...]
) -> None:
    """Longer than the lease, and less than `settle_time` more: so long is promised."""
    for step in range(1, STEPS):
        opened.play_honest(of_two(StandStill(0, step, meanwhile_s)))


def test_work_goes_back_and_forth_while_the_answer_is_lost(opened: Players) -> None:
    there_and_back = (Run(0), TakeOver(), Wait(75), TakeOver(died=True), Run(0), Wait(75), Sync(), TakeOver())
    opened.play_honest(of_two(*there_and_back, orders=(LOST,)))
    opened.play_honest(of_two(*there_and_back, orders=(OrderPlan(answers=(Answer.LOST, Answer.LOST_DONE)),)))


@pytest.mark.parametrize("late", [Dispatch(0), Run(0), Reconcile()])
def test_job_by_hand_on_one_machine_does_not_send_what_the_other_sent(opened: Players, late: Event) -> None:
    """It waits in that machine's own queue while the other works."""
    opened.play_honest(of_two(Run(0, kill=20), late, TakeOver(), late, TakeOver(), late, orders=(LOST,)))


def test_what_a_person_lets_be_sent_on_one_machine_is_looked_for_by_the_other(opened: Players) -> None:
    held = OrderPlan(answers=(Answer.LOST_DONE, Answer.LOST_DONE))
    world = of_two(Run(0), Cancel(0), TakeOver(), PutBack(0), Resend(0), Run(0), TakeOver(), Resend(0), orders=(held,))
    assert {"recorded": 1} == {str(state): count for state, count in opened.play(world).states.items()}


def test_order_that_the_other_machine_sent_is_not_repeated(opened: Players) -> None:
    """The one that is sent second is the repeat, though it was made first and this journal knows not of the other."""
    twins = (OrderPlan(twin=True, after_s=20), OrderPlan(twin=True, answers=(Answer.LOST_DONE,)))
    opened.play(of_two(Cancel(0), Run(1), TakeOver(), PutBack(0), Run(0), orders=twins, hold_repeats=True))


@pytest.mark.parametrize("goes_on", [(), (TakeOver(),), (TakeOver(died=True), Wait(200), TakeOver())])
def test_disk_put_back_as_it_was_before_the_request_sends_nothing_twice(
    opened: Players, goes_on: tuple[Event, ...]
) -> None:
    """A snapshot of the virtual machine, or the last moments before a power cut: the journal lacks what it marked."""
    restored = (Copy(), Run(0), Restore(shop_too=False, snapshot=True), Run(0), *goes_on)
    opened.play_honest(of_two(*restored, orders=(LOST,)))
    later = (Run(0), Copy(), Wait(61), Sync(), Run(0), *restored[2:])
    opened.play_honest(of_two(*later, orders=(OrderPlan(answers=(Answer.TRANSIENT, Answer.LOST_DONE)),)))


def test_job_by_hand_of_a_dead_machine_is_looked_after_where_its_order_is_marked(opened: Players) -> None:
    """It had no row: what was sent would stand nowhere but in the courier's list."""
    by_hand = (Run(0), Dispatch(0), Run(0, kill=20), TakeOver(died=True))
    opened.play_honest(of_two(*by_hand, orders=(LOST, OrderPlan())))


def test_other_machine_s_parcel_that_was_refused_and_got_another_phone_is_left_to_a_person(opened: Players) -> None:
    """Its mark went with the refusal; what is left of it is the reference, which begins with the order's number."""
    refused = OrderPlan(twin=True, late_s=1, answers=(Answer.REFUSED_DONE,), change=Change(phone=Phone.OTHER))
    twin = OrderPlan(twin=True, late_s=1)
    script = (TakeOver(), StandStill(order=1, at=1), Run(order=0), Run(order=0))
    opened.play_lying(World(orders=(twin, refused, twin), script=script, hold_repeats=True, machines=2))
