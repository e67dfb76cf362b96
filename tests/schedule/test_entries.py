"""Entries: defaults, overrides, an operator's own commands, and every wrong one with its field."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from paranad.catalogue import SCHEDULE
from paranad.configuration.settings import EntrySettings
from paranad.errors import ConfigurationError
from paranad.schedule.entries import CatchUp, Command, Entry, Overlap, build_entries

ZONE = ZoneInfo("Asia/Baghdad")
KNOWN = [*SCHEDULE, "app:cleanup"]


def build(**schedule: Mapping[str, Any]) -> dict[str, Entry]:
    settings = {name.replace("__", ":"): EntrySettings(**values) for name, values in schedule.items()}
    entries, problems = build_entries(settings, ZONE, KNOWN)
    if problems:
        raise ConfigurationError(problems)
    return {entry.name: entry for entry in entries}


def problems(**schedule: Mapping[str, Any]) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        build(**schedule)
    return [str(problem) for problem in refused.value.problems]


def test_the_default_entries_are_the_shops_own_schedule() -> None:
    entries = build()
    assert list(SCHEDULE) == list(entries)
    assert entries["carts:archive-expired"].cron.expression == "*/5 * * * *"
    assert {entry.catch_up for entry in entries.values()} == {CatchUp.ONCE}
    assert all(entry.enabled and entry.task == entry.name and entry.cron.zone == ZONE for entry in entries.values())


def test_a_default_entry_is_overridden_by_name() -> None:
    entry = build(carts__expire={"cron": "*/2 * * * *", "catch_up": "skip", "enabled": False})["carts:expire"]
    assert (entry.cron.expression, entry.catch_up, entry.enabled) == ("*/2 * * * *", CatchUp.SKIP, False)


def test_an_entry_that_the_configuration_names_is_chosen() -> None:
    entries = build(carts__expire={"enabled": True})
    assert ["carts:expire"] == [name for name, entry in entries.items() if entry.chosen]


def test_an_override_keeps_what_it_does_not_name() -> None:
    assert build(carts__expire={"enabled": False})["carts:expire"].cron.expression == SCHEDULE["carts:expire"]


def test_an_entry_is_read_in_its_own_time_zone_or_in_the_daemons() -> None:
    entries = build(carts__expire={"timezone": "Europe/Berlin"}, promotions__expire={"timezone": ""})
    own, other = entries["carts:expire"], entries["promotions:expire"]
    assert (own.cron.zone.key, own.own_zone) == ("Europe/Berlin", True)
    assert (other.cron.zone, other.own_zone) == (ZONE, False)
    utc = ZoneInfo("UTC")
    assert (own.in_zone(utc), other.in_zone(utc).cron.zone) == (own, utc)


def test_a_command_becomes_an_entry_whose_task_has_its_name() -> None:
    entry = build(backup={"cron": "30 3 * * *", "command": ("/bin/true", "-q"), "timeout": timedelta(minutes=10)})[
        "backup"
    ]
    assert entry.task == "backup"
    assert entry.command == Command(("/bin/true", "-q"), timedelta(minutes=10), tries=1)


def test_an_entry_named_as_a_known_task_runs_that_task() -> None:
    entry = build(app__cleanup={"cron": "0 * * * *"})["app:cleanup"]
    assert (entry.task, entry.command) == ("app:cleanup", None)


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    found = problems(
        carts__expire={"cron": "0 25 * * *"},
        backup={"command": (str(tmp_path / "gone"),)},
        cart__expire={"cron": "* * * * *"},
    )
    assert [text.partition(":")[0] for text in found] == [
        '[schedule."carts',
        "[schedule.backup] cron",
        "[schedule.backup] command",
        '[schedule."cart',
    ]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"command": ("/bin/true",)}, 'backup] cron: expected five fields, got nothing; write cron = "30 3 * * *"'),
        ({"command": ("/bin/true",), "cron": ""}, "backup] cron: expected five fields"),
        (
            {"command": ("/bin/true",), "cron": "0 0 30 2 *"},
            'backup] cron: day of month: expected a day that month "2"',
        ),
        ({"command": ("/bin/true",), "cron": "@daily"}, 'got "@daily"'),
        ({"cron": "0 2 * * *"}, 'backup] command: expected one, since no task "backup" can be scheduled'),
        ({"cron": "0 2 * * *", "command": ("backup",)}, "command: expected the program's absolute path first"),
        (
            {"cron": "0 2 * * *", "command": ("/nowhere/x",)},
            'command: expected a program, got no such file: "/nowhere/x"',
        ),
        ({"cron": "0 2 * * *", "command": ("/etc/passwd",)}, "got one that may not be executed"),
        ({"cron": "0 2 * * *", "command": ("/tmp",)}, "got no such file"),
    ],
)
def test_a_wrong_command_entry_names_its_field(values: Mapping[str, Any], named: str) -> None:
    (found,) = problems(backup=values)
    assert named in found


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"command": ("/bin/true",)}, 'carts:expire"] command: expected none'),
        ({"timeout": timedelta(seconds=5)}, 'carts:expire"] timeout: expected only beside a command'),
        ({"tries": 2}, 'carts:expire"] tries: expected only beside a command'),
    ],
)
def test_a_known_task_keeps_its_own_program_timeout_and_tries(values: Mapping[str, Any], named: str) -> None:
    (found,) = problems(carts__expire=values)
    assert named in found


def test_a_near_miss_of_a_task_is_offered() -> None:
    (found,) = problems(cart__expire={"cron": "* * * * *"})
    assert found.endswith('did you mean "carts:expire"?')


def test_a_disabled_command_may_lack_its_program() -> None:
    entry = build(backup={"cron": "0 2 * * *", "command": ("/nowhere/x",), "enabled": False})["backup"]
    assert not entry.enabled


def test_a_problem_names_the_file_that_says_the_key() -> None:
    settings = EntrySettings(cron="61 * * * *")
    settings.say("cron", "schedule.d/own.toml")
    _, [problem] = build_entries({"carts:expire": settings}, ZONE, KNOWN)
    assert str(problem).startswith('schedule.d/own.toml: [schedule."carts:expire"] cron: minute')


def test_nobody_is_told_of_an_entry_whose_alert_is_false() -> None:
    entries = build(carts__expire={"alert": False})
    assert {"carts:expire"} == {name for name, entry in entries.items() if not entry.alert}


@pytest.mark.parametrize(
    ("cron", "within", "longest", "cure"),
    [
        ("30 3 * * *", timedelta(hours=1), "1d", "1d2h"),
        ("30 3 * * *", timedelta(days=1), "1d", "1d2h"),
        ("0 9 * * 1-5", timedelta(hours=26), "3d", "3d6h"),
        ("0 0 1 * *", timedelta(days=31), "31d", "33d14h"),
        ("* 8-17 * * 1-5", timedelta(hours=20), "2d14h1m", "2d19h11m"),
        ("* * 1-7 1 *", timedelta(hours=2), "359d1m", "388d22h1m"),
    ],
)
def test_expect_within_shorter_than_the_period(cron: str, within: timedelta, longest: str, cure: str) -> None:
    command = {"cron": cron, "command": ("/bin/true",)}
    (problem,) = problems(backup={**command, "expect_within": within})
    assert f"expected longer than the longest time between two runs, {longest}, got" in problem
    assert f'write expect_within = "{cure}", or leave it out' in problem
    build(backup={**command, "expect_within": timedelta(days=400)})


def test_the_cure_of_expect_within_is_one_that_the_key_takes() -> None:
    leap = {"cron": "0 0 29 2 *", "command": ("/bin/true",), "expect_within": timedelta(days=400)}
    (problem,) = problems(backup=leap)
    assert problem.endswith('runs, 1461d, got "400d"; leave it out')


def test_expect_within_counts_the_day_that_a_clock_change_makes_longer() -> None:
    entry: dict[str, Any] = {"cron": "30 3 * * *", "command": ("/bin/true",), "expect_within": timedelta(hours=25)}
    _, found = build_entries({"backup": EntrySettings(**entry)}, ZoneInfo("Europe/Berlin"), KNOWN)
    assert ["1d1h"] == [str(problem).split("two runs, ")[1].split(",")[0] for problem in found]
    assert build(backup=entry)["backup"].expect_within == timedelta(hours=25)


def test_expect_within_says_what_the_jitter_adds() -> None:
    minutes = {"jitter": timedelta(minutes=1), "expect_within": timedelta(minutes=2)}
    (found,) = problems(backup={"cron": "* * * * *", "command": ("/bin/true",), **minutes})
    assert 'longest time between two runs, 2m (1m and a jitter of 1m), got "2m"; write' in found


DAILY: dict[str, Any] = {"cron": "30 3 * * *", "command": ("/bin/true",)}


@pytest.mark.parametrize(
    ("word", "meant"),
    [("{ocurrence}", "occurrence"), ("--day={Date}", "date"), ("{occurrences}", "occurrence"), ("{dat}", "date")],
)
def test_a_misspelt_placeholder_is_an_error(word: str, meant: str) -> None:
    got = word.removeprefix("--day=")
    (found,) = problems(backup={**DAILY, "command": ("/bin/true", word)})
    assert found == (
        f'[schedule.backup] command: expected {{occurrence}} or {{date}}, got "{got}"; did you mean {{{meant}}}?'
    )
    assert len(problems(backup={**DAILY, "command": ("/nowhere/x", word)})) == 2
    _, wrong = build_entries({"backup": EntrySettings(**DAILY | {"command": ("/nowhere/x", word)})}, ZONE, KNOWN)
    assert not any(problem.bearable for problem in wrong)


@pytest.mark.parametrize("word", ["{occurrence}", "{date}.sql", '{"date": 1}', "${dates}", "{name}", "{}", "{1,2}"])
def test_other_braces_are_the_programs_own(word: str) -> None:
    assert build(backup={**DAILY, "command": ("/bin/true", word)})["backup"].command


def test_what_holds_when_an_entry_says_nothing_of_missed_occurrences_and_overlaps() -> None:
    entry = build()["carts:expire"]
    assert (entry.catch_up_limit, entry.catch_up_window, entry.overlap, entry.jitter) == (
        10,
        None,
        Overlap.SKIP,
        timedelta(0),
    )


def test_a_window_shorter_than_the_period_is_an_error() -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    assert build(backup={**DAILY, "catch_up": "all", "catch_up_window": day})["backup"].catch_up_window == day
    (found,) = problems(backup={**DAILY, "catch_up": "all", "catch_up_window": hour})
    assert found == (
        "[schedule.backup] catch_up_window: expected at least the 1d between two occurrences, "
        'got "1h"; write catch_up_window = "1d"'
    )


def test_a_jitter_longer_than_the_period_is_an_error() -> None:
    five = timedelta(minutes=5)
    assert build(carts__expire={"cron": "*/5 * * * *", "jitter": five})["carts:expire"].jitter == five
    (found,) = problems(carts__expire={"cron": "*/5 * * * *", "jitter": timedelta(minutes=6)})
    assert found == (
        '[schedule."carts:expire"] jitter: expected at most the 5m between two occurrences, '
        'got "6m"; write jitter = "5m"'
    )


@pytest.mark.parametrize(("catch_up", "said"), [("once", "once"), ("skip", "skip"), (None, "once")])
@pytest.mark.parametrize(
    ("key", "value"), [("catch_up_limit", 3), ("catch_up_window", timedelta(days=2))], ids=["limit", "window"]
)
def test_a_limit_or_window_beside_once_or_skip_is_an_error(
    catch_up: str | None, said: str, key: str, value: object
) -> None:
    (found,) = problems(backup={**DAILY, "catch_up": catch_up, key: value})
    assert found == (
        f'[schedule.backup] {key}: expected only beside catch_up = "all", got catch_up = "{said}"; '
        'take the line out, or write "all"'
    )


def test_overlap_allow_is_refused_where_the_task_allows_one_job() -> None:
    """Its jobs carry one key: to be enqueued beside an unfinished one they would need another."""
    assert build(backup={**DAILY, "overlap": "allow"})["backup"].overlap is Overlap.ALLOW
    assert build(carts__expire={"overlap": "queue-one"})["carts:expire"].overlap is Overlap.QUEUE_ONE
    (found,) = problems(carts__expire={"overlap": "allow"})
    assert found == (
        '[schedule."carts:expire"] overlap: expected "skip" or "queue-one", got "allow": at most one job of the task '
        '"carts:expire" waits or runs; write overlap = "queue-one"'
    )
