"""Every shape of an answer is read as it is meant, by the real client over a real socket."""

import dataclasses
from datetime import timedelta

from paranad.configuration.durations import Rate
from paranad.courier.client import Courier
from paranad.courier.errors import (
    CourierError,
    CourierLimited,
    CourierRefused,
    CourierUnclear,
    LoginFailed,
    RateRefused,
    Refusal,
)
from paranad.courier.limiter import Limiter
from paranad.courier.login import Login
from paranad.events.event import Events
from paranad.sandbox.answers import Reply
from paranad.sandbox.server import Sandbox
from tests.courier.shapes import ROW, SHAPES, Shape
from tests.support.clock import ManualClock
from tests.support.courier import KeptWindow, SettingsRow, an_order

EXPECTED_CALLS = {"permission": 2}
"""How often the call is made, where that is not once: one login and one repeat."""


async def test_every_shape_is_read_as_it_is_meant(sandbox: Sandbox, clock: ManualClock, events: Events) -> None:
    wrong = {}
    for shape in SHAPES:
        before = sandbox.count(shape.path)
        read = await read_as(shape, sandbox, clock, events)
        calls = sandbox.count(shape.path) - before
        sandbox.answer_truly()
        if read not in shape.expect.split(" or ") or calls != EXPECTED_CALLS.get(read, 1):
            wrong[f"{shape.path}: {shape.name}"] = f"expected {shape.expect}, read as {read} after {calls} calls"
    assert {} == wrong


async def read_as(shape: Shape, sandbox: Sandbox, clock: ManualClock, events: Events) -> str:
    """Return in a word how a courier of its own reads *shape*, answered as often as it asks."""
    row, kept = SettingsRow(token=None if shape.path == "login" else sandbox.new_token()), KeptWindow()
    limiter = Limiter(Rate(1000, timedelta(seconds=30)), clock, kept.load, kept.save)
    login = Login(row.load_account, row.load_token, row.save_token, clock, events)
    courier = Courier(sandbox.base_url, timedelta(seconds=5), limiter, login, clock, events)
    kind = shape.headers.get("content-type", "")
    others = {name: text for name, text in shape.headers.items() if name != "content-type"}
    reply = Reply(shape.http, shape.bytes(), kind, headers=others)
    sandbox.next(shape.path, *[dataclasses.replace(reply) for _ in range(3)])
    try:
        return await ask(courier, shape.path, row)
    except CourierError as error:
        return word_of(error, clock)
    finally:
        await courier.close()


async def ask(courier: Courier, path: str, row: SettingsRow) -> str:
    match path:
        case "create-order":
            return f"created:{(await courier.create_order(an_order(), owner='job 1')).id}"
        case "merchant-orders":
            return f"rows:{len(await courier.merchant_orders(owner='job 1'))}"
        case "get-orders-by-ids-bulk":
            return f"rows:{len(await courier.orders_by_ids([str(ROW['id'])], owner='job 1'))}"
        case "statuses":
            texts = (await courier.statuses(owner="job 1")).texts.values()
            assert all(text == " ".join(text.split()) for text in texts)
            return f"statuses:{len(texts)}"
        case _:
            await courier.prepare(owner="job 1")
            assert row.token
            return "token" if row.token == row.token.strip() else "token with spaces"


def word_of(error: CourierError, clock: ManualClock) -> str:
    match error:
        case CourierRefused(refusal=Refusal.NOT_SENT):
            return "outage"
        case CourierRefused(refusal=refusal):
            return str(refusal)
        case LoginFailed():
            return "login-refused"
        case RateRefused() | CourierLimited():
            return f"limited:{(error.until - clock.now()).total_seconds():.0f}"
        case CourierUnclear():
            return "unclear"
        case _:
            return repr(error)
