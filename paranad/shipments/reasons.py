"""Why a shipment is in its state. The code is what is stored and compared; the API gives it by the same name."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from paranad.said import Said, Sentence, from_document, names_in

SAID = Sentence("said", "{text}")
TRIED_BY_PHP = Sentence(
    "tried_by_php", "a worker of the shop had the order before, so the courier may have it without our reference"
)
REQUEUED = Sentence(
    "requeued",
    "the request is younger than the order (put back, or asked for by hand), so the courier may have it from before",
)
RESTORED = Sentence("restored", "queue.db was restored, so the courier may have it under a reference that was lost")
TAKEN_OVER = Sentence("taken_over", "{machine} may have sent it before this machine took over from it")
MARKED = Sentence(
    "marked",
    "this machine has marked it as sent, and its shipment journal, which may be an older one, does not know that",
)
NO_ANSWER = Sentence("no_answer", "{detail}")
ENDED = Sentence("ended", "the daemon ended before the courier's answer came")
REFUSED = Sentence("refused", "{detail}")
PERMISSION = Sentence("permission", "{detail}")
PLACE = Sentence("place", "{detail}")
TRANSIENT = Sentence("transient", "{detail}")
LIMITED = Sentence("limited", "the courier refused it for its request rate: it is sent again in its turn")
NOT_SENT = Sentence("not_sent", "{detail}")
UNAUTHORISED = Sentence("unauthorised", "{detail}")
NOT_NEEDED = Sentence("not_needed", "{detail}")
RESEND = Sentence("resend", "a person decided that it is sent")
PARTIAL = Sentence("partial", "the list was filtered or had rows that cannot be read, so it proves no absence")
INCOMPLETE = Sentence(
    "incomplete", "the courier's list lacks parcels that the courier has acknowledged ({rows}), so it proves no absence"
)
NO_WITNESS = Sentence(
    "no_witness",
    "the courier's list lacks it, but shows no parcel yet that was made after it: the next order that ships will",
)
CANDIDATE = Sentence("candidate", "the courier has an order that may be this one: {rows}")
TWIN = Sentence("twin", "another order of this phone waits too (order {orders}), and the courier has: {rows}")
TWICE = Sentence("twice", "the courier has it more than once, with our reference: {rows}")
OTHER_PHONE = Sentence("other_phone", "our reference stands on a courier order with another phone: {rows}")
FOREIGN_ID = Sentence("foreign_id", "the courier answered with an id that belongs to another order: {rows}")
NO_REFERENCES = Sentence(
    "no_references",
    "the courier's answer was unclear, and {lists} of its lists lack the shipment; but for a day they have shown no"
    " reference of ours, so that proves nothing",
)
SENT_OFTEN = Sentence("sent_often", "sent {times} times without an answer, and not in the courier's lists")
GIVEN_UP = Sentence("given_up", "the courier's answer was unclear, and 24 h did not settle it")
CHANGED = Sentence(
    "changed",
    "somebody else may have sent it; the courier's lists lack it, but the order was changed since, perhaps its phone",
)
ORDER_GONE = Sentence("order_gone", "order {order} is gone from the shop, but the courier has {rows}")
LINKED = Sentence("linked", "courier order {rows} is linked to order {order} in the shop")
SHOP_HAS_ANOTHER = Sentence(
    "shop_has_another", "the shop already has courier order {others} for it, and the courier has {rows}"
)
REPEAT = Sentence(
    "repeat",
    "it has the phone and price of order {orders} of the same day, so a person decides whether it is sent too",
)
RELEASED = Sentence("released", "it need not wait for a person any longer")
ADOPTED = Sentence("adopted", "found in the courier's list after queue.db was restored")

SENTENCES: Mapping[str, Sentence] = {each.code: each for each in tuple(vars().values()) if isinstance(each, Sentence)}
"""Every reason by its code."""


def ids_in(reason: Said, name: str) -> frozenset[str]:
    """Return the value *name* of *reason*, which is a list of ids; empty if there is none."""
    value = reason.values.get(name, ())
    return frozenset({value} if isinstance(value, str) else value if isinstance(value, Sequence) else ())


def named(ids: AbstractSet[str]) -> list[str]:
    """Return ids as a value of a reason."""
    return sorted(ids)


def kept_values(reason: Said) -> dict[str, Any]:
    """Return the values as they are stored: a fact among them by its text, and whole under `facts`."""
    document = reason.document()
    return {**document["values"], **({"facts": document["facts"]} if "facts" in document else {})}


def stored(code: str, values: Mapping[str, Any], sentence: str) -> Said:
    """Return the reason whose code and `kept_values` these are; *sentence* if a value is not stored.

    Raises:
        KeyError: no reason has this code.
    """
    facts = {name: from_document(fact) for name, fact in values.get("facts", {}).items()}
    known = {name: value for name, value in values.items() if name != "facts"} | facts
    # Another version may have stored fewer values: the code decides, and must not be lost for want of words.
    if names_in(SENTENCES[code].english) <= known.keys():
        return SENTENCES[code](**known)
    return Said(code, known, sentence)
