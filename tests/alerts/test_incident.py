"""The document that somebody gets: every kind has its words, and no secret leaves in one."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from paranad.alerts.incident import Incident, clean, document
from paranad.alerts.kinds import WORDS, IncidentKind
from paranad.alerts.watches import DECIDED
from paranad.clock import to_us
from paranad.log import redaction
from paranad.log.redaction import hide
from paranad.said import plain
from paranad.shipments.model import ShipmentState
from paranad.shipments.reasons import REPEAT
from paranad.text import LRI, PDI, begins_from_right
from tests.alerts.harness import ZONE
from tests.support.clock import START

README = Path(__file__).parents[2] / "docs" / "alerts" / "README.md"


RECORDED = DECIDED[ShipmentState.RECORDED]()


def held(order_id: int = 7) -> Incident:
    facts = {"order_id": order_id, "reference": "P7-ABCD", "reason": "two fit"}
    return Incident(IncidentKind.SHIPMENT_HELD, str(order_id), facts, START)


def test_a_document_says_what_where_since_when_and_what_to_do() -> None:
    assert {
        "kind": "shipment-held",
        "key": "7",
        "state": "open",
        "at": "2026-03-02T12:00:00+03:00",
        "opened_at": "2026-03-02T12:00:00+03:00",
        "language": "en",
        "message": "order 7: its shipment is held: two fit",
        "cure": "see paranadctl shipments show 7, then decide: "
        "paranadctl shipments settle 7 --courier-id ID, or resend 7",
        "order_id": 7,
        "reference": "P7-ABCD",
        "reason": "two fit",
        "why": {
            "code": "alert.shipment_held",
            "values": {"order_id": 7, "reason": "two fit"},
            "text": "order 7: its shipment is held: two fit",
        },
    } == json.loads(document([held()], ZONE, "en"))


def test_a_repeat_that_is_held_is_cured_by_resending_or_cancelling_it() -> None:
    """No courier order is there to settle it with."""
    facts = {"order_id": 15, "reference": "P15-ABCD", "reason": REPEAT(orders=["11"])}
    told = json.loads(document([Incident(IncidentKind.SHIPMENT_HELD, "15", facts, START)], ZONE, "en"))
    assert (
        "see paranadctl shipments show 15, then decide: both are wanted: paranadctl shipments resend 15; "
        "if not: cancel order 15 in the shop"
    ) == told["cure"]


def test_an_end_says_when_and_how() -> None:
    incident = held()
    incident.over_at, incident.how = START + timedelta(hours=1), RECORDED
    told = json.loads(document([incident], ZONE, "en"))
    assert ("over", "2026-03-02T13:00:00+03:00", None) == (told["state"], told["at"], told["cure"])
    assert "order 7: its shipment is no longer held: it is recorded" == told["message"]


def test_several_are_one_document_that_names_them() -> None:
    told = json.loads(document([held(order_id) for order_id in range(1, 151)], ZONE, "en"))
    assert ("several", 150, 100) == (told["key"], told["count"], len(told["keys"]))
    assert told["message"].endswith("; and 149 more like it")
    assert "order_id" not in told


def test_a_document_is_one_line() -> None:
    assert 1 == document([held()], ZONE, "en").count(b"\n")


@pytest.mark.parametrize("kind", IncidentKind)
def test_every_kind_has_words_whatever_is_known_of_it(kind: IncidentKind) -> None:
    incident = Incident(kind, "x", {}, START)
    told = document([incident], ZONE, "en").decode()
    assert "unknown" in told or not re.search(r"\{\w+\}", WORDS[kind].opened.english)


@pytest.mark.parametrize("kind", IncidentKind)
def test_every_kind_is_told_in_arabic_from_its_first_letter(kind: IncidentKind) -> None:
    incident = Incident(kind, "x", {"reason": RECORDED, "path": "/var"}, START)
    opened = json.loads(document([incident], ZONE, "ar"))
    incident.over_at, incident.how = START, RECORDED
    over = json.loads(document([incident, incident], ZONE, "ar"))
    for told in (opened["message"], opened["cure"], over["message"]):
        outside = re.sub(f"{LRI}[^{PDI}]*{PDI}", "", re.sub(f"{LRI}[^{LRI}{PDI}]*{PDI}", "", told))
        assert begins_from_right(outside), "a phone takes the direction of a text from its first letter outside"
        assert not re.search("[A-Za-z{]", outside), told


def test_arabic_document_says_its_language_and_keeps_its_data_as_they_are() -> None:
    incident = held()
    incident.facts = {**incident.facts, "reason": RECORDED}
    told = json.loads(document([incident], ZONE, "ar"))
    assert ("ar", "الطلب 7: شحنته موقوفة: سُجّلت الشحنة", "سُجّلت الشحنة") == (
        told["language"],
        told["message"],
        told["reason"],
    )
    assert "P7-ABCD" == told["reference"]
    assert json.loads(document([incident], ZONE, "en"))["why"] == told["why"]


def test_several_are_counted_in_arabic() -> None:
    told = json.loads(document([held(order_id) for order_id in range(1, 5)], ZONE, "ar"))
    assert "؛ ومثلها 3 أخرى" == told["message"][-len("؛ ومثلها 3 أخرى") :]
    assert told["cure"].startswith("انظر")


def test_a_fact_is_one_short_line_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    hide("sesame")
    cleaned = clean({"reason": "open\nsesame, token=abcdef " + "x" * 900, "number": 3})
    assert "open (hidden), token=(hidden) x" == cleaned["reason"][:31]
    assert (500, 3) == (len(cleaned["reason"]), cleaned["number"])


def test_an_incident_is_kept_whole() -> None:
    incident = held()
    incident.told, incident.over_at, incident.how = True, START, RECORDED
    assert incident == Incident.from_json(json.loads(json.dumps(incident.as_json())))


def test_an_incident_of_a_version_without_codes_keeps_its_texts() -> None:
    kept = {**held().as_json(), "over_at": to_us(START), "how": "it is recorded"}
    del kept["said"], kept["how_said"]
    incident = Incident.from_json(kept)
    assert (plain("it is recorded"), {"order_id": 7, "reference": "P7-ABCD", "reason": "two fit"}) == (
        incident.how,
        incident.facts,
    )


def test_facts_keep_their_codes_over_restarts() -> None:
    incident = held()
    incident.facts = {**incident.facts, "reason": RECORDED}
    assert incident == Incident.from_json(json.loads(json.dumps(incident.as_json())))
    told = json.loads(document([incident], ZONE, "en"))
    assert ("it is recorded", "alert.decided_recorded") == (told["reason"], told["why"]["facts"]["reason"]["code"])


def test_the_docs_name_every_kind() -> None:
    assert set(IncidentKind) == set(re.findall(r"^\| `([a-z]+-[a-z-]+)` \|", README.read_text("utf-8"), re.MULTILINE))
