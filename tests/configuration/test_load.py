"""Where settings come from, who wins, and every problem told with its place and cure."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from paranad.configuration.load import applied, diff, read_settings
from paranad.configuration.settings import Settings
from paranad.configuration.sources import variables
from paranad.configured import judge

HOST = "[web] host: expected a host name such as shop.example.com, or empty"
TABLES = (
    "[daemon], [queue], [shop], [courier], [standby], [web], [parcels], [tasks], [log], [alert], [schedule], [command]"
)
QUEUES_TWICE = (
    "[queue] queues: expected a list of 1 to 100 different names of letters, digits and . _ : -, "
    'got ["a", "a"]; name each queue once'
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration file that is good and empty."""
    file = tmp_path / "paranad.toml"
    file.touch()
    return file


def load_settings(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings that were read without a problem."""
    settings, wrong = read_settings(config, environ)
    assert not wrong
    return settings


def problems(config: Path, **environ: str) -> list[str]:
    return [str(problem) for problem in read_settings(config, environ)[1]]


def add_schedule(config: Path, name: str, text: str) -> None:
    folder = config.parent / "schedule.d"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def test_later_sources_win(config: Path, tmp_path: Path) -> None:
    (tmp_path / "courier_password").write_text("from the credential\n")
    config.write_text(
        '[queue]\nworkers = 3\n[log]\nlevel = "debug"\n[courier]\npassword = "x"\n[schedule.a]\ncron = "1 * * * *"\n'
    )
    add_schedule(config, "20.toml", '[schedule.a]\ncron = "3 * * * *"\n')
    add_schedule(config, "10.toml", '[schedule.a]\ncron = "2 * * * *"\ncatch_up = "skip"\n')
    environ = {"PARANAD_QUEUE__WORKERS": "4", "CREDENTIALS_DIRECTORY": str(tmp_path), "HOME": "/"}
    settings = load_settings(config, environ)
    assert (4, "debug") == (settings.queue.workers, settings.log.level)
    assert "from the credential" == settings.courier.password.get_secret_value()
    assert ("3 * * * *", "skip") == (settings.schedule["a"].cron, settings.schedule["a"].catch_up)
    folder = tmp_path / "schedule.d"
    read = [config, folder / "10.toml", folder / "20.toml", "PARANAD_QUEUE__WORKERS", "credential courier_password"]
    assert tuple(map(str, read)) == settings.sources


def test_schedule_entry_knows_which_file_says_each_of_its_keys(config: Path) -> None:
    config.write_text('[schedule.a]\ncron = "1 * * * *"\nenabled = false\n')
    add_schedule(config, "own.toml", '[schedule.a]\ncron = "2 * * * *"\n[schedule.b]\n')
    entries = load_settings(config, {}).schedule
    assert ("schedule.d/own.toml", "paranad.toml") == (entries["a"].where("cron"), entries["a"].where("enabled"))
    assert "schedule.d/own.toml" == entries["a"].where("command") == entries["b"].where("cron")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PARANAD_QUEUE__QUEUES", '["a", "b"]', ("queue", "queues", ("a", "b"))),
        ("PARANAD_QUEUE__WORKERS", "7", ("queue", "workers", 7)),
        ("PARANAD_TASKS__NOTIFY_ON_FIRST_SYNC", "true", ("tasks", "notify_on_first_sync", True)),
        ("PARANAD_QUEUE__RETAIN_FAILED", "forever", ("queue", "retain_failed", None)),
        ("PARANAD_COURIER__USERNAME", "123", ("courier", "username", "123")),
    ],
)
def test_environment_is_read_as_its_key_needs(
    config: Path, name: str, text: str, expected: tuple[str, str, object]
) -> None:
    section, key, value = expected
    assert value == getattr(getattr(load_settings(config, {name: text}), section), key)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PARANAD_TASKS__NOTIFY_ON_FIRST_SYNC", "yes", "expected true or false"),
        ("PARANAD_TASKS__NOTIFY_ON_FIRST_SYNC", "1", "expected true or false"),
        ("PARANAD_QUEUE__WORKERS", "7.0", "expected a whole number"),
        ("PARANAD_QUEUE__WORKERS", "", "expected a whole number"),
        ("PARANAD_QUEUE__QUEUES", "high", "expected a list of 1 to 100 different names"),
        ("PARANAD_COURIER__RATE_LIMIT", '{"count": 28}', "expected a rate"),
        ("PARANAD_TIMEZONE", "", "expected the name of a time zone"),
    ],
)
def test_no_variable_is_guessed_at(config: Path, name: str, text: str, expected: str) -> None:
    [problem] = problems(config, **{name: text})
    assert problem.startswith(f"{name}: {expected}")


@pytest.mark.parametrize("key", ["_env_file", "_cli_parse_args", "_build_sources", "Timezone", "QUEUE"])
def test_key_that_a_library_might_take_is_unknown(config: Path, key: str) -> None:
    config.write_text(f'{key} = "x"\n')
    [problem] = problems(config)
    assert problem.startswith(f'paranad.toml: unknown key "{key}"')


def test_every_key_has_a_variable() -> None:
    assert {"PARANAD_TIMEZONE", "PARANAD_SHOP__DATABASE_URL", "PARANAD_ALERT__COMMAND"} < set(variables())
    assert not [name for name in variables() if "SCHEDULE" in name]


def test_named_file_may_come_from_the_environment(config: Path) -> None:
    config.write_text("[queue]\nworkers = 3\n")
    assert 3 == load_settings(None, {"PARANAD_CONFIG": str(config)}).queue.workers


def test_missing_default_file_means_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("paranad.places.DEFAULT_CONFIG", tmp_path / "none" / "paranad.toml")
    assert Settings() == load_settings(None, {})


def test_missing_named_file_is_an_error(tmp_path: Path) -> None:
    missing = tmp_path / "paranad.toml"
    expected = [f"{missing}: expected a file, found none; name another with --config, or create it"]
    assert expected == problems(missing)


def test_a_folder_as_file_is_an_error(tmp_path: Path) -> None:
    [problem] = problems(tmp_path)
    assert problem.startswith(
        f'{tmp_path}: expected a file that can be read, got "Is a directory"; let the group paranad'
    )


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root reads everything: be somebody else meanwhile."""
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_without_permission_is_an_error(config: Path) -> None:
    config.chmod(0)
    with an_ordinary_user():
        told = problems(config)
    assert f'{config}: expected a file that can be read, got "Permission denied"; let the group paranad' in told[0]


def test_schedule_folder_that_is_a_file_is_an_error(config: Path) -> None:
    (config.parent / "schedule.d").touch()
    [problem] = problems(config)
    assert "schedule.d: expected a folder that can be listed" in problem


def test_syntax_error_names_its_line(config: Path) -> None:
    config.write_text("[queue]\nworkers = \n")
    [problem] = problems(config)
    assert problem.startswith("paranad.toml: line 2: expected TOML, got: Invalid value at column 11; write key = value")


def test_text_that_is_not_utf8_is_an_error(config: Path) -> None:
    config.write_bytes(b'timezone = "\xff"\n')
    assert ["paranad.toml: expected UTF-8 text, got byte 0xff; save it as UTF-8"] == problems(config)


def test_nesting_without_end_is_an_error(config: Path) -> None:
    config.write_text("a = " + "[" * 5000)
    [problem] = problems(config)
    assert problem.startswith("paranad.toml: expected lists and tables a few levels deep")


def test_every_problem_is_told_at_once(config: Path) -> None:
    config.write_text('timezone = "Asia/Bagdad"\n[queue]\nworkers = "ten"\n[schedule.b]\ntries = 0\n')
    add_schedule(config, "b.toml", "x = \n")
    expected = [
        "schedule.d/b.toml: line 1: expected TOML, got: Invalid value at column 5; write key = value, texts in quotes",
        'PARANAD_LOG__LEVL: unknown variable; did you mean "PARANAD_LOG__LEVEL"?',
        'paranad.toml: timezone: expected the name of a time zone, got "Asia/Bagdad"; did you mean "Asia/Baghdad"?',
        'paranad.toml: [queue] workers: expected a whole number from 1 to 256, got "ten"; write workers = 10',
        "paranad.toml: [schedule.b] tries: expected a whole number from 1 to 100, got 0; write tries = 1",
        "PARANAD_QUEUE__WORKERS: expected a whole number from 1 to 256, got 0; write PARANAD_QUEUE__WORKERS=10",
    ]
    assert expected == problems(config, PARANAD_LOG__LEVL="x", PARANAD_QUEUE__WORKERS="0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[queue]\nworker = 1", 'unknown key "worker" in [queue]; did you mean "workers"?'),
        ("[daemon]\nworkers = 1", 'unknown key "workers" in [daemon]; did you mean "workers" in [queue]?'),
        ("workers = 1", 'unknown key "workers"; did you mean "workers" in [queue]?'),
        ("[queues]\nworkers = 1", "unknown table [queues]; did you mean [queue]?"),
        (
            "[xyz]",
            f"unknown table [xyz]; known are {TABLES}",
        ),
        ("[log]\nxyz = 1", 'unknown key "xyz" in [log]; known are format, level'),
        ('[schedule."a:b"]\ncrom = ""', 'unknown key "crom" in [schedule."a:b"]; did you mean "cron"?'),
        ("queue = 5", "[queue]: expected a table, got 5; write [queue] and its keys below"),
        ("schedule = 5", "[schedule]: expected a table, got 5; write [schedule] and its keys below"),
        ("[schedule]\na = 5", "[schedule.a]: expected a table, got 5; write [schedule.a] and its keys below"),
        (
            '[schedule."a b"]',
            '[schedule]: expected names of 1 to 100 Latin letters, digits and signs, got "a b"; rename it',
        ),
        (
            "[daemon]\ndrain_timeout = 60",
            '[daemon] drain_timeout: expected a duration from 0s to 1h, got 60; write drain_timeout = "1m"',
        ),
        (
            '[shop]\ncache_dir = "rel"',
            '[shop] cache_dir: expected an absolute path, or empty, got "rel"; write cache_dir = ""',
        ),
        ('[queue]\nqueues = ["a", "a"]', QUEUES_TWICE),
        (
            '[web]\nsocket = "web.sock"',
            '[web] socket: expected an absolute path of at most 107 bytes, or empty, got "web.sock"; write socket = ""',
        ),
        ("[web]\ndecide = 1", "[web] decide: expected true or false, got 1; write decide = false"),
        (
            '[web]\nhost = "https://shop.example"',
            f'{HOST}, got "https://shop.example"; write the name alone, without https:// and without a path',
        ),
        (
            '[web]\nhost = "two words"',
            f'{HOST}, got "two words"; write host = "shop.example.com"',
        ),
        (
            '[web]\nsocket = "/run/paranad-web/web.sock"',
            '[web] host: expected the name that browsers know the page by, got ""; write host = "shop.example.com"',
        ),
    ],
)
def test_problem_has_its_words(config: Path, text: str, expected: str) -> None:
    config.write_text(text)
    assert [f"paranad.toml: {expected}"] == problems(config)


