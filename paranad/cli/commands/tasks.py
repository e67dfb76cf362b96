"""`paranadctl tasks`: what there is to run."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from paranad.cli.commands.pauses import GO_ON, PAUSED_TASK, pause_words
from paranad.cli.commands.schedule import when_words
from paranad.cli.parsing import Argument
from paranad.cli.results import value_words
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import duration
from paranad.cli.session import Json, Session
from paranad.errors import UnknownTask
from paranad.wording import unknown_task

Named = Annotated[str | None, Argument("NAME", "The task's name; without it: all of them.")]

MORE = "one with its arguments: paranadctl tasks NAME"
ONE_PER: Mapping[str | None, str] = {
    "task": "one job at a time",
    "order": "one job an order at a time",
    "filter": "one job a filter at a time",
    "arguments": "one job for equal arguments at a time",
    None: "any number of jobs at a time",
}


def tasks(session: Session, name: Named = None) -> None:
    """List every task, or show one with its arguments and schedule."""
    answer = session.client.get("tasks")
    if name is None:
        session.answer(answer, lambda page: tasks_words(page["items"], session.now()))
        return
    task = next((each for each in answer["items"] if each["name"] == name), None)
    if task is None:
        raise UnknownTask(unknown_task(name, [each["name"] for each in answer["items"]]))
    entries = [] if session.as_json else session.client.get("schedule")["items"]
    session.answer(task, lambda task: task_words(task, entries, session.now()))


def tasks_words(tasks: Sequence[Json], at: datetime) -> Iterator[Block]:
    """Yield every task as a table."""
    yield tasks_table(tasks)
    yield Line("")
    yield Line(say(MORE), Style.DIM)
    for task in tasks:
        if task["paused"]:
            yield Line(paused_words(task, at), Style.WARN)
            yield Line(say(GO_ON, name=task["name"]), Style.DIM)


def tasks_table(tasks: Sequence[Json]) -> Table:
    """Return tasks as a table, one a row."""
    rows = [[_name(each), _does(each), each["queue"], each["tries"], duration(each["timeout_s"])] for each in tasks]
    return Table(columns("task", "does", "queue", "#tries", "timeout"), rows, spared=("timeout", "tries", "queue"))


def _name(task: Json) -> Cell:
    return Cell(task["name"], Style.WARN if task["paused"] else Style.NONE)


def _does(task: Json) -> Text:
    """Return what the task does; that it is paused comes first."""
    does = summary_words(task)
    return (say("paused"), does) if task["paused"] else does


def summary_words(task: Json) -> Phrase:
    """Return what a task does."""
    if task["command"]:
        return say("runs {command}", command=shlex.join(task["command"]))
    return Phrase(f"task:{task['name']}", "{english}", {"english": task["summary"]})


def task_words(task: Json, entries: Sequence[Json], at: datetime, *, hint: bool = True) -> Iterator[Block]:
    """Yield everything known of one task; *entries* are those of the schedule. With *hint* also how it goes on."""
    yield Line(task["name"], Style.HEADING)
    facts: list[tuple[Phrase, Text | Cell]] = [
        (say("does"), summary_words(task)),
        (say("queue"), task["queue"]),
        (say("tries"), task["tries"]),
        (say("timeout"), duration(task["timeout_s"])),
        (say("unfinished"), say(ONE_PER[task["one_per"]])),
        *((say("schedule"), when_words(each)) for each in entries if each["name"] in task["schedule"]),
    ]
    if not task["schedule"]:
        facts.append((say("schedule"), say("none: it is asked for")))
    yield Table(["", ""], [[name, value] for name, value in facts])
    if task["paused"]:
        yield Line(paused_words(task, at), Style.WARN)
        if hint:
            yield Line(say(GO_ON, name=task["name"]), Style.DIM)
    if task["args"]:
        yield Heading(say("Arguments"))
        yield Table(columns("argument", "if not given", "meaning"), [_argument(task, each) for each in task["args"]])
    example = " ".join(["paranadctl run", task["name"], *(f"{a['name']}=…" for a in task["args"] if a["required"])])
    yield Line(say("run it: {command}", command=example), Style.DIM)


def paused_words(task: Json, at: datetime) -> Phrase:
    """Return that a task is paused, since when, until when and why."""
    return say(PAUSED_TASK, name=task["name"], due=task["due"], pause=pause_words(task.get("pause"), at))


def _argument(task: Json, argument: Json) -> list[Text | Cell]:
    default: Text | Cell = "-" if argument["default"] is None else value_words(argument["default"])
    if argument["required"]:
        default = Cell(say("required"), Style.WARN)
    words = Phrase(f"argument:{task['name']}:{argument['name']}", "{english}", {"english": argument["words"]})
    return [argument["name"], default, words]
