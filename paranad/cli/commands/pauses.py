"""`paranadctl pause`, `resume`, `schedule pause` and `schedule resume`: what may start; and a pause in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Annotated

from paranad.cli.options import EntryName
from paranad.cli.parsing import Argument, Misuse, Option
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import absolute, moment
from paranad.cli.session import Json, Session
from paranad.errors import NotFound
from paranad.said import Sentence
from paranad.wording import did_you_mean, quotable

WhatPauses = Annotated[str | None, Argument("NAME", "A queue, a task or a schedule entry; without it: everything.")]
WhatGoesOn = Annotated[str | None, Argument("NAME", "A queue, a task or a schedule entry; without it: all that waits.")]
For = Annotated[
    str | None,
    Option("--for D", "Ends by itself after seconds, or a text such as 2h; 30 days at most."),
]
Until = Annotated[
    str | None,
    Option("--until T", "Ends by itself at a time such as 06:00 or '2026-03-01 06:00'."),
]
Reason = Annotated[str | None, Option("--reason TEXT", "Why; shown wherever the pause is.")]

NOTHING_NAMED = Sentence("usage.nothing_named", 'no queue, task or schedule entry is called "{name}"{cure}')
KNOWN_NAMES = Sentence(
    "usage.known_names", "; queues: {queues}; paranadctl tasks and paranadctl schedule list the others"
)
QUEUE_AND_TASK = Sentence(
    "usage.queue_and_task", 'a queue and a task are both called "{name}"; give the schedule entry another name'
)
ENTRY_TOO = "its schedule entry still enqueues; to pause that alone: paranadctl schedule pause {name}"
PAUSED_TASK = "task {name} is paused, {due:job} due; {pause}"
GO_ON = "go on with: paranadctl resume {name}"
GO_ON_ALL = "go on with: paranadctl resume"
REPLACED = "it was paused already; the end and the reason are now these"
NOT_ELSEWHERE = "on this machine alone: another that takes over does not know of it"
ALL_STILL_PAUSED = "everything is paused all the same; to end that, too: paranadctl resume"
GOES_ON: Mapping[str, str] = {
    "queues": "queue {name} goes on",
    "tasks": "task {name} goes on",
    "schedule": "schedule entry {name} goes on",
}
"""What is said once it goes on, by the API's list that has it."""


def pause(
    session: Session, name: WhatPauses = None, lasts: For = None, until: Until = None, reason: Reason = None
) -> None:
    """Start no more jobs: of a queue, a task, an entry, or all."""
    body = _asked(lasts, until, reason)
    status = session.client.get("status")
    if name is None:
        answer = session.client.post("pause", body=body)
        session.answer(answer, lambda all_: _all_paused(all_, session.now(), again=bool(status.get("pause"))))
        _note_where(session, status)
        return
    match known := _known_as(session, status, name):
        case {"queues": _, "tasks": _}:
            raise Misuse(QUEUE_AND_TASK(name=quotable(name)))
        case {"tasks": again}:  # an entry of the shop has the name of its task
            answer = session.client.post("tasks", name, "pause", body=body)
            session.answer(
                answer, lambda task: _task_paused(task, session.now(), again=again, entry="schedule" in known)
            )
        case _:
            ((kind, again),) = known.items()
            answer = session.client.post(kind, name, "pause", body=body)
            queues = [each for each in status["queues"] if (kind, each["name"]) == ("queues", name)]
            session.answer(answer, lambda what: _paused(what, session.now(), queues, again=again))
    _note_where(session, status)


def pause_entry(
    session: Session, name: EntryName, lasts: For = None, until: Until = None, reason: Reason = None
) -> None:
    """Pause an entry, over restarts too."""
    status = session.client.get("status")
    was_paused = [each["name"] for each in status["schedule"] if each["paused"]]
    answer = session.client.post("schedule", name, "pause", body=_asked(lasts, until, reason))
    session.answer(answer, lambda entry: _entry_paused(entry, session.now(), again=name in was_paused))
    _note_where(session, status)


