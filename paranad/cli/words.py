"""What failed, in words: the likely cause and the cure, for what the program can recognise.

Here is the English; `paranad/arabic/` has the Arabic by the same keys.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from typing import Any, NamedTuple

from paranad.catalogue import is_own
from paranad.cli.screen.say import Phrase, Text
from paranad.said import STATE, Said, Value, from_document


class Advice(NamedTuple):
    """The probable cause of a failed job or a shipment's state, and the cure."""

    cause: Phrase
    cure: Phrase


class Cause(NamedTuple):
    """Why a job may have failed."""

    id: str
    facts: AbstractSet[str]
    """Codes of facts, or areas (`courier`): the cause fits if the job's error states one. Empty: found otherwise."""
    cause: str
    cure: str
    """`{id}` is the job's."""


RETRY = "then put it back: paranadctl retry {id}"
FORGET = "paranadctl failed forget {id}"

CAUSES = (
    Cause(
        "took-daemon-down",
        {"job.took_daemon_down"},
        "the daemon ended while this job ran, start-up after start-up; often it was out of memory",
        "see `journalctl -u paranad` at the times of the attempts before you retry it",
    ),
    Cause(
        "command-failed",
        {"command"},
        "the program of this command failed",
        f"what it printed: paranadctl jobs show {{id}}; run it by hand to see more, {RETRY}",
    ),
    Cause(
        "shipment-held",
        {"shipment.held", "shipment.unclear_for_a_day"},
        "it cannot be told by itself whether the courier has the shipment",
        "decide about it: paranadctl shipments list --state held",
    ),
    Cause(
        "another-version",
        {"job.task_gone", "job.unknown_task", "job.wrong_arguments"},
        "the job was stored for another version or configuration of the daemon",
        f"put back the command, its arguments or the schedule entry, {RETRY}; or delete it: {FORGET}",
    ),
    Cause(
        "courier-no-account",
        {"courier.no_account"},
        "nobody has set the courier's account",
        f"write it into /etc/paranad/credentials/courier, paranad.toml or the shop's settings, {RETRY}",
    ),
    Cause(
        "courier-login-failed",
        {"courier.login_failed"},
        "the courier does not accept the user name and password",
        f"correct alwaseet_username and alwaseet_password in the shop's settings, {RETRY}",
    ),
    Cause(
        "courier-right",
        {"courier.no_right", "courier.no_right_number"},
        "the courier's account lacks the right to do this",
        f"ask AlWaseet to allow it for the account, {RETRY}",
    ),
    Cause(
        "courier-data",
        {"courier.refused", "courier.refused_number", "courier.place", "courier.place_number"},
        "the courier does not take the order's data as they are",
        f"correct the order in the shop, {RETRY}",
    ),
    Cause(
        "courier-away",
        {"courier"},
        "the courier's service could not be reached, or did not answer as it should",
        f"see that https://api.alwaseet-iq.net answers from this machine, {RETRY}",
    ),
    Cause(
        "shop-setting",
        {"setting"},
        "a setting of the shop is empty or not usable",
        f"set it in the shop, {RETRY}",
    ),
    Cause(
        "order-gone",
        {"order.missing"},
        "the order was deleted for good after its shipment was asked for",
        f"delete the job: {FORGET}",
    ),
    Cause(
        "bad-order",
        {"order", "shop.order", "shipment.refused", "shipment.refused_often"},
        "the order's own data do not make a shipment",
        f"correct the order in the shop, {RETRY}",
    ),
    Cause(
        "shop-clock-off",
        {"shop.clock_off"},
        "this machine and the shop's database server disagree on the time",
        f"set both clocks by NTP, {RETRY}",
    ),
    Cause(
        "shop-schema",
        {"shop.unexpected_schema"},
        "the shop's database is another one, or its migrations have not run",
        f"run the shop's migrations or correct [shop] database_url, {RETRY}",
    ),
    Cause(
        "shop-refuses",
        {"shop.read_only", "shop.not_granted"},
        "the shop's database is read-only, or its user lacks a right",
        f"paranadctl doctor names what it needs; {RETRY}",
    ),
    Cause(
        "shop-away",
        {"shop.unreachable", "shop.busy"},
        "the shop's database did not answer or was locked",
        f"see that it is up, {RETRY}",
    ),
    Cause(
        "shop-row",
        {"shop.bad_row"},
        "a row of the shop cannot be read or written as it is",
        f"correct it in the shop, {RETRY}",
    ),
)
"""The likely cause is the first that names a fact of the error, or a fact that explains the error."""

