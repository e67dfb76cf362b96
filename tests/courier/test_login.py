"""The token: shared, renewed once, never in a loop."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from paranad.configuration.durations import Rate
from paranad.courier.client import Courier
from paranad.courier.errors import CourierLimited, CourierRefused, LoginFailed, Refusal
from paranad.courier.limiter import Limiter
from paranad.courier.models import Account
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from tests.support.clock import START, ManualClock
from tests.support.courier import PASSWORD, SettingsRow, an_order

NO_LOGIN = (
    Answer.BLOCKED_403,
    Answer.BLOCKED_503,
    Answer.REDIRECTED,
    Answer.DROPPED,
    Answer.SILENT,
    Answer.CUT,
    Answer.TRUNCATED,
    Answer.HTML,
    Answer.ERROR_500,
    Answer.ERROR_500_AS_JSON,
    Answer.DATA_NULL,
    Answer.DATA_OBJECT,
    Answer.DATA_EMPTY,
    Answer.STATUS_ONE,
)


async def test_prepare_logs_in_once_and_shares_the_token(
    courier: Courier, sandbox: Sandbox, row: SettingsRow, told: list[Event]
) -> None:
    await courier.prepare(owner="job 1")
    await courier.prepare(owner="job 2")
    assert (1, "merchant") == (sandbox.count("login"), row.account_type)
    assert row.token in sandbox.books.tokens
    assert CourierLoggedIn() in told


async def test_token_without_prefix_is_a_merchant_user(courier: Courier, sandbox: Sandbox, row: SettingsRow) -> None:
    sandbox.behaviour.is_merchant = False
    await courier.create_order(an_order(), owner="job 1")
    assert "merchant_user" == row.account_type


async def test_token_is_trimmed_and_its_prefix_sent_raw(courier: Courier, sandbox: Sandbox, row: SettingsRow) -> None:
    token = sandbox.new_token()
    row.token = f"  {token}\n"
    await courier.create_order(an_order(), owner="job 1")
    assert f"/v1/merchant/create-order?token={token}".encode() == sandbox.calls[-1].target
    assert sandbox.count("login") == 0


async def test_expired_token_is_one_login_and_one_repeat(courier: Courier, sandbox: Sandbox) -> None:
    await courier.prepare(owner="job 1")
    sandbox.expire_tokens()
    await courier.create_order(an_order(), owner="job 1")
    assert (2, 2, 1) == (sandbox.count("login"), sandbox.count("create-order"), len(sandbox.orders))


@pytest.mark.parametrize("answer", [Answer.NO_ACCESS, Answer.NO_ACCESS_AS_NUMBER, Answer.LOGIN_FIRST])
@pytest.mark.parametrize("path", ["create-order", "merchant-orders"])
async def test_refusal_of_a_token_that_worked_before_is_one_login_and_one_repeat(
    answer: Answer, path: str, courier: Courier, sandbox: Sandbox
) -> None:
    await courier.prepare(owner="job 1")
    await courier.create_order(an_order(price=1), owner="job 1")
    asked = sandbox.count(path)
    sandbox.next(path, answer)
    if path == "create-order":
        await courier.create_order(an_order(), owner="job 2")
    else:
        await courier.merchant_orders(owner="job 2")
    assert (2, asked + 2, 0) == (sandbox.count("login"), sandbox.count(path), sandbox.duplicates())


async def test_expired_token_on_a_list_is_one_login_and_one_repeat(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.seed_orders(2)
    await courier.prepare(owner="job 1")
    sandbox.change_password(PASSWORD)
    assert len(await courier.merchant_orders(owner="job 1")) == 2
    assert (2, 2) == (sandbox.count("login"), sandbox.count("merchant-orders"))


async def test_token_renewed_by_the_shop_meanwhile_is_used_without_a_login(
    courier: Courier, sandbox: Sandbox, row: SettingsRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["@@gone", sandbox.new_token()]

    async def load_token() -> str:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr(courier.login, "load_token", load_token)
    await courier.create_order(an_order(), owner="job 1")
    assert (0, 2) == (sandbox.count("login"), sandbox.count("create-order"))


async def test_many_with_an_expired_token_log_in_once(courier: Courier, sandbox: Sandbox, row: SettingsRow) -> None:
    row.token = "@@gone"
    await asyncio.gather(*(courier.create_order(an_order(price=n), owner=f"job {n}") for n in range(8)))
    assert (1, 8) == (sandbox.count("login"), len(sandbox.orders))


async def test_account_without_the_right_is_one_login_and_one_repeat_and_told_to_a_person(
    courier: Courier, sandbox: Sandbox, row: SettingsRow, told: list[Event]
) -> None:
    row.token = sandbox.new_token()
    sandbox.behaviour.may_create = False
    with pytest.raises(CourierRefused) as refused:
        await courier.create_order(an_order(), owner="job 1")
    assert (Refusal.PERMISSION, "21") == (refused.value.refusal, refused.value.err_num)
    assert (1, 2) == (sandbox.count("login"), sandbox.count("create-order"))
    [refusal] = [event for event in told if isinstance(event, CourierRightRefused)]
    assert "courier.right_refused" == refusal.reason.code


async def test_account_without_the_right_does_not_log_in_again_for_minutes(
    courier: Courier, sandbox: Sandbox, row: SettingsRow, clock: ManualClock
) -> None:
    sandbox.behaviour.may_create = False
    for number in range(3):
        with pytest.raises(CourierRefused):
            await courier.create_order(an_order(), owner=f"job {number}")
    assert sandbox.count("login") == 1
    await clock.advance(timedelta(minutes=6))
    sandbox.behaviour.may_create = True
    await courier.create_order(an_order(), owner="job 4")


async def test_refused_login_is_remembered_for_minutes(
    courier: Courier, sandbox: Sandbox, clock: ManualClock, told: list[Event]
) -> None:
    sandbox.books.password = "another"
    for _ in range(3):
        with pytest.raises(LoginFailed, match="999"):
            await courier.create_order(an_order(), owner="job 1")
    assert (1, 0) == (sandbox.count("login"), sandbox.count("create-order"))
    assert 1 == sum(isinstance(event, CourierLoginRefused) for event in told)
    await clock.advance(timedelta(minutes=6))
    sandbox.books.password = PASSWORD
    await courier.create_order(an_order(), owner="job 1")


async def test_another_password_is_tried_at_once(courier: Courier, sandbox: Sandbox, row: SettingsRow) -> None:
    sandbox.books.password = "another"
    with pytest.raises(LoginFailed):
        await courier.prepare(owner="job 1")
    row.account = Account("parana", SecretStr("another"))
    await courier.prepare(owner="job 1")
    assert sandbox.count("login") == 2


@pytest.mark.parametrize("account", [Account("", SecretStr("x")), Account("x", SecretStr(""))])
async def test_login_without_username_or_password_names_the_settings(
    account: Account, courier: Courier, sandbox: Sandbox, row: SettingsRow
) -> None:
    row.account = account
    with pytest.raises(LoginFailed, match="alwaseet_username"):
        await courier.prepare(owner="job 1")
    assert sandbox.count("login") == 0


@pytest.mark.parametrize("answer", NO_LOGIN)
async def test_login_without_an_answer_is_an_outage_and_nothing_was_sent(
    answer: Answer, courier: Courier, sandbox: Sandbox
) -> None:
    sandbox.next("login", answer)
    with pytest.raises(CourierRefused) as refused:
        await courier.create_order(an_order(), owner="job 1")
    assert refused.value.refusal is Refusal.NOT_SENT
    await courier.create_order(an_order(), owner="job 1")
    assert (2, 1) == (sandbox.count("login"), len(sandbox.orders))


async def test_login_over_the_couriers_rate_waits(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("login", Answer.LIMITED)
    with pytest.raises(CourierLimited) as limited:
        await courier.create_order(an_order(), owner="job 1")
    assert START + timedelta(seconds=30) == limited.value.until


async def test_login_that_must_wait_for_the_rate_is_done_before_the_next_create(
    courier: Courier, limiter: Limiter, sandbox: Sandbox, row: SettingsRow, clock: ManualClock
) -> None:
    row.token = "@@gone"
    limiter.set_rate(Rate(1, timedelta(seconds=30)))
    for _ in range(2):
        with pytest.raises(CourierLimited) as limited:
            await courier.create_order(an_order(), owner="job 1")
        await clock.advance(limited.value.until - clock.now())
    await courier.create_order(an_order(), owner="job 1")
    assert (2, 1) == (sandbox.count("create-order"), sandbox.count("login"))
