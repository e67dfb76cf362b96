"""An incident, the words of each kind, and the JSON document that the operator's command gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from paranad.alerts.language import Language, spoken
from paranad.clock import from_us, to_us
from paranad.log.redaction import redact
from paranad.said import Said, Sentence, from_document, names_in, plain
from paranad.wording import one_line, shorten

Json = Any
Facts = Mapping[str, Json]
"""What is known of an incident, by name: a `Said`, or a JSON value. No secret, phones by their last three digits."""

TEXT_LENGTH = 500
KEYS_NAMED = 100
SEVERAL = "several"
"""The key of a document that tells of more than one incident."""
UNKNOWN = "unknown"
TEST = Sentence("alert.test", "a test of paranad's alerts: whoever reads this will read of trouble too")
AND_MORE = Sentence("alert.and_more", "{message}; and {count} more like it")

FAILED_SO_FAR = Sentence("alert.failed_so_far", "{message}; failed of it so far: {failed:job}")


class IncidentKind(StrEnum):
    """The kinds of trouble that are announced."""

    SHIPMENT_HELD = "shipment-held"
    """A person must decide on an order's shipment."""
    SHIPMENT_FAILED = "shipment-failed"
    """The job that was to send an order has failed for good; the order has no shipment."""
    ORDERS_UNSHIPPED = "orders-unshipped"
    """The oldest order without a shipment is older than it may be, whatever it waits for."""
    ENTRY_SILENT = "entry-silent"
    """A schedule entry has had no success within the time in which one is expected."""
    ENTRY_OFF = "entry-off"
    """The program of a schedule entry is missing, so the entry is left out."""
    COMMAND_OFF = "command-off"
    """The program of a `[command]` is missing, so its jobs wait."""
    STATE_GONE = "state-gone"
    """queue.db is no longer the file that the daemon has open."""
    DISK_NEARLY_FULL = "disk-nearly-full"
    """The disk of the state directory has little room left."""
    COURIER_LOGIN_REFUSED = "courier-login-refused"
    """The courier refuses the account, or what the account wants to do."""
    COURIER_CLOSED = "courier-closed"
    """The courier has not answered for five minutes, so no order is sent to it."""
    SHOP_UNREACHABLE = "shop-unreachable"
    """The shop's database has not answered for five minutes."""
    ROW_UNREADABLE = "row-unreadable"
    """A row of the shop's `jobs` table cannot be read, so it stands in its `failed_jobs` and its work is not done."""
    PHP_MISSING = "php-missing"
    """Rows that only PHP can work wait, and no worker of the shop works them off."""
    JOB_TOOK_DAEMON_DOWN = "job-took-daemon-down"
    """A job was found running at three start-ups in a row, and is not started again."""
    HEARTBEAT_FAILED = "heartbeat-failed"
    """The address of `[alert] heartbeat_url` did not take the heartbeat three times in a row."""
    JOB_FAILED = "job-failed"
    """The jobs of a task fail for good: of a schedule entry, of an operator's command, of the shop."""
    JOB_STUCK = "job-stuck"
    """A job does not end although its time is over; its worker was given up and replaced."""
    RUN_SLOW = "run-slow"
    """A run takes many times its usual."""
    JOBS_WAITING = "jobs-waiting"
    """The oldest available job of a queue has waited too long for a worker."""
    LOOP_BLOCKED = "loop-blocked"
    """The daemon's event loop stood still; systemd's watchdog ends such a daemon."""
    DAEMON_FAILED = "daemon-failed"
    """The daemon is down, and systemd does not start it again."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind is told: sentences over the facts of the incident, and over `how` it ended."""

    opened: Sentence
    over: Sentence
    cure: Sentence
    cure_of_several: Sentence
    """If many are told in one document."""


def _words(kind: IncidentKind, opened: str, over: str, cure: str, cure_of_several: str = "") -> Words:
    code = f"alert.{kind.replace('-', '_')}"
    one = Sentence(f"{code}_cure", cure)
    several = Sentence(f"{code}_cures", cure_of_several) if cure_of_several else one
    return Words(Sentence(code, opened), Sentence(f"{code}_over", over), one, several)


