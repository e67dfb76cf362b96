from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from paranad.cli.language import Language
from paranad.cli.problems import CURES, KINDS, problem_words
from paranad.cli.screen.say import Pen
from paranad.configuration.load import read_settings
from paranad.configuration.settings import Settings
from paranad.control.api_jobs import delay_of
from paranad.control.client import error_of, unreachable
from paranad.control.problems import invalid_request
from paranad.errors import ConfigurationError, InvalidRequest, NotFound, ParanadError, WrongSetting, WrongState
from paranad.said import as_said, names_in, plain
from paranad.shipments.service import NOT_RESENDABLE
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn
from tests.support.sentences import by_code

SOCKET = Path("/run/paranad/control.sock")


def told(error: ParanadError, language: Language) -> list[str]:
    return [Pen(language).line(line.text) for line in problem_words(error, language)]


def in_arabic(error: ParanadError) -> list[str]:
    return told(error, Language.ARABIC)


def in_english(error: ParanadError) -> list[str]:
    return told(error, Language.ENGLISH)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(), "لا يوجد مقبس في /run/paranad/control.sock، فالخدمة لا تعمل هناك"),
        (ConnectionRefusedError(), "لا أحد يستمع على المقبس /run/paranad/control.sock، فالخدمة متوقفة"),
        (PermissionError(), "لا يُسمح لك بفتح مقبس التحكم /run/paranad/control.sock"),
        (TimeoutError(), "لم تستجب الخدمة في الوقت المناسب على المقبس /run/paranad/control.sock"),
        (OSError("odd"), "قطعت الخدمة جوابها على المقبس /run/paranad/control.sock (odd)"),
    ],
)
def test_daemon_that_does_not_answer_is_told_in_arabic_whole(error: Exception, said: str) -> None:
    first, cure = in_arabic(unreachable(SOCKET, error))
    assert first == said
    assert cure.startswith("الحل: ")


def test_answer_that_says_nothing_is_told_in_arabic() -> None:
    assert in_arabic(error_of(502, b"<html>"))[0] == "أجابت الخدمة بالرمز 502 من دون ذكر السبب"


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        ("x", "delay: المتوقع مدة مثل 250ms أو 90s أو 1h30m أو 7d أو ثوانٍ بصيغة عدد، والواصل «x»"),
        ("99999999d", "delay: المتوقع مدة لا تزيد على 36500d أو ثوانٍ بصيغة عدد، والواصل «99999999d»"),
    ],
)
def test_delay_that_is_none_is_told_in_arabic_whole(delay: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        delay_of(delay)
    assert in_arabic(refused.value)[0] == said


@pytest.mark.parametrize(
    ("state", "limit", "said"),
    [
        ("held", "ten", "limit: المتوقع عدد صحيح، والواصل «ten»"),
        ("held", "0", "limit: المتوقع 1 أو أكثر، والواصل «0»"),
        ("held", "101", "limit: المتوقع 100 أو أقل، والواصل «101»"),
        ("lost", "1", "state: المتوقع 'held' أو 'sent'، والواصل «lost»"),
    ],
)
def test_field_that_is_wrong_is_told_in_arabic_whole(state: str, limit: str, said: str) -> None:
    class Query(BaseModel):
        state: Literal["held", "sent"]
        limit: int = Field(ge=1, le=100)

    with pytest.raises(ValidationError) as raised:
        Query.model_validate({"state": state, "limit": limit})
    assert in_arabic(invalid_request(raised.value.errors(), set()))[0] == said


def test_place_of_a_setting_is_told_in_arabic_whole(tmp_path: Path) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text('[shop]\ndatabase_url = "sqlite:////no/shop"\n[courier]\nusername = "u"\npassword = "p"\n')
    settings, _ = read_settings(config, {})
    assert in_arabic(ParanadError(as_said(settings.database_place)))[0] == f"[shop] database_url في {config}"
    account = f"[courier] username في {config} و[courier] password في {config}"
    assert in_arabic(ParanadError(as_said(settings.account_place)))[0] == account
    in_shop = in_arabic(ParanadError(as_said(Settings().account_place)))[0]
    assert in_shop == "alwaseet_username وalwaseet_password في إعدادات المتجر"


def test_backup_that_would_overwrite_is_told_in_arabic(ctl: Ctl, tmp_path: Path) -> None:
    ran = ctl("backup", str(tmp_path), "--lang", "ar")
    assert ran.code == 1
    cure = "الحل: حدّد ملفاً آخر"
    assert ran.err == f"paranadctl: الملف {tmp_path} موجود، والنسخ الاحتياطي لا يكتب فوق شيء\n{cure}\n"


def test_error_of_the_daemon_is_told_by_its_kind_with_what_it_says_itself() -> None:
    problem, detail, cure = in_arabic(NotFound(plain("job 99: there is no such job")))
    assert (problem, detail) == ("ما طلبته غير موجود", "job 99: there is no such job")
    assert "paranadctl jobs list" in cure


def test_every_problem_of_a_configuration_is_told() -> None:
    error = ConfigurationError([WrongSetting("a.toml", "[queue] workers", "x"), WrongSetting("b.toml", "", "y")])
    assert in_english(error) == ["a.toml: [queue] workers: x", "b.toml: y"]
    assert in_arabic(error)[1:3] == in_english(error)


def test_kind_of_a_room_behind_the_daemon_keeps_its_words(ctl: Ctl, daemon: StandIn) -> None:
    detail = "courier: login failed: wrong password"
    daemon.refuse("POST", "shipments/5/settle", 503, "courier-login-failed", detail)
    ran = ctl("shipments", "settle", "5", "--courier-id", "7")
    assert ran.code == 1
    assert ran.err.split("\n")[:2] == [
        f"paranadctl: {detail}",
        "likely cause: the courier does not accept the user name and password",
    ]


def test_kind_that_is_not_known_is_shown_as_it_came() -> None:
    error = error_of(400, b'{"kind": "teapot", "detail": "it {is} short and stout"}')
    assert in_english(error) == in_arabic(error) == ["it {is} short and stout"]


@pytest.mark.parametrize("kind", KINDS)
def test_english_repeats_no_message_that_says_it_all(kind: str) -> None:
    error = ParanadError(plain("it broke"))
    error.kind = kind
    assert len(in_english(error)) == (1 if KINDS[kind].said else 3)
    assert len(in_arabic(error)) == (3 if KINDS[kind].cure else 2)


def test_every_cure_is_of_a_fact_that_the_program_states() -> None:
    assert set(CURES) - set(by_code()) == set()
    assert {code: cure for code, cure in CURES.items() if not names_in(cure) <= names_in(by_code()[code])} == {}


def test_cure_of_a_shipment_that_is_decided_names_the_shipment() -> None:
    error = WrongState(NOT_RESENDABLE(order=9, state="recorded"))
    assert "الحل: انظر إليها: paranadctl shipments show 9" == in_arabic(error)[1]
