"""What every command works with: the daemon behind a socket, and where and how to print."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.render import draw
from paranad.cli.screen.say import Text, pen_for
from paranad.cli.screen.times import now
from paranad.cli.text import harmless_json
from paranad.control.client import ControlClient

Json = Any
"""An answer of the API as it came; its forms are in paranad/control/schemas.py, which is too slow to load here."""


def is_terminal(stream: TextIO) -> bool:
    """Tell whether *stream* is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def tell(stream: TextIO, text: Text, style: Style = Style.DIM, language: Language = Language.ENGLISH) -> None:
    """Write one line to *stream*."""
    draw([Line(text, style)], stream, terminal=is_terminal(stream), language=language)


def write_document(document: Json, stream: TextIO) -> None:
    """Write *document* as JSON on one line of *stream*."""
    text = json.dumps(document, ensure_ascii=stream.encoding.lower() != "utf-8", separators=(",", ":"))
    stream.write(f"{harmless_json(text)}\n")
    stream.flush()


@dataclass(frozen=True, slots=True)
class Session:
    """One call of paranadctl."""

    locate: Callable[[], Path]
    """Returns the daemon's control socket."""
    as_json: bool
    """True: print what the API answered, one document a line, instead of words."""
    language: Language = Language.ENGLISH
    """Of the words; what the API answered stays as it is."""
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    now: Callable[[], datetime] = now

    @property
    def client(self) -> ControlClient:
        """What asks the daemon; a command that asks it nothing, and help, need no socket."""
        return ControlClient(self.locate())

    @property
    def interactive(self) -> bool:
        """Whether a person sits before it and can be asked."""
        return sys.stdin.isatty() and is_terminal(self.err)

    def answer(self, answer: Json, words: Callable[[Json], Iterable[Block]]) -> None:
        """Print what the API answered: as it came, or as *words* puts it."""
        if self.as_json:
            self.document(answer)
        else:
            draw(words(answer), self.out, terminal=is_terminal(self.out), language=self.language)

    def document(self, answer: Json) -> None:
        """Print *answer* as JSON on one line."""
        write_document(answer, self.out)

    def note(self, text: Text, style: Style = Style.DIM) -> None:
        """Tell the person, beside the answer: on standard error."""
        tell(self.err, text, style, self.language)

    def aside(self, text: Text) -> str:
        """Return *text* as it is written on standard error."""
        return pen_for(self.err, self.language, terminal=is_terminal(self.err)).line(text)
