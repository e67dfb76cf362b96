import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from paranad.control import stream as stream_module
from paranad.control.client import ControlClient
from paranad.control.stream import HEARTBEAT_S, EventStream, Stream
from paranad.events.daemon import DaemonReady
from paranad.events.event import Events
from paranad.events.queue import JobCancelled, JobOutput
from paranad.events.schedule import ScheduleOccurrenceSkipped
from paranad.said import plain
from tests.support.clock import ManualClock
from tests.support.control import Serve

CANCELLED = JobCancelled(job_id=7, task="carts:expire", queue="default")


def listen_with(stream: Stream) -> ASGIApp:
    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        await EventStream(stream)(scope, receive, send)

    return listening


async def collect(path: Path, listening: asyncio.Event) -> list[dict[str, Any]]:
    loop = asyncio.get_running_loop()

    def read() -> list[dict[str, Any]]:
        with ControlClient(path).events() as happened:
            loop.call_soon_threadsafe(listening.set)
            return list(happened)

    return await to_thread.run_sync(read)


async def test_what_happens_from_now_on_is_told_until_the_daemon_stops(
    serve: Serve, socket_path: Path, stream: Stream, events: Events
) -> None:
    listening = asyncio.Event()
    events.tell(CANCELLED)
    async with serve(listen_with(stream)):
        told = asyncio.create_task(collect(socket_path, listening))
        await listening.wait()
        events.tell(
            DaemonReady(socket="s", recovered=0),
            CANCELLED,
            ScheduleOccurrenceSkipped(
                entry="carts:expire", occurrence="2026-03-02T12:00:00+03:00", reason=plain("paused")
            ),
        )
    at = "2026-03-02T09:00:00+00:00"
    occurrence = "2026-03-02T12:00:00+03:00"
    assert [
        {"event": "job.cancelled", "at": at, "job_id": 7, "task": "carts:expire", "queue": "default"},
        {
            "event": "schedule.occurrence_skipped",
            "at": at,
            "entry": "carts:expire",
            "occurrence": occurrence,
            "reason": "paused",
        },
        {"event": "stream.ended", "reason": "the daemon stops"},
    ] == await told


async def test_a_listener_that_has_gone_is_forgotten(serve: Serve, socket_path: Path, stream: Stream) -> None:
    async with serve(listen_with(stream)):
        with await asyncio.to_thread(open_stream, socket_path):
            assert len(stream.listeners) == 1
        await asyncio.wait_for(stream.empty.wait(), 5)


def open_stream(path: Path) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.connect(str(path))
    caller.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while b"listening" not in caller.recv(4096):
        pass
    return caller


async def test_a_listener_that_does_not_read_delays_no_stop(
    serve: Serve, socket_path: Path, stream: Stream, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "clock", stream_clock := ManualClock())
    line = JobOutput(job_id=1, task="backup", queue="default", stream="stdout", line="x" * 100_000)
    async with serve(listen_with(stream)) as server:
        with await asyncio.to_thread(open_stream, socket_path):
            for _ in range(30):
                events.tell(line)
                await asyncio.sleep(0)
            stopping = asyncio.create_task(server.stop())
            await asyncio.sleep(0)
            await stream_clock.advance(stream_module.FAREWELL_S)
            await stopping
            await asyncio.wait_for(stream.empty.wait(), 5)


async def test_a_listener_that_falls_behind_is_dropped_and_told_so(
    stream: Stream, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "BACKLOG_BYTES", 250)
    listener = stream.join(lambda: None)
    events.tell(CANCELLED)
    events.tell(CANCELLED, CANCELLED)
    assert listener.ended
    assert listener.take().startswith(
        b'event: stream.ended\ndata: {"event":"stream.ended","reason":"you read too slowly'
    )
    events.tell(CANCELLED)
    assert listener.take() == b""


async def test_a_quiet_stream_shows_signs_of_life(
    serve: Serve, socket_path: Path, stream: Stream, clock: ManualClock
) -> None:
    async with serve(listen_with(stream)):
        with await asyncio.to_thread(open_stream, socket_path) as caller:
            await clock.advance(HEARTBEAT_S)
            assert b":\n\n" in await asyncio.to_thread(caller.recv, 100)


async def test_who_comes_after_the_stop_is_sent_away(stream: Stream) -> None:
    await stream.stop()
    listener = stream.join(lambda: None)
    assert b"the daemon stops" in listener.take()
