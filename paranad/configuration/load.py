"""Reads the configuration: every source is checked alone, then all are merged; every problem is told at once."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paranad.configuration.durations import format_duration
from paranad.configuration.settings import EntrySettings, Settings
from paranad.configuration.sources import PREFIX, Credential, File, SettingsSource, Variable, credentials, variables
from paranad.configuration.values import PlacedSection
from paranad.configuration.words import NAMED, KeyPath, describe, key_name, sections
from paranad.errors import WrongSetting
from paranad.places import CONFIG_VARIABLE, config_file
from paranad.wording import nearest

AT_ONCE = {
    ("queue", "limits"),
    ("queue", "retain_completed"),
    ("queue", "retain_failed"),
    ("shop", "laravel_queue"),
    ("shop", "poll_interval"),
    ("shop", "php"),
    ("shop", "status_notices"),
    ("shop", "keep_rows"),
    ("courier", "rate_limit"),
    ("parcels", "stuck"),
    ("parcels", "returning"),
    ("parcels", "uninvoiced"),
    ("parcels", "price_differs"),
    ("parcels", "changed_after_sending"),
    ("parcels", "cancelled_but_alive"),
    ("log", "level"),
    ("alert", "command"),
    ("alert", "language"),
    ("alert", "unshipped_after"),
    ("alert", "waiting_after"),
    ("alert", "slow_factor"),
    ("alert", "heartbeat_url"),
    ("alert", "digest"),
}
"""The keys that a reload applies; a change of any other waits for a restart."""
HELD_BY_STANDBY = {("shop", "laravel_queue"), ("shop", "keep_rows")}
"""The keys among them that wait for a restart while `[standby]` is in force: it would stand on what they leave."""
LONGEST_TIMEOUT = timedelta(seconds=30)
"""The longest `[courier] timeout` beside `[standby]`: a request begins only if it will have ended before the lease."""
JUDGED_BY = {"cron", "timezone", "enabled", "catch_up", "command", "args"}
"""The keys by which others of a schedule entry are judged: without one nothing true can be said of these."""
READABLE = "let the group paranad read it (0640 root:paranad)"


@dataclass(slots=True)
class Reading:
    """One reading of all sources: the sources read so far, the weakest first, and their problems."""

    sources: list[SettingsSource] = field(default_factory=list)
    problems: list[WrongSetting] = field(default_factory=list)
    torn: dict[str, bool] = field(default_factory=dict)
    """Schedule entries with a wrong key; True: what is left of one can be judged without it."""
    torn_commands: set[str] = field(default_factory=set)
    """Own tasks with a wrong key."""

    def wrong(self, where: str, message: str, key: str = "") -> None:
        """Note a problem and go on."""
        self.problems.append(WrongSetting(where, key, message))


def read_settings(
    config: Path | None, environ: Mapping[str, str], *, look_for_credentials: bool = False
) -> tuple[Settings, Sequence[WrongSetting]]:
    """Read everything; return the settings without the wrong values, and every problem of every source.

    Later wins: defaults, file, `schedule.d`, environment, credentials. A schedule entry or an own task with a problem
    is left out whole.

    Args:
        config: the file an operator named; None: `PARANAD_CONFIG`, else the default file, which may be missing.
        environ: the environment, with `CREDENTIALS_DIRECTORY` if systemd set it.
        look_for_credentials: unless systemd gave them, read the service's credentials where they lie, as far as the
            caller may.
    """
    reading, file = Reading(), config_file(environ, config).absolute()
    _read_files(reading, file, may_be_missing=not (config or environ.get(CONFIG_VARIABLE)))
    _read_environment(reading, environ)
    _read_credentials(reading, file.parent, environ.get("CREDENTIALS_DIRECTORY"), look=look_for_credentials)
    for source in reading.sources:
        _check(reading, source)
    settings = _merged(reading.sources)
    if settings.web.socket and not settings.web.host:
        message = 'expected the name that browsers know the page by, got ""; write host = "shop.example.com"'
        # It is paranad-web.service that does not start.
        reading.problems.append(WrongSetting(file.name, "[web] host", message, bearable=True))
    _note_places(settings, reading.sources)
    if settings.standby.enabled:
        _check_standby(reading, settings, file.name)
    settings = settings.without_torn(reading.torn, reading.torn_commands)
    names = [source.name for source in reading.sources]
    copies = [source.name for source in reading.sources if source.kept_in]
    return settings.read_from(names, copies), reading.problems


def _check_standby(reading: Reading, settings: Settings, file: str) -> None:
    """Note what `[standby] enabled` lacks: the work must be in the shop's database, and stay there until it is done."""

    def lacks(section: str, key: str, expected: str, got: str, cure: str) -> None:
        places = [source.label for source in reading.sources if key in source.values.get(section, {})]
        message = f"expected {expected}, which [standby] enabled = true needs, got {got}; write {key} = {cure}"
        reading.wrong((places or [file])[-1], message, f"[{section}] {key}")

    if not settings.shop.keep_rows:
        lacks("shop", "keep_rows", "true", "false", "true")
    if settings.shop.laravel_queue == "off":
        lacks("shop", "laravel_queue", '"auto" or "on"', '"off"', '"auto"')
    if settings.courier.timeout > LONGEST_TIMEOUT:
        got = f'"{format_duration(settings.courier.timeout)}"'
        lacks("courier", "timeout", "at most 30s", got, '"30s"')


