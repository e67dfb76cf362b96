import math
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.cli.options import JOB_STATES, SHIPMENT_STATES, positive, read_arguments, read_delay
from paranad.cli.parsing import Misuse
from paranad.control import schemas, schemas_shipments


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("order_id=12", 12),
        ("on=true", True),
        ("day=null", None),
        ('job_data={"order_id": 1}', {"order_id": 1}),
        ("ids=[1, 2]", [1, 2]),
        ('status_id="4"', "4"),
        ("date_from=2026-03-01", "2026-03-01"),
        ("phone=07801234567", "07801234567"),
        ("name=سلمى", "سلمى"),
        ("empty=", ""),
        ("text=a=b", "a=b"),
        ("x=NaN", "NaN"),
        ("deep=" + "[" * 100_000, "[" * 100_000),
        ("huge=" + "1" * 5000, "1" * 5000),
    ],
)
def test_value_that_reads_as_json_is_that_and_any_other_is_text(word: str, value: object) -> None:
    assert read_arguments([word]) == {word.partition("=")[0]: value}


@pytest.mark.parametrize("words", [["order_id"], ["=12"], ["a=1", "a=2"]])
def test_argument_of_another_form_is_refused_by_name(words: list[str]) -> None:
    with pytest.raises(Misuse, match=words[-1].split("=")[0] or "=12"):
        read_arguments(words)


@given(st.text())
@settings(max_examples=100)
def test_only_positive_whole_numbers_are_ids(text: str) -> None:
    try:
        assert positive(text) >= 1
    except Misuse as error:
        refused = error.said.text
        assert refused.endswith(f'got "{text}"')


@pytest.mark.parametrize("text", ["0", "-1", "+1", "1.0", "٣", "9223372036854775808", "9" * 5000, "", " 1"])
def test_id_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(Misuse):
        positive(text)


def test_states_that_can_be_asked_for_are_those_of_the_api() -> None:
    assert get_args(schemas.JobState) == JOB_STATES
    assert get_args(schemas_shipments.ShipmentState) == SHIPMENT_STATES


def test_bare_delay_is_seconds_and_a_text_is_left_to_the_daemon() -> None:
    assert [read_delay(text) for text in ("90", "1.5", "2h", "inf", None)] == [90.0, 1.5, "2h", "inf", None]
    assert math.isfinite(float(read_delay("1e3") or 0))
