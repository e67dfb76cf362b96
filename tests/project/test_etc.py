"""etc/paranad.toml holds every key, commented, with its true default."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from paranad.configuration.settings import Settings
from paranad.configuration.words import NAMED, sections

FILE = Path(__file__).parents[2] / "etc" / "paranad.toml"
COMMENTED = re.compile(r"^#(?=\[|\w+ = )", re.MULTILINE)


@pytest.fixture
def written() -> dict[str, Any]:
    """The file with every key uncommented."""
    return tomllib.loads(COMMENTED.sub("", FILE.read_text("utf-8")))


def test_every_key_stands_commented() -> None:
    assert {name: {} for name in sections()} == tomllib.loads(FILE.read_text("utf-8"))


def test_uncommented_it_holds_the_defaults(written: dict[str, Any]) -> None:
    assert Settings() == Settings.model_validate(written).model_copy(update={"schedule": {}, "command": {}})


def test_it_holds_every_key(written: dict[str, Any]) -> None:
    assert set(Settings.model_fields) == set(written)
    for name, model in sections().items():
        assert set(model.model_fields) == set(written[name])
    for table, entry_model in NAMED.items():
        assert set(entry_model.model_fields) == {key for entry in written[table].values() for key in entry}


def test_every_key_is_explained() -> None:
    lines = FILE.read_text("utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"#\w+ = ", line)]
    unexplained = [lines[number] for number in keys if not lines[number - 1].startswith("# ")]
    assert ['#cron = "30 3 * * *"', '#cron = "0 8 * * *"'] == unexplained, "one explanation of cron is enough"
