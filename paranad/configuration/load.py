"""Reads the configuration: defaults, paranad.toml, schedule.d, environment, credentials; every problem at once."""

import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paranad.configuration.settings import EntrySettings, Settings
from paranad.configuration.words import KeyPath, Write, describe, key_name, sections
from paranad.errors import ConfigurationError, Problem
from paranad.wording import did_you_mean

DEFAULT_CONFIG = Path("/etc/paranad/paranad.toml")
PREFIX = "PARANAD_"
CONFIG_VARIABLE = "PARANAD_CONFIG"
CREDENTIALS = {
    "courier_username": ("courier", "username"),
    "courier_password": ("courier", "password"),
    "shop_database_url": ("shop", "database_url"),
}
AT_ONCE = {
    ("queue", "retain_completed"),
    ("queue", "retain_failed"),
    ("shop", "laravel_queue"),
    ("shop", "poll_interval"),
    ("courier", "rate_limit"),
    ("log", "level"),
    ("alert", "command"),
}
READABLE = "let the group paranad read it (0640 root:paranad)"
QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says: a file, an environment variable or a credential."""

    source: str
    """The whole path of a file; else as *label*."""
    label: str
    """How its problems call it."""
    values: dict[str, Any]
    write: Write
    """How the cure is written there."""
    names_keys: bool = False
    """Whether it holds many keys, so that a problem must name its own."""

    kept_in: str = ""
    """The file that a credential is a copy of."""

    def place(self, path: KeyPath) -> str:
        """Say where the key *path* stands, for a cure that is found later."""
        if self.names_keys:
            return f"{key_name(path)} in {self.source}"
        return f"{self.source} ({self.kept_in})" if self.kept_in else self.source


@dataclass(slots=True)
class Reading:
    """One reading of all sources: the layers so far, the weakest first, and what is wrong with them."""

    layers: list[Layer] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, where: str, message: str, key: str = "") -> None:
        """Note a problem and go on."""
        self.problems.append(Problem(where, key, message))


def load_settings(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read everything into settings; later wins: defaults, file, `schedule.d`, environment, credentials.

    Args:
        config: the file an operator named; None: `PARANAD_CONFIG`, else the default file, which may be missing.
        environ: the environment, with `CREDENTIALS_DIRECTORY` where systemd set one.

    Raises:
        ConfigurationError: every problem of every source.
    """
    settings, problems = read_settings(config, environ)
    if problems:
        raise ConfigurationError(problems)
    return settings


def read_settings(
    config: Path | None, environ: Mapping[str, str], *, look_for_credentials: bool = False
) -> tuple[Settings, Sequence[Problem]]:
    """Read as `load_settings` does; return the settings without what is wrong, and the problems.

    A schedule entry with a problem is left out whole. With *look_for_credentials* the files that the service is given
    as credentials are read where they lie, as far as the caller may, unless systemd gave them.
    """
    reading = Reading()
    _read_files(reading, config, environ)
    _read_environment(reading, environ)
    _read_credentials(reading, config_file(config, environ), environ, look=look_for_credentials)
    for layer in reading.layers:
        _validate(reading, layer)
    settings = Settings.model_validate(_merged(reading.layers))
    _note_places(settings, reading.layers)
    sources = [layer.source for layer in reading.layers]
    credentials = [layer.source for layer in reading.layers if layer.kept_in]
    return settings.read_from(sources, credentials), reading.problems


