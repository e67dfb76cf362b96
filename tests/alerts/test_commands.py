"""The ready commands of docs/alerts: run as an operator's daemon would, against a server and a mail program of ours."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import gethostname
from threading import Thread

import pytest

from paranad.text import LRI, PDI

FOLDER = Path(__file__).parents[2] / "docs" / "alerts"
RLM = "\u200f"
COMMANDS = ("mail", "telegram", "webhook")
DOCUMENT = {
    "kind": "shipment-held",
    "key": "7",
    "state": "open",
    "message": "order 7: its shipment is held: طلبان متشابهان\nBcc: x@example.com",
    "cure": "see paranadctl shipments show 7",
    "order_id": 7,
}
ARABIC = {
    **DOCUMENT,
    "language": "ar",
    "message": f"الطلب 7: شحنته موقوفة: {LRI}two fit{PDI} <b>",
    "cure": f"انظر {LRI}paranadctl shipments show 7{PDI}",
    "why": {"code": "alert.shipment_held", "text": "order 7"},
}
TOKEN = "123456:ABC-sesame"


@dataclass
class Asked:
    """What the server was asked."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A web server that answers *status* to every POST."""

    url: str = ""
    status: int = 200
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def receiving(status: int = 200) -> Iterator[Receiver]:
    receiver = Receiver(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.asked.append(Asked(self.path, dict(self.headers), body))
            self.send_response(receiver.status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(b'{"description": "said so"}')

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            serving.join()


def run(name: str, *arguments: str, document: str = json.dumps(DOCUMENT)) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-I", "-B", "-X", "utf8", str(FOLDER / name), *arguments]
    return subprocess.run(program, input=document, capture_output=True, text=True, timeout=30, env={}, check=False)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    file = tmp_path / "secrets"
    file.touch(0o600)
    return file


@pytest.fixture
def mailer(tmp_path: Path) -> Path:
    """A mail program that keeps the mail, and its words."""
    program = tmp_path / "mailer"
    program.write_text(f'#!/bin/sh\ncat > {tmp_path}/mail; printf "%s\\n" "$@" > {tmp_path}/words; exit ${{1:-0}}\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", COMMANDS)
def test_command_may_be_run_and_says_how_it_is_set_up(name: str) -> None:
    file = FOLDER / name
    text = file.read_text("utf-8")
    assert file.stat().st_mode & 0o111
    assert text.startswith("#!/usr/bin/python3\n")
    assert f'command = ["/opt/paranad/current/share/alerts/{name}"' in text


@pytest.mark.parametrize("name", COMMANDS)
def test_command_without_arguments_says_its_usage(name: str) -> None:
    ended = run(name)
    assert (1, f"usage: {name}") == (ended.returncode, ended.stderr[: len(f"usage: {name}")])


def test_mail_goes_out_with_one_subject_line_and_every_fact(mailer: Path) -> None:
    assert 0 == run("mail", "owner@example.com", str(mailer), "0", "-t").returncode
    mail = message_from_string((mailer.parent / "mail").read_text(), policy=policy.default)
    assert ("owner@example.com", None) == (mail["To"], mail["Bcc"])
    assert "ALERT: order 7: its shipment is held: طلبان متشابهان Bcc: x@example.com" in mail["Subject"]
    assert "order_id: 7" in mail.get_content()
    assert ["0", "-t"] == (mailer.parent / "words").read_text().split()


def test_mail_in_arabic_runs_from_the_right_in_its_subject_and_its_body(mailer: Path) -> None:
    assert 0 == run("mail", "owner@example.com", str(mailer), "0", document=json.dumps(ARABIC)).returncode
    mail = message_from_bytes((mailer.parent / "mail").read_bytes(), policy=policy.default)
    subject = f"{RLM}{LRI}[paranad {gethostname()}]{PDI} تنبيه: الطلب 7: شحنته موقوفة: {LRI}two fit{PDI} <b>"
    assert subject == mail["Subject"]
    plain_, page = (part.get_content() for part in mail.iter_parts())
    assert plain_.startswith(f"{ARABIC['message']}\n\n{ARABIC['cure']}\n\nkind: shipment-held\n")
    assert f'<div dir="rtl" lang="ar"><p>الطلب 7: شحنته موقوفة: {LRI}two fit{PDI} &lt;b&gt;</p>' in page
    assert "alert.shipment_held" not in plain_, "the message as data is for programs"


def test_mail_of_a_digest_has_the_day_as_its_subject_and_a_line_for_each_fact(mailer: Path) -> None:
    digest = {
        "kind": "digest",
        "state": "open",
        "message": "paranad, the day\norders shipped: 3",
        "lines": [{"code": "x"}],
    }
    assert 0 == run("mail", "owner@example.com", str(mailer), "0", document=json.dumps(digest)).returncode
    mail = message_from_bytes((mailer.parent / "mail").read_bytes(), policy=policy.default)
    assert f"[paranad {gethostname()}] paranad, the day" == mail["Subject"]
    text = mail.get_content()
    assert "paranad, the day\norders shipped: 3\n" in text
    assert "lines" not in text


def test_mail_that_the_program_refuses_is_a_failure(mailer: Path) -> None:
    assert 75 == run("mail", "owner@example.com", str(mailer), "75").returncode
    gone = run("mail", "owner@example.com", "/nowhere/mailer")
    assert (1, True) == (gone.returncode, "No such file" in gone.stderr)


def test_telegram_gets_the_message_and_the_cure(secrets: Path) -> None:
    with receiving() as receiver:
        secrets.write_text(f"# of the shop\nTOKEN={TOKEN}\nCHAT_ID=-100\nAPI={receiver.url}\n")
        ended = run("telegram", str(secrets))
    assert (0, "") == (ended.returncode, ended.stderr)
    (asked,) = receiver.asked
    sent = json.loads(asked.body)
    assert (f"/bot{TOKEN}/sendMessage", "-100") == (asked.path, sent["chat_id"])
    assert sent["text"].endswith("\n\nsee paranadctl shipments show 7")


def test_telegram_in_arabic_runs_from_the_right_line_by_line(secrets: Path) -> None:
    with receiving() as receiver:
        secrets.write_text(f"TOKEN={TOKEN}\nCHAT_ID=-100\nAPI={receiver.url}\n")
        assert 0 == run("telegram", str(secrets), document=json.dumps(ARABIC)).returncode
    text = json.loads(receiver.asked[0].body)["text"]
    first, second = text.split("\n\n")
    assert first == f"{RLM}\N{WARNING SIGN} {LRI}{gethostname()}{PDI}: {ARABIC['message']}"
    assert second == f"{RLM}{ARABIC['cure']}"


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_telegram_that_refuses_is_a_failure_that_shows_no_token(secrets: Path, status: int) -> None:
    with receiving(status) as receiver:
        secrets.write_text(f"TOKEN={TOKEN}\nCHAT_ID=-100\nAPI={receiver.url}\n")
        ended = run("telegram", str(secrets))
    assert (1, f'telegram: answered {status}: {{"description": "said so"}}\n') == (ended.returncode, ended.stderr)


def test_telegram_that_is_not_there_is_a_failure_that_shows_no_token(secrets: Path) -> None:
    secrets.write_text(f"TOKEN={TOKEN}\nCHAT_ID=-100\nAPI=http://127.0.0.1:9\n")
    ended = run("telegram", str(secrets))
    assert (1, True, False) == (ended.returncode, "refused" in ended.stderr, "sesame" in ended.stderr)


def test_telegram_says_what_its_file_lacks(secrets: Path) -> None:
    secrets.write_text(f"TOKEN={TOKEN}\n")
    assert f"telegram: {secrets} lacks 'CHAT_ID', or the document does\n" == run("telegram", str(secrets)).stderr


def test_webhook_gets_the_document_as_it_is_with_its_headers(secrets: Path) -> None:
    with receiving(204) as receiver:
        secrets.write_text(f"URL={receiver.url}/hook?a=b\nHEADER=Authorization: Bearer sesame=\n")
        ended = run("webhook", str(secrets))
    assert (0, "") == (ended.returncode, ended.stderr)
    (asked,) = receiver.asked
    assert ("/hook?a=b", DOCUMENT) == (asked.path, json.loads(asked.body))
    assert ("application/json", "Bearer sesame=") == (asked.headers["Content-Type"], asked.headers["Authorization"])


@pytest.mark.parametrize("status", [302, 404, 500])
def test_webhook_follows_nothing_and_takes_nothing_but_success(secrets: Path, status: int) -> None:
    with receiving(status) as receiver:
        secrets.write_text(f"URL={receiver.url}\n")
        ended = run("webhook", str(secrets))
    assert (1, True) == (ended.returncode, f"answered {status}" in ended.stderr)
    assert 1 == len(receiver.asked)


def test_webhook_without_an_address_says_so(secrets: Path) -> None:
    assert f"webhook: {secrets}: expected URL=https://...\n" == run("webhook", str(secrets)).stderr


@pytest.mark.parametrize("name", ["telegram", "webhook"])
def test_secrets_that_others_may_read_are_refused(secrets: Path, name: str) -> None:
    secrets.chmod(0o640)
    ended = run(name, str(secrets))
    assert (1, f"{name}: {secrets}: others may read it; chmod 0600 {secrets}\n") == (ended.returncode, ended.stderr)