def _note_where(session: Session, status: Json) -> None:
    """Say beside a pause that it does not hold where another machine takes over."""
    if status.get("standby"):
        session.note(say(NOT_ELSEWHERE), Style.WARN)


def resume(session: Session, name: WhatGoesOn = None) -> None:
    """Go on after pause or drain."""
    if name is None:
        halted = any(halted_words(session.client.get("status")))
        words = say("all queues, tasks and schedule entries go on") if halted else say("nothing was paused")
        session.answer(session.client.post("resume"), lambda _: [Line(words)])
        return
    status = session.client.get("status")
    known = _known_as(session, status, name)
    for kind in [kind for kind, paused in known.items() if paused] or known:
        words = say(GOES_ON[kind], name=name) if known[kind] else say("{name} was not paused", name=name)
        session.answer(session.client.post(kind, name, "resume"), partial(_only, Line(words)))
    if status.get("pause"):
        session.note(say(ALL_STILL_PAUSED))


def resume_entry(session: Session, name: EntryName) -> None:
    """Resume an entry from now; what it missed is not caught up."""
    session.answer(
        session.client.post("schedule", name, "resume"), lambda entry: [Line(_entry_goes_on(entry, session.now()))]
    )


def _entry_goes_on(entry: Json, at: datetime) -> Phrase:
    if "next" not in entry:
        return say("{name} is forgotten: the configuration no longer has it", name=entry["name"])
    return say("{name} goes on, next {at}", name=entry["name"], at=moment(entry["next"], at))


def _asked(lasts: str | None, until: str | None, reason: str | None) -> Json:
    asked = {"for": lasts, "until": until, "reason": reason}
    return {name: value for name, value in asked.items() if value is not None}


def _known_as(session: Session, status: Json, name: str) -> dict[str, bool]:
    """Return which of the API's lists have *name*: `queues`, `tasks`, `schedule`; and whether it is paused there.

    Raises:
        NotFound: none has it.
    """
    tasks = session.client.get("tasks")["items"]
    gone = status.get("gone_entries", [])  # a daemon of an earlier version has none
    names: Mapping[str, Mapping[str, bool]] = {
        "queues": {queue["name"]: queue["paused"] for queue in status["queues"]},
        "tasks": {task["name"]: False for task in tasks} | {task["name"]: True for task in status["paused_tasks"]},
        "schedule": {entry["name"]: entry["paused"] for entry in status["schedule"]}
        | {entry["name"]: True for entry in gone},
    }
    if known := {kind: paused[name] for kind, paused in names.items() if name in paused}:
        return known
    cure = did_you_mean(name, chain(*names.values())) or KNOWN_NAMES(queues=[*names["queues"]])
    raise NotFound(NOTHING_NAMED(name=quotable(name), cure=cure))


def _only(line: Line, _: Json) -> list[Block]:
    return [line]


def _all_paused(all_: Json, at: datetime, *, again: bool) -> Iterator[Block]:
    yield Line(say("everything is paused"), Style.WARN)
    yield from _how_long(all_, at, again=again)
    yield Line(say("what runs ends; new jobs are stored and wait; what the schedule brings is skipped"), Style.DIM)
    yield Line(say(GO_ON_ALL), Style.DIM)


def _paused(what: Json, at: datetime, queues: Sequence[Json], *, again: bool) -> Iterator[Block]:
    yield Line(say("{name} is paused", name=what["name"]), Style.WARN)
    for queue in queues:
        later = queue["scheduled"] + queue["retryable"]
        if queue["available"] or later:
            yield Line(say("{due:job} due, {later} for later", due=queue["available"], later=later))
    yield from _how_long(what, at, again=again)
    yield Line(say(GO_ON, name=what["name"]), Style.DIM)


