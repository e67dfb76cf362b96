"""What an incident is, and the JSON document that somebody gets of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from paranad.clock import from_us, to_us
from paranad.log.redaction import redact
from paranad.wording import one_line, shorten

Json = Any
Facts = Mapping[str, Json]
"""What is known of an incident, by name: JSON values, flat. No secret, phones by their last three digits."""

TEXT_LENGTH = 500
KEYS_NAMED = 100
SEVERAL = "several"
"""The key of a document that tells of more than one incident."""


class IncidentKind(StrEnum):
    """What somebody is told about."""

    SHIPMENT_HELD = "shipment-held"
    """A person must decide on an order's shipment."""
    SHIPMENT_FAILED = "shipment-failed"
    """The job that was to send an order has failed for good; the order has no shipment."""
    ENTRY_SILENT = "entry-silent"
    """A schedule entry has had no success for three of its periods."""
    ENTRY_OFF = "entry-off"
    """The program of a schedule entry is missing, so the entry is left out."""
    STATE_GONE = "state-gone"
    """queue.db is no longer the file that the daemon has open."""
    DISK_NEARLY_FULL = "disk-nearly-full"
    """The disk of the state directory has little room left."""
    COURIER_LOGIN_REFUSED = "courier-login-refused"
    """The courier refuses the account, or what the account wants to do."""
    SHOP_UNREACHABLE = "shop-unreachable"
    """The shop's database has not answered for five minutes."""
    ROW_UNREADABLE = "row-unreadable"
    """A row of the shop's `jobs` table cannot be read, so it stands in its `failed_jobs`: what it asks is not done."""
    JOB_TOOK_DAEMON_DOWN = "job-took-daemon-down"
    """A job was found running at three start-ups in a row, and is not started again."""
    DAEMON_FAILED = "daemon-failed"
    """The daemon is down, and systemd does not start it again."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind is told, with the names of facts in braces; when it is over there is `how` beside them."""

    opened: str
    over: str
    cure: str
    cure_of_several: str = ""
    """Where many are told in one document; empty: *cure*."""


WORDS: Mapping[IncidentKind, Words] = {
    IncidentKind.SHIPMENT_HELD: Words(
        "order {order_id}: its shipment is held: {reason}",
        "order {order_id}: its shipment is no longer held: {how}",
        "see paranadctl shipments show {order_id}, then decide: "
        "paranadctl shipments settle {order_id} --courier-id ID, or resend {order_id}",
        "see paranadctl shipments, then decide on each: settle ORDER --courier-id ID, or resend ORDER",
    ),
    IncidentKind.SHIPMENT_FAILED: Words(
        "order {order_id} has no shipment: job {job_id} has failed: {error}",
        "order {order_id}: {how}",
        "see paranadctl failed show {job_id}, correct the order, then paranadctl retry {job_id}",
        "see paranadctl failed, correct the orders, then paranadctl retry each",
    ),
    IncidentKind.ENTRY_SILENT: Words(
        "schedule entry {entry} has had no success for three periods; the last: {last_success}",
        "schedule entry {entry}: {how}",
        "see paranadctl schedule history {entry}, and paranadctl failed",
        "see paranadctl status and paranadctl failed",
    ),
    IncidentKind.ENTRY_OFF: Words(
        "schedule entry {entry} is left out: {reason}",
        "schedule entry {entry}: {how}",
        "put the program back, or correct the entry in paranad.toml and reload; it is looked for every minute",
    ),
    IncidentKind.STATE_GONE: Words(
        "{path}: {reason}",
        "{path}: {how}",
        "systemctl restart paranad: at its stop the daemon writes back what it has open",
    ),
    IncidentKind.DISK_NEARLY_FULL: Words(
        "{path}: {free_mib} MiB of the disk's {total_mib} MiB are free; without room no job is stored",
        "{path}: {how}",
        "make room on that disk",
    ),
    IncidentKind.COURIER_LOGIN_REFUSED: Words(
        "no shipment can be sent: {reason}",
        "the courier: {how}",
        "correct the account where paranadctl doctor says that it is set, or ask the courier",
    ),
    IncidentKind.SHOP_UNREACHABLE: Words(
        "the shop's database has not answered for five minutes: {reason}",
        "the shop's database answers again",
        "see whether the database server runs, and [shop] database_url; then paranadctl doctor",
    ),
    IncidentKind.ROW_UNREADABLE: Words(
        "row {uuid} of the shop's jobs table cannot be read, so what it asks for is not done: {reason}",
        "row {uuid} of the shop's jobs table: {how}",
        "in the shop: php artisan queue:failed; correct what is wrong, then php artisan queue:retry {uuid}, "
        "or do it by hand and php artisan queue:forget {uuid}",
        "in the shop: php artisan queue:failed; correct what is wrong, then php artisan queue:retry each, "
        "or do it by hand and php artisan queue:forget each",
    ),
    IncidentKind.JOB_TOOK_DAEMON_DOWN: Words(
        "job {job_id} ({task}) took the daemon down {strikes} times and is not started again",
        "job {job_id} ({task}): {how}",
        "see paranadctl logs --job {job_id} for its last start, then paranadctl retry {job_id}, "
        "or paranadctl failed forget {job_id}",
        "see paranadctl failed, and paranadctl logs --job ID for the last start of each; then retry or forget them",
    ),
    IncidentKind.DAEMON_FAILED: Words(
        "{unit} is down: {result}",
        "{unit} runs again",
        "see journalctl -u {unit} -n 50 and paranad check, then systemctl start {unit}",
    ),
}


