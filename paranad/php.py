"""PHP's serialize format, read and written as data: no class is instantiated; what is malformed is an error.

An enum is its name. A reference (`r:2;`, `R:2;`) is followed to the value it names. A value that cannot be read as data
is opaque and says what it is: an error only if somebody needs it.

Source: the format that `serialize()` writes, read by the lengths it names; strings are UTF-8 here.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from math import inf, isfinite
from typing import Any, NamedTuple, TypeAlias

from paranad.record import record

DEPTH = 32
"""How deep arrays and objects may stand in one another."""
SIZE_BYTES = 2**20
ELEMENTS = 10_000
"""How many values one text may hold, keys not counted; and how many its references may repeat."""

INT_LOW, INT_HIGH = -(2**63), 2**63 - 1

_WHOLE = re.compile("0|-?[1-9][0-9]{0,18}")
_PLAIN_POINTS = range(-3, 18)
"""The places of the decimal point at which PHP writes a number without an exponent."""
_INT = re.compile(rb"i:(-?[0-9]{1,19});")
_FLOAT = re.compile(rb"d:(-?(?:INF|[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?)|NAN);")
_STRING = re.compile(rb's:([0-9]{1,7}):"')
_ARRAY = re.compile(rb"a:([0-9]{1,7}):\{")
_OBJECT = re.compile(rb'O:([0-9]{1,7}):"')
_COUNT = re.compile(rb":([0-9]{1,7}):\{")
_REFERENCE = re.compile(rb"[rR]:([0-9]{1,7});")
_ENUM = re.compile(rb'E:([0-9]{1,7}):"')
_CUSTOM = re.compile(rb'C:([0-9]{1,7}):"')
_ANY_SLOT = 10**7
_CONSTANTS = {b"N;": None, b"b:0;": False, b"b:1;": True}


class PhpError(ValueError):
    """The text is not as PHP writes it, or holds more than is read."""

    def __init__(self, offset: int, message: str) -> None:
        self.offset, self.message = offset, message
        """The place of the mistake, in bytes from the beginning, and what is wrong there."""
        super().__init__(f"byte {offset}: {message}")


@record
class PhpObject:
    """An object as it was written: its class's name, and its properties by their plain names."""

    class_name: str
    properties: Mapping[str, "PhpValue"]
    """Private and protected ones like public ones: `\\0*\\0statusId` is `statusId`."""


@record
class PhpEnum:
    """A case of an enum; the value behind a backed one is not part of the format."""

    class_name: str
    case: str


@record
class PhpOpaque:
    """A value that is not read."""

    what: str
    """Names the value, in words that fit after "got"."""


PhpValue: TypeAlias = "bool | int | float | str | dict[int | str, PhpValue] | PhpObject | PhpEnum | PhpOpaque | None"
"""A dict is a PHP array, in its order. References to one value give one object here: change none."""
Writable: TypeAlias = "bool | int | float | str | Mapping[Any, Writable] | PhpObject | PhpEnum | PhpOpaque | None"
"""A mapping is written as an array; its keys are texts and whole numbers."""

CYCLE = PhpOpaque("a reference to what it stands in")
CUSTOM = PhpOpaque("an object that serializes itself")
BEHIND_CUSTOM = PhpOpaque("a reference behind an object that serializes itself")
TOO_LARGE = PhpOpaque("a reference to more than is read")


def read(text: str) -> PhpValue:
    """Return the value that *text* holds.

    Raises:
        PhpError: it is malformed, too deep, too long or too many.
    """
    return Reader(encoded(text)).whole()


def encoded(text: str) -> bytes:
    """Return *text* as bytes, as PHP counts it.

    Raises:
        PhpError: it is too long, or no text of UTF-8.
    """
    if len(text) > SIZE_BYTES:
        raise PhpError(SIZE_BYTES, f"longer than {SIZE_BYTES} bytes")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise PhpError(len(text[: error.start].encode()), "half a surrogate pair") from None
    if len(data) > SIZE_BYTES:
        raise PhpError(SIZE_BYTES, f"longer than {SIZE_BYTES} bytes")
    return data


