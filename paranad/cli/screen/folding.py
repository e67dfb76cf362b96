"""Rich's text, folded so that each line keeps its writing directions in order by itself."""

from typing import Any

from rich.containers import Lines
from rich.text import Text

from paranad.cli.text import reopened


class FoldingText(Text):
    """A text whose isolates are whole on every line."""

    def wrap(self, *args: Any, **options: Any) -> Lines:
        lines = super().wrap(*args, **options)
        for line, whole in zip(lines, reopened(line.plain for line in lines), strict=True):
            line.plain = whole
        return lines
