"""The table now beside the committed one: `python -m benchmarks.compare`."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Table, Unreadable, read, shown

NOW, COMMITTED = Path("build/bench.json"), Path("benchmarks/table.json")
TOLERANCE = 0.2
"""By how much a ratio may be worse before it is marked: as much as two runs on a shared machine differ."""


@dataclass(frozen=True)
class Change:
    """A figure of both tables that hardly depends on the machine."""

    name: str
    now: float
    committed: float
    is_more_better: bool

    @property
    def ratio(self) -> float:
        return self.now / self.committed

    @property
    def is_worse(self) -> bool:
        return self.ratio < 1 / (1 + TOLERANCE) if self.is_more_better else self.ratio > 1 + TOLERANCE


@dataclass(frozen=True)
class Comparison:
    changes: Sequence[Change]
    new: Sequence[str]
    gone: Sequence[str]


def compare(now: Table, committed: Table) -> Comparison:
    """Compare what hardly depends on the machine."""
    ours, theirs = _comparable(now), _comparable(committed)
    both = [name for name in ours if name in theirs]
    return Comparison(
        [Change(name, ours[name][0], theirs[name][0], ours[name][1]) for name in both],
        [name for name in ours if name not in theirs],
        [name for name in theirs if name not in ours],
    )


def _comparable(table: Table) -> Mapping[str, tuple[float, bool]]:
    return {
        each.name: (each.median, each.better == "more")
        for part in table.values()
        for each in part.figures
        if each.better
    }


def report(comparison: Comparison) -> str:
    """Return the comparison in lines."""
    lines = [f"{'compared with the committed table':<70}{'now':>10}{'committed':>12}{'now ÷ committed':>18}"]
    for change in comparison.changes:
        mark = f"   WORSE by more than {TOLERANCE:.0%}" if change.is_worse else ""
        values = f"{shown(change.now):>10}{shown(change.committed):>12}{change.ratio:>18.2f}"
        lines.append(f"{change.name:<70}{values}{mark}")
    lines += [f"{name:<70}{'new: not in the committed table':>40}" for name in comparison.new]
    lines += [f"{name:<70}{'gone: in the committed table alone':>40}" for name in comparison.gone]
    return "\n".join(lines)


def main() -> int:
    """Print the comparison of the last run; return the exit status."""
    try:
        print(report(compare(read(NOW), read(COMMITTED))))
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
