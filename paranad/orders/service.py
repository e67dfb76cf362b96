"""The shop's orders joined with what the journal, the queue and the bridge know of them."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from paranad.bridge.loop import Bridge
from paranad.catalogue import CREATE_SHIPMENT
from paranad.clock import Clock
from paranad.errors import InvalidRequest, NotFound
from paranad.events.event import Events
from paranad.events.shop import OrdersNotCounted
from paranad.orders.shop_rows import JobRows, ShopOrder, ShopOrders, Unshipped, digits_of, number_of
from paranad.orders.standing import Facts, Stand, Standing, deciding, stand
from paranad.queue.jobs import JobFilter, Jobs
from paranad.queue.model import Job, State
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.journal import Journal
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.send import AUTO_CREATE_OFF, CANCELLED, SHOP_HAS_ONE, TRASHED
from paranad.shop.errors import ShopError
from paranad.store.reader import Page, before_id
from paranad.wording import quotable

LOOKED_BACK = timedelta(days=30)
"""How long ago an order may have been made that counts as one without a shipment, unless another time is asked for."""
MOST = 10_000
"""How many orders without a shipment are counted."""
COUNTED_FOR = timedelta(seconds=5)
"""How long a count is good enough for the status."""
PATIENCE_S = 1.0
"""How long the status waits for a count. A slower question goes on by itself."""
RECALLED_FOR = timedelta(minutes=2)
"""How long the count before stands in for one that is slow: the alerts ask once a minute."""
JOBS_SHOWN = 20

ALL_PAUSED = Sentence("order.all_paused", "everything is paused, {pause}: paranadctl resume")
QUEUE_PAUSED = Sentence("order.queue_paused", "queue {queue} is paused, {pause}: paranadctl resume {queue}")
TASK_PAUSED = Sentence("order.task_paused", "task {task} is paused, {pause}: paranadctl resume {task}")
DRAINED = Sentence("order.drained", "the daemon takes nothing new: paranadctl resume")
NOT_DIGITS = Sentence(
    "order.not_digits",
    "expected an order's id or number, a courier order's id or the digits of a phone's end, got \"{got}\"",
)
NO_SUCH_ORDER = Sentence(
    "order.not_found", "order {order}: neither the shop, nor the shipment journal, nor a job knows it"
)
SHOP_GONE = Sentence("order.shop_lacks", "the shop has no order {order}, or no longer")


@record
class UnshippedOrder:
    """An order that should have a shipment and has none, with why."""

    order_id: int
    made_at: datetime | None
    stand: Stand
    job: Job | None


@record
class FoundOrder:
    """An order that a text has found."""

    order: ShopOrder
    courier_id: str | None
    standing: Standing | None


@record
class WholeOrder:
    """Everything that is known of one order."""

    order_id: int
    shop: ShopOrder | None
    shop_why: Said | None
    """Why *shop* is None: the shop has no such order, or cannot be asked."""
    stand: Stand
    shipment: Shipment | None
    jobs: Sequence[Job]
    """About the order, newest first, at most `JOBS_SHOWN`."""
    job: Job | None
    """The one that decides about its shipment, which *actions* are done to; None: there is none."""
    actions: Sequence[str]
    """What a person can do about it now, as codes."""


@record
class Count:
    """How many orders should have a shipment and have none."""

    orders: int
    oldest_at: datetime | None
    """When the oldest of them was made; None: there is none."""
    oldest: int | None
    """Its id."""
    auto_create: bool
    """Whether the shop lets new orders become shipments by themselves."""


@record
class Around:
    """What holds for all orders at one moment."""

    rows: JobRows
    auto_create: bool
    now: datetime
    unknown: Said | None = None
    """Why the shop cannot be asked; None: it was."""


@record
class Asked:
    """What the shop says of one order, as far as its standing goes."""

    made_at: datetime | None
    needs_none: Said | None = None
    """Why it needs no shipment from here; None: it needs one."""


class Orders:
    """Questions about orders; it changes nothing."""

    def __init__(
        self,
        rows: ShopOrders,
        journal: Journal,
        jobs: Jobs,
        *,
        bridge: Bridge,
        clock: Clock,
        events: Events,
        draining: Callable[[], bool],
        door: Callable[[], Said | None],
    ) -> None:
        """Ask by these parts; *draining* tells whether no job is claimed, *door* why not every order may be sent."""
        self.rows, self.shop, self.clock = rows, rows.shop, clock
        self._journal, self._jobs, self._bridge, self._draining = journal, jobs, bridge, draining
        self._door = door
        self._counting: asyncio.Task[Count | None] | None = None
        self._counted: Count | None = None
        self._counted_at_s = float("-inf")
        self._events, self._is_failing = events, False

    async def unshipped(self, since: datetime | None, *, limit: int, cursor: str | None) -> Page[UnshippedOrder]:
        """Return orders made *since* that should have a shipment and have none, oldest first, each with why.

        An order whose shipment the journal has recorded is not among them: only the shop's row of it is gone.

        Raises:
            BadRequest: *cursor* is nothing an earlier page gave.
            ShopError: the shop cannot be asked.
        """
        since = since or self.clock.now() - LOOKED_BACK
        after = before_id(cursor) if cursor else 0
        async with self.shop.read() as connection:
            found = await self.rows.unshipped(connection, since, after=after, limit=MOST)
            auto_create = await self.rows.auto_create(connection)
        around = Around(await self.rows.rows_of_jobs(), auto_create, self.clock.now())
        without = await self._not_recorded(found)
        shown = without[:limit]
        stands = await self._stands({each.order_id: Asked(each.made_at) for each in shown}, around)
        items = [
            UnshippedOrder(each.order_id, each.made_at, *stands[each.order_id])
            for each in shown
            if stands[each.order_id][0].standing is not None  # not recorded meanwhile
        ]
        return Page(items, _next_after(found, without, limit))

    async def found(self, text: str, *, limit: int, cursor: str | None) -> Page[FoundOrder]:
        """Return the orders that *text* finds: an order's id or number, a courier id, a phone's end; newest first.

        Raises:
            InvalidRequest: *text* is none of these.
            BadRequest: *cursor* is nothing an earlier page gave.
            ShopError: the shop cannot be asked.
        """
        before, digits, number = before_id(cursor), digits_of(text), number_of(text)
        if digits is None and number is None:
            raise InvalidRequest(NOT_DIGITS(got=quotable(text)))
        known = (await self._journal.holders([digits])).values() if digits else ()
        async with self.shop.read() as connection:
            found = await self.rows.found(connection, digits, number, known, before=before, limit=limit + 1)
            auto_create = await self.rows.auto_create(connection)
        around = Around(await self.rows.rows_of_jobs(), auto_create, self.clock.now())
        shown = found[:limit]
        stands = await self._stands({each.id: Asked(each.made_at, _needs_none(each)) for each in shown}, around)
        shipments = await self._journal.find_several([each.id for each in shown])
        items = [
            FoundOrder(each, _courier_id(each, shipments.get(each.id)), stands[each.id][0].standing) for each in shown
        ]
        return Page(items, str(shown[-1].id) if len(found) > limit else None)

    async def about(self, order_id: int) -> WholeOrder:
        """Return everything about one order. What the shop does not say is missing, and said so.

        Raises:
            NotFound: neither the shop, nor the journal, nor a job knows it.
        """
        shop, shop_why, around = await self._ask_shop(order_id)
        shipment = await self._journal.find(order_id)
        where = JobFilter(order_id=order_id)
        jobs = await self._with_attempts((await self._jobs.find(where, limit=JOBS_SHOWN, cursor=None)).items)
        if shop is None and around is not None and shipment is None and not jobs:
            raise NotFound(NO_SUCH_ORDER(order=order_id))
        asked = Asked(shop.made_at, _needs_none(shop)) if shop else Asked(None, shop_why if around else None)
        known = around or Around(JobRows({}, is_whole=True), auto_create=True, now=self.clock.now(), unknown=shop_why)
        stand, job = (await self._stands({order_id: asked}, known))[order_id]
        return WholeOrder(
            order_id, shop, shop_why, stand, shipment, jobs, job, _actions(stand, shipment, job, self._door())
        )

    async def count(self) -> Count | None:
        """Return how many orders have no shipment, as of the last seconds; None: unknown, the shop does not say.

        It waits a second at most, and one question to the shop serves all who ask. If the shop is slower, the count
        before is answered, for two minutes.
        """
        now_s = self.clock.monotonic()
        is_fresh = now_s - self._counted_at_s < COUNTED_FOR.total_seconds()
        if self._counting is None or (self._counting.done() and not is_fresh):
            self._counting = asyncio.create_task(self._count(), name="orders.count")
        counting = self._counting
        # A question to a database cannot be broken off half way, so a slow question is left to itself.
        await asyncio.wait([counting], timeout=PATIENCE_S)
        if not counting.done():
            return self._counted if now_s - self._counted_at_s < RECALLED_FOR.total_seconds() else None
        return counting.result()

    async def close(self) -> None:
        """End the question under way."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait([self._counting])

    async def lacking(self, order_ids: Collection[int]) -> Collection[int] | None:
        """Return those of *order_ids* that should have a shipment and have none, whenever made; None: unknown."""
        try:
            async with self.shop.read() as connection:
                wanting = await self.rows.wanting(connection, order_ids)
        except ShopError:
            return None
        return set(wanting) - await self._journal.recorded_among(wanting)

    async def _count(self) -> Count | None:
        """Count as of now; an answer is as old as its question, and one that cannot be had is unknown."""
        asked_at_s, counted = self.clock.monotonic(), None
        try:
            counted = await self._ask_count()
            self._is_failing = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the status has more to say than this count
            if not self._is_failing:
                self._is_failing = True
                self._events.tell(OrdersNotCounted(reason=f"{type(error).__name__}: {error}"))
        self._counted, self._counted_at_s = counted, asked_at_s
        return counted

    async def _not_recorded(self, found: Sequence[Unshipped]) -> Sequence[Unshipped]:
        """Leave out the orders whose shipment the journal has recorded: only the shop's row of it is gone."""
        recorded = await self._journal.recorded_among([each.order_id for each in found])
        return [each for each in found if each.order_id not in recorded]

    async def _ask_count(self) -> Count | None:
        try:
            async with self.shop.read() as connection:
                found = await self.rows.unshipped(connection, self.clock.now() - LOOKED_BACK, after=0, limit=MOST)
                auto_create = await self.rows.auto_create(connection)
        except ShopError:
            return None
        without = await self._not_recorded(found)
        dated = [(each.made_at, each.order_id) for each in without if each.made_at]
        oldest_at, oldest = min(dated, default=(None, None))
        return Count(len(without), oldest_at, oldest, auto_create)

    async def _with_attempts(self, listed: Sequence[Job]) -> Sequence[Job]:
        jobs: list[Job] = []
        for job in listed:
            with suppress(NotFound):  # pruned meanwhile
                jobs.append(await self._jobs.get(job.id))
        return jobs

    async def _ask_shop(self, order_id: int) -> tuple[ShopOrder | None, Said | None, Around | None]:
        """Return the shop's order, or why there is none; without `Around` the shop could not be asked."""
        try:
            async with self.shop.read() as connection:
                order = await self.rows.order(connection, order_id)
                auto_create = await self.rows.auto_create(connection)
            around = Around(await self.rows.rows_of_jobs(), auto_create, self.clock.now())
        except ShopError as error:
            return None, error.said, None
        return order, None if order else SHOP_GONE(order=order_id), around

    async def _stands(self, asked: Mapping[int, Asked], around: Around) -> Mapping[int, tuple[Stand, Job | None]]:
        """Return how each order stands, and its deciding job."""
        shipments = await self._journal.find_several(list(asked))
        jobs = await self._jobs.of_orders(list(asked), CREATE_SHIPMENT.name)
        found: dict[int, tuple[Stand, Job | None]] = {}
        for order_id, each in asked.items():
            job = deciding(jobs.get(order_id, ()))
            facts = Facts(
                order_id=order_id,
                made_at=each.made_at,
                needs_none=each.needs_none,
                shop_unknown=around.unknown,
                auto_create=around.auto_create,
                shipment=shipments.get(order_id),
                job=job,
                row=around.rows.by_order.get(order_id),
                rows_are_whole=around.rows.is_whole,
                rows_stay=None if self._bridge.state.active else self._bridge.state.reason,
                halted=self._halted(job),
                door=self._door(),
                now=around.now,
            )
            found[order_id] = stand(facts), job
        return found

    def _halted(self, job: Job | None) -> Said | None:
        """Return why *job* is not claimed even when it is due; None: it is."""
        if self._draining():
            return DRAINED()
        queues, now = self._jobs.queues, self.clock.now().astimezone(self.shop.zone)
        if queues.all_paused:
            return ALL_PAUSED(pause=queues.all_paused.said(now))
        if job and (pause := queues.paused.get(job.queue)):
            return QUEUE_PAUSED(queue=job.queue, pause=pause.said(now))
        if job and (pause := queues.paused_tasks.get(job.task)):
            return TASK_PAUSED(task=job.task, pause=pause.said(now))
        return None