TIMED_OUT = Cause(
    "timed-out",
    frozenset(),
    "it ran longer than its timeout allows; the shop's database or the courier was slow, or there was much to do",
    f"see `paranadctl status` for both, {RETRY}",
)
COMMAND_TIMED_OUT = Cause(
    "command-timed-out",
    frozenset(),
    "the program of this command ran longer than its timeout allows",
    f"what it printed: paranadctl jobs show {{id}}; if it hung, remove the cause, {RETRY}; if it needs longer, raise "
    "`timeout` of its command, reload, and ask for it anew: a retry keeps the old timeout",
)
UNKNOWN = Cause(
    "unknown",
    frozenset(),
    "not one that is known here; the attempts below and the log say more",
    f"remove the cause, {RETRY}",
)

SHIPMENTS = {
    "intended": (
        "the request may have left, and its answer is not known yet",
        "nothing: the daemon looks for it in the courier's own list; sooner: paranadctl shipments reconcile",
    ),
    "unsent": (
        "nothing was sent from here yet: the courier may have it already, so its own list is asked first",
        "nothing: it is sent once the courier's list lacks it; sooner: paranadctl shipments reconcile",
    ),
    "created": (
        "the courier has it; the shop's row is not written yet",
        "nothing: it is written when the shop's database answers; `paranadctl status` says whether it does",
    ),
    "recorded": ("the courier has it and the shop knows it", "nothing"),
    "withdrawn": (
        "the courier did not take it, so nothing is under way",
        (
            "nothing while the order's job waits: it is sent again by itself when the reason is gone; until when it "
            "waits, or whether it failed: paranadctl jobs list --task alwaseet:create-shipment; a failed one again: "
            "paranadctl retry ID"
        ),
    ),
    "held": (
        "it cannot be told by itself whether the courier has it, so a person must decide",
        (
            "look for the reference in the courier's own list; there: paranadctl shipments settle {order} "
            "--courier-id ID; not there: paranadctl shipments resend {order}"
        ),
    ),
    "repeat": (
        "it is most likely the same order made twice: it is not sent before a person decides",
        "both are wanted: paranadctl shipments resend {order}; if not: cancel order {order} in the shop",
    ),
}
"""What a state means, and what to do; `unsent` is one that is intended, but was never sent; `repeat` is held."""


STANDINGS = {
    "not_due": "not due yet",
    "waiting": "waiting",
    "queued": "queued",
    "setting_off": "setting off",
    "failed": "failed",
    "held": "held",
    "never_asked": "never asked for",
    "paused": "paused",
}
"""Where an order without a shipment stands."""
ACTIONS = {
    "settle": "if the courier has it: paranadctl shipments settle {order} --courier-id ID",
    "resend": "if the courier does not have it: paranadctl shipments resend {order}",
    "resend_repeat": "both are wanted: paranadctl shipments resend {order}; if not: cancel order {order} in the shop",
    "reconcile": "to look in the courier's list now: paranadctl shipments reconcile",
    "retry": "once its cause is gone: paranadctl retry {job}",
    "wake": "to wait no longer: paranadctl wake {job}",
    "cancel": "not to send it: paranadctl jobs cancel {job}",
    "resume": "to go on: paranadctl resume {paused}",
    "resume_all": "to go on: paranadctl resume",
    "send": "to send it: paranadctl dispatch alwaseet:create-shipment order_id={order}",
}
"""What a person can do about an order."""


