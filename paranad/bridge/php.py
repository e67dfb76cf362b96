"""Reads PHP's serialize format as data: no class is instantiated, and what is malformed is an error with its offset.

Source: the format that `serialize()` writes, read by the lengths it names; strings are UTF-8 here.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from paranad.record import record

DEPTH = 32
"""How deep arrays and objects may stand in one another."""
SIZE_BYTES = 2**20
ELEMENTS = 10_000
"""How many values one text may hold, keys not counted."""

INT_LOW, INT_HIGH = -(2**63), 2**63 - 1

_INT = re.compile(rb"i:(-?[0-9]{1,19});")
_FLOAT = re.compile(rb"d:(-?(?:INF|[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?)|NAN);")
_STRING = re.compile(rb's:([0-9]{1,7}):"')
_ARRAY = re.compile(rb"a:([0-9]{1,7}):\{")
_OBJECT = re.compile(rb'O:([0-9]{1,7}):"')
_COUNT = re.compile(rb":([0-9]{1,7}):\{")
_EMPTY = re.compile(rb's:[0-9]{1,2}:"([A-Za-z]{1,60})";(N;|b:0;|a:0:\{\})')
_EMPTY_ONES = re.compile(rb'(?:s:[0-9]{1,2}:"[A-Za-z]{1,60}";(?:N;|b:0;|a:0:\{\})){2,30}')
"""Properties at their defaults in a row: half of what Laravel 8 writes, and the same in most payloads."""
_REFUSED = {
    b"R": "a reference",
    b"r": "a reference",
    b"C": "an object that serializes itself",
    b"E": "an enum",
}
_CONSTANTS = {b"N;": None, b"b:0;": False, b"b:1;": True}


class PhpError(ValueError):
    """The text is not what PHP writes, or more than is read."""

    def __init__(self, offset: int, message: str) -> None:
        self.offset = offset
        """In bytes from the beginning."""
        super().__init__(f"byte {offset}: {message}")


@record
class PhpObject:
    """An object as it was written: its class's name, and its properties by their plain names."""

    class_name: str
    properties: Mapping[str, "PhpValue"]
    """Private and protected ones like public ones: `\\0*\\0statusId` is `statusId`."""


PhpValue: TypeAlias = "bool | int | float | str | dict[int | str, PhpValue] | PhpObject | None"
"""A dict is a PHP array, in its order."""


