"""The next instants over clock changes, with what each change does to them; the dates that the docs name."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from paranad.cli.commands.schedule import next_instants
from paranad.schedule.coming import Moved, NextChange, coming, moved, rule_of
from paranad.schedule.cron import parse
from paranad.schedule.entries import Entry

ROOT = Path(__file__).parents[2]


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def shown(zone: str, cron: str, start: str, count: int = 3) -> list[tuple[str, str]]:
    """Return the local time, from its hour on, and the note of each instant."""
    found = coming(parse(cron, ZoneInfo(zone)), local(zone, start), count)
    clock = [due.at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")[11:] for due in found]
    return list(zip(clock, (due.note.text if due.note else "" for due in found), strict=True))


BERLIN_FORTH = "(the clock goes from 02:00 to 03:00)"
CASES = [
    ("Asia/Baghdad", "30 2 * * *", "2027-03-27T12:00", [("02:30+03:00", ""), ("02:30+03:00", "")]),
    (
        "Europe/Berlin",
        "30 2 * * *",
        "2027-03-27T12:00",
        [("03:00+02:00", f"02:30 does not exist {BERLIN_FORTH}: it runs at 03:00"), ("02:30+02:00", "")],
    ),
    (
        "Europe/Berlin",
        "30 * * * *",
        "2027-03-28T01:00",
        [
            ("01:30+01:00", ""),
            ("03:30+02:00", "02:30 is left out before it: the clock goes from 02:00 to 03:00"),
            ("04:30+02:00", ""),
        ],
    ),
    (
        "Europe/Berlin",
        "30 2 * * *",
        "2027-10-30T12:00",
        [
            ("02:30+02:00", "02:30 comes twice (the clock goes from 03:00 back to 02:00): it runs the first time only"),
            ("02:30+01:00", ""),
        ],
    ),
    (
        "Europe/Berlin",
        "30 * * * *",
        "2027-10-31T02:00",
        [
            ("02:30+02:00", "02:30 comes twice and runs twice (the clock goes from 03:00 back to 02:00): the first"),
            ("02:30+01:00", "02:30 comes twice and runs twice: the second"),
            ("03:30+01:00", ""),
        ],
    ),
    (
        "America/New_York",
        "0 2 * * *",
        "2027-03-13T12:00",
        [
            ("03:00-04:00", "02:00 does not exist (the clock goes from 02:00 to 03:00): it runs at 03:00"),
            ("02:00-04:00", ""),
        ],
    ),
    # Half an hour: 02:10 is left out, 02:30 is not.
    (
        "Australia/Lord_Howe",
        "10 2 * * *",
        "2027-10-02T12:00",
        [("02:30+11:00", "02:10 does not exist (the clock goes from 02:00 to 02:30): it runs at 02:30")],
    ),
    ("Australia/Lord_Howe", "30 2 * * *", "2027-10-02T12:00", [("02:30+11:00", "")]),
    (
        "Australia/Lord_Howe",
        "45 1 * * *",
        "2027-04-03T12:00",
        [("01:45+11:00", "01:45 comes twice (the clock goes from 02:00 back to 01:30): it runs the first time only")],
    ),
    # A whole day is left out: the note names it.
    (
        "Pacific/Apia",
        "0 12 * * *",
        "2011-12-29T12:30",
        [
            (
                "00:00+14:00",
                (
                    "2011-12-30 12:00 does not exist (the clock goes from 2011-12-30 00:00 to 2011-12-31 00:00): "
                    "it runs at 2011-12-31 00:00"
                ),
            ),
            ("12:00+14:00", ""),
        ],
    ),
]


@pytest.mark.parametrize(("zone", "cron", "start", "expected"), CASES)
def test_an_instant_says_what_a_clock_change_does_to_it(
    zone: str, cron: str, start: str, expected: list[tuple[str, str]]
) -> None:
    assert expected == shown(zone, cron, start, len(expected))


def test_what_was_left_out_long_before_the_first_instant_is_not_told() -> None:
    assert [("12:30+02:00", "")] == shown("Europe/Berlin", "30 * * * *", "2027-03-28T12:00", 1)


@pytest.mark.parametrize("zone", ["Asia/Baghdad", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("cron", ["30 2 * * *", "*/10 * * * *", "15 */2 * * *", "45 1 * * 0"])
def test_the_next_ones_are_those_at_which_the_schedule_runs(zone: str, cron: str) -> None:
    """Over two years with every change of the zone: the list is what the scheduler itself would do."""
    rule, at = parse(cron, ZoneInfo(zone)), local(zone, "2027-03-13T00:00")
    for due in coming(rule, at, 100):
        assert rule.latest(at, due.at) == due.at
        at = due.at


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Asia/Baghdad", "the clock of Asia/Baghdad does not change within a year"),
        ("Europe/Berlin", "the clock of Europe/Berlin changes next on 2027-03-28: from 02:00 it goes to 03:00"),
        ("America/New_York", "the clock of America/New_York changes next on 2027-03-14: from 02:00 it goes to 03:00"),
        (
            "Australia/Lord_Howe",
            "the clock of Australia/Lord_Howe changes next on 2027-04-04: from 02:00 it goes to 01:30",
        ),
    ],
)
def test_the_rule_names_the_next_change_of_the_zone(zone: str, change: str) -> None:
    rule = rule_of(parse("30 2 * * *", ZoneInfo(zone)), local(zone, "2026-11-28T16:00:00.123456"))
    assert change == rule.change.text
    assert "the hour is fixed" in rule.hours.text
    assert (
        "follows the clock" in rule_of(parse("30 * * * *", ZoneInfo(zone)), local(zone, "2026-11-28T16:00")).hours.text
    )


def test_a_cron_that_is_never_due_again_ends_the_list() -> None:
    """29 February on a Sunday comes every 28 years or 40."""
    days = [
        f"{due.at:%Y-%m-%d}" for due in coming(parse("0 0 29 2 */7", ZoneInfo("UTC")), local("UTC", "2070-01-01"), 9)
    ]
    assert ["2088-02-29", "2128-02-29", "2156-02-29"] == days


CLOCK_CHANGES = {"docs/configuration.md": "Clock changes", "docs/moving-from-laravel.ar.md": "تغييرات الساعة"}
"""The heading under which a page has the rule, in the words of its language."""


@pytest.mark.parametrize("place", [*CLOCK_CHANGES, "help", "help in Arabic"])
def test_the_dates_that_the_docs_name_are_those_of_the_zone(place: str) -> None:
    """The example is of Europe/Berlin; every day it names must change the clock, as the zone's own data have it."""
    text = text_of(place)
    assert "Europe/Berlin" in text
    days = set(re.findall(r"2027-\d\d-\d\d", text))
    assert days == {day for day in every_day_of_2027() if offsets(day) == 2} == {"2027-03-28", "2027-10-31"}
    instants = coming(FIXED, local("Europe/Berlin", "2027-01-01"), 365)
    fixed = {due.at.astimezone(FIXED.zone).isoformat(" ", "minutes") for due in instants}
    assert "2027-03-28 03:00+02:00" in fixed
    assert ["2027-10-31 02:30+02:00"] == [each for each in fixed if each.startswith("2027-10-31")]


