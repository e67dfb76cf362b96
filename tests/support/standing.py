"""How a machine stands among others, as a test says it; the election itself has tests of its own."""

from dataclasses import replace
from datetime import datetime, timedelta

from paranad.said import Said, plain
from paranad.standby.service import Standby
from paranad.standby.taken import Taken
from paranad.standby.view import HELD, Role, Seat, StandbyView
from tests.support.clock import START

LATE_S = 40.0
"""Later than the lease has to be renewed for a job to be claimed."""


class Standing(Standby):
    """Answers what the rooms above ask; nothing stands in a database."""

    def __init__(self, machine: str, version: str = "1.0") -> None:
        self.machine, self.version, self.taken = machine, version, None
        self._standing = self._view(Role.STANDBY, None, "the lease has not been looked at yet")
        self.comes: str | None = None
        """Who has begun to stand by since the last look."""

    @property
    def holder(self) -> str:
        return f"id-{self.machine}"

    @property
    def view(self) -> StandbyView:
        return self._standing

    async def look(self) -> None:
        if self.comes is not None:
            self.let_stand_by(self.comes)

    def may_claim(self) -> bool:
        return self._standing.trouble is None

    def stand_by(
        self,
        holder: str | None,
        *,
        why: str | Said = "",
        takes_at: datetime | None = None,
        trouble: str | None = None,
        doubled: bool = False,
        gave_up: bool = False,
    ) -> None:
        """Stand by for *holder*; None: nobody works. Without another *why*, that one renews its lease.

        *gave_up*: this one held it last, and gave it up in order.
        """
        view = self._view(Role.STANDBY, holder, why or HELD(machine=holder or ""), doubled=doubled, gave_up=gave_up)
        self._standing = replace(view, takes_at=takes_at, trouble=plain(trouble) if trouble else None)

    def work(self) -> None:
        """Hold the lease, renewed at second 0; nobody stands by."""
        self._standing = self._view(Role.ACTIVE, self.machine, "this machine holds the lease")

    def take_over_from(self, machine: str, last_renewed_at: datetime, *, given_up: bool = False) -> None:
        """Hold the lease that *machine* held."""
        self.work()
        sent_at = last_renewed_at if given_up else last_renewed_at + timedelta(seconds=60)
        self.taken = Taken(7, True, machine, last_renewed_at, sent_at)

    def fail_to_renew(self, reason: str) -> None:
        """Hold the lease, and have not renewed it for some time."""
        self._standing = replace(self._standing, trouble=plain(reason), renewed_s=-LATE_S)

    def let_stand_by(self, *machines: str, version: str = "1.0", apart_s: float = 0.0) -> None:
        """Let *machines*, and no others, stand by for this one."""
        seats = [_seat(each, Role.STANDBY, version, apart_s) for each in machines]
        itself = [each for each in self._standing.machines if each.is_this]
        self._standing = replace(self._standing, machines=[*itself, *seats])

    def _view(
        self, role: Role, holder: str | None, why: str | Said, *, doubled: bool = False, gave_up: bool = False
    ) -> StandbyView:
        works = role is Role.ACTIVE
        return StandbyView(
            role=role,
            machine=self.machine,
            holder_machine=holder,
            since=START if holder else None,
            standing_since=None if works else START,
            term=7,
            why=plain(why) if isinstance(why, str) else why,
            takes_at=None,
            trouble=None,
            cure=None,
            renewed_s=0.0 if works else None,
            doubled=doubled,
            gave_up=gave_up,
            machines=[
                *([_seat(holder, Role.ACTIVE, is_this=works)] if holder else []),
                *([] if works else [_seat(self.machine, Role.STANDBY, is_this=True)]),
            ],
        )


def _seat(machine: str, role: Role, version: str = "1.0", apart_s: float = 0.0, *, is_this: bool = False) -> Seat:
    return Seat(
        holder=f"id-{machine}",
        machine=machine,
        role=role,
        version=version,
        seen_at=START,
        present=True,
        is_this=is_this,
        clock_ahead_s=apart_s,
    )
