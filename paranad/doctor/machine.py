"""What the daemon can tell of itself and its machine: its loop, its configuration, its folder, the disk, queue.db."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from paranad.clock import Clock
from paranad.configuration.load import diff
from paranad.configuration.settings import Settings
from paranad.control.schemas import DoctorCheck
from paranad.doctor.bounds import Findings
from paranad.doctor.findings import found
from paranad.errors import ConfigurationError, StateGone
from paranad.store.file import Store
from paranad.store.integrity import damage
from paranad.store.room import room_of

LOOKS, LOOK_S = 25, 0.02
"""How often the loop is asked for a short sleep, and how short."""
SLOW_MS, STUCK_MS = 200, 1000
CHECK_LIMIT_S = 20.0
"""How long queue.db is looked through: some gigabytes."""


async def loop_findings(clock: Clock) -> Findings:
    """Say how late the loop is, while everything else is looked at."""
    late_s = 0.0
    for _ in range(LOOKS):
        asked_s = clock.monotonic()
        await clock.sleep(LOOK_S)
        late_s = max(late_s, clock.monotonic() - asked_s - LOOK_S)
    late_ms = round(late_s * 1000)
    code = "loop-quick" if late_ms < SLOW_MS else "loop-slow" if late_ms < STUCK_MS else "loop-stuck"
    return [found(code, late_ms=late_ms, limit_ms=SLOW_MS)]


def configuration_findings(settings: Settings, load: Callable[[], Settings]) -> Findings:
    """Say whether the configuration, read again, is good, and is that of *settings*."""
    try:
        new = load()
    except ConfigurationError as error:
        first, *_ = error.problems
        borne = all(problem.bearable for problem in error.problems)
        code = "configuration-borne" if borne else "configuration-wrong"
        return [found(code, problem=first, count=len(error.problems))]
    changed, needs_restart = diff(settings, new)
    findings = [*_open_files(new)]
    if changed:
        findings.append(found("configuration-changed", keys=", ".join(changed)))
    if needs_restart:
        findings.append(found("configuration-needs-restart", keys=", ".join(needs_restart)))
    good = found("configuration-good", source=new.file) if new.file else found("configuration-default")
    return findings or [good]


def _open_files(settings: Settings) -> Iterator[DoctorCheck]:
    """Yield the files with a password in them that everyone may read."""
    passwords = [secret for secret in settings.secrets if not secret.startswith("sqlite:")]
    for file in (Path(source) for source in settings.sources if source.startswith("/")):
        mode = file.stat().st_mode & 0o777
        if mode & 0o007 and any(password in file.read_text("utf-8") for password in passwords):
            yield found("configuration-open", file=file, mode=f"{mode:04o}")


async def state_findings(store: Store) -> Findings:
    """Say whether the state directory and queue.db are there, writable, and the daemon's alone."""
    if store.writer.failing is not None:
        return [found("state-refused", reason=store.writer.failing)]
    try:
        return await asyncio.to_thread(_modes, store.path)
    except OSError as error:
        return [found("state-gone", path=error.filename or store.path, reason=error.strerror)]


def _modes(file: Path) -> Findings:
    modes = {path: path.stat().st_mode & 0o777 for path in (file.parent, file)}
    expected = {file.parent: "0700", file: "0600"}
    return [
        found("state-open", path=path, mode=f"{mode:04o}", expected=expected[path])
        for path, mode in modes.items()
        if mode & 0o077
    ] or [found("state-good", folder=file.parent)]


async def disk_findings(store: Store) -> Findings:
    """Say how much room the disk of queue.db has."""
    folder = store.path.parent
    try:
        room = await asyncio.to_thread(room_of, folder)
    except OSError as error:
        return [found("state-gone", path=folder, reason=error.strerror)]
    if not room.is_nearly_full:
        return [found("disk-roomy", free=shown(room.free_bytes), folder=folder)]
    code = "disk-full" if room.is_full else "disk-nearly-full"
    return [found(code, free=shown(room.free_bytes), wanted=shown(room.wanted_bytes), folder=folder)]


async def queue_db_findings(store: Store) -> Findings:
    """Say whether queue.db is whole."""
    try:
        await store.watch.check()  # another connection would begin a -wal of its own
        size = shown(_size_bytes(store.path))
        finding = await damage(store.path, CHECK_LIMIT_S)
    except TimeoutError:
        return [found("queue-db-unfinished", size=size, seconds=f"{CHECK_LIMIT_S:g}")]
    except StateGone as error:
        return [found("state-gone", path=store.path, reason=error)]
    except OSError as error:
        return [found("state-gone", path=store.path, reason=error.strerror)]
    return [found("queue-db-damaged", finding=finding)] if finding else [found("queue-db-whole", size=size)]


def _size_bytes(file: Path) -> int:
    """Return how large queue.db is, with what is not merged into it yet."""
    log = file.with_name(f"{file.name}-wal")
    return file.stat().st_size + (log.stat().st_size if log.exists() else 0)


def shown(size_bytes: int) -> str:
    """Return *size_bytes* as a person reads it: `412.3 GiB`."""
    size, units = float(size_bytes), ["bytes", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        del units[0]
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" else f"{size:.1f} {units[0]}"