def _next_after(found: Sequence[Unshipped], without: Sequence[Unshipped], limit: int) -> str | None:
    """Return behind which id the next page begins; None: all that the shop has were looked at."""
    if len(without) > limit:
        return str(without[limit - 1].order_id)
    return str(found[-1].order_id) if len(found) == MOST else None


def _needs_none(order: ShopOrder) -> Said | None:
    """Return why *order* needs no shipment from here, by the rules by which its job would send none."""
    if order.shipments:
        return SHOP_HAS_ONE(courier_id=order.shipments[0].courier_id)
    if order.trashed or order.status == "cancelled":
        return TRASHED() if order.trashed else CANCELLED()
    return None


def _courier_id(order: ShopOrder, shipment: Shipment | None) -> str | None:
    if order.shipments:
        return order.shipments[0].courier_id
    return shipment.courier_id if shipment else None


def _actions(stand: Stand, shipment: Shipment | None, job: Job | None, door: Said | None) -> Sequence[str]:
    """Return what a person can do, the likeliest first."""
    actions = list(_BY_STANDING.get(stand.standing, ())) if stand.standing else []
    if stand.reason.code == AUTO_CREATE_OFF.code:  # its job would send nothing
        actions = []
    if shipment and shipment.is_held_as_repeat:  # its job only looks whether one of the two was cancelled
        return ["resend"]
    if shipment and shipment.state is ShipmentState.INTENDED:
        actions += ["reconcile", "settle"]
    if job and _wakes(stand, shipment, job, door):
        actions.append("wake")
    if job and job.state in {State.SCHEDULED, State.RETRYABLE, State.AVAILABLE} and "cancel" not in actions:
        actions.append("cancel")
    return actions


def _wakes(stand: Stand, shipment: Shipment | None, job: Job, door: Said | None) -> bool:
    """Tell whether the order's job does something if it is woken: it waits for no pause, and for no closed door."""
    is_looked_for = shipment is not None and shipment.state in {ShipmentState.INTENDED, ShipmentState.CREATED}
    is_stopped = stand.standing is Standing.PAUSED or (door is not None and not is_looked_for)
    return job.state in {State.SCHEDULED, State.RETRYABLE} and not is_stopped


_BY_STANDING: Mapping[Standing, Sequence[str]] = {
    Standing.HELD: ("settle", "resend"),
    Standing.FAILED: ("retry",),
    Standing.PAUSED: ("resume",),
    Standing.NEVER_ASKED: ("send",),
}