@dataclass(slots=True)
class Incident:
    """Something that needs a person, from when it was seen until somebody knows that it is over."""

    kind: IncidentKind
    key: str
    """What it is about: at most one of a kind and key is open."""
    facts: Facts
    opened_at: datetime
    told: bool = False
    """Whether somebody knows that it is open."""
    over_at: datetime | None = None
    """None: it is open."""
    how: str = ""
    """How it ended; empty while it is open."""
    being_told: bool = field(default=False, compare=False)
    """Whether the command runs for it now."""
    tries: int = field(default=0, compare=False)
    """How often in a row the command failed for it, in this process."""
    retry_at_s: float = field(default=0.0, compare=False)
    """Before which the command does not run for it again; monotonic."""

    @property
    def waits(self) -> bool:
        """Whether there is something about it that nobody has been told."""
        return not self.told or self.over_at is not None

    def as_json(self) -> dict[str, Json]:
        """Return what is kept of it over restarts."""
        return {
            "kind": self.kind,
            "key": self.key,
            "facts": self.facts,
            "opened_at": to_us(self.opened_at),
            "told": self.told,
            "over_at": self.over_at and to_us(self.over_at),
            "how": self.how,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Json]) -> "Incident":
        """Return the incident that *kept* was made of."""
        return cls(
            kind=IncidentKind(kept["kind"]),
            key=kept["key"],
            facts=kept["facts"],
            opened_at=from_us(kept["opened_at"]),
            told=kept["told"],
            over_at=None if kept["over_at"] is None else from_us(kept["over_at"]),
            how=kept["how"],
        )


def clean(facts: Facts) -> dict[str, Json]:
    """Return *facts* as they may leave the house: one line each, of some length, without secrets."""
    return {name: _text(value) if isinstance(value, str) else value for name, value in facts.items()}


def _text(text: str) -> str:
    return shorten(redact(one_line(text)), TEXT_LENGTH)


def document(incidents: Sequence[Incident], zone: ZoneInfo) -> bytes:
    """Return the JSON document of *incidents*: of one kind, and all open or all over; the oldest first."""
    first, *more = incidents
    told = _of_one(first, zone)
    if more:
        told["key"] = SEVERAL
        told["message"] += f"; and {len(more)} more like it"
        told["cure"] = told["cure"] and (WORDS[first.kind].cure_of_several or told["cure"])
        told |= {"count": len(incidents), "keys": [incident.key for incident in incidents[:KEYS_NAMED]]}
    else:
        told |= first.facts
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _of_one(incident: Incident, zone: ZoneInfo) -> dict[str, Json]:
    words, over_at = WORDS[incident.kind], incident.over_at
    facts = defaultdict(lambda: "unknown", {**incident.facts, "how": incident.how})
    return {
        "kind": incident.kind,
        "key": incident.key,
        "state": "over" if over_at else "open",
        "at": _at(over_at or incident.opened_at, zone),
        "opened_at": _at(incident.opened_at, zone),
        "message": (words.over if over_at else words.opened).format_map(facts),
        "cure": None if over_at else words.cure.format_map(facts),
    }


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds")
