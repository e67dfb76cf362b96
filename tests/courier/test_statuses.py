"""The courier's list of statuses, and everything it may be answered with."""

import pytest

from paranad.courier.answers import HttpAnswer, statuses_of
from paranad.courier.client import Courier
from paranad.courier.errors import CourierLimited, CourierRefused, CourierUnclear
from paranad.courier.models import StatusList
from paranad.sandbox.answers import Answer
from paranad.sandbox.books import STATUSES
from paranad.sandbox.server import Sandbox
from tests.courier.test_client import LIMITED, REFUSED

UNREADABLE = (
    Answer.HTML,
    Answer.EMPTY,
    Answer.TRUNCATED,
    Answer.CUT,
    Answer.RESET,
    Answer.SILENT,
    Answer.ERROR_500_AS_JSON,
    Answer.BLOCKED_403,
    Answer.REDIRECTED,
    Answer.DATA_NULL,
    Answer.DATA_ABSENT,
    Answer.DATA_TEXT,
    Answer.DATA_OBJECT,
    Answer.STATUS_TEXT,
    Answer.WITHOUT_ID,
)


def answered(data: str) -> StatusList:
    body = f'{{"status":true,"errNum":"S000","msg":"ok","data":{data}}}'
    return statuses_of(HttpAnswer("/statuses", 200, {}, body.encode()))


async def test_every_status_is_read_by_its_id(courier: Courier, sandbox: Sandbox) -> None:
    assert StatusList(STATUSES) == await courier.statuses(owner="job 1")
    assert [1, 1] == [sandbox.count("login"), sandbox.count("statuses")]


@pytest.mark.parametrize("answer", UNREADABLE)
async def test_answer_that_cannot_be_read_is_no_empty_list(answer: Answer, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("statuses", answer)
    with pytest.raises(CourierUnclear):
        await courier.statuses(owner="job 1")


@pytest.mark.parametrize("answer", REFUSED)
async def test_refusal_is_one(answer: Answer, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("statuses", answer)
    with pytest.raises(CourierRefused):
        await courier.statuses(owner="job 1")


@pytest.mark.parametrize("answer", LIMITED)
async def test_limit_closes_the_window(answer: Answer, courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("statuses", answer)
    with pytest.raises(CourierLimited) as limited:
        await courier.statuses(owner="job 1")
    assert limited.value.until == courier.limiter.state().closed_until


async def test_expired_token_is_renewed_once(courier: Courier, sandbox: Sandbox) -> None:
    await courier.statuses(owner="job 1")
    sandbox.expire_tokens()
    assert STATUSES == (await courier.statuses(owner="job 2")).texts
    assert 2 == sandbox.count("login")


@pytest.mark.parametrize(
    ("data", "texts", "skipped"),
    [
        ("[]", {}, 0),
        ('[{"id":4,"status":"تم"}]', {"4": "تم"}, 0),
        ('[{"id":"4","status":"a"},{"id":"4","status":"b"}]', {"4": "b"}, 0),
        ('[{"id":"4","status":" a "},{"id":"5"},{"status":"x"},7,null,{"id":"6","status":" "}]', {"4": "a"}, 5),
        ('[{"id":true,"status":"x"},{"id":"1","status":2},{"id":"2","status":"\\ud800"}]', {"2": "?"}, 2),
    ],
)
def test_rows_are_read_one_by_one(data: str, texts: dict[str, str], skipped: int) -> None:
    assert StatusList(texts, skipped) == answered(data)