WORDS: Mapping[IncidentKind, Words] = {
    IncidentKind.SHIPMENT_HELD: _words(
        IncidentKind.SHIPMENT_HELD,
        "order {order_id}: its shipment is held: {reason}",
        "order {order_id}: its shipment is no longer held: {how}",
        "see paranadctl shipments show {order_id}, then decide: "
        "paranadctl shipments settle {order_id} --courier-id ID, or resend {order_id}",
        "see paranadctl shipments, then decide on each: settle ORDER --courier-id ID, or resend ORDER",
    ),
    IncidentKind.SHIPMENT_FAILED: _words(
        IncidentKind.SHIPMENT_FAILED,
        "order {order_id} has no shipment: job {job_id} has failed: {error}",
        "order {order_id}: {how}",
        "see paranadctl failed show {job_id}, correct the order, then paranadctl retry {job_id}",
        "see paranadctl failed, correct the orders, then paranadctl retry each",
    ),
    IncidentKind.ORDERS_UNSHIPPED: _words(
        IncidentKind.ORDERS_UNSHIPPED,
        "{orders:order} without a shipment; the oldest, order {order_id}, was made at {made_at}",
        "orders without a shipment: {how}",
        "see paranadctl orders --without-shipment, then paranadctl order {order_id}",
    ),
    IncidentKind.ENTRY_SILENT: _words(
        IncidentKind.ENTRY_SILENT,
        "schedule entry {entry} has had no success, expected by {expected_by}; the last: {last_success}",
        "schedule entry {entry}: {how}",
        "see paranadctl schedule history {entry}, and paranadctl failed",
        "see paranadctl status and paranadctl failed",
    ),
    IncidentKind.ENTRY_OFF: _words(
        IncidentKind.ENTRY_OFF,
        "schedule entry {entry} is left out: {reason}",
        "schedule entry {entry}: {how}",
        "put the program back, or correct the entry in paranad.toml and reload; it is looked for every minute",
    ),
    IncidentKind.COMMAND_OFF: _words(
        IncidentKind.COMMAND_OFF,
        "{reason}",
        "own task {task}: {how}",
        "put the program there, or correct [command] in paranad.toml and reload; its jobs wait, and run by themselves",
    ),
    IncidentKind.STATE_GONE: _words(
        IncidentKind.STATE_GONE,
        "{path}: {reason}",
        "{path}: {how}",
        "systemctl restart paranad: at its stop the daemon writes back what it has open",
    ),
    IncidentKind.DISK_NEARLY_FULL: _words(
        IncidentKind.DISK_NEARLY_FULL,
        "{path}: {free_mib} MiB of the disk's {total_mib} MiB are free; without room no job is stored",
        "{path}: {how}",
        "make room on that disk",
    ),
    IncidentKind.COURIER_LOGIN_REFUSED: _words(
        IncidentKind.COURIER_LOGIN_REFUSED,
        "no shipment can be sent: {reason}",
        "the courier: {how}",
        "correct the account where paranadctl doctor says that it is set, or ask the courier",
    ),
    IncidentKind.COURIER_CLOSED: _words(
        IncidentKind.COURIER_CLOSED,
        "the courier does not answer, so no order is sent to it since {since}: {reason}",
        "the courier: {how}",
        "orders wait, and are sent by themselves once it answers; see paranadctl doctor; ask the courier if it lasts",
    ),
    IncidentKind.SHOP_UNREACHABLE: _words(
        IncidentKind.SHOP_UNREACHABLE,
        "the shop's database has not answered for five minutes: {reason}",
        "the shop's database answers again",
        "see whether the database server runs, and [shop] database_url; then paranadctl doctor",
    ),
    IncidentKind.ROW_UNREADABLE: _words(
        IncidentKind.ROW_UNREADABLE,
        "row {uuid} of the shop's jobs table cannot be read, so what it asks for is not done: {reason}",
        "row {uuid} of the shop's jobs table: {how}",
        "in the shop: php artisan queue:failed; correct what is wrong, then php artisan queue:retry {uuid}, "
        "or do it by hand and php artisan queue:forget {uuid}",
        "in the shop: php artisan queue:failed; correct what is wrong, then php artisan queue:retry each, "
        "or do it by hand and php artisan queue:forget each",
    ),
    IncidentKind.PHP_MISSING: _words(
        IncidentKind.PHP_MISSING,
        "{rows:row} of the shop's jobs table wait for PHP, and none was worked off since {since}: {reason}",
        "rows that wait for PHP: {how}",
        "{what_to_do}",
    ),
    IncidentKind.JOB_TOOK_DAEMON_DOWN: _words(
        IncidentKind.JOB_TOOK_DAEMON_DOWN,
        "job {job_id} ({task}) took the daemon down {strikes} times and is not started again",
        "job {job_id} ({task}): {how}",
        "see paranadctl logs --job {job_id} for its last start, then paranadctl retry {job_id}, "
        "or paranadctl failed forget {job_id}",
        "see paranadctl failed, and paranadctl logs --job ID for the last start of each; then retry or forget them",
    ),
    IncidentKind.HEARTBEAT_FAILED: _words(
        IncidentKind.HEARTBEAT_FAILED,
        "{host} does not take the daemon's heartbeat: {reason}",
        "the daemon's heartbeat: {host}: {how}",
        "see paranadctl doctor, and correct [alert] heartbeat_url; until then the service behind it takes the daemon "
        "for dead",
    ),
    IncidentKind.JOB_FAILED: _words(
        IncidentKind.JOB_FAILED,
        "job {job_id} ({task}) has failed: {error}",
        "{task}: {how}",
        "see paranadctl failed show {job_id}, correct what is wrong, then paranadctl retry {job_id}",
        "see paranadctl failed, correct what is wrong, then paranadctl retry each",
    ),
    IncidentKind.JOB_STUCK: _words(
        IncidentKind.JOB_STUCK,
        "job {job_id} ({task}) does not end, though its time was over at {deadline}; it began at {since}",
        "{task}: {how}",
        "see paranadctl logs --job {job_id} for what it waits for; systemctl restart paranad ends it",
        "see paranadctl logs --job ID of each for what it waits for; systemctl restart paranad ends them",
    ),
    IncidentKind.RUN_SLOW: _words(
        IncidentKind.RUN_SLOW,
        "job {job_id} ({task}) has taken {took}, where {usual} is usual",
        "{task}: {how}",
        "see paranadctl logs --job {job_id} for what it does; if it hangs: paranadctl jobs cancel {job_id}",
        "see paranadctl status for what runs; if one hangs: paranadctl jobs cancel ID",
    ),
    IncidentKind.JOBS_WAITING: _words(
        IncidentKind.JOBS_WAITING,
        "jobs wait in queue {queue}: the oldest, job {job_id} ({task}), since {since}; {busy}",
        "queue {queue}: {how}",
        "see paranadctl status for what runs; if a job hangs: paranadctl jobs cancel ID; for more at once: {setting}",
    ),
    IncidentKind.LOOP_BLOCKED: _words(
        IncidentKind.LOOP_BLOCKED,
        "the daemon stood still from {since} in {where}; {outcome}; jobs that ran: {jobs}",
        "the daemon: {how}",
        "see paranadctl logs for daemon.loop_blocked, and report it; with top, see what else wants the processor",
    ),
    IncidentKind.DAEMON_FAILED: _words(
        IncidentKind.DAEMON_FAILED,
        "{unit} is down: {result}",
        "{unit} runs again",
        "see journalctl -u {unit} -n 50 and paranad check, then systemctl start {unit}",
    ),
}