ORDER_STATUSES = ("pending", "confirmed", "cancelled", "returned", "exchanged")
"""What an order of the shop can be."""


def order_status_words(status: str | None) -> Text:
    """Return an order's status; a word that the shop has not had so far as it came."""
    return Phrase(f"order:{status}", status) if status in ORDER_STATUSES else status or "-"


def standing_words(standing: str) -> Phrase:
    """Return where an order without a shipment stands."""
    return Phrase(f"standing:{standing}", STANDINGS.get(standing, standing.replace("_", " ")))


def action_words(action: str, order: Any, job_id: int | None) -> Phrase:
    """Return what a person can do about *order*, as it is typed; *job_id* is the job that it is done to."""
    why = order["why"]["values"]
    paused = why.get("queue") or why.get("task")  # none: the daemon takes nothing new
    key = "resume_all" if action == "resume" and not paused else action
    if action == "resend" and is_repeat(order):
        key = "resend_repeat"
    values: dict[str, Text] = {"order": order["order_id"], "job": job_id or "ID", "paused": paused or ""}
    return Phrase(f"action:{key}", ACTIONS.get(key, key), values)


def state_words(state: str) -> Phrase:
    """Return a state or an outcome as it stands in a table."""
    # Only an occurrence of the schedule is `skipped`; in words that is what a job says that ran and left its work.
    english = {"skipped": "not run", "standby": "standing by"}.get(state, state.replace("_", " "))
    return Phrase(f"state:{state}", english)


def named_state(state: str) -> Phrase:
    """Return a state with its name as commands take it, if the two differ."""
    return Phrase("state.named", "{words}", {"words": state_words(state), "state": state})


ALERTS: Mapping[str, str] = {
    "shipment-held": "shipment held for a decision",
    "shipment-failed": "order that could not be sent",
    "orders-unshipped": "orders without a shipment for too long",
    "entry-silent": "schedule entry without success",
    "entry-off": "schedule entry left out",
    "command-off": "own task without its program",
    "state-gone": "queue.db removed or replaced",
    "disk-nearly-full": "disk nearly full",
    "courier-login-refused": "account refused by the courier",
    "courier-closed": "courier does not answer",
    "parcels-stuck": "parcels without a new status for too long",
    "parcels-returning": "parcels on the way back for too long",
    "parcels-uninvoiced": "delivered parcels on no invoice",
    "parcels-price": "parcels with another price at the courier",
    "parcels-changed": "orders changed after they were sent",
    "parcels-cancelled": "parcels of cancelled orders on their way",
    "shop-unreachable": "shop's database does not answer",
    "row-unreadable": "row of the shop that cannot be read",
    "php-missing": "rows for PHP that nobody works off",
    "job-took-daemon-down": "job that took the daemon down",
    "heartbeat-failed": "heartbeat not taken",
    "job-failed": "jobs that fail for good",
    "job-stuck": "job that does not end",
    "run-slow": "run far slower than usual",
    "jobs-waiting": "jobs that wait too long",
    "loop-blocked": "daemon that stood still",
    "taken-over": "machine that is gone, and another works in its place",
    "no-standby": "no machine that stands by",
    "lease-untaken": "no machine that works",
    "lease-fight": "machines that fight for the lease",
    "daemon-failed": "daemon that is down",
}
"""The kinds of alerts in words."""


def named_alert(kind: str) -> Text:
    """Return a kind of alert in words, with its name as commands take it; one of a newer daemon by its name alone."""
    if kind not in ALERTS:
        return kind
    return Phrase("alert.named", "{words} ({kind})", {"words": Phrase(f"alert:{kind}", ALERTS[kind]), "kind": kind})


