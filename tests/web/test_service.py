"""The page behind a web server: who gets in, for how long, what is logged, what it does without its settings."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request

from paranad.cli.screen.blocks import Line
from paranad.cli.screen.say import written
from paranad.events.event import Event
from paranad.events.web import WebRefused
from paranad.web.guard import SIGN_IN, Entered
from paranad.web.page import Page
from paranad.web.rules import headers_of, public_site
from paranad.web.service import PasswordDoor, network_of
from tests.support import answers
from tests.support.control_stand_in import StandIn
from tests.support.notify_socket import Manager
from tests.web.phone import HOST, PASSWORD, Service, configured, running, set_password, started
from tests.web.visitor import PATIENCE_S, Watch

ASKS = 'type="password"'


@pytest.fixture
def stand_in_says(stand_in: StandIn) -> StandIn:
    stand_in.answer("GET", "status", answers.status())
    return stand_in


@pytest.fixture
def service(tmp_path: Path, stand_in_says: StandIn) -> Iterator[Service]:
    set_password(tmp_path)
    with running(configured(tmp_path, stand_in_says.path)) as service:
        yield service


def test_password_opens_the_page_that_was_asked_for(service: Service) -> None:
    phone = service.phone()
    asked = phone.get("/jobs?state=failed")
    assert 403 == asked.status
    assert ASKS in asked.text
    assert 'name="to" value="/jobs?state=failed"' in asked.text
    answer = phone.sign_in(to="/jobs?state=failed")
    assert (303, "/jobs?state=failed") == (answer.status, answer.location)
    assert 200 == phone.get().status
    assert ASKS not in phone.get().text


def test_who_has_no_password_sees_nothing_of_the_shop_and_the_daemon_is_not_asked(
    service: Service, stand_in_says: StandIn
) -> None:
    """As a process of the web server's user, which may open the socket."""
    stranger = service.phone()
    for path in ("/", "/orders", "/live", "/do/retry", "/jobs/1", "/nothing"):
        answer = stranger.get(path)
        assert (403, True) == (answer.status, ASKS in answer.text)
        assert 403 == stranger.post(path, {"key": "guess", "order": "318"}).status
    assert [] == stand_in_says.asked


def test_login_is_said_in_the_browser_s_language(service: Service) -> None:
    arabic = service.phone().get(Accept_Language="ar-IQ,ar;q=0.9")
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert "كلمة المرور" in arabic.text
    assert "Password" in service.phone().get().text


def test_cookie_is_bound_to_this_host_and_to_tls(service: Service) -> None:
    cookies = service.phone().sign_in().headers["set-cookie"]
    assert ["__Host-paranad", "__Host-paranad-known"] == [each.partition("=")[0] for each in cookies]
    for cookie in cookies:
        assert {"Path=/", "HttpOnly", "SameSite=Strict", "Secure"} <= set(cookie.split("; "))


def test_every_answer_has_its_headers(service: Service) -> None:
    phone, expected = service.phone(), headers_of(public_site(HOST))
    assert "strict-transport-security" in expected
    for answer in (phone.get(), phone.sign_in(), phone.get(), phone.get("/nothing"), phone.get(Host="evil.example")):
        assert {name: [value] for name, value in expected.items()} == {name: answer.headers[name] for name in expected}


def test_only_the_configured_name_leads_to_it(service: Service) -> None:
    phone = service.phone()
    assert 303 == phone.sign_in().status
    for host in ("evil.example", "shop.example.com.evil.example", "shop.example.com:8443", "localhost"):
        assert 403 == phone.get(Host=host).status, host
        assert 403 == phone.post("/do/sign-in", {"password": PASSWORD}, Origin=f"https://{host}").status, host


def test_wrong_passwords_are_told_with_their_address(service: Service) -> None:
    phone = service.phone("203.0.113.66")
    for count in (1, 2, 3):
        answer = phone.sign_in("guess")
        assert (403, True) == (answer.status, "That is not the password" in answer.text)
        told = service.told("web.refused")
        assert ("203.0.113.66", count, 0) == (told["address"], told["failed"], told["wait_s"])
    assert 303 == service.phone("203.0.113.67").sign_in().status, "another address is none of that"


async def test_fourth_try_of_an_address_waits_though_it_is_right(tmp_path: Path) -> None:
    set_password(tmp_path)
    watch, told = Watch(), list[Event]()
    door = PasswordDoor(tmp_path / "web.password", told.append, watch)

    def sent() -> Request:
        headers = [(b"x-forwarded-for", b"203.0.113.66")]
        state = {"session": None}
        return Request({"type": "http", "method": "POST", "path": SIGN_IN, "headers": headers, "state": state})

    for _ in range(3):
        assert isinstance(await door.enter(sent(), {"password": "guess"}), Page)
    refused = await door.enter(sent(), {"password": PASSWORD})
    assert isinstance(refused, Page)
    assert 429 == refused.status
    assert WebRefused(address="203.0.113.66", failed=3, wait_s=2) == told[-1]
    [line] = [each for each in refused.pieces if isinstance(each, Line)]
    assert "There were too many tries. Try again in 2 seconds." == written(line.text)
    watch.pass_(timedelta(seconds=2))
    assert isinstance(await door.enter(sent(), {"password": PASSWORD}), Entered)


