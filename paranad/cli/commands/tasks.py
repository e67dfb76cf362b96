"""`paranadctl tasks`, `pause` and `resume`: what there is to run, and what may start."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Annotated

import typer

from paranad.cli.commands.schedule import when_words
from paranad.cli.options import Misuse
from paranad.cli.results import value_words
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import duration
from paranad.cli.session import Json, Session
from paranad.errors import NotFound, UnknownTask
from paranad.said import Sentence
from paranad.wording import did_you_mean, quotable, unknown_task

Named = Annotated[str | None, typer.Argument(metavar="NAME", help="The task's name; without it: all of them.")]

MORE = "one with its arguments: paranadctl tasks NAME"
PAUSED_HERE = "task {name} is paused, {due:job} due"
PAUSED = "task {name} is paused, {due:job} due; go on with: paranadctl resume {name}"
ONE_PER: Mapping[str | None, str] = {
    "task": "one job at a time",
    "order": "one job an order at a time",
    "filter": "one job a filter at a time",
    None: "any number of jobs at a time",
}


def tasks(context: typer.Context, name: Named = None) -> None:
    """List every task, or show one with its arguments and schedule."""
    session: Session = context.obj
    answer = session.client.get("tasks")
    if name is None:
        session.answer(answer, lambda page: tasks_words(page["items"]))
        return
    task = next((each for each in answer["items"] if each["name"] == name), None)
    if task is None:
        raise UnknownTask(unknown_task(name, [each["name"] for each in answer["items"]]))
    entries = [] if session.as_json else session.client.get("schedule")["items"]
    session.answer(task, lambda task: task_words(task, entries))


def tasks_words(tasks: Sequence[Json]) -> Iterator[Block]:
    """Yield every task as a table."""
    yield tasks_table(tasks)
    yield Line("")
    yield Line(say(MORE), Style.DIM)
    for task in tasks:
        if task["paused"]:
            yield Line(paused_words(task), Style.WARN)


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


def task_words(task: Json, entries: Sequence[Json], *, hint: bool = True) -> Iterator[Block]:
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
        yield Line(paused_words(task) if hint else say(PAUSED_HERE, name=task["name"], due=task["due"]), Style.WARN)
    if task["args"]:
        yield Heading(say("Arguments"))
        yield Table(columns("argument", "if not given", "meaning"), [_argument(task, each) for each in task["args"]])
    example = " ".join(["paranadctl run", task["name"], *(f"{a['name']}=…" for a in task["args"] if a["required"])])
    yield Line(say("run it: {command}", command=example), Style.DIM)


def _argument(task: Json, argument: Json) -> list[Text | Cell]:
    default: Text | Cell = "-" if argument["default"] is None else value_words(argument["default"])
    if argument["required"]:
        default = Cell(say("required"), Style.WARN)
    words = Phrase(f"argument:{task['name']}:{argument['name']}", "{english}", {"english": argument["words"]})
    return [argument["name"], default, words]


def paused_words(task: Json) -> Phrase:
    """Return that a task is paused, and how it goes on."""
    return say(PAUSED, name=task["name"], due=task["due"])


def halted_words(status: Json) -> Iterator[Line]:
    """Yield what resuming everything lets go on; nothing if nothing is drained or paused."""
    if status["daemon"]["state"] == "draining":
        yield Line(say("the daemon takes no new jobs, and will again"))
    if queues := _paused_names(status["queues"]):
        yield Line(say("paused queues, which go on: {names}", names=queues))
    if tasks := tuple(task["name"] for task in status.get("paused_tasks", [])):
        yield Line(say("paused tasks, which go on: {names}", names=tasks))
    if entries := _paused_names(status["schedule"]):
        yield Line(say("paused schedule entries, which go on: {names}", names=entries))


def _paused_names(items: Sequence[Json]) -> tuple[str, ...]:
    return tuple(each["name"] for each in items if each["paused"])


WhatPauses = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A queue, a task or a schedule entry; without it: all queues.")
]
WhatGoesOn = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A queue, a task or a schedule entry; without it: all that waits.")
]
NOTHING_NAMED = Sentence("usage.nothing_named", 'no queue, task or schedule entry is called "{name}"{cure}')
KNOWN_NAMES = Sentence(
    "usage.known_names", "; queues: {queues}; paranadctl tasks and paranadctl schedule list the others"
)
QUEUE_AND_TASK = Sentence(
    "usage.queue_and_task", 'a queue and a task are both called "{name}"; give the schedule entry another name'
)
ENTRY_TOO = "its schedule entry still enqueues; to pause that alone: paranadctl schedule pause {name}"
GOES_ON: Mapping[str, str] = {
    "queues": "queue {name} goes on",
    "tasks": "task {name} goes on",
    "schedule": "schedule entry {name} goes on",
}
"""What is said once it goes on, by the API's list that has it."""


def pause(context: typer.Context, name: WhatPauses = None) -> None:
    """Start no more jobs: of a queue, a task, or all."""
    session: Session = context.obj
    if name is None:
        for queue in session.client.get("status")["queues"]:
            session.answer(session.client.post("queues", queue["name"], "pause"), _paused)
        return
    match [*_known_as(session, name)]:
        case ["queues", "tasks", *_]:
            raise Misuse(QUEUE_AND_TASK(name=quotable(name)))
        case ["tasks", *entry]:  # an entry of the shop has the name of its task
            session.answer(session.client.post("tasks", name, "pause"), lambda task: _task_paused(task, entry))
        case [kind, *_]:
            session.answer(session.client.post(kind, name, "pause"), _paused)


def resume(context: typer.Context, name: WhatGoesOn = None) -> None:
    """Go on after pause or drain."""
    session: Session = context.obj
    if name is None:
        words = say("all queues, tasks and schedule entries go on")
        session.answer(session.client.post("resume"), lambda _: [Line(words)])
        return
    known = _known_as(session, name)
    for kind in [kind for kind, paused in known.items() if paused] or known:
        words = say(GOES_ON[kind], name=name) if known[kind] else say("{name} was not paused", name=name)
        session.answer(session.client.post(kind, name, "resume"), partial(_only, Line(words)))


def _known_as(session: Session, name: str) -> Mapping[str, bool]:
    """Return which of the API's lists have *name*: `queues`, `tasks`, `schedule`; and whether it is paused there.

    Raises:
        NotFound: none has it.
    """
    status, tasks = session.client.get("status"), session.client.get("tasks")["items"]
    names: Mapping[str, Mapping[str, bool]] = {
        "queues": {queue["name"]: queue["paused"] for queue in status["queues"]},
        "tasks": {task["name"]: False for task in tasks} | {task["name"]: True for task in status["paused_tasks"]},
        "schedule": {entry["name"]: entry["paused"] for entry in status["schedule"]},
    }
    if known := {kind: paused[name] for kind, paused in names.items() if name in paused}:
        return known
    cure = did_you_mean(name, chain(*names.values())) or KNOWN_NAMES(queues=[*names["queues"]])
    raise NotFound(NOTHING_NAMED(name=quotable(name), cure=cure))


def _only(line: Line, _: Json) -> list[Block]:
    return [line]


def _paused(what: Json) -> Iterator[Block]:
    yield Line(say("{name} is paused; go on with: paranadctl resume {name}", name=what["name"]))


def _task_paused(task: Json, entry: Sequence[str]) -> Iterator[Block]:
    yield Line(paused_words(task))
    if entry:
        yield Line(say(ENTRY_TOO, name=task["name"]), Style.DIM)
