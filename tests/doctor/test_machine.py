"""The daemon's look at itself: each thing is broken once, and seen."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from paranad.alerts.failing import Failing
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import Mute
from paranad.configuration.load import read_settings
from paranad.configuration.settings import AlertSection, Settings
from paranad.configured import Load, judge
from paranad.control.schemas_status import Daemon, DaemonState
from paranad.doctor import machine
from paranad.doctor.bounded import Findings
from paranad.errors import WrongSetting
from paranad.said import plain
from paranad.store.file import Store
from tests.support.clock import START, ManualClock
from tests.support.findings import codes, only
from tests.support.sqlite_file import change
from tests.support.store import full_disk


@dataclass
class LateClock(ManualClock):
    """Every sleep takes *late_s* longer than asked."""

    late_s: float = 0.0

    async def sleep(self, delay_s: float) -> None:
        self.elapsed_s += delay_s + self.late_s


@pytest.mark.parametrize(
    ("state", "code"), [("ready", "daemon-ready"), ("draining", "daemon-draining"), ("stopping", "daemon-not-ready")]
)
async def test_state_of_the_daemon_is_said(store: Store, state: DaemonState, code: str) -> None:
    itself = Daemon(version="2.0", pid=7, state=state, since=START, config_file=None)
    assert [code] == codes(await machine.daemon_findings(store, itself))


@pytest.mark.parametrize(
    ("late_s", "code", "outcome"),
    [(0.001, "loop-quick", "ok"), (0.3, "loop-slow", "warning"), (1.5, "loop-stuck", "failed")],
)
async def test_loop_that_is_late_is_seen(late_s: float, code: str, outcome: str) -> None:
    [finding] = await machine.loop_findings(LateClock(late_s=late_s))
    assert (code, outcome) == (finding.code, finding.outcome)
    assert f"{late_s * 1000:.0f} ms" in str(finding.why)


def written(folder: Path, text: str, mode: int = 0o640) -> Load:
    file = folder / "paranad.toml"
    file.write_text(text)
    file.chmod(mode)
    return lambda: judge(*read_settings(file, {}))


async def test_good_configuration_is_named(tmp_path: Path) -> None:
    load = written(tmp_path, "[queue]\nworkers = 3\n")
    [finding] = await machine.configuration_findings(load().settings, load)
    assert ("configuration-good", f"{tmp_path}/paranad.toml") == (finding.code, finding.values["source"])


async def test_that_nobody_is_told_of_incidents_is_said() -> None:
    silent, told = Settings(), Settings(alert=AlertSection(command=("/bin/true",)))
    found = [finding for each in (silent, told) for finding in await machine.alert_findings(each, None, {})]
    assert [("alerts-not-told", {}), ("alerts-told", {"command": "/bin/true"})] == [(f.code, f.values) for f in found]


async def test_alert_command_that_fails_and_a_muted_kind_are_said() -> None:
    settings = Settings(alert=AlertSection(command=("/bin/true",)))
    mutes = {IncidentKind.SHIPMENT_HELD: Mute(START, START + timedelta(hours=2), "sara")}
    failing, muted = await machine.alert_findings(settings, Failing(START, 96, plain("no such host")), mutes)
    since = "2026-03-02 12:00:00"
    assert f"nobody is told of incidents: /bin/true fails since {since}, 96 times in a row: no such host" == (
        failing.why.text
    )
    assert f"nobody is told of shipment-held until 2026-03-02 14:00:00: sara muted it at {since}" == muted.why.text


async def test_configuration_without_a_file_says_so() -> None:
    assert ["configuration-default"] == codes(
        await machine.configuration_findings(Settings(), lambda: judge(Settings()))
    )


async def test_configuration_that_a_restart_could_not_use_is_seen(tmp_path: Path) -> None:
    in_force = written(tmp_path, "")().settings
    [finding] = await machine.configuration_findings(
        in_force, written(tmp_path, "[queue]\nworkers = 0\n[log]\nlevel = 1\n")
    )
    assert ("configuration-wrong", "failed") == (finding.code, finding.outcome)
    assert "workers" in str(finding.why)
    assert "2 in all" in str(finding.cure)


async def test_configuration_that_is_not_in_force_is_seen(tmp_path: Path) -> None:
    in_force = written(tmp_path, "")().settings
    load = written(tmp_path, '[queue]\nworkers = 3\n[log]\nlevel = "debug"\n')
    changed, waits = await machine.configuration_findings(in_force, load)
    assert ("configuration-changed", "[log] level", "paranadctl reload") == (
        changed.code,
        changed.values["keys"],
        str(changed.cure),
    )
    assert ("configuration-needs-restart", "[queue] workers") == (waits.code, waits.values["keys"])


async def test_password_in_a_file_that_everyone_may_read_is_seen_and_not_shown(tmp_path: Path) -> None:
    text = '[courier]\nusername = "parana"\npassword = "pass-5ecret"\n'
    assert ["configuration-good"] == codes(await _found(written(tmp_path, text)))
    [finding] = await _found(written(tmp_path, text, 0o644))
    assert ("configuration-open", "0644") == (finding.code, finding.values["mode"])
    assert "5ecret" not in str(finding)
    assert ["configuration-good"] == codes(await _found(written(tmp_path, "[queue]\nworkers = 3\n", 0o644)))


async def _found(load: Load) -> Findings:
    return await machine.configuration_findings(load().settings, load)


async def test_every_problem_of_the_configuration_counts() -> None:
    problems = [WrongSetting("paranad.toml", "[log] level", "expected x"), WrongSetting("a", "b", "c")]
    findings = await machine.configuration_findings(Settings(), lambda: judge(Settings(), problems))
    assert "2" == only(findings, "configuration-wrong").values["count"]


async def test_missing_program_of_an_entry_is_not_said_to_keep_a_restart_from_working() -> None:
    missing = WrongSetting("paranad.toml", '[schedule."night"] command', "expected a program", bearable=True)

    async def found_with(*problems: WrongSetting) -> Findings:
        return await machine.configuration_findings(Settings(), lambda: judge(Settings(), problems))

    assert ["configuration-borne"] == codes(await found_with(missing))
    assert ["configuration-wrong"] == codes(await found_with(missing, WrongSetting("a", "b", "c")))


async def test_state_that_is_the_daemon_s_alone_is_good(store: Store) -> None:
    assert ["state-good"] == codes(await machine.state_findings(store))


async def test_state_that_is_open_to_others_is_seen(store: Store) -> None:
    store.path.parent.chmod(0o750)
    store.path.chmod(0o644)
    folder, file = await machine.state_findings(store)
    assert ("state-open", f"chmod 0700 {store.path.parent}") == (folder.code, str(folder.cure))
    assert ("0644", f"chmod 0600 {store.path}") == (file.values["mode"], str(file.cure))


async def test_state_that_is_gone_is_seen(store: Store) -> None:
    store.path.rename(store.path.with_suffix(".away"))
    [finding] = await machine.state_findings(store)
    assert ("state-gone", "failed", str(store.path)) == (finding.code, finding.outcome, finding.values["path"])
    assert ["state-gone"] == codes(await machine.queue_db_findings(store))


async def test_queue_db_that_cannot_be_written_is_seen(store: Store) -> None:
    async with full_disk(store):
        with pytest.raises(Exception, match=r"queue\.db"):
            await store.values.put("x", "y" * 100_000)
        assert ["state-refused"] == codes(await machine.state_findings(store))


@pytest.mark.parametrize(
    ("free_mib", "free_inodes", "code"),
    [(5000, 10, "disk-roomy"), (1023, 10, "disk-nearly-full"), (99, 10, "disk-full"), (5000, 0, "disk-full")],
)
async def test_disk_without_room_is_seen(
    store: Store, monkeypatch: pytest.MonkeyPatch, free_mib: int, free_inodes: int, code: str
) -> None:
    disk = SimpleNamespace(
        f_bavail=free_mib * 256, f_blocks=5 * 2**20, f_frsize=4096, f_files=100, f_favail=free_inodes
    )
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    [finding] = await machine.disk_findings(store)
    assert code == finding.code
    assert str(store.path.parent) in str(finding.why)


async def test_disk_that_cannot_be_looked_at_is_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(folder: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(folder))

    monkeypatch.setattr(os, "statvfs", gone)
    assert ["state-gone"] == codes(await machine.disk_findings(store))


async def test_whole_queue_db_is_good(store: Store) -> None:
    [finding] = await machine.queue_db_findings(store)
    assert ("queue-db-whole", "ok") == (finding.code, finding.outcome)


async def test_damaged_queue_db_is_seen(store: Store) -> None:
    await store.values.put("x", "y" * 100_000)
    await change(store.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    size = store.path.stat().st_size
    with store.path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 2))
    [finding] = await machine.queue_db_findings(store)
    assert ("queue-db-damaged", "failed") == (finding.code, finding.outcome)


async def test_queue_db_too_large_to_wait_for_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CHECK_LIMIT_S", -1.0)
    assert ["queue-db-unfinished"] == codes(await machine.queue_db_findings(store))


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (4096, "4.0 KiB"), (3 * 2**29, "1.5 GiB")]
)
def test_sizes_are_shown_as_a_person_reads_them(size: int, text: str) -> None:
    assert text == machine.shown(size)
    assert machine.shown(2**50).endswith("GiB")
