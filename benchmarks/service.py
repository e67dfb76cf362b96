"""The daemon as its users meet it: over the socket, at rest, and through paranadctl."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.place import Connection, Place, daemon

LIST = 100
CALLERS = 4
JOBS = 20_000
PICKUPS = 200
IDLE_S = 30.0


def _lists(connection: Connection, jobs: int) -> int:
    """Enqueue in lists of 100; return the last job's id."""
    body = [{"task": "bench:noop", "args": {"n": n}} for n in range(LIST)]
    last = 0
    for _ in range(jobs // LIST):
        last = connection.ask("POST", "/v1/jobs", body)["items"][-1]["id"]
    return last


def _singles(connection: Connection, jobs: int) -> None:
    for n in range(jobs):
        connection.ask("POST", "/v1/jobs", {"task": "bench:noop", "args": {"n": n}})


def _per_second(jobs: int, enqueue: Callable[[Connection, int], object], connection: Connection) -> float:
    before = time.monotonic()
    enqueue(connection, jobs)
    return jobs / (time.monotonic() - before)


def end_to_end() -> float:
    """Jobs a second from the first request until the last job is completed, several callers at once."""
    with daemon() as place, ThreadPoolExecutor(CALLERS) as callers:
        connections = [place.connect() for _ in range(CALLERS)]
        before = time.monotonic()
        lasts = callers.map(lambda connection: _lists(connection, JOBS // CALLERS), connections)
        connections[0].wait_for(max(lasts))  # jobs start in the order of their ids
        return JOBS / (time.monotonic() - before)


def enqueue_ratio() -> float:
    """How many times faster lists of 100 are than one at a time, on one connection, nothing else to do."""
    with daemon() as place:
        connection = place.connect()
        connection.ask("POST", "/v1/drain")
        singles = _per_second(500, _singles, connection)
        return _per_second(JOBS // 2, _lists, connection) / singles


def pickup_ms() -> tuple[float, float]:
    """From the request sent to the task started, on an idle daemon: median and 95th percentile."""
    with daemon() as place:
        connection = place.connect()
        waits = sorted(_one_pickup(connection, n) for n in range(PICKUPS))
        return statistics.median(waits), waits[int(PICKUPS * 0.95)]


def _one_pickup(connection: Connection, n: int) -> float:
    before = time.monotonic()
    job = connection.ask("POST", "/v1/jobs", {"task": "bench:noop", "args": {"n": n}})
    started_s: float = connection.wait_for(job["id"])["result"]["started_s"]
    return (started_s - before) * 1000


def idle() -> tuple[float, float]:
    """Share of a core in percent and resident MiB of `paranad run` with the default schedule."""
    with daemon("paranad", schedule=True) as place:
        time.sleep(5)
        before = place.cpu_s()
        time.sleep(IDLE_S)
        return (place.cpu_s() - before) / IDLE_S * 100, place.resident_mib()


def status_ms(runs: int = 10) -> float:
    """Median of `paranadctl status` as a whole process."""
    with daemon("paranad") as place:
        return statistics.median(_one_status(place) for _ in range(runs))


def _one_status(place: Place) -> float:
    program = "from paranad.cli.main import main; main()"
    words: Sequence[str] = (sys.executable, "-c", program, "--socket", str(place.socket), "status")
    before = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return (time.monotonic() - before) * 1000
