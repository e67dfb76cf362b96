"""The courier's sandbox as a service inside; SIGUSR1 lets it hold its answers back, SIGUSR2 lets them go.

/run/courier/state.json says what it holds.
"""

import asyncio
import json
import signal
from pathlib import Path

from paranad.clock import SystemClock
from paranad.sandbox.answers import Reply
from paranad.sandbox.books import Behaviour
from paranad.sandbox.rules import Call
from paranad.sandbox.server import Sandbox

STATE = Path("/run/courier/state.json")
PORT = 8099


class Courier(Sandbox):
    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        loop.add_signal_handler(signal.SIGUSR1, self.may_answer.clear)
        loop.add_signal_handler(signal.SIGUSR2, self.may_answer.set)

    async def _answer(self, call: Call) -> Reply:
        reply = await super()._answer(call)
        self.note()
        await self.may_answer.wait()
        return reply

    def note(self) -> None:
        state = {"orders": len(self.orders), "duplicates": self.duplicates(), "base_url": self.base_url}
        new = STATE.with_suffix(".new")
        new.write_text(json.dumps(state))
        new.rename(STATE)


async def main() -> None:
    courier = Courier(SystemClock(), behaviour=Behaviour(rate_limit=10_000), port=PORT)
    courier.listen(asyncio.get_running_loop())
    async with courier:
        courier.note()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
