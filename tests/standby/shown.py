"""Where what is measured is written, for the end of the tests to show it."""

from collections.abc import Sequence
from pathlib import Path

FIGURES = Path(__file__).parents[2] / "build" / "standby" / "figures"


class Shown:
    """What was measured, in a file; the end of the tests shows it."""

    def show(self, lines: Sequence[str]) -> None:
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        with FIGURES.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
