"""What paranad promises, held against the end of a world."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from paranad.events.event import Event as Told
from paranad.events.shipments import ShipmentHeld, ShipmentReconciled
from paranad.queue.model import Completed, Failed, Outcome
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.phone import last_ten
from tests.worlds.courier import WorldCourier
from tests.worlds.parcels import Parcel
from tests.worlds.shop import WorldShop


@dataclass(frozen=True)
class Report:
    """How a world ended."""

    orders: int
    states: Counter[str]
    creates: int
    """Create-order requests that left."""
    own_creates: int
    """Those of the world's orders, without those of the others that ship."""
    outside: bool
    """A second parcel that no list could have shown: outside of the promise."""

    @property
    def held(self) -> int:
        return self.states[ShipmentState.HELD]


class Broken(AssertionError):
    """A promise is not kept."""


class Promises:
    """Holds the end of a world against what paranad promises."""

    def __init__(
        self,
        shop: WorldShop,
        courier: WorldCourier,
        told: Sequence[Told],
        *,
        persons_word: Collection[int],
        killed: bool,
        held_back: bool,
        restored: bool,
    ) -> None:
        """*persons_word* are orders whose parcel a person named by a wrong id.

        *held_back*: queue.db was restored, a person must reconcile, which every start tells, and no list was whole.
        """
        self.shop, self.courier, self.told = shop, courier, told
        self.persons_word, self.killed, self.held_back = persons_word, killed, held_back
        self.restored = restored

    def see(self, order_id: int, shipment: Shipment | None, outcome: Outcome | None) -> None:
        """See that the order ended well; *outcome* is its job's."""
        self._see_end(order_id, shipment, outcome)
        if shipment and shipment.state is ShipmentState.RECORDED:
            self._see_record(shipment)

    def _see_end(self, order_id: int, shipment: Shipment | None, outcome: Outcome | None) -> None:
        """No order waits in silence."""
        if outcome is None and self.held_back:
            return
        match shipment.state if shipment else None:
            case ShipmentState.RECORDED:
                return
            case ShipmentState.HELD:
                told = any(isinstance(each, ShipmentHeld) and each.order_id == order_id for each in self.told)
                if not told and not (self.killed and isinstance(outcome, Failed)):  # a killed daemon's job tells it
                    raise Broken(f"order {order_id} is held, and nobody was told")
            case ShipmentState.WITHDRAWN | None:
                if not isinstance(outcome, Failed) and not (isinstance(outcome, Completed) and _skipped(outcome)):
                    raise Broken(f"order {order_id} was not sent, and its job ended as {outcome}")
            case state:
                raise Broken(f"order {order_id} is {state} for ever, its job ended as {outcome}")

    def _see_record(self, shipment: Shipment) -> None:
        """A recorded id exists at the courier, and is that order's."""
        order_id = shipment.order_id
        if shipment.unconfirmed or order_id in self.persons_word:
            return
        found = [each for each in self.courier.parcels if {each.id, each.qr_id} & shipment.ids]
        if not found:
            raise Broken(f"order {order_id} is recorded as {shipment.ids}, which the courier does not have")
        for parcel in found:
            if parcel.order_id == order_id:
                continue
            if not self._is_by_phone(order_id) or not (parcel.by == "other" or self._is_hidden_twins(parcel)):
                raise Broken(f"order {order_id} is recorded as {parcel}")

    def _is_by_phone(self, order_id: int) -> bool:
        """Tell whether the order's parcel was found by phone and price alone.

        Two worlds are outside of the promise then. A lookalike: somebody made a parcel by hand, with the order's phone
        and price, in the same days, and no note tells it apart. A hidden twin: see below.
        """
        told = [each for each in self.told if isinstance(each, ShipmentReconciled) and each.order_id == order_id]
        return bool(told) and told[-1].matched_by == "phone and price"

    def _is_hidden_twins(self, parcel: Parcel) -> bool:
        """Tell whether *parcel* is another order's, which the shop no longer shows with the parcel's phone.

        And our journal does not know that it was sent: a worker of the shop did it, or the daemon whose queue.db was
        lost.
        """
        owner = self.shop.orders.get(parcel.order_id or 0)
        if owner is None or not (parcel.by == "php" or self.restored):
            return False
        return last_ten(owner.phone) != last_ten(parcel.phone)

    def see_rows(self) -> None:
        """The shop has one row of an order's parcel."""
        for order_id in self.shop.orders:
            rows = self.shop.linked(order_id)
            if len(rows) > 1 and order_id not in self.persons_word and not self._is_decided(order_id):
                raise Broken(f"order {order_id} has the rows {rows}")

    def _is_decided(self, order_id: int) -> bool:
        return any(each.name == "shipment.decided" and getattr(each, "order_id", 0) == order_id for each in self.told)


def _skipped(outcome: Completed) -> bool:
    return outcome.result is not None and outcome.result["skipped"]["count"] > 0
