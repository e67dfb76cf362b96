"""The kinds of column the shop's tables are made of, and what each looks like in Python.

Wall-clock times are naive `datetime` in the shop's zone, whole seconds, text `YYYY-MM-DD HH:MM:SS` on SQLite.
Money is `Decimal` with two places. JSON is any JSON value, written as ASCII text as PHP writes it.

SQLite keeps whatever it is given, in every column. What is there and cannot be read raises ShopBadRow, which names the
table and the column; a date of zeros is no date. That holds for every statement, since the types read the values.
"""

import json
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
    TypeDecorator,
    false,
    func,
    literal_column,
    true,
)
from sqlalchemy.types import TypeEngine, UserDefinedType

from paranad.shop.errors import ShopBadRow

CENT = Decimal("0.01")
ZEROS = "0000-00-00"
"""How a date begins that is none."""
SHOWN_CHARS = 40
ENCODER = json.JSONEncoder(allow_nan=False)
"""Made once: `json.dumps` would make one for each value."""

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_index",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    }
)


class _Declared(UserDefinedType[Any]):
    """A type that SQLite takes by its declared name alone; the value passes as it is."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class Placed:
    """A type that knows of which column it is, for the words of an error."""

    place = "a column of the shop's"
    """Table and column, such as `carts.expires_at`; `name_places` sets it."""

    def bad(self, expected: str, value: object) -> ShopBadRow:
        """Return the error of a row in which *value* stands, where *expected* should."""
        got = "bytes" if isinstance(value, bytes) else f'"{str(value)[:SHOWN_CHARS]}"'
        return ShopBadRow(f"{self.place}: expected {expected}, got {got}")


def name_places(tables: MetaData) -> None:
    """Let the types of all columns of *tables* know where they stand."""
    for table in tables.tables.values():
        for column in table.c:
            if isinstance(column.type, Placed):
                column.type.place = f"{table.name}.{column.name}"


class WallClock(Placed, TypeDecorator[datetime]):
    """A naive instant on the shop's wall clock, in whole seconds; None where the shop has a date of zeros."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_Declared("DATETIME") if dialect.name == "sqlite" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is not None:
            raise TypeError(f"the shop's tables hold naive wall-clock times, got {value!r}; use Shop.wall")
        if value.microsecond:
            value = value.replace(microsecond=0)
        return value.isoformat(" ") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        try:
            return time_of(value)
        except ValueError:
            raise self.bad("a time such as 2026-03-02 12:00:00", value) from None


def time_of(value: object) -> datetime | None:
    """Return a time as a driver gives it; None where there is none.

    Raises:
        ValueError: it is no time.
    """
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("expected a time")  # noqa: TRY004 - whatever it is, it is no time
    return None if value.startswith(ZEROS) else datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0)


class Money(Placed, TypeDecorator[Decimal]):
    """An amount of dinars, or a percentage, with two decimal places."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_Declared("NUMERIC") if dialect.name == "sqlite" else self.impl_instance)

    def process_bind_param(self, value: Decimal | float | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        amount = Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
        return str(amount) if dialect.name == "sqlite" else amount

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        try:
            amount = Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
        except InvalidOperation:
            raise self.bad("an amount", value) from None
        if not amount.is_finite():
            raise self.bad("an amount", value)
        return amount


class PlainText(Placed, String):
    """Text; SQLite may hold bytes there."""

    def adapt(self, cls: Any, **options: Any) -> Any:
        """Return the type as a dialect has it, which is another object and stands where this one does."""
        adapted = super().adapt(cls, **options)
        adapted.place = self.place
        return adapted

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return what refuses bytes, for SQLite alone: a server's text is text."""
        return self._read if dialect.name == "sqlite" else None

    def _read(self, value: Any) -> Any:
        if isinstance(value, bytes):
            raise self.bad("text", value)
        return value


class LongText(PlainText, Text):
    """Text without a practical limit."""

    __visit_name__ = "text"


class Whole(Placed, TypeDecorator[int]):
    """A whole number; SQLite may hold text there."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        raise self.bad("a whole number", value)


class JsonText(Placed, TypeDecorator[Any]):
    """A JSON value kept as text; None is SQL NULL. Compare parsed values, never the text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else ENCODER.encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None or not isinstance(value, str | bytes):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ShopBadRow(f"{self.place}: expected JSON, got text that is not") from None


def key() -> Column[int]:
    """Make the primary key `id`; a number is never used twice."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def ref(name: str, table: str, on_delete: str, *, required: bool = False) -> Column[int]:
    """Make a reference to the `id` of *table*; *on_delete* says what becomes of this row with that one."""
    return Column(name, ForeignKey(f"{table}.id", ondelete=on_delete), nullable=not required, index=True)


def text(
    name: str,
    length: int = 255,
    *,
    required: bool = False,
    default: str | None = None,
    unique: bool = False,
    index: bool = False,
) -> Column[str]:
    """Make a column of text of at most *length* characters (MySQL holds to it, SQLite does not)."""
    kind = PlainText(length)
    return Column(name, kind, nullable=not required, server_default=default, unique=unique or None, index=index)


def long_text(name: str, *, required: bool = False) -> Column[str]:
    """Make a column of text without a practical limit."""
    return Column(name, LongText, nullable=not required)


def number(name: str, *, required: bool = False, default: str | None = None, index: bool = False) -> Column[int]:
    """Make a column of whole numbers."""
    return Column(name, Whole, nullable=not required, server_default=default and literal_column(default), index=index)


def raw_number(name: str, *, required: bool = False) -> Column[int]:
    """Make a column of whole numbers whose reader copes with whatever else stands there."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), nullable=not required)


def money(name: str, digits: int = 10, *, required: bool = False, default: str | None = None) -> Column[Decimal]:
    """Make a column of amounts with *digits* digits, two of them decimals."""
    return Column(name, Money(digits, 2), nullable=not required, server_default=default and literal_column(default))


def wall(name: str, *, required: bool = False, index: bool = False, default_now: bool = False) -> Column[datetime]:
    """Make a column of wall-clock times."""
    default = func.current_timestamp() if default_now else None
    return Column(name, WallClock, nullable=not required, index=index, server_default=default)


def stamps() -> tuple[Column[datetime], Column[datetime]]:
    """Make `created_at` and `updated_at`; nothing in the database fills them."""
    return wall("created_at"), wall("updated_at")


def day(name: str, *, required: bool = False, index: bool = False) -> Column[Any]:
    """Make a column of dates."""
    return Column(name, Date, nullable=not required, index=index)


def json_text(name: str, *, required: bool = False) -> Column[Any]:
    """Make a column of JSON values."""
    return Column(name, JsonText, CheckConstraint(f"{name} IS NULL OR json_valid({name})"), nullable=not required)


def flag(name: str, *, default: bool = False, index: bool = False) -> Column[bool]:
    """Make a column of true and false, kept as 1 and 0."""
    kind = Boolean(create_constraint=True)
    return Column(name, kind, nullable=False, server_default=true() if default else false(), index=index)


def choice(
    name: str, *values: str, required: bool = False, default: str | None = None, index: bool = False
) -> Column[str]:
    """Make a column that holds one of *values*."""
    allowed = CheckConstraint(f"{name} IN ({', '.join(map(repr, values))})")
    return Column(name, String(255), allowed, nullable=not required, server_default=default, index=index)
