"""Every answer the courier is known to give, to a create and to a read. Source: courier API, sections 9 and 10."""

import asyncio
import logging
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr

from paranad import https
from paranad.courier.client import Courier
from paranad.courier.errors import CourierError, CourierLimited, CourierRefused, CourierUnclear, LoginFailed, Refusal
from paranad.courier.limiter import Limiter
from paranad.courier.login import Login
from paranad.courier.models import Account
from paranad.events.courier import CourierAnswered, CourierLimitReached, CourierRequestEnded, CourierRequestSent
from paranad.events.event import Event, Events
from paranad.sandbox.answers import Answer
from paranad.sandbox.books import CreateData
from paranad.sandbox.server import Sandbox
from tests.support.clock import SAFETY_S, START, ManualClock
from tests.support.courier import BRIEFLY, PASSWORD, PHONE, SettingsRow, an_order

UNCLEAR_TO_CREATE = (
    Answer.BLOCKED_403,
    Answer.BLOCKED_503,
    Answer.REDIRECTED,
    Answer.NOT_FOUND,
    Answer.DROPPED,
    Answer.SILENT,
    Answer.RESET,
    Answer.CUT,
    Answer.NOT_HTTP,
    Answer.EMPTY,
    Answer.TRUNCATED,
    Answer.HTML,
    Answer.ERROR_500,
    Answer.ERROR_500_AS_JSON,
    Answer.ERROR_502,
    Answer.ERROR_504,
    Answer.ERROR_520,
    Answer.DATA_NULL,
    Answer.DATA_ABSENT,
    Answer.DATA_TEXT,
    Answer.DATA_OBJECT,
    Answer.DATA_EMPTY,
    Answer.STATUS_TEXT,
    Answer.STATUS_ONE,
    Answer.STATUS_ONE_TEXT,
    Answer.WITHOUT_IDS,
    Answer.TWICE,
    Answer.FALSE_BESIDE_CODE,
    Answer.FALSE_BESIDE_IDS,
    Answer.FALSE_BESIDE_MESSAGE,
    Answer.STATUS_TWICE,
    Answer.PACKED,
)
REFUSED = (Answer.REFUSED, Answer.REFUSED_WITH_200, Answer.REFUSED_WITHOUT_MESSAGE, Answer.NAME_TOO_LONG)
TRANSIENT = (Answer.TRY_AGAIN,)
DENIED = (Answer.NO_ACCESS, Answer.NO_ACCESS_AS_NUMBER, Answer.LOGIN_FIRST)
LIMITED = (
    Answer.LIMITED,
    Answer.LIMITED_FOR_A_MINUTE,
    Answer.LIMITED_AS_HTML,
    Answer.LIMITED_BY_CODE,
    Answer.LIMITED_BY_TEXT,
)
CREATED = (Answer.WITHOUT_ID, Answer.WITHOUT_QR_ID, Answer.WRONG_TYPE)
UNREADABLE = tuple(answer for answer in UNCLEAR_TO_CREATE if answer not in {Answer.DATA_EMPTY, Answer.TWICE})


def test_every_answer_of_the_sandbox_has_a_meaning_for_create() -> None:
    assert set(Answer) == {*UNCLEAR_TO_CREATE, *REFUSED, *TRANSIENT, *DENIED, *LIMITED, *CREATED}


@pytest.mark.parametrize("answer", UNCLEAR_TO_CREATE)
async def test_create_answered_unclearly_is_unclear_and_sent_once(
    answer: Answer, courier: Courier, sandbox: Sandbox
) -> None:
    sandbox.next("create-order", answer)
    with pytest.raises(CourierUnclear):
        await courier.create_order(an_order(), owner="job 1")
    assert sandbox.count("create-order") == 1
    assert len(sandbox.orders) == int(answer.is_done_first)
    assert sandbox.count("login") == 1


