"""A part in the election whose course a test decides, in the place of the one that asks the shop's database."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from paranad.clock import Clock
from paranad.said import Said
from paranad.standby.decide import NUMBERS, Numbers
from paranad.standby.taken import Taken
from paranad.standby.view import HELD, Role, Seat, StandbyView
from tests.support.clock import SAFETY_S


@dataclass
class DecidedStandby:
    """Stands by for web-1 until `grant`, and holds the lease until `lose`."""

    clock: Clock
    others: list[str] = field(default_factory=lambda: ["web-1"])
    """Who stands by besides."""
    came: list[str] = field(default_factory=list)
    """Who else does at the next look."""
    takes_over: str | None = None
    """Who takes a lease that was given up; None: nobody."""
    taken: Taken | None = None
    did: list[str] = field(default_factory=list)
    machine: str = "web-2"
    holder: str = "b"
    term: int = 5
    permitted: bool = True
    trouble: Said | None = None
    taking_back: asyncio.Event | None = None
    """Until it is set, the lease is being taken back; None: it is at once."""
    numbers: Numbers = NUMBERS

    def __post_init__(self) -> None:
        self._granted, self._lost, self._did = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.why: Said = HELD(machine="web-1")
        self.works: str | None = "web-1"
        """Which machine works while this one does not."""
        self.holds = False

    def grant(self, *, from_another: bool, at: datetime | None = None) -> None:
        at = at or self.clock.now()
        before = "web-1" if from_another else None
        self.taken = Taken(5, from_another, before, at, at + timedelta(seconds=60))
        self._granted.set()

    def lose(self, why: Said) -> None:
        self.why, self.holds = why, False
        self._lost.set()

    async def until(self, act: str, *, times: int = 1) -> None:
        """Wait until it was told to *act*."""
        async with asyncio.timeout(SAFETY_S):
            while self.did.count(act) < times:
                self._did.clear()
                await self._did.wait()

    def _do(self, act: str) -> None:
        self.did.append(act)
        self._did.set()

    @property
    def view(self) -> StandbyView:
        role = Role.ACTIVE if self.holds else Role.STANDBY
        now = self.clock.now()
        seats = [
            Seat("b", self.machine, role, "1", now, True, True, None),
            *(Seat(each, each, Role.STANDBY, "1", now, True, False, None) for each in self.others),
        ]
        return StandbyView(
            role=role,
            machine=self.machine,
            holder_machine=self.machine if self.holds else self.takes_over or self.works,
            since=now,
            standing_since=None if self.holds else now,
            term=5,
            why=self.why,
            takes_at=None,
            trouble=self.trouble,
            cure=None,
            renewed_s=None,
            doubled=False,
            gave_up=False,
            machines=seats,
        )

    def may_claim(self) -> bool:
        return self.holds and self.permitted

    def left_s(self) -> float:
        return 60.0 if self.holds else 0.0

    async def wait_for_lease(self) -> Taken:
        self._do("wait")
        await self._granted.wait()
        assert self.taken is not None
        self.holds = True
        return self.taken

    async def keep(self) -> Said:
        self._do("keep")
        await self._lost.wait()
        return self.why

    async def give_up(self) -> None:
        self._do("give up")
        self.holds = False

    async def look(self) -> None:
        self.others, self.came = [*self.others, *self.came], []

    async def taken_by(self, within_s: float) -> str | None:
        if self.takes_over is None:
            await self.clock.sleep(within_s)
        return self.takes_over

    async def close(self) -> None:
        pass

    async def take_back(self) -> bool:
        self._do("take back")
        if self.taking_back:
            await self.taking_back.wait()
        self.holds = True
        return True
