"""Opening queue.db: who may, what is refused, and that a refused file stays as it is."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from paranad.errors import StateDamaged, StateError, StateFromFuture, StateLocked
from paranad.events.event import Events
from paranad.store.backup import copied
from paranad.store.file import Store, open_store
from paranad.store.integrity import checks
from paranad.store.migrate import Migration, known_migrations, migrate
from paranad.store.sqlite import connected
from tests.support.clock import ManualClock
from tests.support.store import Statement


class Opener:
    def __init__(self, state_dir: Path, clock: ManualClock, events: Events) -> None:
        self.state_dir, self.clock, self.events = state_dir, clock, events
        self.path = state_dir / "queue.db"

    def open(self, *, new_state: bool = False) -> AbstractAsyncContextManager[Store]:
        return open_store(self.state_dir, durability="full", clock=self.clock, events=self.events, new_state=new_state)

    async def filled(self) -> bytes:
        """Make a file of some pages; return it."""
        async with self.open() as store:
            for n in range(20):
                await store.values.put(f"value-{n}", "x" * 3000)
        return self.path.read_bytes()


@pytest.fixture
def opener(tmp_path: Path, clock: ManualClock, events: Events) -> Opener:
    return Opener(tmp_path / "lib" / "state", clock, events)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_state_dir_that_is_missing_is_created_0700_and_its_files_0600(opener: Opener) -> None:
    async with opener.open() as store:
        await store.values.put("a", 1)
        modes = {path.name: mode(path) for path in opener.state_dir.iterdir()}

    assert mode(opener.state_dir) == 0o700
    assert dict.fromkeys(["lock", "queue.db", "queue.db-shm", "queue.db-wal"], 0o600) == modes


async def test_what_is_stored_is_there_after_opening_again(opener: Opener) -> None:
    async with opener.open() as store:
        await store.values.put("limiter", {"used": [1, 2]})

    async with opener.open() as store:
        assert {"used": [1, 2]} == await store.values.get("limiter")
        assert await store.values.get("absent") is None


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
async def test_durability_sets_what_a_commit_waits_for(
    tmp_path: Path, clock: ManualClock, events: Events, durability: str, level: int
) -> None:
    async with open_store(tmp_path, durability=durability, clock=clock, events=events) as store:  # type: ignore[arg-type]
        rows = await store.writer.do(Statement("PRAGMA synchronous"))

    assert level == rows[0][0]


async def test_second_daemon_is_refused_and_told_the_pid(opener: Opener) -> None:
    async with opener.open():
        with pytest.raises(StateLocked) as caught:
            async with opener.open():
                pass

    assert os.getpid() == caught.value.pid
    assert caught.value.exit_code == 75


async def test_lock_of_a_process_that_is_gone_is_free(opener: Opener) -> None:
    script = (
        "import os, sys; from pathlib import Path; from paranad.store.place import state_lock\n"
        "with state_lock(Path(sys.argv[1])): os._exit(9)"
    )
    await opener.filled()
    subprocess.run([sys.executable, "-c", script, str(opener.state_dir)], check=False)  # noqa: ASYNC221

    async with opener.open():
        assert str(os.getpid()) == (opener.state_dir / "lock").read_text().strip()


GONE = r"queue\.db: expected the file of an earlier start, .* got {got}; .* from a backup.*paranad run --new-state"


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(("spoil", "got"), [(remove, "no such file"), (empty, "an empty file")])
@pytest.mark.parametrize("killed", [False, True])
async def test_file_that_is_gone_is_not_replaced_by_an_empty_one(
    opener: Opener, spoil: Callable[[Path], None], got: str, killed: bool
) -> None:
    """It took acknowledged jobs and the shipment journal with it; SQLite would delete the -wal, too."""
    await opener.filled()
    log = opener.path.with_name("queue.db-wal")
    if killed:
        log.write_bytes(b"what was not merged yet")
    spoil(opener.path)
    before = {path.name: path.read_bytes() for path in opener.state_dir.iterdir() if path.name != "lock"}

    with pytest.raises(StateDamaged, match=GONE.format(got=got)) as caught:
        async with opener.open():
            pass

    assert 65 == caught.value.exit_code
    assert before == {path.name: path.read_bytes() for path in opener.state_dir.iterdir() if path.name != "lock"}
    async with opener.open(new_state=True) as store:
        assert await store.values.get("value-1") is None
    if killed:
        assert b"what was not merged yet" == log.with_name("queue.db-wal.old").read_bytes()


async def test_new_state_leaves_a_file_that_is_there_alone(opener: Opener) -> None:
    await opener.filled()
    async with opener.open(new_state=True) as store:
        assert await store.values.get("value-1") is not None


@pytest.mark.parametrize("after", ["nothing", "half a file", "a whole file without its name"])
async def test_first_start_that_was_killed_begins_again(opener: Opener, after: str) -> None:
    whole = await opener.filled()
    opener.path.unlink()
    left = {"nothing": b"", "half a file": whole[:5000], "a whole file without its name": whole}[after]
    opener.path.with_name("queue.db.new").write_bytes(left)

    async with opener.open() as store:
        assert await store.values.get("value-1") is None
    assert [] == list(opener.state_dir.glob("*.new*"))


async def test_copies_that_a_killed_daemon_was_making_are_removed(opener: Opener) -> None:
    await opener.filled()
    for name in ("backup-a1b2.db", "backup-a1b2.db-journal", "backup-c3d4.db"):
        (opener.state_dir / name).write_bytes(b"x" * 4096)
    async with opener.open():
        assert [] == list(opener.state_dir.glob("backup-*"))


@pytest.mark.parametrize("index", ["jobs_claimable", "jobs_finished", "jobs_one_unfinished"])
async def test_index_that_lacks_rows_is_refused(opener: Opener, index: str) -> None:
    """A job that is missing from `jobs_claimable` would never be claimed."""
    await opener.filled()
    with sqlite3.connect(opener.path) as connection:
        connection.execute(
            "INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,"
            " unique_key) VALUES ('carts:expire', '{}', 'default', 'operator', 'available', 1, 1, 1, 1, 1, 'k')"
        )
        connection.execute(
            "INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,"
            " finished_at) VALUES ('carts:expire', '{}', 'default', 'operator', 'cancelled', 1, 1, 1, 1, 1, 1)"
        )
        connection.commit()
        connection.execute("PRAGMA writable_schema = ON")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
    connection.close()
    content = bytearray(opener.path.read_bytes())
    page = (root - 1) * 4096
    content[page : page + 4096] = b"\x0a\x00\x00\x00\x00\x10\x00\x00".ljust(4096, b"\x00")  # an index without a row
    opener.path.write_bytes(content)

    with pytest.raises(StateDamaged, match=f"damaged .*index {index}.*restore it from a backup"):
        async with opener.open():
            pass


def test_indexes_are_checked_after_every_stop_that_was_none() -> None:
    mib, tables = 2**20, ["jobs", "shipments", "attempts"]
    whole, quick = "PRAGMA integrity_check(1)", "PRAGMA quick_check(1)"
    found = {
        (size, left): list(checks(size * mib, tables, left_open=left))
        for size in (8, 60, 900)
        for left in (False, True)
    }
    assert found == {
        (8, 0): [whole],
        (8, 1): [whole],
        (60, 0): [quick],
        (60, 1): [whole],
        (900, 0): [],
        (900, 1): [quick, "PRAGMA integrity_check(jobs)", "PRAGMA integrity_check(shipments)"],
    }


async def test_text_that_is_none_is_damage(opener: Opener) -> None:
    whole = await opener.filled()
    damaged = whole.replace(b"CREATE TABLE named_values", b"CREATE TABLE \xff\xfe\xfd_values", 1)
    assert damaged != whole
    opener.path.write_bytes(damaged)
    with pytest.raises(StateDamaged) as caught:
        async with opener.open():
            pass
    assert 65 == caught.value.exit_code


async def test_file_that_is_not_sqlite_is_refused_and_left(opener: Opener) -> None:
    opener.state_dir.mkdir(parents=True)
    opener.path.write_bytes(b"ledger of 1912\n" * 1000)

    with pytest.raises(StateDamaged, match="expected an SQLite file, got something else"):
        async with opener.open():
            pass

    assert b"ledger of 1912\n" * 1000 == opener.path.read_bytes()


async def test_truncated_file_is_refused_and_left(opener: Opener) -> None:
    whole = await opener.filled()
    opener.path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StateDamaged, match="restore it from a backup"):
        async with opener.open():
            pass

    assert whole[: len(whole) // 2] == opener.path.read_bytes()


async def test_damaged_file_is_refused_and_left(opener: Opener) -> None:
    whole = await opener.filled()
    page = len(whole) // 2 // 4096 * 4096
    damaged = whole[:page] + b"\xff" * 4096 + whole[page + 4096 :]
    opener.path.write_bytes(damaged)

    with pytest.raises(StateDamaged) as caught:
        async with opener.open():
            pass

    assert damaged == opener.path.read_bytes()
    assert caught.value.exit_code == 65


@pytest.mark.parametrize("table", ["jobs", "songs"])
async def test_another_programs_sqlite_file_is_refused_and_left_as_it_is(opener: Opener, table: str) -> None:
    opener.state_dir.mkdir(parents=True)
    with sqlite3.connect(opener.path) as connection:
        connection.execute(f"CREATE TABLE {table} (id INTEGER)")
    connection.close()
    before = opener.path.read_bytes()

    with pytest.raises(StateDamaged, match="got another program's"):
        async with opener.open():
            pass

    assert before == opener.path.read_bytes()


async def test_file_from_a_later_version_is_refused(opener: Opener) -> None:
    await _as_later_version(opener, readable_from=9999)

    with pytest.raises(StateFromFuture, match="later version of paranad") as caught:
        async with opener.open():
            pass
    assert caught.value.exit_code == 65


async def test_file_from_a_later_version_that_says_it_can_be_read_is_read(opener: Opener) -> None:
    await _as_later_version(opener, readable_from=1)

    async with opener.open() as store:
        assert await store.values.get("value-1") is not None


async def _as_later_version(opener: Opener, readable_from: int) -> None:
    await opener.filled()
    later = Migration(9999, "later", readable_from, "CREATE TABLE later (id INTEGER) STRICT;")
    async with connected(opener.path, "rw") as connection:
        await migrate(connection, opener.path, opener.clock, [*known_migrations(), later])


async def test_state_dir_that_cannot_be_made_names_path_and_cure(
    tmp_path: Path, clock: ManualClock, events: Events
) -> None:
    (tmp_path / "lib").write_text("a file")

    with pytest.raises(StateError, match=r"lib.*expected to be readable and writable.*daemon\.state_dir"):
        async with open_store(tmp_path / "lib" / "state", durability="full", clock=clock, events=events):
            pass


async def test_file_that_is_not_writable_names_path_and_cure(opener: Opener) -> None:
    opener.path.mkdir(parents=True)

    with pytest.raises(StateError, match=r"queue\.db: expected to be readable and writable"):
        async with opener.open():
            pass


async def test_failed_migration_leaves_the_file_as_it_was(opener: Opener) -> None:
    await opener.filled()
    wrong = Migration(9000, "wrong", 1, "CREATE TABLE half (id INTEGER) STRICT;\nCREATE TABLE jobs (id INTEGER);\n")

    async with connected(opener.path, "rw") as connection:
        with pytest.raises(sqlite3.OperationalError):
            await migrate(connection, opener.path, opener.clock, [*known_migrations(), wrong])
        rows = list(await connection.execute_fetchall("SELECT 1 FROM sqlite_schema WHERE name = 'half'"))

    assert [] == rows


async def test_migrations_are_numbered_without_a_gap(opener: Opener) -> None:
    numbers = [migration.number for migration in known_migrations()]

    assert list(range(1, len(numbers) + 1)) == numbers


async def test_log_of_the_file_that_stood_there_before_is_not_replayed_into_a_restored_copy(opener: Opener) -> None:
    """SQLite replays whatever -wal it finds: the copy would hold what was written after it was made, or be torn."""
    async with opener.open() as store:
        await store.values.put("a", "before the copy")
        async with copied(store, opener.clock) as made:
            copy = made.read_bytes()
        await store.values.put("a", "after the copy")
        log = opener.path.with_name("queue.db-wal")
        left = log.read_bytes()
    opener.path.write_bytes(copy)
    log.write_bytes(left)

    async with opener.open() as store:
        assert "before the copy" == await store.values.get("a")
    assert left == log.with_name("queue.db-wal.old").read_bytes()
