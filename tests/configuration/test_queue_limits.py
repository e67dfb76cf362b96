"""`[queue] limits`: what it may hold, and what is said of what it may not."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from paranad.configuration.load import read_settings
from paranad.configured import judge


def read(folder: Path, text: str, **environ: str) -> tuple[Mapping[str, int], list[str]]:
    """Return the limits that *text* sets below `[queue]`, and the problems."""
    file = folder / "paranad.toml"
    file.write_text(f"[queue]\n{text}\n")
    judged = judge(*read_settings(file, environ))
    return judged.settings.queue.limits, list(map(str, judged.problems))


def test_limits_are_read_from_the_file_and_from_the_environment(tmp_path: Path) -> None:
    assert ({"high": 6}, []) == read(tmp_path, "limits = { high = 6 }")
    assert ({"high": 6}, []) == read(
        tmp_path, "workers = 3", PARANAD_QUEUE__LIMITS="{high=6}", PARANAD_QUEUE__WORKERS="6"
    )


def test_without_limits_there_are_none(tmp_path: Path) -> None:
    assert ({}, []) == read(tmp_path, "")


def test_limit_of_zero(tmp_path: Path) -> None:
    _, [zero, less, unknown] = read(tmp_path, "limits = { high = 0, default = -1, mail = 0 }")
    expected = "paranad.toml: [queue] limits: expected"
    assert f"{expected} 1 or more for high, got 0; so that nothing of it starts: paranadctl pause high" == zero
    assert f"{expected} 1 or more for default, got -1; " in less
    assert f'{expected} the name of a queue (high, default), got "mail"; add it' in unknown


def test_limit_of_an_unknown_queue(tmp_path: Path) -> None:
    _, [near, far] = read(tmp_path, "limits = { hihg = 2, mail = 2 }")
    expected = "paranad.toml: [queue] limits: expected the name of a queue (high, default), got"
    assert f'{expected} "hihg"; did you mean "high"?' == near
    assert f'{expected} "mail"; add it to queues, or take it out' == far


def test_limit_of_more_than_the_workers(tmp_path: Path) -> None:
    _, [problem] = read(tmp_path, "limits = { high = 11 }")
    assert (
        "paranad.toml: [queue] limits: expected at most 10 for high, as many as there are workers, got 11;"
        " write high = 10 or less, or raise workers"
    ) == problem


@pytest.mark.parametrize("value", ["6", "[6]", '{ high = "6" }', "{ high = 1.5 }", "{ high = true }"])
def test_limit_that_is_no_number(tmp_path: Path, value: str) -> None:
    limits, [problem] = read(tmp_path, f"limits = {value}")
    assert {} == limits
    assert problem.startswith("paranad.toml: [queue] limits: expected a whole number from 1 for each queue")
    assert problem.endswith("; write limits = { high = 6 }")
