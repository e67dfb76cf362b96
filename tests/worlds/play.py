"""Plays one invented world: the real shipments on a real journal, with stand-ins for the courier and the shop."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from paranad.courier.client import Courier
from paranad.courier.errors import CourierError
from paranad.errors import ParanadError, WrongState
from paranad.events.event import Event as Told
from paranad.events.event import Events
from paranad.events.shipments import ShipmentHeld
from paranad.queue.model import Failed, Origin, Outcome, Snoozed
from paranad.said import plain
from paranad.shipments import service, settle
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.phone import last_ten
from paranad.shipments.reasons import REPEAT
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.service import Shipments
from paranad.shipments.settle import CourierList
from paranad.shipments.settle import Report as SettleReport
from paranad.shipments.shop_orders import ShopOrders
from paranad.shipments.tools import Tools
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.store.backup import COPIED_AT, copied
from paranad.store.file import FILE_NAME, Store
from paranad.tasks.create_shipment import CreateShipment, CreateShipmentArguments
from paranad.tasks.outage import OUTAGES, answer_outage
from tests.support.clock import START, ManualClock
from tests.support.tasks import make_context
from tests.worlds.courier import WorldCourier
from tests.worlds.journal import CLEAN, inline_store
from tests.worlds.machines import Job, Machine, WorldFence
from tests.worlds.parcels import Parcel
from tests.worlds.promises import Broken, Promises, Report
from tests.worlds.shop import JobRow, WorldShop
from tests.worlds.steps import Killed, Steps
from tests.worlds.world import (
    Apply,
    Become,
    Cancel,
    Change,
    Copy,
    Dispatch,
    During,
    Edit,
    Event,
    Fetch,
    Moment,
    OrderPlan,
    Other,
    PutBack,
    Reconcile,
    Resend,
    Restart,
    Restore,
    Run,
    SettleIt,
    Ship,
    ShopDown,
    StandStill,
    Sync,
    TakeOver,
    Tamper,
    Touch,
    Wait,
    Which,
    World,
)

SettleFrom = Callable[[Tools, CourierList], Awaitable[SettleReport]]

SETTLE_TIME = timedelta(minutes=3)
HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=95)
"""How long after a machine's last sign another takes over."""
MOST_MACHINES = 2
FIRST_ID = 11
FIRST_WITNESS = 51
PRICE = 25000
MOST_TRIES = 3
OFTEN = 8
"""How often a job runs exactly when it asks to; then the queue is late, ever later, so that a day costs little."""
LATEST = timedelta(hours=3)
SHIPS_AT = (1, 2, 4, 8, 16)
NEW_PHONE = "07801112233"


