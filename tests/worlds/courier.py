"""The courier, in memory: it answers and lists as the world says."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

from paranad.courier.breaker import Breaker
from paranad.courier.errors import (
    CourierError,
    CourierLimited,
    CourierRefused,
    CourierUnclear,
    LoginFailed,
    OrderLate,
    RateRefused,
    Refusal,
)
from paranad.courier.limiter import LimiterState
from paranad.courier.models import CourierOrder, CreatedOrder, NewShipment, OrderList
from paranad.events.event import Events
from tests.support.clock import ManualClock
from tests.worlds.parcels import Parcel
from tests.worlds.shop import WorldShop
from tests.worlds.steps import Steps
from tests.worlds.world import Answer, Change, Lists, Moment, Note, OrderPlan, Phone

DAY = timedelta(days=1)
REFUSALS = {
    Answer.DATA: Refusal.DATA,
    Answer.REFUSED_DONE: Refusal.DATA,
    Answer.PLACE: Refusal.PLACE,
    Answer.TRANSIENT: Refusal.TRANSIENT,
    Answer.PERMISSION: Refusal.PERMISSION,
    Answer.NOT_SENT: Refusal.NOT_SENT,
}
DONE = {Answer.DONE, Answer.ODD_ID, Answer.ONLY_QR, Answer.ONLY_ID, Answer.KNOWN_ID}


class SecondParcel(AssertionError):
    """The promise is broken."""


class WorldCourier:
    """The courier, in memory, at the interface of `paranad.courier.client.Courier`."""

    def __init__(self, clock: ManualClock, steps: Steps, shop: "WorldShop") -> None:
        self.clock, self.steps, self.shop = clock, steps, shop
        self.limiter = self
        self.breaker = Breaker(clock, Events())
        self.parcels: list[Parcel] = []
        self.late: list[tuple[datetime, Parcel]] = []
        self.plans: dict[int, OrderPlan] = {}
        self.answers: dict[int, list[Answer]] = {}
        self.lists = Lists()
        self.lists_since = clock.now()
        self.allowed: dict[int, int] = {}
        """How many second parcels a person has asked for, by order."""
        self.creates = self.own_creates = 0
        self.outside: set[int] = set()
        """Orders whose first parcel no list could show: its phone and its note were changed before one was read."""
        self.references_shown_at: datetime | None = None
        """When a list that was held against the journal last showed a reference of ours."""
        self.during_create: Callable[[Moment], Awaitable[None]] | None = None
        self.during_list: Callable[[], Awaitable[None]] | None = None
        self.asked: Callable[[int], None] | None = None
        """Is told of each create-order request, by its order, as it arrives."""
        self.under_way: list[Parcel] = []
        """What is asked for now, and not made yet."""
        self._number = 90_000_000

    def state(self) -> LimiterState:
        return LimiterState(used=0, limit=30, window=timedelta(seconds=30), waiting=0, closed_until=None)

    async def close(self) -> None:
        """Nothing is open."""

    async def prepare(self, *, owner: str) -> None:
        await self.steps.pause()
        await self._meanwhile(Moment.INTENT)

    async def create_order(
        self, order: NewShipment, *, owner: str, may_leave: Callable[[], bool] = lambda: True
    ) -> CreatedOrder:
        await self.steps.pause()
        if not may_leave():
            raise OrderLate
        order_id = int(order.merchant_notes.partition("-")[0].removeprefix("P"))
        if self.asked:
            self.asked(order_id)
        planned = self.answers.get(order_id)
        answer = planned.pop(0) if planned else Answer.DONE
        if answer in {Answer.LIMITED, Answer.LOGIN}:
            raise (
                CourierLimited(self.clock.now() + timedelta(seconds=9))
                if answer is Answer.LIMITED
                else LoginFailed("no")
            )
        self.creates += 1
        self.own_creates += order_id in self.plans
        parcel = self.parcel(order_id, order.client_mobile, order.price, order.merchant_notes, "paranad")
        parcel.refused = answer is Answer.REFUSED_DONE
        if answer is Answer.LOST_LATE:
            self.late.append((self.clock.now() + timedelta(seconds=self.plans[order_id].late_s), parcel))
        self.under_way.append(parcel)
        try:
            await self._meanwhile(Moment.REQUEST)
            await self.steps.pause()
        finally:
            self.under_way.remove(parcel)
        if answer in DONE or answer in {Answer.LOST_DONE, Answer.REFUSED_DONE}:
            self.make(parcel)
        await self.steps.pause()
        await self._meanwhile(Moment.ANSWER)
        try:
            created = self._answered(answer, parcel)
        except CourierError as error:
            self._note(answer, error, owner)
            raise
        self.breaker.answered(is_order=True)
        return created

    def _note(self, answer: Answer, error: CourierError, owner: str) -> None:
        """Let the door hear of an answer as the client would."""
        match answer:
            case Answer.LOST | Answer.LOST_DONE | Answer.LOST_LATE | Answer.NOT_SENT:
                self.breaker.lost(owner, error.said, is_order=True)
            case Answer.RATE:
                pass
            case _:
                self.breaker.answered(is_order=True)

    def gets(self, order_id: int) -> bool:
        """Tell whether it has a parcel of the order that we sent, or is about to, and did not say that it has none."""
        coming = [parcel for _, parcel in self.late] + self.under_way
        ours = [each for each in (*self.parcels, *coming) if each.order_id == order_id and each.by == "paranad"]
        return any(not each.refused for each in ours)

    def knock(self) -> None:
        """Ask for the statuses, which it always answers, if the door is closed and it is time."""
        next_try_at = self.breaker.door.next_try_at
        if next_try_at and next_try_at <= self.clock.now():
            self.breaker.answered(is_order=False)

    def _hear_question(self, owner: str) -> CourierUnclear | None:
        """Let the door hear what became of a question; return the error, if there was no answer."""
        if not self.lists.fails:
            self.breaker.answered(is_order=False)
            return None
        error = CourierUnclear("/merchant-orders: no list")
        self.breaker.lost(owner, error.said, is_order=False)
        return error

    async def _meanwhile(self, moment: Moment) -> None:
        if self.during_create:
            await self.during_create(moment)

    def _answered(self, answer: Answer, parcel: Parcel) -> CreatedOrder:
        if answer in REFUSALS:
            raise CourierRefused(REFUSALS[answer], "999", "refused")
        match answer:
            case Answer.RATE:
                raise RateRefused(self.clock.now() + timedelta(seconds=30), "2")
            case Answer.LOGIN_AFTER:
                failed = LoginFailed("refused")
                failed.left = True
                raise failed
            case Answer.LOST | Answer.LOST_DONE | Answer.LOST_LATE:
                raise CourierUnclear("no answer")
        named_id, ids = self._ids(answer, parcel)
        return CreatedOrder(id=named_id, qr_id=None, qr_link=None, ids=ids)

    def _ids(self, answer: Answer, parcel: Parcel) -> tuple[str, frozenset[str]]:
        match answer:
            case Answer.ODD_ID:
                return f"5{parcel.id}", frozenset({f"5{parcel.id}", parcel.qr_id})
            case Answer.ONLY_QR:
                return parcel.qr_id, frozenset({parcel.qr_id})
            case Answer.ONLY_ID:
                return parcel.id, frozenset({parcel.id})
            case Answer.KNOWN_ID if known := self.shop.linked_beside(parcel.order_id):
                return known, frozenset({known})
        return parcel.id, frozenset({parcel.id, parcel.qr_id})

    def parcel(self, order_id: int | None, phone: str, price: int, notes: str, by: str) -> Parcel:
        self._number += 1
        plan = self.plans.get(order_id or 0)
        first = not any(each.order_id == order_id for each in self.parcels)
        change = plan.change if plan and first else Change()
        return Parcel(
            str(self._number), f"7{self._number}", phone, price, notes, self.clock.now(), order_id, by, change
        )

    def make(self, parcel: Parcel, at: datetime | None = None) -> None:
        """Let the courier have *parcel*.

        Raises:
            SecondParcel: it has one of the order's already, and nobody but paranad wanted another.
        """
        parcel.made_at = at or self.clock.now()
        before = [each for each in self.parcels if each.order_id == parcel.order_id and parcel.order_id]
        self.parcels.append(parcel)
        self.parcels.sort(key=lambda each: each.made_at)
        if not before or parcel.order_id is None:
            return
        if self.allowed.get(parcel.order_id, 0) > 0:
            self.allowed[parcel.order_id] -= 1
        elif any(self._is_outside(each) for each in before):
            self.outside.add(parcel.order_id)
        else:
            raise SecondParcel(f"order {parcel.order_id} has {before} at the courier, and now {parcel}")

    def _is_outside(self, parcel: Parcel) -> bool:
        """Tell whether no list could show that *parcel* is its order's, before it was sent again."""
        if parcel.misnamed:
            return True
        if parcel.refused:
            return not parcel.recognised
        if self.references_shown_at is None or self.clock.now() - self.references_shown_at >= DAY:
            return False  # lists without references prove nothing
        return not parcel.recognised and parcel.change.phone is Phone.OTHER and not self._carries_reference(parcel)

    def _carries_reference(self, parcel: Parcel) -> bool:
        return parcel.by == "paranad" and parcel.change.note is Note.KEPT and self.lists.notes

    def _shows_some_reference(self, parcel: Parcel) -> bool:
        is_anothers = parcel.change.note is Note.ANOTHERS and self.lists.notes
        return is_anothers or self._carries_reference(parcel)

    def bring_late(self) -> None:
        """Let the courier make what it makes late and is due."""
        due = [each for each in self.late if each[0] <= self.clock.now()]
        self.late = [each for each in self.late if each not in due]
        for at, parcel in due:
            self.make(parcel, at)

    def become(self, lists: Lists) -> None:
        self.lists, self.lists_since = lists, self.clock.now()

    async def merchant_orders(self, *, owner: str, status_id: str | None = None) -> OrderList:
        await self.steps.pause()
        self.bring_late()
        if error := self._hear_question(owner):
            raise error
        shown = self.shown()
        rows = OrderList(
            self._rows(shown[1:] if self.lists.skipped else shown), skipped=int(self.lists.skipped and bool(shown))
        )
        if status_id:
            rows = OrderList(rows[::2], skipped=rows.skipped)
        if self.during_list:
            await self.during_list()
        await self.steps.pause()
        return rows

    def shown(self) -> list[Parcel]:
        lists, now = self.lists, self.clock.now()
        until = min(now - timedelta(seconds=lists.lag_s), self.lists_since if lists.frozen else now)
        shown = [each for each in self.parcels if each.made_at <= until]
        if lists.half:
            shown = shown[: len(shown) - len(shown) // 2]
        return shown[::-1] if lists.reversed else shown

    def recognise(self, ids: Collection[str], order_ids: Collection[int]) -> None:
        """Keep that a list with these *ids* was held against these unclear orders."""
        for each in self.parcels:
            if each.id in ids and self._shows_some_reference(each):
                self.references_shown_at = self.clock.now()
            if each.id in ids and each.order_id in order_ids:
                is_found = self._carries_reference(each)
                is_candidate = each.change.phone is not Phone.OTHER or self._carries_reference(each)
                each.recognised |= is_found if each.refused else is_candidate

    def _rows(self, parcels: Sequence[Parcel]) -> list[CourierOrder]:
        return [each.row(self.lists, self.anothers(each)) for each in parcels]

    def anothers(self, parcel: Parcel) -> str:
        """Return the reference of another order, with another phone; a foreign text if there is none."""
        for each in self.parcels:
            if each.by == "paranad" and each.order_id != parcel.order_id and each.phone != parcel.phone:
                return each.notes
        return "P2-ABCD"

    async def orders_by_ids(self, ids: Sequence[str], *, owner: str) -> OrderList:
        await self.steps.pause()
        self.bring_late()
        wanted = [each for each in self.parcels if {each.id, each.qr_id} & set(ids)]
        return OrderList(self._rows(wanted))
