"""Reasons that the daemon gives in English, recognised so that other languages can put them whole.

One that is not recognised, of another version or with a text from outside, stays as it came.
"""

import re
from collections.abc import Mapping

from paranad.cli.screen.say import Phrase, Text

REASONS: Mapping[str, str] = {
    "bridge-not-looked": r"it has not looked at the shop's jobs table yet",
    "bridge-switched": r"it was just switched",
    "bridge-configured-off": r'\[shop\] laravel_queue is "off"',
    "bridge-alone": r"no row is reserved by anyone else",
    "bridge-rival": (
        r"someone else reserved row (?P<row>\d+) of the jobs table at (?P<at>[\d:]+), as a PHP worker does: it waits "
        r"until (?P<until>[\d:]+)"
    ),
    "auto-sync-off": r"the shop's setting alwaseet_auto_sync_enabled is off",
    "not-due": r"not due before (?P<at>[\d: -]+)",
    "order-without-items": r"order (?P<order>\d+) has no items: nothing to ship; .*",
    "order-phone": (
        r"order (?P<order>\d+): customer_phone: expected an Iraqi mobile number such as 07XXXXXXXXX, "
        r"got (?P<got>.*); correct it in the shop, .*"
    ),
    "order-column-empty": r"order (?P<order>\d+): (?P<column>\w+) is empty; fill it in the shop, .*",
    "order-total-zero": r"order (?P<order>\d+): total_amount: expected more than 0 dinars, got 0; .*",
    "setting-empty": r"the shop's setting (?P<key>\w+) is empty: expected an id of the courier; .*",
    "setting-no-id": r"(?P<key>\w+): expected an id of the courier, got (?P<got>.*); correct it in the shop",
    "command-ended": r"(?P<name>\S+): ended with exit status (?P<status>\d+)",
    "command-said": r"(?P<name>\S+): ended with exit status (?P<status>\d+), last line: (?P<line>.*)",
    "state-full": (
        r"(?P<path>.+) could not be written \((?P<why>.*)\); nothing was stored: make room on its disk, then again"
    ),
    "no-cache": r"\[shop\] cache_dir is empty: the shop's pages count for themselves",
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
            return Phrase(f"reason:{id_}", "{english}", {**values, "english": reason or ""})
    return reason or ""
