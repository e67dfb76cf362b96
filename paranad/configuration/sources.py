"""The sources of settings. Each file, environment variable and credential is one, so that problems can name it."""

import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, PydanticBaseSettingsSource, TomlConfigSettingsSource

from paranad.configuration.settings import Settings
from paranad.configuration.words import KeyPath, default_of, key_name, sections
from paranad.said import Said, Sentence

KEY_IN_FILE = Sentence("config.key_in_file", "{key} in {file}")

PREFIX = "PARANAD_"
CREDENTIALS = {
    "courier_username": ("courier", "username"),
    "courier_password": ("courier", "password"),
    "shop_database_url": ("shop", "database_url"),
}
QUOTE = '"'


class SettingsSource(PydanticBaseSettingsSource):
    """A place that settings are read from."""

    name: str
    """The whole path of a file; else as *label*."""
    label: str
    """The name of the source in its problems."""
    values: dict[str, Any]
    """The settings, nested by table; wrong values are taken out once they are told."""
    names_keys = False
    """Whether it holds many keys, so that a problem must name its own."""
    kept_in = ""
    """The file that a credential is a copy of."""

    def __call__(self) -> dict[str, Any]:
        return self.values

    def cure(self, key: str, example: str) -> str:
        """Say how to write *example*, a value given as TOML, for *key* in this source."""
        raise NotImplementedError

    def place(self, path: KeyPath) -> Said | str:
        """Return where the key *path* is set, for problems that are found later."""
        if self.names_keys:
            return KEY_IN_FILE(key=key_name(path), file=self.name)
        return f"{self.name} ({self.kept_in})" if self.kept_in else self.name


class File(SettingsSource, TomlConfigSettingsSource):
    """paranad.toml, or a file of schedule.d.

    Raises:
        OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError: it cannot be read.
    """

    names_keys = True

    def __init__(self, file: Path, label: str) -> None:
        self.name, self.label = str(file), label
        super().__init__(Settings, file)
        self.values = self.toml_data

    def _read_files(self, files: Any, deep_merge: bool = False) -> dict[str, Any]:  # noqa: ARG002 -- the library's
        # The library skips a file that is missing, and refuses the byte order mark that some editors write.
        return tomllib.loads(Path(files).read_text("utf-8-sig"))

    def cure(self, key: str, example: str) -> str:
        return f"write {key} = {example}"


class Variable(SettingsSource, EnvSettingsSource):
    """One environment variable, *path* its key.

    If the key holds no text, the variable is read as a value of TOML: `10`, `true`, `["high", "default"]`. Another text
    is kept as it is, and refused later: nothing is guessed, as the library would guess that "yes" means true.
    """

    def __init__(self, name: str, path: KeyPath, text: str) -> None:
        super().__init__(Settings, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter="__")
        self.name = self.label = name
        self.env_vars = {name.lower(): text}
        self.values = EnvSettingsSource.__call__(self)
        table = self.values
        for part in path[:-1]:
            table = table[part]
        if isinstance(default_of(path), int | tuple | dict):
            table[path[-1]] = _as_toml(text)

    def cure(self, _: str, example: str) -> str:
        return f"write {self.name}={shlex.quote(example.strip(QUOTE))}"


class Credential(SettingsSource):
    """One file that holds the value of one key, and nothing else.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
    """

    def __init__(self, label: str, path: KeyPath, file: Path, kept_in: str) -> None:
        super().__init__(Settings)
        self.name = self.label = label
        self.kept_in = kept_in
        section, key = path
        self.values = {section: {key: file.read_text("utf-8-sig").rstrip("\r\n")}}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 -- the library's
        return self.values.get(field_name), field_name, False

    def cure(self, _: str, example: str) -> str:
        return f"write {example.strip(QUOTE)} into it"


def _as_toml(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def variables() -> dict[str, KeyPath]:
    """Return the path of every key that the environment may set, by the variable's name."""
    paths = [("timezone",), *((name, key) for name, model in sections().items() for key in model.model_fields)]
    return {PREFIX + "__".join(path).upper(): path for path in paths}


def credentials(folder: Path, given: str | None, *, look: bool) -> Iterator[tuple[str, KeyPath, Path, Path]]:
    """Yield each credential: its name in problems, its key, the file to read, and the file that this is a copy of.

    systemd hands the service copies, in *given*, of what lies below *folder*; without them, *look* there.
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
