"""What the status says in sentences: each remark by its code, with the values that its words need.

The sentence here is the one that the API answers; `paranadctl` has each in Arabic by the same code and values.
"""

from typing import overload

from paranad.control.schemas import Remark
from paranad.said import Said, Value, as_said, written

REMARKS = {
    "daemon-starting": "the daemon starts: it recovers the queue before it claims",
    "daemon-draining": ("the daemon drains: what runs finishes, nothing new starts; to go on: paranadctl resume"),
    "daemon-stopping": "the daemon stops: what runs finishes, nothing new starts",
    "queue-paused": "queue {queue} is paused, {due:job} due; to go on: paranadctl resume {queue}",
    "entry-off": "schedule entry {entry} is left out until its program is there: {reason}",
    "workers-busy": "all {workers} workers are busy; due and waiting for one: {due:job}",
    "state-not-written": (
        "queue.db cannot be written, so new work is refused, and what ends is kept in memory until it can: {reason}"
    ),
    "state-gone": "no new work is taken and none begins: {reason}",
    "state-log-held": (
        "queue.db-wal has grown large and cannot be merged, because another process reads queue.db and does not "
        "finish: process {held_by}"
    ),
    "shop-unreachable": "the shop's database does not answer, so its tasks wait: {reason}",
    "shop-unusable": "tasks of the shop may wait: {reason}",
    "courier-login-refused": "the courier refuses the login, so its tasks wait: {reason}",
    "courier-closed": "the courier takes no request before {until}; waiting for that: {waiting:job}",
    "courier-limit": "waiting for a free place in the courier's limit of {limit} requests: {waiting:job}",
    "bridge-off": "the shop's jobs table is not worked here: {reason}",
    "bridge-left": "left for a PHP worker in the shop's jobs table, {rows:row}: {name}",
    "bridge-unreadable": (
        "in the shop's failed_jobs, not done because it cannot be read, {rows:row}; the last, {uuid}: {reason}; "
        "in the shop: php artisan queue:failed, then queue:retry UUID or queue:forget UUID"
    ),
    "bridge-trouble": "failed jobs cannot be given back to the shop's failed_jobs, and this is tried again: {reason}",
    "snoozed": "snoozed for this reason, {count:job}, the first until {until}: {reason}",
    "restored": (
        "queue.db was restored from a copy of {copied_at}: no shipment is sent until its journal is matched with the "
        "courier's list: paranadctl shipments reconcile"
    ),
    "shipments-held": "{held:shipment} to be decided by a person: paranadctl shipments list --state held",
    "nothing-due": "nothing is due",
    "nothing-due-next": "nothing is due; next: {entry} at {at}",
}
"""Sentence by code; `{due:job}` is a count with its noun."""


def remark(code: str, **values: Value) -> Remark:
    """State one of the remarks."""
    return remark_of(Said(code, values, written(REMARKS[code], values)))


@overload
def remark_of(said: Said | str) -> Remark: ...
@overload
def remark_of(said: Said | str | None) -> Remark | None: ...
def remark_of(said: Said | str | None) -> Remark | None:
    """Return *said* as the API answers it; a fact among its values also by itself."""
    if said is None:
        return None
    said = as_said(said)
    values = said.values.items()
    facts = {name: remark_of(value) for name, value in values if isinstance(value, Said)}
    return Remark(code=said.code, values={name: shown(value) for name, value in values}, facts=facts, text=said.text)


def shown(value: Value) -> str | int | float:
    """Return *value* as it stands in a sentence: a fact by its text, a list with commas."""
    if isinstance(value, str | int | float):
        return value
    return value.text if isinstance(value, Said) else ", ".join(value)
