"""`paranadctl alerts`: what stands, how often it was told, and the mute of a kind."""

from paranad.alerts.mutes import UNKNOWN_KIND
from paranad.arabic.words import ARABIC
from paranad.wording import did_you_mean
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn

WHY = {
    "code": "alert.shipment_held",
    "values": {"order_id": 1042, "reason": "two fit"},
    "facts": {},
    "text": "order 1042: its shipment is held: two fit",
}
INCIDENT = {
    "kind": "shipment-held",
    "key": "1042",
    "state": "open",
    "message": WHY["text"],
    "why": WHY,
    "cure": "see paranadctl shipments",
    "cure_why": None,
    "opened_at": "2026-03-02T12:00:00+03:00",
    "over_at": None,
    "times_told": 1,
    "muted_until": None,
    "next_try_at": None,
}
MUTE = {
    "kind": "shipment-held",
    "since": "2026-03-02T12:00:00+03:00",
    "until": "2026-03-02T14:00:00+03:00",
    "by": "sara",
}
FAILING = {"since": "2026-03-02T12:00:00+03:00", "times": 3, "reason": "no such host", "why": None}
ALERTS = {
    "open": 1,
    "muted": [],
    "failing": None,
    "command": "/opt/tell",
    "language": "ar",
    "kinds": ["shipment-held"],
    "items": [INCIDENT],
    "count": 1,
}


def test_what_stands_is_listed_with_since_when_how_often_and_the_cure(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "alerts", ALERTS)
    lines = ctl("alerts").out.splitlines()
    assert "told by /opt/tell, in Arabic" == lines[0]
    assert lines[3].startswith("shipment held for a decision (shipment-held), opened ")
    assert lines[3].endswith("12:00:00: told 1 time")
    assert ["order 1042: its shipment is held: two fit", "cure: see paranadctl shipments"] == lines[4:]


def test_many_of_one_kind_are_shown_as_three_and_the_keys_of_the_others(ctl: Ctl, daemon: StandIn) -> None:
    held = [{**INCIDENT, "key": str(key)} for key in range(1012, 1000, -1)]
    slow = {**INCIDENT, "kind": "run-slow", "key": "backup"}
    daemon.answer("GET", "alerts", {**ALERTS, "items": [*held[:6], slow, *held[6:]], "count": 13})
    out = ctl("alerts").out
    assert (3, 1) == (out.count("(shipment-held), opened "), out.count("(run-slow), opened "))
    assert "and 9 more of shipment-held: 1009, 1008, 1007, 1006, 1005, 1004, 1003, 1002, 1001\n" in out
    assert "و9 أخرى من النوع shipment-held: 1009" in ctl("alerts", "--lang", "ar").out


def test_muted_kind_says_until_when_and_who_muted_it(ctl: Ctl, daemon: StandIn) -> None:
    item = {**INCIDENT, "times_told": 0, "muted_until": MUTE["until"]}
    daemon.answer("GET", "alerts", {**ALERTS, "muted": [MUTE], "items": [item], "count": 3})
    out = ctl("alerts").out
    assert "sara" in out
    assert ": not told yet, muted until 2026-03-02 14:00:00\n" in out
    assert "to be told again: paranadctl alerts unmute KIND" in out
    assert out.endswith("and 2 older\n")


def test_what_was_told_before_its_kind_was_muted_says_both(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "alerts", {**ALERTS, "items": [{**INCIDENT, "muted_until": MUTE["until"]}]})
    assert ": told 1 time, muted until 2026-03-02 14:00:00\n" in ctl("alerts").out


def test_command_that_fails_says_since_when_and_what_to_do(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "alerts", {**ALERTS, "failing": FAILING, "items": [], "count": 0})
    out = ctl("alerts").out
    assert "the command fails since 2026-03-02 12:00:00, 3 times in a row: no such host\n" in out
    assert "then: paranadctl alert test" in out
    assert "nothing: no incident is open" in out


def test_what_stands_is_told_in_arabic(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "alerts", ALERTS)
    out = ctl("alerts", "--lang", "ar").out
    assert "أُبلغ عنها مرة واحدة" in out
    assert "الطلب 1042: شحنته موقوفة: two fit" in out


def test_mute_asks_for_the_kind_and_says_how_to_end_it(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "alerts/shipment-held/mute", MUTE)
    ran = ctl("alerts", "mute", "shipment-held", "--for", "2h")
    assert {"for": "2h"} == daemon.body_of("POST", "alerts/shipment-held/mute")
    again = "to be told again: paranadctl alerts unmute shipment-held"
    assert f"nobody is told of shipment-held until 2026-03-02 14:00:00; {again}\n" == ran.out


def test_mute_kind_unknown(ctl: Ctl, daemon: StandIn) -> None:
    known = ["shipment-held"]
    said = UNKNOWN_KIND(kind="shipment-holt", cure=did_you_mean("shipment-holt", known), known=known)
    daemon.refuse("POST", "alerts/shipment-holt/mute", 404, "not-found", said)
    ran = ctl("alerts", "mute", "shipment-holt", "--for", "2h")
    assert (4, True) == (ran.code, 'did you mean "shipment-held"?' in ran.err)
    arabic = ctl("alerts", "mute", "shipment-holt", "--for", "2h", "--lang", "ar").err
    assert "لا تنبيه من النوع «shipment-holt»؛ هل تقصد «shipment-held»؟" in arabic
    assert "said:alert.unknown_kind" in ARABIC


def test_unmute_says_that_it_is_told_again(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "alerts/shipment-held/unmute", {"kind": "shipment-held"})
    said = "shipment-held is no longer muted; what was not told yet is told now, and what was told is not repeated\n"
    assert said == ctl("alerts", "unmute", "shipment-held").out
