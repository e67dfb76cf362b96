"""Iraqi mobile numbers in every spelling that the shop holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.shipments.phone import last_ten, masked, normalised

LOCAL = st.from_regex(r"7[0-9]{9}", fullmatch=True)
PREFIXES = st.sampled_from(["", "0", "964", "+964", "00964", "+964 0", "009640"])
FILLING = st.sampled_from(["", " ", "-", " - ", "(", ")", "/", "."])
DIGITS = st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])


@pytest.mark.parametrize(
    "text",
    [
        "07701234567",
        "7701234567",
        "+9647701234567",
        "9647701234567",
        "0770 123 4567",
        "0770-123-4567",
        "009647701234567",
        "+964 0770 123 4567",
        "٠٧٧٠١٢٣٤٥٦٧",
        "۰۷۷۰۱۲۳۴۵۶۷",
    ],
)
def test_spellings_of_one_number_are_one(text: str) -> None:
    assert normalised(text) == "+9647701234567"


@pytest.mark.parametrize("text", [None, "", "0", "abc", "964", "0660123456", "077012345", "077012345678", "+96407"])
def test_what_cannot_be_iraqi_is_none(text: str | None) -> None:
    assert normalised(text) is None


@given(local=LOCAL, prefix=PREFIXES, filling=FILLING, digits=DIGITS)
def test_prefix_filling_and_script_do_not_matter(local: str, prefix: str, filling: str, digits: str) -> None:
    written = filling.join(prefix + local).translate(str.maketrans("0123456789", digits))
    assert normalised(written) == f"+964{local}"


@given(st.text(max_size=30))
def test_any_text_gives_a_whole_number_or_none(text: str) -> None:
    found = normalised(text)
    assert found is None or (len(found) == 14 and found[1:].isascii() and found.startswith("+9647"))
    assert found is None or normalised(found) == found


@given(local=LOCAL, prefix=PREFIXES)
def test_last_ten_are_what_two_spellings_share(local: str, prefix: str) -> None:
    assert last_ten(prefix + local) == last_ten(f"+964 {local[:3]} {local[3:]}") == local


@pytest.mark.parametrize(("text", "shown"), [("+9647701234567", "…567"), ("٠٧٧٠١٢٣٤٥٦٧", "…567"), (None, "…")])
def test_phone_shows_its_last_three_digits(text: str | None, shown: str) -> None:
    assert masked(text) == shown