FIXED = parse("30 2 * * *", ZoneInfo("Europe/Berlin"))


def text_of(place: str) -> str:
    if heading := CLOCK_CHANGES.get(place):
        return (ROOT / place).read_text("utf-8").partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    help_ = str(next_instants.__doc__)
    if place == "help":
        return help_
    from paranad.cli.help import in_arabic

    return in_arabic(help_)


def every_day_of_2027() -> list[str]:
    return [f"{datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=number):%Y-%m-%d}" for number in range(365)]


def offsets(day: str) -> int:
    """Return how many offsets from UTC the day has in Berlin."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return len({(start + timedelta(hours=hour)).utcoffset() for hour in range(24)})


def entry(name: str, cron: str, zone: str = "Asia/Baghdad", *, enabled: bool = True) -> Entry:
    return Entry(name, name, parse(cron, ZoneInfo(zone)), enabled=enabled)


def test_a_reload_moves_those_whose_next_instant_is_another_one() -> None:
    now = local("UTC", "2027-03-01T12:00")
    entries = {
        "same": (entry("same", "0 5 * * *"), entry("same", "00 05 * * *")),
        "later": (entry("later", "0 5 * * *"), entry("later", "0 6 * * *")),
        "zone": (entry("zone", "0 5 * * *"), entry("zone", "0 5 * * *", "Europe/Berlin")),
        "off": (entry("off", "0 5 * * *"), entry("off", "0 5 * * *", enabled=False)),
        "paused": (entry("paused", "0 5 * * *"), entry("paused", "0 6 * * *")),
        "idle": (entry("idle", "0 5 * * *", enabled=False), entry("idle", "0 6 * * *", enabled=False)),
    }
    before, after = ({name: pair[place] for name, pair in entries.items()} for place in (0, 1))
    five, six = local("UTC", "2027-03-02T02:00"), local("UTC", "2027-03-02T03:00")
    assert [
        Moved("later", NextChange.MOVED, five, six),
        Moved("zone", NextChange.MOVED, five, local("UTC", "2027-03-02T04:00")),
        Moved("off", NextChange.MOVED, five, None),
    ] == list(moved(before, after, {"paused"}, now))


def test_a_reload_names_what_it_adds_and_removes_be_it_paused_or_not() -> None:
    now, next_at = local("UTC", "2027-03-01T12:00"), local("UTC", "2027-03-02T02:00")
    one, other = {"x": entry("x", "0 5 * * *")}, {"y": entry("y", "0 5 * * *", enabled=False)}
    assert [Moved("x", NextChange.REMOVED, next_at, None), Moved("y", NextChange.ADDED, None, None)] == list(
        moved(one, other, (), now)
    )
    assert [Moved("x", NextChange.REMOVED, None, None)] == list(moved(one, {}, {"x"}, now))
