"""The plans of what status and the pages ask of the schedule: by indexes, however many runs and jobs there are."""

import pytest

from paranad.schedule.ledger import STATEMENTS
from paranad.store.file import Store


@pytest.mark.parametrize(
    ("name", "searches"),
    [
        (
            "newest",
            [
                "each USING INDEX schedule_runs_newest (entry=?)",
                "run USING INTEGER PRIMARY KEY (rowid=?)",
                "jobs USING INTEGER PRIMARY KEY (rowid=?)",
            ],
        ),
        (
            "history",
            ["run USING INDEX schedule_runs_newest (entry=? AND id<?)", "jobs USING INTEGER PRIMARY KEY (rowid=?)"],
        ),
    ],
)
async def test_runs_are_found_by_an_index(store: Store, name: str, searches: list[str]) -> None:
    params = {"entry": "carts:expire", "before": 1, "limit": 10}
    rows = await store.reader.fetch(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", params)
    plan = "\n".join(row["detail"] for row in rows)
    assert all(f"SEARCH {search}" in plan for search in searches), plan
    assert "TEMP B-TREE" not in plan
