"""Machines, each with a daemon and a journal of its own, of which one works; and what the shop holds of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from paranad.errors import NotHolding
from paranad.queue.model import Origin, Outcome
from paranad.said import plain
from paranad.shipments.service import Shipments
from paranad.shipments.tools import Marks
from paranad.store.file import Store, Values
from paranad.store.writer import Writer
from paranad.tasks.create_shipment import CreateShipmentArguments, job_of
from tests.worlds.shop import Mark, WorldShop
from tests.worlds.steps import KillingWriter, Steps


@dataclass
class Job:
    """A job of a machine's queue that brings an order to its shipment."""

    id: int
    arguments: CreateShipmentArguments
    origin: Origin
    created_at: datetime
    enqueued_at: datetime
    due_at: datetime
    kept: bool = False
    """The shop keeps its row."""
    snoozes: int = 0
    tries: int = 0
    waits: int = 0
    """Snoozes since something happened that it may have waited for."""
    outcome: Outcome | None = None
    """How it ended."""
    ended: int = 0
    """How many jobs had ended when it did."""


@dataclass
class Machine:
    """One of the machines."""

    name: str
    real: Store
    steps: Steps
    shipments: Shipments = field(init=False)
    jobs: dict[int, Job] = field(default_factory=dict)
    """By order."""
    taken: tuple[str, datetime] | None = None
    """From which machine it last took over, and when."""

    @property
    def store(self) -> Store:
        """Its journal, whose commits are steps."""
        real, writer = self.real, cast("Writer", KillingWriter(self.real.writer, self.steps))
        return Store(writer, real.reader, real.aside, Values(real.reader, writer), real.path, real.watch)

    def unfinished(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.outcome is None]


class WorldFence:
    """The lease and the marks, in memory, at the interface of `paranad.shipments.tools.Fence`."""

    def __init__(self, machine: Machine, shop: WorldShop) -> None:
        self.machine, self.shop = machine, shop
        self.term = shop.term
        """Of its daemon."""

    @property
    def holds(self) -> bool:
        return (self.shop.holder, self.shop.term) == (self.machine.name, self.term)

    async def has_marks(self) -> bool:
        return True

    @property
    def is_alone(self) -> bool:
        return False

    def may_leave(self) -> bool:
        """Tell what its own clock tells it, too: another takes over only after the lease was over here."""
        return self.holds

    async def before_request(self, order_id: int, reference: str, number: int, owner: str) -> None:
        await self.shop.reach()
        known = self.shop.marks.get(order_id)
        if known is None or known.term <= self.term:
            self.shop.marks[order_id] = Mark(self.machine.name, self.term, reference, number)
        await self.shop.reach()
        if not self.holds:
            raise NotHolding(plain("another machine works"))
        await self.shop.reach()
        if self.has_row(owner):
            if not self.holds:
                raise NotHolding(plain("another has the row"))
            self.shop.job_rows[order_id].tried = True

    async def not_sent(self, owner: str) -> None:
        await self.shop.reach()
        for order_id, job in self.machine.jobs.items():
            if job.id == job_of(owner) and job.kept and self.holds:
                self.shop.job_rows[order_id].tried = False

    async def marks(self, order_ids: Sequence[int]) -> Marks:
        marks = await self.all_marks()
        return {each: marks[each] for each in order_ids if each in marks}

    async def all_marks(self) -> Marks:
        await self.shop.reach()
        return {
            each: (None if mark.machine == self.machine.name else mark.machine, mark.term, mark.reference, mark.number)
            for each, mark in self.shop.marks.items()
        }

    async def mark(self, requests: Mapping[int, tuple[str, int]]) -> None:
        await self.shop.reach()
        for order_id, (reference, number) in requests.items():
            self.shop.marks.setdefault(order_id, Mark(self.machine.name, self.term, reference, number))

    async def unmark(self, order_id: int, *, of_all: bool = False) -> None:
        await self.shop.reach()
        mark = self.shop.marks.get(order_id)
        if mark and (of_all or mark.machine == self.machine.name):
            del self.shop.marks[order_id]

    async def taken_over(self) -> tuple[str, datetime] | None:
        return self.machine.taken

    def has_row(self, owner: str) -> bool:
        job_id = job_of(owner)
        return any(job.id == job_id and job.kept for job in self.machine.jobs.values())

    async def close(self) -> None:
        """Nothing is open."""
