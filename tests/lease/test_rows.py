"""The statements on the lease, on SQLite and on MariaDB: compared, in time, and late."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import pytest
from sqlalchemy import text

from paranad.events.event import Events
from paranad.shop.errors import ShopUnreachable
from paranad.standby.decide import Row
from paranad.standby.rows import LeaseRows
from tests.lease.conftest import Ground
from tests.support.shop_fixtures import open_shop

FIRST = Row("a", "web-1", 1, "token-1", -1, -1, "1.0")
SECOND = Row("b", "web-2", 2, "token-2", -1, -1, "1.1")


@pytest.fixture
async def rows(ground: Ground) -> AsyncIterator[LeaseRows]:
    rows = LeaseRows(ground.shop, ground.clock)
    yield rows
    await rows.close()


@pytest.fixture
async def others(ground: Ground) -> AsyncIterator[LeaseRows]:
    """Another machine's connection."""
    shop = open_shop(ground.url, ground.clock, Events())
    rows = LeaseRows(shop, ground.clock)
    yield rows
    await rows.close()
    await shop.close()


async def seen_by(rows: LeaseRows) -> Row:
    row = (await rows.look()).row
    assert row
    return row


async def test_an_empty_table_shows_the_databases_clock(rows: LeaseRows) -> None:
    look = await rows.look()
    assert (None, []) == (look.row, look.present)
    assert look.database_ms > 1_700_000_000_000


async def test_one_of_two_that_insert_it_has_it(rows: LeaseRows, others: LeaseRows) -> None:
    assert [False, True] == sorted(await asyncio.gather(rows.insert(FIRST), others.insert(SECOND)))


async def test_one_of_two_that_take_it_has_it(rows: LeaseRows, others: LeaseRows) -> None:
    await rows.insert(FIRST)
    seen = await seen_by(rows)
    takes = [rows.take(seen, SECOND), others.take(seen, replace(SECOND, holder="c", token="token-3"))]
    assert [False, True] == sorted(await asyncio.gather(*takes))


async def test_it_holds_for_90_s_by_the_databases_clock(rows: LeaseRows) -> None:
    await rows.insert(FIRST)
    look = await rows.look()
    assert look.row
    assert 89_000 <= look.row.expires_ms - look.database_ms <= 90_000
    assert ("a", "web-1", 1, "token-1", "1.0") == (
        look.row.holder,
        look.row.machine,
        look.row.term,
        look.row.token,
        look.row.version,
    )


async def test_it_is_not_taken_from_a_holder_that_has_renewed_it_meanwhile(rows: LeaseRows, others: LeaseRows) -> None:
    await rows.insert(FIRST)
    seen = await seen_by(others)
    while (await seen_by(rows)).expires_ms == seen.expires_ms:  # until the database's clock has gone on by 1 ms
        assert await rows.renew(FIRST, within_s=5)
    assert not await others.take(seen, SECOND)


async def test_only_its_holder_in_its_term_renews_it(rows: LeaseRows) -> None:
    await rows.insert(FIRST)
    assert await rows.renew(FIRST, within_s=5)
    assert await rows.renew(FIRST, within_s=5)
    for other in (replace(FIRST, holder="c"), replace(FIRST, term=2), replace(FIRST, token="other")):
        assert not await rows.renew(other, within_s=5)
    await rows.give_up(FIRST)
    assert not await rows.renew(FIRST, within_s=5)
    assert (await seen_by(rows)).given_up


async def test_who_stands_by_is_there_until_it_leaves(rows: LeaseRows, others: LeaseRows) -> None:
    await rows.be_present("b", "web-2", "1.0")
    await rows.be_present("b", "web-2", "1.1")
    [there] = (await others.look()).present
    assert ("b", "web-2", "1.1") == (there.holder, there.machine, there.version)
    await rows.be_absent("b")
    assert [] == (await others.look()).present


