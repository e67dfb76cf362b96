"""Reasons that the daemon gives in English, recognised so that other languages can put them whole.

One that is not recognised, of another version or with a text from outside, stays as it came.
"""

import re
from collections.abc import Mapping

from paranad.cli.screen.say import Said, Text

SHIPMENT: Mapping[str, str] = {
    "tried_by_php": r"a worker of the shop had the order before, so the courier may have it without our reference",
    "requeued": (
        r"the request is younger than the order \(put back, or asked for by hand\), so the courier may have it from "
        r"before"
    ),
    "restored": r"queue\.db was restored, so the courier may have it under a reference that was lost",
    "ended": r"the daemon ended before the courier's answer came",
    "limited": r"the courier refused it for its request rate: it is sent again in its turn",
    "resend": r"a person decided that it is sent again",
    "partial": r"the list was filtered or had rows that cannot be read, so it proves no absence",
    "incomplete": (
        r"the courier's list lacks parcels that the courier has acknowledged \((?P<rows>[^)]+)\), so it proves no "
        r"absence"
    ),
    "no_witness": (
        r"the courier's list lacks it, but shows no parcel yet that was made after it: the next order that ships will"
    ),
    "candidate": r"the courier has an order that may be this one: (?P<rows>.+)",
    "twin": r"another order of this phone waits too \(order (?P<orders>[^)]+)\), and the courier has: (?P<rows>.+)",
    "twice": r"the courier has it more than once, with our reference: (?P<rows>.+)",
    "other_phone": r"our reference stands on a courier order with another phone: (?P<rows>.+)",
    "foreign_id": r"the courier answered with an id that belongs to another order: (?P<rows>.+)",
    "no_references": (
        r"the courier's answer was unclear, and (?P<lists>\d+) of its lists lack the shipment; but for a day they have "
        r"shown no reference of ours, so that proves nothing"
    ),
    "sent_often": r"sent (?P<times>\d+) times without an answer, and not in the courier's lists",
    "given_up": r"the courier's answer was unclear, and 24 h did not settle it",
    "changed": (
        r"somebody else may have sent it; the courier's lists lack it, but the order was changed since, perhaps its "
        r"phone"
    ),
    "order_gone": r"order (?P<order>\d+) is gone from the shop, but the courier has (?P<rows>.+)",
    "linked": r"courier order (?P<rows>.+) is linked to order (?P<order>\d+) in the shop",
    "shop_has_another": r"the shop already has courier order (?P<others>.+) for it, and the courier has (?P<rows>.+)",
    "adopted": r"found in the courier's list after queue\.db was restored",
}
"""Why a shipment stands where it stands, by the code that the API gives beside the sentence."""

REASONS: Mapping[str, str] = {
    **{f"shipment-{code}": pattern for code, pattern in SHIPMENT.items()},
    "restored": (
        r"queue\.db was restored from a copy of (?P<copied_at>[\d: -]+): no shipment is sent until its journal is "
        r"matched with the courier's list: paranadctl shipments reconcile"
    ),
    "list-will-tell": r"(?P<reason>.+); the courier's list will tell whether it has the order",
    "courier-unclear": r"courier: the answer is unclear: (?P<detail>.+)",
    "courier-not-reached": r"courier: cannot be reached, nothing was sent: (?P<detail>.+)",
    "courier-refused-number": r"courier: refused the request \(errNum (?P<number>[^)]+)\): (?P<detail>.+)",
    "courier-refused": r"courier: refused the request: (?P<detail>.+)",
    "courier-limited": r"courier: over the request rate; it waits for its turn",
    "courier-rate-refused": r"courier: it says that its request rate is exceeded; it waits for its turn",
    "courier-not-now-number": r"courier: could not do it for the moment \(errNum (?P<number>[^)]+)\): (?P<detail>.+)",
    "courier-not-now": r"courier: could not do it for the moment: (?P<detail>.+)",
    "login-refused": r"the courier refused the username and password: (?P<detail>.+)",
    "courier-login": r"courier: login failed: (?P<reason>.+)",
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
    "shipment-there": r"its shipment is (?P<state>\w+) already, reference (?P<reference>\S+)",
    "no-cache": r"\[shop\] cache_dir is empty: the shop's pages count for themselves",
    "courier-shows-none": r"the courier shows no order of this id",
    "reference-of-another": r"it carries the reference of order (?P<order>\d+)",
    "phone-of-another": r"it has another phone than the order",
    "courier-not-asked": r"it cannot be asked now \((?P<reason>.+)\)",
    "by-hand": r"run by hand",
    "overlap": r"overlap: job (?P<id>\d+) is unfinished",
    "socket-missing": r"(?P<path>.+): there is no such socket, so the daemon does not run there",
    "socket-deserted": r"(?P<path>.+): nothing listens on it, so the daemon has stopped",
    "socket-forbidden": r"(?P<path>.+): you may not open the control socket",
    "socket-late": r"(?P<path>.+): the daemon did not answer in time",
    "shop-not-reached": r"the shop's database cannot be reached: (?P<detail>.+)",
    "shop-locked": r"the shop's database is locked: (?P<detail>.+)",
    "shop-read-only": r"the shop's database takes no change: (?P<detail>.+)",
    "shop-not-granted": r"the shop's database refuses what is needed: (?P<detail>.+)",
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
