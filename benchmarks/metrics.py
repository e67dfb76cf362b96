"""What the figures for a monitor cost a drain, and how long a scrape takes: `python -m benchmarks.metrics [ROUNDS]`."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.__main__ import in_new_folder, machine, row
from benchmarks.drain import JOBS, ours
from benchmarks.past import JOBS as FINISHED
from benchmarks.past import SHIPMENTS, write_queue, write_shop
from benchmarks.place import Connection, daemon
from paranad.events.event import Event
from paranad.events.queue import JobCompleted, JobStarted
from paranad.metrics.tally import Tally

ROUNDS = 9
SCRAPES = 50
APART_S = 0.2
BATCH = 200
"""About as many outcomes ride in one commit of a drain."""


def tally() -> Tally:
    return Tally(lambda: {"noop"}, ("high", "default"))


def with_and_without(first: bool) -> tuple[float, float, float, float]:
    """Return jobs/s and CPU µs a job, with the listener and without; *first* says which of the two runs first."""
    found: dict[bool, tuple[float, float]] = {}
    for counted in (first, not first):
        began = time.process_time()
        rate = in_new_folder(lambda folder, on=counted: ours(folder, tally().hear if on else None))  # type: ignore[misc]
        found[counted] = rate, (time.process_time() - began) / JOBS * 1e6
    return (*found[True], *found[False])


def alone_ns() -> float:
    """Return what the listener takes for one job: that it has started, and that it is completed."""
    counting = tally()
    ids = {"task": "noop", "queue": "default", "attempt": 1}
    started: Sequence[Event] = [JobStarted(job_id=n, **ids) for n in range(BATCH)]  # type: ignore[arg-type]
    completed: Sequence[Event] = [
        JobCompleted(job_id=n, **ids, wait_ms=n, duration_ms=n % 7)  # type: ignore[arg-type]
        for n in range(BATCH)
    ]
    began = time.perf_counter_ns()
    for _ in range(JOBS // BATCH):
        for event in started:  # each is told by itself
            counting.hear((event,))
        counting.hear(completed)
    counting.fold()
    return (time.perf_counter_ns() - began) / JOBS


def drains(rounds: int) -> None:
    """The drain, paired: in each round once with the listener and once without."""
    paired = [with_and_without(first=bool(number % 2)) for number in range(rounds)]
    rate, cpu, rate_without, cpu_without = (statistics.median(each) for each in zip(*paired, strict=True))
    row("drain with the figures counted · without", f"{rate:,.0f} · {rate_without:,.0f} /s")
    row("the same: CPU a job", f"{cpu:.1f} · {cpu_without:.1f} µs")
    row("the same: CPU with ÷ without, paired", f"{statistics.median(a / b for _, a, _, b in paired):.3f}")
    each_ns = statistics.median(alone_ns() for _ in range(rounds))
    row("the listener alone, a job", f"{each_ns:.0f} ns", f"{each_ns / 1000 / cpu_without:.2%} of its CPU")


def scrapes() -> None:
    """A scrape over a long past, on a daemon that has otherwise nothing to do."""
    with tempfile.TemporaryDirectory(prefix="paranad-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        write_queue(folder / "state")
        write_shop(folder / "shop.sqlite")
        with daemon("paranad", shop=folder / "shop.sqlite", state=folder / "state") as place:
            connection = place.connect()
            first, size = scrape_ms(connection)
            before = place.cpu_s()
            taken = sorted(scrape_ms(connection)[0] for _ in range(SCRAPES))
            cpu_ms = (place.cpu_s() - before) / SCRAPES * 1000
    half, most = taken[SCRAPES // 2], taken[SCRAPES * 95 // 100]
    what = f"{FINISHED:,} jobs, {SHIPMENTS:,} shipments"
    row(f"scrape over {what}, p50 · p95 · first", f"{half:.0f} · {most:.0f} · {first:.0f} ms", "must 100 ms")
    row("the same: CPU · size", f"{cpu_ms:.0f} ms · {size / 1024:.0f} KiB")


def scrape_ms(connection: Connection) -> tuple[float, int]:
    """Return how long one scrape took, and its size in bytes."""
    time.sleep(APART_S)
    began = time.perf_counter()
    connection.request("GET", "/v1/metrics")
    text = connection.getresponse().read()
    taken = (time.perf_counter() - began) * 1000
    assert text.startswith(b"# HELP paranad_up"), text[:200]
    return taken, len(text)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{machine()}\nMedians of {rounds} rounds.\n")
    drains(rounds)
    scrapes()


if __name__ == "__main__":
    main()
