"""Stores new jobs within a transaction: each unique key once, each repeated delivery recognised."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from paranad.clock import MICROSECOND, to_us
from paranad.errors import KeyReused
from paranad.queue.model import Enqueued, NewJob, State
from paranad.queue.rows import STATEMENTS, Row, encode, to_row
from paranad.record import record
from paranad.said import Sentence
from paranad.wording import shorten

KEY_CHARACTERS = 80
KEY_REUSED = Sentence(
    "job.key_reused",
    'Idempotency-Key "{key}" came with another body before; send the first body again, or use a new key',
)


@record
class IdempotencyKey:
    """The name that a caller gives a request, so that its repeat gets the first answer."""

    key: str
    digest: str
    """Of the request's body: the same key with another body is refused."""

    @property
    def source(self) -> str:
        return f"key:{self.key}"


@record
class Delivery:
    """One request to enqueue: all of its jobs or none."""

    new: Sequence[NewJob]
    now: datetime
    """When they were asked for: a job that is due later is stored as scheduled."""
    now_us: int
    key: IdempotencyKey | None = None
    rows: Sequence[Row] = ()
    """The jobs as the statement takes them, made before the transaction so that nothing can fail in it."""
    due_queues: Collection[str] = ()
    """Queues that get a job which may be claimed at once."""


@record
class Taken:
    """The answer to a delivery."""

    answers: Sequence[Enqueued]
    stored: Sequence[tuple[NewJob, int]]
    """The jobs that are new, with their ids."""


@record
class _Place:
    """Points from an answer to the job that it is about, by its place among the jobs to insert."""

    index: int
    repeat: bool


_Planned = list[Enqueued | _Place]


def delivery(new: Sequence[NewJob], now: datetime, key: IdempotencyKey | None = None) -> Delivery:
    """Make a delivery of *new*, asked for at *now*.

    Raises:
        BadArguments: a job's arguments are nothing JSON can hold.
    """
    now_us = to_us(now)
    rows, due_queues = [], set[str]()
    for job in new:
        due_us = now_us if job.due_at is None else to_us(job.due_at)
        rows.append(to_row(job, now_us, due_us))
        if due_us <= now_us:
            due_queues.add(job.queue)
    return Delivery(new, now, now_us, key, rows, due_queues)