def config_file(config: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the file to read: the one named, else `PARANAD_CONFIG`, else the default."""
    return (config or Path(environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)).absolute()


def _read_files(reading: Reading, config: Path | None, environ: Mapping[str, str]) -> None:
    file = config_file(config, environ)
    _read_file(reading, file, file.name, may_be_missing=not (config or environ.get(CONFIG_VARIABLE)))
    folder = file.parent / "schedule.d"
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == ".toml")
    except FileNotFoundError:
        return
    except OSError as error:
        reading.wrong(str(folder), f"expected a folder that can be listed, got {_reason(error)}; {READABLE}")
        return
    for name in names:
        _read_file(reading, folder / name, f"schedule.d/{name}", schedule_only=True)


def _read_file(
    reading: Reading, file: Path, label: str, *, may_be_missing: bool = False, schedule_only: bool = False
) -> None:
    try:
        values = tomllib.loads(file.read_text("utf-8-sig"))
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
        if schedule_only:
            _refuse_all_but_schedule(reading, label, values)
        reading.layers.append(Layer(str(file), label, values, _in_file, names_keys=True))


def _reason(error: OSError) -> str:
    return f'"{error.strerror}"'


def _syntax(error: tomllib.TOMLDecodeError) -> tuple[str, str]:
    what, _, place = str(error).removesuffix(")").rpartition(" (at ")
    line, _, column = place.partition(", ")
    return f"expected TOML, got: {what}{f' at {column}' if column else ''}; write key = value, texts in quotes", line


def _refuse_all_but_schedule(reading: Reading, label: str, values: dict[str, Any]) -> None:
    for key in set(values) - {"schedule"}:
        del values[key]
        reading.wrong(label, f'unknown key "{key}"; files in schedule.d hold [schedule."NAME"] tables only')


def _in_file(key: str, example: str) -> str:
    return f"write {key} = {example}"


def _read_environment(reading: Reading, environ: Mapping[str, str]) -> None:
    known = variables()
    for name, text in sorted(environ.items()):
        if name in known:
            values = _nested(known[name], _from_text(known[name], text))
            reading.layers.append(Layer(name, name, values, _in_environment(name)))
        elif name.startswith(PREFIX) and name != CONFIG_VARIABLE:
            reading.wrong(name, f"unknown variable{_near_variable(name, known) or '; unset it'}")


def variables() -> dict[str, KeyPath]:
    """Return the path of every key that the environment may set, by the variable's name."""
    paths = [("timezone",), *((name, key) for name, model in sections().items() for key in model.model_fields)]
    return {PREFIX + "__".join(path).upper(): path for path in paths}


def _near_variable(name: str, known: Mapping[str, KeyPath]) -> str:
    if name.startswith("PARANAD_SCHEDULE_"):
        return "; schedule entries stand in files only"
    near = did_you_mean(name.removeprefix(PREFIX).upper(), [other.removeprefix(PREFIX) for other in known])
    return str(near).replace('"', f'"{PREFIX}', 1)


def _from_text(path: KeyPath, text: str) -> object:
    """Read a variable's *text* as TOML where the key holds no text: `10`, `true`, `["high", "default"]`."""
    default = getattr(Settings(), path[0]) if len(path) == 1 else getattr(getattr(Settings(), path[0]), path[1])
    if not isinstance(default, int | tuple):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def _in_environment(name: str) -> Write:
    return lambda _, example: f"write {name}={shlex.quote(example.strip(QUOTE))}"


def _read_credentials(reading: Reading, config: Path, environ: Mapping[str, str], *, look: bool) -> None:
    for label, path, file, kept in _credentials(config.parent, environ.get("CREDENTIALS_DIRECTORY"), look=look):
        try:
            text = file.read_text("utf-8-sig").rstrip("\r\n")
        except FileNotFoundError:
            continue
        except OSError as error:
            if file == kept and isinstance(error, PermissionError):  # the service alone sees it
                continue
            reading.wrong(label, f"expected a file that can be read, got {_reason(error)}; see LoadCredential=")
        except UnicodeDecodeError:
            reading.wrong(label, "expected UTF-8 text, got (hidden); save it as UTF-8")
        else:
            kept_in = "" if file == kept else str(kept)
            reading.layers.append(Layer(label, label, _nested(path, text), _in_credential, kept_in=kept_in))


def _credentials(folder: Path, given: str | None, *, look: bool) -> Iterator[tuple[str, KeyPath, Path, Path]]:
    """Yield each credential: how a problem calls it, its key, the file to read, and the file that this is a copy of.

    systemd hands the service copies, in *given*, of what lies below *folder*.
    """
    for name, path in CREDENTIALS.items():
        kept = credential_file(folder, path)
        if given:
            yield f"credential {name}", path, Path(given, name), kept
        elif look:
            yield str(kept), path, kept, kept


def credential_file(folder: Path, path: KeyPath) -> Path:
    """Return the file that becomes the credential of the key *path*, where *folder* has paranad.toml."""
    return folder.joinpath("credentials", *path)


def _in_credential(_: str, example: str) -> str:
    return f"write {example.strip(QUOTE)} into it"


def _nested(path: KeyPath, value: object) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value)} if len(path) > 1 else {path[0]: value}


