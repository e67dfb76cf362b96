"""The demo as a process: how Ctrl-C ends it."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.http import browser

PATIENCE_S = 60.0


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    """Start the demo; give it with its folder as soon as its daemon is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "paranad", "demo", *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for line in process.stdout:
                if b"the daemon is ready" in line:
                    yield process, Path(line.decode().partition("an invented shop in ")[2].partition(",")[0])
                    return
        raise AssertionError("the demo ended before its daemon was ready")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ended(process: asyncio.subprocess.Process) -> str:
    """Send Ctrl-C; return the last line."""
    assert process.stdout
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE_S):
        said = await process.stdout.read()
        await process.wait()
    return said.decode().splitlines()[-1]


async def test_ctrl_c_says_what_ended_and_that_the_folder_is_removed() -> None:
    async with demo() as (process, place):
        said = await ended(process)
    assert f"the demo has ended, its daemon, shop and courier sandbox with it; its folder {place} is removed" == said
    assert (0, False) == (process.returncode, place.exists())


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--once"], 130)])
async def test_ctrl_c_says_where_the_folder_is_that_was_named(tmp_path: Path, options: list[str], status: int) -> None:
    async with demo("--dir", str(tmp_path / "demo"), *options) as (process, place):
        said = await ended(process)
    assert said.endswith(f"its files are in {tmp_path / 'demo'}")
    assert (status, tmp_path / "demo", True) == (process.returncode, place, place.exists())


async def test_demo_prints_the_page_s_address_and_ends_it() -> None:
    async with demo() as (process, _):
        assert process.stdout
        async with asyncio.timeout(PATIENCE_S), browser(follow_redirects=True) as reader:
            async for line in process.stdout:
                if found := re.search(r"http://127\.0\.0\.1:\d+/\S*", line.decode()):
                    break
            page = await reader.get(found[0] if found else "")
            assert (200, True) == (page.status_code, "<h1>Now</h1>" in page.text)
            await ended(process)
            with pytest.raises(httpx.ConnectError):
                await reader.get(found[0] if found else "")
