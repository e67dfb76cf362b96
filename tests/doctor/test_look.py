"""The whole look, as the daemon composes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from paranad.catalogue import SCHEDULE
from paranad.clock import SystemClock
from paranad.configuration.settings import CourierSection, DaemonSection, EntrySettings, Settings, ShopSection
from paranad.configured import judge
from paranad.control.schemas_doctor import DoctorCheck
from paranad.control.schemas_status import Daemon, DaemonState
from paranad.demo.shop import create_shop
from paranad.doctor import machine
from paranad.doctor.look import Doctor
from paranad.errors import StateDamaged, StateError, StateFull
from paranad.events.daemon import ControlFailed
from paranad.events.event import Event, Events
from paranad.parts import Parts, built
from paranad.said import names_in, plain
from paranad.sandbox.server import Sandbox
from paranad.standby.setup import Setup
from tests.support.clock import START
from tests.support.findings import FROM_OUTSIDE, OF_THE_DAEMON, codes, declared, only
from tests.support.standing import Standing

ORDER = [
    "daemon",
    "loop",
    "configuration",
    "alerts",
    "digest",
    "heartbeat",
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
    "php",
    "courier-name",
    "courier-tls",
    "courier-login",
    "courier-door",
    "courier-right",
    "queues",
    "failed-jobs",
    "work",
    "schedule",
    "shipments",
    "parcels",
]


OF_THE_LEASE = ["lease", "standby-version", "standby-rows", "cluster", "lease-table", "standby-clock"]
OF_THE_WORK = {
    *("digest", "heartbeat", "shop-queue", "shop-failed", "php", "queues", "failed-jobs", "work"),
    *("courier-login", "courier-door", "courier-right", "schedule", "shipments", "parcels"),
    *("setting-shipments", "setting-sync", "setting-statuses"),
}

Parted = Callable[[Parts, pytest.MonkeyPatch], None]
"""Breaks something of the parts."""


async def look(
    tmp_path: Path,
    events: Events,
    monkeypatch: pytest.MonkeyPatch,
    broken: Parted | None = None,
    *,
    standing: Standing | None = None,
) -> list[DoctorCheck]:
    clock = SystemClock()
    monkeypatch.setattr(machine, "LOOKS", 1)
    async with Sandbox(clock) as sandbox:
        settings = Settings(
            daemon=DaemonSection(state_dir=tmp_path / "state", socket=tmp_path / "socket"),
            shop=ShopSection(database_url=SecretStr(create_shop(tmp_path / "shop.sqlite"))),
            courier=CourierSection(base_url=sandbox.base_url, timeout=timedelta(seconds=2)),
            schedule={name: EntrySettings(enabled=False) for name in SCHEDULE},
        )
        async with built(judge(settings), clock=clock, events=events) as parts:
            if broken:
                broken(parts, monkeypatch)
            if standing:
                standing.setup = Setup(parts.shop)
            seen = replace(parts, standby=standing)
            state: DaemonState = "standby" if standing else "ready"
            itself = Daemon(version="2.0", pid=7, state=state, since=clock.now(), config_file=None)
            return (await Doctor(seen, lambda: judge(settings), clock, events).look(settings, itself)).items


async def test_everything_is_looked_at_in_order(
    tmp_path: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = await look(tmp_path, events, monkeypatch)
    assert ORDER == list(dict.fromkeys(finding.check for finding in findings))
    assert ["courier-login-missing"] == [finding.code for finding in findings if finding.outcome == "failed"]


async def test_machine_that_stands_by_looks_at_itself_and_leaves_the_work_to_the_other(
    tmp_path: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each check of the work would find fault with a machine that rightly does none."""
    standing = Standing("web-2")
    standing.stand_by("web-1")
    findings = await look(tmp_path, events, monkeypatch, standing=standing)
    own = [check for check in ORDER if check not in OF_THE_WORK]
    assert [*OF_THE_LEASE, *own, "work"] == list(dict.fromkeys(finding.check for finding in findings))


async def test_restored_queue_db_is_seen_on_a_machine_that_stands_by_too(
    tmp_path: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a takeover it would send no order until a person has matched its journal."""

    async def copied_at() -> datetime:
        return START

    standing = Standing("web-2")
    standing.stand_by("web-1")
    findings = await look(
        tmp_path,
        events,
        monkeypatch,
        lambda parts, patch: patch.setattr(parts.shipments, "restored_from", copied_at),
        standing=standing,
    )
    assert "failed" == only(findings, "shipments-restored").outcome


async def test_a_check_that_is_broken_is_told_and_spoils_no_other(
    tmp_path: Path, events: Events, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("secret")

    findings = await look(
        tmp_path, events, monkeypatch, lambda parts, patch: patch.setattr(parts.shop, "clock_apart", broken)
    )
    finding = only(findings, "check-broken")
    assert ("shop-clock", "failed", "ZeroDivisionError") == (finding.check, finding.outcome, finding.values["error"])
    assert "secret" not in str(finding)
    assert "courier-right-unknown" in codes(findings)
    assert ["ZeroDivisionError: secret"] == [event.error for event in told if isinstance(event, ControlFailed)]


@pytest.mark.parametrize(
    ("error", "code"),
    [(StateFull(plain("no room")), "state-refused"), (StateDamaged(plain("malformed")), "queue-db-damaged")],
)
async def test_one_cause_is_said_once_however_many_checks_it_has_ended(
    tmp_path: Path, events: Events, monkeypatch: pytest.MonkeyPatch, error: StateError, code: str
) -> None:
    async def refused(*_: object) -> None:
        raise error

    def break_(parts: Parts, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(parts.jobs, "counts", refused)
        patch.setattr(parts.scheduler, "successes", refused)

    findings = await look(tmp_path, events, monkeypatch, break_)
    assert ("failed", 1) == (only(findings, code).outcome, codes(findings).count(code))
    assert "shipments-none-held" in codes(findings)


def test_every_finding_names_its_check() -> None:
    unnamed = {code for code, finding in declared().items() if not finding.check}
    assert {"check-late", "check-broken"} == unnamed


def test_words_hold_their_values() -> None:
    lacking = set()
    for code, finding in declared().items():
        names = names_in(finding.why.english) | (names_in(finding.cure.english) if finding.cure else set())
        found = finding(check="loop", **dict.fromkeys(names - {"check"}, "{odd}"))
        if len(names - {"check"}) > str(found.why).count("{odd}") + str(found.cure).count("{odd}"):
            lacking.add(code)
    assert set() == lacking


def test_codes_are_those_that_the_api_has_always_given() -> None:
    """Scripts know a finding by its code: a new one gets a line in codes.txt, and none is ever renamed."""
    given = {f"{each.code} {each.check or '-'} {each.outcome}" for each in declared().values()}
    assert sorted(given) == (Path(__file__).parent / "codes.txt").read_text().splitlines()


def test_no_code_is_declared_twice() -> None:
    modules = (*OF_THE_DAEMON, *FROM_OUTSIDE)
    assert len(declared()) == len({id(each) for module in modules for each in declared(module).values()})
