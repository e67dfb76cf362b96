import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, ColumnElement, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from paranad.shop.columns import JsonText, Money, WallClock
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.statements import ORDER, about, is_before, is_unset
from paranad.shop.tables import alwaseet_sync_logs, archived_orders, carts, orders, users
from tests.support import shop as t
from tests.support.shop_faults import force

SQLITE = sqlite.dialect()


async def raw(shop: Shop, statement: str) -> Any:
    async with shop.read() as connection:
        return (await connection.exec_driver_sql(statement)).scalar_one()


async def test_wall_clock_is_text_without_fraction_or_offset(shop: Shop) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 999999)  # noqa: DTZ001  the shop's times are naive
    await t.make_cart(shop, created_at=at)
    assert "2026-01-02 03:04:05" == str(await raw(shop, "SELECT created_at FROM carts"))


async def test_aware_time_is_not_bound_by_mistake(shop: Shop) -> None:
    with pytest.raises(StatementError, match=r"use Shop\.wall"):
        await t.make_cart(shop, created_at=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)))  # noqa: DTZ001
def test_wall_clock_text_sorts_as_time_does(at: datetime) -> None:
    kind = WallClock()
    text = kind.process_bind_param(at, SQLITE)
    assert at.replace(microsecond=0) == kind.process_result_value(text, SQLITE)
    assert (text < "2026-03-02 12:00:00") == (at.replace(microsecond=0) < datetime(2026, 3, 2, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("stored", "read"),
    [("2026-03-02 12:00:00.750", (2026, 3, 2, 12)), ("2026-03-02", (2026, 3, 2)), ("2026-03-02T12:00:00", None)],
)
def test_other_writers_times_are_read(stored: str, read: tuple[int, int, int] | None) -> None:
    expected = datetime(*(read or (2026, 3, 2, 12)))  # noqa: DTZ001
    assert expected == WallClock().process_result_value(stored, SQLITE)


@pytest.mark.parametrize("stored", ["", "غدا", 20260302, b"2026-03-02", "2026-00-00 00:00:00"])
def test_unreadable_time_is_a_bad_row(stored: Any) -> None:
    with pytest.raises(ShopBadRow, match="expected a time"):
        WallClock().process_result_value(stored, SQLITE)


@pytest.mark.parametrize("zeros", ["0000-00-00 00:00:00", "0000-00-00"])
async def test_date_of_zeros_is_no_date(shop: Shop, zeros: str) -> None:
    cart = await t.make_cart(shop)
    await force(shop, "UPDATE carts SET expires_at = :time WHERE id = :id", time=zeros, id=cart)
    assert await t.value_of(shop, carts, cart, "expires_at") is None


@pytest.mark.parametrize("time", ["yesterday", "", "2025/12/01", "15/02/2026", 20260302])
async def test_condition_on_a_time_meets_what_is_none_so_that_its_row_fails(sqlite_shop: Shop, time: Any) -> None:
    cart = await t.make_cart(sqlite_shop)
    await force(sqlite_shop, "UPDATE carts SET expires_at = :time WHERE id = :id", time=time, id=cart)
    assert [cart] == await met(sqlite_shop, is_before(sqlite_shop, carts.c.expires_at, sqlite_shop.now()))


@pytest.mark.parametrize(
    ("time", "before", "unset"),
    [
        ("0000-00-00 00:00:00", False, True),
        (None, False, True),
        ("2020-01-01 00:00:00", True, False),
        ("2037-01-01 00:00:00", False, False),
    ],
)
async def test_conditions_on_a_time_take_zeros_for_none(shop: Shop, time: Any, before: bool, unset: bool) -> None:
    await t.make_cart(shop)
    await force(shop, "UPDATE carts SET expires_at = :time", time=time)
    expires_at = carts.c.expires_at
    found = [await met(shop, each) for each in (is_before(shop, expires_at, shop.now()), is_unset(shop, expires_at))]
    assert [before, unset] == [bool(ids) for ids in found]


async def met(shop: Shop, condition: ColumnElement[bool]) -> Sequence[int]:
    async with shop.read() as connection:
        return (await connection.execute(select(carts.c.id).where(condition))).scalars().all()


ODD = [
    ("orders", "total_amount", "abc"),
    ("orders", "total_amount", ""),
    ("orders", "total_amount", 1e30),
    ("orders", "total_amount", float("inf")),
    ("orders", "total_amount", "nan"),
    ("orders", "created_at", "yesterday"),
    ("orders", "customer_phone", b"\x00\xff"),
    ("orders", "notes", b"07701234567"),
    ("cart_items", "quantity", "many"),
    ("alwaseet_sync_logs", "filters", "{"),
]


@pytest.mark.parametrize(("table", "column", "value"), ODD)
async def test_what_cannot_be_read_names_table_and_column(
    sqlite_shop: Shop, table: str, column: str, value: Any
) -> None:
    size = await t.make_size(sqlite_shop)
    await t.make_order(sqlite_shop, cart_id=await t.make_cart(sqlite_shop, items=[t.Item(size)]))
    await t.make(sqlite_shop, alwaseet_sync_logs, started_at=sqlite_shop.now())
    await force(sqlite_shop, "PRAGMA ignore_check_constraints = ON")
    await force(sqlite_shop, f"UPDATE {table} SET {column} = :value", value=value)
    with pytest.raises(ShopBadRow, match=rf"^{table}\.{column}: expected"):
        await t.rows(sqlite_shop, t.WHOLE[table])


async def test_bytes_that_are_no_text_name_table_column_and_row(sqlite_shop: Shop) -> None:
    order = await t.make_order(sqlite_shop)
    await force(sqlite_shop, "UPDATE orders SET customer_name = CAST(X'ff41' AS TEXT)")

    async def read() -> None:
        async with sqlite_shop.read() as connection:
            with about(ORDER(order=order)):
                await connection.execute(select(orders.c.customer_name))

    with pytest.raises(ShopBadRow, match=rf"^order {order}: orders\.customer_name: expected text in UTF-8"):
        await read()


@pytest.mark.parametrize(
    ("value", "stored"), [(Decimal(25000), 25000), (Decimal("0.005"), 0.01), (12.345, 12.35), (Decimal("-1.5"), -1.5)]
)
async def test_money_is_a_number_with_two_places(shop: Shop, value: Decimal, stored: float) -> None:
    await t.make_order(shop, total_amount=value)
    assert stored == float(await raw(shop, "SELECT total_amount FROM orders"))
    [order] = await t.rows(shop, orders)
    assert Decimal(str(stored)) == order["total_amount"]
    assert -2 == order["total_amount"].as_tuple().exponent


@given(st.decimals(min_value=-99_999_999, max_value=99_999_999, places=2))
def test_money_survives_the_way_through_sqlite(amount: Decimal) -> None:
    direct = sqlite3.connect(":memory:")
    direct.execute("CREATE TABLE t (amount NUMERIC)")
    direct.execute("INSERT INTO t VALUES (?)", (Money().process_bind_param(amount, SQLITE),))
    [(stored,)] = direct.execute("SELECT amount FROM t")
    direct.close()
    assert amount == Money().process_result_value(stored, SQLITE)


def test_amount_that_is_none_is_a_bad_row() -> None:
    with pytest.raises(ShopBadRow, match="expected an amount"):
        Money().process_result_value("كثير", SQLITE)


async def test_json_is_ascii_text_and_null_is_null(shop: Shop) -> None:
    for filters in ({"اسم": ["أ/ب"]}, None):
        await t.make(shop, alwaseet_sync_logs, started_at=shop.now(), filters=filters)
    [first, second] = await t.rows(shop, alwaseet_sync_logs)
    assert ({"اسم": ["أ/ب"]}, None) == (first["filters"], second["filters"])
    assert (await raw(shop, f"SELECT filters FROM alwaseet_sync_logs WHERE id = {first['id']}")).isascii()
    assert await raw(shop, f"SELECT filters IS NULL FROM alwaseet_sync_logs WHERE id = {second['id']}")


def test_json_written_twice_over_is_read_as_text() -> None:
    assert '{"event":"x"}' == JsonText().process_result_value(json.dumps('{"event":"x"}'), SQLITE)


def test_text_that_is_no_json_is_a_bad_row() -> None:
    with pytest.raises(ShopBadRow, match="expected JSON"):
        JsonText().process_result_value("{", SQLITE)


@pytest.mark.parametrize(
    ("column", "value"), [(carts.c.status, "archived"), (orders.c.status, "new"), (users.c.role, "guest")]
)
async def test_enums_hold(shop: Shop, column: Column[str], value: str) -> None:
    await t.make_order(shop)
    await t.make_user(shop)
    with pytest.raises(ShopBadRow, match="CHECK"):
        async with shop.transaction() as connection:
            await connection.execute(update(column.table).values({column: value}))


async def test_archive_without_items_is_refused(shop: Shop) -> None:
    with pytest.raises(ShopBadRow, match="NOT NULL"):
        await t.make(shop, archived_orders, delegate_id=await t.make_user(shop), archived_at=shop.now())


async def test_ids_are_never_used_twice(shop: Shop) -> None:
    cart = await t.make_cart(shop)
    async with shop.transaction() as connection:
        await connection.execute(carts.delete())
    assert cart < await t.make_cart(shop)
