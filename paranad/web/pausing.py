"""The acts of the pages that pause and resume: a queue, a task, an entry, everything; for how long and why."""

from collections.abc import Mapping, Sequence

from paranad.cli.commands.pauses import halted_words
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Text, say
from paranad.control.client import ControlClient
from paranad.errors import InvalidRequest
from paranad.web.page import Choice, Field, View
from paranad.web.question import MISSING, Fields, Question, Told

PLACES = {"entry": "schedule", "queue": "queues", "task": "tasks"}
"""What can be paused, and where the API has it."""
PAUSE = ("for", "until", "reason")
"""What may be said of a pause; the form's and the API's names."""
LENGTHS: Mapping[str, Text] = {
    "": say("until somebody resumes it"),
    "30m": say("{count:minute}", count=30),
    **{f"{count}h": say("{count:hour}", count=count) for count in (1, 2, 4, 8, 24)},
}
"""How long a pause may last, as the page offers it; any other end is typed as a time."""


def pause(client: ControlClient, fields: Fields) -> Told:
    """Pause what *fields* name; everything if they name nothing."""
    what, body = _named(fields), {name: fields[name] for name in PAUSE if name in fields}
    if not what:
        client.post("pause", body=body)
        return Told([Line(say("everything is paused"), Style.WARN)])
    place, name = _place(what)
    client.post(PLACES[place], name, "pause", body=body)
    return Told([Line(say("{name} is paused", name=name), Style.WARN)])


def ask_pause(_view: View, fields: Fields) -> Question | None:
    """Ask for how long and why; None: that is said already."""
    if any(name in fields for name in PAUSE):
        return None
    if what := _named(fields):
        _, name = _place(what)
        title, says = say("Pause {name}?", name=name), [Line(say("what runs ends; what comes is stored and waits"))]
    else:
        title = say("Pause everything?")
        says = [Line(say("what runs ends; new jobs are stored and wait; what the schedule brings is skipped"))]
    label = say("Pause everything") if not what else say("Pause")
    return Question(title, says, label, inputs=pause_inputs(fields))


def pause_inputs(fields: Fields) -> Sequence[Choice | Field]:
    """Return what is filled in for a pause, as it was filled in before a refusal."""
    return [
        Choice("for", say("for how long"), fields.get("for", ""), list(LENGTHS.items())),
        Field("until", say("or until"), fields.get("until", ""), hint=say("such as 06:00 or 2026-03-01 06:00")),
        Field("reason", say("why"), fields.get("reason", ""), hint=say("a few words, shown wherever the pause is")),
    ]


def _named(fields: Fields) -> Fields:
    """Return what is to be paused, without how long and why; nothing: everything is."""
    return {name: value for name, value in fields.items() if name not in PAUSE}


def resume(client: ControlClient, fields: Fields) -> Told:
    """Let go on what *fields* name; everything if they name nothing."""
    if not fields:
        client.post("resume")
        return Told([Line(say("all queues, tasks and schedule entries go on"), Style.GOOD)])
    place, name = _place(fields)
    client.post(PLACES[place], name, "resume")
    return Told([Line(say("{name} goes on", name=name), Style.GOOD)])


def ask_resume(view: View, fields: Fields) -> Question | Told | None:
    """Ask before everything goes on, naming what was halted; None: one thing is named."""
    if fields:
        return None
    says = [*halted_words(view.client.get("status"))]
    if not says:
        return Told([Line(say("nothing was paused"))])
    return Question(say("Let everything go on?"), says, say("Let everything go on"))


def _place(fields: Fields) -> tuple[str, str]:
    """Return what is to be paused or resumed, and its name.

    Raises:
        InvalidRequest: nothing is named, or several things are.
    """
    if len(fields) != 1:
        raise InvalidRequest(MISSING(field=" | ".join(PLACES)))
    return next(iter(fields.items()))