def take(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> list[Taken | KeyReused]:
    """Store the jobs of all *deliveries* in the transaction that is open; answer each delivery."""
    plan = _Plan(_earlier(connection, deliveries))
    planned = [plan.add(each) for each in deliveries]
    answers = _insert(connection, plan.rows)
    for place in [place for place, answer in enumerate(answers) if answer.duplicate]:
        _pass_on(connection, plan.new[place], answers[place])
        answers[place] = _bring_forward(connection, plan.new[place], plan.rows[place], answers[place])
    if plan.intake:
        _remember(connection, plan, answers)
    if plan.originals:
        _keep_originals(connection, plan, answers)
    return [_taken(each, cells, answers) for each, cells in zip(deliveries, planned, strict=True)]


class _Plan:
    """Which jobs of a commit's deliveries are to be inserted, and which were answered before."""

    def __init__(self, earlier: Mapping[str, Sequence[tuple[str | None, Enqueued]]]) -> None:
        self.new: list[NewJob] = []
        self.rows: list[Row] = []
        self.intake: list[tuple[str, int, _Place | Enqueued, str | None, int]] = []
        self.originals: list[tuple[str, _Place, str]] = []
        self._earlier = earlier
        self._sources: dict[str, _Place] = {}
        self._keys: dict[str, tuple[str, _Planned]] = {}

    def add(self, delivery: Delivery) -> _Planned | KeyReused:
        """Take *delivery* into the plan; return an answer, or the place of its job, for each of its jobs."""
        if delivery.key is None:
            return self._cells(delivery)
        source, digest = delivery.key.source, delivery.key.digest
        if source in self._earlier:
            return _repeated(delivery.key, self._earlier[source])
        # Two requests with one key in one commit: the second gets the answers of the first.
        if source not in self._keys:
            self._keys[source] = (digest, self._cells(delivery))
            self._note(delivery, source, digest)
            return self._keys[source][1]
        first_digest, cells = self._keys[source]
        return cells if first_digest == digest else _reused(delivery.key)

    def _note(self, delivery: Delivery, source: str, digest: str) -> None:
        cells = self._keys[source][1]
        self.intake += [(source, place, cell, digest, delivery.now_us) for place, cell in enumerate(cells)]

    def _cells(self, delivery: Delivery) -> _Planned:
        return [self._cell(new, row, delivery.now_us) for new, row in zip(delivery.new, delivery.rows, strict=True)]

    def _cell(self, new: NewJob, row: Row, now_us: int) -> Enqueued | _Place:
        if new.source is not None:
            if new.source in self._earlier:
                return Enqueued(self._earlier[new.source][0][1].job_id, duplicate=True)
            if new.source in self._sources:
                return _Place(self._sources[new.source].index, repeat=True)
        place = _Place(len(self.new), repeat=False)
        self.new.append(new)
        self.rows.append(row)
        if new.source is not None:
            self._sources[new.source] = place
            self.intake.append((new.source, 0, place, None, now_us))
            if new.original is not None:
                self.originals.append((new.source, place, new.original))
        return place


def _repeated(key: IdempotencyKey, earlier: Sequence[tuple[str | None, Enqueued]]) -> _Planned | KeyReused:
    if earlier[0][0] != key.digest:
        return _reused(key)
    return [answer for _, answer in earlier]


def _reused(key: IdempotencyKey) -> KeyReused:
    return KeyReused(KEY_REUSED(key=shorten(key.key, KEY_CHARACTERS)))


def _earlier(
    connection: sqlite3.Connection, deliveries: Iterable[Delivery]
) -> dict[str, list[tuple[str | None, Enqueued]]]:
    sources = [source for each in deliveries for source in _sources(each)]
    earlier: dict[str, list[tuple[str | None, Enqueued]]] = {}
    if sources:
        for row in connection.execute(STATEMENTS["taken_in"], {"sources": encode(sources)}).fetchall():
            answer = Enqueued(row["job_id"], bool(row["duplicate"]))
            earlier.setdefault(row["source"], []).append((row["digest"], answer))
    return earlier


def _sources(delivery: Delivery) -> list[str]:
    sources = [new.source for new in delivery.new if new.source is not None]
    return sources if delivery.key is None else [delivery.key.source, *sources]


def _insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> list[Enqueued]:
    """Insert the rows whose keys are free; ids rise in the order of the rows, which tells whose each id is."""
    stored, (before,) = 0, connection.execute(STATEMENTS["last_job"]).fetchone()
    last: int = before
    for shared, like in groupby(rows, attrgetter("shared")):
        jobs = encode([[row.args, row.unique_key, row.put_off_key] for row in like])
        params = {**shared._asdict(), "timeout_us": shared.timeout // MICROSECOND, "jobs": jobs}
        # It returns no rows: for each, this thread would wait anew until the loop's lets it go on.
        inserting = connection.execute(STATEMENTS["enqueue"], params)
        stored, last = stored + inserting.rowcount, inserting.lastrowid or before
    if stored == len(rows) == last - before:
        return [Enqueued(job_id, duplicate=False) for job_id in range(before + 1, last + 1)]
    inserted = connection.execute(STATEMENTS["stored_after"], {"id": before}).fetchall()
    ids = iter([row[0] for row in inserted])
    # Some rows dropped out, since their key is taken: by a job stored before, or by an earlier row of the same commit.
    # Of several rows with one key the first was inserted.
    fresh = {(row[1], row[2]) for row in inserted}
    answers: list[Enqueued | _Keys] = []
    for row in rows:
        keys = row.unique_key, row.put_off_key
        if keys == (None, None) or keys in fresh:
            fresh.discard(keys)
            answers.append(Enqueued(next(ids), duplicate=False))
        else:
            answers.append(keys)
    taken = [answer for answer in answers if not isinstance(answer, Enqueued)]
    carried = holders_of(connection, [key for key, _ in taken if key])
    put_off = _by_key(connection, "put_off_by_key", [key for _, key in taken if key])
    first: dict[_Keys, int] = {(key, None): job_id for key, job_id in carried.items()}
    first |= {(None, key): job_id for key, job_id in put_off.items()}
    return [each if isinstance(each, Enqueued) else Enqueued(first[each], duplicate=True) for each in answers]


def _pass_on(connection: sqlite3.Connection, dropped: NewJob, answer: Enqueued) -> None:
    """Pass the lasting arguments of a job that dropped out to the job that does its work.

    An attempt that is under way misses them.
    """
    if dropped.lasting:
        params = {"id": answer.job_id, "args": encode(dict(dropped.lasting))}
        connection.execute(STATEMENTS["pass_on"], params)


def _bring_forward(connection: sqlite3.Connection, dropped: NewJob, row: Row, answer: Enqueued) -> Enqueued:
    """Make due now a job that keeps its key while it is put off, if the request that joined it is for now."""
    if not dropped.keeps_key or row.shared.state is not State.AVAILABLE:
        return answer
    params = {"id": answer.job_id, "due": row.shared.due_at}
    moved = connection.execute(STATEMENTS["bring_forward"], params).fetchall()
    return replace(answer, brought_forward=bool(moved))


_Keys = tuple[str | None, str | None]
"""A job's unique key now, and its unique key once it is due; at most one of the two is set."""


def holders_of(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, int]:
    """Return the unfinished job of each of *keys*, by key; a job that is put off does not carry its key yet."""
    return _by_key(connection, "unfinished_by_key", keys)


def _by_key(connection: sqlite3.Connection, statement: str, keys: Sequence[str]) -> dict[str, int]:
    if not keys:
        return {}
    rows = connection.execute(STATEMENTS[statement], {"keys": encode(keys)}).fetchall()
    return {row["unique_key"]: row["id"] for row in rows}


def _found(cell: Enqueued | _Place, answers: Sequence[Enqueued]) -> Enqueued:
    if isinstance(cell, Enqueued):
        return cell
    answer = answers[cell.index]
    return Enqueued(answer.job_id, duplicate=True) if cell.repeat else answer


def _remember(connection: sqlite3.Connection, plan: _Plan, answers: Sequence[Enqueued]) -> None:
    deliveries = []
    for source, place, cell, digest, now_us in plan.intake:
        answer = _found(cell, answers)
        deliveries.append([source, place, answer.job_id, int(answer.duplicate), digest, now_us])
    connection.execute(STATEMENTS["take_in"], {"deliveries": encode(deliveries)})


def _keep_originals(connection: sqlite3.Connection, plan: _Plan, answers: Sequence[Enqueued]) -> None:
    """Store the texts, which are handed over behind one another: within JSON each would be escaped and read again."""
    texts, originals = bytearray(), list[tuple[str, int, int, int]]()
    for source, place, original in plan.originals:
        start = len(texts)
        texts += original.encode()
        originals.append((source, answers[place.index].job_id, start + 1, len(texts) - start))
    connection.execute(STATEMENTS["keep_originals"], {"originals": encode(originals), "texts": texts})


def _taken(delivery: Delivery, cells: _Planned | KeyReused, answers: Sequence[Enqueued]) -> Taken | KeyReused:
    if isinstance(cells, KeyReused):
        return cells
    found = [_found(cell, answers) for cell in cells]
    stored = [
        (new, answer.job_id)
        for new, cell, answer in zip(delivery.new, cells, found, strict=True)
        if isinstance(cell, _Place) and not answer.duplicate
    ]
    return Taken(found, stored)
