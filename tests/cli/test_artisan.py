import pytest

from paranad.cli.artisan import translate


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("queue:monitor", "status"),
        ("queue:failed", "failed list"),
        ("queue:failed:show 12", "failed show 12"),
        ("queue:retry all --queue=high", "retry all --queue=high"),
        ("queue:forget 12", "failed forget 12"),
        ("queue:flush", "failed flush"),
        ("schedule:list", "schedule list"),
        ("schedule:run carts:expire", "schedule run carts:expire"),
        ("alwaseet:sync --status-id=4", "sync --status-id=4"),
        ("carts:expire --dry-run", "run carts:expire --dry-run"),
        ("fcm:cleanup --days=60", "run fcm:cleanup days=60"),
        ("alwaseet:sync-orders --date-from=2026-08-01", "run alwaseet:sync-orders date_from=2026-08-01"),
        ("schedule:work", "queue:work"),
        ("schedule:run", "queue:work"),
        ("schedule:run --verbose", "queue:work"),
        ("queue:work database --queue=high,default --tries=3", "queue:work"),
        ("queue:work --help", "queue:work --help"),
    ],
)
def test_artisan_spelling_means_our_command(typed: str, meant: str) -> None:
    assert meant.split() == translate(typed.split())


def test_unknown_spelling_of_a_known_family_is_left_to_be_refused_with_a_near_miss() -> None:
    assert ["queue:retyr", "12"] == translate(["queue:retyr", "12"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("failed", "failed list"),
        ("jobs --state failed", "jobs list --state failed"),
        ("schedule history carts:expire", "schedule history carts:expire"),
        ("shipments --help", "shipments --help"),
        ("jobs shwo 3", "jobs shwo 3"),
    ],
)
def test_group_alone_lists(typed: str, meant: str) -> None:
    assert meant.split() == translate(typed.split())


@pytest.mark.parametrize(
    "typed",
    [
        "--json --socket /x jobs show 3",
        "--json jobs --socket /x show 3",
        "jobs show 3 --json --socket /x",
        "jobs show --json --socket /x 3",
    ],
)
def test_common_options_stand_anywhere(typed: str) -> None:
    assert ["--json", "--socket", "/x", "jobs", "show", "3"] == translate(typed.split())


@pytest.mark.parametrize("typed", ["--lang ar status", "status --lang ar"])
def test_language_stands_anywhere_too(typed: str) -> None:
    assert ["--lang", "ar", "status"] == translate(typed.split())


def test_common_options_after_a_double_dash_are_plain_words() -> None:
    assert ["run", "t", "--", "--json"] == translate(["run", "t", "--", "--json"])


def test_socket_without_a_path_is_left_to_be_refused() -> None:
    assert ["--socket"] == translate(["status", "--socket"])
    assert ["--socket"] == translate(["status", "--socket", "--json"])


def test_words_that_people_type_out_of_habit_are_understood() -> None:
    meant = {
        "": "--help",
        "help": "--help",
        "help jobs show": "jobs show --help",
        "version": "--version",
        "jobs 3": "jobs show 3",
        "failed 3 --json": "--json failed show 3",
        "shipments 3": "shipments show 3",
        "schedule carts:expire": "schedule history carts:expire",
        "schedule pause carts:expire": "schedule pause carts:expire",
        "queue:restart": "queue:restart",
        "jobs -h": "jobs -h",
    }
    assert meant == {typed: " ".join(translate(typed.split())) for typed in meant}