@pytest.mark.parametrize(
    ("zone", "cure"),
    [("Europe/Berln", 'did you mean "Europe/Berlin"?'), ("Mars", 'write timezone = "Asia/Baghdad"')],
)
def test_a_zone_that_does_not_exist_is_an_error_with_the_nearest(config: Path, zone: str, cure: str) -> None:
    config.write_text(f'[schedule.b]\ntimezone = "{zone}"\n')
    expected = f'[schedule.b] timezone: expected the name of a time zone, or empty, got "{zone}"; {cure}'
    assert [f"paranad.toml: {expected}"] == problems(config)


@pytest.mark.parametrize("limit", ["0", "101", '"ten"'])
def test_a_catch_up_limit_of_zero_is_an_error(config: Path, limit: str) -> None:
    config.write_text(f"[schedule.b]\ncatch_up_limit = {limit}\n")
    expected = f"expected a whole number from 1 to 100, got {limit}; write catch_up_limit = 10"
    assert [f"paranad.toml: [schedule.b] catch_up_limit: {expected}"] == problems(config)


def test_an_overlap_that_is_a_typo_is_an_error(config: Path) -> None:
    config.write_text('[schedule.b]\noverlap = "alow"\n[schedule.c]\noverlap = "none"\n')
    expected = 'overlap: expected "skip", "queue-one" or "allow", got'
    assert problems(config) == [
        f'paranad.toml: [schedule.b] {expected} "alow"; write overlap = "allow"',
        f'paranad.toml: [schedule.c] {expected} "none"; write overlap = "skip"',
    ]


