"""The steps that a daemon does, and the kill that falls on one of them."""

from dataclasses import dataclass
from typing import Any

from paranad.store.writer import Act, Kind, Writer


class Killed(BaseException):
    """The daemon is dead: nothing of it goes on."""


@dataclass
class Steps:
    """Counts what the daemon does, and kills it where it is told to."""

    left: int = 0

    def arm(self, left: int) -> None:
        self.left = left

    def step(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Killed


class KillingWriter:
    """The store's writer, as far as shipments use it: a kill may fall before a commit, or after it."""

    def __init__(self, writer: Writer, steps: Steps) -> None:
        self.writer, self.steps = writer, steps

    async def write(self, kind: Kind[Any, Any], item: Any) -> Any:
        self.steps.step()
        answer = await self.writer.write(kind, item)
        self.steps.step()
        return answer

    async def do(self, act: Act[Any]) -> Any:
        self.steps.step()
        answer = await self.writer.do(act)
        self.steps.step()
        return answer
