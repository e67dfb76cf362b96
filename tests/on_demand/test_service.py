"""Rows of a real shop, the request as a real file; the test does what systemd and PHP do."""

from datetime import datetime

import pytest
from sqlalchemy import delete, func, select, update

from paranad.events.shop import BridgeRowsSetApart
from paranad.on_demand.decide import LONGEST_JOB_S, MISSED_AFTER_S, State
from paranad.on_demand.rows import Backlog, Found, Mark
from paranad.on_demand.ways import NoWay
from paranad.shop.laravel_rows import RETRY_AFTER_S
from paranad.shop.tables import jobs
from tests.on_demand.scene import Scene


async def test_the_request_appears_whole_with_the_queues_in_order_and_goes_with_the_rows(scene: Scene) -> None:
    await scene.put("php:mails", "php:default", "default")
    assert State.ASKED is await scene.look()
    assert "php:high,php:default,php:mails\n" == scene.request.read_text("utf-8")
    assert ["php.wanted"] == [path.name for path in scene.runtime.iterdir()]
    assert 0o644 == scene.request.stat().st_mode & 0o777
    await scene.work_off()
    assert State.IDLE is await scene.look()
    assert not scene.request.exists()


async def test_rows_of_the_daemon_and_rows_that_are_not_due_ask_for_nobody(scene: Scene) -> None:
    now_s = int(scene.clock.now().timestamp())
    await scene.put("default", "phpx", "ph")
    await scene.put("php:default", available_at=now_s + 60)
    await scene.put("php:default", reserved_at=now_s, attempts=1)
    assert State.IDLE is await scene.look()
    assert State.ASKED is await scene.look(RETRY_AFTER_S + 1)


