from typing import get_args

import pytest

from paranad.cli.words import CAUSES, job_advice, shipment_advice
from paranad.control.schemas import ShipmentState
from paranad.courier.errors import CourierRefused, LoginFailed, Refusal
from paranad.courier.login import NO_ACCOUNT
from paranad.program import ended_how
from paranad.queue.acts import TOOK_DAEMON_DOWN
from paranad.said import Said, Sentence, plain
from paranad.shipments.reasons import TWICE
from paranad.shipments.request import NO_PHONE, NO_TEXT
from paranad.shipments.send import HELD, NO_ORDER
from paranad.shop.errors import CLOCK_OFF, NOT_GRANTED, TABLE, ShopServerReadOnly, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.mysql_errors import SERVER_READ_ONLY
from paranad.shop.settings import ID_MISSING
from paranad.tasks.command import FAILED
from paranad.tasks.outage import LASTED
from tests.support.answers import attempt, completed, failed
from tests.support.sentences import by_code


def shown(error: Said | str, **more: object) -> dict[str, object]:
    return failed(12, error, **more).model_dump(mode="json")


PLACE = plain("mysql at db.example")
READ_ONLY = SERVER_READ_ONLY(place="db")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (TOOK_DAEMON_DOWN(strikes=3), "daemon ended while"),
        (HELD(reason=TWICE(rows=["1", "2"]), order=318), "whether the courier has"),
        (HELD(reason=CourierRefused(Refusal.DATA, "3", "region").said, order=318), "whether the courier has"),
        (Sentence("job.unknown_task", 'unknown task "{task}"')(task="backup"), "another version"),
        (Sentence("job.wrong_arguments", "{wrong}; it takes {takes}")(wrong="x", takes="none"), "another version"),
        (LoginFailed(NO_ACCOUNT()).said, "nobody has set"),
        (LoginFailed(plain("wrong password")).said, "user name and password"),
        (CourierRefused(Refusal.PERMISSION, "21", "no").said, "lacks the right"),
        (CourierRefused(Refusal.DATA, "3", "region").said, "order's data"),
        (LASTED(reason=CourierRefused(Refusal.NOT_SENT, "", "timed out").said), "could not be reached"),
        (ID_MISSING(key="alwaseet_default_city_id"), "a setting of the shop"),
        (NO_ORDER(order=12), "deleted for good"),
        (NO_PHONE(order=12, got=NO_TEXT()), "order's own data"),
        (ShopUnreachable(plain("refused")).said, "did not answer"),
        (ShopServerReadOnly(READ_ONLY).said, "is read-only"),
        (NOT_GRANTED(reason=PLACE), "lacks a right"),
        (ShopUnexpectedSchema(TABLE(name="carts")).said, "migrations have not run"),
        (CLOCK_OFF(apart_s=900, limit_s=600), "disagree on the time"),
        (FAILED(command="backup", reason=ended_how(3, "bad argument")), "command of this schedule entry"),
        ("ValueError: whatever", "not one that is known"),
    ],
)
def test_failed_job_has_a_likely_cause_and_a_cure(error: Said | str, cause: str) -> None:
    advice = job_advice(shown(error))
    assert advice is not None
    assert cause in str(advice.cause)
    assert "{" not in str(advice.cure)


def test_every_cause_is_of_facts_that_the_program_states() -> None:
    codes = set(by_code())
    areas = {code.partition(".")[0] for code in codes if "." in code}
    assert {each.id: each.facts - codes - areas for each in CAUSES if each.facts - codes - areas} == {}


def test_timeout_is_recognised_by_the_last_attempt() -> None:
    advice = job_advice(shown("no phone", attempts=[attempt(outcome="timed_out")]))
    assert advice is not None
    assert "timeout" in str(advice.cause)


def test_job_that_has_not_failed_needs_no_advice() -> None:
    assert job_advice(completed().model_dump(mode="json")) is None


@pytest.mark.parametrize("state", get_args(ShipmentState))
def test_every_state_of_a_shipment_says_what_to_do(state: str) -> None:
    advice = shipment_advice(state, 318)
    assert str(advice.cause)
    assert "{" not in str(advice.cure)


def test_intended_shipment_that_was_never_sent_says_so() -> None:
    assert "the request may have left" in str(shipment_advice("intended", 318).cause)
    assert "nothing was sent from here yet" in str(shipment_advice("intended", 318, sent=False).cause)


def test_held_shipment_names_both_decisions() -> None:
    cure = str(shipment_advice("held", 318).cure)
    assert "paranadctl shipments settle 318 --courier-id" in cure
    assert "paranadctl shipments resend 318" in cure
