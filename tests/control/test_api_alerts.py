"""The routes about alerts: what stands, and the mute of a kind."""

import os
import pwd

import httpx
import pytest

from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import MUTABLE
from paranad.control.daemon import Daemon
from paranad.control.pauses import name_of
from paranad.shipments import reasons

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def held(daemon: Daemon) -> None:
    """An order that waits for a person."""
    facts = {"order_id": 7, "reference": "P7-ABCD", "reason": reasons.SAID(text="two fit")}
    daemon.parts.alerts.incidents.begin(IncidentKind.SHIPMENT_HELD, "7", facts)


@pytest.mark.usefixtures("held")
async def test_what_stands_says_what_to_do_and_how_often_it_was_told(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/v1/alerts")).json()
    (incident,) = answer["items"]
    assert ("shipment-held", "7", "open", 0, None) == tuple(
        incident[name] for name in ("kind", "key", "state", "times_told", "muted_until")
    )
    assert "order 7: its shipment is held: two fit" == incident["message"]
    assert "alert.shipment_held_cure" == incident["cure_why"]["code"]
    assert (None, "ar", 1, sorted(MUTABLE)) == tuple(answer[name] for name in ("command", "language", "count", "kinds"))


@pytest.mark.usefixtures("held")
async def test_muted_kind_is_said_wherever_one_looks_until_it_is_unmuted(api: httpx.AsyncClient) -> None:
    muted = (await api.post("/v1/alerts/shipment-held/mute", json={"for": "2h"})).json()
    assert ("shipment-held", ME) == (muted["kind"], muted["by"])
    listed = (await api.get("/v1/alerts")).json()
    assert (muted["until"], [muted]) == (listed["items"][0]["muted_until"], listed["muted"])
    status = (await api.get("/v1/status")).json()
    assert ([muted], 1) == (status["alerts"]["muted"], status["alerts"]["open"])
    assert "alert-muted" in [each["code"] for each in status["remarks"]]
    assert 200 == (await api.post("/v1/alerts/shipment-held/unmute")).status_code
    assert [] == (await api.get("/v1/alerts")).json()["muted"]
    again = await api.post("/v1/alerts/shipment-held/unmute")
    assert (409, "shipment-held is not muted") == (again.status_code, again.json()["detail"])


@pytest.mark.parametrize(
    ("lasts", "detail"),
    [
        ("1y", 'for: expected a duration such as "250ms", "90s", "1h30m" or "7d", got "1y"'),
        ("365d", "for: expected at most 30 days, got 365d; after that, mute it again"),
        ("0s", "for: expected more than no time, got 0s"),
        (0, "for: expected more than no time, got 0.0"),
        ("soon", 'for: expected a duration such as "250ms", "90s", "1h30m" or "7d", got "soon"'),
        ("", 'for: expected a duration such as "250ms", "90s", "1h30m" or "7d", got ""'),
    ],
    ids=["year", "365 days", "zero", "zero as a number", "unreadable", "empty"],
)
async def test_mute_for_a_year_zero_or_what_is_unreadable(api: httpx.AsyncClient, lasts: object, detail: str) -> None:
    refused = await api.post("/v1/alerts/shipment-held/mute", json={"for": lasts})
    assert (422, detail) == (refused.status_code, refused.json()["detail"])
    assert [] == (await api.get("/v1/alerts")).json()["muted"]


async def test_mute_without_a_length_is_refused(api: httpx.AsyncClient) -> None:
    assert 422 == (await api.post("/v1/alerts/shipment-held/mute", json={})).status_code


async def test_mute_of_an_unknown_kind_offers_the_nearest(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/alerts/shipment-holt/mute", json={"for": "2h"})
    assert 404 == refused.status_code
    assert 'no alert is of the kind "shipment-holt"; did you mean "shipment-held"?' in refused.json()["detail"]


def test_user_without_a_name_is_named_by_the_number() -> None:
    assert ("uid 4000000000", "root") == (name_of(4_000_000_000), name_of(0))