def test_schedule_folder_holds_schedule_tables_only(config: Path) -> None:
    add_schedule(config, "a.toml", "[queue]\nworkers = 3\n")
    expected = 'schedule.d/a.toml: unknown key "queue"; files in schedule.d hold [schedule."NAME"] tables only'
    assert [expected] == problems(config)


def test_wrong_environment_value_names_the_variable(config: Path) -> None:
    expected = (
        'PARANAD_QUEUE__WORKERS: expected a whole number from 1 to 256, got "ten"; write PARANAD_QUEUE__WORKERS=10'
    )
    assert [expected] == problems(config, PARANAD_QUEUE__WORKERS="ten")


def test_a_text_where_a_list_belongs_is_answered_with_the_list(config: Path) -> None:
    name, expected = "PARANAD_ALERT__COMMAND", "expected a list of texts, the program first"
    told = f"""{name}: {expected}, got "/x/tell --now"; write {name}='["/x/tell", "--now"]'"""
    assert [told] == problems(config, PARANAD_ALERT__COMMAND="/x/tell --now")
    unsure = f"""{name}: {expected}, got "[/x/tell]"; write {name}='["/usr/local/bin/tell"]'"""
    assert [unsure] == problems(config, PARANAD_ALERT__COMMAND="[/x/tell]")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PARANAD_WORKERS", '; did you mean "PARANAD_QUEUE__WORKERS"?'),
        ("PARANAD_SCHEDULE__BACKUP", "; schedule entries stand in files only"),
        ("PARANAD_XYZ", "; unset it"),
    ],
)
def test_unknown_variable_is_an_error(config: Path, name: str, expected: str) -> None:
    assert [f"{name}: unknown variable{expected}"] == problems(config, **{name: "1"})