class Stage:
    """Journals that many worlds use, one after the other, each from its beginning."""

    def __init__(self, stores: Sequence[Store], folder: Path) -> None:
        self.stores, self.folder = stores, folder

    async def play(self, world: World) -> "Report":
        """Play *world* to its end, and see that every promise is kept."""
        stores = self.stores[: world.machines]
        async with AsyncExitStack() as stack:
            try:
                return await Play(world, stores, self.folder, stack).play()
            finally:
                for store in stores:
                    await store.writer.write(CLEAN, None)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Open a journal in *folder* for each machine that a world may have."""
    async with AsyncExitStack() as stack:
        folders = [folder / f"state-{number}" for number in range(MOST_MACHINES)]
        yield Stage([await stack.enter_async_context(inline_store(each, Events())) for each in folders], folder)


class Play:
    """One world, while it is played."""

    def __init__(self, world: World, stores: Sequence[Store], folder: Path, stack: AsyncExitStack) -> None:
        self.world, self.folder, self.stack = world, folder, stack
        self.clock = ManualClock(START.replace(hour=world.start_h))
        self.steps, self.events, self.random = Steps(), Events(), Random(7)
        self.shop = WorldShop(self.clock, self.steps)
        self.courier = WorldCourier(self.clock, self.steps, self.shop)
        self.courier.asked = self._see_request
        self.told: list[Told] = []
        self.events.listen(self._hear)
        self.machines = [Machine(f"web-{number}", store, self.steps) for number, store in enumerate(stores, 1)]
        self.active = self.machines[0]
        self.fetched: CourierList | None = None
        self.copy: Path | None = None
        self.persons_word: set[int] = set()
        """Orders whose parcel a person named, by its wrong id."""
        self.let_go: set[int] = set()
        """Orders that a person let be sent."""
        self.held_once: set[int] = set()
        """Orders that were held as repeats: they hold up no other."""
        self.held_back = False
        self.last_events_end: int | None = None
        """How many jobs had ended when the script did; None: it still runs."""
        self.kills = self.ships = self.restores = self.numbers = self.ended = 0
        self._note_settling()
        for machine in self.machines:
            self.start(machine)

    @property
    def shipments(self) -> Shipments:
        """Those of the machine that works."""
        return self.active.shipments

    @property
    def jobs(self) -> dict[int, Job]:
        """Those of the machine that works, by order."""
        return self.active.jobs

    def _hear(self, told: Sequence[Told]) -> None:
        self.told.extend(told)
        for each in told:
            if isinstance(each, ShipmentHeld) and each.code == REPEAT.code:
                self.held_once.add(each.order_id)
                if not self.shop.alike_of(each.order_id):
                    raise Broken(f"order {each.order_id} is held as a repeat, and is none")
        self.steps.step()

    def _see_request(self, order_id: int) -> None:
        """A repeat is not sent before a person has let it go.

        It repeats what the courier has or is about to have, whichever was made first; of two that are both unsent, the
        second repeats the first.
        """
        if not self.world.hold_repeats or order_id in self.let_go:
            return
        for other in self.shop.alike_of(order_id):
            is_first = other.id < order_id and other.status != "cancelled" and other.id not in self.held_once
            if is_first or self.courier.gets(other.id):
                raise Broken(f"order {order_id} repeats {other.id}, and was sent before a person decided")

    def start(self, machine: Machine | None = None) -> None:
        """Make every object anew, as a started daemon does."""
        machine = machine or self.active
        machine.shipments = Shipments(
            machine.store,
            cast("Shop", self.shop),
            cast("Courier", self.courier),
            self.clock,
            self.events,
            random=self.random,
            settle_time=SETTLE_TIME,
            price=ShipmentPrice.TOTAL,
            hold_repeats=self.world.hold_repeats,
            enqueue=partial(self._enqueue, machine),
            orders=cast("ShopOrders", self.shop),
            fence=WorldFence(machine, self.shop) if len(self.machines) > 1 else None,
        )

    def _note_settling(self) -> None:
        """Let each list that is settled by, whoever asked for it, be noted as well."""
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(settle, "settle_from", partial(self._settle_and_note, settle.settle_from))
        patch.setattr(service, "settle_from", settle.settle_from)

    async def _settle_and_note(self, settle_from: SettleFrom, tools: Tools, answer: CourierList) -> SettleReport:
        """Settle, and note what paranad could have recognised."""
        sought = [each for each in await tools.journal.unsettled() if each.known_at <= answer.asked_at]
        report = await settle_from(tools, answer)
        free = {each.order_id for each in sought if not tools.journal.is_in_flight(each.order_id)}
        self.courier.recognise({row.id for row in answer.orders}, free)
        return report

    async def play(self) -> Report:
        if self.world.taught:
            await self._ship()
            await self._reconcile()
            await self._advance(HOUR / 2)
        if self.world.blind:
            await self._advance(timedelta(hours=25))
        self._make_orders()
        self.courier.become(replace(self.world.lists, notes=self.world.lists.notes and not self.world.blind))
        for event in self.world.script:
            await self._happen(event)
        await self._end()
        return await self._report()

    # The beginning.

    def _make_orders(self) -> None:
        for number, plan in enumerate(self.world.orders):
            self._make_order(FIRST_ID + number, number, plan)
        for other in self.world.others:
            self._make_other(other)

    def _make_order(self, order_id: int, number: int, plan: OrderPlan) -> None:
        now = self.clock.now()
        made_at = now - timedelta(seconds=plan.after_s)
        if plan.php:
            made_at -= timedelta(days=plan.php.days) + HOUR
        updated_at = made_at if plan.touch is Touch.NO else now - timedelta(seconds=1)
        phone = self._phone(0 if plan.twin else number)
        self.shop.add(order_id, NEW_PHONE if plan.touch is Touch.PHONE else phone, made_at, updated_at)
        self.courier.plans[order_id], self.courier.answers[order_id] = plan, list(plan.answers)
        if plan.php and plan.php.sent:
            parcel = self.courier.parcel(order_id, f"+964{phone[1:]}", PRICE, "ring twice", "php")
            self.courier.make(parcel, made_at + timedelta(seconds=5))
        asked_at = now if plan.php and plan.php.requeued else made_at + timedelta(seconds=1)
        tried = plan.php is not None and not plan.php.requeued
        self.shop.job_rows[order_id] = JobRow(int(asked_at.timestamp()), tried)
        self._new_row_job(order_id)

    def _make_other(self, other: Other) -> None:
        price = PRICE if other.same_price else PRICE + 1000
        parcel = self.courier.parcel(None, f"+964{self._phone(other.of)[1:]}", price, "by hand", "other")
        parcel.change = Change(note=other.note)
        self.courier.late.append((self.clock.now() - timedelta(seconds=other.before_s), parcel))
        self.courier.bring_late()

    def _phone(self, number: int) -> str:
        plans = self.world.orders
        return f"0770000000{0 if number < len(plans) and plans[number].twin else number}"

    def _new_row_job(self, order_id: int) -> Job:
        """Take the shop's row of the order's job; it stays there until the job has ended."""
        row, known = self.shop.job_rows[order_id], self.jobs.get(order_id)
        if known and known.outcome is None:
            known.kept = True
            return known
        job = self._new_job(order_id, tried_elsewhere=row.tried or None, row_created_at=row.created_at)
        job.kept = True
        return job

    def _new_job(self, order_id: int, origin: Origin = Origin.SHOP, **arguments: Any) -> Job:
        self.numbers += 1
        now = self.clock.now()
        kept = CreateShipmentArguments(order_id=order_id, **arguments)
        self.jobs[order_id] = Job(self.numbers, kept, origin, now, now, now)
        return self.jobs[order_id]

    async def _enqueue(self, machine: Machine, order_id: int) -> None:
        """Store a job as `resend` and `settle` do, unless one is unfinished."""
        job = machine.jobs.get(order_id)
        # At the end each machine looks once after what a mark tells of: what is cancelled stays marked for ever.
        is_seen_to = job is not None and self.last_events_end is not None and job.ended > self.last_events_end
        if machine is self.active and (job is None or job.outcome is not None) and not is_seen_to:
            self._new_job(order_id)

    # What happens.

    async def _happen(self, event: Event) -> None:
        try:
            await self._do(event)
        except Killed:
            await self._after_kill()
        except (ShopError, CourierError):
            pass
        self.steps.arm(0)
        self.courier.during_create = self.courier.during_list = None

    async def _after_kill(self) -> None:
        self.kills += 1
        self.steps.arm(0)
        self.courier.during_create = self.courier.during_list = None
        self.start()
        if len(self.machines) > 1 and self.kills % 2:  # its machine died with it
            await self._take_over(died=True)

    async def _do(self, event: Event) -> None:
        match event:
            case Run(order, kill, during, moment):
                await self._run_planned(self._order(order), kill, during, moment)
            case StandStill() | TakeOver():
                await self._do_takeover(event)
            case Dispatch(order):
                await self._dispatch(self._order(order))
            case Wait(seconds):
                await self._advance(timedelta(seconds=seconds))
            case Sync(filtered, kill):
                self.steps.arm(kill)
                await self._sync(filtered=filtered)
            case Fetch(filtered):
                self.fetched = await self._fetch(filtered=filtered)
            case Apply():
                await self._apply()
            case Reconcile(kill, during):
                self.steps.arm(kill)
                self.courier.during_list = self._once(during, None)
                await self._reconcile()
            case Ship():
                await self._ship()
            case Restart():
                self.start()
            case SettleIt() | Resend() | Copy() | Restore():
                await self._decide(event)
            case _:
                self._change(event)

    async def _decide(self, event: SettleIt | Resend | Copy | Restore) -> None:
        """Do what a person does."""
        match event:
            case SettleIt(order, which, unconfirmed, kill):
                self.steps.arm(kill)
                await self._settle(self._order(order), which, unconfirmed=unconfirmed)
            case Resend(order):
                await self._resend(self._order(order))
            case Copy():
                await self._copy()
            case Restore(shop_too, snapshot):
                await self._restore(shop_too=shop_too, snapshot=snapshot)

    def _change(self, event: Event) -> None:
        match event:
            case Cancel(order):
                self.shop.change(self._order(order), status="cancelled")
            case PutBack(order):
                self.shop.change(self._order(order), status="pending")
            case Edit(order, touch):
                changes = {"phone": NEW_PHONE} if touch is Touch.PHONE else {}
                self.shop.change(self._order(order), **changes)
            case Tamper(order, change):
                for parcel in self.courier.parcels:
                    if parcel.order_id == self._order(order):
                        parcel.change = change
            case Become(lists):
                self.courier.become(lists)
            case ShopDown(calls):
                self.shop.down = calls

    def _order(self, number: int) -> int:
        return FIRST_ID + number % len(self.world.orders)

    async def _advance(self, delta: timedelta) -> None:
        self.clock.step(delta)  # nothing sleeps
        self.clock.elapsed_s += delta.total_seconds()
        self.courier.bring_late()

    def _once(self, during: During, order_id: int | None) -> Callable[[], Awaitable[None]] | None:
        if during is During.NOTHING:
            return None

        async def happen() -> None:
            self.courier.during_create = self.courier.during_list = None
            with suppress(ShopError, CourierError):
                await self._do_during(during, order_id)

        return happen

    async def _do_during(self, during: During, order_id: int | None) -> None:
        match during:
            case During.SYNC:
                await self._sync()
            case During.RECONCILE:
                await self._reconcile()
            case During.SHIP:
                await self._ship()
            case During.APPLY:
                await self._apply()
            case During.OTHER if order_id and len(self.world.orders) > 1:
                await self._run(self._job(self._order(order_id - FIRST_ID + 1)))
            case During.SETTLE if order_id:
                await self._settle(order_id, Which.RIGHT, unconfirmed=False)
            case During.RESEND if order_id:
                await self._resend(order_id)
            case During.CANCEL if order_id:
                self.shop.change(order_id, status="cancelled")
            case During.GIVE_WAY if order_id:
                self.shop.change(order_id, status="cancelled")
                await self._do_during(During.OTHER, order_id)

    async def _run_planned(self, order_id: int, kill: int, during: During, moment: Moment) -> None:
        if happen := self._once(during, order_id):

            async def at(reached: Moment) -> None:
                if reached is moment:
                    await happen()

            self.courier.during_create = at
        job = self._due(order_id)
        self.steps.arm(kill)
        await self._run(job)

    def _due(self, order_id: int) -> Job:
        job = self._job(order_id)
        if job.outcome is not None:  # a person's retry: its tries and its day begin anew
            job.outcome, job.snoozes, job.tries, job.enqueued_at = None, 0, 0, self.clock.now()
            job.kept = False
        return job

    def _job(self, order_id: int) -> Job:
        """Return the order's job; where another machine had it, one that a person dispatches."""
        return self.jobs.get(order_id) or self._new_job(order_id, Origin.OPERATOR)

    async def _dispatch(self, order_id: int) -> None:
        known = self.jobs.get(order_id)
        if known is None or known.outcome is not None:
            await self._run(self._new_job(order_id, Origin.OPERATOR))

    async def _sync(self, *, filtered: bool = False) -> None:
        answer = await self._fetch(filtered=filtered)
        await self.shipments.settle_from(answer)
        self.shop.upsert(answer.orders)

    async def _fetch(self, *, filtered: bool = False) -> CourierList:
        asked_at = self.clock.now()
        orders = await self.courier.merchant_orders(owner="sync", status_id="1" if filtered else None)
        return CourierList(orders, asked_at, filtered=filtered)

    async def _apply(self) -> None:
        if self.fetched:
            fetched, self.fetched = self.fetched, None
            await self.shipments.settle_from(fetched)

    async def _reconcile(self) -> None:
        await self.shipments.reconcile()

    async def _settle(self, order_id: int, which: Which, *, unconfirmed: bool) -> None:
        parcel = self._named(order_id, which)
        courier_id = parcel.id if parcel else "12345"
        if parcel is None or parcel.order_id != order_id:
            self.persons_word.add(order_id)
        try:
            settled = await self.shipments.settle(order_id, courier_id, unconfirmed=unconfirmed)
            if parcel and parcel.order_id != order_id:
                parcel.misnamed = last_ten(parcel.shown_phone() or "") in settled.phones
        except (Killed, ShopError, CourierError):
            raise
        except ParanadError:  # refused, and told to the person
            if parcel is None or parcel.order_id != order_id:
                self.persons_word.discard(order_id)

    def _named(self, order_id: int, which: Which) -> Parcel | None:
        if which is Which.NOBODYS:
            return None
        is_right = which is Which.RIGHT
        return next((each for each in self.courier.parcels if (each.order_id == order_id) is is_right), None)

    async def _resend(self, order_id: int) -> None:
        shipment, allowed = await self.shipments.journal.find(order_id), self.courier.allowed
        # Who lets a repeat go says that the customer wants both, not that the courier lacks it: it is sent once.
        is_first = shipment and (shipment.is_held_as_repeat or (order_id in self.let_go and not shipment.attempts))
        permits = 0 if is_first else 1
        allowed[order_id] = allowed.get(order_id, 0) + permits
        self.let_go.add(order_id)
        try:
            await self.shipments.resend(order_id)
        except (Killed, ShopError, CourierError):
            raise
        except ParanadError:
            allowed[order_id] -= permits

    async def _ship(self) -> None:
        """Let another order be made, and ship."""
        order_id = FIRST_WITNESS + self.ships
        self.ships += 1
        now = self.clock.now()
        self.shop.add(order_id, f"0779000{self.ships:04}", now, now)
        self.shop.job_rows[order_id] = JobRow(int(now.timestamp()), tried=False)
        job = self._new_row_job(order_id)
        for _ in range(MOST_TRIES):
            await self._run(job)
            if job.outcome is not None:
                return

    # Another machine takes over.

    async def _do_takeover(self, event: StandStill | TakeOver) -> None:
        match event:
            case StandStill(order, at, meanwhile_s):
                await self._stand_still(self._order(order), at, meanwhile_s)
            case TakeOver(died):
                await self._take_over(died=died)

    async def _take_over(self, *, died: bool) -> None:
        """Let the next machine take over: from one that *died*, or that gave the lease up."""
        if len(self.machines) == 1:
            return
        if died:
            await self._advance(LEASE)
        before, number = self.active, self.machines.index(self.active)
        self.active = self.machines[(number + 1) % len(self.machines)]
        self.shop.holder, self.shop.term = self.active.name, self.shop.term + 1
        self.active.taken = f"{before.name}:{self.shop.term}", self.clock.now()
        # What waits there for a row of the shop is another's now.
        before.jobs = {order_id: job for order_id, job in before.jobs.items() if not (job.kept and job.outcome is None)}
        self.start(before)
        self.start()
        for order_id in self.shop.job_rows:
            self._new_row_job(order_id)
        while True:
            with suppress(ShopError):
                await self.shipments.tidy_marks()
                return

    async def _stand_still(self, order_id: int, at: int, meanwhile_s: Sequence[int]) -> None:
        """Let the machine stand still at a step of the order's job while another takes over, then go on there."""

        async def meanwhile() -> None:
            self.courier.during_create = self.courier.during_list = None
            await self._take_over(died=True)
            for seconds in meanwhile_s:
                with suppress(ShopError, CourierError):
                    await self._run(self._due(order_id))
                await self._advance(timedelta(seconds=seconds))

        job = self._due(order_id)
        if len(self.machines) > 1:
            self.steps.arm(at, meanwhile)
        await self._run(job)

    # The queue.

    async def _run(self, job: Job) -> None:
        machine = self.active
        self.courier.knock()
        context = make_context(
            self.clock,
            job_id=job.id,
            origin=job.origin,
            enqueued_at=job.enqueued_at,
            created_at=job.created_at,
            snoozes=job.snoozes,
        )
        now = self.clock.now()
        try:
            outcome = await CreateShipment(machine.shipments).run(context, job.arguments)
        except OUTAGES as error:
            outcome = answer_outage(error, now=now, enqueued_at=job.enqueued_at, snoozes=job.snoozes)
        except WrongState as error:
            job.tries += 1
            outcome = Snoozed(now + timedelta(seconds=10), plain(str(error)))
            if job.tries >= MOST_TRIES:
                outcome = Failed(plain(str(error)))
        if isinstance(outcome, Snoozed):
            job.snoozes += 1
            job.waits += 1
            job.due_at = max(outcome.until, now + timedelta(seconds=1))
        else:
            self.ended += 1
            job.outcome, job.ended = outcome, self.ended
            if job.kept and machine is self.active:
                self.shop.job_rows.pop(job.arguments.order_id, None)

    async def _end(self) -> None:
        """Run every job to its end, as the queue would; a person does what nobody else may do."""
        self.shop.down = 0
        began_at, self.last_events_end = self.clock.now(), self.ended
        hours = [hour * self.world.witness_h for hour in SHIPS_AT] if self.world.witness_h else []
        ships = [began_at + hour * HOUR for hour in hours]
        while waiting := await self._waiting():
            job = min(waiting, key=self._next_run)
            at = self._next_run(job)
            if ships and at >= ships[0]:
                await self._until(ships.pop(0))
                await self._happen(Ship())
                for each in waiting:
                    each.waits = 0
                continue
            await self._until(at)
            await self._run_last(job)
            if self.clock.now() - began_at > 40 * HOUR * len(self.machines):
                if await self.shipments.restored_from() is None:
                    raise Broken(f"job of order {job.arguments.order_id} waits for ever")
                self.held_back = True  # told at every start: a person must reconcile, and no list is whole
                return

    async def _waiting(self) -> list[Job]:
        """Return the jobs that are unfinished; those of another machine once it works."""
        for _ in self.machines:
            if waiting := self.active.unfinished():
                return waiting
            await self._take_over(died=False)
        return []

    async def _run_last(self, job: Job) -> None:
        if await self.shipments.restored_from() is not None:
            await self._happen(Reconcile())
        await self._run(job)
        shipment = await self.shipments.journal.find(job.arguments.order_id)
        if shipment and shipment.is_held_as_repeat:
            await self._let_go(shipment)

    async def _let_go(self, shipment: Shipment) -> None:
        """Decide that a repeat is sent, as the person who was told of it."""
        order_id = shipment.order_id
        told = any(isinstance(each, ShipmentHeld) and each.order_id == order_id for each in self.told)
        if not (told or self.kills):
            raise Broken(f"order {order_id} is held as a repeat, and nobody was told")
        await self._happen(Resend(order_id - FIRST_ID))

    def _next_run(self, job: Job) -> datetime:
        late = timedelta(minutes=5) * 2 ** min(job.waits - OFTEN, 8) if job.waits > OFTEN else timedelta()
        return job.due_at + min(late, LATEST)

    async def _until(self, instant: datetime) -> None:
        if instant > self.clock.now():
            await self._advance(instant - self.clock.now())

    # queue.db, lost and put back.

    async def _copy(self) -> None:
        folder = self.folder / f"copy-{self.restores}"
        folder.mkdir()
        async with copied(self.active.real, self.clock) as copy:
            shutil.copy(copy, folder / FILE_NAME)
        self.copy = folder
        self.stack.callback(shutil.rmtree, folder)

    async def _restore(self, *, shop_too: bool, snapshot: bool) -> None:
        if self.copy is None:
            return
        self.restores += 1
        folder, self.copy = self.copy, None
        self.active.real = await self.stack.enter_async_context(inline_store(folder, self.events))
        self.start()
        if snapshot:
            await self.active.real.values.put(COPIED_AT, None)
        await self.shipments.tell_restored()
        if shop_too:
            self.shop.rows.clear()
        for order_id, job in list(self.jobs.items()):
            if order_id < FIRST_WITNESS:
                job.outcome, job.due_at, job.kept = None, self.clock.now(), order_id in self.shop.job_rows

    async def _report(self) -> Report:
        promises = Promises(
            self.shop,
            self.courier,
            self.told,
            persons_word=self.persons_word,
            killed=self.kills > 0,
            held_back=self.held_back,
            restored=self.restores > 0,
        )
        states: Counter[str] = Counter()
        for number in range(len(self.world.orders)):
            order_id = FIRST_ID + number
            shipment, outcome = await self._last_of(order_id)
            promises.see(order_id, shipment, outcome)
            # Another machine may have written the shop's row and died: then nothing is to do here.
            is_there = "recorded" if self.shop.linked(order_id) else "none"
            states[shipment.state if shipment else is_there] += 1
        promises.see_rows()
        creates, own_creates = self.courier.creates, self.courier.own_creates
        return Report(len(self.world.orders), states, creates, own_creates, bool(self.courier.outside))

    async def _last_of(self, order_id: int) -> tuple[Shipment | None, Outcome | None]:
        """Return the order's shipment and how its last job ended: on the machine that recorded it, or worked last."""
        known: list[tuple[bool, int, Machine, Shipment | None]] = []
        for machine in self.machines:
            shipment, job = await machine.shipments.journal.find(order_id), machine.jobs.get(order_id)
            recorded = shipment is not None and shipment.state is ShipmentState.RECORDED
            known.append((recorded, job.ended if job else 0, machine, shipment))
        _, _, machine, shipment = max(known, key=lambda each: each[:2])
        last = max(
            (each for each in self.machines if order_id in each.jobs), key=lambda each: each.jobs[order_id].ended
        )
        return shipment, last.jobs[order_id].outcome
