from typing import get_args

import pytest

from paranad.cli.words import job_advice, shipment_advice
from paranad.control.schemas import ShipmentState
from tests.support.answers import attempt, completed, failed


def shown(error: str, **more: object) -> dict[str, object]:
    return failed(12, error, **more).model_dump(mode="json")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("took the daemon down: found running at 3 start-ups in a row", "daemon ended while"),
        ("the shipment is held: two; decide: paranadctl shipments show 318", "whether the courier has"),
        ('unknown task "backup"', "another version"),
        ('carts:expire: unknown argument "x"; it takes no arguments', "another version"),
        ("courier: login failed: wrong password", "user name and password"),
        ("courier: says this account may not do that (errNum 21): no", "lacks the right"),
        ("courier: refused the request (errNum 3): region", "order's data"),
        ("courier: cannot be reached, nothing was sent; it lasted 24 h", "could not be reached"),
        ("the shop's setting alwaseet_default_city_id is empty", "a setting of the shop"),
        ("order 12: no such order in the shop", "deleted for good"),
        ("order 12: customer_phone: expected an Iraqi mobile number", "order's own data"),
        ("the shop's database cannot be reached: refused", "did not answer"),
        ("the shop's database takes no change: it is read-only", "is read-only"),
        ("the shop's database refuses what is needed: UPDATE on jobs; grant it", "lacks a right"),
        ('the shop\'s database has no table "carts": expected', "migrations have not run"),
        ("the clock of the shop's database server and this machine's are 900 s apart", "disagree on the time"),
        ("backup: ended with exit status 3, last line: bad argument", "command of this schedule entry"),
        ("ValueError: whatever", "not one that is known"),
    ],
)
def test_failed_job_has_a_likely_cause_and_a_cure(error: str, cause: str) -> None:
    advice = job_advice(shown(error))
    assert advice is not None
    assert cause in str(advice.cause)
    assert "{" not in str(advice.cure)


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
