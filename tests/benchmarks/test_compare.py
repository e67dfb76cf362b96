"""The table of `make bench` beside the committed one: by ratio, and a table that cannot be read is said."""

import json
from pathlib import Path

import pytest

from benchmarks.compare import TOLERANCE, Change, compare, report
from benchmarks.figures import Figure, Part, Table, Unreadable, read, write


def table(*figures: Figure) -> Table:
    return {"drain": Part("a machine", list(figures))}


def ratio(name: str, *rounds: float, better: str = "more") -> Figure:
    return Figure(name, "", rounds, better=better)  # type: ignore[arg-type]


def test_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = table(Figure("drain ÷ huey", "", [7.0, 9.0, 8.0], "must 10", "more"), Figure("drain", "/s", [19568.0]))

    write(tmp_path / "build" / "bench.json", written)

    assert written == read(tmp_path / "build" / "bench.json")


def test_medians_of_ratios_are_compared_and_absolute_figures_are_not() -> None:
    compared = compare(
        table(ratio("drain ÷ huey", 10.0, 12.0, 11.0), Figure("drain", "/s", [1.0])),
        table(ratio("drain ÷ huey", 10.0), Figure("drain", "/s", [19568.0])),
    )

    assert [Change("drain ÷ huey", 11.0, 10.0, is_more_better=True)] == compared.changes
    assert ([], []) == (compared.new, compared.gone)
    assert 1.1 == pytest.approx(compared.changes[0].ratio)


@pytest.mark.parametrize(
    ("better", "now", "is_worse"),
    [
        ("more", 10.0 / (1 + TOLERANCE) - 0.01, True),
        ("more", 10.0 / (1 + TOLERANCE) + 0.01, False),
        ("more", 100.0, False),
        ("less", 10.0 * (1 + TOLERANCE) + 0.01, True),
        ("less", 10.0 * (1 + TOLERANCE) - 0.01, False),
        ("less", 1.0, False),
    ],
)
def test_worse_is_marked_beyond_the_tolerance(better: str, now: float, is_worse: bool) -> None:
    compared = compare(table(ratio("it", now, better=better)), table(ratio("it", 10.0, better=better)))

    assert [is_worse] == [change.is_worse for change in compared.changes]
    assert is_worse == ("WORSE" in report(compared))


def test_new_and_gone_figures_are_said() -> None:
    compared = compare(table(ratio("new one", 1.0)), table(ratio("old one", 1.0)))

    assert (["new one"], ["old one"]) == (compared.new, compared.gone)
    assert "new one" in report(compared)
    assert "old one" in report(compared)


def stored(**figure: object) -> str:
    return json.dumps({"drain": {"machine": "a machine", "figures": [{"name": "it", "unit": "", **figure}]}})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no such file"),
        ("{", "JSONDecodeError"),
        ("[]", "AttributeError"),
        ('{"drain": {"machine": "a machine"}}', "figures"),
        (stored(rounds=[1]), "median"),
        (stored(rounds=[], median=1), "no median"),
        (stored(rounds=[1], median=2), "the median of [1] is not 2"),
        (stored(rounds=[1], median=1, speed=3), "speed"),
        (stored(rounds=[0], median=0, better="less"), "nothing can be compared with 0"),
    ],
)
def test_table_that_cannot_be_read_names_file_and_cure(tmp_path: Path, text: str | None, why: str) -> None:
    path = tmp_path / "table.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(Unreadable) as raised:
        read(path)

    said = str(raised.value)
    assert why in said
    assert str(path) in said
    assert f"make bench && cp build/bench.json {path}" in said
