"""paranadctl, whose sixty commands are built once: to build them takes as long as three calls."""

from functools import cache
from typing import Any

from paranad.cli.app import build
from paranad.cli.language import Language
from paranad.cli.screen.say import Pen


def built(pen: Pen | None = None) -> Any:
    """Return the program as `paranad.cli.app.build` does; only its Arabic is made anew, which changes its help."""
    return build(pen) if pen and pen.language is Language.ARABIC else _english()


@cache
def _english() -> Any:
    return build()
