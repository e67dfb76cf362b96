"""Work that a cancellation waits for."""

import asyncio
import gc
from typing import Any

import pytest

from paranad.uninterrupted import to_its_end


class Work:
    """Goes on until it is let through, then returns, or raises *error*."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.free = asyncio.Event(), asyncio.Event()
        self.ended = False
        self.error = error

    async def run(self) -> str:
        self.begun.set()
        await self.free.wait()
        self.ended = True
        if self.error:
            raise self.error
        return "done"


async def test_work_ends_before_its_caller_is_cancelled() -> None:
    work = Work()
    caller = asyncio.create_task(to_its_end(work.run()))
    await work.begun.wait()
    caller.cancel()
    work.free.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert work.ended


async def test_work_that_fails_after_its_caller_was_cancelled_is_not_logged_as_forgotten() -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    work = Work(OSError("no"))
    caller = asyncio.create_task(to_its_end(work.run()))
    await work.begun.wait()
    caller.cancel()
    work.free.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    del caller, work
    gc.collect()
    assert [] == told