def job_advice(job: Any) -> Advice | None:
    """Return the likely cause and the cure of a failed job; None if it has not failed."""
    if job["state"] != "failed":
        return None
    cause = cause_of(job.get("why"), job["attempts"])
    if cause is TIMED_OUT and is_own(job["task"]):
        cause = COMMAND_TIMED_OUT
    values: dict[str, Text] = {"id": job["id"]}
    return Advice(Phrase(f"cause:{cause.id}", cause.cause), Phrase(f"cure:{cause.id}", cause.cure, values))


def cause_of(error: Any, attempts: list[Any]) -> Cause:
    """Return why a job with this *error*, a remark or null, probably failed."""
    if attempts and attempts[-1]["outcome"] == "timed_out":
        return TIMED_OUT
    stated = set(_codes_and_areas(error)) if error else set()
    return next((each for each in CAUSES if not stated.isdisjoint(each.facts)), UNKNOWN)


def _codes_and_areas(remark: Any) -> Iterator[str]:
    """Yield the code and the area of a fact, and of the facts that explain it."""
    yield from (remark["code"], remark["code"].partition(".")[0])
    for explains in remark.get("facts", {}).values():
        yield from _codes_and_areas(explains)


def is_repeat(document: Any) -> bool:
    """Tell whether a shipment, or an order, is held because another order has its phone and price."""
    return bool(document["why"]) and document["why"]["code"] == "repeat"


def shipment_advice(state: str, order_id: int, *, sent: bool = True, repeat: bool = False) -> Advice:
    """Return what the state of a shipment means, and what to do; *sent*: a request of ours may have left."""
    if state == "intended" and not sent:
        state = "unsent"
    if state == "held" and repeat:
        state = "repeat"
    meaning, cure = SHIPMENTS[state]
    return Advice(Phrase(f"meaning:{state}", meaning), Phrase(f"decision:{state}", cure, {"order": order_id}))


def notes_words(status: Any) -> Iterator[Phrase]:
    """Yield the notes of a status; a note without a code, of another version of the daemon, stays as it came."""
    for note, remark in zip_longest(status["notes"], status.get("remarks", ())):
        code, values = (remark["code"], with_facts(remark)) if remark else ("", {})
        yield told(f"note:{code}", note or "", values)


def with_facts(document: Any) -> dict[str, Text]:
    """Return the values of a remark or a finding as they are drawn; an earlier version gives no facts among them."""
    facts = {name: from_document(fact) for name, fact in document.get("facts", {}).items()}
    return {name: _value_words(name, value) for name, value in {**document["values"], **facts}.items()}


def fact_words(document: Any, field: str, why: str = "why") -> Text:
    """Return what *document* says in *field*, as the fact that stands beside it under *why*; empty if it is null."""
    said = document.get(why)  # a daemon of an earlier version has none
    if said and said["code"]:
        return said_words(from_document({**said, "text": document[field]}))
    return document[field] or ""


def remark_words(remark: Any) -> Text:
    """Return a fact as the API answers it where it stands for itself."""
    return said_words(from_document(remark))


def said_words(said: Said) -> Text:
    """Return a fact: in English as it came, in other languages by its code and values."""
    if not said.code:
        return said.text
    return Phrase(f"said:{said.code}", "{english}", {**values_of(said), "english": said.text})


def values_of(said: Said) -> dict[str, Text]:
    """Return the values of a fact as they are drawn."""
    return {name: _value_words(name, value) for name, value in said.values.items()}


def _value_words(name: str, value: Value) -> Text:
    if isinstance(value, Said):
        return said_words(value)
    if name == STATE:
        return state_words(str(value))
    return value if isinstance(value, str | int | float) else tuple(value)


def told(key: str, english: str, values: Mapping[str, Text]) -> Phrase:
    """Return a sentence that the daemon has put into English already; *values* are for the other languages."""
    return Phrase(key, "{english}", {**values, "english": english})