def write(value: Writable) -> str:
    """Return *value* as PHP's `serialize` writes it; an object's properties are public.

    A key of an array that is a whole number as text becomes a number, as in PHP.

    Raises:
        ValueError: it holds a PhpOpaque.
    """
    match value:
        case PhpObject():
            return f"O:{_quoted(value.class_name)}:{_members(value.properties)}"
        case PhpEnum():
            return f"E:{_quoted(f'{value.class_name}:{value.case}')};"
        case PhpOpaque():
            raise ValueError(f"{value.what} cannot be written")
        case Mapping():
            return f"a:{_members({_key(name): each for name, each in value.items()})}"
    return _single(value)


def _members(values: Mapping[Any, Writable]) -> str:
    return f"{len(values)}:{{{''.join(write(name) + write(each) for name, each in values.items())}}}"


def _single(value: bool | int | float | str | None) -> str:
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case float():
            return f"d:{_double(value)};"
    return f"s:{_quoted(value)};"


def _quoted(text: str) -> str:
    return f'{len(text.encode())}:"{text}"'


def _key(name: int | str) -> int | str:
    is_whole = isinstance(name, str) and _WHOLE.fullmatch(name) and INT_LOW <= int(name) <= INT_HIGH
    return int(name) if is_whole else name


def _double(number: float) -> str:
    """Return the fewest digits that mean *number*, as PHP's `serialize_precision = -1` does."""
    if not isfinite(number):
        return {inf: "INF", -inf: "-INF"}.get(number, "NAN")
    shortest = Decimal(repr(number)).normalize()
    point = shortest.adjusted() + 1
    if point in _PLAIN_POINTS:
        return f"{shortest:f}"
    first, *rest = map(str, shortest.as_tuple().digits)
    return f"{'-' if number < 0 else ''}{first}.{''.join(rest) or '0'}E{point - 1:+d}"


class _Extent(NamedTuple):
    """How large an array or an object is, counting everything that references repeat in it."""

    values: int
    height: int
    """How deep arrays and objects stand in it; 0: it holds none."""


_SINGLE = _Extent(1, -1)


