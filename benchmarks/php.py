"""A PHP worker that is asked for beside one that stands: from row to done, and memory at rest, on one MariaDB.

Needs what `.ci/run` installs for the tests. What systemd does with the request is
done here by a loop that looks for the file every 2 ms and starts the same program, without the service's confinement.
"""

import asyncio
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from benchmarks.figures import Figure
from benchmarks.place import daemon, memory_mib
from paranad.clock import SystemClock
from paranad.events.event import Events
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, command, has_laravel
from tests.support.mariadb import is_installed, running_server

ROWS = 8
"""In a round."""
SLEEP_S = 3
"""What the standing worker sleeps when it has found nothing: the shop's own `--sleep`."""
LOOK_S = 0.002
PATIENCE_S = 60.0
QUEUES = "php:high,php:default"


class Rows:
    """The shop's rows of a class that only PHP knows."""

    def __init__(self, url: str, laravel: Laravel) -> None:
        self.url, self.laravel, self.payload = url, laravel, ""

    async def learn(self) -> None:
        """Let Laravel write one row, and keep its payload."""
        await self.laravel.dispatch("newsletter")
        shop = self._shop()
        async with shop.read() as connection:
            self.payload = (await connection.execute(select(jobs.c.payload))).scalar_one()
        await shop.close()
        await self.laravel.work()

    async def put(self) -> None:
        now_s = int(time.time())
        shop = self._shop()
        async with shop.transaction() as connection:
            await connection.execute(
                insert(jobs).values(
                    queue="default", payload=self.payload, attempts=0, available_at=now_s, created_at=now_s
                )
            )
        await shop.close()

    def done(self) -> int:
        """Return how many rows PHP has worked."""
        with suppress(FileNotFoundError):
            return self.laravel.worked_file.read_bytes().count(b"\n")
        return 0

    def _shop(self) -> Shop:
        return Shop(self.url, ZoneInfo("Asia/Baghdad"), SystemClock(), Events())


def waits(rows: Rows, count: int) -> list[float]:
    """Return the seconds from each row's commit until PHP has worked it, at random instants on an idle shop."""
    random, found = Random(7), list[float]()
    for _ in range(count):
        time.sleep(random.uniform(0.5, 0.5 + SLEEP_S))
        before = rows.done()
        asyncio.run(rows.put())
        committed = time.perf_counter()
        while rows.done() == before:
            assert time.perf_counter() - committed < PATIENCE_S
            time.sleep(LOOK_S)
        found.append(time.perf_counter() - committed)
    return found


def by_standing_worker(rows: Rows, count: int) -> tuple[list[float], float]:
    """Return the waits at one `queue:work`, and its memory at rest."""
    words = command(["queue:work", f"--sleep={SLEEP_S}", "--quiet"])
    worker = subprocess.Popen(words, env=rows.laravel.environment())
    try:
        time.sleep(2)
        return waits(rows, count), memory_mib(worker.pid, "Pss")
    finally:
        worker.terminate()
        worker.wait()


@contextmanager
def path_unit(runtime: Path, laravel: Laravel) -> Iterator[None]:
    """Start a worker whenever the request appears, one at a time, as the two units do."""
    request, worker, ended = runtime / "php.wanted", runtime.parent / "paranad-php", threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_S):
            if request.exists():
                worker.mkdir()
                request.rename(worker / "queues")
                queues = (worker / "queues").read_text().strip()
                words = command(["queue:work", "--stop-when-empty", "--sleep=0", f"--queue={queues}", "--quiet"])
                subprocess.run(words, env=laravel.environment(), check=False)
                (worker / "queues").unlink()
                worker.rmdir()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def by_request(rows: Rows, count: int, folder: Path) -> list[float]:
    """Return the waits at workers that are asked for by the file."""
    runtime = folder / "paranad"
    runtime.mkdir(parents=True)
    environ = {"PARANAD_SHOP__PHP": "on-demand", "RUNTIME_DIRECTORY": str(runtime)}
    with daemon("paranad", shop=rows.url, environ=environ), path_unit(runtime, rows.laravel):
        return waits(rows, count)


def by_command(rows: Rows, count: int) -> list[float]:
    """Return the waits at workers that are run as jobs of `[command."php:work"]`."""
    program = rows.laravel.folder / "work"
    words = " ".join(command(["queue:work", "--stop-when-empty", "--sleep=0", f"--queue={QUEUES}", "--quiet"]))
    given = "\n".join(
        f"export {name}='{value}'" for name, value in rows.laravel.environment().items() if name not in os.environ
    )
    program.write_text(f"#!/bin/sh\n{given}\nexec {words}\n")
    program.chmod(0o755)
    settings = f'[command."php:work"]\ncommand = ["{program}"]\n'
    with daemon("paranad", shop=rows.url, settings=settings, environ={"PARANAD_SHOP__PHP": "on-demand"}):
        return waits(rows, count)


def shown(name: str, found: list[float]) -> Iterator[Figure]:
    ordered = sorted(found)
    yield Figure(f"{name}, from row to done", "ms", [each * 1000 for each in ordered])
    yield Figure(f"{name}, 95th percentile", "ms", [ordered[int(len(ordered) * 0.95)] * 1000])


def measure(rounds: int) -> Iterator[Figure]:
    if not (is_installed() and has_laravel()):
        print(f"PHP on demand, {WITHOUT_LARAVEL} mariadb-server")
        return
    count = ROWS * rounds
    with running_server() as server, tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        folder, url = Path(name), server.make_database("shop")
        rows = Rows(url, Laravel(url, folder))
        asyncio.run(rows.learn())
        found, mib = by_standing_worker(rows, count)
        yield from shown(f"queue:work --sleep={SLEEP_S} that stands", found)
        yield Figure("its memory at rest; of those that are asked for there is none", "MiB", [mib])
        yield from shown("asked for by the file", by_request(rows, count, folder / "run"))
        yield from shown("asked for by the command", by_command(rows, count))
