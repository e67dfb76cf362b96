"""One login and one list, as an operator asks for them."""

from datetime import date, timedelta

import pytest

from paranad.configuration.durations import Rate
from paranad.courier.client import Courier
from paranad.courier.limiter import Limiter
from paranad.courier.trial import try_out
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from tests.support.courier import SettingsRow, an_order

DAY = date(2026, 3, 1)


async def test_a_login_is_made_although_there_is_a_token(courier: Courier, sandbox: Sandbox, row: SettingsRow) -> None:
    await courier.prepare(owner="job 1")
    await courier.create_order(an_order(), owner="job 1")
    old = row.token

    trial = await try_out(courier, DAY)

    assert (True, True, 1, 0, None) == (trial.accepted, trial.is_merchant, trial.rows, trial.unreadable, trial.reason)
    assert (2, True) == (sandbox.count("login"), row.token != old)
    assert trial.login_s is not None
    assert trial.list_s is not None


async def test_refused_account_is_told(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.change_password("another")
    trial = await try_out(courier, DAY)
    assert (False, None, 0) == (trial.accepted, trial.rows, sandbox.count("merchant-orders"))
    assert "courier.login_failed" == (trial.reason and trial.reason.code)


@pytest.mark.parametrize("answer", [Answer.BLOCKED_403, Answer.DROPPED, Answer.HTML])
async def test_login_that_is_no_answer_leaves_the_account_open(
    courier: Courier, sandbox: Sandbox, answer: Answer
) -> None:
    sandbox.next("login", answer)
    trial = await try_out(courier, DAY)
    assert (None, None) == (trial.accepted, trial.rows)
    assert trial.reason


async def test_list_that_fails_keeps_what_the_login_said(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("merchant-orders", Answer.HTML)
    trial = await try_out(courier, DAY)
    assert (True, None) == (trial.accepted, trial.rows)
    assert trial.reason


async def test_it_takes_no_place_that_orders_need(courier: Courier, sandbox: Sandbox, limiter: Limiter) -> None:
    limiter.set_rate(Rate(3, timedelta(seconds=30)))
    trial = await try_out(courier, DAY)
    assert (True, None, 0) == (trial.accepted, trial.rows, sandbox.count("merchant-orders"))
    assert "courier.limited" == (trial.reason and trial.reason.code)
    assert courier.clock.now() + timedelta(seconds=31) == trial.again_at
