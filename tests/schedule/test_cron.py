"""Cron over zones and clock changes: tables first, then a minute-by-minute walker that must agree."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from paranad.schedule.cron import CronError, parse

MINUTE = timedelta(minutes=1)


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def due(expression: str, zone: str, after: datetime, until: datetime) -> list[str]:
    instants = parse(expression, ZoneInfo(zone)).between(after, until)
    return [instant.astimezone(ZoneInfo(zone)).isoformat() for instant in instants]


BAGHDAD = ZoneInfo("Asia/Baghdad")
CHANGES = [
    # Clocks forward: a local time that does not exist runs at the next instant that does.
    ("Europe/Berlin", "2026-03-29T00:00", "30 2 * * *", ["2026-03-29T03:00:00+02:00"]),
    ("Europe/Berlin", "2026-03-29T00:00", "*/20 2 * * *", ["2026-03-29T03:00:00+02:00"]),
    ("Europe/Berlin", "2026-03-29T00:00", "0 2,3 * * *", ["2026-03-29T03:00:00+02:00"]),
    ("Europe/Berlin", "2026-03-29T00:00", "0 1-4/1 * * *", ["01:00:00+01:00", "03:00:00+02:00", "04:00:00+02:00"]),
    ("America/New_York", "2026-03-08T00:00", "15 2 * * *", ["2026-03-08T03:00:00-04:00"]),
    ("Asia/Baghdad", "2007-04-01T00:00", "30 3 * * *", ["2007-04-01T04:00:00+04:00"]),
    ("Australia/Lord_Howe", "2026-10-04T00:00", "10 2 * * *", ["2026-10-04T02:30:00+11:00"]),
    ("Australia/Lord_Howe", "2026-10-04T00:00", "0,40 2 * * *", ["02:30:00+11:00", "02:40:00+11:00"]),
    ("Pacific/Apia", "2011-12-29T23:59", "0 12 30 12 *", ["2011-12-31T00:00:00+14:00"]),
    ("Pacific/Apia", "2011-12-29T12:30", "0 12 * * *", ["2011-12-31T00:00:00+14:00"]),
    # Clocks back: once where the hour is fixed, the first time.
    ("Europe/Berlin", "2026-10-25T00:00", "30 2 * * *", ["2026-10-25T02:30:00+02:00"]),
    ("Europe/Berlin", "2026-10-25T00:00", "30 2-3 * * *", ["02:30:00+02:00", "03:30:00+01:00"]),
    ("America/New_York", "2026-11-01T00:00", "0 1 * * *", ["2026-11-01T01:00:00-04:00"]),
    ("Asia/Baghdad", "2007-10-01T00:00", "15 3 * * *", ["2007-10-01T03:15:00+04:00"]),
    ("Australia/Lord_Howe", "2026-04-05T00:00", "45 1 * * *", ["2026-04-05T01:45:00+11:00"]),
    # Clocks back: every real instant where the hour is `*` or a step.
    ("Europe/Berlin", "2026-10-25T01:45", "0 * * * *", ["02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00"]),
    ("Europe/Berlin", "2026-10-25T01:45", "30 */2 * * *", ["02:30:00+02:00", "02:30:00+01:00", "04:30:00+01:00"]),
    ("Europe/Berlin", "2026-10-25T01:45", "30 0-23 * * *", ["02:30:00+02:00", "02:30:00+01:00", "03:30:00+01:00"]),
    ("Australia/Lord_Howe", "2026-04-05T01:20", "40 * * * *", ["01:40:00+11:00", "01:40:00+10:30", "02:40:00+10:30"]),
]


@pytest.mark.parametrize(("zone", "start", "expression", "expected"), CHANGES)
def test_clock_changes(zone: str, start: str, expression: str, expected: list[str]) -> None:
    after = local(zone, start)
    instants = list(islice(parse(expression, ZoneInfo(zone)).between(after, after + timedelta(days=2)), len(expected)))
    shown = [instant.astimezone(ZoneInfo(zone)).isoformat() for instant in instants]
    assert expected == [text[-len(wanted) :] for text, wanted in zip(shown, expected, strict=True)]


def test_every_minute_of_a_repeated_hour_is_worked() -> None:
    start = local("Europe/Berlin", "2026-10-25T01:59")
    assert len(due("* * * * *", "Europe/Berlin", start, start + timedelta(minutes=121))) == 121


def test_a_fixed_hour_that_exists_twice_is_not_due_in_its_second_pass() -> None:
    second_pass = local("Europe/Berlin", "2026-10-25T02:00", fold=1)
    assert parse("30 2 * * *", ZoneInfo("Europe/Berlin")).next(second_pass) == local(
        "Europe/Berlin", "2026-10-26T02:30"
    )


def test_latest_is_asked_in_the_second_pass_of_a_repeated_hour() -> None:
    cron = parse("30 2 * * *", ZoneInfo("Europe/Berlin"))
    until = local("Europe/Berlin", "2026-10-25T02:10", fold=1)
    assert local("Europe/Berlin", "2026-10-25T02:30") == cron.latest(until - timedelta(hours=2), until)


def test_latest_looks_at_the_open_start_and_the_closed_end() -> None:
    cron = parse("0 * * * *", BAGHDAD)
    at = local("Asia/Baghdad", "2026-03-02T12:00")
    assert at == cron.latest(at - MINUTE, at)
    assert None is cron.latest(at, at + 59 * MINUTE)
    assert at == cron.latest(at - timedelta(hours=9), at + timedelta(minutes=59, seconds=59.9))


def test_latest_is_quick_however_far_back_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    cron = parse("* * * * *", BAGHDAD)
    monkeypatch.setattr(type(cron), "next", lambda *_: pytest.fail("enumerated"))
    until = local("Asia/Baghdad", "2026-03-02T12:00")
    assert until == cron.latest(local("Asia/Baghdad", "1996-03-02T12:00"), until)


def test_a_leap_day_waits_for_its_year() -> None:
    assert due(
        "0 9 29 2 *",
        "Asia/Baghdad",
        local("Asia/Baghdad", "2024-03-01T00:00"),
        local("Asia/Baghdad", "2030-01-01T00:00"),
    ) == ["2028-02-29T09:00:00+03:00"]


def test_day_and_weekday_together_mean_either() -> None:
    found = due("0 0 13 * FRI", "UTC", local("UTC", "2026-03-10T00:00"), local("UTC", "2026-03-21T00:00"))
    assert [text[:10] for text in found] == ["2026-03-13", "2026-03-20"]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("* * * * *", "Every minute"),
        ("0 2 * * *", "At 02:00"),
        ("30 15 * * mon-fri", "At 15:30, Monday through Friday"),
        ("*/5 * * * *", "Every 5 minutes"),
    ],
)
def test_words(expression: str, words: str) -> None:
    assert words == parse(expression, BAGHDAD).words


@pytest.mark.parametrize(
    "expression", ["0 2 * JAN,jul Mon-FRI", "0 0 * * sat-sun", "5/15 1-7 1,15 */3 7", "00 02 * * 5-7"]
)
def test_standard_forms_are_accepted(expression: str) -> None:
    start = local("UTC", "2026-03-02T00:00")
    assert start < parse(expression, BAGHDAD).next(start)


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("", "five fields"),
        ("0 2 * *", "five fields"),
        ("* * * * * *", "five fields"),
        ("@daily", "five fields"),
        ("60 * * * *", 'minute: expected *, a number from 0 to 59, a range, a list or a step, got "60"'),
        ("* 24 * * *", "hour: "),
        ("* * 0 * *", "day of month: "),
        ("* * L * *", "day of month: "),
        ("* * 15W * *", "day of month: "),
        ("* * ? * *", "day of month: "),
        ("* * * 13 *", "month: "),
        ("* * * mon *", "month: "),
        ("* * * * 8", "day of week: "),
        ("* * * * 5#2", "day of week: "),
        ("* * * * L5", "day of week: "),
        ("H * * * *", "minute: "),
        ("R * * * *", "minute: "),
        ("h(0-9)/3 * * * *", "minute: "),
        ("1,,2 * * * *", "minute: "),
        ("-1 * * * *", "minute: "),
        ("*-5 * * * *", "minute: "),
        ("٣ * * * *", "minute: "),
        ("*/0 * * * *", "minute: expected a step from 1 to 59"),
        ("*/60 * * * *", "minute: expected a step from 1 to 59"),
        ("0 22-2 * * *", "hour: expected a range from a lower to a higher value"),
        ("0 1-1 * * *", "hour: expected a range"),
        ("0 0 * * sun-sun", "day of week: expected a range"),
        ("0 0 30 2 *", 'day of month: expected a day that month "2" has, got "30"'),
        ("0 0 31 apr,jun *", "day of month: "),
        ("0 " + "9" * 5000 + " * * *", "hour: "),
    ],
)
def test_anything_else_is_refused_by_its_field(expression: str, named: str) -> None:
    with pytest.raises(CronError) as refused:
        parse(expression, BAGHDAD)
    assert named in str(refused.value)
    assert len(str(refused.value)) < 300


def test_only_blanks_separate_fields() -> None:
    assert parse("0\t2 *  * *\n", BAGHDAD).expression == "0 2 * * *"
    with pytest.raises(CronError):
        parse("0\u00a02 * * * *", BAGHDAD)


# --- the walker: minute by minute through real instants, knowing nothing of croniter

NUMBERS = {"minute": range(60), "hour": range(24), "day": range(1, 32), "month": range(1, 13), "weekday": range(7)}
WINDOWS = [
    ("Europe/Berlin", "2026-03-28T20:00"),
    ("Europe/Berlin", "2026-10-24T20:00"),
    ("America/New_York", "2026-03-07T20:00"),
    ("America/New_York", "2026-10-31T20:00"),
    ("Asia/Baghdad", "2007-03-31T22:00"),
    ("Asia/Baghdad", "2007-09-30T22:00"),
    ("Asia/Baghdad", "2026-03-01T22:00"),
    ("Australia/Lord_Howe", "2026-10-03T20:00"),
    ("Australia/Lord_Howe", "2026-04-04T20:00"),
    ("Pacific/Apia", "2011-12-29T18:00"),
    ("Europe/Dublin", "2026-10-24T20:00"),
    ("Africa/Casablanca", "2026-02-14T20:00"),
]
HOURS = 10


def matches(spec: dict[str, set[int]], wall: datetime) -> bool:
    dom, dow = wall.day in spec["day"], wall.isoweekday() % 7 in spec["weekday"]
    both = len(spec["day"]) < 31 and len(spec["weekday"]) < 7
    day = (dom or dow) if both else (dom and dow)
    return day and wall.minute in spec["minute"] and wall.hour in spec["hour"] and wall.month in spec["month"]


def walk(spec: dict[str, set[int]], twice: bool, zone: ZoneInfo, start: datetime, minutes: int) -> list[datetime]:
    found = []
    previous = (start - MINUTE).astimezone(zone).replace(tzinfo=None)
    for count in range(minutes):
        instant = start + count * MINUTE
        here = instant.astimezone(zone)
        wall = here.replace(tzinfo=None, fold=0)
        skipped = [previous + n * MINUTE for n in range(1, max(1, (wall - previous) // MINUTE))]
        if any(matches(spec, each) for each in skipped) or (matches(spec, wall) and (twice or here.fold == 0)):
            found.append(instant)
        previous = wall
    return found


@st.composite
def specs(draw: st.DrawFn) -> tuple[str, dict[str, set[int]], bool]:
    texts, spec = [], {}
    for name, numbers in NUMBERS.items():
        whole = draw(st.booleans()) if name in {"minute", "hour"} else draw(st.integers(0, 3)) > 0
        step = draw(st.sampled_from([1, 2, 3, 5])) if whole else 0
        chosen = set(numbers[::step]) if whole else draw(st.sets(st.sampled_from(numbers), min_size=1, max_size=5))
        texts.append(f"*/{step}" if step > 1 else "*" if step else ",".join(map(str, sorted(chosen))))
        spec[name] = chosen
    return " ".join(texts), spec, "*" in texts[1]


@settings(max_examples=60, deadline=None)
@given(specs(), st.sampled_from(WINDOWS), st.integers(0, 59))
def test_agrees_with_a_walk_through_every_minute(
    drawn: tuple[str, dict[str, set[int]], bool], window: tuple[str, str], seconds: int
) -> None:
    expression, spec, twice = drawn
    zone = ZoneInfo(window[0])
    start = local(*window)
    try:
        cron = parse(expression, zone)
    except CronError:
        reject()
    walked = walk(spec, twice, zone, start, HOURS * 60)
    end = start + timedelta(hours=HOURS) - MINUTE
    assert walked == list(cron.between(start - timedelta(seconds=1), end))
    moments = [start + timedelta(hours=n, minutes=7, seconds=seconds) for n in range(1, HOURS)]
    for until in (*moments, *walked[:20]):
        expected = max((instant for instant in walked if instant <= until), default=None)
        assert expected == cron.latest(start - timedelta(seconds=1), until)
