"""Alerts among the other rooms: what the daemon hands them, what `check` says of their command."""

import ast
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

import paranad
from paranad.clock import SystemClock
from paranad.commands import main
from paranad.configuration.settings import DaemonSection, Settings, ShopSection
from paranad.configured import judge
from paranad.demo.shop import create_shop
from paranad.events.alerts import AlertWatchFailed
from paranad.events.event import Event, Events
from paranad.parts import built
from paranad.shop.database import Shop
from tests.process.conftest import ground, sandbox, shop, shop_url
from tests.support.daemon import Ground, running
from tests.support.heartbeat import HeartbeatServer, heartbeat_server
from tests.support.http import by_socket
from tests.support.shop import make_order

HOUSE = Path(paranad.__file__).parent
__all__ = ["ground", "sandbox", "shop", "shop_url"]


@pytest.fixture
async def server() -> AsyncIterator[HeartbeatServer]:
    async with heartbeat_server() as server:
        yield server


async def test_every_watch_can_look_at_the_real_parts(tmp_path: Path, events: Events, told: list[Event]) -> None:
    settings = Settings(
        daemon=DaemonSection(state_dir=tmp_path / "state", socket=tmp_path / "socket"),
        shop=ShopSection(database_url=SecretStr(create_shop(tmp_path / "shop.sqlite"))),
    )
    async with built(judge(settings), clock=SystemClock(), events=events) as parts:
        await parts.alerts.take_up()
        await parts.alerts.look(is_first=True)
        assert parts.outside.answered
    assert [] == [event for event in told if isinstance(event, AlertWatchFailed)]


async def test_a_daemon_tells_that_an_order_was_not_sent_and_that_it_is_over(
    ground: Ground, shop: Shop, server: HeartbeatServer
) -> None:
    file = ground.folder / "told"
    command = f'command = ["/bin/sh", "-c", "cat >> {file}"]'
    ground.write(f'[alert]\n{command}\nheartbeat_url = "{server.url("/ping")}"\n')
    order_id = await make_order(shop)
    async with running(ground) as daemon, by_socket(ground.socket, "http://paranad/v1") as api:
        await daemon.seen("alert.heartbeat_answered")
        await api.post("/jobs", json={"task": "alwaseet:create-shipment", "args": {"order_id": order_id}})
        await daemon.seen("alert.sent", kind="shipment-failed", key=str(order_id), state="open")
        counts = (await api.get("/alerts/digest")).json()["counts"]
        assert ({"shipment-failed": 1}, 1) == (counts["needs"], counts["failed"])
        await api.delete("/failed")
        await daemon.seen("alert.sent", kind="shipment-failed", key=str(order_id), state="over")
    assert ["/ping"] == server.asked
    assert ["open", "over"] == [json.loads(line)["state"] for line in file.read_text().splitlines()]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ('["tell"]', 'expected the program\'s absolute path first, got "tell"; write it from /'),
        (
            '["/nowhere/tell"]',
            'expected a program, got no such file: "/nowhere/tell"; correct it, or write command = []',
        ),
        ('["/etc/passwd"]', 'got one that may not be executed: "/etc/passwd"; correct it, or write command = []'),
    ],
)
def test_check_refuses_a_program_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, message: str
) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text(f'[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n[alert]\ncommand = {command}\n')
    assert 78 == main(["check", "--config", str(config)])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("paranad.toml: [alert] command: ")
    assert line.endswith(message)


def test_alert_language_of_de_is_refused_with_what_it_may_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text('[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n[alert]\nlanguage = "de"\n')
    assert 78 == main(["check", "--config", str(config)])
    assert 'paranad.toml: [alert] language: expected "ar" or "en", got "de"; write language = "ar"\n' == (
        capsys.readouterr().err
    )


def test_no_arabic_is_loaded_before_it_is_spoken() -> None:
    """It costs the daemon memory that one which tells in English never needs."""
    rooms = [each for each in HOUSE.rglob("*.py") if each.relative_to(HOUSE).parts[0] not in {"arabic", "cli", "web"}]
    loading = {
        each.name: node.module
        for each in rooms
        for node in ast.parse(each.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("paranad.arabic")
    }
    assert {} == loading


def test_check_names_the_variable_that_says_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text('[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n[alert]\ncommand = ["/bin/true"]\n')
    monkeypatch.setenv("PARANAD_ALERT__COMMAND", '["/nowhere/tell"]')
    assert 78 == main(["check", "--config", str(config)])
    assert capsys.readouterr().err.startswith("PARANAD_ALERT__COMMAND: ")
