"""Jobs by filter: whichever statement finds them, they are the same, newest first, page after page."""

from itertools import product

import pytest

from paranad.queue import jobs as room
from paranad.queue.jobs import JobFilter
from paranad.queue.model import State
from paranad.store.file import Store
from tests.support.queue import Line
from tests.support.store import Statement

TASKS, QUEUES = ("carts:expire", "promotions:expire", "orders:delete-old-trashed"), ("high", "default")
FILL = """
INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at, started_at,
    finished_at, error, strikes, set_apart)
SELECT
    value ->> 0, '{}', value ->> 1, 'operator', value ->> 2, 3, 60000000, 1, 1, 1, 1,
    iif(value ->> 2 IN ('completed', 'failed', 'cancelled'), 1, NULL), iif(value ->> 2 = 'failed', 'x', NULL),
    key % 3 = 0, key % 3 = 1
FROM json_each(:jobs)
"""


@pytest.mark.parametrize("few", [0, 10_000])
async def test_jobs_are_found_alike_by_every_way(
    line: Line, store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "FEW", few)
    rows = [[task, queue, state.value] for _ in range(3) for task, queue, state in product(TASKS[:2], QUEUES, State)]
    await store.writer.do(Statement(FILL, {"jobs": str(rows).replace("'", '"')}))
    asked = [None, *({state} for state in State), {State.RUNNING, State.FAILED}, {State.AVAILABLE, State.COMPLETED}]
    for states, task, queue in product(asked, [None, *TASKS], [None, *QUEUES, "low"]):
        expected = [
            number
            for number, row in enumerate(rows, 1)
            if (states is None or row[2] in states) and task in {None, row[0]} and queue in {None, row[1]}
        ]
        where = JobFilter(states=None if states is None else frozenset(states), task=task, queue=queue)
        found, cursor = [], None
        while True:
            page = await line.jobs.find(where, limit=5, cursor=cursor)
            found += [job.id for job in page.items]
            if (cursor := page.next_cursor) is None:
                break
        assert expected[::-1] == found
