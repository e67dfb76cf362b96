"""Stands by until the lease is held, renews it while the daemon works, and gives it up in order."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from paranad.clock import Clock, wall_time
from paranad.errors import StateError
from paranad.events import standby as told
from paranad.events.event import Events
from paranad.said import Said
from paranad.shop.errors import ShopError
from paranad.standby import view as words
from paranad.standby.decide import (
    NUMBERS,
    Numbers,
    Row,
    Seen,
    Take,
    Term,
    Wait,
    Way,
    Why,
    decide,
    is_over,
    left_s,
    may_claim,
    noted,
)
from paranad.standby.memory import Memory, Remembering
from paranad.standby.rows import LeaseRows, Look, Presence
from paranad.standby.setup import Setup, Trouble, trouble_of
from paranad.standby.taken import Held, Taken, before_of, taken_of
from paranad.standby.view import Role, StandbyView, changes, lost_to, others_present, seats, why_it_waits
from paranad.uninterrupted import to_its_end

ASKED_EVERY_S = 0.25
"""How often it is asked who has taken over after the lease was given up."""

TRIES = 2
"""How often it is tried to give the lease up, or to take back what was given up."""


class Standby:
    """One daemon's part in the election: `wait_for_lease`, then `keep`, then `give_up`; the rest at any time."""

    def __init__(
        self,
        rows: LeaseRows,
        remembering: Remembering,
        setup: Setup,
        clock: Clock,
        events: Events,
        *,
        machine: str,
        version: str,
        zone: ZoneInfo,
        new_text: Callable[[], str],
        numbers: Numbers = NUMBERS,
    ) -> None:
        """Prepare it; nothing is asked of the database yet.

        Args:
            rows: the lease in the database.
            remembering: what this state directory remembers of it.
            setup: what makes and examines the table.
            clock: times everything by `elapsed`.
            events: told of each change.
            machine: what this machine is called.
            version: the program's.
            zone: of the instants that are shown.
            new_text: draws a text that nobody else has.
            numbers: how long each thing takes.
        """
        self.machine, self.version, self.numbers, self.setup = machine, version, numbers, setup
        self.taken: Taken | None = None
        """What was last taken since the start; None: nothing yet."""
        self._rows, self._remembering, self._clock, self._events = rows, remembering, clock, events
        self._zone, self._new_text, self._doubled = zone, new_text, False
        self._held: Held | None = None
        self._gone: Row | None = None
        """What was given up last, or is being taken: nobody knows whether it was."""
        self._seen: Seen | None = None
        self._seen_at, self._seen_s = clock.now(), clock.elapsed()
        """Since when the lease is as it was last seen."""
        self._look: Look | None = None
        self._stands_since: datetime | None = clock.now()
        self._present_s: float | None = None
        self._wait: Wait | None = None
        self._trouble: Trouble | None = None
        self._not_renewed: Said | None = None
        self._told: Said | None = None
        self._present: Mapping[str, Presence] = {}
        """Who stood by at the last look of the working daemon, by identity."""

    @property
    def holder(self) -> str:
        """This daemon's identity: who holds the lease, or has made a mark."""
        return self._remembering.memory.holder

    @property
    def term(self) -> int:
        """The term in which this daemon holds the lease; 0: it does not."""
        return self._held.row.term if self._held else 0

    def may_claim(self) -> bool:
        """Tell whether a job may be claimed at this instant."""
        return self._held is not None and may_claim(self._held.renewed_s, self._clock.elapsed(), self.numbers)

    def left_s(self) -> float:
        """Return how many seconds are left on the lease; 0: it is not held, or nothing may begin any more."""
        return left_s(self._held.renewed_s, self._clock.elapsed(), self.numbers) if self._held else 0.0

    async def wait_for_lease(self) -> Taken:
        """Stand by until this daemon holds the lease. Whatever is wrong with the database is told, and waited out."""
        self._seen, self._stands_since = None, self._clock.now()
        while True:
            look = await self._looked()
            if look and await self._is_fit() and (taken := await self._decided(look)):
                return taken
            await self._say_present()
            await self._clock.sleep(self.numbers.look_s)

    async def keep(self) -> Said:
        """Renew the lease until it is over; return why. While it is given up nothing is renewed."""
        next_s = self.numbers.renew_s
        while True:
            await self._clock.sleep(min(next_s, self._until_over_s()))
            held = self._held
            if held is None:
                next_s = self.numbers.retry_s
                continue
            if is_over(held.renewed_s, self._clock.elapsed(), self.numbers):
                reason = self._not_renewed or words.NO_ANSWER_YET()
                return self._over(held, words.NOT_RENEWED(seconds=self.numbers.works_for_s, reason=reason))
            renewed = await self._renewed(held)
            next_s = self.numbers.renew_s if renewed else self.numbers.retry_s
            # Without an answer there would be none to a look either.
            look = None if renewed is None else await self._looked()
            if look and self._holds(held.row):
                if lost := lost_to(held.row, look.row):
                    return self._over(held, lost)
                self._tell_of_others(look)

    async def give_up(self) -> None:
        """Give up the lease if it is held, and stand by no longer; what cannot be said now expires by itself."""
        # One that is over is not given up: another may hold it by now.
        held, self._held = (self._held if self.left_s() else None), None
        if held:
            self._gone, self._stands_since, self._told = held.row, self._clock.now(), words.GAVE_UP()
            # First: what may have been given up is never again taken at once for this daemon's own.
            await self._keep(self._remembering.memory.given_up())
        for _ in range(TRIES):  # a connection may have been cut long ago
            try:
                given_up = await to_its_end(self._rows.give_up(self._gone)) if self._gone else False
                if given_up and held:
                    self._events.tell(told.LeaseGivenUp(term=held.row.term))
                await to_its_end(self._rows.be_absent(self.holder))
            except ShopError as error:
                self._trouble = trouble_of(error)
            else:
                break

    async def look(self) -> None:
        """Look at the table now, so that `view` says what it shows; a table that cannot be read is told."""
        await self._looked()

    async def taken_by(self, within_s: float) -> str | None:
        """Wait until another has taken the lease that was given up; return its machine, None if none has in time."""
        until_s = self._clock.elapsed() + within_s
        while True:
            row = look.row if (look := await self._looked()) else None
            if row and row.holder != self.holder and not row.given_up:
                return row.machine
            if self._clock.elapsed() >= until_s:
                return None
            await self._clock.sleep(ASKED_EVERY_S)

    async def take_back(self) -> bool:
        """Take the lease again that was given up, unless another has it; tell whether it is held.

        It is taken in a new term: of the old one, giving up may still be on its way to the database.
        """
        for _ in range(TRIES):  # what was sent to give it up may be carried out meanwhile
            look = await self._looked()
            if look is None or look.row is None or look.row.token not in self._remembering.memory.terms:
                return False
            seen = Seen(look.row, self._clock.elapsed())
            if self._seen and look.row.term < self._seen.highest:
                return False  # another took it, and a failover has brought the older row back
            if await self._take(Take(Way.OWN, look.row.term + 1), seen, look):
                return True
        return False

    async def close(self) -> None:
        """Close the connection to the database."""
        await self._remembering.close()
        await self._rows.close()

    # -------------------------------------------------------- standing by

    async def _looked(self) -> Look | None:
        """Look at the table, and note what it shows; None: it cannot be read, which is told."""
        try:
            look = await self._rows.look()
        except ShopError as error:
            self._trouble = trouble_of(error)
            self._tell_waiting(words.UNREADABLE(reason=self._trouble.reason))
            return None
        self._look, self._trouble = look, None
        before, self._seen = self._seen, noted(self._seen, look.row, self._clock.elapsed())
        if self._seen != before:
            self._seen_at, self._seen_s = self._clock.now(), self._seen.since_s
        return look

    async def _is_fit(self) -> bool:
        """Tell whether the table is as it should be: without its key two would each hold a lease."""
        if lacking := await self.setup.lacking():
            self._trouble = lacking
            self._tell_waiting(words.UNUSABLE(reason=lacking.reason))
        return lacking is None

    async def _decided(self, look: Look) -> Taken | None:
        seen = self._seen or Seen(look.row, self._clock.elapsed())
        choice = decide(
            self.holder,
            self._remembering.memory.terms,
            seen,
            others_present=bool(others_present(look, self.holder)),
            database_ms=look.database_ms,
            now_s=self._clock.elapsed(),
            numbers=self.numbers,
        )
        if isinstance(choice, Take):
            return await self._take(choice, seen, look)
        self._wait = choice
        is_new = self._since_s(self._seen_s) < 2 * self.numbers.renew_s
        at, takes_at = self._shown(self._seen_at), self._shown(self._takes_at(choice))
        self._tell_waiting(why_it_waits(choice.why, look.row, is_new=is_new, at=at, takes_at=takes_at))
        if choice.why is Why.DOUBLED:
            await self._be_another(look.row)
        return None

    async def _be_another(self, row: Row | None) -> None:
        """Go on under a new identity: whoever holds the lease under this one is another daemon."""
        self._doubled = True
        self._events.tell(told.LeaseDoubled(machine=row.machine if row else self.machine))
        memory = self._remembering.memory
        await self._keep(Memory(self._new_text(), memory.home, memory.boot, {}, {}))

    async def _say_present(self) -> None:
        """Say that this daemon stands by, as often as a lease is renewed."""
        if self._trouble or (self._present_s is not None and self._since_s(self._present_s) < self.numbers.renew_s):
            return
        try:
            await self._rows.be_present(self.holder, self.machine, self.version)
            self._present_s = self._clock.elapsed()
        except ShopError as error:
            self._trouble = trouble_of(error)
            self.setup.doubt()  # a right may have been taken away: then it could not take over either

    async def _take(self, take: Take, seen: Seen, look: Look) -> Taken | None:
        """Take the lease as *take* says, if it still stands as it was seen; None: it did not, or nobody knows."""
        sent_s = self._clock.elapsed()
        row = Row(self.holder, self.machine, take.term, self._new_text(), -1, -1, self.version)
        now, memory = self._clock.now(), self._remembering.memory
        taken = taken_of(take, seen, look, memory, seen_at=self._wall(seen.since_s), now=now, numbers=self.numbers)
        # Before it is taken: after a lost answer, or a crash, the token tells that it is this daemon's.
        if not await self._keep(memory.with_term(row.token, Term(take.term, sent_s), before_of(taken))):
            return None
        before, self._gone = self._gone, row
        try:
            # To its end: a daemon that stops meanwhile gives up what it has taken.
            won = await to_its_end(self._rows.take(seen.row, row) if seen.row else self._rows.insert(row))
        except ShopError as error:
            self._trouble = trouble_of(error)
            self._tell_waiting(words.UNREADABLE(reason=self._trouble.reason))
            return None
        if not won:
            self._gone, self._remembering.memory = before, memory
            return None
        self._hold(row, sent_s, taken)
        with suppress(StateError, ShopError):
            if taken.from_another:
                await self._remembering.note_taken_over(taken.machine_before or "", taken.term, now)
            await self._rows.be_absent(self.holder)
        return taken

    def _hold(self, row: Row, sent_s: float, taken: Taken) -> None:
        now = self._clock.now()
        self._held, self.taken = Held(row, now, sent_s), taken
        self._gone = self._wait = self._stands_since = self._present_s = self._told = self._not_renewed = None
        before = taken.machine_before if taken.from_another else None
        at = taken.last_renewed_at.isoformat() if before and taken.last_renewed_at else None
        self._events.tell(told.LeaseTaken(term=row.term, machine_before=before, last_renewed_at=at))

    # ------------------------------------------------------------- holding

    async def _renewed(self, held: Held) -> bool | None:
        """Renew the lease; tell whether it was still this daemon's; None: the database did not answer."""
        sent_s = self._clock.elapsed()
        within_s = min(self.numbers.answer_s, self._until_over_s())
        try:
            renewed = await self._rows.renew(held.row, within_s=within_s)
        except ShopError as error:
            self._trouble = trouble_of(error)
            if self._not_renewed is None:
                self._events.tell(told.LeaseNotRenewed(term=held.row.term, reason=self._trouble.reason))
            self._not_renewed = self._trouble.reason
            return None
        if not renewed or not self._holds(held.row):
            return False
        self._held = replace(held, renewed_s=sent_s)
        if self._not_renewed is not None:
            self._not_renewed = None
            self._events.tell(told.LeaseRenewed(term=held.row.term))
        self._remembering.keep_aside(self._remembering.memory.renewed(held.row.token, sent_s))
        return True

    def _holds(self, row: Row) -> bool:
        """Tell whether the lease is still held as *row*: it may have been given up while an answer was waited for."""
        return self._held is not None and self._held.row.token == row.token

    def _over(self, held: Held, reason: Said) -> Said:
        self._held, self._stands_since, self._told = None, self._clock.now(), reason
        self._events.tell(told.LeaseLost(term=held.row.term, reason=reason))
        return reason

    def _until_over_s(self) -> float:
        """Return in how many seconds the daemon has to end unless it renews the lease."""
        if self._held is None:
            return self.numbers.works_for_s
        return max(0.0, self._held.renewed_s + self.numbers.works_for_s - self._clock.elapsed())

    def _tell_of_others(self, look: Look) -> None:
        """Tell who has begun and who has ended to stand by for this daemon."""
        before, self._present = self._present, others_present(look, self.holder)
        self._events.tell(*changes(before, self._present))

    async def _keep(self, memory: Memory) -> bool:
        """Remember *memory* over restarts; tell whether it is stored."""
        try:
            await self._remembering.keep(memory)
        except StateError as error:
            self._trouble = Trouble(words.NOT_KEPT(reason=error.said), None)
            self._tell_waiting(self._trouble.reason)
            return False
        return True

    # ---------------------------------------------------------------- view

    @property
    def view(self) -> StandbyView:
        """How it stands now."""
        held, look, trouble = self._held, self._look, self._trouble
        late = (self._not_renewed or words.NO_ANSWER_YET()) if held and not self.may_claim() else None
        row = look.row if look and look.row and not look.row.given_up else None
        if self._since_s(self._seen_s) >= self.numbers.lease_s:
            row = None  # nobody holds it
        return StandbyView(
            role=Role.ACTIVE if held else Role.STANDBY,
            machine=self.machine,
            holder_machine=self.machine if held else row.machine if row else None,
            since=held.since if held else look.instant(row.since_ms) if look and row else None,
            standing_since=self._stands_since,
            term=held.row.term if held else row.term if row else None,
            why=words.WORKS(at=self._shown(held.since)) if held else self._told or words.NOT_LOOKED(),
            takes_at=None if held or self._wait is None else self._takes_at(self._wait),
            trouble=trouble.reason if trouble else late,
            cure=trouble.cure if trouble else None,
            renewed_s=held.renewed_s if held else None,
            doubled=self._doubled,
            gave_up=self._remembering.memory.gave_up,
            machines=seats(look, self.holder, self.numbers) if look else (),
        )

    def _takes_at(self, wait: Wait) -> datetime | None:
        """Return when the lease is taken if nothing changes, the same instant at each look."""
        return None if wait.until_s is None else self._seen_at + timedelta(seconds=wait.until_s - self._seen_s)

    def _tell_waiting(self, why: Said) -> None:
        """Tell why this daemon stands by, each time that it is another reason."""
        if self._held is None and why != self._told:
            machine = self._look.row.machine if self._look and self._look.row else None
            self._told = why
            self._events.tell(told.StandbyWaiting(machine=machine, reason=why))

    def _shown(self, at: datetime | None) -> str:
        return wall_time(at, self._zone) if at else ""

    def _wall(self, at_s: float) -> datetime:
        return self._clock.now() - timedelta(seconds=self._since_s(at_s))

    def _since_s(self, at_s: float) -> float:
        return self._clock.elapsed() - at_s
