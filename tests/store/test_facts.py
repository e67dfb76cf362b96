"""A fact in a row of queue.db: code and values beside the sentence, and what an earlier version leaves of them."""

import sqlite3
from pathlib import Path

import aiosqlite

from paranad.queue.acts import STRIKES, TOOK_DAEMON_DOWN
from paranad.said import Said, Sentence, plain
from paranad.store.facts import kept, read
from paranad.store.migrate import known_migrations, migrate
from tests.support.clock import ManualClock

GONE = Sentence("test.gone", "order {order} is gone: {reason}")
WHY = Sentence("test.why", "deleted by {names}")


def test_fact_comes_back_from_its_row() -> None:
    said = GONE(order=7, reason=WHY(names=["a", "b"]))
    assert said == read(kept(said), said.text)


def test_sentence_of_a_version_without_codes_stands_alone() -> None:
    assert plain("boom") == read(None, "boom")
    assert read(None, None) is None


def test_code_of_a_sentence_that_an_earlier_version_replaced_counts_no_more() -> None:
    assert Said("", {}, "boom") == read(kept(GONE(order=7, reason="-")), "boom")


def test_text_from_outside_is_kept_once() -> None:
    assert kept(plain("No space left on device")) is None


async def test_job_that_took_the_daemon_down_before_there_were_codes_is_known_by_its_code(tmp_path: Path) -> None:
    said = TOOK_DAEMON_DOWN(strikes=STRIKES)
    async with aiosqlite.connect(tmp_path / "queue.db", isolation_level=None) as connection:
        connection.row_factory = sqlite3.Row
        await migrate(connection, tmp_path, ManualClock(), known_migrations()[:7])
        await connection.execute(
            "INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,"
            " finished_at, error) VALUES ('t', '{}', 'default', 'operator', 'failed', 1, 1, 1, 1, 1, 1, ?)",
            (said.text,),
        )
        await migrate(connection, tmp_path, ManualClock())
        (row,) = await connection.execute_fetchall("SELECT why, error FROM jobs")
    assert said == read(row["why"], row["error"])
