from datetime import UTC, datetime

import pytest

from paranad.control.client import error_of
from paranad.control.problems import MEDIA_TYPE, answer_problem
from paranad.courier.errors import CourierLimited
from paranad.errors import (
    ConfigurationError,
    NotFound,
    ParanadError,
    RequestError,
    StateLocked,
    Unavailable,
    WrongSetting,
    WrongState,
)
from paranad.said import Sentence, plain
from paranad.shop.errors import ShopUnreachable


def classes(root: type[ParanadError]) -> list[type[ParanadError]]:
    leaves = [leaf for leaf in root.__subclasses__() if leaf.__module__ == "paranad.errors"]
    return [root, *(each for leaf in leaves for each in classes(leaf))]


PLAIN = [each for each in classes(ParanadError) if each not in {ConfigurationError, StateLocked, RequestError}]


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: str(kind.__name__))
def test_every_error_comes_back_as_the_same_class(kind: type[ParanadError]) -> None:
    answer = answer_problem(kind(plain("job 7 is completed, so it cannot be cancelled")))
    back = error_of(answer.status_code, bytes(answer.body))
    assert kind is type(back)
    assert str(back) == "job 7 is completed, so it cannot be cancelled"
    assert kind.exit_code == back.exit_code


def test_error_comes_back_with_its_fact() -> None:
    said = Sentence("test.state", "job {id} is {state}")(id=7, state=Sentence("test.done", "completed")())
    answer = answer_problem(WrongState(said))
    assert said == error_of(answer.status_code, bytes(answer.body)).said


def test_configuration_error_comes_back_with_every_problem() -> None:
    problems = (
        WrongSetting("paranad.toml", "[queue] workers", "expected 1"),
        WrongSetting("", "[log] level", "expected info"),
    )
    answer = answer_problem(ConfigurationError(problems))
    back = error_of(answer.status_code, bytes(answer.body))
    assert isinstance(back, ConfigurationError)
    assert problems == back.problems


@pytest.mark.parametrize("error", [ShopUnreachable("no such file"), CourierLimited(datetime(2026, 3, 2, tzinfo=UTC))])
def test_an_outage_comes_back_as_unavailable(error: ParanadError) -> None:
    answer = answer_problem(error)
    back = error_of(answer.status_code, bytes(answer.body))
    assert type(back) is Unavailable
    assert str(error) == str(back)


def test_problem_has_the_shape_of_rfc_9457() -> None:
    answer = answer_problem(NotFound(plain("job 4812 does not exist")))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert (
        bytes(answer.body) == b'{"type":"urn:paranad:problem:not-found","title":"Not found","status":404,'
        b'"detail":"job 4812 does not exist","kind":"not-found"}'
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"kind": "not-found"}',
        b'{"kind": [], "detail": 1}',
        b'{"kind": "configuration"}',
    ],
)
def test_an_answer_that_is_no_problem_is_still_an_error(body: bytes) -> None:
    assert isinstance(error_of(502, body), Unavailable)
    assert type(error_of(400, body)) is RequestError


def test_status_travels_with_the_class() -> None:
    assert answer_problem(WrongState(plain("job 7 runs"))).status_code == 409
