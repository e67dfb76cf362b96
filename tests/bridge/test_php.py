"""PHP's serialize format is read as data; what is malformed is an error with its offset, and nothing runs away."""

from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paranad.bridge.php import DEPTH, ELEMENTS, SIZE_BYTES, PhpError, PhpObject, PhpValue, read
from tests.support.payloads import write

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = texts.filter(lambda name: not name.startswith("\0"))
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: (
        st.dictionaries(st.integers(-(2**63), 2**63 - 1) | texts, inner, max_size=4)
        | st.builds(PhpObject, texts, st.dictionaries(names, inner, max_size=4))
    ),
    max_leaves=20,
)


@given(values)
@settings(max_examples=150)
def test_what_a_writer_writes_is_read_back(value: PhpValue) -> None:
    assert value == read(write(value))


@given(values, st.data())
@settings(max_examples=150)
def test_a_text_that_is_cut_off_is_an_error(value: PhpValue, data: Any) -> None:
    text = write(value)
    with pytest.raises(PhpError):
        read(text[: data.draw(st.integers(0, len(text) - 1))])


@given(st.text(alphabet='NbisdaORrCE:;{}"0123456789-.\0*é\ud800', max_size=60) | st.text(max_size=60))
@example("a:9999999:{i:0;N;")
@example('O:9999999:"')
@example("i:99999999999999999999;")
@example('s:1:"é";')
@settings(max_examples=300)
def test_no_text_makes_it_do_anything_but_answer_or_refuse(text: str) -> None:
    with suppress(PhpError):
        read(text)


@pytest.mark.parametrize(
    ("text", "offset", "why"),
    [
        ("", 0, "ends where a value is expected"),
        ("N", 0, "expected a value"),
        ("N;N;", 2, "expected the end"),
        ("x:1;", 0, "expected a value"),
        ("b:2;", 0, "expected a value"),
        ("i:;", 0, "expected a value"),
        ("i:1.5;", 0, "expected a value"),
        ("i:9223372036854775808;", 0, "beyond 64 bits"),
        ("d:1e;", 0, "expected a value"),
        ('s:3:"ab";', 5, "expected a string of 3 bytes"),
        ('s:1:"ab";', 5, "expected a string of 1 bytes"),
        ('s:2:"سلام";', 5, "expected a string of 2 bytes"),
        ('s:-1:"";', 0, "expected a value"),
        ('s:9999999:"a";', 11, "expected a string of 9999999 bytes"),
        ("a:1:{}", 5, "expected a number or a string as key"),
        ("a:1:{N;N;}", 5, "expected a number or a string as key"),
        ("a:1:{i:0;}", 9, "expected a value"),
        ("a:0:{i:0;N;}", 5, "expected the end of 0 elements"),
        ("a:2:{i:0;N;}", 11, "expected a number or a string as key"),
        ('O:3:"Foo":1:{}', 13, "expected a number or a string as key"),
        ('O:3:"Foo":x:{}', 9, "expected the number of properties"),
        ('O:4:"Foo":0:{}', 5, "expected a string of 4 bytes"),
        ('O:1:"A":1:{s:2:"\0x";N;}', 11, "expected a property's name"),
        ('O:1:"A":2:{s:1:"x";N;s:4:"\0*\0x";N;}', 21, "a property a second time"),
        ("R:1;", 0, "a reference, which is not read"),
        ("a:2:{i:0;i:5;i:1;r:2;}", 17, "a reference, which is not read"),
        ('C:11:"ArrayObject":0:{}', 0, "serializes itself"),
        ('E:11:"Suit:Hearts";', 0, "an enum"),
    ],
)
def test_malformed_text_is_refused_with_its_place(text: str, offset: int, why: str) -> None:
    with pytest.raises(PhpError, match=why) as caught:
        read(text)
    assert offset == caught.value.offset


def test_protected_and_private_properties_have_their_plain_names() -> None:
    text = 'O:1:"A":3:{s:1:"a";i:1;s:4:"\0*\0b";i:2;s:4:"\0A\0c";i:3;}'
    assert PhpObject("A", {"a": 1, "b": 2, "c": 3}) == read(text)


def test_lengths_are_of_bytes() -> None:
    assert "قيد ✓" == read('s:10:"قيد ✓";')


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(PhpError, match="surrogate"):
        read('s:3:"\ud800";')


def test_depth_is_bounded() -> None:
    assert read("a:1:{i:0;" * DEPTH + "N;" + "}" * DEPTH) is not None
    with pytest.raises(PhpError, match=f"deeper than {DEPTH}"):
        read("a:1:{i:0;" * (DEPTH + 1) + "N;" + "}" * (DEPTH + 1))


def test_number_of_values_is_bounded() -> None:
    many = "i:0;N;" * ELEMENTS
    with pytest.raises(PhpError, match=f"more than {ELEMENTS} values"):
        read(f"a:{ELEMENTS}:{{{many}}}")


@pytest.mark.parametrize("sign", ["a", "س"])
def test_size_is_bounded(sign: str) -> None:
    with pytest.raises(PhpError, match="longer than"):
        read(write(sign * SIZE_BYTES))


def test_time_grows_with_the_length_only() -> None:
    """Half a megabyte of anything is read or refused in a blink, a generous one."""
    before = process_time()
    for text in ("a:1:{i:0;" * 50_000, "i:" + "9" * 500_000, 'O:1:"A":1:{' * 40_000, write("x" * 500_000)):
        try:
            read(text)
        except PhpError:
            continue
    assert process_time() - before < 1
