"""PHP's serialize format, read and written as data; what is malformed is an error with its offset."""

import json
import math
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paranad.php import (
    BEHIND_CUSTOM,
    CUSTOM,
    CYCLE,
    DEPTH,
    ELEMENTS,
    SIZE_BYTES,
    TOO_LARGE,
    PhpEnum,
    PhpError,
    PhpObject,
    PhpOpaque,
    PhpValue,
    read,
    write,
)

GRAPHS = Path(__file__).with_name("graphs.php")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = texts.filter(lambda name: not name.startswith("\0"))
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts
keys = st.integers(-(2**63), 2**63 - 1) | texts | st.integers(-(2**64), 2**64).map(str)
values = st.recursive(
    scalars,
    lambda inner: (
        st.dictionaries(keys, inner, max_size=4)
        | st.builds(PhpObject, texts, st.dictionaries(names, inner, max_size=4))
        | st.builds(PhpEnum, texts, texts.filter(lambda case: ":" not in case))
    ),
    max_leaves=20,
)


def in_php(value: PhpValue) -> PhpValue:
    """Return *value* as PHP has it: an array's key that is a whole number is a number."""
    match value:
        case dict():
            return {_key(name): in_php(each) for name, each in value.items()}
        case PhpObject():
            return PhpObject(value.class_name, {name: in_php(each) for name, each in value.properties.items()})
    return value


def _key(name: int | str) -> int | str:
    digits = str(name).removeprefix("-")
    is_whole = digits.isascii() and digits.isdigit() and str(int(name)) == name and -(2**63) <= int(name) < 2**63
    return int(name) if is_whole else name


@given(values)
@example({"-0": 1, "0": 2, "00": 3, "-9223372036854775809": 4})
@example({'"};': -0.0, "beyond": -math.inf})
@settings(max_examples=80)
def test_what_is_written_is_read_back(value: PhpValue) -> None:
    assert in_php(value) == read(write(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "i:3;"),
        (-3, "i:-3;"),
        (25000.0, "d:25000;"),
        (0.0, "d:0;"),
        (-2.5, "d:-2.5;"),
        (0.1, "d:0.1;"),
        (99999999.99, "d:99999999.99;"),
        (1e15, "d:1000000000000000;"),
        (1e17, "d:1.0E+17;"),
        (123456789012345678.0, "d:1.2345678901234568E+17;"),
        (0.0001, "d:0.0001;"),
        (0.00001, "d:1.0E-5;"),
        (1.5e-5, "d:1.5E-5;"),
        (1e100, "d:1.0E+100;"),
        ({}, "a:0:{}"),
        ({"1": 25000.0, "2": 0}, "a:2:{i:1;d:25000;i:2;i:0;}"),
        ({"a": {"4": 1}}, 'a:1:{s:1:"a";a:1:{i:4;i:1;}}'),
    ],
)
def test_value_is_written_as_php_does(value: Any, text: str) -> None:
    assert text == write(value)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("0", "i:0;"),
        ("-5", "i:-5;"),
        ("9223372036854775807", "i:9223372036854775807;"),
        ("9223372036854775808", 's:19:"9223372036854775808";'),
        ("-9223372036854775808", "i:-9223372036854775808;"),
        ("08", 's:2:"08";'),
        ("-0", 's:2:"-0";'),
        ("+1", 's:2:"+1";'),
        (" 1", 's:2:" 1";'),
        ("1.0", 's:3:"1.0";'),
        ("", 's:0:"";'),
        ("٤", 's:2:"٤";'),
        ("مر", 's:4:"مر";'),
    ],
)
def test_name_that_is_a_whole_number_becomes_one(name: str, key: str) -> None:
    assert f"a:1:{{{key}i:1;}}" == write({name: 1})


@given(values, st.data())
@settings(max_examples=80)
def test_a_text_that_is_cut_off_is_an_error(value: PhpValue, data: Any) -> None:
    text = write(value)
    with pytest.raises(PhpError):
        read(text[: data.draw(st.integers(0, len(text) - 1))])


@given(st.text(alphabet='NbisdaORrCE:;{}"0123456789-.\0*é\ud800', max_size=60) | st.text(max_size=60))
@example("a:9999999:{i:0;N;")
@example('O:9999999:"')
@example("i:99999999999999999999;")
@example('s:1:"é";')
@settings(max_examples=100)
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
        ("R:1;", 0, "a reference to no value"),
        ("R:x;", 0, "expected a value"),
        ("a:1:{i:0;r:0;}", 9, "a reference to no value"),
        ("a:2:{i:0;R:3;i:1;i:5;}", 9, "a reference to no value"),
        ('C:11:"ArrayObject":2:{}', 24, "expected the end of 2 bytes"),
        ('C:11:"ArrayObject":x:{}', 18, "expected the number of bytes"),
        ('E:6:"Hearts";', 0, "expected an enum's class and case"),
        ('E:9:"Suit:Hearts";', 5, "expected a string of 9 bytes"),
    ],
)
def test_malformed_text_is_refused_with_its_place(text: str, offset: int, why: str) -> None:
    with pytest.raises(PhpError, match=why) as caught:
        read(text)
    assert offset == caught.value.offset


def test_protected_and_private_properties_have_their_plain_names() -> None:
    text = 'O:1:"A":3:{s:1:"a";i:1;s:4:"\0*\0b";i:2;s:4:"\0A\0c";i:3;}'
    assert PhpObject("A", {"a": 1, "b": 2, "c": 3}) == read(text)


