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
from paranad.record import record
from paranad.said import Said

TIMEOUT_S: Final = 30.0
GRACE_S: Final = 2.0
"""From SIGTERM to SIGKILL: a daemon that stops waits for it."""
KEY = ("alert", "command")
NOBODY_GETS_IT = (
    "expected [alert] command beside it, got []; write a command, such as one of /opt/paranad/current/share/alerts, "
    'or digest = ""'
)


def problems(section: AlertSection) -> list[WrongSetting]:
    """Return what is wrong with the program of *section*."""
    program = next(iter(section.command), None)
    if program is None:
        digest = WrongSetting(section.where("digest"), key_name(("alert", "digest")), NOBODY_GETS_IT)
        return [digest] if section.digest else []
    message = _wrong(program)
    return [WrongSetting(section.where("command"), key_name(KEY), message)] if message else []


def _wrong(program: str) -> str | None:
    if not program.startswith("/"):
        return f"expected the program's absolute path first, got {shown(program)}; write it from /"
    if got := unusable(program):
        return f"expected a program, got {got}: {shown(program)}; correct it, or write command = []"
    return None


@record
class Told:
    """How one run of the command went."""

    seconds: float
    output: str
    """The end of what it wrote, without secrets."""
    failed: Said | None
    """Why the document counts as not told; None: it is told."""


async def try_out(words: Sequence[str], document: bytes, clock: Clock, environ: Mapping[str, str] = os.environ) -> Told:
    """Run the command *words* with *document*, and say how it went."""
    started_s, output = clock.monotonic(), ""
    try:
        program = _program(words, document, clock, environ)
        try:
            failed = await _run(program)
        finally:
            output = redact(program.output.text)
    except ProgramFailed as error:
        failed = error.said.cleaned(redact)
    return Told(clock.monotonic() - started_s, output, failed)


async def tell(words: Sequence[str], document: bytes, clock: Clock, environ: Mapping[str, str] = os.environ) -> None:
    """Run the command *words* with *document* on its standard input.

    Raises:
        ProgramFailed: it could not be started, took longer than 30 s, or ended with a status other than 0.
    """
    if failed := await _run(_program(words, document, clock, environ)):
        raise ProgramFailed(failed)


def _program(words: Sequence[str], document: bytes, clock: Clock, environ: Mapping[str, str]) -> Program:
    try:
        return Program(words, minimal(environ), clock, stdin=document, grace_s=GRACE_S)
    except OSError as error:
        raise ProgramFailed(NOT_STARTED(program=words[0], detail=error.strerror or "")) from error


async def _run(program: Program) -> Said | None:
    """Run it to its end; return how it failed, if it did."""
    status = await program.to_its_end(TIMEOUT_S)
    return ended_how(status, program.output.last_line).cleaned(redact) if status != 0 else None