def _read_files(reading: Reading, file: Path, *, may_be_missing: bool) -> None:
    _read_file(reading, file, file.name, may_be_missing=may_be_missing)
    folder = file.parent / "schedule.d"
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == ".toml")
    except FileNotFoundError:
        return
    except OSError as error:
        reading.wrong(str(folder), f"expected a folder that can be listed, got {_reason(error)}; {READABLE}")
        return
    for name in names:
        source = _read_file(reading, folder / name, f"schedule.d/{name}")
        if source:
            _refuse_all_but_schedule(reading, source)


def _read_file(reading: Reading, file: Path, label: str, *, may_be_missing: bool = False) -> File | None:
    try:
        source = File(file, label)
    except FileNotFoundError:
        if not may_be_missing:
            reading.wrong(str(file), "expected a file, found none; name another with --config, or create it")
    except OSError as error:
        reading.wrong(str(file), f"expected a file that can be read, got {_reason(error)}; {READABLE}")
    except UnicodeDecodeError as error:
        reading.wrong(label, f"expected UTF-8 text, got byte 0x{error.object[error.start]:02x}; save it as UTF-8")
    except RecursionError:
        reading.wrong(label, "expected lists and tables a few levels deep, got hundreds; write it by hand")
    except tomllib.TOMLDecodeError as error:
        reading.wrong(label, *_syntax(error))
    else:
        reading.sources.append(source)
        return source
    return None


def _reason(error: OSError) -> str:
    return f'"{error.strerror}"'


def _syntax(error: tomllib.TOMLDecodeError) -> tuple[str, str]:
    what, _, place = str(error).removesuffix(")").rpartition(" (at ")
    line, _, column = place.partition(", ")
    return f"expected TOML, got: {what}{f' at {column}' if column else ''}; write key = value, texts in quotes", line


def _refuse_all_but_schedule(reading: Reading, source: File) -> None:
    for key in set(source.values) - {"schedule"}:
        del source.values[key]
        reading.wrong(source.label, f'unknown key "{key}"; files in schedule.d hold [schedule."NAME"] tables only')


def _read_environment(reading: Reading, environ: Mapping[str, str]) -> None:
    known = variables()
    for name, text in sorted(environ.items()):
        if name in known:
            reading.sources.append(Variable(name, known[name], text))
        elif name.startswith(PREFIX) and name != CONFIG_VARIABLE:  # a mistyped key would hold its default in silence
            reading.wrong(name, f"unknown variable; {_instead(name, known)}")


def _instead(name: str, known: Mapping[str, KeyPath]) -> str:
    """Say what to do about the unknown variable *name*."""
    if name.startswith(f"{PREFIX}SCHEDULE_"):
        return "schedule entries stand in files only"
    if name.startswith(f"{PREFIX}COMMAND_"):
        return "own commands stand in the file only"
    near = nearest(name.removeprefix(PREFIX).upper(), [other.removeprefix(PREFIX) for other in known])
    return f'did you mean "{PREFIX}{near}"?' if near else "unset it"


def _read_credentials(reading: Reading, folder: Path, given: str | None, *, look: bool) -> None:
    for label, path, file, kept in credentials(folder, given, look=look):
        try:
            source = Credential(label, path, file, "" if file == kept else str(kept))
        except FileNotFoundError:
            continue
        except OSError as error:
            if file == kept and isinstance(error, PermissionError):  # the service alone sees it
                continue
            reading.wrong(label, f"expected a file that can be read, got {_reason(error)}; see LoadCredential=")
        except UnicodeDecodeError:
            reading.wrong(label, "expected UTF-8 text, got (hidden); save it as UTF-8")
        else:
            reading.sources.append(source)


