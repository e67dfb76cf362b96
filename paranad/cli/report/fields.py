"""What of the API's answers, and of the journal's lines, may stand in a report: field by field.

A field that is not named here is hidden, so a new one shows nothing until somebody has thought of it. What an operator
or the shop fills with whatever they like (arguments, results, output) is shown by its counts at most.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from paranad.cli.report.words import ELLIPSIS, INSTANT, told

Json = Any
Rule = Callable[[Json], Json]

HIDDEN = "(hidden)"
LARGEST = 10**8
"""No larger number is shown, whatever its field: it may be a phone."""
NUMBER = re.compile(r"-?(?!(?:\.?[0-9]){9})[0-9]{1,8}(?:\.[0-9]{1,7})?", re.ASCII)
"""Of eight digits at most."""
NAME = re.compile(r"(?!(?:\D*\d){7}|.*//)[A-Za-z0-9][A-Za-z0-9._:/\\+-]{0,99}", re.ASCII)
"""A task, a queue, an entry, a state, a code, a class of PHP, a version, a time zone."""
CRON = re.compile(r"(?!.*[0-9]{3})[0-9*,/ -]{1,100}", re.ASCII)
KEY = re.compile(r'(?P<before>\[\w+\.)(?P<name>"(?:[^"\\]|\\.)*"|[\w-]+)(?P<after>\] \w+)|(?:\[\w+\] )?\w+', re.ASCII)
"""A key of paranad.toml as an operator reads it, with the name of an entry or an own task in it."""
SAMPLE = re.compile(r'\w+(?:\{(?P<labels>(?:\w+="(?:[^"\\]|\\.)*",?)*)\})? \S+')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


NUMBERS = _named(
    """
    id job_id order_id pid number count total done due uid row_id
    workers available set_apart running limit scheduled retryable failed waiting used window_s timeout_s wait_s
    created updated enqueued intended held withdrawn needs_person without_shipment unreadable reserved runs
    open times times_told absences tries tries_spent attempt strikes wait_ms duration_ms deleted jobs rows duplicates
    recovered handed_back mib missing settled looked_at changed skipped occurrences turned_away most catch_up_limit
    rows_left days term
    """
)
INSTANTS = _named(
    """
    at since until next occurrence before after retry_at started_at finished_at created_at due_at opened_at over_at
    muted_until next_try_at closed_until oldest_at next_at restored_from answered_at failing_since withheld_since
    intended_at recorded_at sent_at known_at next_look_at last_run_at oldest_due_at copied_at seen_at last_renewed_at
    """
)
NAMES = _named(
    """
    name task queue entry state last_job_state job_state waiting_for outcome origin kind kinds code check version
    mode login event standing method change language level unit stream timezone one_per status_notices
    catch_up catch_up_window overlap jitter expect_within matched_by decision act payload_class role
    """
)
FORMS = _named(
    """
    items daemon queues paused_tasks progress gone_entries courier limiter door last_sync shipments orders shop bridge
    store heartbeat alerts muted failing last_unreadable pause attempts suspicions look job last schedule php facts
    standby machines
    """
)
"""Forms, and lists of forms or of names, whose own fields are looked at one by one."""
TEXTS = _named(
    """
    status type error reason message text why cure cure_why detail note notes remarks off words summary trouble
    trouble_why key config_file sources cron_words problems where traceback exception stacks notices_refused
    notices_refused_why elsewhere elsewhere_why
    """
)
"""Sentences, ours or from outside; a remark has its code and values too."""
ARGUMENTS = frozenset({"order_id", "shipment_id", "status_id", "old_status_id", "new_status_id", "days"})
"""Arguments of the shop's tasks that are numbers; an operator's own tasks may have any."""
LABELS = frozenset({"le", "task", "queue", "entry", "state", "outcome", "reason", "kind", "path", "version", "status"})
"""Of the figures for a monitor."""


def document(answer: Mapping[str, Json]) -> Json:
    """Return a form with each field as its rule allows; null, false and what is empty stay as they are."""
    return {name: value if not value else _rule(name)(value) for name, value in answer.items()}


def _rule(name: str) -> Rule:
    return RULES.get(name, _hidden)


def _hidden(value: Json) -> Json:
    return value if isinstance(value, bool) else HIDDEN


def showing(form: re.Pattern[str] | None = None) -> Rule:
    """Return the rule that shows numbers and texts of this *form*; of another text the words of it that are ours."""

    def show(value: Json) -> Json:
        match value:
            case dict():
                return document(value)
            case list():
                return [show(each) for each in value]
            case str():
                return value if form and form.fullmatch(value) else told(value)
            case int() | float():
                return value if abs(value) < LARGEST else HIDDEN
        return value

    return show


def numbers(value: Json) -> Json:
    """Show the known numbers of a result or of a sentence's values: how many, never what."""
    if isinstance(value, str):  # as the journal keeps it
        try:
            return HIDDEN if isinstance(found := json.loads(value), str) else numbers(found)
        except ValueError:
            return HIDDEN
    if isinstance(value, dict):
        return {name: numbers(each) for name, each in value.items() if name in NUMBERS}
    return showing()(value) if isinstance(value, int | float) else HIDDEN


def arguments(value: Json) -> Json:
    """Show which arguments there are, and of the shop's own those that are numbers."""
    if not isinstance(value, dict):
        return HIDDEN
    return {told(name): showing(NUMBER)(each) if name in ARGUMENTS else each and HIDDEN for name, each in value.items()}


def counts(value: Json) -> Json:
    """Show how many there are of each class of PHP."""
    return {showing(NAME)(name): showing()(each) for name, each in value.items()} if isinstance(value, dict) else HIDDEN


def facts(value: Json) -> Json:
    """Show the sentences among the values of another."""
    return {told(name): showing()(each) for name, each in value.items()} if isinstance(value, dict) else HIDDEN


def setting(item: Json) -> Json:
    """Show a key of the configuration and its value, null if it must not be seen; names in both are an operator's."""
    value = item["value"]
    rule = VALUES.get(item["key"].rpartition(" ")[2], showing(NAME))
    return {"key": _key(item["key"]), "value": HIDDEN if value is None else value and rule(value)}


def _key(key: str) -> str:
    found = KEY.fullmatch(key)
    if not found or not found["name"]:
        return key if found else told(key)
    name = found["name"]
    if NAME.fullmatch(json.loads(name) if name.startswith('"') else name):
        return key
    return f"{found['before']}{ELLIPSIS}{found['after']}"


def figures(text: str) -> str:
    """Return the figures for a monitor, without those that have a label that is not known."""
    return "".join(line for line in text.splitlines(keepends=True) if line.startswith("#") or _is_known(line.strip()))


def _is_known(line: str) -> bool:
    sample = SAMPLE.fullmatch(line)
    labels = LABEL.findall(sample["labels"] or "") if sample else []
    return bool(sample) and all(name in LABELS and (name == "le" or NAME.fullmatch(value)) for name, value in labels)


RULES: dict[str, Rule] = {
    **dict.fromkeys(NUMBERS, showing(NUMBER)),
    **dict.fromkeys(INSTANTS, showing(INSTANT)),
    **dict.fromkeys(NAMES | FORMS, showing(NAME)),
    **dict.fromkeys(TEXTS, showing()),
    "cron": showing(CRON),
    "args": arguments,
    "result": numbers,
    "values": numbers,
    "facts": facts,
    "left": counts,
    "by_class": counts,
}
"""By the field's name."""
VALUES: dict[str, Rule] = {"cron": showing(CRON), "limits": counts, "args": showing(), "name": showing()}
"""By the configuration's key; all others are names, durations, times of day, numbers."""
