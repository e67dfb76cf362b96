"""Arabic: what --help says."""

from typing import Any


def translate_help(program: Any) -> None: ...
