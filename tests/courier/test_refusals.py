"""What a refusal means beyond its words: the account's right, one order's place, a fault that passes."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from paranad.courier.client import Courier
from paranad.courier.errors import CourierError, CourierRefused, LoginFailed, Refusal
from paranad.courier.login import CreateRight
from paranad.courier.models import Account
from paranad.courier.parsing import id_of
from paranad.courier.phrases import says_authority, says_done, says_passing, says_rate
from paranad.events.courier import CourierRightRefused
from paranad.events.event import Event
from paranad.sandbox.answers import NO_ACCESS_TEXT, Answer, refusal
from paranad.sandbox.server import Sandbox
from tests.support.clock import ManualClock
from tests.support.courier import SettingsRow, an_order

NO_RIGHT = refusal(400, "21", NO_ACCESS_TEXT)


async def refused(courier: Courier, owner: str, **changes: object) -> CourierRefused:
    with pytest.raises(CourierRefused) as raised:
        await courier.create_order(an_order(**changes), owner=owner)
    return raised.value


async def test_order_refused_as_without_the_right_while_others_go_through_names_its_place(
    courier: Courier, sandbox: Sandbox, told: list[Event]
) -> None:
    await courier.create_order(an_order(), owner="job 1")
    sandbox.next("create-order", NO_RIGHT, NO_RIGHT)
    error = await refused(courier, "job 2", city_id="7", region_id="701")
    assert (Refusal.PLACE, "21", "7", "701", True) == (
        error.refusal,
        error.err_num,
        error.city_id,
        error.region_id,
        error.left,
    )
    assert "city 7 or region 701" in str(error)
    assert (2, 3) == (sandbox.count("login"), sandbox.count("create-order"))
    assert not [event for event in told if isinstance(event, CourierRightRefused)]
    await courier.create_order(an_order(price=1), owner="job 3")


async def test_second_place_refused_with_none_taken_since_is_the_account(
    courier: Courier, sandbox: Sandbox, told: list[Event]
) -> None:
    await courier.create_order(an_order(), owner="job 1")
    sandbox.behaviour.may_create = False
    assert Refusal.PLACE is (await refused(courier, "job 2", region_id="16")).refusal
    assert Refusal.PERMISSION is (await refused(courier, "job 3")).refusal
    assert 1 == sum(isinstance(event, CourierRightRefused) for event in told)


async def test_account_that_never_created_lacks_the_right(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.behaviour.may_create = False
    assert Refusal.PERMISSION is (await refused(courier, "job 1")).refusal


async def test_right_of_another_account_or_of_days_ago_proves_nothing(
    courier: Courier, sandbox: Sandbox, row: SettingsRow, clock: ManualClock
) -> None:
    await courier.create_order(an_order(), owner="job 1")
    sandbox.behaviour.may_create = False
    sandbox.books.username, row.account = "another", Account("another", SecretStr(sandbox.books.password))
    sandbox.expire_tokens()
    assert Refusal.PERMISSION is (await refused(courier, "job 2")).refusal


@pytest.mark.parametrize(
    ("later", "account", "is_place"),
    [(timedelta(hours=23), 0, True), (timedelta(hours=25), 0, False), (timedelta(), 1, False)],
)
def test_proof_of_the_right_holds_for_a_day_and_for_its_account(later: timedelta, account: int, is_place: bool) -> None:
    right = CreateRight()
    assert not right.is_only_the_place(("1", "2"), 0.0, 0)
    right.prove(1.0, 0)
    assert is_place is right.is_only_the_place(("1", "2"), 1.0 + later.total_seconds(), account)


def test_same_place_refused_again_stays_its_place_until_another_is_refused() -> None:
    right = CreateRight()
    right.prove(0.0, 0)
    places = [("1", "2"), ("1", "2"), ("1", "3"), ("1", "2")]
    assert [True, True, False, False] == [right.is_only_the_place(place, 1.0, 0) for place in places]
    right.prove(2.0, 0)
    assert right.is_only_the_place(("1", "3"), 3.0, 0)


async def test_refusal_for_the_moment_is_sent_once_and_made_nothing(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("create-order", Answer.TRY_AGAIN)
    error = await refused(courier, "job 1")
    assert (Refusal.TRANSIENT, 1, 1) == (error.refusal, sandbox.count("create-order"), sandbox.count("login"))
    assert {} == sandbox.orders


async def test_stale_token_told_by_words_is_one_login_and_one_repeat_for_every_job(
    courier: Courier, sandbox: Sandbox, row: SettingsRow
) -> None:
    """The stale token must not stay for ever because its refusal has another errNum."""
    await courier.prepare(owner="job 0")
    stale = row.token
    sandbox.next("create-order", Answer.LOGIN_FIRST)
    for number in range(3):
        await courier.create_order(an_order(price=number), owner=f"job {number}")
    assert (2, 4) == (sandbox.count("login"), sandbox.count("create-order"))
    assert stale != row.token


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.BLOCKED_403])
async def test_order_had_left_where_the_login_that_would_repeat_it_fails(
    answer: Answer, courier: Courier, sandbox: Sandbox
) -> None:
    await courier.prepare(owner="job 1")
    sandbox.expire_tokens()
    sandbox.next("login", answer)
    with pytest.raises(CourierError) as failed:
        await courier.create_order(an_order(), owner="job 1")
    assert failed.value.left


async def test_order_had_not_left_where_its_first_login_fails(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("login", Answer.REFUSED)
    with pytest.raises(LoginFailed) as failed:
        await courier.create_order(an_order(), owner="job 1")
    assert not failed.value.left


def test_id_of_an_order_is_one_to_nineteen_digits_and_not_zero() -> None:
    ids = {7: "7", " 90000001 ": "90000001", "007": "007", "9" * 19: "9" * 19, 10**18: "1" + "0" * 18}
    assert ids == {value: id_of(value) for value in ids}
    others: list[object] = [0, -1, 1.0, True, 10**19, 10**5000, None, [], {}]
    others += ["0", "000", "-1", "+1", "", "x1", "1 2", "1.0", "٧", "9" * 20]
    assert [] == [value for value in others if id_of(value) is not None]


def test_each_phrase_means_one_thing() -> None:
    """A limit, an authority, a fault that passes, a success; none of these in a plain refusal."""
    meanings = {
        "لم يتم تسجيل الدخول": says_authority,
        "غير مصرح لك": says_authority,
        "permission denied": says_authority,
        "تجاوزت الحد المسموح به": says_rate,
        "حاول لاحقا": says_passing,
        "تم انشاء الطلب": says_done,
        "رقم الهاتف غير صالح": None,
        "region not found": None,
        "يوجد رقم كبير": None,
        "forbidden words in name": None,
        "تم رفض الطلب": None,
        "تجاوز وزن القطع الحد المسموح": None,
    }
    kinds = (says_authority, says_rate, says_passing, says_done)
    found = {text: [kind for kind in kinds if kind(text)] for text in meanings}
    assert {text: [kind] if kind else [] for text, kind in meanings.items()} == found
