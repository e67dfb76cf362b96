"""Where settings come from: each file, each environment variable and each credential is a source of its own.

So a wrong value is named with the file, variable or credential that says it.
"""

import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, PydanticBaseSettingsSource, TomlConfigSettingsSource

from paranad.configuration.settings import Settings
from paranad.configuration.words import KeyPath, key_name, sections

PREFIX = "PARANAD_"
CREDENTIALS = {
    "courier_username": ("courier", "username"),
    "courier_password": ("courier", "password"),
    "shop_database_url": ("shop", "database_url"),
}
QUOTE = '"'


class SettingsSource(PydanticBaseSettingsSource):
    """One place that says settings."""

    name: str
    """The whole path of a file; else as *label*."""
    label: str
    """How its problems call it."""
    values: dict[str, Any]
    """What it says; wrong values are taken out once they are told."""
    names_keys = False
    """Whether it holds many keys, so that a problem must name its own."""
    kept_in = ""
    """The file that a credential is a copy of."""

    def __call__(self) -> dict[str, Any]:
        return self.values

    def cure(self, key: str, example: str) -> str:
        """Say how *example*, a value as TOML, is written here for *key*."""
        raise NotImplementedError

    def place(self, path: KeyPath) -> str:
        """Say where the key *path* stands, for a cure that is found later."""
        if self.names_keys:
            return f"{key_name(path)} in {self.name}"
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
        # The library skips a file that is not there or is none, and refuses the byte order mark that editors write.
        return tomllib.loads(Path(files).read_text("utf-8-sig"))

    def cure(self, key: str, example: str) -> str:
        return f"write {key} = {example}"


class Variable(SettingsSource, EnvSettingsSource):
    """One environment variable; a text that is no TOML where its key needs some is kept, and refused later."""

    def __init__(self, name: str, text: str) -> None:
        self.name = self.label = name
        self.text = text
        super().__init__(Settings, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter="__")
        self.values = EnvSettingsSource.__call__(self)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {self.name.lower(): self.text}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002
        return self._coerce_env_val_strict(field, value)

    def _coerce_env_val_strict(self, field: FieldInfo | None, value: Any) -> Any:
        # Nothing is guessed as the library would: "yes" is no true, "7" no number of a text. The rest is as in a file.
        if field is None or not isinstance(field.default, int | tuple):
            return value
        try:
            return tomllib.loads(f"value = {value}")["value"]
        except (tomllib.TOMLDecodeError, RecursionError):
            return value

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


def variables() -> dict[str, KeyPath]:
    """Return the path of every key that the environment may set, by the variable's name."""
    paths = [("timezone",), *((name, key) for name, model in sections().items() for key in model.model_fields)]
    return {PREFIX + "__".join(path).upper(): path for path in paths}


def credentials(folder: Path, given: str | None, *, look: bool) -> Iterator[tuple[str, KeyPath, Path, Path]]:
    """Yield each credential: how a problem calls it, its key, the file to read, and the file that this is a copy of.

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
