"""Nothing packed is asked for, and nothing is unpacked: a few kilobytes must not become gigabytes."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator
from functools import partial

import pytest

from paranad.courier.client import Courier
from paranad.courier.errors import CourierUnclear
from paranad.courier.rows import Filter, Rows, read_stream
from paranad.sandbox.answers import JSON_TYPE, Reply
from paranad.sandbox.server import Sandbox
from tests.support.courier import an_order

BOMB = gzip.compress(gzip.compress(bytes(64 * 1024 * 1024), 9), 9)


async def test_answers_are_asked_for_as_they_are(courier: Courier, sandbox: Sandbox) -> None:
    await courier.create_order(an_order(), owner="job 1")
    assert {"identity"} == {call.headers["accept-encoding"] for call in sandbox.calls}


@pytest.mark.parametrize("path", ["create-order", "merchant-orders"])
@pytest.mark.parametrize("coding", ["gzip, gzip", "GZIP", "identity, gzip", "zstd", "x-unknown"])
async def test_packed_answer_is_unclear_and_takes_no_room(
    coding: str, path: str, courier: Courier, sandbox: Sandbox
) -> None:
    await courier.prepare(owner="job 1")
    sandbox.next(path, Reply(200, BOMB, JSON_TYPE, headers={"Content-Encoding": coding}))
    tracemalloc.start()
    ask = courier.merchant_orders if path == "merchant-orders" else partial(courier.create_order, an_order())
    with pytest.raises(CourierUnclear, match="packed"):
        await ask(owner="job 1")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 8 * 1024 * 1024


LONG_ROWS = b",".join(b'{"id":"%d"}' % number for number in range(1, 40_000))


@pytest.mark.parametrize(
    "body",
    [
        b'{"status":true,"data":[%b],"status":false}',
        b'{"status":false,"data":[%b],"status":true}',
        b'{"status":true,"data":[%b],"data":[]}',
        b'{"status":true,"errNum":"21","data":[%b]}',
        b'{"data":[%b],"status":true,"errNum":999}',
        b'{"status":true,"data":{"orders":[%b]}}',
        b"[%b]",
    ],
)
async def test_long_list_that_contradicts_itself_is_unclear(body: bytes) -> None:
    with pytest.raises(CourierUnclear):
        await read_stream(_slices(body % LONG_ROWS), Rows(Filter()), "/x")


async def test_long_list_behind_a_byte_order_mark_is_read_and_a_row_with_two_ids_is_not() -> None:
    rows = Rows(Filter())
    body = b'\xef\xbb\xbf{"status":true,"errNum":"S000","data":[{"id":"7","id":"8"},{"id":"9","price":"1"}]}'
    await read_stream(_slices(body, 1), rows, "/x")
    orders = rows.finish("/x")
    assert (["9"], 1) == ([order.id for order in orders], orders.skipped)


async def _slices(body: bytes, size: int = 7000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
