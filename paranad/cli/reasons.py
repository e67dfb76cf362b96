"""Reasons that the daemon gives in English, recognised so that other languages can put them whole.

One that is not recognised, of another version or with a text from outside, stays as it came.
"""

import re
from collections.abc import Mapping

from paranad.cli.say import Said, Text

REASONS: Mapping[str, str] = {
    "answer-lost": r"the daemon ended before the courier's answer came",
    "tried-elsewhere-changed": (
        r"a worker of the shop had the order before, so the courier may have it without our reference; its lists lack "
        r"it, but the order was changed since, perhaps its phone"
    ),
    "tried-elsewhere": (
        r"a worker of the shop had the order before, so the courier may have it without our reference \((?P<owner>.+)\)"
    ),
    "restored": (
        r"queue\.db was restored from a copy of (?P<copied_at>[\d: -]+): no shipment is sent until its journal is "
        r"matched with the courier's list: paranadctl shipments reconcile"
    ),
    "restored-doubt": (
        r"queue\.db was restored, so the courier may have it under a reference that was lost "
        r"\(copy of (?P<copied_at>[\d: -]+)\)"
    ),
    "list-will-tell": r"(?P<reason>.+); the courier's list will tell whether it has the order",
    "more-than-once": r"the courier has it more than once, with our reference: (?P<ids>.+)",
    "another-phone": r"our reference stands on a courier order with another phone: (?P<ids>.+)",
    "several-fit": r"more than one courier order has its phone and price: (?P<ids>.+)",
    "two-want-it": r"another shipment with its phone and price waits too: (?P<ids>.+)",
    "no-date": r"a courier order with its phone and price has no date: (?P<ids>.+)",
    "another-price": (
        r"a worker of the shop may have sent it under another price, or the courier shows no phone: (?P<ids>.+)"
    ),
    "lists-prove-nothing": (
        r"the courier's answer was unclear, and (?P<lists>\d+) of its lists lack the shipment; but they have never "
        r"shown a reference of ours, so that proves nothing"
    ),
    "sent-in-vain": r"sent (?P<times>\d+) times without an answer, and not in the courier's lists",
    "not-settled": r"the courier's answer was unclear, and 24 h did not settle it",
    "order-gone": r"order (?P<order>\d+) is gone from the shop, but the courier has (?P<courier_id>.+)",
    "linked-elsewhere": r"courier order (?P<courier_id>.+) is linked to order (?P<order>\d+) in the shop",
    "shop-has-another": (
        r"the shop already has courier order (?P<others>.+) for it, and the courier has (?P<courier_id>.+)"
    ),
    "person-decided": r"a person decided that it is sent again",
    "courier-unclear": r"courier: the answer is unclear: (?P<detail>.+)",
    "courier-not-reached": r"courier: cannot be reached, nothing was sent: (?P<detail>.+)",
    "courier-refused-number": r"courier: refused the request \(errNum (?P<number>[^)]+)\): (?P<detail>.+)",
    "courier-refused": r"courier: refused the request: (?P<detail>.+)",
    "courier-limited": r"courier: over the request rate; it waits for its turn",
    "courier-login": r"courier: login failed: (?P<detail>.+)",
    "bridge-not-looked": r"it has not looked at the shop's jobs table yet",
    "bridge-switched": r"it was just switched",
    "bridge-configured-off": r'\[shop\] laravel_queue is "off"',
    "bridge-alone": r"no row is reserved by anyone else",
    "bridge-rival": (
        r"someone else reserved row (?P<row>\d+) of the jobs table at (?P<at>[\d:]+), as a PHP worker does: it waits "
        r"until (?P<until>[\d:]+)"
    ),
    "auto-create-off": r"the shop's setting alwaseet_auto_create_shipment is off",
    "auto-sync-off": r"the shop's setting alwaseet_auto_sync_enabled is off",
    "shop-has-it": r"the shop already has courier order (?P<courier_id>.+) for it",
    "order-trashed": r"the order is in the trash",
    "order-cancelled": r"the order is cancelled",
    "not-due": r"not due before (?P<at>[\d: -]+)",
    "order-missing": r"order (?P<order>\d+): no such order in the shop",
    "order-without-items": r"order (?P<order>\d+) has no items: nothing to ship; .*",
    "order-phone": (
        r"order (?P<order>\d+): customer_phone: expected an Iraqi mobile number such as 07XXXXXXXXX, "
        r"got (?P<got>.*); correct it in the shop, .*"
    ),
    "order-column-empty": r"order (?P<order>\d+): (?P<column>\w+) is empty; fill it in the shop, .*",
    "order-total-zero": r"order (?P<order>\d+): total_amount: expected more than 0 dinars, got 0; .*",
    "order-refused": r"order (?P<order>\d+): (?P<reason>courier: .*); correct the order in the shop, .*",
    "setting-empty": r"the shop's setting (?P<key>\w+) is empty: expected an id of the courier; .*",
    "setting-no-id": r"(?P<key>\w+): expected an id of the courier, got (?P<got>.*); correct it in the shop",
    "shipment-held": r"the shipment is held: (?P<reason>.*); decide: paranadctl shipments show (?P<order>\d+)",
    "timed-out": r"timed out: it ran longer than (?P<seconds>\d+) s",
    "command-ended": r"(?P<name>\S+): ended with exit status (?P<status>\d+)",
    "command-said": r"(?P<name>\S+): ended with exit status (?P<status>\d+), last line: (?P<line>.*)",
    "state-full": (
        r"(?P<path>.+) could not be written \((?P<why>.*)\); nothing was stored: make room on its disk, then again"
    ),
    "by-hand": r"run by hand",
    "overlap": r"overlap: job (?P<id>\d+) is unfinished",
    "socket-missing": r"(?P<path>.+): there is no such socket, so the daemon does not run there",
    "socket-deserted": r"(?P<path>.+): nothing listens on it, so the daemon has stopped",
    "socket-forbidden": r"(?P<path>.+): you may not open the control socket",
    "socket-late": r"(?P<path>.+): the daemon did not answer in time",
    "shop-not-reached": r"the shop's database cannot be reached: (?P<detail>.+)",
}
"""By id; the named groups are the values of the sentence. The first that fits counts."""


def reason_words(reason: str | None) -> Text:
    """Return *reason*, which other languages can put in their own words where it is recognised; none is empty."""
    for id_, pattern in REASONS.items():
        if found := re.fullmatch(pattern, reason or ""):
            values: dict[str, Text] = dict(found.groupdict())
            if "reason" in values:
                values["reason"] = reason_words(found["reason"])
            return Said(f"reason:{id_}", "{english}", {**values, "english": reason or ""})
    return reason or ""
