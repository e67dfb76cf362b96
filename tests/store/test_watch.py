"""queue.db while it is open: the file may go away, and another program may keep its -wal from being merged."""

import multiprocessing
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from paranad.errors import StateDamaged, StateGone, Unavailable
from paranad.events.event import Event, Events
from paranad.events.queue import QueueLogHeld, QueueStoreSaved
from paranad.store import watch
from paranad.store.backup import copied
from paranad.store.file import Store, open_store
from paranad.store.integrity import damage
from tests.support.clock import ManualClock
from tests.support.queue import jobs_at_rest, new_job
from tests.support.store import Statement


def opening(folder: Path, clock: ManualClock, events: Events):  # type: ignore[no-untyped-def]
    return open_store(folder, durability="normal", clock=clock, events=events)


def remove_all(store: Store) -> None:
    for each in store.path.parent.glob("queue.db*"):
        each.unlink()


def remove_folder(store: Store) -> None:
    shutil.rmtree(store.path.parent)


def remove_file(store: Store) -> None:
    store.path.unlink()


def remove_log(store: Store) -> None:
    store.path.with_name("queue.db-wal").unlink()


def remove_index(store: Store) -> None:
    store.path.with_name("queue.db-shm").unlink()


@pytest.mark.parametrize("remove", [remove_all, remove_folder, remove_file, remove_log, remove_index])
async def test_file_that_is_removed_is_seen_refuses_new_work_and_is_written_back(
    tmp_path: Path, clock: ManualClock, events: Events, told: list[Event], remove: Callable[[Store], None]
) -> None:
    """An enqueue was acknowledged into a file without a name, and lost with the process."""
    async with opening(tmp_path / "state", clock, events) as store:
        jobs = jobs_at_rest(store, clock, events)
        (first,) = await jobs.enqueue([new_job()])
        remove(store)
        assert (await store.watch.look()).gone

        with pytest.raises(StateGone, match=r"nothing more is taken.*systemctl restart paranad") as caught:
            await jobs.enqueue([new_job()])
        assert 503 == caught.value.status
        with pytest.raises(StateGone):
            async with copied(store, clock):
                pass
        await store.values.put("what has happened", "is stored")

    assert ["queue.store_gone"] == [event.name for event in told if event.name == "queue.store_gone"]
    async with opening(tmp_path / "state", clock, events) as store:
        assert "is stored" == await store.values.get("what has happened")
        assert "carts:expire" == (await jobs_at_rest(store, clock, events).get(first.job_id)).task
    assert None is await damage(tmp_path / "state" / "queue.db", 10)


async def test_file_that_stands_in_its_place_is_left_alone(
    tmp_path: Path, clock: ManualClock, events: Events, told: list[Event]
) -> None:
    async with opening(tmp_path / "state", clock, events) as store:
        await store.values.put("ours", 1)
        store.path.unlink()
        store.path.write_bytes(b"somebody's")
        assert "is another file now" in str((await store.watch.look()).gone)

    saved = tmp_path / "state" / "queue.db.saved"
    assert b"somebody's" == (tmp_path / "state" / "queue.db").read_bytes()
    assert [QueueStoreSaved(path=str(saved))] == [event for event in told if isinstance(event, QueueStoreSaved)]
    assert 0o600 == saved.stat().st_mode & 0o777
    assert None is await damage(saved, 10)


async def test_file_that_is_put_back_is_used_again(store: Store, clock: ManualClock, events: Events) -> None:
    jobs = jobs_at_rest(store, clock, events)
    store.path.rename(store.path.with_suffix(".away"))
    await store.watch.look()
    store.path.with_suffix(".away").rename(store.path)
    await store.watch.look()

    (answer,) = await jobs.enqueue([new_job()])
    assert not answer.duplicate


async def test_second_backup_is_refused_while_one_is_read(store: Store, clock: ManualClock) -> None:
    async with copied(store, clock):
        with pytest.raises(Unavailable, match="one at a time"):
            async with copied(store, clock):
                pass
    async with copied(store, clock):
        pass


def read_for_long(path: Path, started: "multiprocessing.synchronize.Event", free: "multiprocessing.synchronize.Event"):  # type: ignore[no-untyped-def]
    connection = sqlite3.connect(path)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM jobs").fetchone()
    started.set()
    free.wait(60)
    connection.rollback()
    connection.close()


async def test_log_that_a_reader_holds_is_told_with_the_reader_and_shrinks_when_it_has_left(
    store: Store, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "HELD_BYTES", 2**20)
    monkeypatch.setattr(watch, "LOG_BYTES", 2**19)
    context = multiprocessing.get_context("spawn")
    started, free = context.Event(), context.Event()
    reader = context.Process(target=read_for_long, args=(store.path, started, free))
    reader.start()
    assert started.wait(30)
    for n in range(40):
        await store.values.put("large", f"{n}" * 60_000)
    look = await store.watch.look()
    await store.watch.look()
    assert (True, (reader.pid,)) == (look.held, look.held_by)
    assert [QueueLogHeld(mib=look.log_bytes // 2**20, held_by=(reader.pid or 0,))] == [
        event for event in told if isinstance(event, QueueLogHeld)
    ]

    free.set()
    reader.join(30)
    look = await store.watch.look()
    assert (False, ()) == (look.held, look.held_by)
    assert store.path.with_name("queue.db-wal").stat().st_size <= 2**19


async def test_log_shrinks_by_itself_while_work_goes_on(store: Store) -> None:
    [limit] = [row[0] for row in await store.writer.do(Statement("PRAGMA journal_size_limit"))]
    assert watch.LOG_BYTES == limit


async def test_damage_that_is_read_ends_the_watch_and_is_told(store: Store, told: list[Event]) -> None:
    await store.values.put("x", "y" * 400_000)
    await store.writer.do(Statement("PRAGMA wal_checkpoint(TRUNCATE)"))
    size = store.path.stat().st_size
    descriptor = os.open(store.path, os.O_RDWR)
    os.pwrite(descriptor, b"\xff" * (size - 4096 * 3), 4096 * 3)
    os.close(descriptor)

    with pytest.raises(StateDamaged):
        await store.values.get("x")
    with pytest.raises(StateDamaged) as caught:
        await store.watch.run()
    assert 65 == caught.value.exit_code
    assert "queue.store_failed" in [event.name for event in told]
