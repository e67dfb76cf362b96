"""The operator's command that announces incidents: its check, and one run of it."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from paranad.clock import Clock
from paranad.configuration.settings import AlertSection
from paranad.configuration.words import key_name, shown
from paranad.errors import WrongSetting
from paranad.log.redaction import redact
from paranad.program import NOT_STARTED, Program, ProgramFailed, ended_how, minimal, unusable

TIMEOUT_S: Final = 30.0
GRACE_S: Final = 2.0
"""From SIGTERM to SIGKILL: a daemon that stops waits for it."""
KEY = ("alert", "command")


def problems(section: AlertSection) -> list[WrongSetting]:
    """Return what is wrong with the program of *section*."""
    program = next(iter(section.command), None)
    if program is None:
        return []
    message = _wrong(program)
    return [WrongSetting(section.where("command"), key_name(KEY), message)] if message else []


def _wrong(program: str) -> str | None:
    if not program.startswith("/"):
        return f"expected the program's absolute path first, got {shown(program)}; write it from /"
    if got := unusable(program):
        return f"expected a program, got {got}: {shown(program)}; correct it, or write command = []"
    return None


async def tell(words: Sequence[str], document: bytes, clock: Clock, environ: Mapping[str, str] = os.environ) -> None:
    """Run the command *words* with *document* on its standard input.

    Raises:
        ProgramFailed: it could not be started, took longer than 30 s, or ended with a status other than 0.
    """
    try:
        program = Program(words, minimal(environ), clock, stdin=document, grace_s=GRACE_S)
    except OSError as error:
        raise ProgramFailed(NOT_STARTED(program=words[0], detail=error.strerror or "")) from error
    status = await program.to_its_end(TIMEOUT_S)
    if status != 0:
        raise ProgramFailed(ended_how(status, program.output.last_line).cleaned(redact))
