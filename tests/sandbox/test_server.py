"""The sandbox is as strict as the courier. Source: courier API, "What a strict stand-in must enforce"; same numbers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from paranad.sandbox.answers import LIMIT_TEXT, NO_ACCESS_TEXT, Answer
from paranad.sandbox.books import CreateData, ShownNotes
from paranad.sandbox.server import Sandbox
from tests.support.clock import ManualClock
from tests.support.courier import PASSWORD, an_order
from tests.support.http import browser

GOOD = an_order().form()
BAD_FIELDS = [
    *((name, None) for name in GOOD if name != "merchant_notes"),
    *((name, " ") for name in GOOD if name != "merchant_notes"),
    ("client_mobile", "07701234567"),
    ("client_mobile", "+96477012345678"),
    ("client_mobile", "+964770123456٧"),
    ("client_mobile2", "07701234567"),
    ("city_id", "19"),
    ("region_id", "201"),
    ("package_size", "9"),
    ("items_number", "0"),
    ("items_number", "1.5"),
    ("items_number", "-1"),
    ("replacement", "2"),
    ("price", "25000.00"),
    ("price", "-1"),
    ("price", "x"),
]

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def ask(sandbox: Sandbox) -> AsyncIterator[Ask]:
    """Ask the sandbox; POSTs with `form`, with a living token unless `token` says otherwise."""

    async with browser(base_url=sandbox.base_url) as client:
        living = sandbox.new_token()

        async def ask(path: str, form: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
            params = {"token": more.pop("token", living), **more.pop("query", {})}
            files: Any = None if form is None else {name: (None, text) for name, text in form.items()}
            method = more.pop("method", "GET" if form is None and not more else "POST")
            return await client.request(method, path, params=params, files=files or None, **more)

        yield ask


def refused(response: httpx.Response, err_num: str = "999", status: int = 400) -> bool:
    body = response.json()
    return (status, False, err_num) == (response.status_code, body["status"], body["errNum"]) and "data" not in body


def changed(name: str, value: str | None) -> dict[str, str]:
    return {key: text for key, text in (GOOD | {name: value}).items() if text is not None}


async def test_rule_1_unknown_path_and_wrong_method(ask: Ask) -> None:
    assert 404 == (await ask("delete-order")).status_code
    assert 405 == (await ask("create-order")).status_code
    assert 405 == (await ask("merchant-orders", {"a": "b"})).status_code


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": "parana"},
        {"username": "parana", "password": "x"},
        {"username": "x", "password": PASSWORD},
        {"username": "parana", "Password": PASSWORD},
    ],
)
async def test_rule_2_login_wrong(form: dict[str, str], ask: Ask) -> None:
    assert refused(await ask("login", form or {"x": "y"}))


async def test_rule_2_login_right_as_either_kind_of_form(ask: Ask, sandbox: Sandbox) -> None:
    account = {"username": "parana", "password": PASSWORD}
    for response in (await ask("login", account), await ask("login", data=account)):
        token = response.json()["data"]["token"]
        assert token.startswith("@@")
        assert 34 == len(token)
    sandbox.behaviour.is_merchant = False
    assert not (await ask("login", account)).json()["data"]["token"].startswith("@@")


@pytest.mark.parametrize(
    "more", [{"json": GOOD}, {"content": b"x"}, {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}]
)
async def test_rule_3_other_body_is_refused(more: dict[str, Any], ask: Ask) -> None:
    assert refused(await ask("create-order", **more))
    assert refused(await ask("login", **more))


async def test_rule_4_token_missing_unknown_or_expired(ask: Ask, sandbox: Sandbox, clock: ManualClock) -> None:
    for token in ("", "@@unknown"):
        response = await ask("create-order", GOOD, token=token)
        assert refused(response, "21")
        assert NO_ACCESS_TEXT == response.json()["msg"]
    assert refused(await ask("create-order", GOOD | {"token": sandbox.new_token()}, token=""), "21")
    sandbox.behaviour.token_lifetime = timedelta(hours=1)
    assert 200 == (await ask("statuses")).status_code
    await clock.advance(timedelta(hours=1))
    assert refused(await ask("statuses"), "21")


async def test_rule_4_token_is_taken_raw_and_escaped(sandbox: Sandbox) -> None:
    token = sandbox.new_token()
    async with browser() as client:
        for spelt in (token, token.replace("@", "%40")):
            assert 200 == (await client.get(f"{sandbox.base_url}/statuses?token={spelt}")).status_code


async def test_rule_5_password_change_ends_all_tokens(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.change_password("another")
    assert refused(await ask("merchant-orders"), "21")
    assert refused(await ask("login", {"username": "parana", "password": PASSWORD}))
    assert 200 == (await ask("login", {"username": "parana", "password": "another"})).status_code


async def test_a_new_login_may_end_older_tokens(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.login_ends_older_tokens = True
    await ask("login", {"username": "parana", "password": PASSWORD})
    assert refused(await ask("merchant-orders"), "21")


async def test_rule_6_account_without_the_right_to_create(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.may_create = False
    assert refused(await ask("create-order", GOOD), "21")
    assert 200 == (await ask("merchant-orders")).status_code
    assert {} == sandbox.orders


@pytest.mark.parametrize("status", [429, 400, 200])
async def test_rule_7_request_over_the_rate_changes_nothing(
    status: int, ask: Ask, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.behaviour.rate_limit, sandbox.behaviour.limit_status, sandbox.behaviour.retry_after_s = 30, status, 7
    for _ in range(30):
        assert 200 == (await ask("citys")).status_code
    response = await ask("create-order", GOOD)
    assert refused(response, "2", status)
    assert (LIMIT_TEXT, "7", {}) == (response.json()["msg"], response.headers["Retry-After"], sandbox.orders)
    await clock.advance(30)
    assert 200 == (await ask("create-order", GOOD)).status_code


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS)
async def test_rules_8_9_10_create_with_a_wrong_field(name: str, value: str | None, ask: Ask, sandbox: Sandbox) -> None:
    response = await ask("create-order", changed(name, value))
    assert refused(response)
    assert name in response.json()["msg"] or name in {"city_id", "client_mobile2"}
    assert {} == sandbox.orders


async def test_rules_8_and_10_shop_mode_takes_what_the_shop_sends(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.shop_mode = True
    form = changed("replacement", None) | {"price": "25000.00"}
    assert 200 == (await ask("create-order", form)).status_code
    (order,) = sandbox.orders.values()
    assert "0" == order.replacement


async def test_rule_11_unknown_fields_are_ignored(ask: Ask) -> None:
    await ask("create-order", GOOD | {"company_order_id": "4812", "promo_code": "x"})
    (row,) = (await ask("merchant-orders")).json()["data"]
    assert not {"company_order_id", "promo_code"} & row.keys()


async def test_rule_12_identical_create_is_another_order(ask: Ask, sandbox: Sandbox) -> None:
    ids = {(await ask("create-order", GOOD)).json()["data"][0]["id"] for _ in range(3)}
    assert (3, 2) == (len(ids), sandbox.duplicates())


async def test_rule_13_shape_of_the_create_answer(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.create_data, sandbox.behaviour.numbers_as_int = CreateData.OBJECT, True
    data = (await ask("create-order", GOOD)).json()["data"]
    assert isinstance(data["id"], int)


@pytest.mark.parametrize("answer", Answer)
async def test_rule_14_planned_answer_comes_once_and_says_whether_it_was_done(
    answer: Answer, ask: Ask, sandbox: Sandbox
) -> None:
    sandbox.next("create-order", answer)
    try:
        await ask("create-order", GOOD, timeout=0.2)
    except httpx.TransportError:
        assert answer in {Answer.DROPPED, Answer.SILENT, Answer.RESET, Answer.CUT, Answer.NOT_HTTP}
    assert int(answer.is_done_first) == len(sandbox.orders)
    assert 200 == (await ask("create-order", GOOD)).status_code


async def test_an_answer_for_an_unknown_call_is_a_mistake(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="create_order"):
        sandbox.next("create_order", Answer.SILENT)


@pytest.mark.parametrize("ids", ["", "1;2", "1,", "x", "1, 2"])
async def test_rule_15_bulk_with_wrong_ids(ids: str, ask: Ask) -> None:
    assert refused(await ask("get-orders-by-ids-bulk", {"ids": ids}))


async def test_rule_16_bulk_with_more_than_25(ask: Ask, sandbox: Sandbox) -> None:
    form = {"ids": ",".join(sandbox.seed_orders(30))}
    assert 25 == len((await ask("get-orders-by-ids-bulk", form)).json()["data"])
    sandbox.behaviour.refuses_long_bulk = True
    assert refused(await ask("get-orders-by-ids-bulk", form))


async def test_rule_17_edit_only_while_the_order_is_with_the_merchant(ask: Ask, sandbox: Sandbox) -> None:
    (order_id,) = sandbox.seed_orders(1)
    assert refused(await ask("edit-order", GOOD))
    assert refused(await ask("edit-order", GOOD | {"qr_id": "12"}))
    assert refused(await ask("edit-order", changed("price", "x") | {"qr_id": order_id}))
    response = await ask("edit-order", GOOD | {"qr_id": order_id})
    assert "تم التعديل بنجاح" == response.json()["msg"]
    assert "25000" == sandbox.orders[order_id].price
    sandbox.move(order_id, "2")
    assert refused(await ask("edit-order", GOOD | {"qr_id": order_id}))


async def test_rule_18_filters_late_appearance_and_notes(ask: Ask, sandbox: Sandbox, clock: ManualClock) -> None:
    sandbox.behaviour.appears_after = timedelta(minutes=2)
    await ask("create-order", GOOD)
    assert [] == (await ask("merchant-orders")).json()["data"]
    await clock.advance(timedelta(minutes=2))
    (row,) = (await ask("merchant-orders")).json()["data"]
    assert GOOD["merchant_notes"] == row["merchant_notes"]
    sandbox.behaviour.returns_notes = False
    assert "merchant_notes" not in (await ask("merchant-orders")).json()["data"][0]
    for query, shown in (({"status_id": "4"}, 0), ({"date_from": "2026-03-03"}, 0), ({"date_to": "2026-03-02"}, 1)):
        assert shown == len((await ask("merchant-orders", query=query)).json()["data"])
    assert refused(await ask("merchant-orders", query={"date_from": "soon"}))
    sandbox.behaviour.honours_filters = False
    assert 1 == len((await ask("merchant-orders", query={"status_id": "4"})).json()["data"])


async def test_deleted_order_vanishes(ask: Ask, sandbox: Sandbox) -> None:
    ids = sandbox.seed_orders(2)
    sandbox.delete(ids[0])
    assert [ids[1]] == [row["id"] for row in (await ask("merchant-orders")).json()["data"]]


async def test_rule_19_invoices_are_refused_to_an_employee(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.is_merchant = False
    token = sandbox.new_token()
    for path in ("get_merchant_invoices", "get_merchant_invoice_orders", "receive_merchant_invoice"):
        assert refused(await ask(path, token=token), "21")
    assert 200 == (await ask("merchant-orders", token=token)).status_code


async def test_rule_20_no_invoices(ask: Ask, sandbox: Sandbox) -> None:
    assert [] == (await ask("get_merchant_invoices")).json()["data"]
    sandbox.behaviour.no_invoices_as_refusal = True
    response = await ask("get_merchant_invoices")
    assert refused(response, "21")
    assert "لا يوجد فواتير" == response.json()["msg"]


async def test_rule_21_invoice_is_received_once(ask: Ask, sandbox: Sandbox) -> None:
    ids = sandbox.seed_orders(2)
    invoice = {"invoice_id": sandbox.add_invoice(ids)}
    (shown,) = (await ask("get_merchant_invoices")).json()["data"]
    assert ("2", "21000") == (shown["delivered_orders_count"], shown["merchant_price"])
    assert 2 == len((await ask("get_merchant_invoice_orders", query=invoice)).json()["data"]["orders"])
    assert refused(await ask("receive_merchant_invoice"))
    assert refused(await ask("get_merchant_invoice_orders", query={"invoice_id": "99"}))
    assert 200 == (await ask("receive_merchant_invoice", query=invoice)).status_code
    assert refused(await ask("receive_merchant_invoice", query=invoice))


async def test_rule_22_lookups_need_no_token(ask: Ask) -> None:
    cities = (await ask("citys", token="")).json()["data"]
    assert {"id": "13", "city_name": "نينوى"} in cities
    assert 18 == len(cities)
    assert {"id": "15", "region_name": "الكرادة"} in (await ask("regions", query={"city_id": "1"})).json()["data"]
    assert 4 == len((await ask("package-sizes", token="")).json()["data"])
    assert refused(await ask("regions"))
    statuses = (await ask("statuses")).json()["data"]
    assert 45 == len(statuses)
    assert {"id": "34", "status": "طلب مكرر"} in statuses


@pytest.mark.parametrize("status", [403, 503])
async def test_rule_23_block_mode(status: int, ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.blocked_status = status
    for path in ("citys", "merchant-orders", "nowhere"):
        response = await ask(path)
        assert status == response.status_code
        assert response.headers["Content-Type"].startswith("text/html")


async def shown(ask: Ask) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await ask("merchant-orders")).json()["data"]
    return rows


async def test_lists_can_lack_the_newest_half(ask: Ask, sandbox: Sandbox) -> None:
    ids = sandbox.seed_orders(5)
    sandbox.behaviour.lacks_newest_half = True
    assert ids[:3] == [row["id"] for row in await shown(ask)]


async def test_lists_can_show_other_values_than_were_sent(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.add_order(an_order(merchant_notes="P7-ABCD hello", price=25000))
    behaviour = sandbox.behaviour
    behaviour.price_change, behaviour.shown_phone, behaviour.dates_in_utc = -1000, "+9647700000005", True
    (row,) = await shown(ask)
    assert ("24000", "+9647700000005", "2026-03-02 09:00:00") == (row["price"], row["client_mobile"], row["created_at"])


@pytest.mark.parametrize(
    ("notes", "shows"),
    [
        (ShownNotes.AS_SENT, "P7-ABCD Hello"),
        (ShownNotes.LOWER_CASE, "p7-abcd hello"),
        (ShownNotes.REPLACED, "تم الاتصال بالزبون"),
        (ShownNotes.ABSENT, None),
    ],
)
async def test_lists_can_show_other_notes(notes: ShownNotes, shows: str | None, ask: Ask, sandbox: Sandbox) -> None:
    sandbox.add_order(an_order(merchant_notes="P7-ABCD Hello"))
    sandbox.behaviour.shown_notes = notes
    (row,) = await shown(ask)
    assert shows == row.get("merchant_notes")


async def test_create_can_answer_another_id_than_lists_show(ask: Ask, sandbox: Sandbox) -> None:
    sandbox.behaviour.create_id_differs = True
    (created,) = (await ask("create-order", GOOD)).json()["data"]
    (row,) = await shown(ask)
    assert created["id"] != row["id"]
    assert created["qr_id"] == row["qr_id"] == row["id"]


async def test_order_of_somebody_else_is_listed_and_no_duplicate(ask: Ask, sandbox: Sandbox) -> None:
    await ask("create-order", GOOD)
    sandbox.add_order(an_order(client_mobile=GOOD["client_mobile"], merchant_notes=""))
    phones = [row["client_mobile"] for row in await shown(ask)]
    assert ([GOOD["client_mobile"]] * 2, 0) == (phones, sandbox.duplicates())
