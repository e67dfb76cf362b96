"""Why a shipment stands where it stands: a code, the values it needs, and its English, made here and nowhere else.

The code and the values are what is stored and compared. A sentence is made when it is shown.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | Sequence[str]
"""Several ids are a list."""


class Code(StrEnum):
    """What is known of a shipment."""

    SAID = "said"
    """A sentence of a version that stored no codes."""

    TRIED_BY_PHP = "tried_by_php"
    REQUEUED = "requeued"
    RESTORED = "restored"

    NO_ANSWER = "no_answer"
    ENDED = "ended"

    REFUSED = "refused"
    PERMISSION = "permission"
    PLACE = "place"
    TRANSIENT = "transient"
    LIMITED = "limited"
    NOT_SENT = "not_sent"
    UNAUTHORISED = "unauthorised"
    NOT_NEEDED = "not_needed"
    RESEND = "resend"

    PARTIAL = "partial"
    INCOMPLETE = "incomplete"
    NO_WITNESS = "no_witness"
    CANDIDATE = "candidate"
    TWIN = "twin"

    TWICE = "twice"
    OTHER_PHONE = "other_phone"
    FOREIGN_ID = "foreign_id"
    NO_REFERENCES = "no_references"
    SENT_OFTEN = "sent_often"
    GIVEN_UP = "given_up"
    CHANGED = "changed"
    ORDER_GONE = "order_gone"
    LINKED = "linked"
    SHOP_HAS_ANOTHER = "shop_has_another"
    ADOPTED = "adopted"


SENTENCES: Mapping[Code, str] = {
    Code.SAID: "{text}",
    Code.TRIED_BY_PHP: "a worker of the shop had the order before, so the courier may have it without our reference",
    Code.REQUEUED: (
        "the request is younger than the order (put back, or asked for by hand), so the courier may have it from before"
    ),
    Code.RESTORED: "queue.db was restored, so the courier may have it under a reference that was lost",
    Code.NO_ANSWER: "{detail}",
    Code.ENDED: "the daemon ended before the courier's answer came",
    Code.REFUSED: "{detail}",
    Code.PERMISSION: "{detail}",
    Code.PLACE: "{detail}",
    Code.TRANSIENT: "{detail}",
    Code.LIMITED: "the courier refused it for its request rate: it is sent again in its turn",
    Code.NOT_SENT: "{detail}",
    Code.UNAUTHORISED: "{detail}",
    Code.NOT_NEEDED: "{detail}",
    Code.RESEND: "a person decided that it is sent again",
    Code.PARTIAL: "the list was filtered or had rows that cannot be read, so it proves no absence",
    Code.INCOMPLETE: (
        "the courier's list lacks parcels that the courier has acknowledged ({rows}), so it proves no absence"
    ),
    Code.NO_WITNESS: (
        "the courier's list lacks it, but shows no parcel yet that was made after it: the next order that ships will"
    ),
    Code.CANDIDATE: "the courier has an order that may be this one: {rows}",
    Code.TWIN: "another order of this phone waits too (order {orders}), and the courier has: {rows}",
    Code.TWICE: "the courier has it more than once, with our reference: {rows}",
    Code.OTHER_PHONE: "our reference stands on a courier order with another phone: {rows}",
    Code.FOREIGN_ID: "the courier answered with an id that belongs to another order: {rows}",
    Code.NO_REFERENCES: (
        "the courier's answer was unclear, and {lists} of its lists lack the shipment; but for a day they have shown no"
        " reference of ours, so that proves nothing"
    ),
    Code.SENT_OFTEN: "sent {times} times without an answer, and not in the courier's lists",
    Code.GIVEN_UP: "the courier's answer was unclear, and 24 h did not settle it",
    Code.CHANGED: (
        "somebody else may have sent it; the courier's lists lack it, but the order was changed since, perhaps its"
        " phone"
    ),
    Code.ORDER_GONE: "order {order} is gone from the shop, but the courier has {rows}",
    Code.LINKED: "courier order {rows} is linked to order {order} in the shop",
    Code.SHOP_HAS_ANOTHER: "the shop already has courier order {others} for it, and the courier has {rows}",
    Code.ADOPTED: "found in the courier's list after queue.db was restored",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact about a shipment."""

    code: Code
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The fact in English."""
        return SENTENCES[self.code].format_map(self.shown)

    @property
    def shown(self) -> dict[str, str | int]:
        """The values as they stand in a sentence."""
        return {
            name: value if isinstance(value, str | int) else ", ".join(value) for name, value in self.values.items()
        }

    def ids(self, name: str) -> frozenset[str]:
        """Return the value *name*, which is a list of ids; empty if there is none."""
        value = self.values.get(name, ())
        return frozenset({value} if isinstance(value, str) else value if isinstance(value, Sequence) else ())


def named(ids: AbstractSet[str]) -> list[str]:
    """Return ids as a value of a reason."""
    return sorted(ids)