@dataclass(slots=True)
class Incident:
    """Trouble that needs a person, from when it was seen until its end is announced."""

    kind: IncidentKind
    key: str
    """Its subject, such as an order: at most one incident of a kind and key is open."""
    facts: Facts
    opened_at: datetime
    told: bool = False
    """Whether it was announced that it is open."""
    times_told: int = 0
    """How often it was announced that it is open: again only if it came back before its end was announced."""
    over_at: datetime | None = None
    """None: it is open."""
    how: Said | None = None
    """How it ended; None while it is open."""
    being_told: bool = field(default=False, compare=False)
    """Whether the command runs for it now."""
    tries: int = field(default=0, compare=False)
    """How often in a row the command failed for it, in this process."""
    retry_at_s: float = field(default=0.0, compare=False)
    """Before which the command does not run for it again; monotonic."""

    @property
    def waits(self) -> bool:
        """Whether its opening or its end is still to be announced."""
        return not self.told or self.over_at is not None

    def as_json(self) -> dict[str, Json]:
        """Return what is kept over restarts. `said` and `how_said` have the codes of the texts beside them."""
        return {
            "kind": self.kind,
            "key": self.key,
            "facts": _texts(self.facts),
            "said": {name: value.document() for name, value in self.facts.items() if isinstance(value, Said)},
            "opened_at": to_us(self.opened_at),
            "told": self.told,
            "times_told": self.times_told,
            "over_at": self.over_at and to_us(self.over_at),
            "how": self.how.text if self.how else "",
            "how_said": self.how and self.how.document(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Json]) -> "Incident":
        """Return the incident that *kept* was made of; a version without codes kept texts alone."""
        how = kept.get("how_said") or (kept["how"] and plain(kept["how"]).document())
        return cls(
            kind=IncidentKind(kept["kind"]),
            key=kept["key"],
            facts=kept["facts"] | {name: from_document(said) for name, said in kept.get("said", {}).items()},
            opened_at=from_us(kept["opened_at"]),
            told=kept["told"],
            times_told=kept.get("times_told", int(kept["told"])),
            over_at=None if kept["over_at"] is None else from_us(kept["over_at"]),
            how=from_document(how) if how else None,
        )


