"""The way of one job through the program's files, counted: `python -m benchmarks.way`.

A profile hook watches the threads of the event loop and of the store's writer while an idle daemon's API app takes one
`POST /v1/jobs`, its store keeps the job, and its workers run a task that does nothing, until the outcome is stored.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import orjson

import paranad
from benchmarks.drain import QUEUES, opened
from benchmarks.figures import Figure, in_new_folder
from benchmarks.host import Measured
from paranad.clock import SystemClock
from paranad.control.api import create_app
from paranad.control.connections import Peer
from paranad.control.framework import FastAPI
from paranad.control.stream import Stream
from paranad.events.event import Event, Events
from paranad.events.queue import JobCompleted
from paranad.queue.model import Completed, Outcome
from paranad.store.file import Store
from paranad.store.writer import transact
from paranad.tasks.registry import Registry
from paranad.tasks.task import Context, NoArguments

ROOM = f"{Path(paranad.__file__).parent}{os.sep}"
MOST_SHOWN = 12
FRESH = 3
"""The bits of RESUME's argument that are 0 where a function begins, and not where a coroutine goes on."""


@dataclass(frozen=True, slots=True)
class Way:
    """The functions of the program that were entered, in order; a coroutine that goes on is not entered again."""

    steps: Sequence[tuple[str, str]]
    """File below `paranad/`, and the function's qualified name."""

    @property
    def files(self) -> Counter[str]:
        """How many functions were entered in each file."""
        return Counter(file for file, _ in self.steps)

    @property
    def visits(self) -> Counter[str]:
        """How often each file was entered from another."""
        files = [file for file, _ in self.steps]
        return Counter(file for before, file in zip(["", *files], files, strict=False) if file != before)

    @property
    def moves(self) -> int:
        """How often the next function stands in another file."""
        return self.visits.total() - 1


class _Hook:
    """Notes each function of the program that is entered."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(ROOM):
            return
        if code.co_code[frame.f_lasti + 1] & FRESH == 0:
            self.steps.append((code.co_filename.removeprefix(ROOM), code.co_qualname))


async def nothing(_: Context, __: NoArguments) -> Outcome:
    return Completed()


@asynccontextmanager
async def idle_daemon(folder: Path, events: Events) -> AsyncIterator[tuple[FastAPI, Store]]:
    """The API's app with store and workers behind it, all at rest."""
    async with opened(
        folder,
        events,
        perform=lambda running: registry.perform(running),  # noqa: PLW0108 -- made below
        buffered=lambda name: not registry.uses_courier(name),
    ) as queue:
        clock, jobs = SystemClock(), queue.jobs
        task = Measured("bench:nothing", NoArguments, nothing)
        registry = Registry([task], clock=clock, queues=QUEUES, enqueue=jobs.enqueue)
        working = asyncio.create_task(queue.workers.run())
        daemon: Any = SimpleNamespace(
            zone=ZoneInfo("Asia/Baghdad"),
            clock=clock,
            events=events,
            store=queue.store,
            parts=SimpleNamespace(registry=registry, jobs=jobs, workers=queue.workers, standby=None),
        )
        try:
            yield create_app(daemon, Stream(events, clock)), queue.store
        finally:
            await queue.workers.stop()
            await working


async def enqueued(app: FastAPI) -> None:
    """Post one job to *app*."""
    body = orjson.dumps({"task": "bench:nothing"})
    status = 0

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/jobs",
        "raw_path": b"/v1/jobs",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
        "client": ("", 0),
        "server": ("localhost", 80),
        "state": {"peer": Peer(os.getpid(), os.getuid(), os.getgid(), lambda: None)},
        "extensions": {},
    }
    await app(scope, receive, send)
    assert status == 201


async def _watch(store: Store, hook: _Hook) -> None:
    connection = store.writer._connection  # noqa: SLF001 -- in whose thread the transactions run
    await transact(connection, lambda _: sys.setprofile(hook))


async def way_of_a_job(folder: Path) -> Way:
    """Return the way of the third job: the first two fill what is made once, such as the app's own tables."""
    events, completed = Events(), asyncio.Event()

    def hear(told: Sequence[Event]) -> None:
        if any(isinstance(event, JobCompleted) for event in told):
            sys.setprofile(None)
            completed.set()

    events.listen(hear)
    async with idle_daemon(folder, events) as (app, store):
        hook = _Hook()
        for last in (False, False, True):
            completed.clear()
            await asyncio.sleep(0.1)  # the workers are at rest again
            if last:
                await _watch(store, hook)
                sys.setprofile(hook)
            await enqueued(app)
            await completed.wait()
    return Way(hook.steps)


def measure(_: int) -> Iterator[Figure]:
    way = in_new_folder(lambda folder: asyncio.run(way_of_a_job(folder)))
    yield Figure("way of a job: calls", "", [len(way.steps)], "", "less")
    yield Figure("way of a job: moves between files", "", [way.moves], "", "less")
    yield Figure("way of a job: files", "", [len(way.files)], "", "less")


def main() -> None:
    way = in_new_folder(lambda folder: asyncio.run(way_of_a_job(folder)))
    if sys.argv[1:] == ["-v"]:
        print(*(f"{file:<28}{function}" for file, function in way.steps), sep="\n")
    print(f"{len(way.steps)} calls of {len(set(way.steps))} functions in {len(way.files)} files, {way.moves} moves")
    print("most visited:", ", ".join(f"{file} {count}" for file, count in way.visits.most_common(MOST_SHOWN)))


if __name__ == "__main__":
    main()
