"""The whole look, as the daemon composes it."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from paranad.clock import SystemClock
from paranad.configuration.settings import CourierSection, DaemonSection, Settings, ShopSection
from paranad.doctor import machine
from paranad.doctor.bounds import Findings
from paranad.doctor.look import Checkup
from paranad.events import ControlFailed, Event, Events
from paranad.parts import built
from paranad.sandbox.server import Sandbox
from paranad.shop.embedded import create_shop
from tests.support.findings import codes, only

ORDER = [
    "loop",
    "configuration",
    "state",
    "disk",
    "queue-db",
    "shop-database",
    "shop-rights",
    "shop-tables",
    "shop-clock",
    "shop-queue",
    "shop-failed",
    "setting-shipments",
    "setting-sync",
    "setting-statuses",
    "courier-name",
    "courier-tls",
    "courier-login",
    "courier-right",
]


async def look(tmp_path: Path, events: Events, monkeypatch: pytest.MonkeyPatch, **broken: object) -> Findings:
    clock = SystemClock()
    monkeypatch.setattr(machine, "LOOKS", 1)
    async with Sandbox(clock) as sandbox:
        settings = Settings(
            daemon=DaemonSection(state_dir=tmp_path / "state", socket=tmp_path / "socket"),
            shop=ShopSection(database_url=SecretStr(create_shop(tmp_path / "shop.sqlite"))),
            courier=CourierSection(base_url=sandbox.base_url, timeout=timedelta(seconds=2)),
        )
        async with built(settings, clock=clock, events=events) as parts:
            checkup = Checkup(
                parts.store,
                parts.shop,
                parts.courier,
                jobs=parts.jobs,
                shipments=parts.shipments,
                bridge=parts.bridge,
                load=lambda: settings,
                clock=clock,
                events=events,
            )
            for name, instead in broken.items():
                monkeypatch.setattr(checkup, name, instead)
            return await checkup.look(settings)


async def test_everything_is_looked_at_in_order(
    tmp_path: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = await look(tmp_path, events, monkeypatch)
    assert ORDER == [finding.check for finding in findings]
    assert ["courier-login-missing"] == [finding.code for finding in findings if finding.outcome == "failed"]


async def test_a_check_that_is_broken_is_told_and_spoils_no_other(
    tmp_path: Path, events: Events, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Settings) -> Findings:
        raise ZeroDivisionError("secret")

    findings = await look(tmp_path, events, monkeypatch, _configuration=broken)
    finding = only(findings, "check-broken")
    assert ("configuration", "failed", "ZeroDivisionError") == (
        finding.check,
        finding.outcome,
        finding.values["error"],
    )
    assert "secret" not in str(finding)
    assert "courier-right-unknown" in codes(findings)
    assert ["ZeroDivisionError: secret"] == [event.error for event in told if isinstance(event, ControlFailed)]
