"""Durations, rates and what each key may hold."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from paranad.configuration.durations import LONGEST, Rate, format_duration, parse_duration
from paranad.configuration.settings import Settings

MILLISECOND = timedelta(milliseconds=1)
durations = st.integers(0, LONGEST // MILLISECOND).map(lambda number: number * MILLISECOND)


SOCKET_URL = "mysql://user:pass@localhost/shop?unix_socket=/run/mysqld/mysqld.sock"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250ms", timedelta(milliseconds=250)),
        ("60s", timedelta(seconds=60)),
        ("3m", timedelta(minutes=3)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
        ("1h30m", timedelta(minutes=90)),
        ("0s", timedelta(0)),
    ],
)
def test_duration_is_read(text: str, expected: timedelta) -> None:
    assert expected == parse_duration(text)


@pytest.mark.parametrize(
    "text",
    ["", "60", "s", "-1s", "1.5s", "1 s", "1s ", "30m1h", "1s1s", "1S", "1w", "٣s", "1s\n", "9" * 12 + "d", "9" * 99],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


@given(durations)
def test_duration_written_is_read_back(duration: timedelta) -> None:
    assert duration == parse_duration(format_duration(duration))


@given(st.text("0123456789dhms", max_size=8))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    assert timedelta(0) <= duration <= LONGEST


@given(st.integers(0, 10**9 - 1), durations)
def test_rate_written_is_read_back(count: int, per: timedelta) -> None:
    assert Rate(count, per) == Rate.parse(str(Rate(count, per)))


@pytest.mark.parametrize("text", ["", "28", "28/", "/30s", "x/30s", "-1/30s", "28/30", "28 / 30s", "1/2/30s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        Rate.parse(text)


def test_defaults_are_those_of_the_interface() -> None:
    settings = Settings()
    assert ("Asia/Baghdad", "Asia/Baghdad") == (settings.timezone, settings.zone.key)
    assert (10, ("high", "default"), "full") == (
        settings.queue.workers,
        settings.queue.queues,
        settings.queue.durability,
    )
    assert (timedelta(days=7), None) == (settings.queue.retain_completed, settings.queue.retain_failed)
    assert Rate(28, timedelta(seconds=30)) == settings.courier.rate_limit
    assert (settings.shop.cache_dir, settings.alert.command, settings.sources) == (None, (), ())


@pytest.mark.parametrize(
    ("shop", "notices_by"),
    [
        ({}, "rows"),
        ({"php": "on-demand"}, "php"),
        ({"php": "on-demand", "status_notices": "rows"}, "rows"),
        ({"status_notices": "php"}, "php"),
    ],
)
def test_status_notices_follow_php_unless_they_are_set(shop: dict[str, Any], notices_by: str) -> None:
    assert notices_by == Settings.model_validate({"shop": shop}).shop.notices_by


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("queue", "workers", 0),
        ("queue", "workers", 257),
        ("queue", "workers", True),
        ("queue", "workers", 1.0),
        ("queue", "queues", []),
        ("queue", "queues", ["a", "a"]),
        ("queue", "queues", ["a b"]),
        ("queue", "queues", "high"),
        ("queue", "queues", ["php:default"]),
        ("queue", "retain_failed", ["forever"]),
        ("queue", "retain_completed", "forever"),
        ("daemon", "state_dir", "var/lib"),
        ("daemon", "state_dir", "/a\0b"),
        ("daemon", "socket", "/" + "x" * 107),
        ("daemon", "drain_timeout", 60),
        ("daemon", "drain_timeout", "2h"),
        ("shop", "database_url", "postgres://host/db"),
        ("shop", "database_url", "sqlite:///relative.sqlite"),
        ("shop", "database_url", "sqlite://"),
        ("shop", "database_url", "mysql://host"),
        ("shop", "database_url", "mysql://user:pa/ss@host/db"),
        ("shop", "database_url", "mysql://user:pass@localhost/db?unix_socket=mysqld.sock"),
        ("shop", "database_url", "mysql://user:pass@localhost/db?charset=latin1"),
        ("shop", "database_url", "mysql://user:pass@localhost/db?unix_socket=/s&ssl=1"),
        ("shop", "poll_interval", "1ms"),
        ("shop", "php", "on demand"),
        ("shop", "status_notices", "push"),
        ("courier", "base_url", "http://api.alwaseet-iq.net/v1/merchant"),
        ("courier", "base_url", "https://user:pass@api.alwaseet-iq.net"),
        ("courier", "base_url", "https://"),
        ("courier", "base_url", "https://host:port"),
        ("courier", "rate_limit", "2/30s"),
        ("courier", "rate_limit", "28/2h"),
        ("courier", "rate_limit", 28),
        ("tasks", "notify_on_first_sync", "yes"),
        ("log", "level", "loud"),
        ("alert", "command", [""]),
        ("alert", "command", "mail"),
        ("alert", "slow_factor", 1),
        ("alert", "slow_factor", -5),
        ("alert", "slow_factor", 2.5),
        ("alert", "waiting_after", "half an hour"),
        ("alert", "waiting_after", "8d"),
    ],
)
def test_wrong_value_is_refused(section: str, key: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({section: {key: value}})
    assert [(section, key)] == [detail["loc"][:2] for detail in refused.value.errors()]


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        ("queue", "retain_failed", "30d", timedelta(days=30)),
        ("queue", "queues", ["high", "low.1"], ("high", "low.1")),
        ("daemon", "socket", "/" + "x" * 106, Path("/" + "x" * 106)),
        ("shop", "cache_dir", "/srv/shop/cache", Path("/srv/shop/cache")),
        ("shop", "database_url", "mysql://user:pass@host:3306/shop", SecretStr("mysql://user:pass@host:3306/shop")),
        ("shop", "database_url", SOCKET_URL, SecretStr(SOCKET_URL)),
        ("courier", "base_url", "http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("alert", "slow_factor", 0, 0),
        ("alert", "waiting_after", "0s", timedelta(0)),
    ],
)
def test_good_value_is_taken(section: str, key: str, value: Any, expected: Any) -> None:
    settings = Settings.model_validate({section: {key: value}})
    assert expected == getattr(getattr(settings, section), key)


def test_secrets_show_in_no_representation() -> None:
    courier, shop = {"password": "open-sesame"}, {"database_url": "mysql://u:open-sesame@host/db"}
    settings = Settings.model_validate({"courier": courier, "shop": shop})
    assert "sesame" not in f"{settings!r} {settings}"


def test_secrets_are_known_for_redaction() -> None:
    courier, shop = {"password": "sesame"}, {"database_url": "mysql://u:p%40ss@host/db"}
    settings = Settings.model_validate({"courier": courier, "shop": shop})
    assert ("sesame", "mysql://u:p%40ss@host/db", "p%40ss", "p@ss") == settings.secrets
    assert () == Settings().secrets