def _validate(reading: Reading, layer: Layer) -> None:
    try:
        Settings.model_validate(layer.values)
    except ValidationError as error:
        for key, message in describe(error, layer.values, layer.write):
            reading.wrong(layer.label, message, key if layer.names_keys else "")
        for detail in error.errors(include_url=False):
            _remove(layer.values, detail["loc"])


def _remove(values: dict[Any, Any], loc: tuple[int | str, ...]) -> None:
    """Take out what is wrong: a key, a whole schedule entry, or what should have been a table."""
    table = values.get(loc[0])
    if len(loc) > 1 and isinstance(table, dict):
        table.pop(loc[1], None)
    else:
        values.pop(loc[0], None)


def _merged(layers: Sequence[Layer]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for layer in layers:
        _merge(values, layer.values)
    return values


def _note_places(settings: Settings, layers: Sequence[Layer]) -> None:
    """Let the alert and every schedule entry know which source says each key, for problems that are found later."""
    for layer in layers:
        for key in layer.values.get("alert", {}):
            settings.alert.say(key, layer.label)
        for name, section in (("shop", settings.shop), ("courier", settings.courier)):
            for key in layer.values.get(name, {}):
                section.say(key, layer.place((name, key)))
        for name, values in layer.values.get("schedule", {}).items():
            for key in ("", *values):
                settings.schedule[name].say(key, layer.label)


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


def diff(old: Settings, new: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name what *new* changes: the keys that apply at once, and those that need a restart."""
    before, after = dict(_flat(old)), dict(_flat(new))
    names = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    names += _changed_entries(old.schedule, new.schedule)
    changed = tuple(key_name(path) for path in names if _applies_at_once(path))
    return changed, tuple(key_name(path) for path in names if not _applies_at_once(path))


def applied(old: Settings, new: Settings) -> Settings:
    """Return *old* with what *new* changes and applies at once; the rest waits for a restart."""
    sections: dict[str, Any] = {}
    for name, key in AT_ONCE:
        section = sections.get(name, getattr(old, name))
        sections[name] = section.model_copy(update={key: getattr(getattr(new, name), key)})
    return old.model_copy(update={**sections, "schedule": new.schedule}).read_from(new.sources, new.credentials)


def _applies_at_once(path: KeyPath) -> bool:
    return path[0] == "schedule" or path in AT_ONCE


def _flat(settings: Settings) -> Iterator[tuple[KeyPath, object]]:
    yield ("timezone",), settings.timezone
    for name in sections():
        for key, value in getattr(settings, name):
            yield (name, key), value


def _changed_entries(old: Mapping[str, EntrySettings], new: Mapping[str, EntrySettings]) -> Iterator[KeyPath]:
    """Yield the changed keys of each entry. One that is new or gone names the keys that it sets, or else `enabled`."""
    for name in {**old, **new}:
        before, after = old.get(name, EntrySettings()), new.get(name, EntrySettings())
        keys = [key for key in EntrySettings.model_fields if getattr(before, key) != getattr(after, key)]
        if not keys and (name in old) is not (name in new):
            keys = ["enabled"]
        yield from (("schedule", name, key) for key in keys)