def test_secrets_show_in_no_problem(config: Path, tmp_path: Path) -> None:
    config.write_text(
        '[shop]\ndatabase_url = "mysql://u:sesame@"\n[courier]\npassword = ["sesame"]\nbase_url = "https://u:sesame@x"\n'
    )
    (tmp_path / "shop_database_url").write_text("sesame")
    told = "\n".join(problems(config, CREDENTIALS_DIRECTORY=str(tmp_path), PARANAD_SHOP__DATABASE_URL="sesame"))
    assert (5, False) == (told.count("got (hidden)"), "sesame" in told)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://shop:p@ss@localhost/db",
        "mysql://shop:p/ss@localhost/db",
        "mysql://shop:12/ss@localhost/db",
        "mysql://shop:p#ss@localhost/db",
        "mysql://shop:p?ss@localhost/db",
        "mysql://shop:@:/#?@localhost/db?unix_socket=/run/mysqld/mysqld.sock",
    ],
)
def test_password_with_signs_of_an_address_is_told_how_they_are_written(config: Path, url: str) -> None:
    config.write_text(f'[shop]\ndatabase_url = "{url}"\n')
    [problem] = problems(config)
    assert problem.endswith("got (hidden); in a password there, @ : / # ? % are written %40 %3A %2F %23 %3F %25")


@pytest.mark.parametrize(
    "url", ["mysql://shop:p%40%3A%2F%23%3F@localhost:3306/db", "mysql://localhost/db", "mysql://shop@localhost/db"]
)
def test_password_with_its_signs_written_is_good(config: Path, url: str) -> None:
    config.write_text(f'[shop]\ndatabase_url = "{url}"\n')
    assert [] == read_settings(config, {})[1]