def clean(facts: Facts) -> dict[str, Json]:
    """Return *facts* as they may leave the machine: each text one line, of some length, without secrets."""
    return {name: cleaned(value) if isinstance(value, Said) else _text(value) for name, value in facts.items()}


def cleaned(said: Said) -> Said:
    """Return *said* as it may leave the machine."""
    return said.cleaned(_text)


def _text(value: Json) -> Json:
    return shorten(redact(one_line(value)), TEXT_LENGTH) if isinstance(value, str) else value


def document(incidents: Sequence[Incident], zone: ZoneInfo, language: Language) -> bytes:
    """Return the JSON document of *incidents*: of one kind, and all open or all over; the oldest first."""
    first, *more = incidents
    over_at = first.over_at
    message, cure = summed(incidents)
    # The facts of one would mislead in a document that tells of many.
    known: dict[str, Json] = (
        {"count": len(incidents), "keys": [incident.key for incident in incidents[:KEYS_NAMED]]}
        if more
        else _spoken(first.facts, language)
    )
    head = {
        "kind": first.kind,
        "key": SEVERAL if more else first.key,
        "state": "over" if over_at else "open",
        "at": _at(over_at or first.opened_at, zone),
        "opened_at": _at(first.opened_at, zone),
    }
    return encoded({**head, **told_in(language, message, cure), **known})


def summed(incidents: Sequence[Incident]) -> tuple[Said, Said | None]:
    """Return what is told of *incidents*, of one kind and all open or all over, in one sentence; and the cure."""
    first, *more = incidents
    words, is_over = WORDS[first.kind], first.over_at is not None
    message, failed = _said(words.over if is_over else words.opened, first), first.facts.get("failed", 1)
    if more:
        message = AND_MORE(message=message, count=len(more))
    elif failed > 1 and not is_over:
        message = FAILED_SO_FAR(message=message, failed=failed)
    return message, None if is_over else _said(words.cure_of_several if more or failed > 1 else words.cure, first)


def told_in(language: Language, message: Said, cure: Said | None) -> dict[str, Json]:
    """Return how any document tells *message* and *cure*: in *language*, and the message as data beside it."""
    return {
        "language": language,
        "message": spoken(message, language),
        "cure": cure and spoken(cure, language),
        "why": message.document(),
    }


def test_document(now: datetime, zone: ZoneInfo, language: Language) -> bytes:
    """Return the document of a test: of kind `test`, in the form of any other."""
    at = _at(now, zone)
    head = {"kind": "test", "key": "test", "state": "open", "at": at, "opened_at": at}
    return encoded({**head, **told_in(language, TEST(), None)})


def encoded(told: Mapping[str, Json]) -> bytes:
    """Return a document as the command gets it: JSON on one line."""
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _said(sentence: Sentence, incident: Incident) -> Said:
    """Return *sentence* with the facts of *incident*; a fact that an older version did not keep is "unknown"."""
    known = {**incident.facts, "how": incident.how or ""}
    return sentence(**{name: known.get(name, UNKNOWN) for name in names_in(sentence.english)})


def _texts(facts: Facts) -> dict[str, Json]:
    return {name: value.text if isinstance(value, Said) else value for name, value in facts.items()}


def _spoken(facts: Facts, language: Language) -> dict[str, Json]:
    return {name: spoken(value, language) if isinstance(value, Said) else value for name, value in facts.items()}


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds")
