"""An instant as a person writes it: each wrong one says what would be right."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from paranad.errors import InvalidRequest
from paranad.schedule.instants import read_instant

NOW = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)


def read(text: str, zone: str = "Europe/Berlin") -> str:
    return read_instant("from", text, ZoneInfo(zone), NOW).astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("text", "zone", "means"),
    [
        ("2027-03-28", "Europe/Berlin", "2027-03-28T00:00+01:00"),
        (" 14:00 ", "Europe/Berlin", "2027-03-02T14:00+01:00"),
        ("14:00", "Pacific/Auckland", "2027-03-02T14:00+13:00"),
        ("2027-03-28 14:00", "Europe/Berlin", "2027-03-28T14:00+02:00"),
        ("2027-03-28T14:00:00+03:00", "Europe/Berlin", "2027-03-28T13:00+02:00"),
        ("2027-03-28T00:30Z", "Europe/Berlin", "2027-03-28T01:30+01:00"),
        # Midnight is left out there on that day: the day begins an hour later.
        ("2027-09-05", "America/Santiago", "2027-09-05T01:00-03:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-31T00:00+14:00"),
    ],
)
def test_an_instant_is_read_by_the_clock_of_the_zone(text: str, zone: str, means: str) -> None:
    assert means == read(text, zone)


WRONG = [
    # Unreadable.
    ("", "expected a day (2027-03-28), a time (14:00), both"),
    ("tomorrow", 'got "tomorrow"'),
    ("2027-02-30", 'got "2027-02-30"'),
    ("28.03.2027", 'got "28.03.2027"'),
    ("2027-03-28 25:00", 'got "2027-03-28 25:00"'),
    ("x" * 500, "expected a day"),
    # A local time that does not exist, or exists twice.
    ("2027-03-28 02:30", ("from: 2027-03-28 02:30 does not exist in Europe/Berlin, since a clock change leaves it out; "
     "write 2027-03-28T03:30+02:00")),
    ("2027-10-31 02:30", ("from: 2027-10-31 02:30 comes twice in Europe/Berlin; write 2027-10-31T02:30+02:00, or "
     "2027-10-31T02:30+01:00")),
    # Far away.
    ("9999-12-31", "from: expected an instant from 1970-01-01 to 2127-03-03, got 9999-12-31"),
    ("9999-12-31T23:59-14:00", "expected a day"),
    ("0001-01-01T00:00+14:00", "expected a day"),
    ("1969-12-31", "expected an instant from 1970-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG, ids=[text[:20] or "empty" for text, _ in WRONG])
def test_a_wrong_instant_says_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(text)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400


def test_the_error_s_cure_can_be_written_back() -> None:
    assert "2027-10-31T02:30+01:00" == read("2027-10-31T02:30+01:00")
    assert "2027-03-28T03:30+02:00" == read("2027-03-28T03:30+02:00")
