"""What the figures for a monitor cost a drain, and how long a scrape takes."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.cost import Cost, cpu_s
from benchmarks.drain import JOBS, ours
from benchmarks.figures import Figure, in_new_folder
from benchmarks.past import JOBS as FINISHED
from benchmarks.past import SHIPMENTS, write_queue, write_shop
from benchmarks.place import Connection, daemon
from paranad.events.event import Event
from paranad.events.queue import JobCompleted, JobStarted
from paranad.metrics.tally import Tally

SCRAPES = 50
APART_S = 0.2
BATCH = 200
"""About as many outcomes ride in one commit of a drain."""


def tally() -> Tally:
    return Tally(lambda: {"noop"}, ("high", "default"))


def with_and_without(first: bool) -> tuple[Cost, Cost]:
    """Drain with the listener and without; *first* says which of the two runs first."""
    found: dict[bool, Cost] = {}
    for counted in (first, not first):
        found[counted] = in_new_folder(lambda folder, on=counted: ours(folder, tally().hear if on else None))  # type: ignore[misc]
    return found[True], found[False]


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


def scrape_ms(connection: Connection) -> tuple[float, int]:
    """Return how long one scrape took, and its size in bytes."""
    time.sleep(APART_S)
    began = time.perf_counter()
    connection.request("GET", "/v1/metrics")
    text = connection.getresponse().read()
    taken = (time.perf_counter() - began) * 1000
    assert text.startswith(b"# HELP paranad_up"), text[:200]
    return taken, len(text)


def scrapes(folder: Path) -> tuple[list[float], int, float]:
    """Scrape a daemon over a long past; return the times, the first one first, a scrape's bytes and its CPU in ms."""
    write_queue(folder / "state")
    write_shop(folder / "shop.sqlite")
    with daemon("paranad", shop=folder / "shop.sqlite", state=folder / "state") as place:
        connection = place.connect()
        first, size = scrape_ms(connection)
        before = cpu_s(place.pid)
        taken = [scrape_ms(connection)[0] for _ in range(SCRAPES)]
        return [first, *taken], size, (cpu_s(place.pid) - before) / SCRAPES * 1000


def measure(rounds: int) -> Iterator[Figure]:
    paired = [with_and_without(first=bool(number % 2)) for number in range(rounds)]
    counted, without = zip(*paired, strict=True)
    yield Figure("drain with the figures counted", "/s", [cost.rate for cost in counted])
    yield Figure("drain without", "/s", [cost.rate for cost in without])
    yield Figure("with ÷ without, by CPU", "", [a.cpu_s / b.cpu_s for a, b in paired], "", "less")
    yield Figure("the listener alone, a job", "ns", [alone_ns() for _ in range(rounds)])
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        (first, *taken), size, cpu_ms = scrapes(Path(name))
    what = f"scrape over {FINISHED:,} jobs, {SHIPMENTS:,} shipments"
    yield Figure(what, "ms", taken, "must 100")
    yield Figure(f"{what}, the first one", "ms", [first])
    yield Figure(f"{what}: CPU", "ms", [cpu_ms])
    yield Figure(f"{what}: size", "KiB", [size / 1024])
