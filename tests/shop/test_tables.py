"""The tables: the two forms of the whole shop agree, and the columns that the daemon names are columns of it."""

import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.mysql import ENUM, TINYINT
from sqlalchemy.types import TypeEngine

from paranad.shop.columns import JsonText, Money, PlainText, WallClock, Whole
from paranad.shop.database import Shop
from paranad.shop.tables import metadata
from tests.support.mariadb import MariaDb
from tests.support.shop import WHOLE

JSON_COLUMNS = """
    SELECT table_name, constraint_name FROM information_schema.check_constraints
    WHERE constraint_schema = database() AND check_clause LIKE 'json_valid(%'
"""
OF_FLAG = re.compile(r'"(\w+)" IN \(0, 1\)')
OF_CHOICE = re.compile(r'"?(\w+)"? IN \((.*)\)', re.DOTALL)
OF_JSON = re.compile(r'json_valid\("?(\w+)"?\)')
WORDS: list[tuple[type[TypeEngine[Any]], str]] = [
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
OURS: list[tuple[type[TypeEngine[Any]], str]] = [(JsonText, "json"), (PlainText, "text"), *WORDS]


@pytest.fixture
def shop_url(mariadb: MariaDb) -> str:
    return mariadb.empty_database("shop")


class Form:
    """One of the two forms of the shop's schema, as its engine understood it."""

    def __init__(self, tables: MetaData, json: set[tuple[str, str]]) -> None:
        self.tables, self._json = tables.tables, json

    def columns(self, table: Table) -> dict[str, tuple[str, ...]]:
        return {column.name: (self.kind(column), *self._choices(column)) for column in table.c}

    def kind(self, column: Column[Any]) -> str:
        """Say what a column holds, in words that both forms have."""
        if (column.table.name, column.name) in self._json | set(self._checked(column.table, OF_JSON)):
            return "json"
        if self._is_flag(column):
            return "flag"
        return next(word for kind, word in WORDS if isinstance(column.type, kind))

    def facts(self, table: Table) -> dict[str, Any]:
        """Say of a table what background work relies on."""
        return {
            "columns": self.columns(table),
            "may be null": {column.name for column in table.c if column.nullable},
            "has a default": {column.name for column in table.c if column.server_default is not None},
            "refers to": _references(table),
            "unique": _unique(table),
        }

    def _is_flag(self, column: Column[Any]) -> bool:
        if isinstance(column.type, TINYINT):
            return column.type.display_width == 1
        return (column.table.name, column.name) in self._checked(column.table, OF_FLAG)

    def _choices(self, column: Column[Any]) -> list[str]:
        if isinstance(column.type, ENUM):
            return list(column.type.enums)
        checks = [check for name, check in self._checks(column.table, OF_CHOICE) if name == column.name]
        return re.findall(r"'([^']*)'", " ".join(checks))

    def _checked(self, table: Table, kind: re.Pattern[str]) -> list[tuple[str, str]]:
        return [(table.name, name) for name, _ in self._checks(table, kind)]

    @staticmethod
    def _checks(table: Table, kind: re.Pattern[str]) -> list[tuple[str, str]]:
        checks = [str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)]
        return [(found[1], check) for check in checks if (found := kind.search(check))]


def _references(table: Table) -> set[tuple[str, str, str]]:
    keys = table.foreign_keys
    return {(key.parent.name, key.column.table.name, (key.ondelete or "RESTRICT").upper()) for key in keys}


def _unique(table: Table) -> set[tuple[str, ...]]:
    constraints = [each.columns for each in table.constraints if isinstance(each, Unique)]
    indexes = [each.columns for each in table.indexes if each.unique]
    return {tuple(column.name for column in columns) for columns in (*constraints, *indexes)}


@pytest.fixture
async def of_mysql(shop: Shop) -> Form:
    real = MetaData()
    async with shop.read() as connection:
        await connection.run_sync(real.reflect)
        return Form(real, {(row[0], row[1]) for row in await connection.execute(text(JSON_COLUMNS))})


@pytest.fixture
def of_sqlite(empty_shop: Path) -> Form:
    real, engine = MetaData(), create_engine(f"sqlite:///{empty_shop}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Could not instantiate type")  # TINYINT(1), which SQLite takes for a number
        real.reflect(engine)
    engine.dispose()
    return Form(real, set())


async def test_both_forms_of_the_whole_shop_are_one_schema(of_mysql: Form, of_sqlite: Form) -> None:
    assert sorted(of_mysql.tables) == sorted(of_sqlite.tables) == sorted(WHOLE)
    for name, table in of_mysql.tables.items():
        assert of_mysql.facts(table) == of_sqlite.facts(of_sqlite.tables[name]), name


async def test_columns_that_the_daemon_names_are_the_shop_s(of_mysql: Form) -> None:
    for name, table in metadata.tables.items():
        whole = of_mysql.tables[name]
        ours = {each.name: next(word for kind, word in OURS if isinstance(each.type, kind)) for each in table.c}
        assert ours == {each: of_mysql.kind(whole.c[each]) for each in ours}, name