def _task_paused(task: Json, at: datetime, *, again: bool, entry: bool) -> Iterator[Block]:
    yield Line(say("task {name} is paused, {due:job} due", name=task["name"], due=task["due"]), Style.WARN)
    yield from _how_long(task, at, again=again)
    yield Line(say(GO_ON, name=task["name"]), Style.DIM)
    if entry:
        yield Line(say(ENTRY_TOO, name=task["name"]), Style.DIM)


def _entry_paused(entry: Json, at: datetime, *, again: bool) -> Iterator[Block]:
    yield Line(say("{name} is paused", name=entry["name"]), Style.WARN)
    yield from _how_long(entry, at, again=again)
    yield Line(say("go on with: paranadctl schedule resume {name}", name=entry["name"]), Style.DIM)


def _how_long(what: Json, at: datetime, *, again: bool) -> Iterator[Block]:
    if again:
        yield Line(say(REPLACED), Style.WARN)
    if what.get("pause"):
        yield Line(pause_words(what["pause"], at))


def pause_words(pause: Json | None, at: datetime) -> Phrase:
    """Return since when and by whom, until when and why something is paused."""
    if pause is None or pause["since"] is None:
        since = say("since an earlier version, so when and by whom is unknown")
    else:
        since = say("since {since} by {by}", since=absolute(pause["since"], at), by=pause["by"] or "?")
    if pause and pause["until"]:
        words = say("{since}, until {until}", since=since, until=absolute(pause["until"], at))
    else:
        words = say("{since}, until somebody resumes it", since=since)
    return say("{pause}: {reason}", pause=words, reason=pause["reason"]) if pause and pause["reason"] else words


def paused_until(pause: Json | None, at: datetime) -> Text:
    """Return `paused`, and until when if it ends by itself."""
    if pause and pause["until"]:
        return say("paused until {until}", until=absolute(pause["until"], at))
    return say("paused")


def pauses_words(items: Sequence[Json], at: datetime) -> Iterator[Line]:
    """Yield how each paused one of *items* is paused."""
    for each in items:
        if each["paused"]:
            words = say("{name} is paused; {pause}", name=each["name"], pause=pause_words(each.get("pause"), at))
            yield Line(words, Style.WARN)


def standing_words(status: Json, at: datetime) -> Iterator[Line]:
    """Yield why jobs that wait do not start: everything is paused, or their queue or task."""
    if pause := status.get("pause"):
        yield Line(say("everything is paused; {pause}", pause=pause_words(pause, at)), Style.WARN)
    for queue in status["queues"]:
        if queue["paused"]:
            words = pause_words(queue.get("pause"), at)
            yield Line(say("queue {name} is paused; {pause}", name=queue["name"], pause=words), Style.WARN)
    for task in status.get("paused_tasks", []):
        words = pause_words(task.get("pause"), at)
        yield Line(say(PAUSED_TASK, name=task["name"], due=task["due"], pause=words), Style.WARN)


def halted_words(status: Json) -> Iterator[Line]:
    """Yield what resuming everything lets go on; nothing if nothing is drained or paused."""
    if status["daemon"]["state"] == "draining":
        yield Line(say("the daemon takes no new jobs, and will again"))
    if status.get("pause"):
        yield Line(say("everything is paused, and goes on"))
    if queues := _paused_names(status["queues"]):
        yield Line(say("paused queues, which go on: {names}", names=queues))
    if tasks := tuple(task["name"] for task in status.get("paused_tasks", [])):
        yield Line(say("paused tasks, which go on: {names}", names=tasks))
    if entries := (*_paused_names(status["schedule"]), *(each["name"] for each in status.get("gone_entries", []))):
        yield Line(say("paused schedule entries, which go on: {names}", names=entries))


def _paused_names(items: Sequence[Json]) -> tuple[str, ...]:
    return tuple(each["name"] for each in items if each["paused"])
