"""Prints what was measured, and on which machine: `python -m benchmarks [ROUNDS]`."""

import os
import platform
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import claim, drain, service, sync

ROUNDS = 5


def in_new_folder(measure: Callable[[Path], float]) -> float:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as folder:
        return measure(Path(folder))


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


def row(what: str, value: str, goal: str = "") -> None:
    print(f"{what:<58}{value:>16}   {goal}", flush=True)


def drains(rounds: int) -> None:
    paired = [tuple(in_new_folder(run) for run in (drain.ours, drain.hueys, drain.limit)) for _ in range(rounds)]
    for at, name in enumerate(("paranad", "huey, SqliteHuey as it comes", "group-commit limit")):
        row(f"drain of {drain.JOBS:,} jobs: {name}", f"{statistics.median(each[at] for each in paired):,.0f} /s")
    row("drain ÷ huey", f"{statistics.median(ours / huey for ours, huey, _ in paired):.2f}", "must 3, aim 7")
    row("drain ÷ limit", f"{statistics.median(ours / most for ours, _, most in paired):.2f}", "must 0.08, aim 0.18")


def claims(rounds: int) -> None:
    few, many, paused = ({"waiting": claim.FEW}, {"waiting": claim.MANY}, {"waiting": claim.FEW, "paused": claim.MANY})
    paired = [
        tuple(in_new_folder(partial(claim.cost_us, **each)) for each in (few, many, paused)) for _ in range(rounds)
    ]
    names = (f"{claim.FEW:,} waiting", f"{claim.MANY:,} waiting", f"{claim.FEW:,}, and {claim.MANY:,} of a paused task")
    for at, name in enumerate(names):
        row(f"claim with {name}", f"{statistics.median(each[at] for each in paired):,.0f} µs")
    row("claim, many ÷ few", f"{statistics.median(each[1] / each[0] for each in paired):.2f}", "must 2, aim 1.2")
    row("claim, paused ÷ few", f"{statistics.median(each[2] / each[0] for each in paired):.2f}", "must 2, aim 1.2")


def services(rounds: int) -> None:
    """What the daemon's users meet: over the socket, at rest, through paranadctl."""
    row(
        f"lists of 100 from {service.CALLERS} callers, drained meanwhile",
        f"{median(service.end_to_end, rounds):,.0f} /s",
        "must 10,000",
    )
    row("lists of 100 ÷ one at a time, one connection", f"{median(service.enqueue_ratio, rounds):.1f}", "must 10")
    waits = [service.pickup_ms() for _ in range(rounds)]
    half, most = (statistics.median(each[at] for each in waits) for at in (0, 1))
    row("pickup through the socket, p50 · p95", f"{half:.1f} · {most:.1f} ms", "must 4 · 10")
    rests = [service.idle() for _ in range(rounds)]
    share, resident = (statistics.median(each[at] for each in rests) for at in (0, 1))
    row("idle, share of a core · resident", f"{share:.2f} % · {resident:.0f} MiB", "must 0.5 % · 90 MiB")
    row("paranadctl status, whole process", f"{median(service.status_ms, rounds):.0f} ms", "must 350")


def syncs(rounds: int) -> None:
    """A large sync, and what the daemon's loop felt of it."""
    runs = [sync.measure() for _ in range(rounds)]
    seconds, resident, blocked = (statistics.median(each[at] for each in runs) for at in (0, 1, 2))
    row(f"sync of {sync.ORDERS:,} courier orders, half of them known", f"{seconds:.1f} s", "must 30")
    row(
        "the same: resident at most · loop blocked at most",
        f"{resident:.0f} MiB · {blocked:.0f} ms",
        "must 300 MiB · 50 ms",
    )


def median(measure: Callable[[], float], rounds: int) -> float:
    return statistics.median(measure() for _ in range(rounds))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{machine()}\nMedians of {rounds} rounds.\n")
    for measure in (drains, claims, services, syncs):
        measure(rounds)


if __name__ == "__main__":
    main()
