"""What every command works with: the daemon's socket and the client, and where and how to print."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.render import draw
from paranad.cli.screen.say import Text, pen_for, say
from paranad.cli.screen.times import now
from paranad.control.client import ControlClient
from paranad.errors import DaemonUnreachable
from paranad.places import CONFIG_VARIABLE, DEFAULT_SOCKET, config_file
from paranad.record import record
from paranad.said import Sentence
from paranad.text import harmless_json

NO_CONFIGURATION = Sentence("socket.no_configuration", "{variable} names {file}, and there is no such file")
CORRECT = Sentence(
    "socket.correct_variable", "{reason}; correct the variable or unset it, or name the socket with --socket"
)


STANDS_BY = "this machine stands by for {machine}: what follows is what it knows itself; ask there"
NONE_WORKS = "this machine stands by, and none is known to work: what follows is what it knows itself"
SAYS_SO = frozenset({"status", "standby", "doctor", "metrics", "drain", "reload", "backup", "alerts", "configuration"})
"""What a daemon that stands by answers so that it says this itself, or that is about this machine alone."""


def find_socket(asked: str | None, environ: Mapping[str, str]) -> Path:
    """Return the socket's path: *asked*, else the environment's, else the configuration file's, else the default.

    A file that is not readable or not TOML counts as silent, and so does the default file if it is missing:
    `paranad check` speaks of it.

    Raises:
        DaemonUnreachable: the environment names a configuration file that is not there.
    """
    said = asked or environ.get("PARANAD_DAEMON__SOCKET")
    if said:
        return Path(said)
    if environ.get(CONFIG_VARIABLE) and _is_missing(config_file(environ)):
        missing = NO_CONFIGURATION(variable=CONFIG_VARIABLE, file=str(config_file(environ)))
        raise DaemonUnreachable(CORRECT(reason=missing))
    return _configured(config_file(environ))


def _is_missing(file: Path) -> bool:
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # it cannot be told
    return False


def _configured(config: Path) -> Path:
    try:
        text = config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return DEFAULT_SOCKET
    import tomllib  # noqa: PLC0415 - only where there is a file to read

    try:
        said = tomllib.loads(text)["daemon"]["socket"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return DEFAULT_SOCKET
    return Path(said) if isinstance(said, str) and said else DEFAULT_SOCKET


Json = Any
"""An answer of the API as it came; its forms are in paranad/control/schemas*.py, which are too slow to load here."""


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


@record
class Session:
    """One call of paranadctl."""

    locate: Callable[[], Path]
    """Returns the daemon's control socket."""
    as_json: bool
    """True: print what the API answered, one document a line, instead of words."""
    language: Language = Language.ENGLISH
    """The language of the words. Answers of the API stay as they are."""
    lang: str | None = None
    """The language that was asked for on the command line."""
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    now: Callable[[], datetime] = now
    _noted: list[str] = field(default_factory=list)

    @property
    def client(self) -> ControlClient:
        """A client of the daemon's API, made when asked for: help and some commands need no socket."""
        return ControlClient(self.locate(), stands_by=self._note_standby)

    def _note_standby(self, asked: str, machine: str) -> None:
        """Say once that the daemon stands by, beside an answer that does not say so itself."""
        if self.as_json or asked in SAYS_SO or self._noted:
            return
        self._noted.append(machine)
        self.note(say(STANDS_BY, machine=machine) if machine != "-" else say(NONE_WORKS), Style.WARN)

    @property
    def interactive(self) -> bool:
        """Whether a person at a terminal can be asked."""
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
        """Write one line to the person on standard error, beside the answer."""
        tell(self.err, text, style, self.language)

    def aside(self, text: Text) -> str:
        """Return *text* as it is written on standard error."""
        return pen_for(self.err, self.language, terminal=is_terminal(self.err)).line(text)
