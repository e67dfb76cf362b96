"""An incident, and the JSON document that the operator's command gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from paranad.alerts.kinds import WORDS, IncidentKind
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
    if is_over:
        return message, None
    return message, _said(words.cure_of_several if more or failed > 1 else words.cure_of(first.facts), first)


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
