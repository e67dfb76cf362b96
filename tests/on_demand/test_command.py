"""A worker that is the operator's own command, run as a job of the real queue."""

import pytest

from paranad.catalogue import PHP_WORK
from paranad.errors import UnknownTask
from paranad.on_demand.decide import MISSED_AFTER_S, State
from paranad.on_demand.ways import ByCommand
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Completed, NewJob, Outcome
from paranad.queue.running import Running
from paranad.said import plain
from paranad.store.file import Store
from tests.on_demand.scene import Scene
from tests.support.queue import Gate, Line, fail_for_good, new_job


def php_work() -> NewJob:
    return new_job(PHP_WORK, unique_key=PHP_WORK, tries=1)


@pytest.fixture
def line(scene: Scene, store: Store) -> Line:
    line = Line(store, scene.clock, scene.events)
    scene.other = ByCommand(line.jobs, php_work)
    scene.use("on-demand")
    return line


async def states(line: Line) -> list[str]:
    return [job.state.value for job in (await line.jobs.find(JobFilter(), limit=9, cursor=None)).items]


async def test_one_job_is_enqueued_runs_beside_no_other_and_counts_as_a_run(scene: Scene, line: Line) -> None:
    gate = Gate()

    async def work(running: Running) -> Outcome:
        await gate(running)
        await scene.work_off()
        return Completed()

    line.scripts[PHP_WORK] = work
    await scene.put("php:default", "php:default")
    assert [State.ASKED, State.ASKED] == [await scene.look(), await scene.look()]
    assert ["available"] == await states(line)
    assert not scene.request.exists()
    async with line.working():
        await gate.started.wait()
        assert [State.RUNNING, State.RUNNING] == [await scene.look(), await scene.look()]
        gate.free.set()
        await line.seen("job.completed")
    assert State.IDLE is await scene.look()
    assert (1, ["completed"]) == (scene.on_demand.standing.runs, await states(line))


async def test_after_a_job_that_failed_the_next_waits_and_the_way_to_look_is_told(scene: Scene, line: Line) -> None:
    line.scripts[PHP_WORK] = fail_for_good
    await scene.put("php:default")
    async with line.working():
        await scene.look()
        await line.seen("job.failed")
    assert State.RESTING is await scene.look()
    assert ["failed"] == await states(line)
    await scene.look(MISSED_AFTER_S)
    missing = scene.missing()
    assert missing
    assert "paranadctl jobs list --task php:work" in missing.cure.text


async def test_a_command_that_is_not_there_is_told(scene: Scene, line: Line) -> None:
    def gone() -> NewJob:
        raise UnknownTask(plain('no task "php:work"'))

    scene.on_demand.way = ByCommand(line.jobs, gone)
    await scene.put("php:default")
    assert State.RESTING is await scene.look()
    assert 'its job cannot be stored: no task "php:work"' == scene.on_demand.why.text
    assert ["php.not_asked"] == [event.name for event in scene.seen.told if event.level == "error"]


async def test_a_reload_from_the_file_to_a_command_takes_the_file_away(scene: Scene, store: Store) -> None:
    await scene.put("php:default")
    await scene.look()
    assert scene.request.exists()
    line = Line(store, scene.clock, scene.events)
    scene.other = ByCommand(line.jobs, php_work)
    scene.use("on-demand")
    assert State.ASKED is await scene.look()
    assert (False, ["available"], 0) == (scene.request.exists(), await states(line), scene.on_demand.standing.runs)