def read(text: str) -> PhpValue:
    """Return the value that *text* holds.

    Raises:
        PhpError: it is malformed, holds references, enums or objects that serialize themselves, or is too deep,
            too long or too many.
    """
    if len(text) > SIZE_BYTES:
        raise PhpError(SIZE_BYTES, f"longer than {SIZE_BYTES} bytes")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise PhpError(len(text[: error.start].encode()), "half a surrogate pair") from None
    if len(data) > SIZE_BYTES:
        raise PhpError(SIZE_BYTES, f"longer than {SIZE_BYTES} bytes")
    return _Reader(data).whole()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.elements = data, 0, 0

    def whole(self) -> PhpValue:
        value = self.value(0)
        if self.at != len(self.data):
            raise self.wrong("expected the end")
        return value

    def wrong(self, message: str, at: int | None = None) -> PhpError:
        return PhpError(self.at if at is None else at, message)

    def value(self, depth: int) -> PhpValue:
        self.elements += 1
        if self.elements > ELEMENTS:
            raise self.wrong(f"more than {ELEMENTS} values")
        kind = self.data[self.at : self.at + 1]
        if kind == b"s":
            return self.string()
        if kind == b"i":
            return self.whole_number()
        if kind in {b"N", b"b"}:
            return self.constant(2 if kind == b"N" else 4)
        if kind in {b"a", b"O"} and depth >= DEPTH:
            raise self.wrong(f"deeper than {DEPTH}")
        return self.other(kind, depth)

    def other(self, kind: bytes, depth: int) -> PhpValue:
        match kind:
            case b"a":
                return self.array(depth)
            case b"O":
                return self.object(depth)
            case b"d":
                return float(self.token(_FLOAT))
        if kind in _REFUSED and self.data[self.at + 1 : self.at + 2] == b":":
            raise self.wrong(f"{_REFUSED[kind]}, which is not read")
        raise self.wrong("expected a value" if kind else "ends where a value is expected")

    def token(self, pattern: re.Pattern[bytes], expected: str = "expected a value") -> bytes:
        """Step over what *pattern* describes; return what it holds."""
        head = pattern.match(self.data, self.at)
        if head is None:
            raise self.wrong(expected)
        self.at = head.end()
        return head[1]

    def constant(self, length: int) -> bool | None:
        text = self.data[self.at : self.at + length]
        if text not in _CONSTANTS:
            raise self.wrong("expected a value")
        self.at += length
        return _CONSTANTS[text]

    def whole_number(self) -> int:
        start = self.at
        number = int(self.token(_INT))
        if not INT_LOW <= number <= INT_HIGH:
            raise self.wrong("a number beyond 64 bits", start)
        return number

    def string(self) -> str:
        return self.quoted(int(self.token(_STRING)), b'";')

    def quoted(self, length: int, end: bytes) -> str:
        """Return a string of *length* bytes, the opening quote behind us; *end* is what must follow it."""
        start, stop = self.at, self.at + length
        if self.data[stop : stop + len(end)] != end:
            raise self.wrong(f"expected a string of {length} bytes and its end", start)
        self.at = stop + len(end)
        try:
            return self.data[start:stop].decode()
        except UnicodeDecodeError as error:
            raise self.wrong("expected UTF-8", start + error.start) from None

    def array(self, depth: int) -> "dict[int | str, PhpValue]":
        count = int(self.token(_ARRAY))
        array: dict[int | str, PhpValue] = {}
        for _ in range(count):
            key = self.key()
            array[key] = self.value(depth + 1)
        self.close(count)
        return array

    def key(self) -> int | str:
        kind = self.data[self.at : self.at + 1]
        if kind == b"s":
            return self.string()
        if kind == b"i":
            return self.whole_number()
        raise self.wrong("expected a number or a string as key")

    def object(self, depth: int) -> PhpObject:
        name = self.quoted(int(self.token(_OBJECT)), b'"')
        count = int(self.token(_COUNT, "expected the number of properties"))
        properties: dict[str, PhpValue] = {}
        while len(properties) < count:
            start = self.at
            if self.empty_ones(properties, count):
                continue
            plain = self.plain_name(start)
            if plain in properties:
                raise self.wrong("a property a second time", start)
            properties[plain] = self.value(depth + 1)
        self.close(count)
        return PhpObject(name, properties)

    def empty_ones(self, properties: "dict[str, PhpValue]", count: int) -> bool:
        """Take properties that come in a row with empty values; tell whether there were such."""
        row = _EMPTY_ONES.match(self.data, self.at)
        empty = _read_empty_ones(row[0]) if row else None
        if row is None or empty is None or len(properties) + len(empty) > count or empty.keys() & properties.keys():
            return False
        self.at = row.end()
        self.elements += len(empty)
        if self.elements > ELEMENTS:
            raise self.wrong(f"more than {ELEMENTS} values")
        properties.update(empty)
        return True

    def plain_name(self, start: int) -> str:
        """Return a property's name without what PHP puts before protected (NUL * NUL) and private (NUL class NUL)."""
        name = self.key()
        if not isinstance(name, str):
            return str(name)
        if not name.startswith("\0"):
            return name
        _, closed, plain = name[1:].partition("\0")
        if not closed:
            raise self.wrong("expected a property's name", start)
        return plain

    def close(self, count: int) -> None:
        if self.data[self.at : self.at + 1] != b"}":
            raise self.wrong(f"expected the end of {count} elements")
        self.at += 1


@lru_cache(maxsize=64)
def _read_empty_ones(row: bytes) -> "Mapping[str, PhpValue] | None":
    """Return the properties of *row*; None where a length is wrong or a name comes twice."""
    whole = _Reader(b"a:%d:{%b}" % (len(_EMPTY.findall(row)), row))
    try:
        array = whole.array(0)
    except PhpError:
        return None
    return {str(name): value for name, value in array.items()} if len(array) == len(_EMPTY.findall(row)) else None
