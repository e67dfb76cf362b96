"""`paranadctl report`: one archive for whoever maintains the shop, and a page in it that says what it holds."""

import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from paranad.cli.parsing import Argument
from paranad.cli.report.fields import showing
from paranad.cli.report.gather import Missing, Part, Report, gather
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.say import Pen, Phrase, Text, say, written
from paranad.cli.session import Json, Session
from paranad.errors import RequestError
from paranad.said import Sentence
from paranad.whole import OWNERS, written_whole

EXISTS = Sentence("report.exists", "{file} exists already, and a report overwrites nothing; name another file")
UNWRITTEN = Sentence("report.unwritten", "{file} cannot be written: {detail}; name another file")

ReportFile = Annotated[
    Path,
    Argument("FILE", "Where to: a tar.gz, or a zip if it ends in .zip; it must not exist yet.", Path),
]


def report(session: Session, file: ReportFile) -> None:
    """Write one archive for whoever helps: no names, no secrets."""
    if os.path.lexists(file):
        raise RequestError(EXISTS(file=str(file)))
    if session.interactive:
        session.note(say("looking around; it takes some seconds"))
    gathered = gather(session.client, session.now)
    now = session.now()
    readme = Part("README.txt", say("this page"), "".join(readme_lines(gathered, now, Pen(session.language))))
    try:
        with written_whole(file) as out:
            pack(out, [readme, *gathered.parts], now, zipped=file.suffix == ".zip")
        size = file.stat().st_size
    except OSError as error:
        raise RequestError(UNWRITTEN(file=str(file), detail=error.strerror or str(error))) from error
    answer = {
        "file": str(file.absolute()),
        "bytes": size,
        "files": [readme.name, *(part.name for part in gathered.parts)],
        "missing": [{"name": each.name, "reason": written(each.reason)} for each in gathered.missing],
    }
    session.answer(answer, lambda done: _words(done, gathered.missing))


def _words(done: Json, missing: list[Missing]) -> Iterator[Block]:
    yield Line(say("{file} written, {size:,} bytes", file=done["file"], size=done["bytes"]), Style.GOOD)
    for reason, names in _by_reason(missing):
        yield Line(say("not in it: {names} ({reason})", names=names, reason=reason), Style.WARN)
    yield Line(say("read README.txt in it, and look through it, before you send it to anybody"))


def _by_reason(missing: list[Missing]) -> Iterator[tuple[Text, str]]:
    """Yield each reason with the files that are missing for it."""
    reasons = [each.reason for each in missing]
    for place, reason in enumerate(reasons):
        if reason not in reasons[:place]:
            yield reason, ", ".join(each.name for each in missing if each.reason == reason)


def harmless(reason: Text) -> Text:
    """Return a *reason* whose values, which may hold anything, are fit for a stranger."""
    match reason:
        case Phrase():
            return replace(reason, values={name: harmless(value) for name, value in reason.values.items()})
        case tuple():
            return tuple(map(harmless, reason))
    shown: Text = showing()(reason)
    return shown


def readme_lines(report: Report, now: datetime, pen: Pen) -> Iterator[str]:
    """Yield the lines of the page that says what the report holds, what it lacks, and what was taken out of it."""
    width = max(len(part.name) for part in report.parts)
    yield f"{pen.line(say('A report about paranad, made at {at}', at=f'{now:%Y-%m-%d %H:%M:%S %z}'))}\n\n"
    for part in report.parts:
        yield f"  {part.name:<{width}}  {pen.line(part.holds)}\n"
    if report.missing:
        yield f"\n{pen.line(say('What it lacks, and why:'))}\n"
    for reason, names in _by_reason(report.missing):
        yield f"  {names}: {pen.line(harmless(reason))}\n"
    yield "\n"
    for said in (
        say("What is shown is chosen field by field; every other field stands there as (hidden)."),
        say("Of a text only paranad's own words are left; … stands for others, and for numbers of over three digits."),
        say("So it holds no name, phone, address, password or token of anybody."),
        say("Order and job numbers, names of tasks, queues and schedule entries, times and counts are in it."),
    ):
        yield f"{pen.line(said)}\n"


def pack(out: BinaryIO, parts: Iterable[Part], now: datetime, *, zipped: bool) -> None:
    """Write *parts* as one archive, a zip or a tar.gz, each below a folder that says when it was made."""
    folder = f"paranad-report-{now:%Y%m%d-%H%M%S}"
    bodies = [(f"{folder}/{part.name}", part.text.encode("utf-8", "backslashreplace")) for part in parts]
    if zipped:
        with ZipFile(out, "w") as archive:
            for name, body in bodies:
                info = ZipInfo(name, now.timetuple()[:6])
                info.external_attr = OWNERS << 16
                archive.writestr(info, body, ZIP_DEFLATED)
        return
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, body in bodies:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(body), OWNERS, int(now.timestamp())
            archive.addfile(entry, io.BytesIO(body))
