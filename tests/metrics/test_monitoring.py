"""The alerts and the dashboard name figures that a real scrape has, and Prometheus itself takes them."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import to_thread

from etc.manual.tree import operator_tree
from paranad.alerts.kinds import IncidentKind
from paranad.control.daemon import Daemon
from paranad.events.courier import CourierRequestEnded
from paranad.events.event import Events
from tests.metrics.scraping import let_stand, note_heartbeat, run_carts, scrape
from tests.support.clock import ManualClock
from tests.support.prometheus import PROMTOOL, WITHOUT_PROMTOOL, promtool
from tests.support.standing import Standing

ETC = Path(__file__).parents[2] / "etc"
RULES, RULES_TEST = ETC / "prometheus" / "paranad.rules.yml", ETC / "prometheus" / "paranad.rules.test.yml"
DASHBOARD = ETC / "grafana" / "paranad.json"
COLUMNS = 24

with_promtool = pytest.mark.skipif(PROMTOOL is None, reason=WITHOUT_PROMTOOL)


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return found


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel.get("targets", ())]


def named(text: str) -> set[str]:
    """Return the figures that a text names; a histogram by its own name."""
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\bparanad_\w+", text)}


@pytest.fixture
async def scraped(daemon: Daemon, api: httpx.AsyncClient, events: Events, clock: ManualClock) -> set[str]:
    """Every figure of which a scrape has a value, when all is known that can be known."""
    await run_carts(daemon, clock)
    await daemon.parts.outside.ask()
    note_heartbeat(daemon, None)
    standing = Standing("web-1")
    standing.work()
    let_stand(daemon, standing)
    events.tell(CourierRequestEnded(path="/merchant-orders", kind="done"))
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name, _ in await scrape(api)}


async def test_every_figure_of_the_alerts_is_scraped(scraped: set[str]) -> None:
    rules = RULES.read_text("utf-8")
    assert named(rules)
    assert set() == named(rules) - scraped


async def test_the_dashboard_shows_every_figure_and_no_other(scraped: set[str]) -> None:
    assert scraped == named("\n".join(expressions()))


@with_promtool
async def test_prometheus_takes_the_alerts() -> None:
    status, said = await to_thread.run_sync(promtool, "check", "rules", RULES)
    assert status == 0, said


@with_promtool
async def test_the_alerts_fire_when_they_should() -> None:
    status, said = await to_thread.run_sync(promtool, "test", "rules", RULES_TEST)
    assert status == 0, said


def test_every_alert_has_its_test_and_its_cure() -> None:
    rules, tested = RULES.read_text("utf-8"), RULES_TEST.read_text("utf-8")
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert len(alerts) == len(set(alerts)) == rules.count("          cure: ") == rules.count("          summary: ")
    assert set(alerts) == set(re.findall(r"\bParanad\w+", tested))


def test_every_command_that_a_cure_names_exists() -> None:
    commands = {" ".join(command.path) for command in operator_tree().walk()}
    named_there = re.findall(r"\bparanadctl [a-z]+(?: (?:show|history)\b)?", RULES.read_text("utf-8"))
    assert named_there
    assert set() == set(named_there) - commands


def test_an_incident_of_every_kind_alarms_once() -> None:
    """Some by a rule of their own, the others together."""
    own = {
        IncidentKind.SHIPMENT_FAILED,
        IncidentKind.ORDERS_UNSHIPPED,
        IncidentKind.COURIER_LOGIN_REFUSED,
        IncidentKind.LEASE_UNTAKEN,
    }
    by_another_figure = {
        IncidentKind.SHIPMENT_HELD,
        IncidentKind.ENTRY_SILENT,
        IncidentKind.SHOP_UNREACHABLE,
        IncidentKind.STATE_GONE,
    }
    rules = RULES.read_text("utf-8")
    assert own == set(re.findall(r'kind="([\w-]+)"', rules))
    [left_out] = re.findall(r'kind!~"([\w|-]+)"', rules)
    assert own | by_another_figure == set(left_out.split("|"))


@with_promtool
async def test_prometheus_can_read_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    asked = [each.replace("$__rate_interval", "5m").replace("$instance", ".*") for each in expressions()]
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(asked)]
    file = tmp_path / "dashboard.rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # JSON is YAML
    status, said = await to_thread.run_sync(promtool, "check", "rules", file)
    assert status == 0, said


def test_the_dashboard_stands_on_a_source_and_servers_that_are_chosen() -> None:
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    variables = {each["name"]: each for each in dashboard["templating"]["list"]}
    assert ("datasource", "prometheus") == (variables["datasource"]["type"], variables["datasource"]["query"])
    assert "label_values(paranad_up, instance)" == variables["instance"]["definition"]
    sources = {
        json.dumps(each["datasource"])
        for panel in panels()
        for each in (panel, *panel.get("targets", ()))
        if "datasource" in each
    }
    assert {'{"type": "prometheus", "uid": "${datasource}"}'} == sources
    assert all('instance=~"$instance"' in each for each in expressions())


def test_no_panel_of_the_dashboard_lies_on_another() -> None:
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))
    places = [panel["gridPos"] for panel in panels()]
    assert all(place["x"] + place["w"] <= COLUMNS for place in places)
    for one, other in combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


def test_every_panel_says_what_it_shows() -> None:
    shown = [panel for panel in panels() if panel["type"] != "row"]
    assert [] == [panel["title"] for panel in shown if not panel["title"] or not panel["description"].endswith(".")]
