"""Live pages: one event stream of the daemon for all of them, and what each is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from paranad.control.client import ControlClient
from paranad.web.live import Live
from tests.support import answers
from tests.support.control_stand_in import StandIn, stand_in_at
from tests.web.conftest import opened

EVENT = {"event": "job.completed", "at": "2026-03-02T12:00:00+03:00"}
PAGES = 50


async def messages(stream: httpx.Response) -> AsyncIterator[str]:
    async for line in stream.aiter_lines():
        if line.startswith("event: "):
            yield line.removeprefix("event: ")


async def test_every_open_page_is_told_by_one_stream_of_the_daemon(stand_in: StandIn) -> None:
    async with opened(stand_in.path) as browser, AsyncExitStack() as open_:
        pages = [messages(await open_.enter_async_context(browser.stream("GET", "/live"))) for _ in range(PAGES)]
        await asyncio.to_thread(stand_in.listening.wait, 20)
        assert {await anext(page) for page in pages} == {"changed"}, "what happened before it listened is not known"
        for _ in range(20):
            stand_in.events.put(EVENT)
        async with asyncio.timeout(20):
            assert {await anext(page) for page in pages} == {"changed"}
    assert stand_in.streams == 1


async def test_daemon_that_goes_and_comes_back_is_told(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with AsyncExitStack() as served:
        with stand_in_at(path):
            browser = await served.enter_async_context(opened(path))
            page = messages(await served.enter_async_context(browser.stream("GET", "/live")))
            async with asyncio.timeout(20):
                assert await anext(page) == "changed"
        async with asyncio.timeout(20):
            assert await anext(page) == "lost"
        with stand_in_at(path):
            async with asyncio.timeout(20):
                while (told := await anext(page)) == "lost":
                    pass
                assert told == "back"


async def test_page_that_is_told_is_given_no_answer_from_before(stand_in: StandIn) -> None:
    """The answer that it was made of is shared with whoever asks within a second: so it is told a second later."""
    stand_in.answer("GET", "status", answers.status(notes=["as it was before"]))
    async with opened(stand_in.path) as browser:
        assert "as it was before" in (await browser.get("/")).text
        stand_in.answer("GET", "status", answers.status(notes=["as it is afterwards"]))
        async with browser.stream("GET", "/live") as stream, asyncio.timeout(20):
            assert await anext(messages(stream)) == "changed"
            assert "as it is afterwards" in (await browser.get("/")).text


async def test_fifty_pages_ask_the_daemon_once(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status())
    async with opened(stand_in.path) as browser:
        answers_ = await asyncio.gather(*(browser.get("/") for _ in range(PAGES)))
    assert {answer.status_code for answer in answers_} == {200}
    asked = [target for _, target, _ in stand_in.asked]
    assert asked.count("status") <= 3, "once a second, however many ask"


async def test_defect_that_ends_the_listening_is_told_and_the_next_page_listens_again(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Exception]] = []
    live = Live(ControlClient(stand_in.path), lambda path, error: told.append((path, error)))
    defect = RuntimeError("a defect")

    def broken(_: ControlClient) -> NoReturn:
        raise defect

    async with asyncio.timeout(20):
        with monkeypatch.context() as patched:
            patched.setattr(ControlClient, "events", broken)
            page = live.messages()
            assert b": listening\n\n" == await anext(page)
            assert b"event: lost\ndata: 1\n\n" == await anext(page)
        assert [("/live", defect)] == told
        another = live.messages()
        assert b": listening\n\n" == await anext(another)
        await asyncio.to_thread(stand_in.listening.wait, 20)
        assert 1 == stand_in.streams
        live.end()
        stand_in.events.put(None)
