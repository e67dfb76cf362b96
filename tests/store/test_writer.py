"""The one writer: one commit for all that wait, the guilty one alone fails, nobody hangs."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from paranad.errors import NotFound, ParanadError, StateFull, Unavailable
from paranad.events.event import Event, Events
from paranad.events.queue import QueueStoreFailed, QueueStoreHealed
from paranad.said import plain
from paranad.store.file import Store, open_store
from paranad.store.writer import Kind
from tests.support.clock import ManualClock
from tests.support.store import full_disk

SET = "INSERT INTO named_values (name, value) VALUES (?, ?)"


class Recorder:
    """A kind that inserts names and remembers how they came."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.committed: list[list[str]] = []
        self.kind: Kind[str, str] = Kind(self.apply, self.after)

    def apply(self, connection: sqlite3.Connection, items: Sequence[str]) -> Sequence[str | ParanadError]:
        self.groups.append(list(items))
        for item in items:
            connection.execute(SET, (item, "1"))
        return [NotFound(plain(item)) if item == "not found" else item.upper() for item in items]

    def after(self, items: Sequence[str], _: object) -> None:
        self.committed.append(list(items))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def names(store: Store) -> list[str]:
    return [row["name"] for row in await store.reader.fetch("SELECT name FROM named_values ORDER BY name")]


async def test_what_waits_is_committed_together_and_answered_in_order(store: Store, recorder: Recorder) -> None:
    answers = await asyncio.gather(*(store.writer.write(recorder.kind, name) for name in "abc"))

    assert ["A", "B", "C"] == answers
    assert [["a", "b", "c"]] == recorder.groups == recorder.committed


async def test_write_returns_when_committed(store: Store, recorder: Recorder) -> None:
    await store.writer.write(recorder.kind, "a")

    assert ["a"] == await names(store)


async def test_only_the_guilty_operation_fails(store: Store, recorder: Recorder) -> None:
    await store.writer.write(recorder.kind, "b")

    answers = await asyncio.gather(*(store.writer.write(recorder.kind, name) for name in "abc"), return_exceptions=True)

    assert ["A", "C"] == [answers[0], answers[2]]
    assert isinstance(answers[1], sqlite3.IntegrityError)
    assert ["a", "b", "c"] == await names(store)


async def test_an_operation_of_several_is_stored_whole_or_not_at_all(store: Store, recorder: Recorder) -> None:
    whole = store.writer.submit(recorder.kind, ["a", "b", "a"])
    other = store.writer.submit(recorder.kind, ["c"])

    with pytest.raises(sqlite3.IntegrityError):
        await whole
    assert ["C"] == await other
    assert ["c"] == await names(store)


async def test_an_answer_that_is_an_error_is_raised_and_the_rest_stands(store: Store, recorder: Recorder) -> None:
    refused = store.writer.submit(recorder.kind, ["not found"])
    stored = store.writer.submit(recorder.kind, ["a"])

    with pytest.raises(NotFound):
        await refused
    assert ["A"] == await stored


async def test_a_cancelled_caller_leaves_the_transaction_and_the_writer_alone(store: Store, recorder: Recorder) -> None:
    leaving = asyncio.ensure_future(store.writer.write(recorder.kind, "a"))
    staying = asyncio.ensure_future(store.writer.write(recorder.kind, "b"))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying == "B"
    assert leaving.cancelled()
    assert ["a", "b"] == await names(store)
    assert [["a", "b"]] == recorder.committed


async def test_closing_commits_what_waits_and_refuses_what_comes_later(
    tmp_path: Path, clock: ManualClock, events: Events, recorder: Recorder
) -> None:
    async with open_store(tmp_path, durability="full", clock=clock, events=events) as store:
        waiting = store.writer.submit(recorder.kind, ["a"])

    assert ["A"] == await waiting
    with pytest.raises(Unavailable):
        await store.writer.write(recorder.kind, "b")


async def test_the_writer_outlives_a_cancelled_owner(
    tmp_path: Path, clock: ManualClock, events: Events, recorder: Recorder
) -> None:
    opened: asyncio.Future[Store] = asyncio.get_running_loop().create_future()

    async def own() -> None:
        async with open_store(tmp_path, durability="full", clock=clock, events=events) as store:
            opened.set_result(store)
            await asyncio.Event().wait()

    owner = asyncio.ensure_future(own())
    waiting = (await opened).writer.submit(recorder.kind, ["a"])
    owner.cancel()

    assert ["A"] == await waiting
    with pytest.raises(asyncio.CancelledError):
        await owner


async def test_a_full_disk_refuses_and_heals(store: Store, recorder: Recorder, told: list[Event]) -> None:
    async with full_disk(store):
        with pytest.raises(StateFull, match=r"queue\.db could not be written \(database or disk is full\)"):
            await store.writer.write(recorder.kind, "x" * 100_000)
        failing = store.writer.failing
    await store.writer.write(recorder.kind, "a")

    assert ("state.not_written", None) == (failing and failing.code, store.writer.failing)
    assert ["a"] == await names(store)
    assert [QueueStoreFailed, QueueStoreHealed] == [type(event) for event in told]
