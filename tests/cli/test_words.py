from typing import get_args

import pytest
from sqlalchemy.exc import DBAPIError

from paranad.cli.words import CAUSES, cause_of, job_advice, shipment_advice
from paranad.control.schemas_shipments import ShipmentState
from paranad.courier.errors import CourierRefused, LoginFailed, Refusal
from paranad.courier.login import NO_ACCOUNT
from paranad.errors import StateFull
from paranad.program import ended_how
from paranad.queue.acts import TOOK_DAEMON_DOWN
from paranad.said import Said, Sentence, plain
from paranad.shipments.reasons import TWICE
from paranad.shipments.request import NO_PHONE, NO_TEXT
from paranad.shipments.send import HELD, NO_ORDER, REFUSED
from paranad.shop import mysql_errors
from paranad.shop.columns import NO_UTF8
from paranad.shop.errors import (
    ABOUT,
    CLOCK_OFF,
    NOT_GRANTED,
    TABLE,
    ShopBusy,
    ShopReadOnly,
    ShopServerReadOnly,
    ShopUnexpectedSchema,
    ShopUnreachable,
)
from paranad.shop.mysql_errors import SERVER_READ_ONLY
from paranad.shop.settings import ID_MISSING
from paranad.shop.sqlite import FILE_LOCKED, FILE_READ_ONLY, NO_FILE
from paranad.shop.statements import ORDER, ORDER_OF_REFERENCE
from paranad.tasks.command import FAILED
from paranad.tasks.create_shipment import GIVEN_UP
from paranad.tasks.outage import LASTED
from paranad.tasks.process_queue import OF_JOB
from paranad.tasks.registry import BAD_ROW
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
        (FAILED(command="backup", reason=ended_how(3, "bad argument")), "program of this command"),
        ("ValueError: whatever", "not one that is known"),
    ],
)
def test_failed_job_has_a_likely_cause_and_a_cure(error: Said | str, cause: str) -> None:
    advice = job_advice(shown(error))
    assert advice is not None
    assert cause in str(advice.cause)
    assert "{" not in str(advice.cure)


OF_SHOP = {
    **dict.fromkeys(
        (*mysql_errors.UNREACHABLE, *mysql_errors.NO_DATABASE, *mysql_errors.BUSY, 2003, 2013), "shop-away"
    ),
    **dict.fromkeys((*mysql_errors.READ_ONLY, *mysql_errors.NOT_GRANTED), "shop-refuses"),
    **dict.fromkeys(
        (*mysql_errors.MISSING_TABLE, *mysql_errors.MISSING_COLUMN, *mysql_errors.WRONG_CHARACTERS), "shop-schema"
    ),
    **dict.fromkeys(mysql_errors.BAD_ROW, "shop-row"),
}
"""By the server's number of an error."""


@pytest.mark.parametrize(("number", "cause"), sorted(OF_SHOP.items()))
def test_advice_fits_every_error_of_a_database_server(number: int, cause: str) -> None:
    error = mysql_errors.explain(DBAPIError("UPDATE t SET a = 1", None, Exception(number, "at 'x'")), "db:3306")
    assert error is not None
    said = BAD_ROW(reason=error.said) if cause == "shop-row" else LASTED(reason=error.said)
    assert cause_of(said.remark(), []).id == cause


ADVICE = {
    "took-daemon-down": {"job.took_daemon_down"},
    "another-version": {"job.task_gone", "job.unknown_task", "job.wrong_arguments"},
    "shipment-held": {"shipment.held", "shipment.unclear_for_a_day"},
    "order-gone": {"order.missing"},
    "bad-order": {"shipment.refused", "shipment.refused_often", "shop.order"},
    "shop-away": {"shop.unreachable", "shop.busy"},
    "shop-refuses": {"shop.read_only", "shop.not_granted"},
    "shop-schema": {"shop.unexpected_schema"},
    "shop-clock-off": {"shop.clock_off"},
    "shop-row": {"shop.bad_row"},
    "courier-no-account": {"courier.no_account"},
    "courier-login-failed": {"courier.login_failed"},
    "courier-right": {"courier.no_right", "courier.no_right_number"},
    "courier-data": {"courier.refused", "courier.refused_number", "courier.place", "courier.place_number"},
}
OF_AREA = {
    "order": "bad-order",
    "setting": "shop-setting",
    "command": "command-failed",
    "courier": "courier-away",
    **dict.fromkeys(("job", "schedule", "shipment", "shop", "state"), "unknown"),
}
"""The advice about every other fact of an area; in the last five they explain a named one, or say the cure."""


def test_advice_fits_every_fact_that_may_be_a_job_s_error() -> None:
    codes = [code for code in by_code() if code.partition(".")[0] in OF_AREA]
    named = {
        code: next((cause for cause, codes in ADVICE.items() if code in codes), OF_AREA[code.partition(".")[0]])
        for code in codes
    }
    assert len(named) > 400
    assert named == {code: cause_of(Said(code).remark(), []).id for code in codes}
    assert named == {code: cause_of(LASTED(reason=Said(code)).remark(), []).id for code in codes}


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (LASTED(reason=ShopBusy(FILE_LOCKED(file="shop.db")).said), "shop-away"),
        (LASTED(reason=ShopUnreachable(NO_FILE(file="shop.db", setting="shop")).said), "shop-away"),
        (LASTED(reason=ShopReadOnly(FILE_READ_ONLY(file="shop.db", detail="readonly")).said), "shop-refuses"),
        (BAD_ROW(reason=ABOUT(row=ORDER(order=5), reason=NO_UTF8(column="orders.notes"))), "bad-order"),
        (BAD_ROW(reason=ABOUT(row=ORDER_OF_REFERENCE(), reason=NO_UTF8(column="orders.notes"))), "shop-row"),
        (REFUSED(order=5, reason=CourierRefused(Refusal.DATA, "3", "no city").said), "courier-data"),
        (GIVEN_UP(order=5, reason=CourierRefused(Refusal.NOT_SENT, "", "no route").said), "shipment-held"),
        (OF_JOB(job_type="create_shipment", reason=NO_ORDER(order="5")), "order-gone"),
        (LASTED(reason=StateFull(plain("disk")).said), "unknown"),
    ],
)
def test_advice_fits_a_fact_with_the_one_that_explains_it(said: Said, cause: str) -> None:
    assert cause_of(said.remark(), []).id == cause


def test_every_cause_is_of_facts_that_the_program_states() -> None:
    codes = set(by_code())
    areas = {code.partition(".")[0] for code in codes if "." in code}
    assert {each.id: each.facts - codes - areas for each in CAUSES if each.facts - codes - areas} == {}


def test_timeout_is_recognised_by_the_last_attempt() -> None:
    advice = job_advice(shown("no phone", attempts=[attempt(outcome="timed_out")]))
    assert advice is not None
    assert "timeout" in str(advice.cause)


def test_timeout_of_an_own_task_is_laid_to_its_program_and_not_to_the_shop() -> None:
    advice = job_advice(shown("no answer", attempts=[attempt(outcome="timed_out")]) | {"task": "invoices:send"})
    assert advice is not None
    assert "the program of this command ran longer" in str(advice.cause)
    assert "a retry keeps the old timeout" in str(advice.cure)


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
