"""What is written to the shop of the rows that are kept: by compare-and-set, and noted in queue.db before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from paranad.bridge.kept_notes import KeptNotes, KeptRow
from paranad.bridge.reserve import JobsTable
from paranad.record import record


@record
class Reserved:
    """What became of rows that were to be reserved anew."""

    ours: Sequence[KeptRow]
    """As they stand now."""
    lost: Sequence[KeptRow]
    """Someone else has them, or has done them."""
    unknown: Sequence[KeptRow]
    """The answer was behind: the next look shows it."""


class Reservations:
    """The reservations of kept rows. Only one call may run at a time."""

    def __init__(self, table: JobsTable, notes: KeptNotes) -> None:
        self.marked = set[int]()
        """Rows that nobody had worked at before a mark of ours says so."""
        self._table, self._notes = table, notes

    async def reserve(self, rows: Sequence[KeptRow], *, tried: bool) -> Reserved:
        """Reserve *rows* anew by compare-and-set; *tried* also marks them as worked at."""
        before, lost = await self._before(rows)
        if not before:
            return Reserved((), lost, ())
        at = self._table.shop.unix_s()
        await self._notes.intend(before, at, tried=tried)
        missed = list[int]()
        for reserved_at, ids in _grouped(before).items():
            if await self._table.renew(ids, reserved_at, at, tried=tried) < len(ids):
                missed += ids
        if tried:
            self.marked.update(row.row_id for row in rows if not row.attempts)
        attempts = 1 if tried else 0
        now = {
            row.row_id: replace(row, reserved_at=at, next_at=None, released=False, attempts=max(row.attempts, attempts))
            for row in rows
            if row.row_id in before
        }
        unknown = list[KeptRow]()
        current = await self._table.current(missed) if missed else {}
        for row_id in missed:
            row, stands = now[row_id], current.get(row_id)
            if stands is not None and row.is_ours(stands):
                continue
            del now[row_id]
            if stands is not None and stands.reserved_at == before[row_id] and stands.attempts <= row.attempts:
                unknown.append(row)  # a reading that was behind
            else:
                lost.append(row)
        await self._notes.reserved(list(now), at)
        return Reserved(list(now.values()), lost, unknown)

    async def free(self, rows: Sequence[KeptRow], *, tried: bool = False) -> None:
        """Free those of *rows* that are ours."""
        if not rows:
            return
        before, _ = await self._before(rows)
        await self._notes.released(list(before))
        for reserved_at, ids in _grouped(before).items():
            if reserved_at is not None:
                await self._table.release(ids, reserved_at, tried=tried)

    async def delete(self, rows: Sequence[KeptRow]) -> tuple[int, list[int]]:
        """Delete those of *rows* that are ours; return how many were, and which are still there: someone else's."""
        before, _ = await self._before(rows)
        missed = list[int]()
        for reserved_at, ids in _grouped(before).items():
            if await self._table.delete(ids, reserved_at) < len(ids):
                missed += ids
        return len(before), sorted(await self._table.current(missed)) if missed else []

    async def unmark(self, rows: Sequence[KeptRow]) -> None:
        """Take back the marks of `reserve`, where nobody had worked at a row before."""
        ours = [row for row in rows if row.row_id in self.marked]
        before, _ = await self._before(ours)
        for reserved_at, ids in _grouped(before).items():
            await self._table.unmark(ids, reserved_at)
        await self._notes.untried(list(before))
        self.marked.difference_update(row.row_id for row in ours)

    async def _before(self, rows: Sequence[KeptRow]) -> tuple[dict[int, int | None], list[KeptRow]]:
        """Return what stands in the rows that are ours, as far as is known, and the rows that are not ours."""
        before: dict[int, int | None] = {row.row_id: row.reserved_at for row in rows if row.is_sure}
        lost = list[KeptRow]()
        if unsure := [row for row in rows if not row.is_sure]:
            current = await self._table.current([row.row_id for row in unsure])
            for row in unsure:
                now = current.get(row.row_id)
                if now is not None and row.is_ours(now):
                    before[row.row_id] = now.reserved_at
                else:
                    lost.append(row)
        return before, lost


def _grouped(before: Mapping[int, int | None]) -> dict[int | None, list[int]]:
    """Return rows by what stands in them."""
    groups = defaultdict[int | None, list[int]](list)
    for row_id, reserved_at in before.items():
        groups[reserved_at].append(row_id)
    return groups
