"""The way of one job through the program's files, from its request to its stored outcome, stays short."""

from pathlib import Path

from benchmarks.way import way_of_a_job


async def test_way_of_a_job_stays_short(tmp_path: Path) -> None:
    """It was 105 moves between 22 files when Jobs, Workers and Stock called each other in a circle.

    Fewer than these would be a statement that reads a row for each job, or rows that are made beside the others.
    """
    way = await way_of_a_job(tmp_path)

    assert way.moves <= 68, way.visits  # each task says itself which of its arguments a job keeps
    assert len(way.files) <= 20, sorted(way.files)