@pytest.mark.parametrize("answer", REFUSED)
async def test_create_refused_by_a_parsed_answer_is_refused(answer: Answer, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("create-order", answer)
    with pytest.raises(CourierRefused) as refused:
        await courier.create_order(an_order(), owner="job 1")
    assert (Refusal.DATA, "999") == (refused.value.refusal, refused.value.err_num)
    assert sandbox.count("create-order") == 1
    assert sandbox.orders == {}


@pytest.mark.parametrize("answer", LIMITED)
async def test_create_over_the_couriers_rate_closes_the_window(
    answer: Answer, courier: Courier, sandbox: Sandbox, told: list[Event]
) -> None:
    sandbox.next("create-order", answer)
    wait = timedelta(seconds=60 if answer is Answer.LIMITED_FOR_A_MINUTE else 30)
    with pytest.raises(CourierLimited) as limited:
        await courier.create_order(an_order(), owner="job 1")
    with pytest.raises(CourierLimited):
        await courier.merchant_orders(owner="job 2")
    assert START + wait == limited.value.until == courier.limiter.state().closed_until
    assert sandbox.count("merchant-orders") == 0
    assert CourierLimitReached(until=(START + wait).isoformat()) in told


@pytest.mark.parametrize("answer", CREATED)
async def test_create_answered_with_one_of_the_two_ids_or_as_html_is_created(
    answer: Answer, courier: Courier, sandbox: Sandbox
) -> None:
    sandbox.next("create-order", answer)
    created = await courier.create_order(an_order(), owner="job 1")
    assert [created.id] == list(sandbox.orders) == list(created.ids)


@pytest.mark.parametrize("shape", CreateData)
@pytest.mark.parametrize("as_int", [False, True])
async def test_create_answered_with_object_or_list_and_text_or_number_is_created(
    shape: CreateData, as_int: bool, courier: Courier, sandbox: Sandbox
) -> None:
    sandbox.behaviour.create_data, sandbox.behaviour.numbers_as_int = shape, as_int
    created = await courier.create_order(an_order(client_mobile2="+9647711111111"), owner="job 1")
    (order,) = sandbox.orders.values()
    assert order.id == created.id == created.qr_id
    assert (PHONE, "+9647711111111", "25000", "0") == (
        order.client_mobile,
        order.client_mobile2,
        order.price,
        order.replacement,
    )
    assert order.merchant_notes == "PK-4812 الرجاء الاتصال"


async def test_create_leaves_out_what_is_empty(courier: Courier, sandbox: Sandbox) -> None:
    await courier.create_order(an_order(merchant_notes=""), owner="job 1")
    form = sandbox.calls[-1].form()
    assert form is not None
    assert not {"client_mobile2", "merchant_notes", "token"} & form.keys()
    assert sandbox.calls[-1].headers["content-type"].startswith("multipart/form-data")


async def test_create_where_nobody_listens_was_not_sent(courier: Courier, sandbox: Sandbox) -> None:
    await courier.prepare(owner="job 1")
    await sandbox.stop()
    with pytest.raises(CourierRefused) as refused:
        await courier.create_order(an_order(), owner="job 1")
    assert refused.value.refusal is Refusal.NOT_SENT


@pytest.mark.parametrize(
    "base_url",
    ["http://no-such-host.invalid/v1/merchant", "ftp://127.0.0.1/v1/merchant", "https://127.0.0.1:{port}/v1"],
)
async def test_create_without_name_or_tls_was_not_sent(
    *,
    base_url: str,
    sandbox: Sandbox,
    limiter: Limiter,
    login: Login,
    row: SettingsRow,
    clock: ManualClock,
    events: Events,
) -> None:
    row.token = "@@known"
    port = sandbox.base_url.split(":")[2].split("/")[0]
    courier = Courier(base_url.format(port=port), timedelta(seconds=2), limiter, login, clock, events)
    with pytest.raises(CourierRefused) as refused:
        await courier.create_order(an_order(), owner="job 1")
    await courier.close()
    assert refused.value.refusal is Refusal.NOT_SENT
    assert "@@known" not in str(refused.value)


async def test_cancelled_create_leaves_the_order_at_the_courier(
    courier: Courier, sandbox: Sandbox, told: list[Event]
) -> None:
    sandbox.next("create-order", Answer.SILENT)
    task = asyncio.ensure_future(courier.create_order(an_order(), owner="job 1"))
    async with asyncio.timeout(SAFETY_S):
        await sandbox.asked("create-order")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(sandbox.orders) == 1
    assert CourierRequestEnded(path="/create-order", kind="abandoned") == told[-1]


async def test_identical_creates_are_two_orders(courier: Courier, sandbox: Sandbox) -> None:
    first = await courier.create_order(an_order(), owner="job 1")
    second = await courier.create_order(an_order(), owner="job 2")
    assert first.id != second.id
    assert sandbox.duplicates() == 1


@pytest.mark.parametrize("answer", UNREADABLE)
@pytest.mark.parametrize("path", ["merchant-orders", "get-orders-by-ids-bulk"])
async def test_unreadable_read_is_unclear_and_never_an_empty_list(
    answer: Answer, path: str, courier: Courier, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_orders(3)
    sandbox.next(path, answer)
    with pytest.raises(CourierUnclear):
        await _read(courier, path, ids)
    assert sandbox.count("login") == 1


@pytest.mark.parametrize("answer", REFUSED)
@pytest.mark.parametrize("path", ["merchant-orders", "get-orders-by-ids-bulk"])
async def test_refused_read_is_refused(answer: Answer, path: str, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next(path, answer)
    with pytest.raises(CourierRefused):
        await _read(courier, path, ["90000001"])


@pytest.mark.parametrize("answer", LIMITED)
async def test_limited_read_waits(answer: Answer, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("merchant-orders", answer)
    with pytest.raises(CourierLimited):
        await courier.merchant_orders(owner="job 1")


@pytest.mark.parametrize("answer", [Answer.WRONG_TYPE, Answer.WITHOUT_ID, Answer.WITHOUT_QR_ID])
async def test_list_is_read_under_another_type_and_by_either_id(
    answer: Answer, courier: Courier, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_orders(3)
    sandbox.next("merchant-orders", answer)
    assert ids == [order.id for order in await courier.merchant_orders(owner="job 1")]


async def test_empty_list_with_success_is_empty(courier: Courier) -> None:
    orders = await courier.merchant_orders(owner="job 1")
    assert ([], 0) == (list(orders), orders.skipped)


async def test_create_without_the_certificates_was_not_sent(
    courier: Courier, row: SettingsRow, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(**_: object) -> httpx.AsyncClient:
        raise FileNotFoundError(2, "No such file or directory")

    row.token = "@@known"
    monkeypatch.setattr(https, "client", unreadable)
    with pytest.raises(CourierRefused, match="No such file") as refused:
        await courier.create_order(an_order(), owner="job 1")
    assert refused.value.refusal is Refusal.NOT_SENT
    assert not sandbox.calls


async def test_read_where_nobody_listens_was_not_sent(courier: Courier, sandbox: Sandbox) -> None:
    await courier.prepare(owner="job 1")
    await sandbox.stop()
    with pytest.raises(CourierRefused) as refused:
        await courier.merchant_orders(owner="job 1")
    assert refused.value.refusal is Refusal.NOT_SENT


async def test_read_works_again_after_the_courier_came_back(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.seed_orders(1)
    await courier.prepare(owner="job 1")
    await sandbox.stop()
    with pytest.raises(CourierRefused):
        await courier.merchant_orders(owner="job 1")
    await sandbox.start()
    assert len(await courier.merchant_orders(owner="job 1")) == 1


@pytest.mark.parametrize("honours", [True, False])
async def test_filters_hold_whether_the_courier_honours_them_or_not(
    honours: bool, courier: Courier, sandbox: Sandbox
) -> None:
    sandbox.behaviour.honours_filters = honours
    ids = sandbox.seed_orders(30)
    sandbox.move(ids[3], "4")
    sandbox.move(ids[29], "4")
    assert [ids[3], ids[29]] == [order.id for order in await courier.merchant_orders(owner="job 1", status_id="4")]
    day = date(2026, 2, 3)
    within = await courier.merchant_orders(owner="job 1", date_from=day, date_to=day + timedelta(days=1))
    assert {day, day + timedelta(days=1)} == {order.created_at.date() for order in within if order.created_at}


@pytest.mark.parametrize("as_int", [False, True])
async def test_row_is_read_field_by_field(as_int: bool, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.behaviour.numbers_as_int = as_int
    created = await courier.create_order(an_order(), owner="job 1")
    sandbox.orders[created.id].status = "  فعال ( قيد  التجهير) "
    (order,) = await courier.merchant_orders(owner="job 1")
    assert (created.id, created.id, "1", "  فعال ( قيد  التجهير) ") == (
        order.id,
        order.qr_id,
        order.status_id,
        order.status,
    )
    assert (Decimal(25000), Decimal(5000), "2") == (order.price, order.delivery_price, order.items_number)
    assert (PHONE, None, "بغداد", "الكرادة", "عادي") == (
        order.client_mobile,
        order.client_mobile2,
        order.city_name,
        order.region_name,
        order.package_size,
    )
    assert START.replace(hour=12, tzinfo=None) == order.created_at
    assert {"deliver_confirmed_fin": 0} == order.extra
    assert order.replacement is False


async def test_price_changed_and_notes_withheld_is_the_same_order(courier: Courier, sandbox: Sandbox) -> None:
    created = await courier.create_order(an_order(), owner="job 1")
    sandbox.orders[created.id].price = "24000.00"
    sandbox.behaviour.returns_notes = False
    (order,) = await courier.merchant_orders(owner="job 1")
    assert (created.id, Decimal(24000), None) == (order.id, order.price, order.merchant_notes)


async def test_bulk_asks_at_most_25_and_keeps_only_what_was_asked(courier: Courier, sandbox: Sandbox) -> None:
    ids = sandbox.seed_orders(30)
    found = await courier.orders_by_ids([*ids[:24], "12345"], owner="job 1")
    assert ids[:24] == [order.id for order in found]
    assert 0 == len(await courier.orders_by_ids([], owner="job 1"))
    with pytest.raises(ValueError, match="at most 25"):
        await courier.orders_by_ids(ids[:26], owner="job 1")
    assert sandbox.count("get-orders-by-ids-bulk") == 1


async def test_fifty_thousand_orders_are_read(
    sandbox: Sandbox, limiter: Limiter, login: Login, clock: ManualClock, events: Events
) -> None:
    ids = sandbox.seed_orders(50_000)
    courier = Courier(sandbox.base_url, timedelta(seconds=30), limiter, login, clock, events)
    orders = await courier.merchant_orders(owner="job 1")
    await courier.close()
    assert ids == [order.id for order in orders]
    assert orders[0].city_name is orders[18].city_name
    assert orders.skipped == 0


@pytest.mark.parametrize("answer", [Answer.TRUNCATED, Answer.CUT, Answer.STATUS_TEXT, Answer.STATUS_ONE])
async def test_long_list_that_is_cut_or_not_a_success_is_unclear(
    answer: Answer, courier: Courier, sandbox: Sandbox
) -> None:
    sandbox.seed_orders(2_000)
    sandbox.next("merchant-orders", answer)
    with pytest.raises(CourierUnclear):
        await courier.merchant_orders(owner="job 1")


async def test_list_over_the_cap_is_unclear_and_names_the_size(
    sandbox: Sandbox, limiter: Limiter, login: Login, clock: ManualClock, events: Events
) -> None:
    sandbox.seed_orders(2_000)
    courier = Courier(sandbox.base_url, timedelta(seconds=5), limiter, login, clock, events, list_cap_bytes=500_000)
    with pytest.raises(CourierUnclear, match="over 500000 bytes"):
        await courier.merchant_orders(owner="job 1")
    await courier.close()


async def test_events_tell_the_path_without_query(courier: Courier, told: list[Event]) -> None:
    await courier.create_order(an_order(), owner="job 1")
    assert told[-3:] == [
        CourierRequestSent(method="POST", path="/create-order"),
        CourierAnswered(path="/create-order", status=200, duration_ms=0),
        CourierRequestEnded(path="/create-order", kind="done"),
    ]


@pytest.mark.parametrize("patience", [BRIEFLY])
@pytest.mark.parametrize(
    ("answers", "kind"),
    [(UNCLEAR_TO_CREATE, "unclear"), (REFUSED, "refused"), (TRANSIENT, "refused"), (LIMITED, "limited")],
)
async def test_what_became_of_each_request_is_told_once(
    answers: tuple[Answer, ...], kind: str, courier: Courier, sandbox: Sandbox, clock: ManualClock, told: list[Event]
) -> None:
    for answer in answers:
        sandbox.next("create-order", answer)
        with pytest.raises(CourierError):
            await courier.create_order(an_order(), owner="job 1")
        await clock.advance(120)
    ended = [event for event in told if isinstance(event, CourierRequestEnded)]
    assert [CourierRequestEnded(path="/login", kind="done")] == ended[:1]
    assert [CourierRequestEnded(path="/create-order", kind=kind)] * len(answers) == ended[1:]


async def test_a_list_and_a_refused_login_are_told_too(
    courier: Courier, sandbox: Sandbox, row: SettingsRow, told: list[Event]
) -> None:
    await courier.merchant_orders(owner="job 1")
    assert CourierRequestEnded(path="/merchant-orders", kind="done") == told[-1]
    row.account, row.token = Account("parana", SecretStr("another")), None
    with pytest.raises(LoginFailed):
        await courier.merchant_orders(owner="job 1")
    ended = [event for event in told if isinstance(event, CourierRequestEnded)]
    assert CourierRequestEnded(path="/login", kind="refused") == ended[-1]


async def test_a_request_that_did_not_leave_is_told_as_not_sent(
    limiter: Limiter, login: Login, row: SettingsRow, clock: ManualClock, events: Events, told: list[Event]
) -> None:
    row.token = "@@token"
    courier = Courier("http://127.0.0.1:9", timedelta(seconds=1), limiter, login, clock, events)
    with pytest.raises(CourierRefused):
        await courier.merchant_orders(owner="job 1")
    assert CourierRequestEnded(path="/merchant-orders", kind="not_sent") == told[-1]
    await courier.close()


@pytest.mark.parametrize("answer", Answer)
async def test_no_secret_is_told_logged_or_raised(
    *,
    answer: Answer,
    courier: Courier,
    sandbox: Sandbox,
    row: SettingsRow,
    told: list[Event],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.next("create-order", answer)
    said = []
    try:
        said.append(repr(await courier.create_order(an_order(), owner="job 1")))
    except CourierError as error:
        said += [repr(error), str(error)]
    assert row.token
    everything = caplog.text + repr(told) + "".join(said) + repr(an_order()) + repr(row.account)
    for secret in (row.token, row.token.strip("@"), PASSWORD, "link-secret", PHONE, PHONE[4:]):
        assert secret not in everything


async def test_a_password_that_the_courier_repeats_is_hidden(courier: Courier, row: SettingsRow) -> None:
    row.account = type(row.account)("parana", type(row.account.password)("wrong-pass"))
    with pytest.raises(LoginFailed) as failed:
        await courier.prepare(owner="job 1")
    assert "wrong-pass" not in str(failed.value)


async def _read(courier: Courier, path: str, ids: list[str]) -> None:
    if path == "merchant-orders":
        await courier.merchant_orders(owner="job 1")
    else:
        await courier.orders_by_ids(ids, owner="job 1")