def _check(reading: Reading, source: SettingsSource) -> None:
    """Check *source* alone, so that each problem names it, and take its wrong values out."""
    try:
        _merged([source])
    except ValidationError as error:
        for key, message in describe(error, source.values, source.cure):
            reading.wrong(source.label, message, key if source.names_keys else "")
        for detail in error.errors(include_url=False):
            _remove(reading, source.values, detail["loc"])


def _merged(sources: Sequence[SettingsSource]) -> Settings:
    """Return the settings that *sources* say, the weakest first.

    Raises:
        ValidationError: some are wrong.
    """
    # The library takes the strongest source first.
    return Settings(_build_sources=(tuple(reversed(sources)), {}))


def _remove(reading: Reading, values: dict[Any, Any], loc: tuple[int | str, ...]) -> None:
    """Take out the wrong part at *loc*: a key, also of an entry, a name of one, or a value in the place of a table."""
    table = values.get(loc[0])
    entry = table.get(loc[1]) if loc[0] in NAMED and len(loc) > 2 and isinstance(table, dict) else None
    if isinstance(entry, dict) and loc[2] != "[key]":
        name, key = str(loc[1]), str(loc[2])
        entry.pop(key, None)
        if loc[0] == "command":
            reading.torn_commands.add(name)
        else:
            meant = nearest(key, EntrySettings.model_fields)
            reading.torn[name] = reading.torn.get(name, True) and meant not in JUDGED_BY
    elif len(loc) > 1 and isinstance(table, dict):
        table.pop(loc[1], None)
    else:
        values.pop(loc[0], None)


def _note_places(settings: Settings, sources: Sequence[SettingsSource]) -> None:
    """Let some tables know which source says each of their keys, for problems that are found later."""
    for source in sources:
        for name, own in (("queue", settings.queue), ("alert", settings.alert)):
            for key in source.values.get(name, {}):
                own.say(key, source.label)
        for name, section in (("shop", settings.shop), ("courier", settings.courier)):
            for key in source.values.get(name, {}):
                section.say(key, source.place((name, key)))
        for table in NAMED:
            for name, values in source.values.get(table, {}).items():
                for key in ("", *values):  # an entry may be empty: its file is noted all the same
                    getattr(settings, table)[name].say(key, source.label)


def diff(old: Settings, new: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the keys that *new* changes: first the keys that apply at once, then the keys that need a restart."""
    before, after = dict(_flat(old)), dict(_flat(new))
    names = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    for table in NAMED:
        names += _changed_entries(table, getattr(old, table), getattr(new, table))
    at_once = _at_once(old)
    changed = tuple(key_name(path) for path in names if path[0] in NAMED or path in at_once)
    return changed, tuple(key_name(path) for path in names if not (path[0] in NAMED or path in at_once))


def applied(old: Settings, new: Settings) -> Settings:
    """Return *old* with what *new* changes and applies at once; the rest waits for a restart."""
    sections: dict[str, Any] = {}
    for name, key in _at_once(old):
        section = sections.get(name, getattr(old, name))
        sections[name] = section.model_copy(update={key: getattr(getattr(new, name), key)})
    return old.model_copy(update={**sections, "schedule": new.schedule, "command": new.command}).read_from(
        new.sources, new.credentials
    )


def _at_once(old: Settings) -> set[tuple[str, str]]:
    """Return the keys that a reload applies to *old*."""
    return AT_ONCE - HELD_BY_STANDBY if old.standby.enabled else AT_ONCE


def _flat(settings: Settings) -> Iterator[tuple[KeyPath, object]]:
    yield ("timezone",), settings.timezone
    for name in sections():
        for key, value in getattr(settings, name):
            yield (name, key), value


def _changed_entries(
    table: str, old: Mapping[str, PlacedSection], new: Mapping[str, PlacedSection]
) -> Iterator[KeyPath]:
    """Yield the changed keys of each entry. A new or deleted entry names the keys that it sets, or else `enabled`."""
    model = NAMED[table]
    for name in {**old, **new}:
        before, after = old.get(name, model()), new.get(name, model())
        keys = [key for key in model.model_fields if getattr(before, key) != getattr(after, key)]
        if not keys and (name in old) is not (name in new):
            keys = ["enabled"]
        yield from ((table, name, key) for key in keys)
