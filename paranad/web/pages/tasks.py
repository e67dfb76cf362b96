"""The pages of tasks: what there is to run, and one of it with its arguments; one can be paused there."""

from paranad.cli.commands.tasks import task_words, tasks_table
from paranad.cli.screen.blocks import Style
from paranad.cli.screen.say import say
from paranad.errors import NotFound
from paranad.web.links import JOBS, TASKS, address, below
from paranad.web.page import Act, Acts, Link, Linked, Page, View
from paranad.wording import unknown_task


def tasks(view: View) -> Page:
    """Show every task, and which are paused."""
    known = view.client.get("tasks")["items"]
    return Page(say("Tasks"), [Linked(tasks_table(known), [below(TASKS, each["name"]) for each in known])])


def task(view: View, name: str) -> Page:
    """Show one task; pause or resume it.

    Raises:
        NotFound: there is no such task.
    """
    known = view.client.get("tasks")["items"]
    found = next((each for each in known if each["name"] == name), None)
    if found is None:
        raise NotFound(unknown_task(name, [each["name"] for each in known]))
    fields = {"task": name}
    halt = Act("resume", say("Resume"), fields, Style.GOOD) if found["paused"] else Act("pause", say("Pause"), fields)
    _, *rest = task_words(
        found, view.client.get("schedule")["items"], view.now, hint=False
    )  # its heading is the page's title
    jobs = Link(say("jobs of {task}", task=name), address(JOBS, task=name))
    return Page(name, [Acts([halt]), *rest, jobs])
