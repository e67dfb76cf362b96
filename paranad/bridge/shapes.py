"""PHP's serialized texts read by their shape: jobs of one class differ in a few numbers and texts alone.

The first text of a shape is read byte by byte. Of the next ones only the numbers and texts are read, and what stands
between them is compared: a fifth of the work.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, TypeAlias

from paranad.php import PhpObject, PhpValue, Reader, encoded
from paranad.record import record

LONGEST_BYTES = 8192
"""A longer text is no example for others."""
CLASSES, SHAPES = 64, 4
"""Of so many classes so many shapes are kept, the latest ones."""

Scalar: TypeAlias = int | str
Make: TypeAlias = Callable[[Sequence[Scalar]], Any]
"""Makes a value of the numbers and texts that the whole holds."""


@record
class Shape:
    """What texts have in common that differ in their numbers and texts alone."""

    between: Sequence[tuple[bytes, bool]]
    """What stands before each number or text, and whether it is a text."""
    end: bytes
    make: Make

    def scalars(self, data: bytes) -> list[Scalar] | None:
        """Return the numbers and texts of *data*; None: it is of another shape, or malformed."""
        at, found = 0, list[Scalar]()
        for before, is_text in self.between:
            start = at + len(before)
            # A length has 7 digits at most; a number of 18 fits into 64 bits.
            stop = data.find(b':"', start, start + 9) if is_text else data.find(b";", start, start + 19)
            digits = data[start:stop]
            if stop < 0 or not digits.removeprefix(b"" if is_text else b"-").isdigit():
                return None
            if not data.startswith(before, at):
                return None
            if is_text:
                at = stop + 2 + int(digits)
                try:
                    found.append(data[stop + 2 : at].decode())
                except UnicodeDecodeError:
                    return None
            else:
                at = stop
                found.append(int(digits))
        return found if data[at:] == self.end else None


@lru_cache(maxsize=CLASSES)
def _known(head: bytes) -> deque[Shape]:  # noqa: ARG001 - the cache's key
    """Return the shapes of texts that begin with *head*, the latest first; the caller adds to them."""
    return deque(maxlen=SHAPES)


def read(text: str) -> PhpValue:
    """Return the value that *text* holds.

    Raises:
        PhpError: it is malformed, too deep, too long or too many.
    """
    data = encoded(text)
    if len(data) > LONGEST_BYTES:
        return Reader(data).whole()
    known = _known(data[: data.find(b"{")])
    for shape in known:
        if (scalars := shape.scalars(data)) is not None:
            made: PhpValue = shape.make(scalars)
            return made
    reader = Reader(data)
    value = reader.whole()
    if reader.is_plain and (make := _make(value, count())):
        known.appendleft(_shape(data, reader.scalars, make))
    return value


def _shape(data: bytes, scalars: Sequence[tuple[int, int, bool]], make: Make) -> Shape:
    between, end = [], 0
    for start, stop, is_text in scalars:
        between.append((data[end : start + 2], is_text))
        end = stop
    return Shape(between, data[end:], make)


def _make(value: PhpValue, places: Iterator[int]) -> Make | None:
    """Return what makes values like *value*, whose numbers and texts have the next *places*; None: it has none."""
    match value:
        case PhpObject(class_name, properties):
            members = _members(properties, places)
            return members and (lambda scalars: PhpObject(class_name, members(scalars)))
        case dict():
            return _members(value, places)
        case str() | int() if not isinstance(value, bool):
            place = next(places)
            return lambda scalars: scalars[place]
    return None


def _members(like: Mapping[Any, PhpValue], places: Iterator[int]) -> Make | None:
    makes = [(name, make) for name, value in like.items() if (make := _make(value, places))]

    def members(scalars: Sequence[Scalar]) -> Mapping[Any, PhpValue]:
        return {**like, **{name: make(scalars) for name, make in makes}}

    return members if makes else None
