import re

import pytest

from paranad.control.schemas import Page
from paranad.control.schemas_shipments import Reconciled, Shipment
from paranad.shipments.journal import NO_ROW
from paranad.shipments.service import NOT_SHOWN, UNCONFIRMED
from tests.cli.conftest import Ctl
from tests.support.answers import AT, shipment
from tests.support.control_stand_in import StandIn


def test_shipments_that_are_not_recorded_are_listed_with_the_reason(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments?limit=25", Page[Shipment](items=[shipment()], next_cursor=None))
    shown = ctl("shipments").out
    assert "  318  held   PN318      -" in shown
    assert "two courier orders have its phone and price\n" in shown
    assert "held ones need a person: paranadctl shipments show ORDER\n" in shown


def test_nothing_to_do_is_said(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments?limit=25", Page[Shipment](items=[], next_cursor=None))
    assert ctl("shipments").out == "every shipment that was begun is recorded\n"


def test_list_of_a_state_tells_nothing_of_the_others(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments?limit=25&state=held", Page[Shipment](items=[], next_cursor=None))
    assert ctl("shipments", "--state", "held").out == "no such shipment\n"


def test_shipments_of_a_state_are_listed(ctl: Ctl, daemon: StandIn) -> None:
    recorded = shipment(state="recorded", reason=None, courier_id="77")
    daemon.answer("GET", "shipments?limit=3&state=recorded", Page[Shipment](items=[recorded], next_cursor=None))
    shown = ctl("shipments", "list", "--state", "recorded", "--limit", "3").out
    assert "recorded  PN318      77" in shown
    assert "need a person" not in shown


def test_held_shipment_shows_what_is_known_and_what_to_type(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments/318", shipment())
    shown = ctl("shipments", "show", "318").out
    for part in ("PN318", "…123", "25000", "unclear  no answer in 30 s", "settle 318 --courier-id ID", "resend 318"):
        assert part in shown


def test_shipment_is_settled(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "shipments/318/settle", shipment(state="created", courier_id="77", reason=None))
    ran = ctl("shipments", "settle", "318", "--courier-id", "77")
    assert ran.code == 0
    assert daemon.body_of("POST", "shipments/318/settle") == {"courier_id": "77", "unconfirmed": False}


def test_settle_that_is_sure_says_so_to_the_daemon(ctl: Ctl, daemon: StandIn) -> None:
    settled = shipment(state="recorded", courier_id="77", reason=None, unconfirmed=True)
    daemon.answer("POST", "shipments/318/settle", settled)
    shown = ctl("shipments", "settle", "318", "--courier-id", "77", "--yes").out
    assert daemon.body_of("POST", "shipments/318/settle") == {"courier_id": "77", "unconfirmed": True}
    assert "not by the courier: a person said so" in shown


def test_unclear_shipment_says_what_the_last_list_said_and_when_the_next_is_asked(ctl: Ctl, daemon: StandIn) -> None:
    said = {"at": AT, "reason": "the courier has an order that may be this one: 9000", "why": None}
    suspected = {
        "reason": "queue.db was restored",
        "since": AT,
        "known_at": AT,
        "why": {"code": "restored", "values": {}},
    }
    unclear = shipment(state="intended", look=said, next_look_at=AT, suspicions=[suspected], attempts=[])
    daemon.answer("GET", "shipments/318", unclear)
    shown = ctl("shipments", "show", "318").out
    for part in (
        "courier's list",
        "may be this one: 9000",
        "list asked next",
        "nothing was sent from here yet",
        "Others may have sent it",
        "queue.db was restored",
    ):
        assert part in shown
    assert "Attempts" not in shown


def test_shipment_that_waits_says_until_when_and_for_what(ctl: Ctl, daemon: StandIn) -> None:
    waiting = {"id": 12, "due_at": AT, "reason": "the shop's setting alwaseet_default_city_id is empty"}
    daemon.answer("GET", "shipments/318", shipment(state="withdrawn", reason="refused", job=waiting))
    shown = ctl("shipments", "show", "318").out
    assert re.search(r"goes on +.*, job 12, the shop's setting alwaseet_default_city_id is empty\n", shown)


def test_resend_of_what_is_not_held_asks_nobody(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments/318", shipment(state="recorded", courier_id="77", reason=None))
    ran = ctl("shipments", "resend", "318")
    assert "the customer gets two parcels" not in ran.err
    assert ("POST", "shipments/318/resend", None) in daemon.asked


def test_resend_says_what_it_means_and_asks(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments/318", shipment())
    ran = ctl("shipments", "resend", "318")
    assert ran.code == 2
    assert "the customer gets two parcels" in ran.err
    assert "if you are sure: paranadctl shipments resend 318 --yes\n" in ran.err
    assert not any(asked[0] == "POST" for asked in daemon.asked)


def test_settle_takes_an_id_of_digits_only(ctl: Ctl) -> None:
    ran = ctl("shipments", "settle", "318", "--courier-id", "abc")
    assert ran.code == 2
    assert "Invalid value for '--courier-id': expected a positive whole number, got \"abc\"\n" in ran.err


def test_courier_that_does_not_confirm_is_told_in_arabic_with_the_command_that_insists(
    ctl: Ctl, daemon: StandIn
) -> None:
    detail = UNCONFIRMED(order_id=318, courier_id="77", doubt=NOT_SHOWN())
    daemon.refuse("POST", "shipments/318/settle", 409, "unconfirmed", detail)
    shown = ctl("shipments", "settle", "318", "--courier-id", "77", "--lang", "ar").err
    assert "لا تؤكد شركة التوصيل أن طلبها رقم 77 هو شحنة الطلب 318: لا تعرض شركة التوصيل طلباً بهذا الرقم\n" in shown
    assert "paranadctl shipments settle 318 --courier-id 77 --yes\n" in shown


def test_resend_that_is_sure_is_sent(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "shipments/318", shipment())
    daemon.answer("POST", "shipments/318/resend", shipment(state="withdrawn"))
    ran = ctl("shipments", "resend", "318", "--yes")
    assert ran.code == 0
    assert "the customer gets two parcels" in ran.err


def test_reconcile_says_what_it_brought(ctl: Ctl, daemon: StandIn) -> None:
    answer = Reconciled(looked_at=4, settled=2, held=1, waiting=1)
    daemon.answer("POST", "shipments/reconcile", answer)
    shown = ctl("shipments", "reconcile").out
    assert shown.startswith("looked at 4, settled 2, held 1, waiting 1\n")


@pytest.mark.parametrize(
    ("matched", "said"), [(True, "shipments are sent again"), (False, "no shipment is sent; try again"), (None, "")]
)
def test_reconcile_says_what_became_of_a_restored_queue_db(
    ctl: Ctl, daemon: StandIn, matched: bool | None, said: str
) -> None:
    answer = Reconciled(looked_at=4, settled=4, held=0, waiting=0, matched=matched)
    daemon.answer("POST", "shipments/reconcile", answer)
    shown = ctl("shipments", "reconcile").out.splitlines()
    assert (said in shown[-1], 2 if said else 1) == (True, len(shown))


@pytest.mark.parametrize("words", [["show"], ["show", "0"], ["settle", "318"], ["list", "--state", "lost"]])
def test_other_words_are_wrong_usage(ctl: Ctl, words: list[str]) -> None:
    assert ctl("shipments", *words).code == 2


def test_order_without_a_row_is_sent_to_its_job_in_arabic_too(ctl: Ctl, daemon: StandIn) -> None:
    detail = NO_ROW(order_id=41)
    daemon.refuse("GET", "shipments/41", 404, "not-found", detail)
    assert f"paranadctl: {detail.text}\n" == ctl("shipments", "show", "41").err
    arabic = ctl("shipments", "show", "41", "--lang", "ar").err
    assert "paranadctl: لا صف للطلب 41 في سجل الشحنات\n" in arabic
    assert "paranadctl jobs list --task alwaseet:create-shipment" in arabic


def test_order_without_a_shipment_exits_4(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("GET", "shipments/5", 404, "not-found", "order 5 has no shipment")
    assert ctl("shipments", "show", "5").code == 4


def test_held_repeat_says_that_it_is_sent_too_or_cancelled(ctl: Ctl, daemon: StandIn) -> None:
    """Nothing that is asked or shown of it speaks of a second request: none was sent."""
    why = {"code": "repeat", "values": {"orders": "317"}}
    repeat = shipment(reason="order 317 has its phone and price", why=why, attempts=[])
    daemon.answer("GET", "shipments/318", repeat)
    shown = ctl("shipments", "show", "318").out
    assert "both are wanted: paranadctl shipments resend 318; if not: cancel order 318 in the shop" in shown
    assert "settle" not in shown
    assert "the customer gets both parcels" in ctl("shipments", "resend", "318").err
    arabic = ctl("shipments", "show", "318", "--lang", "ar").out
    assert "317" in arabic
    assert "فألغِ الطلب 318 في المتجر" in arabic