async def test_a_worker_that_comes_is_seen_and_told(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    async with scene.worker():
        assert State.RUNNING is await scene.look()
        await scene.work_off()
    assert State.IDLE is await scene.look()
    assert ["php.asked", "php.run_began", "php.run_ended"] == [event.name for event in scene.seen.told]
    assert (1, "no row waits for PHP") == (scene.on_demand.standing.runs, scene.on_demand.why.text)


async def test_a_row_that_a_worker_tried_counts_as_worked(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    async with scene.worker():
        await scene.look()
        await scene.change(update(jobs).values(attempts=1))
    assert State.ASKED is await scene.look()
    assert 0 == scene.on_demand.standing.fruitless


async def test_a_row_set_apart_meanwhile_does_not_count_as_worked(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    async with scene.worker():
        await scene.look()
        await scene.put("php:default")
    assert State.RESTING is await scene.look()
    assert ["php.run_fruitless"] == [event.name for event in scene.seen.told if event.level == "warning"]


@pytest.mark.parametrize("taken", [False, True])
async def test_a_row_that_went_is_noticed_though_one_with_a_lower_id_joined(scene: Scene, taken: bool) -> None:
    now_s = int(scene.clock.now().timestamp())
    await scene.put("php:default", id=10, reserved_at=now_s if taken else None)
    await scene.put("php:default", id=20)
    await scene.look()
    async with scene.worker():
        await scene.look()
        await scene.change(delete(jobs).where(jobs.c.id == 10))
        await scene.put("php:default", id=5)
    assert State.ASKED is await scene.look()
    assert 0 == scene.on_demand.standing.fruitless


async def test_a_path_unit_that_is_not_enabled_is_told_with_its_cure(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    assert not scene.missing()
    await scene.look(MISSED_AFTER_S)
    missing = scene.missing()
    assert missing
    assert missing.rows == 1
    assert f"{scene.request} is there since 2026-03-02 12:00:01, and nobody took it" == missing.reason.text
    assert "systemctl enable --now paranad-php.path" in missing.cure.text
    await scene.work_off()
    await scene.look()
    assert not scene.missing()


async def test_a_php_that_fails_at_once_is_told_with_where_to_look(scene: Scene) -> None:
    await scene.put("php:default")
    for _ in range(400):
        if await scene.look() is State.ASKED:
            async with scene.worker():
                pass
    assert 6 == scene.on_demand.standing.runs  # after 0, 10, 20, 40, 80 and 160 seconds of rest
    missing = scene.on_demand.missing
    assert missing
    assert "the last run worked nothing off" in missing.reason.text
    assert "journalctl -u paranad-php" in missing.cure.text
    assert 1 == len(scene.seen.named("php.run_fruitless"))


async def test_a_queue_that_the_worker_does_not_take_is_told_by_name_until_its_row_goes(scene: Scene) -> None:
    await scene.put("php:default", "php:reports")
    for _ in range(4):
        await scene.look(100)
        async with scene.worker():
            await scene.change(delete(jobs).where(jobs.c.queue == "php:default"))
            await scene.look()
        await scene.put("php:default")
    await scene.look()
    missing = scene.missing()
    assert missing
    assert "no worker takes the first of php:reports, which waits since 2026-03-02 12:01:40" in missing.reason.text
    assert "--queue names php:reports" in missing.cure.text
    async with scene.worker():
        await scene.change(delete(jobs).where(jobs.c.queue == "php:default"))
        await scene.look()
        assert not scene.on_demand.well
    await scene.work_off()
    await scene.look()
    assert not scene.missing()
    assert scene.on_demand.well


async def test_a_php_that_hangs_is_told_and_no_second_one_is_asked_for_beside_it(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    async with scene.worker():
        for _ in range(6):
            assert State.RUNNING is await scene.look(60)
        missing = scene.missing()
        assert missing
        assert "a worker runs since 2026-03-02 12:01:01, and has worked nothing off for 6" in missing.reason.text
        assert "journalctl -u paranad-php" in missing.cure.text
        assert not scene.request.exists()


async def test_rows_behind_a_long_job_are_not_told_while_the_worker_is_at_it(scene: Scene) -> None:
    """Its reservation holds for 90 s, and then its row is due again by Laravel's rule."""
    await scene.put("php:default", "php:default")
    await scene.look()
    async with scene.shop.read() as connection:
        taken = (await connection.execute(select(func.min(jobs.c.id)))).scalar_one()
    now_s = int(scene.clock.now().timestamp())
    async with scene.worker():
        await scene.change(update(jobs).where(jobs.c.id == taken).values(attempts=1, reserved_at=now_s))
        await scene.look()
        assert State.RUNNING is await scene.look(MISSED_AFTER_S)
        assert (None, None) == (scene.missing(), scene.on_demand.cure)
        assert "a worker runs since 2026-03-02 12:00:02, and is at a job that takes long" == scene.on_demand.why.text
        await scene.look(LONGEST_JOB_S)
        assert scene.missing()


async def test_a_runtime_folder_that_takes_no_file_is_told_once(scene: Scene) -> None:
    await scene.put("php:default")
    scene.runtime.rmdir()
    for _ in range(30):
        assert State.RESTING is await scene.look()
    assert "php.wanted cannot be written: No such file or directory" in scene.on_demand.why.text
    assert "df /run" in str(scene.on_demand.cure)
    assert ["php.not_asked"] == [event.name for event in scene.seen.told]
    scene.runtime.mkdir()
    await scene.look(60)
    assert scene.request.exists()


async def test_without_systemd_and_without_a_command_it_says_what_to_write(scene: Scene) -> None:
    scene.other = NoWay()
    scene.use("on-demand")
    await scene.put("php:default")
    await scene.look()
    await scene.look(MISSED_AFTER_S)
    missing = scene.on_demand.missing
    assert missing
    assert 'there is no [command."php:work"]' in missing.reason.text
    assert "paranadctl reload" in missing.cure.text


async def test_paused_or_switched_off_it_takes_its_request_back(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    scene.halted = True
    assert State.PAUSED is await scene.look()
    assert not scene.request.exists()
    scene.halted = False
    assert State.ASKED is await scene.look()
    scene.use("leave")
    assert State.OFF is await scene.look()
    assert not scene.request.exists()


async def test_a_shop_that_does_not_answer_leaves_it_as_it_stands(scene: Scene) -> None:
    await scene.put("php:default")
    await scene.look()
    async with scene.shop.transaction() as connection:
        await connection.exec_driver_sql("ALTER TABLE jobs RENAME TO elsewhere")
    assert State.ASKED is await scene.look()
    assert scene.request.exists()
    assert [] == [event for event in scene.seen.told if event.level == "error"], "the shop and the bridge tell of it"
    async with scene.shop.transaction() as connection:
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO jobs")
    async with scene.shop.read() as connection:
        assert 1 == len((await connection.execute(select(jobs.c.id))).all())


async def test_at_rest_the_shop_is_asked_seldom_until_the_bridge_sees_a_row(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, seen, look = 0, False, Backlog.look

    async def counted(rows: Backlog, before: Mark, now: datetime) -> Found:
        nonlocal asked
        asked += 1
        return await look(rows, before, now)

    monkeypatch.setattr(Backlog, "look", counted)
    scene.on_demand.is_seen_waiting = lambda: seen
    for _ in range(31):
        await scene.look()
    assert 4 == asked
    await scene.put("php:default")
    assert State.IDLE is await scene.look()
    seen = True
    assert State.ASKED is await scene.look()
    seen = False
    await scene.work_off()
    assert State.IDLE is await scene.look()


async def test_rows_that_are_set_apart_wake_a_look_at_once(scene: Scene) -> None:
    scene.on_demand.is_seen_waiting = lambda: False
    await scene.look()
    await scene.put("php:default")
    scene.events.tell(BridgeRowsSetApart(rows=1))
    assert State.ASKED is await scene.look(0)


async def test_worker_of_the_way_before_a_reload_runs_until_it_ends(scene: Scene) -> None:
    """Its rows are its own as long, whatever the reload says."""
    worker = scene.folder / "paranad-php"
    worker.mkdir()
    assert await scene.on_demand.worker_runs()
    scene.other = NoWay()
    scene.use("leave")
    assert await scene.on_demand.worker_runs()
    worker.rmdir()
    assert not await scene.on_demand.worker_runs()
