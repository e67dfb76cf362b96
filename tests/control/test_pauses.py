"""A pause as it is asked for: every end and reason that can be wrong, and what the right ones mean."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from paranad.control import pauses, requests
from paranad.control.daemon import Daemon
from paranad.control.pauses import pause_from, read_end, read_reason
from paranad.errors import InvalidRequest
from paranad.queue.pause import Pause
from tests.support.clock import START
from tests.support.control import BAGHDAD, ME

NEW_YORK = ZoneInfo("America/New_York")
BEFORE_SPRING = datetime(2026, 3, 7, 17, tzinfo=UTC)
"""Noon in New York, on the day before the clocks are put forward from 02:00 to 03:00."""
BEFORE_AUTUMN = datetime(2026, 10, 31, 16, tzinfo=UTC)
"""Noon in New York, on the day before the clocks are put back from 02:00 to 01:00."""


def asked(**body: object) -> Pause:
    return pause_from(requests.Pause.model_validate(body), START, BAGHDAD, "ali")


def refused(**body: object) -> str:
    with pytest.raises(InvalidRequest) as refusal:
        asked(**body)
    return str(refusal.value)


def test_pause_without_an_end_lasts_until_somebody_resumes() -> None:
    assert Pause(START, None, None, "ali") == asked()


@pytest.mark.parametrize("lasts", ["2h", "1h60m", 7200, 7200.0, " 2h "])
def test_pause_for_a_time_ends_so_much_later(lasts: object) -> None:
    assert START + timedelta(hours=2) == asked(**{"for": lasts}).until


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("14:30", "2026-03-02T14:30+03:00"),
        ("06:00", "2026-03-03T06:00+03:00"),
        ("12:00", "2026-03-03T12:00+03:00"),
        ("2026-03-02 13:00", "2026-03-02T13:00+03:00"),
        ("2026-03-02T13:00:30", "2026-03-02T13:00:30+03:00"),
        ("2026-03-02T10:00:00Z", "2026-03-02T13:00+03:00"),
        ("2026-03-02T11:00+01:00", "2026-03-02T13:00+03:00"),
    ],
)
def test_pause_until_a_time_ends_on_the_wall_clock_of_the_zone(text: str, until: str) -> None:
    assert datetime.fromisoformat(until) == asked(until=text).until


@pytest.mark.parametrize("until", ["2026-03-02 11:59", "2026-03-02T08:59:59Z", "2020-01-01 00:00", "2026-03-02 12:00"])
def test_a_pause_in_the_past_is_refused(until: str) -> None:
    assert "until: expected an instant after now, which is 2026-03-02 12:00, got " in refused(until=until)


@pytest.mark.parametrize("lasts", ["365d", "30d1s", 31 * 86_400 - 1, "36500d"])
def test_for_of_a_year_is_refused_with_the_longest(lasts: object) -> None:
    if isinstance(lasts, int):
        with pytest.raises(ValueError, match="which are 30 days"):
            asked(**{"for": lasts})
    else:
        assert "for: expected at most 30 days, got " in refused(**{"for": lasts})


def test_until_in_a_year_is_refused_with_the_longest() -> None:
    assert "at most 30 days ahead, got 2027-03-02 12:00" in refused(until="2027-03-02 12:00")
    assert asked(until="2026-04-01 12:00").until


def test_for_and_until_together_are_refused() -> None:
    assert "for and until: expected one of the two, got both; leave one of them out" == refused(
        **{"for": "2h", "until": "14:00"}
    )


@pytest.mark.parametrize("lasts", ["", "soon", "2 h", "-2h", "2h30", "٢h", "99999999999999d", "\x1b[2J"])
def test_unreadable_for_is_refused(lasts: str) -> None:
    assert refused(**{"for": lasts}).startswith("for: expected a duration")
    assert "\x1b" not in refused(**{"for": lasts})


@pytest.mark.parametrize("lasts", [0, "0s", 0.0])
def test_for_no_time_is_refused(lasts: object) -> None:
    assert "for: expected more than no time" in refused(**{"for": lasts})


@pytest.mark.parametrize(
    "until",
    [
        "",
        "noon",
        "25:00",
        "6",
        "2026-03-02",
        "2026-02-30 10:00",
        "9999-12-31 23:59:59-23:59",
        "0001-01-01 00:00",
        "٠٦:٠٠",
    ],
)
def test_unreadable_until_is_refused(until: str) -> None:
    said = refused(until=until)
    assert said.startswith("until: expected a day (2027-03-28), a time (14:00)") or "after now" in said


def test_until_over_which_the_clocks_are_put_forward_does_not_exist() -> None:
    for text in ("02:30", "2026-03-08 02:30"):
        with pytest.raises(InvalidRequest) as refusal:
            read_end(text, BEFORE_SPRING, NEW_YORK)
        assert (
            "until: 2026-03-08 02:30 does not exist in America/New_York, since a clock change leaves it out; "
            "write 2026-03-08T03:30-04:00"
        ) == str(refusal.value)


def test_until_a_time_that_the_clock_left_out_today_is_tomorrow_s() -> None:
    at_ten = datetime(2026, 3, 8, 14, tzinfo=UTC)
    assert datetime(2026, 3, 9, 6, 30, tzinfo=UTC) == read_end("02:30", at_ten, NEW_YORK)


def test_until_a_day_is_its_beginning() -> None:
    assert datetime.fromisoformat("2026-03-03T00:00+03:00") == asked(until="2026-03-03").until


def test_until_that_comes_twice_is_the_first_that_lies_ahead() -> None:
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    for text in ("01:30", "2026-11-01 01:30"):
        assert first == read_end(text, BEFORE_AUTUMN, NEW_YORK)
        assert second == read_end(text, first, NEW_YORK)


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "\x00\x1b\u202e"])
def test_empty_reason_is_refused(reason: str) -> None:
    assert "reason: expected some words, got none; leave it out" == refused(reason=reason)


def test_very_long_reason_is_refused_with_its_length() -> None:
    assert "reason: expected at most 200 characters, got 201" == refused(reason="x" * 201)
    assert "x" * 200 == asked(reason="x" * 200).reason


def test_multi_line_reason_becomes_one_line() -> None:
    assert "the courier moves house" == read_reason("the courier\r\n  moves\u2028house\n")


def test_reason_with_a_phone_keeps_its_last_three_digits() -> None:
    assert "ask Sara, …567" == read_reason("ask Sara, 0770 123 4567")


def test_reason_with_control_characters_or_a_secret_shows_neither() -> None:
    assert "a [2J b" == read_reason("a\x1b[2J\x00\u202e b")
    assert "hunter2" not in read_reason("password=hunter2")


def test_uid_without_a_name_is_named_by_its_number() -> None:
    assert "uid 4294967293" == pauses.name_of(4294967293)


@pytest.mark.parametrize(
    "path", ["pause", "queues/high/pause", "tasks/carts:expire/pause", "schedule/carts:expire/pause"]
)
async def test_every_pause_takes_its_end_and_its_reason(api: httpx.AsyncClient, daemon: Daemon, path: str) -> None:
    wrong = await api.post(f"/v1/{path}", json={"until": "2020-01-01 00:00"})
    assert (422, "pause.until_past") == (wrong.status_code, wrong.json()["why"]["code"])
    assert {} == await daemon.parts.pauses.standing()

    answer = await api.post(f"/v1/{path}", json={"for": "2h", "reason": "the courier moves"})
    until = "2026-03-02T14:00:00+03:00"
    pause = {"since": "2026-03-02T12:00:00+03:00", "until": until, "reason": "the courier moves", "by": ME}
    assert pause == answer.json()["pause"]

    again = (await api.post(f"/v1/{path}", json={"until": "18:00"})).json()["pause"]
    assert pause | {"until": "2026-03-02T18:00:00+03:00", "reason": None} == again
    [standing] = (await daemon.parts.pauses.standing()).values()
    assert (standing.until, standing.reason) == (datetime.fromisoformat(again["until"]), None)

    await api.post("/v1/resume")
    assert {} == await daemon.parts.pauses.standing()


async def test_a_field_that_a_pause_lacks_is_named_with_the_nearest(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/pause", json={"fro": "2h"})
    assert (422, 'unknown field "fro"; did you mean "for"?' in answer.json()["detail"]) == (answer.status_code, True)


async def test_status_says_that_everything_is_paused_and_why(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json={"task": "carts:expire"})
    await api.post("/v1/pause", json={"for": "2h", "reason": "stocktaking"})
    status = (await api.get("/v1/status")).json()
    assert ("stocktaking", "ready") == (status["pause"]["reason"], status["daemon"]["state"])
    assert (
        f"everything is paused, 1 job due; since 12:00 by {ME}, until 14:00: stocktaking; "
        "what the schedule brings is skipped; to go on: paranadctl resume"
    ) in status["notes"]
    assert not any(note.startswith("nothing is due") for note in status["notes"])
