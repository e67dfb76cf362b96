import httpx
import pytest

from paranad.clock import to_us
from paranad.control.daemon import Daemon
from paranad.sandbox.server import Sandbox
from tests.support.clock import START
from tests.support.control import WRITTEN_OTHERWISE, hold_as_repeat
from tests.support.courier import PHONE, an_order
from tests.support.shop import make_order
from tests.support.sqlite_file import change

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


@pytest.fixture
def courier_url(sandbox: Sandbox) -> str:
    return sandbox.base_url


pytestmark = pytest.mark.usefixtures("held")


async def test_a_shipment_is_shown_with_its_phone_by_three_digits(api: httpx.AsyncClient) -> None:
    assert HELD == (await api.get("/v1/shipments/500")).json()


async def test_shipment_that_waits_names_its_job_and_until_when(api: httpx.AsyncClient, daemon: Daemon) -> None:
    await change(daemon.parts.store.path, "UPDATE shipments SET state = 'intended'")
    body = {"task": "alwaseet:create-shipment", "args": {"order_id": 500}, "delay": 60}
    job_id = (await api.post("/v1/jobs", json=body)).json()["id"]
    shown = (await api.get("/v1/shipments/500")).json()["job"]
    assert {"id": job_id, "due_at": "2026-03-02T12:01:00+03:00", "reason": None, "why": None} == shown
    await change(daemon.parts.store.path, "UPDATE shipments SET state = 'held'")
    assert (await api.get("/v1/shipments/500")).json()["job"] is None


async def test_shipments_are_listed_by_state(api: httpx.AsyncClient) -> None:
    assert {"items": [HELD], "next_cursor": None} == (await api.get("/v1/shipments")).json()
    assert (await api.get("/v1/shipments", params={"state": "recorded"})).json()["items"] == []
    assert (await api.get("/v1/shipments", params={"state": "lost"})).status_code == 422


async def test_settle_takes_the_couriers_id(api: httpx.AsyncClient, daemon: Daemon, sandbox: Sandbox) -> None:
    await make_order(daemon.parts.shop, id=500)
    parcel = sandbox.add_order(an_order())
    settled = (await api.post("/v1/shipments/500/settle", json={"courier_id": parcel.id})).json()
    assert ("recorded", parcel.id) == (settled["state"], settled["courier_id"])
    refused = await api.post("/v1/shipments/500/settle", json={"courier_id": "81234"})
    assert (409, "unconfirmed") == (refused.status_code, refused.json()["kind"])


@pytest.mark.parametrize("body", [{}, {"courier_id": 81234}, {"courier_id": ""}, {"courier_id": "a/b"}, {"id": "1"}])
async def test_settle_refuses_what_is_no_id_of_the_courier(api: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await api.post("/v1/shipments/500/settle", json=body)).status_code == 422


async def test_resend_lets_it_be_sent_again(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/shipments/500/resend")).json()["state"] == "withdrawn"


async def test_reconcile_reports_what_it_brought(api: httpx.AsyncClient, daemon: Daemon, sandbox: Sandbox) -> None:
    at = to_us(START)
    await change(
        daemon.parts.store.path,
        f"""
        UPDATE shipment_attempts SET outcome = 'unclear', answered_at = {at}, detail = '-';
        INSERT INTO shipments (order_id, state, reference, intended_at) VALUES (501, 'intended', 'P501-2345', {at});
        INSERT INTO shipment_attempts (order_id, number, phone, price, sent_at, outcome)
        VALUES (501, 1, '{PHONE}', 25000, {at}, 'sent');
        """,
    )
    await make_order(daemon.parts.shop, id=501)
    sandbox.add_order(an_order(merchant_notes="P501-2345"))
    answer = await api.post("/v1/shipments/reconcile")
    assert {"looked_at": 2, "settled": 1, "held": 1, "waiting": 0, "matched": None} == answer.json()


@pytest.mark.parametrize(
    ("order", "status"),
    [*((order, 422) for order in ("0", "-5", "x", str(2**63), *WRITTEN_OTHERWISE)), ("501", 404)],
)
async def test_an_order_that_has_no_shipment_is_refused(api: httpx.AsyncClient, order: str, status: int) -> None:
    assert status == (await api.get(f"/v1/shipments/{order}")).status_code
    assert status == (await api.post(f"/v1/shipments/{order}/resend")).status_code


async def test_candidates_stand_beside_the_order_with_phones_by_three_digits(
    api: httpx.AsyncClient, daemon: Daemon
) -> None:
    await make_order(daemon.parts.shop, id=500, notes="أو 07709876543")
    answer = (await api.get("/v1/shipments/500/candidates")).json()
    assert ("…567", "أو …543", 0.0) == tuple(answer["order"][name] for name in ("phone", "notes", "price"))
    assert [("90000018", None), ("90000019", None)] == [(each["courier_id"], each["row"]) for each in answer["items"]]
    assert (await api.get("/v1/shipments/501/candidates")).status_code == 404


async def test_job_of_a_repeat_that_is_let_go_is_due_at_once(api: httpx.AsyncClient, daemon: Daemon) -> None:
    await hold_as_repeat(daemon)
    body = {"task": "alwaseet:create-shipment", "args": {"order_id": 500}}
    job = (await api.post("/v1/jobs", json=body)).json()["id"]
    await change(
        daemon.parts.store.path, "UPDATE jobs SET state = 'scheduled', attempt = 1, due_at = due_at + 300000000"
    )
    assert 200 == (await api.post("/v1/shipments/500/resend")).status_code
    assert "2026-03-02T12:00:00+03:00" == (await api.get(f"/v1/jobs/{job}")).json()["due_at"]
