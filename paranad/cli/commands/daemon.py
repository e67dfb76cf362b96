"""`paranadctl drain`, `reload` and `backup`: the daemon itself."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

from paranad.cli.parsing import Argument, Option
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import duration, moment
from paranad.cli.session import Json, Session
from paranad.cli.words import notes_words, state_words
from paranad.errors import RequestError
from paranad.said import Sentence

INSTEAD = (
    "paranad {version} is {state}, process {pid}: {busy} of {workers} workers busy, {available} jobs available, "
    "{entries} schedule entries"
)


FATES = {
    "awaited": "is waited for, however long: a create-order request is under way",
    "ends": "ends by itself, or at its own timeout in {left}",
    "cut": "if it still runs by then, its program is ended and started again later",
    "handed_back": "if it still runs by then, it is handed back and starts again later",
}
"""What a stop does to a job that runs."""
CATCH_UPS = {
    "once": "the latest is made up for at the start",
    "skip": "left out if the daemon is away for a minute or longer",
    "all": "each is made up for after the start",
}
"""What becomes of the occurrences that come while the daemon is away."""
DRY_RUN = Option("--dry-run", "Tell what a stop now would cut, hand back and miss, and stop nothing.")


def drain(session: Session, dry_run: Annotated[bool, DRY_RUN] = False) -> None:
    """Finish what runs, take nothing new; until resume or a restart."""
    if dry_run:
        session.answer(session.client.get("drain"), lambda stop: stop_words(stop, session.now()))
        return
    words = say("the daemon finishes what runs and takes nothing new; go on with: paranadctl resume")
    session.answer(session.client.post("drain"), lambda _: [Line(words)])


def stop_words(stop: Json, at: datetime) -> Iterator[Block]:
    """Yield what a stop now would do to what runs, to what waits, and to the schedule."""
    wait = duration(stop["drain_timeout_s"])
    yield Line(say("A stop now would wait up to {wait} for what runs", wait=wait), Style.HEADING)
    if stop["running"]:
        yield Table(["", "", ""], [[job["id"], job["task"], _fate(job, at)] for job in stop["running"]])
    else:
        yield Line(say("nothing runs: it would end at once"), Style.GOOD)
    yield Line(say("{due:job} due, {later} for later: they stay stored", due=stop["due"], later=stop["later"]))
    yield Heading(say("If the daemon is away for {away}", away=duration(stop["away_s"])))
    if stop["missed"]:
        yield Table(["", ""], [[entry["name"], _missed(entry, at)] for entry in stop["missed"]])
    else:
        yield Line(say("nothing of the schedule is due meanwhile"), Style.GOOD)
    yield Line("")
    yield Line(say("nothing was stopped or drained"), Style.DIM)


def _fate(job: Json, at: datetime) -> Cell:
    styles = {"cut": Style.WARN, "handed_back": Style.WARN}
    words = say(FATES[job["fate"]], left=duration(job["time_left_s"])) if job["fate"] in FATES else job["fate"]
    return Cell((say("started {at}", at=moment(job["started_at"], at)), words), styles.get(job["fate"], Style.NONE))


def _missed(entry: Json, at: datetime) -> Cell:
    count = entry["occurrences"]
    due = say("due {at}", at=moment(entry["first_at"], at))
    times: Text = say("{count:occurrence} in all", count=count) if count > 1 else ""
    becomes = say(CATCH_UPS[entry["catch_up"]]) if entry["catch_up"] in CATCH_UPS else entry["catch_up"]
    style = Style.WARN if entry["catch_up"] == "skip" else Style.NONE
    return Cell((due, times, becomes), style)


def old_worker(session: Session) -> None:
    """Answer that the daemon does this now."""
    session.answer(session.client.get("status"), _instead)


def _instead(status: Json) -> Iterator[Block]:
    daemon = status["daemon"]
    yield Line(say("the daemon does this now: no worker, no `schedule:run` and no crontab line are needed"))
    yield Line(
        say(
            INSTEAD,
            version=daemon["version"],
            state=state_words(daemon["state"]),
            pid=daemon["pid"],
            busy=len(status["running"]),
            workers=status["workers"],
            available=sum(queue["available"] for queue in status["queues"]),
            entries=len(status["schedule"]),
        )
    )
    for note in notes_words(status):
        yield Line(note)


GONE = "{name} is no longer in the schedule"
GONE_WHILE_PAUSED = (
    "{name} is no longer in the schedule, but its pause stays: if it was renamed, the new one runs; "
    "to forget the pause: paranadctl schedule resume {name}"
)
EXISTS = Sentence("state.backup_exists", "{file} exists already, and a backup overwrites nothing; name another file")
UNWRITTEN = Sentence("state.backup_unwritten", "{file} cannot be written: {detail}; name another file")

BackupFile = Annotated[Path, Argument("FILE", "Where to; it must not exist yet.", Path)]


def backup(session: Session, file: BackupFile) -> None:
    """Write a consistent copy of queue.db, readable by you alone."""
    client = session.client
    try:
        if os.path.lexists(file):
            raise RequestError(EXISTS(file=str(file)))
        client.backup(file)
        answer = {"file": str(file.absolute()), "bytes": file.stat().st_size}
    except OSError as error:
        raise RequestError(UNWRITTEN(file=str(file), detail=error.strerror or str(error))) from error
    session.answer(
        answer, lambda done: [Line(say("{file} written, {size:,} bytes", file=done["file"], size=done["bytes"]))]
    )


LEFT = "jobs of {task} wait, though its command is gone: {jobs}; they fail when they are due, unless it comes back"
UNFIT = "jobs of {task} hold other arguments than it takes: {jobs}; they fail when they start, unless these come back"


def reload(session: Session) -> None:
    """Re-read the configuration, all or nothing."""
    session.answer(session.client.post("reload"), lambda report: reloaded_words(report, session.now()))


def reloaded_words(report: Json, at: datetime) -> Iterator[Block]:
    """Yield what a reload has changed."""
    if not report["changed"] and not report["needs_restart"]:
        yield Line(say("the configuration is read again; nothing has changed"))
    for key in report["changed"]:
        yield Line(say("{key} is in force", key=key), Style.GOOD)
    for key in report["needs_restart"]:
        yield Line(
            say("{key} needs a restart of the daemon; under systemd: systemctl restart paranad", key=key), Style.WARN
        )
    for move in report.get("schedule", ()):  # a daemon of an earlier version has none
        yield Line(_moved_words(move, at))
    for each in report.get("left", ()):
        yield Line(say(LEFT, task=each["task"], jobs=each["jobs"]), Style.WARN)
    for each in report.get("unfit", ()):
        yield Line(say(UNFIT, task=each["task"], jobs=each["jobs"]), Style.WARN)
    if report["credentials"]:
        yield Line(say("credentials are read at the start: systemctl restart paranad"), Style.DIM)


def _moved_words(move: Json, at: datetime) -> Phrase:
    name, before, after = move["name"], moment(move["before"], at), moment(move["after"], at)
    match move["change"]:
        case "removed":
            return say(GONE_WHILE_PAUSED if move.get("pause_stays") else GONE, name=name)
        case "added" if move["after"]:
            return say("{name} is new in the schedule, next {after}", name=name, after=after)
        case "added":
            return say("{name} is new in the schedule, and disabled", name=name)
    if not move["after"]:
        return say("{name} no longer runs; it was due {before}", name=name, before=before)
    if not move["before"]:
        return say("{name} runs again, next {after}", name=name, after=after)
    return say("{name} is due {after}, and no longer {before}", name=name, before=before, after=after)
