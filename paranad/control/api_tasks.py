"""Routes about tasks: what there is, a dry run, and the pause of one."""

from typing import Annotated

from paranad.control import requests, schemas, schemas_acts
from paranad.control.bodies import router_of
from paranad.control.framework import Body, Path, Response
from paranad.control.pauses import PauseDep
from paranad.control.routes import DaemonDep, ViewsDep, answer, answers
from paranad.pauses import Kind, Target

router = router_of("tasks", "/v1/tasks")

# A command's task may have a slash in its name, so each path with it takes `{task:path}`.
TaskName = Annotated[str, Path(min_length=1, max_length=100)]


@router.get("", responses=answers(schemas.Items[schemas_acts.Task]))
async def list_tasks(daemon: DaemonDep, show: ViewsDep) -> Response:
    """List every task, an operator's own commands among them."""
    jobs, views = daemon.parts.jobs, await daemon.parts.scheduler.views()
    paused, due = jobs.queues.paused_tasks, await jobs.due_of_paused_tasks()
    shown = []
    for task in daemon.parts.registry.described():
        name = task.facts.name
        entries = [view.entry.name for view in views if view.entry.task == name and view.entry.enabled]
        shown.append(show.task(task, entries, pause=paused.get(name), due=sum(due.get(name, {}).values())))
    return answer(schemas.Items(items=shown))


@router.post("/{task:path}/dry-run", responses=answers(schemas.DryRun))
async def dry_run(
    task: TaskName,
    daemon: DaemonDep,
    asked: Annotated[requests.DryRunRequest, Body(default_factory=requests.DryRunRequest)],
) -> Response:
    """Show what a task would do; nothing is changed and nothing sent. Not a job: answered at once."""
    return answer(schemas.DryRun(task=task, result=await daemon.parts.registry.dry_run(task, asked.args)))


@router.post("/{task:path}/pause", responses=answers(schemas_acts.TaskState))
async def pause(task: TaskName, daemon: DaemonDep, show: ViewsDep, pause: PauseDep) -> Response:
    """Start no more jobs of a task, whatever their queue; survives a restart. New jobs are still stored.

    A paused one gets the new end and reason.
    """
    due = await daemon.parts.pauses.pause(Target(Kind.TASK, daemon.parts.registry.task(task).name), pause)
    return answer(schemas_acts.TaskState(name=task, paused=True, pause=show.pause(pause), due=due))


@router.post("/{task:path}/resume", responses=answers(schemas_acts.TaskState))
async def resume(task: TaskName, daemon: DaemonDep) -> Response:
    """Start jobs of a task again, in their old order."""
    if task not in daemon.parts.jobs.queues.paused_tasks:  # one may be paused that is no longer known
        daemon.parts.registry.task(task)
    await daemon.parts.pauses.resume(Target(Kind.TASK, task))
    return answer(schemas_acts.TaskState(name=task, paused=False, due=0))
