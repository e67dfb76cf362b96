"""What failed, in words: the likely cause and the cure, for what the program can recognise."""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Advice:
    """Why it probably is so, and what to do."""

    cause: str
    cure: str


RETRY = "then put it back: paranadctl retry {id}"

CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"took the daemon down",
        "the daemon ended while this job ran, start-up after start-up; often it was out of memory",
        "see `journalctl -u paranad` at the times of the attempts before you retry it",
    ),
    (
        r"ended with exit status|ended by SIG|ended by signal|cannot be started",
        "the command of this schedule entry failed",
        f"its output is below; run it by hand to see more, {RETRY}",
    ),
    (
        r"shipments show \d+|shipment is held",
        "it cannot be told by itself whether the courier has the shipment",
        "decide about it: paranadctl shipments list --state held",
    ),
    (
        r"unknown task|; it takes ",
        "the job was stored for another version or configuration of the daemon",
        "put back the task or schedule entry that is missing, or delete it: paranadctl failed forget {id}",
    ),
    (
        r"courier: login failed",
        "the courier does not accept the user name and password",
        f"correct alwaseet_username and alwaseet_password in the shop's settings, {RETRY}",
    ),
    (
        r"courier: says this account",
        "the courier's account lacks the right to do this",
        f"ask AlWaseet to allow it for the account, {RETRY}",
    ),
    (
        r"courier: refused the request",
        "the courier does not take the order's data as they are",
        f"correct the order in the shop, {RETRY}",
    ),
    (
        r"courier: ",
        "the courier's service could not be reached, or did not answer as it should",
        f"see that https://api.alwaseet-iq.net answers from this machine, {RETRY}",
    ),
    (
        r"shop's setting",
        "a setting of the shop is empty or not usable",
        f"set it in the shop, {RETRY}",
    ),
    (
        r"no such order",
        "the order was deleted for good after its shipment was asked for",
        "delete the job: paranadctl failed forget {id}",
    ),
    (
        r"^order \d+",
        "the order's own data do not make a shipment",
        f"correct the order in the shop, {RETRY}",
    ),
    (
        r"clock of the shop",
        "this machine and the shop's database server disagree on the time",
        f"set both clocks by NTP, {RETRY}",
    ),
    (
        r"shop's database has no",
        "the shop's database is another one, or its migrations have not run",
        f"run the shop's migrations or correct [shop] database_url, {RETRY}",
    ),
    (
        r"shop's database",
        "the shop's database did not answer or was locked",
        f"see that it is up, {RETRY}",
    ),
)
"""Pattern in the error, cause, cure; the first that fits. `{id}` is the job's."""

TIMED_OUT = Advice(
    "it ran longer than its timeout allows; the shop's database or the courier was slow, or there was much to do",
    "see `paranadctl status` for both, " + RETRY,
)
UNKNOWN = Advice(
    "not one that is known here; the attempts below and the log say more",
    "remove the cause, " + RETRY,
)

SHIPMENTS = {
    "intended": Advice(
        "the request may have left, and its answer is not known yet",
        "nothing: the daemon looks for it in the courier's own list; sooner: paranadctl shipments reconcile",
    ),
    "created": Advice(
        "the courier has it; the shop's row is not written yet",
        "nothing: it is written when the shop's database answers; `paranadctl status` says whether it does",
    ),
    "recorded": Advice("the courier has it and the shop knows it", "nothing"),
    "withdrawn": Advice(
        "the courier did not take it, so nothing is under way",
        "see the reason above and the order's job: paranadctl jobs list --task alwaseet:create-shipment",
    ),
    "held": Advice(
        "it cannot be told by itself whether the courier has it, so a person must decide",
        "look for the reference in the courier's own list; there: paranadctl shipments settle {order} "
        "--courier-id ID; not there: paranadctl shipments resend {order}",
    ),
}

PROBLEMS = {
    "unavailable": "paranadctl status says what the daemon waits for",
    "unknown-task": "paranadctl schedule list names the tasks of the schedule",
    "idempotency-key-reused": "use a new key for a new request",
    "internal": "a defect of the program: see `journalctl -u paranad`, and report it",
}
"""What to do about an error of the control API, by its kind, where its message may not say it."""


def job_advice(job: Any) -> Advice | None:
    """Return the likely cause and the cure of a failed job; None where it has not failed."""
    if job["state"] != "failed":
        return None
    advice = _advice(job["error"] or "", job["attempts"])
    return Advice(advice.cause, advice.cure.replace("{id}", str(job["id"])))


def _advice(error: str, attempts: list[Any]) -> Advice:
    if attempts and attempts[-1]["outcome"] == "timed_out":
        return TIMED_OUT
    for pattern, cause, cure in CAUSES:
        if re.search(pattern, error, re.IGNORECASE):
            return Advice(cause, cure)
    return UNKNOWN


def shipment_advice(state: str, order_id: int) -> Advice:
    """Return what the state of a shipment means, and what to do."""
    advice = SHIPMENTS[state]
    return Advice(advice.cause, advice.cure.replace("{order}", str(order_id)))
