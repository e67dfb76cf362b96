"""What a real Laravel's worker does with the rows counts as worked, whatever becomes of them."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from paranad.clock import SystemClock
from paranad.on_demand.decide import State
from paranad.shop.tables import failed_jobs, jobs
from tests.on_demand.scene import Scene
from tests.support.clock import ManualClock
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, has_laravel

pytestmark = pytest.mark.skipif(not has_laravel(), reason=WITHOUT_LARAVEL)

MAIL = '{"displayName":"App\\\\Mail\\\\Gone","job":"App\\\\Mail\\\\Gone@send","maxTries":null,"data":{},"uuid":"u-1"}'


@pytest.fixture
def clock() -> ManualClock:
    """PHP reads the machine's clock."""
    return ManualClock(wall=SystemClock().now())


@pytest.fixture
def laravel(shop_url: str, tmp_path: Path) -> Laravel:
    folder = tmp_path / "laravel"
    folder.mkdir()
    return Laravel(shop_url, folder)


async def work(laravel: Laravel, queues: str, *options: str) -> None:
    await laravel.artisan("queue:work", "database", "--stop-when-empty", "--sleep=0", f"--queue={queues}", *options)


async def test_rows_done_failed_and_put_off_are_each_worked_and_no_worker_is_asked_for_again(
    scene: Scene, laravel: Laravel
) -> None:
    await laravel.dispatch("newsletter")
    await scene.change(update(jobs).values(queue="php:default"))
    await scene.put("php:high", payload=MAIL)
    assert State.ASKED is await scene.look(2)
    queues = scene.request.read_text("utf-8").strip()
    async with scene.worker():
        await work(laravel, queues, "--tries=2", "--backoff=60")  # the mail's class is gone: it is to be tried again
        assert ["newsletter"] == laravel.worked
    assert State.IDLE is await scene.look()
    assert (1, 0) == (scene.on_demand.standing.runs, scene.on_demand.standing.fruitless)
    await scene.change(update(jobs).values(available_at=0))
    assert State.ASKED is await scene.look()
    async with scene.worker():
        await work(laravel, queues, "--tries=2")
    assert State.IDLE is await scene.look()
    assert (2, 0) == (scene.on_demand.standing.runs, scene.on_demand.standing.fruitless)
    async with scene.shop.read() as connection:
        assert ["php:high"] == list((await connection.execute(select(failed_jobs.c.queue))).scalars())


async def test_a_worker_of_a_shop_that_is_down_works_nothing_off_and_is_rested_after(
    scene: Scene, laravel: Laravel
) -> None:
    await scene.put("php:default", payload=MAIL)
    await scene.look()
    framework = laravel.folder / "framework"
    framework.mkdir()
    (framework / "down").write_text("{}")
    async with scene.worker():
        await work(laravel, "php:high,php:default")
    assert State.RESTING is await scene.look()
