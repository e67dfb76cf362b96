"""What is shown of the configuration in force to whoever is asked for help."""

from typing import Any

import pytest

from paranad.configuration.settings import Settings
from paranad.configuration.shown import shown


def keys(**tables: Any) -> dict[str, Any]:
    return dict(shown(Settings.model_validate(tables)))


def test_defaults_are_not_named() -> None:
    assert {} == keys()


def test_how_the_daemon_is_set_is_shown() -> None:
    queue = {"workers": 3, "queues": ["a", "b"], "limits": {"a": 2}, "retain_failed": "7d", "durability": "normal"}
    entry = {"cron": "30 3 * * *", "catch_up": "all", "catch_up_limit": 3}
    assert {
        "timezone": "Europe/Berlin",
        "[queue] workers": 3,
        "[queue] queues": ["a", "b"],
        "[queue] limits": {"a": 2},
        "[queue] durability": "normal",
        "[queue] retain_failed": "7d",
        "[courier] rate_limit": "20/30s",
        "[tasks] notify_on_first_sync": True,
        "[schedule.backup] cron": "30 3 * * *",
        "[schedule.backup] catch_up": "all",
        "[schedule.backup] catch_up_limit": 3,
    } == keys(
        timezone="Europe/Berlin",
        queue=queue,
        courier={"rate_limit": "20/30s"},
        tasks={"notify_on_first_sync": True},
        schedule={"backup": entry},
    )


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("shop", "database_url", "mysql://shop:Geheim@db:3306/shop"),
        ("shop", "cache_dir", "/home/ahmed/shop"),
        ("courier", "username", "ahmed"),
        ("courier", "password", "Geheim"),
        ("courier", "base_url", "https://ahmed.example/v1"),
        ("alert", "command", ["/home/ahmed/tell", "--token", "Geheim"]),
        ("alert", "heartbeat_url", "https://hc-ping.com/1b9d6bcd"),
        ("daemon", "state_dir", "/home/ahmed/state"),
        ("web", "host", "ahmed.example"),
    ],
)
def test_what_may_tell_of_people_or_places_is_hidden(table: str, key: str, value: Any) -> None:
    assert {f"[{table}] {key}": None} == keys(**{table: {key: value}})


def test_a_program_and_its_arguments_are_hidden() -> None:
    entry = {"cron": "30 3 * * *", "command": ["/home/ahmed/backup", "Geheim"]}
    assert keys(schedule={"backup": entry})["[schedule.backup] command"] is None
