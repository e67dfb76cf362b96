"""One daemon works, the others stand by: on SQLite and on MariaDB, with the tests' clock."""

import asyncio
from datetime import timedelta

from paranad.events.standby import LeaseGivenUp, LeaseLost, LeaseTaken, StandbyCame, StandbyWaiting
from paranad.standby.decide import NUMBERS
from paranad.standby.view import Role
from tests.lease.conftest import Ground


async def taking_over(ground: Ground, waiting: asyncio.Task[object]) -> None:
    """Let two minutes pass by every clock, in the steps in which a standby looks."""
    for _ in range(60):
        looks = asyncio.ensure_future(ground.waits(NUMBERS.look_s))
        await asyncio.wait([waiting, looks], return_when=asyncio.FIRST_COMPLETED)
        looks.cancel()
        if waiting.done():
            return
        await ground.clock.advance(NUMBERS.look_s)


async def test_the_first_takes_it_and_the_second_stands_by(ground: Ground) -> None:
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    taken = await first.wait_for_lease()
    assert (1, False, None) == (taken.term, taken.from_another, taken.machine_before)
    assert first.may_claim()
    assert 90.0 == first.left_s()
    waiting = asyncio.ensure_future(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert (False, 0.0) == (second.may_claim(), second.left_s())
    assert (Role.STANDBY, "web-1") == (second.view.role, second.view.holder_machine)
    assert "web-1 works; if it dies, this machine takes over within two minutes" == second.view.why.text
    await ground.clock.advance(NUMBERS.look_s)
    await ground.waits(NUMBERS.look_s)
    assert [("web-1", True, True), ("web-2", False, True)] == [
        (each.machine, each.role is Role.ACTIVE, each.present) for each in second.view.machines
    ]
    waiting.cancel()


async def test_what_is_given_up_is_taken_at_once(ground: Ground) -> None:
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    await first.wait_for_lease()
    waiting = asyncio.ensure_future(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    await first.give_up()
    await ground.clock.advance(NUMBERS.look_s)
    taken = await waiting
    assert (2, True, "web-1", True) == (taken.term, taken.from_another, taken.machine_before, taken.given_up)
    assert "web-2" == await first.taken_by(5)
    assert not await first.take_back()
    assert [("daemon", "web-2", 2)] == await ground.rows()


async def test_what_nobody_takes_is_taken_back(ground: Ground) -> None:
    only = await ground.daemon("web-1")
    await only.wait_for_lease()
    await only.give_up()
    assert (0.0, False) == (only.left_s(), only.may_claim())
    assert await only.take_back()
    assert (90.0, True, 2) == (only.left_s(), only.may_claim(), only.term)
    assert only.taken
    assert not only.taken.from_another


async def test_a_dead_ones_lease_is_taken_after_90_s_and_no_sooner(ground: Ground) -> None:
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    await first.wait_for_lease()
    waiting = asyncio.ensure_future(second.wait_for_lease())
    began_s = ground.clock.elapsed_s
    await ground.pass_in_database(timedelta(minutes=5))
    await taking_over(ground, waiting)
    taken = await waiting
    assert 90 <= ground.clock.elapsed_s - began_s <= 95
    assert (2, True, "web-1", False) == (taken.term, taken.from_another, taken.machine_before, taken.given_up)
    assert taken.last_renewed_at
    assert taken.last_sent_at == taken.last_renewed_at + timedelta(seconds=60)


async def test_after_a_crash_it_goes_on_at_once(ground: Ground) -> None:
    before = await ground.daemon("web-1")
    await before.wait_for_lease()
    await ground.clock.advance(30)
    after = await ground.daemon("web-1")
    taken = await after.wait_for_lease()
    assert (2, False) == (taken.term, taken.from_another)


async def test_the_holder_renews_it_and_tells_who_stands_by(ground: Ground) -> None:
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    await first.wait_for_lease()
    keeping, waiting = asyncio.ensure_future(first.keep()), asyncio.ensure_future(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    for _ in range(10):
        await ground.waits(NUMBERS.renew_s)
        await ground.clock.advance(NUMBERS.renew_s)
    await ground.waits(NUMBERS.renew_s)
    assert 90.0 == first.left_s()
    assert not waiting.done()
    assert [StandbyCame(machine="web-2", version="1.0")] == [
        each for each in ground.machines["web-1"].told if isinstance(each, StandbyCame)
    ]
    keeping.cancel()
    waiting.cancel()


async def test_it_is_over_at_once_if_the_row_shows_another(ground: Ground) -> None:
    first = await ground.daemon("web-1")
    await first.wait_for_lease()
    keeping = asyncio.ensure_future(first.keep())
    await ground.waits(NUMBERS.renew_s)
    await ground.sql("UPDATE paranad_lease SET holder = 'x', machine = 'web-2', term = 7, reference = 'y'")
    await ground.clock.advance(NUMBERS.renew_s)
    assert "web-2 holds the lease now, in term 7" == (await keeping).text
    assert (False, 0.0, 0) == (first.may_claim(), first.left_s(), first.term)
    told = ground.machines["web-1"].told
    assert [LeaseTaken, LeaseLost] == [type(each) for each in told if not isinstance(each, StandbyWaiting)]


async def test_a_stop_while_it_stands_by_leaves_no_trace(ground: Ground) -> None:
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    await first.wait_for_lease()
    waiting = asyncio.ensure_future(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert [("daemon", "web-1", 1), ("standby", "web-2", 0)] == await ground.rows()
    waiting.cancel()
    await second.give_up()
    assert [("daemon", "web-1", 1)] == await ground.rows()
    assert not [each for each in ground.machines["web-2"].told if isinstance(each, LeaseGivenUp)]
