"""Pictures: valid SVG, the same figures as in their tables, nothing from outside in force, unknown never 0."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Cell
from paranad.cli.screen.say import Pen, Text
from paranad.web import pictures
from paranad.web.page import Picture

NOW = datetime(2026, 3, 2, 12, 25, tzinfo=UTC)
HOSTILE = "</text><script>alert(1)</script>\"'&<!--\u202e]]>\x00\x1b[31m\n" + "n" * 10_000
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LANGUAGES = pytest.mark.parametrize("language", list(Language))
Json = Any

COUNTS = st.none() | st.integers(0, 2_000_000)
WAITS = st.floats(0, 1e6)
STATES = st.sampled_from(["completed", "failed", "cancelled", "available", "running", "scheduled", "retryable", None])


@st.composite
def days(draw: st.DrawFn) -> Json:
    shipments, failures = draw(COUNTS), draw(COUNTS)
    return {"shipments": shipments, "failures": failures, "known": None not in {shipments, failures}}


@st.composite
def hours(draw: st.DrawFn) -> Json:
    jobs = draw(COUNTS)
    median, more = (draw(WAITS), draw(WAITS)) if jobs else (None, None)
    most = median + more if median is not None and more is not None else None
    return {"jobs": jobs, "wait_median_s": median, "wait_95_s": most, "known": jobs is not None}


RUNS = st.builds(
    lambda outcome, state: {"outcome": outcome, "state": state if outcome == "enqueued" else None},
    st.sampled_from(["enqueued", "skipped"]),
    STATES,
)


@st.composite
def pasts(draw: st.DrawFn) -> Json:
    """What the API may answer."""
    shown_days = draw(st.lists(days(), min_size=14, max_size=14))
    shown_hours = draw(st.lists(hours(), min_size=24, max_size=24))
    requests = draw(st.lists(st.none() | st.integers(0, 500), min_size=30, max_size=30))
    names = st.text(st.characters(exclude_characters="\ufffe\uffff"), max_size=100)  # HTML may hold them, XML not
    entries = draw(st.lists(st.tuples(names, st.lists(RUNS, max_size=50)), max_size=4))
    return {
        "days": [day | {"day": str((NOW - timedelta(days=13 - n)).date())} for n, day in enumerate(shown_days)],
        "hours": [
            hour | {"at": (NOW.replace(minute=0) - timedelta(hours=23 - n)).isoformat()}
            for n, hour in enumerate(shown_hours)
        ],
        "rate": {
            "limit": draw(st.integers(1, 1000)),
            "window_s": draw(st.sampled_from([1.0, 30.0, 3600.0])),
            "minutes": [
                {"at": (NOW - timedelta(minutes=29 - n)).isoformat(), "requests": each, "known": each is not None}
                for n, each in enumerate(requests)
            ],
        },
        "entries": [
            {
                "name": name,
                "runs": [
                    run | {"occurrence": (NOW - timedelta(minutes=len(runs) - n)).isoformat()}
                    for n, run in enumerate(runs)
                ],
            }
            for name, runs in entries
        ],
    }


def past(**changed: Json) -> Json:
    """What the API answers of a quiet shop."""
    return {
        "days": [
            {"day": str((NOW - timedelta(days=13 - n)).date()), "shipments": n, "failures": 0, "known": True}
            for n in range(14)
        ],
        "hours": [
            {
                "at": (NOW - timedelta(hours=23 - n)).isoformat(),
                "jobs": 0,
                "wait_median_s": None,
                "wait_95_s": None,
                "known": True,
            }
            for n in range(24)
        ],
        "rate": {
            "limit": 28,
            "window_s": 30.0,
            "minutes": [
                {"at": (NOW - timedelta(minutes=29 - n)).isoformat(), "requests": n, "known": True} for n in range(30)
            ],
        },
        "entries": [],
    } | changed


def marks(picture: Picture, class_: str) -> list[ET.Element]:
    return [each for each in ET.fromstring(picture.svg).iter() if each.get("class") == class_]


def titles(picture: Picture) -> list[str]:
    """Return what the marks say of themselves, without the isolates."""
    found = [mark.findtext("title") for mark in ET.fromstring(picture.svg).iter("rect")]
    return [re.sub("[\u2066-\u2069]", "", each) for each in found if each]


def words(cell: Text | Cell) -> str:
    return Pen().line(cell.text if isinstance(cell, Cell) else cell)


def rows(picture: Picture) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in picture.table.rows]


@LANGUAGES
@UNHURRIED
@given(past=pasts())
def test_pictures_are_valid_and_named_and_no_mark_leaves_the_sheet(language: Language, past: Json) -> None:
    for picture in pictures.pictures(past, language):
        svg = ET.fromstring(picture.svg)
        assert "img" == svg.get("role")
        title, desc = svg.find("title"), svg.find("desc")
        assert title is not None
        assert desc is not None
        assert (title.get("id"), desc.get("id")) == (svg.get("aria-labelledby"), svg.get("aria-describedby"))
        assert title.text
        assert desc.text
        width, height = map(float, str(svg.get("viewBox")).split()[2:])
        for mark in svg.findall("rect"):
            x, y, w, h = (float(str(mark.get(name))) for name in ("x", "y", "width", "height"))
            assert -0.11 <= x <= x + w <= width + 0.21
            assert 0 <= y <= y + h <= height + 0.21


@UNHURRIED
@given(pasts())
def test_ids_of_the_pictures_of_a_page_differ(past: Json) -> None:
    drawn = [*pictures.pictures(past, Language.ENGLISH)]
    drawn += [pictures.runs_of(each, Language.ENGLISH, place) for place, each in enumerate(past["entries"])]
    ids = [each.get("id") for picture in drawn for each in ET.fromstring(picture.svg).iter() if each.get("id")]
    assert len(ids) == len(set(ids))


@UNHURRIED
@given(pasts())
def test_picture_and_table_of_the_days_have_the_same_figures(past: Json) -> None:
    picture = pictures.days(past, Language.ENGLISH)
    table = rows(picture)[::-1]
    drawn = [f"{day}, {shipments}" for day, shipments, _ in table] + [
        f"{day}, {failures}" for day, _, failures in table
    ]
    assert drawn == [each for each in titles(picture) if each != "unknown"]
    assert [day["day"] for day in past["days"]] == [row[0] for row in table]
    assert all(
        (day["shipments"] is None) == (row[1] == "unknown") for day, row in zip(past["days"], table, strict=True)
    )


@UNHURRIED
@given(pasts())
def test_picture_and_table_of_the_minutes_have_the_same_figures(past: Json) -> None:
    picture = pictures.rate(past, Language.ENGLISH)
    assert [", ".join(row) for row in reversed(rows(picture))] == [
        each for each in titles(picture) if each != "unknown"
    ]


@UNHURRIED
@given(pasts())
def test_picture_and_table_of_the_hours_have_the_same_figures(past: Json) -> None:
    picture = pictures.hours(past, Language.ENGLISH)
    table = rows(picture)[::-1]
    jobs = [f"{row[0]}, {row[1]}" for row in table]
    assert jobs == [each for each in titles(picture) if each != "unknown"]
    for column, class_ in ((2, "pic-curve-dot"), (3, "pic-most-dot")):
        dots = [re.sub("[\u2066-\u2069]", "", str(each.findtext("title"))) for each in marks(picture, class_)]
        assert [f"{row[0]}, {row[column]}" for row in table if row[column] not in {"-", "unknown"}] == dots


@UNHURRIED
@given(pasts())
def test_strips_and_their_table_count_the_same_runs(past: Json) -> None:
    picture = pictures.runs(past, Language.ENGLISH)
    counted = [sum(int(row[column]) for row in rows(picture)) for column in range(1, 6)]
    drawn = [[str(mark.get("d")) for mark in marks(picture, kind.class_)] for kind in pictures.KINDS.values()]
    assert counted == [sum(outline.count("M") for outline in outlines) for outlines in drawn]
    assert sum(counted) == sum(len(entry["runs"]) for entry in past["entries"])


@UNHURRIED
@given(pasts())
def test_strip_of_an_entry_and_its_table_have_the_same_runs(past: Json) -> None:
    for entry in past["entries"]:
        picture = pictures.runs_of(entry, Language.ENGLISH)
        drawn = [each for each in titles(picture) if each != "unknown"]
        assert [", ".join(row) for row in reversed(rows(picture))] == drawn


@LANGUAGES
def test_name_from_outside_is_shown_and_not_in_force(language: Language) -> None:
    run = {"occurrence": NOW.isoformat(), "outcome": "enqueued", "state": "completed"}
    entry = {"name": HOSTILE, "runs": [run]}
    for picture in (pictures.runs(past(entries=[entry]), language), pictures.runs_of(entry, language)):
        svg = ET.fromstring(picture.svg)
        assert {"svg", "title", "desc", "defs", "pattern", "path", "text", "line", "rect"} >= {
            e.tag for e in svg.iter()
        }
        assert "</text><script>alert(1)" in next(str(each.text) for each in svg.iter("text"))
        assert len(next(str(each.text) for each in svg.iter("text"))) < 60
        assert not re.search("[\u202a-\u202e\x00\x1b]", picture.svg)
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", picture.svg)


@LANGUAGES
def test_the_present_stands_at_the_end_of_a_line_as_it_is_read(language: Language) -> None:
    bars = marks(pictures.days(past(), language), "pic-bar")
    places = [float(str(bar.get("x"))) for bar in bars]
    assert places == sorted(places, reverse=language is Language.ARABIC)
    assert 14 == len(set(places))


def test_unknown_is_hatched_and_zero_is_not() -> None:
    day = {"day": "2026-03-02", "shipments": None, "failures": 0, "known": False}
    picture = pictures.days(past(days=[day]), Language.ENGLISH)
    hatched = [mark for mark in ET.fromstring(picture.svg).iter("rect") if mark.get("fill") == "url(#days-hatch)"]
    assert ["2026-03-02, unknown", "unknown"] == [
        re.sub("[\u2066-\u2069]", "", str(mark.findtext("title"))) for mark in hatched
    ]
    assert [["2026-03-02", "unknown", "0"]] == rows(picture)
    assert "unknown: 1 of 1" in str(ET.fromstring(picture.svg).findtext("desc"))
    assert "url(" not in pictures.days(past(), Language.ENGLISH).svg


def test_curves_break_where_nothing_waited() -> None:
    waited: Json = {"jobs": 1, "wait_median_s": 1.0, "wait_95_s": 2.0, "known": True}
    nothing: Json = {"jobs": 0, "wait_median_s": None, "wait_95_s": None, "known": True}
    shown = [
        each | {"at": (NOW + timedelta(hours=n)).isoformat()}
        for n, each in enumerate([waited, waited, nothing, waited, waited, nothing, waited])
    ]
    drawn = marks(pictures.hours(past(hours=shown), Language.ENGLISH), "pic-curve")
    assert 2 + 1 == len(drawn)  # and the legend's


@pytest.mark.parametrize("draw", [pictures.days, pictures.hours, pictures.rate, pictures.runs])
def test_pictures_speak_arabic(draw: Callable[[Json, Language], Picture]) -> None:
    """What is written in Latin letters is a name or a date."""
    picture = draw(past(), Language.ARABIC)
    texts = [str(each.text) for each in ET.fromstring(picture.svg).iter() if each.tag in {"text", "title", "desc"}]
    assert not [text for text in texts if re.search("[A-Za-z]", text)]
    assert not re.search("[A-Za-z]", Pen(Language.ARABIC).line(picture.name))


@LANGUAGES
@pytest.mark.parametrize("draw", [pictures.hours, pictures.rate])
def test_the_present_hour_and_minute_have_their_clock_alone_at_the_end(
    draw: Callable[[Json, Language], Picture], language: Language
) -> None:
    """Noon and full tens are labelled too, but not where the present one stands."""
    shown = past(
        hours=[each | {"at": (NOW - timedelta(hours=20 - n)).isoformat()} for n, each in enumerate(past()["hours"])]
    )
    labels = [each for each in ET.fromstring(draw(shown, language).svg).iter("text") if each.get("class") == "pic-now"]
    last = shown["hours"][-1]["at"] if draw is pictures.hours else NOW.isoformat()
    assert [f"{datetime.fromisoformat(last):%H:%M}"] == [each.text for each in labels]
    assert (0.0 if language is Language.ARABIC else 360.0) == float(str(labels[0].get("x")))


def test_the_highest_of_a_panel_is_no_limit() -> None:
    texts = [
        re.sub("[\u2066-\u2069]", "", str(each.text))
        for each in ET.fromstring(pictures.days(past(), Language.ENGLISH).svg).iter("text")
    ]
    assert {"shipments, highest: 13", "failures, highest: 0"} <= set(texts)
