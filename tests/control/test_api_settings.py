"""The routes about the shop's settings, and those that try what leads outside."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from paranad.configuration.settings import AlertSection
from paranad.control.daemon import Daemon
from paranad.sandbox.server import Sandbox


def values(shop_file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(shop_file)) as connection:
        return dict(connection.execute("SELECT key, value FROM settings"))


async def test_settings_are_shown_and_changed(api: httpx.AsyncClient, shop_file: Path) -> None:
    items = {each["name"]: each for each in (await api.get("/v1/settings")).json()["items"]}
    assert "setting.about_interval" == items["alwaseet_auto_sync_interval"]["means"]["code"]
    assert "[courier] username" in items["alwaseet_username"]["unused"], "paranad.toml has an account"

    answer = (await api.post("/v1/settings/alwaseet_auto_sync_interval", json={"value": "15"})).json()

    assert (True, "15", "every 15 minutes") == (
        answer["changed"],
        answer["after"]["value"],
        answer["after"]["reads"]["text"],
    )
    assert "15" == values(shop_file)["alwaseet_auto_sync_interval"]
    tried = await api.post("/v1/settings/alwaseet_auto_sync_interval", json={"value": "20", "dry_run": True})
    assert (False, "15") == (tried.json()["changed"], values(shop_file)["alwaseet_auto_sync_interval"])


async def test_a_secret_is_in_no_answer(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/settings/alwaseet_password", json={"value": "of-the-account"})
    assert (200, False) == (answer.status_code, "of-the-account" in answer.text)
    assert "of-the-account" not in (await api.get("/v1/settings")).text


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("alwaseet_auto_sync_interval", {"value": "soon"}, 422),
        ("alwaseet_auto_sync_interval", {"value": 15}, 422),
        ("alwaseet_auto_sync_interval", {}, 422),
        ("alwaseet_token", {"value": "@@x"}, 409),
        ("zzz", {"value": "1"}, 404),
    ],
)
async def test_wrong_changes_are_refused(api: httpx.AsyncClient, name: str, body: object, status: int) -> None:
    assert status == (await api.post(f"/v1/settings/{name}", json=body)).status_code


async def test_courier_that_does_not_answer_is_a_result_and_no_defect(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/courier/test")
    assert (200, None, None) == (answer.status_code, answer.json()["accepted"], answer.json()["rows"])
    assert answer.json()["why"]["code"]


@pytest.fixture
def courier_url(request: pytest.FixtureRequest) -> str:
    if "sandbox" in request.fixturenames:
        return str(request.getfixturevalue("sandbox").base_url)
    return "http://127.0.0.1:9"


async def test_courier_is_asked_twice(sandbox: Sandbox, api: httpx.AsyncClient, daemon: Daemon) -> None:
    sandbox.books.username, sandbox.books.password = "parana", "pass-5ecret-word"
    answer = (await api.post("/v1/courier/test")).json()
    assert (True, True, 0, None) == tuple(answer[name] for name in ("accepted", "merchant", "rows", "reason"))
    assert (1, 1, 2) == (sandbox.count("login"), sandbox.count("merchant-orders"), answer["limiter"]["used"])


async def test_alert_without_a_command_says_how_to_write_one(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/alerts/test")
    assert (409, True) == (answer.status_code, "[alert] command is empty" in answer.json()["detail"])


@pytest.mark.parametrize(("code", "done"), [(0, True), (3, False)])
async def test_alert_command_is_run_once_with_a_document(
    api: httpx.AsyncClient, daemon: Daemon, code: int, done: bool
) -> None:
    script = f"import json, sys; print(json.load(sys.stdin)['kind']); sys.exit({code})"
    daemon.parts.alerts.use(AlertSection(command=(sys.executable, "-c", script), language="en"))

    answer = (await api.post("/v1/alerts/test")).json()

    assert (done, "test\n") == (answer["done"], answer["output"])
    assert answer["why"] is None or "status 3" in answer["reason"]


async def test_alert_command_that_cannot_be_started_is_a_result(api: httpx.AsyncClient, daemon: Daemon) -> None:
    daemon.parts.alerts.use(AlertSection(command=("/nowhere/tell",), language="en"))
    answer = (await api.post("/v1/alerts/test")).json()
    assert (False, "") == (answer["done"], answer["output"])
    assert "/nowhere/tell" in answer["reason"]