async def test_who_has_not_stood_by_for_30_days_is_forgotten(rows: LeaseRows, ground: Ground) -> None:
    await rows.be_present("b", "web-2", "1.0")
    await ground.sql("UPDATE paranad_lease SET expires_at = 1")
    await rows.be_absent("c")
    assert [] == (await rows.look()).present


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_a_statement_whose_answer_was_given_up_may_be_carried_out_later(rows: LeaseRows, ground: Ground) -> None:
    """A lock holds it up; its connection is gone when the lock is: the server finishes it all the same."""
    await rows.insert(FIRST)
    before = await seen_by(rows)
    impatient = LeaseRows(ground.shop, ground.clock)
    async with ground.shop.transaction() as holding:
        await holding.execute(text("SELECT * FROM paranad_lease WHERE name = 'daemon' FOR UPDATE"))
        with pytest.raises(ShopUnreachable, match=r"no answer within 0.3 s"):
            await impatient.renew(FIRST, within_s=0.3)
    await impatient.close()
    after = await seen_by(rows)
    assert after.token == before.token
    assert await rows.take(await seen_by(rows), SECOND)
    assert not await impatient.renew(FIRST, within_s=5), "what comes later than another term changes nothing"
    await impatient.close()


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_the_server_undoes_what_a_machine_has_begun_that_is_cut_off(ground: Ground) -> None:
    shop = open_shop(ground.url, ground.clock, Events(), shared=True)
    async with shop.read() as connection:
        asked = await connection.execute(text("SELECT @@idle_transaction_timeout, @@wait_timeout > 75"))
        assert (60, 1) == tuple(asked.one())
    await shop.close()


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_alone_nothing_of_that_is_set(ground: Ground) -> None:
    async with ground.shop.read() as connection:
        asked = await connection.execute(text("SELECT @@idle_transaction_timeout"))
        assert 0 == asked.scalar_one()


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_a_cancelled_statement_leaves_no_connection_behind(ground: Ground) -> None:
    """The cancellation of a scope comes again at every step, also while the connection is closed."""
    rows, ours = LeaseRows(ground.shop, ground.clock), "SELECT COUNT(*) FROM information_schema.processlist"
    await rows.insert(FIRST)
    async with ground.shop.transaction() as holding:
        await holding.execute(text("SELECT * FROM paranad_lease WHERE name = 'daemon' FOR UPDATE"))
        before = (await holding.execute(text(ours))).scalar_one()
        with anyio.move_on_after(0.1) as scope:
            await rows.renew(FIRST, within_s=5)
        assert scope.cancelled_caught
    assert rows._statements._connection is None
    assert await rows.renew(FIRST, within_s=5), "the next one opens another"
    async with ground.shop.read() as connection:
        assert (await connection.execute(text(ours))).scalar_one() <= before + 1
    await rows.close()


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_who_asks_how_it_stands_does_not_hold_up_a_renewal(rows: LeaseRows, ground: Ground) -> None:
    await rows.insert(FIRST)
    asking = [asyncio.ensure_future(rows.look()) for _ in range(30)]
    stuck = asyncio.Event()
    rows._queries._answer = lambda _: stuck.wait()  # type: ignore[assignment, method-assign, return-value]
    await asyncio.sleep(0)
    assert await rows.renew(FIRST, within_s=5)
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_time_limit_covers_the_wait_for_those_before(rows: LeaseRows) -> None:
    await rows.insert(FIRST)
    stuck = asyncio.Event()
    run, rows._statements._answer = rows._statements._answer, lambda _: stuck.wait()  # type: ignore[method-assign, assignment, return-value]
    before = asyncio.ensure_future(rows.renew(FIRST, within_s=5))
    await asyncio.sleep(0)
    with pytest.raises(ShopUnreachable, match=r"no answer within 0.05 s"):
        await rows.renew(FIRST, within_s=0.05)
    assert not before.done()
    before.cancel()
    await asyncio.gather(before, return_exceptions=True)
    rows._statements._answer = run  # type: ignore[method-assign]
    assert await rows.renew(FIRST, within_s=5)