def test_byte_order_mark_is_skipped_wherever_an_editor_may_put_one(config: Path, tmp_path: Path) -> None:
    config.write_text("\ufeff[queue]\nworkers = 7\n", "utf-8")
    (config.parent / "schedule.d").mkdir()
    (config.parent / "schedule.d" / "own.toml").write_text('\ufeff[schedule.own]\ncron = "0 3 * * *"\n', "utf-8")
    (tmp_path / "courier_password").write_text("\ufeffpass-5ecret\r\n", "utf-8")
    settings, found = read_settings(config, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert ([], 7, ["own"]) == (found, settings.queue.workers, list(settings.schedule))
    assert "pass-5ecret" == settings.courier.password.get_secret_value()


def test_value_knows_where_it_was_set(config: Path, tmp_path: Path) -> None:
    assert "[shop] database_url" == read_settings(None, {})[0].database_place
    config.write_text('[shop]\ndatabase_url = "mysql://u:p@h/d"\n[courier]\nusername = "u"\n')
    (tmp_path / "courier_password").write_text("p")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    settings, _ = read_settings(config, environ)
    assert f"[shop] database_url in {config}" == str(settings.database_place)
    credential = f"credential courier_password ({config.parent}/credentials/courier/password)"
    assert f"[courier] username in {config} and {credential}" == str(settings.account_place)
    settings, _ = read_settings(config, {**environ, "PARANAD_SHOP__DATABASE_URL": "mysql://u:p@h/e"})
    assert "PARANAD_SHOP__DATABASE_URL" == settings.database_place


def test_reload_knows_the_credentials_that_only_a_restart_reads_again(config: Path, tmp_path: Path) -> None:
    (tmp_path / "courier_password").write_text("p")
    config.write_text("")
    old, _ = read_settings(config, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    new, _ = read_settings(config, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert ("credential courier_password",) == new.credentials == applied(old, new).credentials
    assert old.account_place == applied(old, new).account_place
    assert () == read_settings(config, {"PARANAD_COURIER__PASSWORD": "p"})[0].credentials


def test_file_is_the_one_that_was_read_and_no_variable(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config.write_text("")
    assert str(config) == read_settings(config, {"PARANAD_TIMEZONE": "UTC"})[0].file
    monkeypatch.setattr("paranad.places.DEFAULT_CONFIG", tmp_path / "none" / "paranad.toml")
    assert read_settings(None, {"PARANAD_TIMEZONE": "UTC"})[0].file is None


def test_account_that_is_set_nowhere_here_stands_in_the_shop(config: Path) -> None:
    assert "alwaseet_username and alwaseet_password in the shop's settings" == str(Settings().account_place)


def test_credential_that_cannot_be_read_is_an_error(config: Path, tmp_path: Path) -> None:
    (tmp_path / "courier_password").mkdir()
    (tmp_path / "courier_username").write_bytes(b"\xff")
    expected = [
        "credential courier_username: expected UTF-8 text, got (hidden); save it as UTF-8",
        'credential courier_password: expected a file that can be read, got "Is a directory"; see LoadCredential=',
    ]
    assert expected == problems(config, CREDENTIALS_DIRECTORY=str(tmp_path))


def test_an_entry_with_a_wrong_key_is_judged_by_its_others_too(config: Path) -> None:
    rest = 'jitter = "6m"\nexpect_within = "2m"\ncommand = ["/bin/true", "{ocurrence}"]\n'
    config.write_text(
        '[shop]\ndatabase_url = "sqlite:////x"\n[schedule.a]\ncron = "*/5 * * * *"\ntries = 0\nalart = true\n' + rest
    )
    judged = judge(*read_settings(config, {}))
    expected = ["[schedule.a] tries", "", *(f"[schedule.a] {key}" for key in ("expect_within", "jitter", "command"))]
    assert expected == [problem.key for problem in judged.problems]
    assert "a" not in judged.settings.schedule
    config.write_text(f"[schedule.a]\ncron = 5\ncatch_up_limit = 3\n{rest}")  # nothing can be said without its cron
    assert ["[schedule.a] cron"] == [problem.key for problem in judge(*read_settings(config, {})).problems]


def test_settings_are_read_without_what_is_wrong(config: Path) -> None:
    config.write_text(
        '[queue]\nworkers = 0\ndurability = "normal"\n[schedule.a]\ncron = "* * * * *"\ntries = 0\n[schedule.b]\n'
    )
    settings, found = read_settings(config, {})
    assert (2, 10, "normal", ["b"]) == (
        len(found),
        settings.queue.workers,
        settings.queue.durability,
        list(settings.schedule),
    )


@pytest.fixture
def old() -> Settings:
    return Settings.model_validate({"schedule": {"gone": {}, "carts:expire": {"cron": "* * * * *"}}})


@pytest.fixture
def new() -> Settings:
    return Settings.model_validate(
        {
            "timezone": "UTC",
            "queue": {"workers": 3, "retain_failed": "1d", "retain_completed": "1d"},
            "courier": {"rate_limit": "20/30s"},
            "log": {"level": "debug", "format": "json"},
            "alert": {"command": ["tell"]},
            "schedule": {"carts:expire": {"cron": "0 * * * *"}, "fresh": {"cron": "1 * * * *"}},
        }
    )


def test_diff_tells_what_applies_at_once_from_what_needs_a_restart(old: Settings, new: Settings) -> None:
    at_once = {
        "[queue] retain_completed",
        "[queue] retain_failed",
        "[courier] rate_limit",
        "[log] level",
        "[alert] command",
        "[schedule.gone] enabled",
        '[schedule."carts:expire"] cron',
        "[schedule.fresh] cron",
    }
    changed, needs_restart = diff(old, new)
    assert (at_once, {"timezone", "[queue] workers", "[log] format"}) == (set(changed), set(needs_restart))
    assert ((), ()) == diff(new, new)


def test_what_applies_at_once_is_applied_and_nothing_else(old: Settings, new: Settings) -> None:
    now = applied(old, new)
    assert ((), diff(old, new)[1]) == diff(now, new)
    assert (diff(old, new)[0], ()) == diff(old, now)


def test_daemon_starts_without_the_name_that_only_the_page_needs(config: Path) -> None:
    config.write_text('[web]\nsocket = "/run/paranad-web/web.sock"')
    _, found = read_settings(config, {})
    assert [True] == [problem.bearable for problem in found]
    config.write_text('[web]\nsocket = "/run/paranad-web/web.sock"\nhost = "Shop.example:8443"')
    settings, found = read_settings(config, {})
    assert ("shop.example:8443", []) == (settings.web.host, list(found))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("slow_factor = 1", "a whole number from 2 to 1000, or 0 for none, got 1; write slow_factor = 5"),
        ("slow_factor = -5", "a whole number from 2 to 1000, or 0 for none, got -5; write slow_factor = 5"),
        ('waiting_after = "soon"', 'a duration from 0s to 7d, got "soon"; write waiting_after = "30m"'),
    ],
)
def test_slow_factor_of_one_or_negative_and_waiting_after_unreadable(config: Path, line: str, expected: str) -> None:
    config.write_text(f"[alert]\n{line}\n")
    key = line.partition(" ")[0]
    assert [f"paranad.toml: [alert] {key}: expected {expected}"] == problems(config)


KEEP_ROWS = "[shop] keep_rows: expected true, which [standby] enabled = true needs, got false; write keep_rows = true"
NOT_OFF = (
    '[shop] laravel_queue: expected "auto" or "on", which [standby] enabled = true needs, got "off"; '
    'write laravel_queue = "auto"'
)


def test_standby_without_the_rows_that_another_would_go_on_with_is_refused(config: Path) -> None:
    config.write_text("[standby]\nenabled = true\n")
    assert [f"paranad.toml: {KEEP_ROWS}"] == problems(config)
    config.write_text("[standby]\nenabled = true\n[shop]\nkeep_rows = true\n")
    assert [f"PARANAD_SHOP__LARAVEL_QUEUE: {NOT_OFF}"] == problems(config, PARANAD_SHOP__LARAVEL_QUEUE="off")
    assert [] == problems(config)


def test_a_request_that_would_outlast_the_lease_is_refused(config: Path) -> None:
    config.write_text('[standby]\nenabled = true\n[shop]\nkeep_rows = true\n[courier]\ntimeout = "31s"\n')
    expected = 'expected at most 30s, which [standby] enabled = true needs, got "31s"; write timeout = "30s"'
    assert [f"paranad.toml: [courier] timeout: {expected}"] == problems(config)


@pytest.mark.parametrize("name", ["web 1", "web/1", "-web", "w" * 101, "ويب"])
def test_a_name_that_is_no_machine_is_refused(config: Path, name: str) -> None:
    config.write_text(f'[standby]\nname = "{name}"\n')
    [problem] = problems(config)
    assert "[standby] name: expected a name of at most 100 letters, digits and . _ -, got" in problem
    assert problem.endswith('; write name = "web-1"')


def test_what_a_standby_in_force_stands_on_waits_for_a_restart() -> None:
    """A reload must not take the ground from under a lease that is held."""
    old = Settings.model_validate({"shop": {"keep_rows": True}, "standby": {"enabled": True}})
    new = Settings.model_validate({"shop": {"laravel_queue": "off", "poll_interval": "1s"}})
    later = {"[shop] laravel_queue", "[shop] keep_rows", "[standby] enabled"}
    assert (("[shop] poll_interval",), later) == (diff(old, new)[0], set(diff(old, new)[1]))
    assert (True, "auto") == (applied(old, new).shop.keep_rows, applied(old, new).shop.laravel_queue)
