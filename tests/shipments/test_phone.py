"""Iraqi mobile numbers in every spelling that the shop holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.shipments.phone import last_ten, masked, normalised, without_mobiles

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


@given(local=LOCAL, prefix=PREFIXES, filling=st.sampled_from(["", " ", "-", " - ", ".", "\u00a0"]), digits=DIGITS)
def test_a_mobile_is_cut_out_of_a_text_in_every_spelling(local: str, prefix: str, filling: str, digits: str) -> None:
    table = str.maketrans("0123456789", digits)
    written = filling.join(prefix + local).translate(table)
    assert f"to …{local[-3:]}, 5 of 1500\n…{local[-3:]}" == without_mobiles(f"to {written}, 5 of 1500\n{written}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("07701234567 1500", "…567 1500"),
        ("07701234567\n07701234568", "…567\n…568"),
        ("order 90000018 of 1764362677", "order 90000018 of 1764362677"),
        ("7\n123456789", "7\n123456789"),
        ("2026-11-28 07:12:33", "2026-11-28 07:12:33"),
    ],
)
def test_a_mobile_is_found_whatever_number_stands_beside_it(text: str, shown: str) -> None:
    assert shown == without_mobiles(text)