def test_enum_is_its_class_and_its_case() -> None:
    assert PhpEnum("App\\Suit", "Hearts") == read('E:15:"App\\Suit:Hearts";')


def test_reference_is_the_value_that_it_names() -> None:
    """Numbered from 1, the array itself first; a `r:` has a number of its own, a `R:` has none."""
    order = PhpObject("Order", {"id": 41})
    text = 'a:6:{i:0;O:5:"Order":1:{s:2:"id";i:41;}i:1;r:2;i:2;R:3;i:3;r:4;i:4;s:1:"x";i:5;R:6;}'
    assert {0: order, 1: order, 2: 41, 3: order, 4: "x", 5: "x"} == read(text)


@pytest.mark.parametrize("kind", ["r", "R"])
def test_cycle_is_not_followed(kind: str) -> None:
    text = f'O:1:"A":2:{{s:4:"self";{kind}:1;s:4:"list";a:1:{{i:0;{kind}:1;}}}}'
    assert PhpObject("A", {"self": CYCLE, "list": {0: CYCLE}}) == read(text)


def test_object_that_serializes_itself_is_stepped_over() -> None:
    text = 'a:3:{i:0;s:1:"x";i:1;C:3:"Bag":7:{i:1;}"a}i:2;i:7;}'
    assert {0: "x", 1: CUSTOM, 2: 7} == read(text)


def test_reference_behind_an_object_that_serializes_itself_is_followed_only_to_what_stands_before_it() -> None:
    """How many numbers such an object uses up is its class's own affair."""
    text = 'a:5:{i:0;s:1:"x";i:1;C:3:"Bag":0:{}i:2;R:2;i:3;R:3;i:4;R:9;}'
    assert {0: "x", 1: CUSTOM, 2: "x", 3: CUSTOM, 4: BEHIND_CUSTOM} == read(text)


def test_private_property_of_a_class_above_hides_none_of_the_class_s_own() -> None:
    above_first = 'O:1:"A":2:{s:4:"\0B\0x";i:1;s:4:"\0A\0x";i:2;}'
    above_last = 'O:1:"A":2:{s:4:"\0*\0x";i:2;s:4:"\0B\0x";i:1;}'
    assert read(above_first) == PhpObject("A", {"x": 2}) == read(above_last)


def test_references_that_double_at_every_step_are_followed_to_a_bound() -> None:
    doubled = "".join(f"i:{at};a:2:{{i:0;r:{slot};i:1;r:{slot};}}" for at, slot in _doubling(40))
    value = read(f"a:41:{{i:0;a:1:{{i:0;i:1;}}{doubled}}}")
    assert isinstance(value, dict)
    assert _size(value) < 3 * ELEMENTS
    assert {0: TOO_LARGE, 1: TOO_LARGE} == value[40]


def _doubling(count: int) -> "list[tuple[int, int]]":
    """Return the key of each array, and the slot of the one before it: the first has two slots, the others three."""
    return [(at, 2 if at == 1 else 4 + 3 * (at - 2)) for at in range(1, count + 1)]


def _size(value: PhpValue) -> int:
    """Return how many values there are where what stands twice counts twice."""
    inner = value.values() if isinstance(value, dict) else []
    return 1 + sum(map(_size, inner))


@pytest.mark.parametrize("depth", [DEPTH // 2, DEPTH])
def test_references_make_nothing_deeper_than_the_bound(depth: int) -> None:
    tall = "a:1:{i:0;" * (DEPTH // 2 - 1) + "N;" + "}" * (DEPTH // 2 - 1)
    value = read(f"a:2:{{i:0;{tall}i:1;" + "a:1:{i:0;" * (depth // 2) + "r:2;" + "}" * (depth // 2) + "}")
    assert _depth(value) <= DEPTH


def _depth(value: PhpValue) -> int:
    inner = value.values() if isinstance(value, dict) else []
    return (1 + max(map(_depth, inner), default=0)) if isinstance(value, dict) else 0


@pytest.mark.skipif(shutil.which("php") is None, reason="left out: what PHP itself writes; to have it: apt-get php-cli")
@pytest.mark.parametrize("custom", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_php_writes_twice_is_read_as_php_has_it(seed: int, custom: bool) -> None:
    words = ["php", str(GRAPHS), str(seed), "300", *(["custom"] if custom else [])]
    lines = subprocess.run(words, capture_output=True, check=True, timeout=60).stdout.splitlines()
    for text, expected in map(json.loads, lines):
        value = read(text)
        assert not differs(value, expected, opaque=custom), text


def differs(value: PhpValue, expected: Any, *, opaque: bool) -> bool:
    """Tell whether *value* is other than the JSON that PHP makes of it; with *opaque*, one that is not read may be."""
    match value:
        case PhpOpaque():
            return not opaque
        case PhpEnum():
            return bool(value.case != expected)
        case PhpObject():
            return any(differs(value.properties[name], each, opaque=opaque) for name, each in expected.items())
        case dict():
            pairs = zip(value.values(), expected, strict=True)
            return any(differs(each, other, opaque=opaque) for each, other in pairs)
        case _:
            return bool(value != expected)


def test_value_that_is_not_read_is_not_written() -> None:
    with pytest.raises(ValueError, match="a reference to what it stands in cannot be written"):
        write({"self": CYCLE})


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
