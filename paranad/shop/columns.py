"""The kinds of column the shop's tables are made of, what each looks like in Python, and when a text shows nothing.

Wall-clock times are naive `datetime` in the shop's zone, whole seconds, text `YYYY-MM-DD HH:MM:SS` on SQLite.
Money is `Decimal` with two places. JSON is any JSON value, written as ASCII text as PHP writes it.

SQLite stores any value in any column. A value that cannot be read raises ShopBadRow, which names the table and the
column; a date of zeros is no date. Every statement behaves so, since the column types read the values.
"""

import json
import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine, UserDefinedType

from paranad.said import Sentence
from paranad.shop.errors import ShopBadRow

BAD_VALUE = Sentence("shop.bad_value", "{column}: expected {expected}, got {got}")
BYTES = Sentence("shop.bytes", "bytes")
VALUE = Sentence("shop.value", '"{value}"')
TIME = Sentence("shop.time", "a time such as 2026-03-02 12:00:00")
AMOUNT = Sentence("shop.amount", "an amount")
TEXT = Sentence("shop.text", "text")
WHOLE_NUMBER = Sentence("shop.whole_number", "a whole number")
NO_JSON = Sentence("shop.no_json", "{column}: expected JSON, got text that is not")
NO_UTF8 = Sentence("shop.no_utf8", "{column}: expected text in UTF-8, got bytes that are not")

INVISIBLE = (
    r"\s\x00-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Spaces, controls, marks without width or of direction, the soft hyphen, fillers.

Source: Unicode, "Default_Ignorable_Code_Point".
"""
VISIBLE = re.compile(f"[^{INVISIBLE}]")

CENT = Decimal("0.01")
MONEY_LIMIT = Decimal(10**8)
"""An amount fits the shop's decimal(10,2) if it is below this."""
ZEROS = "0000-00-00"
"""How a date of zeros begins, which is no date."""
SHOWN_CHARS = 40
ENCODER = json.JSONEncoder(allow_nan=False)
"""Made once, since `json.dumps` would make one for each value."""


class _Declared(UserDefinedType[Any]):
    """A type that has a name in SQLite and passes each value as it is."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class Placed:
    """A type that knows its column, so that an error can name it."""

    place = "a column of the shop"
    """Table and column, such as `carts.expires_at`; `name_places` sets it."""

    def bad(self, expected: Sentence, value: object) -> ShopBadRow:
        """Return the error of a row that has *value* instead of *expected*."""
        got = BYTES() if isinstance(value, bytes) else VALUE(value=str(value)[:SHOWN_CHARS])
        return ShopBadRow(BAD_VALUE(column=self.place, expected=expected(), got=got))


def name_places(tables: MetaData) -> None:
    """Give the type of each column in *tables* the name of its table and column."""
    for table in tables.tables.values():
        for column in table.c:
            if isinstance(column.type, Placed):
                column.type.place = f"{table.name}.{column.name}"


class WallClock(Placed, TypeDecorator[datetime]):
    """A naive instant on the shop's wall clock, in whole seconds; a date of zeros is None."""

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
            raise self.bad(TIME, value) from None


def time_of(value: object) -> datetime | None:
    """Return the time in *value*, as a driver gives it; None for NULL or a date of zeros.

    Raises:
        ValueError: it is no time.
    """
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("expected a time")  # noqa: TRY004 - any other type is no time, either
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
            raise self.bad(AMOUNT, value) from None
        if not amount.is_finite():
            raise self.bad(AMOUNT, value)
        return amount


class PlainText(Placed, String):
    """Text; SQLite may hold bytes there."""

    def adapt(self, cls: Any, **options: Any) -> Any:
        """Return the type as a dialect has it: another object, which must know the column too."""
        adapted = super().adapt(cls, **options)
        adapted.place = self.place
        return adapted

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return a reader that refuses bytes, for SQLite alone: a server's text is always text."""
        return self._read if dialect.name == "sqlite" else None

    def _read(self, value: Any) -> Any:
        if isinstance(value, bytes):
            raise self.bad(TEXT, value)
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
        raise self.bad(WHOLE_NUMBER, value)


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
            raise ShopBadRow(NO_JSON(column=self.place)) from None


def key() -> Column[int]:
    """Make the primary key `id`; a number is never used twice."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def raw_numbers(*names: str) -> list[Column[int]]:
    """Make columns of ids and whole numbers whose readers can handle any other value too."""
    return [Column(name, BigInteger().with_variant(Integer, "sqlite")) for name in names]


def numbers(*names: str) -> list[Column[int]]:
    """Make columns of whole numbers."""
    return [Column(name, Whole) for name in names]


def texts(*names: str) -> list[Column[str]]:
    """Make columns of at most 255 characters (MySQL holds to it, SQLite does not)."""
    return [Column(name, PlainText(255)) for name in names]


def long_texts(*names: str) -> list[Column[str]]:
    """Make columns of text without a practical limit."""
    return [Column(name, LongText) for name in names]


def money(*names: str) -> list[Column[Decimal]]:
    """Make columns of amounts."""
    return [Column(name, Money(10, 2)) for name in names]


def times(*names: str) -> list[Column[datetime]]:
    """Make columns of wall-clock times."""
    return [Column(name, WallClock) for name in names]


def json_texts(*names: str) -> list[Column[Any]]:
    """Make columns of JSON values."""
    return [Column(name, JsonText) for name in names]


def flag(name: str) -> Column[bool]:
    """Make a column of true and false, kept as 1 and 0."""
    return Column(name, Boolean)


def is_blank(text: str | None) -> bool:
    """Tell whether *text* shows nothing."""
    return not text or VISIBLE.search(text) is None


def shown_or(text: str | None, otherwise: str) -> str:
    """Return *text*, or *otherwise* if it shows nothing."""
    return otherwise if text is None or is_blank(text) else text
