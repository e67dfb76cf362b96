"""The daemon as its users meet it: over the socket, at its start, at rest, and through paranadctl."""

import os
import statistics
import subprocess
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paranad
from benchmarks.cost import Cost, measured
from benchmarks.figures import Figure, blocks
from benchmarks.place import Connection, Place, daemon

LIST = 100
CALLERS = 4
JOBS = 20_000
SINGLES = 500
PICKUPS = 200
SETTLE_S = 3.0
IDLE_S = 15.0
STARTS = 11
PACKAGES = os.pathsep.join((str(Path(paranad.__file__).parents[1]), sysconfig.get_path("purelib")))


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


@contextmanager
def probed(place: Place, connection: Connection, count: int = 1) -> Iterator[Cost]:
    """Measure what a block costs the daemon."""
    connection.run("bench:probe")
    with measured(count, place.pid) as cost:
        yield cost
    report = connection.run("bench:report")
    cost.blocked_ms, cost.busy_ms = report["blocked_ms"], report["busy_ms"]


def end_to_end() -> Cost:
    """From the first request until the last job is completed, several callers at once."""
    with daemon() as place, ThreadPoolExecutor(CALLERS) as callers:
        connections = [place.connect() for _ in range(CALLERS)]
        with probed(place, connections[0], JOBS) as cost:
            lasts = callers.map(lambda connection: _lists(connection, JOBS // CALLERS), connections)
            connections[0].wait_for(max(lasts))  # jobs start in the order of their ids
    return cost


def accepted() -> tuple[Cost, Cost]:
    """Jobs one at a time and in lists, on one connection, nothing else to do."""
    with daemon() as place:
        connection = place.connect()
        connection.ask("POST", "/v1/drain")
        with measured(SINGLES, place.pid) as singles:
            _singles(connection, SINGLES)
        with measured(JOBS // 2, place.pid) as lists:
            _lists(connection, JOBS // 2)
    return singles, lists


def pickups() -> tuple[list[float], Cost]:
    """Milliseconds from the request sent to the task started, on an idle daemon, in order of length."""
    with daemon() as place:
        connection = place.connect()
        with probed(place, connection, PICKUPS) as cost:
            waits = sorted(_one_pickup(connection, n) for n in range(PICKUPS))
    return waits, cost


def _one_pickup(connection: Connection, n: int) -> float:
    before = time.monotonic()
    job = connection.ask("POST", "/v1/jobs", {"task": "bench:noop", "args": {"n": n}})
    started_s: float = connection.wait_for(job["id"])["result"]["started_s"]
    return (started_s - before) * 1000


@dataclass(frozen=True)
class Rest:
    """`paranad run` with the default schedule, started and left alone; beside it one whose loop is watched."""

    start: Cost
    idle: Cost
    anonymous_mib: float
    resident_mib: float


def rest() -> Rest:
    with daemon(schedule=True) as watched, daemon("paranad", schedule=True) as place:
        connection = watched.connect()
        report = connection.run("bench:report")
        place.start.blocked_ms, place.start.busy_ms = report["blocked_ms"], report["busy_ms"]
        time.sleep(SETTLE_S)
        with probed(watched, connection) as beside, measured(pid=place.pid) as idle:
            time.sleep(IDLE_S)
        idle.blocked_ms, idle.busy_ms = beside.blocked_ms, beside.busy_ms
        return Rest(place.start, idle, place.memory_mib("Anonymous"), place.memory_mib("Rss"))


@dataclass(frozen=True)
class Status:
    """Whole processes, by turns: `paranadctl status`, and an interpreter that does nothing."""

    ours: Sequence[Cost]
    nothing: Sequence[Cost]
    daemon: Cost

    @property
    def cpu_ratio(self) -> float:
        return min(each.cpu_s for each in self.ours) / min(each.cpu_s for each in self.nothing)


def status() -> Status:
    with daemon() as place, tempfile.TemporaryDirectory(prefix="paranad-bench-") as folder:
        # An interpreter as an install has it: without the hooks of an editable install and of coverage.
        venv.create(folder)
        python, program = f"{folder}/bin/python", "from paranad.cli.main import main; main()"
        words = (python, "-c", program, "--socket", str(place.socket), "status")
        with probed(place, place.connect(), STARTS) as cost:
            pairs = [(whole(*words), whole(python, "-c", "pass")) for _ in range(STARTS)]
    return Status([ours for ours, _ in pairs], [nothing for _, nothing in pairs], cost)


def whole(*words: str) -> Cost:
    """Run a program to its end."""
    before = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": PACKAGES})
    _, ended, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended)
    assert process.returncode == 0, words
    return Cost(1, time.monotonic() - before, usage.ru_utime + usage.ru_stime)


def measure(rounds: int) -> Iterator[Figure]:
    singles, lists = zip(*(accepted() for _ in range(rounds)), strict=True)
    paired = list(zip(lists, singles, strict=True))
    yield Figure("lists of 100 ÷ one at a time, accepted", "", [a.rate / b.rate for a, b in paired], "must 10", "more")

    waits, costs = zip(*(pickups() for _ in range(rounds)), strict=True)
    yield Figure(
        "pickup through the socket, p50", "ms", [statistics.median(each) for each in waits], "must 2.8, aim 2.0"
    )
    most = [each[int(PICKUPS * 0.95)] for each in waits]
    yield Figure("pickup through the socket, p95", "ms", most, "must 3.5, aim 2.5")
    yield Figure("pickup: CPU of one, until it is seen", "ms", [cost.cpu_s / cost.count * 1000 for cost in costs])
    yield from blocks("pickup", costs)

    runs = [status() for _ in range(rounds)]
    name = "paranadctl status"
    yield Figure(name, "ms", [statistics.median(cost.wall_s * 1000 for cost in run.ours) for run in runs])
    yield Figure(f"{name}: CPU", "ms", [min(cost.cpu_s for cost in run.ours) * 1000 for run in runs])
    yield Figure(f"{name}: CPU ÷ `python -c pass`", "", [run.cpu_ratio for run in runs], "must 9, aim 6", "less")
    yield from blocks(name, [run.daemon for run in runs])

    rests = [rest() for _ in range(rounds)]
    nothing_s = statistics.median(min(each.cpu_s for each in run.nothing) for run in runs)
    start, idle = [each.start for each in rests], [each.idle for each in rests]
    yield Figure("daemon, exec to READY", "ms", [cost.wall_s * 1000 for cost in start])
    yield Figure("daemon, exec to READY: CPU", "ms", [cost.cpu_s * 1000 for cost in start])
    ratio = [cost.cpu_s / nothing_s for cost in start]
    yield Figure("daemon, exec to READY: CPU ÷ `python -c pass`", "", ratio, "must 71, aim 51", "less")
    yield from blocks("daemon, exec to READY", start)
    yield Figure("idle: anonymous memory", "MiB", [each.anonymous_mib for each in rests], "must 60, aim 50", "less")
    yield Figure("idle: resident memory", "MiB", [each.resident_mib for each in rests], "must 80, aim 70", "less")
    yield Figure("idle: share of a core", "%", [cost.cpu_s / cost.wall_s * 100 for cost in idle], "must 0.5, aim 0.1")
    yield from blocks("idle", idle)
