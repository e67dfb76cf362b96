"""The courier's JSON into values: whole where it is short, and a long list row by row as its bytes come.

Whatever the bytes are, an error is the worst they can do: nesting, numbers and single values have their limits.
"""

import codecs
import json
import math
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import NoReturn

from paranad.courier.models import Json

VALUE_CAP_CHARS = 256 * 1024
"""No single row or field is longer."""
SPACE = " \t\r\n"
ORDER_ID = re.compile(r"[0-9]{1,19}")
TEXT = "utf-8-sig"
"""UTF-8; a byte order mark before it is skipped."""


class Contradiction(dict[str, Json]):
    """Stands, empty, for an object in which one key has two values: nothing in it can be trusted."""


def _object(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs) and any(repr(value[key]) != repr(other) for key, other in pairs):
        return Contradiction()
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> Json:
    value = float(text)
    return value if math.isfinite(value) else text


DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_number, object_pairs_hook=_object)


def parse(body: bytes) -> Json:
    """Return the value of a whole *body*; a Contradiction for each object that has one key with two values.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested without end.
    """
    try:
        return DECODER.decode(body.decode(TEXT))
    except RecursionError:
        raise ValueError("nested too deep") from None


def id_of(value: Json) -> str | None:
    """Return a courier order's id as text: 1 to 19 digits, not all of them 0; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip() if isinstance(value, str) or value < 10**19 else ""
    return text if ORDER_ID.fullmatch(text) and text.strip("0") else None


class Scanner:
    """Walks over JSON that is still coming, holding one piece of it. Every method raises ValueError on bad JSON."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder(TEXT)()
        self._text, self._at = "", 0
        self._is_ended = False

    async def members(self, opening: str, closing: str) -> AsyncGenerator[None]:
        """Yield at the start of each member of the list or object here; the caller reads it whole."""
        await self.expect(opening)
        if await self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            if await self.peek() != ",":
                await self.expect(closing)
                return
            self._at += 1

    async def key(self) -> str:
        """Read a member's name and the colon behind it."""
        if await self.peek() != '"':
            raise ValueError("expected a name")
        name: str = await self.value()
        await self.expect(":")
        return name

    async def value(self) -> Json:
        """Read one whole value."""
        await self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("nested too deep") from None
            except ValueError:
                if self._is_ended or len(self._text) - self._at > VALUE_CAP_CHARS:
                    raise
            else:
                # A number at the very end of what came may go on in the next piece.
                if end < len(self._text) or self._is_ended:
                    self._at = end
                    return value
            await self._more()

    async def expect(self, character: str) -> None:
        """Read exactly *character*; an empty one is the end of all."""
        if await self.peek() != character:
            raise ValueError(f"expected {character!r}")
        self._at += len(character)

    async def peek(self) -> str:
        """Return the next character that is no space, without reading it; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._is_ended:
                return ""
            await self._more()

    async def _more(self) -> None:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            self._is_ended, piece = True, b""
        self._text = self._text[self._at :] + self._decoder.decode(piece, final=self._is_ended)
        self._at = 0
