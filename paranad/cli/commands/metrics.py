"""`paranadctl metrics`: the figures for a monitor, shown, or in a file that node_exporter reads."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from paranad.cli.options import quoted
from paranad.cli.parsing import Misuse, Option
from paranad.cli.screen.blocks import Line
from paranad.cli.screen.say import say
from paranad.cli.session import Json, Session
from paranad.cli.words import said_words
from paranad.errors import DaemonUnreachable, ParanadError, RequestError
from paranad.said import Sentence
from paranad.whole import written_whole

PATIENCE_S = 15.0
"""A daemon that takes longer counts as one that does not answer."""
ENDING = ".prom"
"""node_exporter reads no other files."""
READABLE = 0o644
"""The file is for node_exporter, which runs as another user; no figure is secret."""
DOWN = """\
# HELP paranad_up 1 while the daemon gives its figures, 0 if it does not.
# TYPE paranad_up gauge
paranad_up 0
"""

NOT_PROM = Sentence(
    "usage.not_prom", "expected a file whose name ends in .prom, got {got}; node_exporter reads no other"
)
UNWRITTEN = Sentence(
    "metrics.unwritten", "{file} cannot be written: {detail}; name a file in a folder that you may write to"
)


def prom_file(text: str) -> Path:
    """Read the path of a file for node_exporter.

    Raises:
        Misuse: node_exporter would not read it.
    """
    if not text.endswith(ENDING):
        raise Misuse(NOT_PROM(got=quoted(text)))
    return Path(text)


TextFile = Annotated[
    Path | None,
    Option("--textfile PATH", "Write them there, whole or not at all.", prom_file),
]


def metrics(session: Session, textfile: TextFile = None) -> None:
    """Show the figures for a monitor, in Prometheus' text format."""
    client = session.client
    client.timeout_s = PATIENCE_S
    if textfile is None:
        show(session, client.metrics())
        return
    try:
        text, is_up = client.metrics(), True
    except ParanadError as error:
        if not (isinstance(error, DaemonUnreachable) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR):
            raise
        # That is a figure too: the file says it, and the command has done what it was asked to.
        text, is_up = DOWN, False
        session.note(say("{file} says paranad_up 0: {reason}", file=str(textfile), reason=said_words(error.said)))
    try:
        with written_whole(textfile, READABLE) as out:
            out.write(text.encode())
    except OSError as error:
        raise RequestError(UNWRITTEN(file=str(textfile), detail=error.strerror or str(error))) from error
    answer = {"file": str(textfile.absolute()), "bytes": textfile.stat().st_size, "up": is_up}
    session.answer(
        answer, lambda done: [Line(say("{file} written, {size:,} bytes", file=done["file"], size=done["bytes"]))]
    )


def show(session: Session, text: str) -> None:
    """Write the figures as they came; as JSON, each with its samples."""
    if session.as_json:
        session.document({"items": list(families_in(text))})
    else:
        session.out.write(text)


def families_in(text: str) -> Iterator[Json]:
    """Yield each metric of *text* with its samples."""
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415 - for --json alone

    for family in text_string_to_metric_families(text):
        samples = [{"name": each.name, "labels": each.labels, "value": each.value} for each in family.samples]
        yield {"name": family.name, "type": family.type, "help": family.documentation, "samples": samples}
