"""The plans of hot statements: each by its own index, nothing sorted, nothing scanned."""

import re

import pytest

from paranad.queue.rows import STATEMENTS
from paranad.store.file import Store

NUMBERS = dict.fromkeys(
    [
        "now",
        "ended",
        "step",
        "snooze",
        "backoff",
        "delay",
        "limit",
        "before",
        "of_schedule",
        "id",
        "job_id",
        "order",
        "scan",
        "lowest",
    ],
    1,
)
TEXTS = {"queue": "default", "task": None, "state": "completed", "strikes": 3, "error": "x", "text": "x"}
LISTS = dict.fromkeys(
    ["ids", "ahead", "keys", "sources", "jobs", "finished", "deliveries", "states", "queues", "originals", "orders"],
    "[]",
)


async def plan(store: Store, name: str) -> str:
    """Return the plan without the words that only some releases of SQLite say of an equal or better one."""
    rows = await store.reader.fetch(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", {**NUMBERS, **TEXTS, **LISTS})
    return re.sub(r"COVERING |EXISTS ", "", "\n".join(row["detail"] for row in rows))


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("claimable", "USING INDEX jobs_claimable (queue=?)"),
        ("suspect", "USING INDEX jobs_suspected (queue=?)"),
        ("claim", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("set_apart", "SCAN jobs USING INDEX jobs_claimable"),
        ("set_apart", "SCAN jobs USING INDEX jobs_suspected"),
        ("put_together", "USING INDEX jobs_set_apart (task=?)"),
        ("queues_set_apart", "USING INDEX jobs_set_apart (task=?)"),
        ("count_set_apart", "USING INDEX jobs_set_apart (task=?)"),
        ("due_set_apart", "USING INDEX jobs_set_apart"),
        ("wake", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("wake_all", "USING INDEX jobs_waiting_for_due (due_at>?)"),
        ("promote", "USING INDEX jobs_waiting_for_due (due_at<?)"),
        ("next_due", "jobs_waiting_for_due"),
        ("pull_back", "USING INDEX jobs_waiting_for_due (due_at>?)"),
        ("put_off_by_key", "USING INDEX jobs_one_put_off (put_off_key=?)"),
        ("promote", "holder USING INDEX jobs_one_unfinished (unique_key=?)"),
        ("unfinished_by_key", "USING INDEX jobs_one_unfinished (unique_key=?)"),
        ("find_set_aside", "USING INDEX jobs_set_aside (state=? AND id<?)"),
        ("oldest_due", "USING INDEX jobs_claimable (queue=?)"),
        ("oldest_due", "USING INDEX jobs_suspected (queue=?)"),
        ("waiting_alone", "USING INDEX jobs_suspected (queue=?)"),
        ("prune", "USING INDEX jobs_finished (state=? AND finished_at>? AND finished_at<?)"),
        ("prune_failed", "USING INDEX jobs_finished (state=? AND finished_at>? AND finished_at<?)"),
        ("prune_intake", "USING INDEX intake_oldest (at<?)"),
        ("failed_ids", "USING INDEX jobs_set_aside (state=?)"),
        ("flush", "USING INDEX jobs_set_aside (state=?)"),
        ("finish", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("complete", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("record_completed", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("recorded", "SEARCH attempts USING PRIMARY KEY (job_id=? AND number=?)"),
        ("record_attempts", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("failed_originals", "originals USING INDEX originals_to_do (step=?)"),
        ("revoked_originals", "originals USING INDEX originals_to_do (step=?)"),
        ("originals_written", "SEARCH originals USING INDEX sqlite_autoindex_originals_1 (source=?)"),
        ("drop_originals", "SEARCH originals USING INDEX sqlite_autoindex_originals_1 (source=?)"),
        ("originals_removed", "SEARCH originals USING INDEX sqlite_autoindex_originals_1 (source=?)"),
        ("revoke_forgotten", "SEARCH originals USING INDEX originals_of_job (job_id=?)"),
        ("revoke_flushed", "SEARCH originals USING INDEX originals_of_job (job_id=?)"),
        ("taken_in", "SEARCH intake USING PRIMARY KEY (source=?)"),
        ("job", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"),
        ("find", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid<?)"),
        ("find_of_order", "SEARCH jobs USING INDEX jobs_of_order (<expr>=? AND id<?)"),
        ("find_of_orders", "SEARCH jobs USING INDEX jobs_of_order (<expr>=?)"),
        ("scan_bounds", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid<?)"),
        ("find_text", "SEARCH jobs USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("find_of_task", "USING INDEX jobs_of_task (task=? AND rowid<?)"),
        ("find_few", "USING INDEX jobs_running"),
        ("find_few", "USING INDEX jobs_claimable"),
        ("find_few", "USING INDEX jobs_suspected"),
        ("find_few", "USING INDEX jobs_set_apart"),
        ("find_few", "USING INDEX jobs_set_aside (state=?)"),
        ("recover", "USING INDEX jobs_running"),
    ],
)
async def test_hot_statement_uses_its_index(store: Store, name: str, index: str) -> None:
    text = await plan(store, name)

    assert index in text
    assert "SCAN jobs" not in text.replace("SCAN jobs USING", "")


@pytest.mark.parametrize(
    "name",
    ["claimable", "suspect", "promote", "next_due", "find", "find_of_order", "find_of_task", "prune", "failed_ids"],
)
async def test_hot_statement_sorts_nothing(store: Store, name: str) -> None:
    assert "TEMP B-TREE" not in await plan(store, name)


async def test_counts_do_not_look_at_jobs(store: Store) -> None:
    assert "jobs " not in (await plan(store, "counts")).replace("job_counts", "")
