"""The heartbeat: what counts as taken, when none goes out, who is told, and that its address is never shown."""

import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paranad.alerts import heartbeat, vitals
from paranad.alerts.heartbeat import Heartbeat, fetch
from paranad.commands import main
from paranad.configuration.load import diff, read_settings
from paranad.configured import judge, load
from paranad.control.views import Views
from paranad.errors import StateFull
from paranad.events.event import Event, fields_of
from paranad.log.redaction import redact
from paranad.said import plain
from paranad.store.room import Room
from tests.alerts.harness import ZONE, AlertsHarness, keys
from tests.courier.test_connection import certificate
from tests.support.heartbeat import HeartbeatServer, heartbeat_server

URL = "https://hc.example/ping/5ecret-t0ken"
HOST = "hc.example"


@pytest.fixture
async def server() -> AsyncIterator[HeartbeatServer]:
    async with heartbeat_server() as server:
        yield server


async def at(harness: AlertsHarness, url: str = URL) -> Heartbeat:
    """Let the harness's heartbeat go to *url*."""
    harness.address = url
    await harness.start()
    return harness.heartbeat


async def beats(harness: AlertsHarness, count: int) -> None:
    """Let so many minutes pass, each with a pass of the schedule and a heartbeat."""
    for _ in range(count):
        harness.schedule.scheduler.passed_at_s = harness.clock.monotonic()
        await harness.heartbeat.beat()
        await harness.clock.advance(60)


async def test_an_address_that_answers_takes_the_heartbeat(server: HeartbeatServer) -> None:
    assert await fetch(server.url("/ping/5ecret?rid=1")) is None
    assert ["/ping/5ecret?rid=1"] == server.asked


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("/redirects", "heartbeat.redirects", id="redirects"),
        pytest.param("/fails", "heartbeat.answered", id="answers 500"),
        pytest.param("/hangs", "heartbeat.no_answer", id="hangs"),
        pytest.param("/babbles", "heartbeat.broke", id="speaks no HTTP"),
    ],
)
async def test_an_address_that(server: HeartbeatServer, path: str, code: str) -> None:
    refusal = await fetch(server.url(f"{path}?5ecret"), timeout_s=1 if path == "/hangs" else 20)
    assert refusal is not None
    assert (code, False) == (refusal.code, "5ecret" in str(refusal))
    assert [f"{path}?5ecret"] == server.asked  # a redirect is not followed, and nothing is asked twice


async def test_an_endless_body_holds_nothing_up(server: HeartbeatServer) -> None:
    assert await fetch(server.url("/endless"), timeout_s=5) is None


async def test_a_server_that_does_not_prove_who_it_is_gets_no_heartbeat(tmp_path: Path) -> None:
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate(tmp_path, "localhost", datetime.now(UTC) + timedelta(days=30)))
    async with heartbeat_server(ours) as server:
        refusal = await fetch(f"https://localhost:{server.port}/5ecret", timeout_s=5)
        assert refusal is not None
        assert ("heartbeat.no_connection", True) == (refusal.code, "CERTIFICATE_VERIFY_FAILED" in str(refusal))
        assert [] == server.asked


async def test_where_nothing_listens_is_no_answer() -> None:
    async with heartbeat_server() as gone:
        pass
    refusal = await fetch(gone.url("/5ecret"), timeout_s=5)
    assert refusal is not None
    assert ("heartbeat.no_connection", False) == (refusal.code, "5ecret" in str(refusal))


async def test_somebody_is_told_after_three_failures_in_a_row_and_once_when_it_answers(harness: AlertsHarness) -> None:
    await at(harness)
    harness.refusal = heartbeat.ANSWERED(status=500)
    await beats(harness, 2)
    assert [] == await harness.told()
    await beats(harness, 1)
    (opened,) = await harness.told()
    assert ("heartbeat-failed", HOST, "open") == (opened["kind"], opened["key"], opened["state"])
    assert "it answered 500" in opened["message"]
    assert "t0ken" not in json.dumps(opened)
    await beats(harness, 5)
    assert [] == await harness.told()
    harness.refusal = None
    await beats(harness, 1)
    assert [("heartbeat-failed", HOST, "over")] == keys(await harness.told())


