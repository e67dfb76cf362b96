"""PHP's texts read by the shape of an earlier one: never otherwise than byte by byte."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paranad import php
from paranad.bridge import shapes
from paranad.php import PhpError, PhpObject, PhpValue, write

ORDER = 'O:1:"J":3:{s:2:"id";i:%d;s:4:"\0*\0d";s:%d:"%s";s:5:"chain";a:0:{}}'


def order(number: int, day: str) -> str:
    return ORDER % (number, len(day.encode()), day)


def outcome(read: Any, text: str) -> object:
    """Return what *read* answers, or where and why it refuses."""
    try:
        return read(text)
    except PhpError as error:
        return error.offset, error.message


def test_second_text_of_a_shape_is_not_read_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes.read(order(1, "monday"))
    monkeypatch.setattr(shapes, "Reader", None)
    day = 'a";i:2;é'
    assert PhpObject("J", {"id": -20, "d": day, "chain": {}}) == shapes.read(order(-20, day))


names = st.sampled_from(["id", "a b", "é"])
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=4) | st.just(0.5)
values = st.recursive(
    scalars, lambda inner: st.dictionaries(names | st.integers(0, 2), inner, max_size=3), max_leaves=6
).map(lambda value: PhpObject("J", {"tries": 2, "value": value}))


@given(st.lists(values, min_size=2, max_size=4))
@settings(max_examples=60)
def test_texts_are_read_as_byte_by_byte(several: list[PhpValue]) -> None:
    texts = [write(value) for value in several]
    assert [php.read(text) for text in texts] == [shapes.read(text) for text in texts]


@given(st.integers(0, 70), st.text('0123456789sia:;"{}-é', max_size=3))
@example(20, "i:9999999999999999999;")
@example(37, "+6")
@settings(max_examples=100)
def test_text_beside_a_shape_is_refused_or_read_as_byte_by_byte(at: int, instead: str) -> None:
    shapes.read(order(7, "tuesday"))
    text = order(8, "sunday")
    changed = text[:at] + instead + text[at + len(instead) :]
    assert outcome(php.read, changed) == outcome(shapes.read, changed)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('O:1:"A":2:{s:1:"a";i:1;s:4:"\0B\0c";i:2;}', 'O:1:"A":2:{s:1:"a";i:3;s:4:"\0B\0c";i:4;}'),
        ('O:1:"A":2:{s:1:"a";i:1;s:1:"c";R:2;}', 'O:1:"A":2:{s:1:"a";i:3;s:1:"c";R:2;}'),
        ('O:1:"A":1:{s:1:"a";a:2:{i:0;i:1;i:0;i:2;}}', 'O:1:"A":1:{s:1:"a";a:2:{i:0;i:3;i:0;i:4;}}'),
        ('O:1:"A":1:{s:1:"a";i:1;}', 'O:1:"A":1:{s:1:"a";i:9223372036854775808;}'),
        ('O:1:"A":1:{s:1:"a";s:1:"b";}', 'O:1:"A":1:{s:1:"a";s:2:"b";}'),
    ],
    ids=["hidden", "reference", "key-twice", "beyond-64-bits", "wrong-length"],
)
def test_shape_that_tells_too_little_is_not_used(first: str, second: str) -> None:
    shapes.read(first)
    assert outcome(php.read, second) == outcome(shapes.read, second)
