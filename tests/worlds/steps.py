"""The steps that a daemon does, and the kill or the standstill that falls on one of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from paranad.store.writer import Act, Kind, Writer


class Killed(BaseException):
    """The daemon is dead: nothing of it goes on."""


@dataclass
class Steps:
    """Counts what the daemon does, and kills it, or lets it stand still, where it is told to."""

    left: int = 0
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What happens while the daemon stands still at that step; None: it is killed there."""

    def arm(self, left: int, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        self.left, self.meanwhile = left, meanwhile

    def step(self) -> None:
        if self.left > 1 or (self.left and not self.meanwhile):
            self.left -= 1
            if not self.left:
                raise Killed

    async def pause(self) -> None:
        """Do a step at which the daemon can stand still."""
        if self.left == 1 and self.meanwhile:
            meanwhile = self.meanwhile
            self.arm(0)
            await meanwhile()
        else:
            self.step()


class KillingWriter:
    """The store's writer, as far as shipments use it: a kill may fall before a commit, or after it."""

    def __init__(self, writer: Writer, steps: Steps) -> None:
        self.writer, self.steps = writer, steps

    async def write(self, kind: Kind[Any, Any], item: Any) -> Any:
        await self.steps.pause()
        answer = await self.writer.write(kind, item)
        await self.steps.pause()
        return answer

    async def do(self, act: Act[Any]) -> Any:
        await self.steps.pause()
        answer = await self.writer.do(act)
        await self.steps.pause()
        return answer
