"""What is wrong with the table and with the rights on it, each said with its cure."""

import pytest

from paranad.standby.setup import CURE_FORM, CURE_TABLE, Setup
from tests.lease.conftest import Ground
from tests.support.mariadb import MariaDb
from tests.support.shop_fixtures import open_shop


async def reasons(ground: Ground) -> list[str]:
    return [each.reason.text for each in await Setup(ground.shop).examine() if each.cure]


async def test_a_table_as_it_should_be_is_fine_and_stays_as_it_is(ground: Ground) -> None:
    await ground.sql(
        "INSERT INTO paranad_lease (name, holder, machine, term, expires_at, since, version) "
        "VALUES ('daemon', 'a', 'web-1', 1, 1, 1, '1')"
    )
    assert [] == await reasons(ground)
    assert [("daemon", "web-1", 1)] == await ground.rows()


async def test_a_missing_table_is_said(ground: Ground) -> None:
    await ground.sql("DROP TABLE paranad_lease")
    assert [CURE_TABLE()] == [each.cure for each in await Setup(ground.shop).examine()]
    missing = 'the shop\'s database has no table paranad_lease as it should be: table "paranad_lease" is missing'
    assert [missing] == await reasons(ground)


async def test_a_missing_column_is_said(ground: Ground) -> None:
    await ground.sql("ALTER TABLE paranad_lease DROP COLUMN clock_ms")
    assert [CURE_FORM()] == [each.cure for each in await Setup(ground.shop).examine()]
    assert 'column "' in (await reasons(ground))[0]
    assert "clock_ms" in (await reasons(ground))[0]


async def test_a_table_without_a_key_is_said(ground: Ground) -> None:
    await ground.sql("DROP TABLE paranad_lease")
    sql = Setup(ground.shop).sql.replace(" PRIMARY KEY", "").rstrip().rstrip(";")
    await ground.sql(sql)
    assert ["paranad_lease has no primary key, so two daemons could each hold a lease"] == await reasons(ground)


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_an_engine_that_keeps_nothing_whole_is_said(ground: Ground) -> None:
    await ground.sql("ALTER TABLE paranad_lease ENGINE = MyISAM")
    said = "paranad_lease is kept by MyISAM, which neither a crash nor a cluster keeps whole"
    assert [said] == await reasons(ground)


@pytest.mark.parametrize("shop_url", ["mariadb"], indirect=True)
async def test_each_right_that_is_missing_is_said(ground: Ground, mariadb: MariaDb) -> None:
    grant = "GRANT SELECT, INSERT ON shop.paranad_lease TO reader@localhost"
    mariadb.query(f"CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'x'; {grant}")
    shop = open_shop(f"mysql://reader:x@localhost/shop?unix_socket={mariadb.path}", ground.clock, ground.shop.events)
    try:
        found = await Setup(shop).examine()
    finally:
        await shop.close()
        mariadb.query("DROP USER reader@localhost")
    assert [
        "the shop's database does not allow UPDATE on paranad_lease",
        "the shop's database does not allow DELETE on paranad_lease",
    ] == [each.reason.text for each in found]
    # As a person types it, after the two names that only the server knows.
    granted = "GRANT SELECT, INSERT, UPDATE, DELETE ON shop.paranad_lease TO 'USER'@'HOST'"
    assert all(each.cure and granted in each.cure.text for each in found)
