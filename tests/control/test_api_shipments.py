from dataclasses import replace

import httpx
import pytest

from paranad.shipments.model import ShipmentState
from tests.control.stands import DaemonStand

HELD = {
    "order_id": 500,
    "state": "held",
    "reference": "PK500",
    "courier_id": None,
    "reason": "the courier has it more than once, with our reference: 90000018, 90000019",
    "why": {
        "code": "twice",
        "values": {"rows": "90000018, 90000019"},
        "facts": {},
        "text": "the courier has it more than once, with our reference: 90000018, 90000019",
    },
    "unconfirmed": False,
    "suspicions": [],
    "absences": 0,
    "next_look_at": None,
    "job": None,
    "look": None,
    "attempts": [
        {
            "number": 1,
            "phone": "…567",
            "price": 25000,
            "sent_at": "2026-03-02T12:00:00+03:00",
            "answered_at": None,
            "outcome": "sent",
            "detail": None,
            "why": None,
        }
    ],
    "intended_at": "2026-03-02T12:00:00+03:00",
    "created_at": None,
    "recorded_at": None,
}


async def test_a_shipment_is_shown_with_its_phone_by_three_digits(api: httpx.AsyncClient) -> None:
    assert HELD == (await api.get("/v1/shipments/500")).json()


async def test_shipment_that_waits_names_its_job_and_until_when(api: httpx.AsyncClient, daemon: DaemonStand) -> None:
    held = daemon.shipments.rows[500]
    daemon.shipments.rows[500] = replace(held, state=ShipmentState.INTENDED)
    body = {"task": "alwaseet:create-shipment", "args": {"order_id": 500}, "delay": 60}
    job_id = (await api.post("/v1/jobs", json=body)).json()["id"]
    shown = (await api.get("/v1/shipments/500")).json()["job"]
    assert {"id": job_id, "due_at": "2026-03-02T12:01:00+03:00", "reason": None, "why": None} == shown
    daemon.shipments.rows[500] = held
    assert (await api.get("/v1/shipments/500")).json()["job"] is None


async def test_shipments_are_listed_by_state(api: httpx.AsyncClient) -> None:
    assert {"items": [HELD], "next_cursor": None} == (await api.get("/v1/shipments")).json()
    assert (await api.get("/v1/shipments", params={"state": "recorded"})).json()["items"] == []
    assert (await api.get("/v1/shipments", params={"state": "lost"})).status_code == 422


async def test_settle_takes_the_couriers_id(api: httpx.AsyncClient) -> None:
    settled = (await api.post("/v1/shipments/500/settle", json={"courier_id": "81234"})).json()
    assert ("created", "81234") == (settled["state"], settled["courier_id"])
    assert (await api.post("/v1/shipments/500/settle", json={"courier_id": "81234"})).status_code == 409


@pytest.mark.parametrize("body", [{}, {"courier_id": 81234}, {"courier_id": ""}, {"courier_id": "a/b"}, {"id": "1"}])
async def test_settle_refuses_what_is_no_id_of_the_courier(api: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await api.post("/v1/shipments/500/settle", json=body)).status_code == 422


async def test_resend_lets_it_be_sent_again(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/shipments/500/resend")).json()["state"] == "withdrawn"


async def test_reconcile_reports_what_it_brought(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/shipments/reconcile")
    assert {"looked_at": 2, "settled": 1, "held": 1, "waiting": 0, "matched": None} == answer.json()


@pytest.mark.parametrize(("order", "status"), [("0", 422), ("-5", 422), ("x", 422), (str(2**63), 422), ("501", 404)])
async def test_an_order_that_has_no_shipment_is_refused(api: httpx.AsyncClient, order: str, status: int) -> None:
    assert status == (await api.get(f"/v1/shipments/{order}")).status_code
    assert status == (await api.post(f"/v1/shipments/{order}/resend")).status_code
