"""One daemon works, the others stand by: on SQLite and on MariaDB, with the tests' clock."""

import asyncio
from datetime import timedelta

import pytest

from paranad.events.standby import (
    LeaseDoubled,
    LeaseGivenUp,
    LeaseLost,
    LeaseNotRenewed,
    LeaseRenewed,
    LeaseTaken,
    StandbyCame,
    StandbyWaiting,
)
from paranad.shop.errors import ShopUnreachable
from paranad.standby.decide import NUMBERS, Row
from paranad.standby.memory import TAKEN_OVER
from paranad.standby.view import Role
from tests.lease.conftest import Ground
from tests.support.mariadb import MariaDb


async def taking_over(ground: Ground, waiting: asyncio.Task[object]) -> None:
    """Let two minutes pass by every clock, in the steps in which a standby looks."""
    for _ in range(60):
        looks = ground.begin(ground.waits(NUMBERS.look_s))
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
    waiting = ground.begin(second.wait_for_lease())
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
    waiting = ground.begin(second.wait_for_lease())
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
    waiting = ground.begin(second.wait_for_lease())
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
    keeping, waiting = ground.begin(first.keep()), ground.begin(second.wait_for_lease())
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
    keeping = ground.begin(first.keep())
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
    waiting = ground.begin(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert [("daemon", "web-1", 1), ("standby", "web-2", 0)] == await ground.rows()
    waiting.cancel()
    await second.give_up()
    assert [("daemon", "web-1", 1)] == await ground.rows()
    assert not [each for each in ground.machines["web-2"].told if isinstance(each, LeaseGivenUp)]


async def fails(*_: object, **__: object) -> bool:
    raise ShopUnreachable("cut off")


async def test_without_renewals_it_claims_for_30_s_and_works_for_60(ground: Ground) -> None:
    only = await ground.daemon("web-1")
    await only.wait_for_lease()
    only._rows.renew = fails  # type: ignore[method-assign]
    keeping, began_s = ground.begin(only.keep()), ground.clock.elapsed_s
    while not keeping.done():
        held_for_s = ground.clock.elapsed_s - began_s
        assert (held_for_s < 30, 90 - held_for_s) == (only.may_claim(), only.left_s())
        await only.look()  # that the table can be read takes nothing away from the reason
        assert (held_for_s >= 30) == ("cut off" in str(only.view.trouble))
        await asyncio.sleep(0)
        due_s = min(ground.clock.sleepers.values(), default=ground.clock.elapsed_s)
        await ground.clock.advance(due_s - ground.clock.elapsed_s)
    assert 60 == ground.clock.elapsed_s - began_s
    reason = "the shop's database cannot be reached: cut off"
    assert f"the lease could not be renewed for 60 s: {reason}; another may take it" == (await keeping).text
    assert (False, 0.0) == (only.may_claim(), only.left_s())
    assert 1 == len([each for each in ground.machines["web-1"].told if isinstance(each, LeaseNotRenewed)])


async def test_a_renewal_after_failures_is_told_and_counts_from_when_it_was_sent(ground: Ground) -> None:
    only = await ground.daemon("web-1")
    await only.wait_for_lease()
    renew, only._rows.renew = only._rows.renew, fails  # type: ignore[method-assign]
    keeping = ground.begin(only.keep())
    await ground.waits(NUMBERS.renew_s)
    await ground.clock.advance(NUMBERS.renew_s)
    await ground.waits(NUMBERS.retry_s)
    only._rows.renew = renew  # type: ignore[method-assign]
    await ground.clock.advance(NUMBERS.retry_s)
    await ground.waits(NUMBERS.renew_s)
    assert (90.0, True) == (only.left_s(), only.may_claim())
    told = [type(each) for each in ground.machines["web-1"].told if isinstance(each, LeaseNotRenewed | LeaseRenewed)]
    assert [LeaseNotRenewed, LeaseRenewed] == told
    keeping.cancel()


async def test_a_process_that_was_frozen_neither_claims_nor_sends_when_it_goes_on(ground: Ground) -> None:
    """Whatever runs first after two minutes: no renewal has to be tried for it to be known."""
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    await first.wait_for_lease()
    keeping = ground.begin(first.keep())
    await ground.waits(NUMBERS.renew_s)
    ground.clock.elapsed_s += 120  # nothing woke it
    assert (False, 0.0) == (first.may_claim(), first.left_s())
    await ground.clock.advance(0)
    assert "stood still" in (await keeping).text
    await first.give_up()
    assert not [each for each in ground.machines["web-1"].told if isinstance(each, LeaseGivenUp)]
    await second.close()


async def test_a_taking_whose_answer_was_lost_is_found_to_be_ones_own(ground: Ground) -> None:
    only = await ground.daemon("web-1")
    insert = only._rows.insert

    async def lost(taken: Row) -> bool:
        await insert(taken)
        raise ShopUnreachable("cut off")

    only._rows.insert = lost  # type: ignore[method-assign]
    waiting = ground.begin(only.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert (0, False) == (only.term, only.may_claim()), "nothing is believed before the row is read again"
    await ground.clock.advance(NUMBERS.look_s)
    taken = await waiting
    assert (2, False) == (taken.term, taken.from_another)


async def test_a_crash_right_after_a_takeover_still_knows_whose_work_goes_on(ground: Ground) -> None:
    first, second = await ground.daemon("web-1"), await ground.daemon("web-2")
    await first.wait_for_lease()
    await first.give_up()
    before = await second.wait_for_lease()
    after = await (await ground.daemon("web-2")).wait_for_lease()
    assert (3, True, "web-1") == (after.term, after.from_another, after.machine_before)
    assert before.last_sent_at == after.last_sent_at
    kept = await ground.stores["web-2"].values.get(TAKEN_OVER)
    assert kept
    assert ("web-1", 3) == (kept["machine"], kept["term"])


async def test_a_copied_state_directory_is_a_daemon_of_its_own(ground: Ground) -> None:
    """A clone with the same machine id: it notices that its identity works elsewhere, and goes on under another."""
    first = await ground.daemon("web-1")
    await first.wait_for_lease()
    await ground.sql("UPDATE paranad_lease SET term = 2, reference = 'the copy'")
    second = await ground.daemon("web-1")
    waiting = ground.begin(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert [LeaseDoubled(machine="web-1")] == [
        each for each in ground.machines["web-1"].told if isinstance(each, LeaseDoubled)
    ]
    assert (True, False) == (second.view.doubled, second.holder == first.holder)
    assert not second.may_claim()
    waiting.cancel()


async def test_on_another_machine_a_copied_state_directory_has_another_identity(ground: Ground) -> None:
    first = await ground.daemon("web-1")
    await first.wait_for_lease()
    ground.machines["web-1"].machine_id = "another"
    second = await ground.daemon("web-1")
    assert second.holder != first.holder


async def test_after_a_restart_of_the_machine_it_waits_like_any_other(ground: Ground) -> None:
    """Its clock began anew, so nothing tells for how long it was away."""
    await (await ground.daemon("web-1")).wait_for_lease()
    ground.machines["web-1"].boot = "boot-2"
    waiting = ground.begin((await ground.daemon("web-1")).wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert not waiting.done()
    waiting.cancel()


async def test_a_database_that_is_down_is_told_once_and_waited_out(ground: Ground) -> None:
    only = await ground.daemon("web-1")
    look, only._rows.look = only._rows.look, fails  # type: ignore[assignment, method-assign]
    waiting = ground.begin(only.wait_for_lease())
    for _ in range(3):
        await ground.waits(NUMBERS.look_s)
        await ground.clock.advance(NUMBERS.look_s)
    await ground.waits(NUMBERS.look_s)
    [told] = [each for each in ground.machines["web-1"].told if isinstance(each, StandbyWaiting)]
    assert "the lease cannot be looked at: the shop's database cannot be reached: cut off" in told.reason.text
    only._rows.look = look  # type: ignore[method-assign]
    await ground.clock.advance(NUMBERS.look_s)
    assert 1 == (await waiting).term


async def test_a_missing_table_is_waited_out_with_its_cure(ground: Ground) -> None:
    await ground.sql("DROP TABLE paranad_lease")
    only = await ground.daemon("web-1")
    waiting = ground.begin(only.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert only.view.cure
    assert "paranadctl standby setup" in only.view.cure.text
    await ground.sql(only.setup.sql.rstrip().rstrip(";"))
    await ground.clock.advance(NUMBERS.look_s)
    assert 1 == (await waiting).term


async def test_without_its_key_nobody_takes_it(ground: Ground) -> None:
    """Two inserts would both succeed: each would hold a lease of its own."""
    await ground.sql("DROP TABLE paranad_lease")
    only = await ground.daemon("web-1")
    await ground.sql(only.setup.sql.replace(" PRIMARY KEY", "").rstrip().rstrip(";"))
    waiting = ground.begin(only.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert only.view.cure
    assert "the lease cannot be taken: paranad_lease has no primary key" in only.view.why.text
    assert [] == [each for each in await ground.rows() if each[0] == "daemon"]
    waiting.cancel()


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_a_standby_whose_rights_are_taken_away_says_so(ground: Ground, mariadb: MariaDb) -> None:
    """It reads that another works, and could not take over."""
    first = await ground.daemon("web-1")
    await first.wait_for_lease()
    url, ground.url = ground.url, f"mysql://reader:x@localhost/shop?unix_socket={mariadb.path}"
    grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON shop.paranad_lease TO reader@localhost"
    mariadb.query(f"CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'x'; {grant}")
    second, ground.url = await ground.daemon("web-2"), url
    waiting = ground.begin(second.wait_for_lease())
    await ground.waits(NUMBERS.look_s)
    assert "web-1 works" in second.view.why.text
    mariadb.query("REVOKE UPDATE ON shop.paranad_lease FROM reader@localhost")
    for _ in range(9):
        await ground.clock.advance(NUMBERS.look_s)
        await ground.waits(NUMBERS.look_s)
    reason = "the shop's database does not allow UPDATE on paranad_lease"
    assert f"the lease cannot be taken: {reason}; it is tried again" == second.view.why.text
    assert second.view.cure
    told = [each for each in ground.machines["web-2"].told if isinstance(each, StandbyWaiting)]
    assert 2 == len(told)
    waiting.cancel()
    mariadb.query("DROP USER reader@localhost")