async def test_a_restart_neither_repeats_nor_forgets_that_the_heartbeat_fails(harness: AlertsHarness) -> None:
    await at(harness)
    harness.refusal = heartbeat.BROKE()
    await beats(harness, 4)
    await harness.told()
    failing_since = harness.heartbeat.pulse and harness.heartbeat.pulse.failing_since
    await harness.start()
    await harness.heartbeat.take_up()
    assert [] == await harness.told()
    await beats(harness, 1)
    assert harness.heartbeat.pulse
    assert (4, failing_since) == (harness.heartbeat.pulse.failed, harness.heartbeat.pulse.failing_since)


async def test_another_address_begins_anew_and_ends_what_was_told_of_the_first(harness: AlertsHarness) -> None:
    await at(harness)
    harness.refusal = heartbeat.BROKE()
    await beats(harness, 3)
    await harness.told()
    harness.heartbeat.use("")
    assert [("heartbeat-failed", HOST, "over")] == keys(await harness.told())
    assert harness.heartbeat.pulse is None


async def test_none_goes_out_while_the_disk_is_full_or_refuses_or_the_schedule_stands_still(
    harness: AlertsHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    beating = await at(harness)
    await beats(harness, 1)
    assert [URL] == harness.fetched

    async def withheld() -> str:
        await beating.beat()
        assert beating.pulse
        return beating.pulse.withheld.code if beating.pulse.withheld else ""

    harness.schedule.scheduler.passed_at_s = harness.clock.monotonic()
    assert "" == await withheld()
    await harness.clock.advance(200)
    assert "vitals.schedule_stands" == await withheld()
    monkeypatch.setattr(vitals, "room_of", lambda _: Room(50 * 2**20, 2**40))
    assert "vitals.disk_full" == await withheld()

    async def refuse(*_: object) -> None:
        raise StateFull(plain("no room"))

    monkeypatch.setattr(harness.store.values, "put", refuse)
    assert "vitals.not_stored" == await withheld()
    assert [URL] * 2 == harness.fetched


async def test_that_none_goes_out_is_logged_once_and_says_why(harness: AlertsHarness, told: list[Event]) -> None:
    beating = await at(harness)
    harness.schedule.scheduler.passed_at_s -= 400
    for _ in range(3):
        await beating.beat()
    (event,) = [event for event in told if event.name == "alert.heartbeat_withheld"]
    assert {"host": HOST, "reason": "the schedule has not been gone through for 6 minutes"} == fields_of(event)


async def test_the_address_is_nowhere_in_what_is_shown_kept_or_logged(
    harness: AlertsHarness, told: list[Event], tmp_path: Path
) -> None:
    beating = await at(harness)
    harness.refusal = heartbeat.REDIRECTS(status=301)
    await beats(harness, 3)
    shown = Views(ZONE).heartbeat(beating.pulse)
    assert shown
    kept = await harness.store.values.get(heartbeat.KEPT_AS)
    everything = [shown.model_dump_json(), json.dumps(kept), str([fields_of(event) for event in told])]
    assert all(HOST in text and "t0ken" not in text for text in everything)


def test_check_refuses_a_password_in_the_address_and_never_prints_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = {
        "https://user:pa55word@hc.example/ping": "take user and password out of it",
        "http://hc.example/pa55word": "write https: the address is a secret",
        "ftp://hc.example/pa55word": 'write heartbeat_url = "https://hc-ping.com/…"',
        "https:///pa55word": 'write heartbeat_url = "https://hc-ping.com/…"',
        "https://hc.example/pa55 word": "take the space out of it",
    }
    config = tmp_path / "paranad.toml"
    for url, cure in refused.items():
        config.write_text(f'[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n[alert]\nheartbeat_url = "{url}"\n')
        assert 78 == main(["check", "--config", str(config)])
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("paranad.toml: [alert] heartbeat_url: expected an https address (http only on this")
        assert f"got (hidden); {cure}" in line
        assert "pa55" not in line


def test_the_address_is_a_secret_that_a_reload_names_by_its_key_alone(tmp_path: Path) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text(f'[alert]\nheartbeat_url = "{URL}"\n')
    settings, problems = read_settings(config, {})
    assert ([], (URL,)) == (list(problems), settings.secrets)
    assert (("[alert] heartbeat_url",), ()) == diff(judge(read_settings(tmp_path / "none", {})[0]).settings, settings)
    assert load(config, {}).settings.alert.heartbeat_url
    assert "the address (hidden) fails" == redact(f"the address {URL} fails")
