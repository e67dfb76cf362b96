"""No secret leaves in a log line, even if an event or a library put one into it."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.events.queue import JobFailed
from paranad.log import redaction
from paranad.log.output import Format, Log
from paranad.log.redaction import hide, redact, without_secrets
from tests.log.conftest import StartLog, Written


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The secrets known so far, put back as they were."""
    with monkeypatch.context() as patch:
        patch.setattr(redaction, "_known", set())
        yield


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/merchant/x?token=SESAME&status=1",
        '{"token":"SESAME"}',
        '{"alwaseet_password": "SESAME \\" SESAME"}',
        "{'password': 'SESAME'}",
        '{"error":"{\\"token\\":\\"SESAME\\"}"}',
        "\x1b[36mtoken\x1b[0m=\x1b[35mSESAME\x1b[0m",
        "courier said @@SESAME to that",
        "mysql://user:SESAME@host:3306/shop is gone",
        "mysql+asyncmy://SESAME@host",
        "https://user:SESAME@host/path",
        "Authorization=SESAME",
        "database_url='SESAME'",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert "SESAME" not in redact(text)
    assert "(hidden)" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://api.alwaseet-iq.net/v1/merchant",
        "tokens left: 7",
        '{"timestamp":"2026-03-02T09:00:00.000+00:00","task":"carts:expire","job_id":7}',
        "mail@example.com",
        "paranad.toml: [courier] password: expected text",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert text == redact(text)


def test_redacted_json_is_still_json() -> None:
    told = '{"token": "a \\" b", "n": 1}'
    line = json.dumps({"token": 'a"b', "n": 1, "nested": {"password": "x", "url": "mysql://u:p@h/db"}, "told": told})
    expected = {
        "token": "(hidden)",
        "n": 1,
        "nested": {"password": "(hidden)", "url": "mysql://(hidden)@h/db"},
        "told": '{"token": "(hidden)", "n": 1}',
    }
    assert expected == json.loads(redact(line))


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("secret", ["open sesame", 'quo"te\\slash', "كلمة السر", "per%cent@sign/slash", "new\nline"])
def test_known_secret_is_hidden_in_every_form(start_log: StartLog, written: Written, form: Format, secret: str) -> None:
    hide(secret)
    log: Log = start_log(form, "info")
    log.tell(
        [
            JobFailed(
                job_id=1,
                task="t",
                queue="q",
                attempt=1,
                wait_ms=0,
                duration_ms=0,
                error=f"<{secret}>",
                traceback=f"<{secret}>",
            )
        ]
    )
    text = written.text()
    assert 2 == text.count("(hidden)")
    assert secret not in text


def test_text_too_short_to_be_a_secret_is_not_hidden() -> None:
    hide("")
    hide("abc")
    assert "abc" == redact("abc")


@given(st.text(min_size=4, max_size=12).filter(lambda value: value not in "(hidden)"))
def test_known_secret_never_survives(secret: str) -> None:
    hide(secret)
    assert secret not in redact(f"before {secret} after {json.dumps(secret)}")


@pytest.mark.parametrize("around", ["a", "http"])
def test_a_long_word_is_looked_through_once(around: str) -> None:
    long = around * 40_000
    assert f"{long}password=(hidden)" == redact(f"{long}password=SESAME")
    assert f"{long}://(hidden)@host" == redact(f"{long}://SESAME@host")


def test_texts_of_a_value_are_redacted_and_each_under_a_secret_s_name() -> None:
    value = {"output": "a\npassword=SESAME", "words": ["x", ("--token=SESAME",)], "api_token": "SESAME", "n": 7}
    shown = {"output": "a\npassword=(hidden)", "words": ["x", ["--token=(hidden)"]], "api_token": "(hidden)", "n": 7}
    assert shown == without_secrets(value)
