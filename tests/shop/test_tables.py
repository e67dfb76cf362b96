"""The tables as background work knows them, held against those that the shop's migrations really make."""

import re
from typing import Any

import pytest
from sqlalchemy import Boolean, CheckConstraint, Column, Date, DateTime, Integer, MetaData, Numeric, String, Table, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.mysql import ENUM, TINYINT
from sqlalchemy.types import TypeEngine

from paranad.shop.columns import JsonText, Money, WallClock, Whole
from paranad.shop.database import Shop
from paranad.shop.tables import metadata
from tests.support.mariadb import MariaDb

JSON_COLUMNS = """
    SELECT table_name, constraint_name FROM information_schema.check_constraints
    WHERE constraint_schema = database() AND check_clause LIKE 'json_valid(%'
"""
WORDS: list[tuple[type[TypeEngine[Any]], str]] = [
    (JsonText, "json"),
    (WallClock, "time"),
    (DateTime, "time"),
    (Date, "day"),
    (Money, "money"),
    (Numeric, "money"),
    (Boolean, "flag"),
    (Integer, "number"),
    (Whole, "number"),
    (String, "text"),
]


@pytest.fixture
def shop_url(mariadb: MariaDb) -> str:
    return mariadb.empty_database("shop")


def kind(column: Column[Any], *, json: bool) -> tuple[Any, ...]:
    """Say what a column holds, in words that both sides have; MariaDB keeps *json* as text with a check."""
    if json:
        return ("json", None)
    if isinstance(column.type, TINYINT) and column.type.display_width == 1:
        return ("flag", None)
    if allowed := choices(column):
        return ("choice", *allowed)
    size = getattr(column.type, "precision", None) or getattr(column.type, "length", None)
    return (next(word for kind, word in WORDS if isinstance(column.type, kind)), size)


def choices(column: Column[Any]) -> list[str]:
    if isinstance(column.type, ENUM):
        return list(column.type.enums)
    checks = [str(each.sqltext) for each in column.constraints if isinstance(each, CheckConstraint)]
    return [value for check in checks if " IN (" in check for value in re.findall(r"'([^']*)'", check)]


def references(table: Table) -> set[tuple[str, str, str]]:
    keys = table.foreign_keys
    return {(key.parent.name, key.column.table.name, (key.ondelete or "RESTRICT").upper()) for key in keys}


def unique(table: Table) -> set[tuple[str, ...]]:
    constraints = [each.columns for each in table.constraints if isinstance(each, Unique)]
    indexes = [each.columns for each in table.indexes if each.unique]
    return {tuple(column.name for column in columns) for columns in (*constraints, *indexes)}


def facts(table: Table, json: set[str]) -> dict[str, Any]:
    """Say of a table what background work relies on."""
    return {
        "columns": {column.name: kind(column, json=column.name in json) for column in table.c},
        "may be null": {column.name for column in table.c if column.nullable},
        "has a default": {column.name for column in table.c if column.server_default is not None},
        "refers to": references(table),
        "unique": unique(table),
    }


async def test_tables_are_as_the_shops_migrations_make_them(shop: Shop) -> None:
    real = MetaData()
    async with shop.read() as connection:
        await connection.run_sync(real.reflect)
        json = [tuple(row) for row in await connection.execute(text(JSON_COLUMNS))]
    assert sorted(real.tables) == sorted(metadata.tables)
    for name, table in metadata.tables.items():
        theirs = {column for of_table, column in json if of_table == name}
        ours = {column.name for column in table.c if isinstance(column.type, JsonText)}
        assert facts(real.tables[name], theirs) == facts(table, ours), name