class Reader:
    """Reads one text, byte by byte."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.elements = data, 0, 0
        self.scalars: list[tuple[int, int, bool]] = []
        """Where each number or text begins, where its digits or letters end, and whether it is a text."""
        self.is_plain = True
        """Whether the value holds each of these once, in the order of the text."""
        self.followed = 0
        """How many values references have repeated."""
        self.deepest = 0
        """The depth of the innermost array or object met so far within the one that is being read."""
        self.slots: list[PhpValue] = []
        """Every value that a reference may name, by its number; CYCLE for a value that is not whole yet."""
        self.extents: dict[int, _Extent] = {}
        """By slot, of the arrays and objects that are whole."""
        self.certain = _ANY_SLOT
        """How many slots are known: an object that serializes itself may hold any number of further ones."""

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
        if kind in {b"a", b"O"}:
            return self.container(kind, depth)
        if kind in {b"r", b"R"}:
            return self.reference(kind, depth)
        value = self.single(kind)
        self.slots.append(value)
        return value

    def single(self, kind: bytes) -> PhpValue:
        """Return a value that holds no other values, or none that are read."""
        start = self.at
        if kind == b"s":
            text = self.string()
            self.scalars.append((start, self.at - 2, True))
            return text
        if kind == b"i":
            number = self.whole_number()
            self.scalars.append((start, self.at - 1, False))
            return number
        if kind in {b"N", b"b"}:
            return self.constant(2 if kind == b"N" else 4)
        match kind:
            case b"d":
                return float(self.token(_FLOAT))
            case b"E":
                return self.enum()
            case b"C":
                return self.custom()
        raise self.wrong("expected a value" if kind else "ends where a value is expected")

    def container(self, kind: bytes, depth: int) -> "dict[int | str, PhpValue] | PhpObject":
        """Return an array or an object; a reference to it from within is a cycle."""
        if depth >= DEPTH:
            raise self.wrong(f"deeper than {DEPTH}")
        before, beside, slot = self.elements + self.followed, self.deepest, len(self.slots)
        self.deepest = depth
        self.slots.append(CYCLE)
        value = self.array(depth) if kind == b"a" else self.object(depth)
        self.slots[slot] = value
        self.extents[slot] = _Extent(self.elements + self.followed - before + 1, self.deepest - depth)
        self.deepest = max(beside, self.deepest)
        return value

    def reference(self, kind: bytes, depth: int) -> PhpValue:
        """Return the value that a reference names; `r:` takes a slot of its own, `R:` shares the slot of its value."""
        start, self.is_plain = self.at, False
        slot = int(self.token(_REFERENCE)) - 1
        if slot < 0 or len(self.slots) <= slot < self.certain:
            raise self.wrong("a reference to no value", start)
        value = self.repeated(slot, depth) if slot < self.certain else BEHIND_CUSTOM
        if kind == b"r":
            self.extents[len(self.slots)] = self.extents.get(slot, _SINGLE)
            self.slots.append(value)
        return value

    def repeated(self, slot: int, depth: int) -> PhpValue:
        """Return what *slot* holds, once more at *depth*."""
        extent = self.extents.get(slot, _SINGLE)
        if depth + extent.height >= DEPTH or self.followed + extent.values > ELEMENTS:
            return TOO_LARGE
        self.followed += extent.values
        self.deepest = max(self.deepest, depth + extent.height)
        return self.slots[slot]

    def enum(self) -> PhpEnum:
        start = self.at
        class_name, colon, case = self.quoted(int(self.token(_ENUM)), b'";').rpartition(":")
        if not colon:
            raise self.wrong("expected an enum's class and case", start)
        return PhpEnum(class_name, case)

    def custom(self) -> PhpOpaque:
        """Step over an object that serializes itself: only its class can read what it holds."""
        self.quoted(int(self.token(_CUSTOM)), b'"')
        length = int(self.token(_COUNT, "expected the number of bytes"))
        self.at += length
        self.close(f"{length} bytes")
        self.certain = min(self.certain, len(self.slots) + 1)
        return CUSTOM

    def token(self, pattern: re.Pattern[bytes], expected: str = "expected a value") -> bytes:
        """Step over the text that *pattern* describes; return its group."""
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
        """Return a string of *length* bytes, from behind its opening quote; *end* must follow it."""
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
        self.close(f"{count} elements")
        self.is_plain = self.is_plain and len(array) == count
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
        hidden: dict[str, PhpValue] = {}
        """Private properties of parent classes: a class and its parent may each have one of the same name."""
        for _ in range(count):
            start = self.at
            owner, plain = self.property_name(start)
            into = properties if owner in {"", "*", name} else hidden
            if into is properties and plain in properties:
                raise self.wrong("a property a second time", start)
            into[plain] = self.value(depth + 1)
        self.close(f"{count} elements")
        self.is_plain = self.is_plain and not hidden
        return PhpObject(name, {**hidden, **properties} if hidden else properties)

    def property_name(self, start: int) -> tuple[str, str]:
        """Return the owner of a property, and its plain name.

        PHP writes NUL * NUL before the name of a protected one, and NUL class NUL before that of a private one.
        """
        name = self.key()
        if not isinstance(name, str):
            return "", str(name)
        if not name.startswith("\0"):
            return "", name
        owner, closed, plain = name[1:].partition("\0")
        if not closed:
            raise self.wrong("expected a property's name", start)
        return owner, plain

    def close(self, what: str) -> None:
        if self.data[self.at : self.at + 1] != b"}":
            raise self.wrong(f"expected the end of {what}")
        self.at += 1