def test_address_is_the_web_server_s_last_word_or_none(service: Service) -> None:
    for said, meant in (
        ("198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
        ("fe80::1%eth0", "fe80::1"),
        ("<script>", "unknown"),
        ("", "unknown"),
    ):
        assert 403 == service.phone(said).sign_in("a wrong pass word").status
        assert meant == service.told("web.refused")["address"], said


def test_neighbours_within_one_ipv6_network_are_one() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::4")


def test_whoever_guesses_from_everywhere_does_not_keep_a_known_browser_out(service: Service) -> None:
    """Not even from behind its own address, whatever the web server's user claims in X-Forwarded-For."""
    owner = service.phone()
    owner.sign_in()
    owner.post("/do/sign-out", {"key": owner.key()})
    for number in range(8):
        service.phone().sign_in(f"guess {number}")
    assert 429 == service.phone().sign_in().status
    assert 303 == owner.sign_in().status


def test_log_says_who_signed_in_and_what_they_sent_and_no_secret(tmp_path: Path, stand_in_says: StandIn) -> None:
    set_password(tmp_path)
    with running(configured(tmp_path, stand_in_says.path)) as service:
        phone = service.phone()
        phone.sign_in("a wrong pass word")
        phone.sign_in()
        session = service.told("web.signed_in")
        assert phone.address == session["address"]
        phone.post("/do/settle", {"key": phone.key(), "order": "318", "id": "x", "task": "t", "note": "07701234567"})
        settled = service.told("web.acted")
        assert {"order_id": 318, "task": "t"} == {
            name: value
            for name, value in settled.items()
            if name not in {"timestamp", "level", "event", "session", "act"}
        }
        phone.post("/do/sign-out", {"key": phone.key()})
        acted = service.told("web.acted")
        assert (session["session"], "/do/sign-out") == (acted["session"], acted["act"])
        secrets = [PASSWORD, "a wrong pass word", *filter(None, phone.cookies.values())]
        service.process.terminate()
        assert service.process.stderr
        rest = str(session) + str(acted) + service.process.stderr.read()
        assert not [secret for secret in secrets if secret in rest]


def test_new_password_ends_every_session(service: Service, tmp_path: Path) -> None:
    phone = service.phone()
    phone.sign_in()
    assert 200 == phone.get().status
    set_password(tmp_path, "another long way")
    assert 403 == phone.get().status
    assert 303 == phone.sign_in("another long way").status
    assert 200 == phone.get().status


def test_session_does_not_outlive_the_process(tmp_path: Path, stand_in_says: StandIn) -> None:
    set_password(tmp_path)
    config = configured(tmp_path, stand_in_says.path)
    with running(config) as service:
        phone = service.phone()
        phone.sign_in()
    with running(config):
        assert 403 == phone.get().status


def test_without_a_password_nobody_gets_in_and_the_page_says_how_one_is_set(
    tmp_path: Path, stand_in_says: StandIn
) -> None:
    with running(configured(tmp_path, stand_in_says.path)) as service:
        phone = service.phone()
        # An option stands in a span of its own, so that no line breaks within it.
        assert "paranadctl web --set-password" in re.sub("<[^>]+>", "", phone.get().text)
        for password in ("", PASSWORD):
            assert 403 == phone.sign_in(password).status


def test_form_of_another_site_signs_nobody_in(service: Service) -> None:
    phone = service.phone()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
        assert 403 == phone.post("/do/sign-in", {"password": PASSWORD}, **headers).status
    assert {} == phone.cookies


def test_signing_in_leads_to_no_other_site(service: Service) -> None:
    for to in ("//evil.example", "/\\evil.example", "https://evil.example", "/\r\nX: y"):
        assert "/" == service.phone().sign_in(to=to).location, to


def test_deciding_stays_with_the_terminal_unless_it_is_allowed(tmp_path: Path, stand_in_says: StandIn) -> None:
    stand_in_says.answer("POST", "jobs", answers.job())
    set_password(tmp_path)
    for web, allowed in (("", False), ("decide = true", True)):
        with running(configured(tmp_path, stand_in_says.path, web)) as service:
            phone = service.phone()
            phone.sign_in()
            phone.post("/do/send", {"key": phone.key(), "order": "318", "sure": "1"})
            sent = [target for method, target, _ in stand_in_says.asked if method == "POST"]
            assert (["jobs"] if allowed else []) == sent


def test_its_socket_is_for_its_folder_s_group(service: Service) -> None:
    assert 0o660 == stat.S_IMODE(service.socket.stat().st_mode)


def test_socket_that_is_left_is_replaced_and_goes_with_the_service(tmp_path: Path, stand_in_says: StandIn) -> None:
    config = configured(tmp_path, stand_in_says.path)
    with running(config) as service:
        service.process.kill()
        service.process.wait(PATIENCE_S)
    assert service.socket.exists()
    with running(config) as service:
        assert 403 == service.phone().get().status
        service.process.terminate()
        assert 0 == service.process.wait(PATIENCE_S)
    assert not service.socket.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", '[web] socket: expected a path, got ""'),
        ('[web]\nsocket = "/tmp/x.sock"', "[web] host: expected the name that browsers know the page by"),
        ('[web]\nsocket = "x.sock"\nhost = "a"', "[web] socket: expected an absolute path"),
        ("[web", "expected TOML"),
        ('[web]\nsocket = "/nowhere/at/all.sock"\nhost = "a"', "expected to make /nowhere/at/all.sock"),
    ],
)
def test_without_its_settings_it_says_so_and_is_not_tried_again(tmp_path: Path, text: str, why: str) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text(text)
    with started(config) as process:
        assert process.stderr
        said = process.stderr.read()
        assert 78 == process.wait(PATIENCE_S)
    assert why in said
    assert "Traceback" not in said


