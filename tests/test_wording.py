"""How a sentence is made to fit."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from paranad.said import Said, plain
from paranad.wording import did_you_mean, encodable, expectation, joined, one_line, quotable, shorten


@pytest.mark.parametrize(
    ("text", "cut"), [("", ""), ("سلة", "سلة"), ("12345", "12345"), ("123456", "1234…"), ("x" * 9000, "xxxx…")]
)
def test_a_long_text_is_cut_to_what_is_allowed(text: str, cut: str) -> None:
    assert cut == shorten(text, 5)


def test_a_quoted_value_stays_short_and_on_one_line() -> None:
    assert "a�b�" == quotable("a\nb\x1b")
    assert 60 == len(quotable("\n" * 9000))


def test_white_space_becomes_one_space() -> None:
    assert "a b c" == one_line(" a\n\tb\r\n c ")


@pytest.mark.parametrize(("text", "kept"), [("سلة 📦", "سلة 📦"), ("a\ud83db", "a?b")])
def test_half_a_surrogate_pair_can_be_stored(text: str, kept: str) -> None:
    assert kept == encodable(text)


def test_the_nearest_known_name_is_offered() -> None:
    assert '; did you mean "carts:expire"?' == str(did_you_mean("cart:expire", ["carts:expire", "promotions:expire"]))
    assert "" == did_you_mean("xyz", ["carts:expire"])


def test_several_facts_are_one_and_keep_their_codes() -> None:
    one, two, three = Said("a.one", {}, "one"), Said("a.two", {}, "two"), plain("three")
    fact = joined([one, two, three])
    assert ("one; two; three", one) == (fact.text, fact.values["first"])
    assert one == joined([one])


class Form(BaseModel):
    number: int = 0
    text: str = Field("", min_length=2)
    few: int = Field(1, ge=1, le=9)
    state: Literal["held", "sent", "intended"] = "held"
    mode: Literal["on"] = "on"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"number": "x"}, "expected a whole number"),
        ({"number": []}, "expected a whole number"),
        ({"text": 5}, "expected a valid string"),
        ({"few": 0}, "expected greater than or equal to 1"),
        ({"few": 10}, "expected less than or equal to 9"),
        ({"state": "x"}, "expected 'held', 'sent' or 'intended'"),
        ({"mode": "x"}, "expected 'on'"),
        ({"text": ""}, "expected it to have at least 2 characters"),
    ],
)
def test_pydantic_is_put_into_our_words(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Form.model_validate(values)
    assert [said] == [str(expectation(dict(detail))) for detail in raised.value.errors()]
