"""`paranadctl web` as a process: what it prints, where it listens, how it ends."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from paranad.errors import RequestError
from paranad.web.served import FORGOTTEN, LOOK, Attention, bind
from tests.support import answers
from tests.support.clock import ManualClock
from tests.support.control_stand_in import StandIn
from tests.support.http import browser

PARANADCTL = "from paranad.cli.main import main; main()"


@asynccontextmanager
async def paranadctl(*words: str, stdin: int = asyncio.subprocess.DEVNULL) -> AsyncIterator[asyncio.subprocess.Process]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PARANAD"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARANADCTL,
        *words,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ | {"LANG": "C.UTF-8"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def address_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    async with asyncio.timeout(30):
        return str(json.loads(await process.stdout.readline())["address"])


async def test_web_serves_this_machine_alone_and_ends_in_order(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status())
    async with paranadctl("web", "--json", "--socket", str(stand_in.path)) as process:
        address = await address_of(process)
        assert address.startswith("http://127.0.0.1:")
        async with browser(follow_redirects=True) as reader:
            page = await reader.get(address)
            assert (page.status_code, str(page.url)) == (200, address.partition("?")[0])
            async with reader.stream("GET", page.url.join("/live")) as live:
                assert [line async for line in _first(live)] == [": listening"]
                process.send_signal(signal.SIGINT)
                async with asyncio.timeout(20):
                    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def _first(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        yield line
        return


async def test_enter_in_the_terminal_prints_another_address(stand_in: StandIn) -> None:
    """The one before opens nothing any more."""
    stand_in.answer("GET", "status", answers.status())
    ours, theirs = os.openpty()
    async with paranadctl("web", "--json", "--socket", str(stand_in.path), stdin=theirs) as process:
        first = await address_of(process)
        os.write(ours, b"\n")
        second = await address_of(process)
        assert first.partition("=")[0] == second.partition("=")[0]
        async with browser(follow_redirects=True) as reader:
            assert [403, 200, 200] == [(await reader.get(each)).status_code for each in (first, second, second)]
        async with browser(follow_redirects=True) as reader:
            assert (await reader.get(second)).status_code == 403
    os.close(ours)
    os.close(theirs)


async def test_web_starts_without_a_daemon(tmp_path: Path) -> None:
    async with (
        paranadctl("web", "--json", "--socket", str(tmp_path / "none.sock")) as process,
        browser(follow_redirects=True) as reader,
    ):
        assert (await reader.get(await address_of(process))).status_code == 503


async def test_port_that_is_taken_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with paranadctl("web", "--port", str(port), "--socket", str(tmp_path / "s")) as process:
            async with asyncio.timeout(30):
                out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert f"port {port} of 127.0.0.1 is taken" in err.decode()
    assert "--port" in err.decode()


def test_usual_port_that_is_taken_is_no_trouble() -> None:
    with bind(None) as first, bind(None) as second:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert first.getsockname()[1] != second.getsockname()[1]
        with pytest.raises(RequestError, match="is taken"):
            bind(second.getsockname()[1])


def test_answer_in_two_parts_waits_for_no_acknowledgement() -> None:
    with bind(None) as listening, socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_page_that_nobody_looks_at_counts_as_forgotten(clock: ManualClock) -> None:
    async def app(*_: object) -> None:
        return

    attention = Attention(app, clock)

    async def asked(path: str, *headers: tuple[bytes, bytes]) -> None:
        await attention({"type": "http", "method": "GET", "path": path, "headers": [*headers]}, None, None)  # type: ignore[arg-type]

    await clock.advance(FORGOTTEN - LOOK)
    await asked("/", (b"accept", b"text/html"))
    await clock.advance(FORGOTTEN - LOOK)
    assert not attention.is_gone()
    await asked("/", (b"sec-fetch-mode", b"cors"))
    await asked("/live")
    await clock.advance(LOOK)
    assert attention.is_gone(), "a page that renews itself is nobody"