def test_what_is_wrong_elsewhere_is_the_daemon_s_affair(tmp_path: Path, stand_in_says: StandIn) -> None:
    with running(configured(tmp_path, stand_in_says.path, '[queue]\nworkers = "ten"')) as service:
        assert 403 == service.phone().get().status


PARANADCTL = (sys.executable, "-c", "from paranad.cli.main import main; main()")


@pytest.mark.parametrize(
    ("language", "why"), [("en", "there is no group paranad-web"), ("ar", "لا توجد مجموعة باسم paranad-web")]
)
def test_setting_a_password_where_no_service_is_installed_says_so(tmp_path: Path, language: str, why: str) -> None:
    ran = subprocess.run(
        [*PARANADCTL, "--lang", language, "web", "--set-password"],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
        env={"PARANAD_CONFIG": str(tmp_path / "paranad.toml"), "LANG": "C.UTF-8"},
    )
    assert 1 == ran.returncode
    assert why in ran.stderr
    assert PASSWORD not in ran.stderr
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("again", "why"), [(PASSWORD, "there is no group paranad-web"), ("another long way", "the two passwords differ")]
)
def test_password_is_typed_twice_and_not_shown(tmp_path: Path, again: str, why: str) -> None:
    """At a terminal of its own."""
    terminal, theirs = os.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *PARANADCTL, "web", "--set-password"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={"PARANAD_CONFIG": str(tmp_path / "paranad.toml"), "LANG": "C.UTF-8", "PATH": os.defpath},
    )
    os.close(theirs)
    shown = ""
    try:
        for prompt, typed in (("the new password of the page:", PASSWORD), ("once more:", again)):
            while prompt not in shown:
                shown += os.read(terminal, 1024).decode()
            os.write(terminal, f"{typed}\n".encode())
        with suppress(OSError):  # EIO is a terminal's end
            while more := os.read(terminal, 1024):
                shown += more.decode()
        assert 1 == process.wait(PATIENCE_S)
    finally:
        process.kill()
        os.close(terminal)
    assert why in " ".join(shown.split())
    assert PASSWORD not in shown
    assert [] == list(tmp_path.iterdir())


def test_log_stays_with_the_terminal_and_the_page_says_so(service: Service) -> None:
    phone = service.phone()
    phone.sign_in()
    assert "the log stays with the terminal" in phone.get("/log").text
    assert "يبقى السجل في الطرفية" in phone.get("/log", Accept_Language="ar").text


def test_defect_stands_in_the_service_s_log_and_not_on_the_page(service: Service, stand_in_says: StandIn) -> None:
    stand_in_says.answer("GET", "tasks", {"items": "password=hunter2"})
    phone = service.phone()
    phone.sign_in()
    answer = phone.get("/tasks")
    assert (500, True) == (answer.status, "This page has a defect" in answer.text)
    assert "Error" not in answer.text.partition("<main")[2]
    told = service.told("web.failed")
    assert ("/tasks", "error") == (told["path"], told["level"])
    assert "Traceback" in told["exception"]


def test_systemd_is_told_when_it_is_ready(tmp_path: Path, stand_in_says: StandIn) -> None:
    config = configured(tmp_path, stand_in_says.path)
    with Manager(f"@paranad-web-{os.getpid()}") as systemd, running(config, NOTIFY_SOCKET=systemd.address) as service:
        assert 403 == service.phone().get().status
        assert ["READY=1"] == systemd.heard()
