"""What was measured: figures in parts, printed in rows and kept as JSON."""

import json
import math
import os
import platform
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Literal, TypeVar

from benchmarks.cost import Cost

Better = Literal["more", "less"]
M = TypeVar("M")


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    name: str
    unit: str
    rounds: Sequence[float]
    """What each round measured."""
    goal: str = ""
    better: Better | None = None
    """Which way is better, of a ratio or a count that hardly depends on the machine; None: it is only shown."""

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def __str__(self) -> str:
        value = f"{shown(self.median)} {self.unit}".strip()
        spread = f"{shown(min(self.rounds))} … {shown(max(self.rounds))}" if len(self.rounds) > 1 else ""
        return f"{self.name:<70}{value:>14}   {spread:<22}{self.goal}".rstrip()


@dataclass(frozen=True)
class Part:
    """What one process measured, and on which machine."""

    machine: str
    figures: Sequence[Figure]


Table = dict[str, Part]


class Unreadable(Exception):
    """A table cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path}: expected a table as `make bench` writes it, got {why}; "
            f"write it anew: make bench && cp build/bench.json {path}"
        )


def read(path: Path) -> Table:
    """Return the table at *path*.

    Raises:
        Unreadable: there is none, or it is not one.
    """
    try:
        parts = json.loads(path.read_bytes())
        return {
            name: Part(part["machine"], [_figure(each) for each in part["figures"]]) for name, part in parts.items()
        }
    except FileNotFoundError:
        raise Unreadable(path, "no such file") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(path, f"{type(error).__name__} ({error})") from error


def _figure(values: dict[str, object]) -> Figure:
    median = values.pop("median")
    figure = Figure(**values)  # type: ignore[arg-type]
    if not math.isclose(figure.median, median):  # type: ignore[arg-type]
        raise ValueError(f"{figure.name}: the median of {figure.rounds} is not {median}")
    if figure.better and figure.median <= 0:
        raise ValueError(f"{figure.name}: nothing can be compared with {median}")
    return figure


def write(path: Path, table: Table) -> None:
    """Write *table*, a line for each figure."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(f"{_text(name)}: {_lines(part)}" for name, part in table.items()) + "\n}\n")


def _lines(part: Part) -> str:
    figures = [replace(each, rounds=[float(f"{value:.5g}") for value in each.rounds]) for each in part.figures]
    lines = [_text({**asdict(each), "median": each.median}) for each in figures]
    return f'{{"machine": {_text(part.machine)}, "figures": [\n ' + ",\n ".join(lines) + "\n]}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores, load {load}; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; files in {tempfile.gettempdir()}"
    )


def measure(name: str, rounds: int) -> Part:
    """Measure one part and print its rows as they come."""
    before, figures, part = machine(), [], import_module(f"benchmarks.{name}")
    print(f"\n{name}: {(part.__doc__ or '').splitlines()[0]}", flush=True)
    for figure in part.measure(rounds):
        print(figure, flush=True)
        figures.append(figure)
    return Part(before, figures)


def in_new_folder(measure: Callable[[Path], M]) -> M:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as folder:
        return measure(Path(folder))


def rates(name: str, costs: Sequence[Cost], goal: str = "") -> Iterator[Figure]:
    """How many a second, and what one of them costs the processors."""
    yield Figure(name, "/s", [cost.rate for cost in costs], goal)
    yield Figure(f"{name}: CPU of one, loop's thread", "µs", [cost.loop_s / cost.count * 1e6 for cost in costs])
    yield Figure(f"{name}: CPU of one, other threads", "µs", [cost.others_s / cost.count * 1e6 for cost in costs])


def blocks(name: str, costs: Sequence[Cost], goal: str = "must 20, aim 10") -> Iterator[Figure]:
    """For how long the loop looked at nothing else, at the longest; its processor time leaves busy neighbours out."""
    yield Figure(f"{name}: longest block of the loop", "ms", [cost.blocked_ms for cost in costs])
    yield Figure(f"{name}: the same, its processor time", "ms", [cost.busy_ms for cost in costs], goal)


def ratios(name: str, ours: Sequence[Cost], theirs: Sequence[Cost], goal: str = "") -> Iterator[Figure]:
    """How many times faster ours are, round by round; by the clock, and by what one costs the processors."""
    paired = list(zip(ours, theirs, strict=True))
    yield Figure(name, "", [a.rate / b.rate for a, b in paired], goal, "more")
    yield Figure(f"{name}, by CPU", "", [b.cpu_s / b.count / (a.cpu_s / a.count) for a, b in paired], "", "more")
