"""The checks of the daemon itself and its machine: its loop, its configuration, its folder, the disk, queue.db."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from paranad.alerts.daily import Digests
from paranad.alerts.failing import Failing
from paranad.alerts.heartbeat import Heartbeat
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import Mute
from paranad.clock import Clock, wall_time
from paranad.configuration.load import diff
from paranad.configuration.settings import Settings
from paranad.configured import Load
from paranad.control import schemas_status
from paranad.doctor.bounded import QUEUE_DB_DAMAGED, STATE_REFUSED, Findings
from paranad.errors import StateGone
from paranad.finding import Found, failed, ok, warning
from paranad.store.file import Store
from paranad.store.integrity import damage
from paranad.store.place import log_of
from paranad.store.room import room_of

LOOKS, LOOK_S = 25, 0.02
"""How often the loop is asked for a short sleep, and how short."""
SLOW_MS, STUCK_MS = 200, 1000
CHECK_LIMIT_S = 20.0
"""How long queue.db is looked through: some gigabytes."""

DAEMON_READY = ok("daemon-ready", "daemon", "paranad {version} is ready, process {pid}, since {since}")
DAEMON_DRAINING = warning(
    "daemon-draining", "daemon", "the daemon drains: what runs finishes, nothing new starts", "paranadctl resume"
)
DAEMON_STATELESS = failed(
    "daemon-stateless", "daemon", "nothing new starts, because queue.db is gone", "systemctl restart paranad"
)
DAEMON_STANDS_BY = ok("daemon-stands-by", "daemon", "paranad {version} stands by, process {pid}, since {since}")
DAEMON_NOT_READY = warning(
    "daemon-not-ready",
    "daemon",
    "the daemon is {state}, so nothing new starts",
    "wait a minute and ask again; `journalctl -u paranad` says what it is about",
)
LOOP_QUICK = ok("loop-quick", "loop", "the daemon answers quickly: late by {late_ms} ms at most")
LOOP_SLOW = warning(
    "loop-slow",
    "loop",
    "the daemon answers slowly: late by {late_ms} ms, expected less than {limit_ms} ms",
    "see with `top` what else wants the processor or the disk; fewer [queue] workers ask for less",
)
LOOP_STUCK = failed(
    "loop-stuck",
    "loop",
    "the daemon hangs: late by {late_ms} ms, expected less than {limit_ms} ms",
    "see with `top` what else wants the processor or the disk; if it is the daemon: systemctl restart paranad",
)
CONFIGURATION_DEFAULT = ok(
    "configuration-default",
    "configuration",
    "no configuration file was read: what is set otherwise, and the defaults, are in force",
)
CONFIGURATION_GOOD = ok("configuration-good", "configuration", "{source} is good and in force")
CONFIGURATION_WRONG = failed(
    "configuration-wrong",
    "configuration",
    "the configuration cannot be used as it now stands, so a restart would fail: {problem}",
    "correct it; `paranad check` names every problem ({count} in all)",
)
CONFIGURATION_BORNE = warning(
    "configuration-borne",
    "configuration",
    "`paranadctl reload` refuses the configuration as it stands, and a restart does without what is missing: {problem}",
    "correct it; `paranad check` names every problem ({count} in all)",
)
ALERTS_TOLD = ok("alerts-told", "alerts", "incidents are told by {command}; a test: paranadctl alert test")
ALERTS_NOT_TOLD = ok(
    "alerts-not-told",
    "alerts",
    "nobody is told of incidents: [alert] command is empty; ready ones: /opt/paranad/current/share/alerts",
)
DIGEST_NONE = ok("digest-none", "digest", "no daily digest is sent: [alert] digest is empty")
DIGEST_DAILY = ok(
    "digest-daily", "digest", "a digest goes out at {time} if the day brought anything; next: {next}, last day: {last}"
)
DIGEST_FIRST = ok("digest-first", "digest", "a digest is sent each day at {time}; the first: {next}")
DIGEST_FAILING = warning(
    "digest-failing",
    "digest",
    "the command does not take the digest, which is tried again until the next one: {reason}",
    "see that the command works: paranadctl alert test",
)
HEARTBEAT_NONE = ok(
    "heartbeat-none", "heartbeat", "nothing outside would notice the daemon's death: [alert] heartbeat_url is empty"
)
HEARTBEAT_TAKEN = ok("heartbeat-taken", "heartbeat", "{host} took the last heartbeat at {at}")
HEARTBEAT_NOT_YET = ok("heartbeat-not-yet", "heartbeat", "{host} is sent its first heartbeat within a minute")
HEARTBEAT_FAILING = warning(
    "heartbeat-failing",
    "heartbeat",
    "{host} has not taken the heartbeat since {since}: {reason}",
    "correct [alert] heartbeat_url, then paranadctl reload; see that this machine reaches {host}",
)
HEARTBEAT_WITHHELD = failed(
    "heartbeat-withheld",
    "heartbeat",
    "no heartbeat has gone to {host} since {since}: {reason}",
    "remove the cause; if it is the schedule: systemctl restart paranad",
)
ALERTS_FAILING = failed(
    "alerts-failing",
    "alerts",
    "nobody is told of incidents: {command} fails since {since}, {times:time} in a row: {reason}",
    "correct it or its secrets, then: paranadctl alert test",
)
ALERT_MUTED = warning(
    "alert-muted",
    "alerts",
    "nobody is told of {kind} until {until}: {by} muted it at {since}",
    "to be told again sooner: paranadctl alerts unmute {kind}",
)
CONFIGURATION_CHANGED = warning(
    "configuration-changed", "configuration", "changed since the daemon read it: {keys}", "paranadctl reload"
)
CONFIGURATION_NEEDS_RESTART = warning(
    "configuration-needs-restart",
    "configuration",
    "changed, and not in force before a restart: {keys}",
    "restart the daemon; under systemd: systemctl restart paranad",
)
CONFIGURATION_OPEN = warning(
    "configuration-open",
    "configuration",
    "{file} holds a password or another secret, and everyone on this machine may read it (mode {mode})",
    "chown root:paranad {file}; chmod 0640 {file}",
)
STATE_GOOD = ok("state-good", "state", "{folder} is the daemon's alone")
STATE_OPEN = warning(
    "state-open",
    "state",
    "{path} is open to others than the daemon's user: mode {mode}, expected {expected}",
    "chmod {expected} {path}",
)
STATE_GONE = failed(
    "state-gone",
    "state",
    "{path} cannot be found or looked at any more ({reason}), though the daemon works with it",
    "systemctl restart paranad: at its stop the daemon writes back what it has open; where that fails, restore the "
    "last backup",
)
DISK_ROOMY = ok("disk-roomy", "disk", "{free} free on the disk of {folder}")
DISK_NEARLY_FULL = warning(
    "disk-nearly-full",
    "disk",
    "only {free} free on the disk of {folder}, expected at least {wanted}",
    "make room: `du -xh / | sort -h | tail` names what is large, `journalctl --vacuum-size=500M` shortens the log",
)
DISK_FULL = failed(
    "disk-full",
    "disk",
    "the disk of {folder} is full: {free} free, expected at least {wanted}",
    "make room: `du -xh / | sort -h | tail` names what is large, `journalctl --vacuum-size=500M` shortens the log",
)
QUEUE_DB_WHOLE = ok("queue-db-whole", "queue-db", "queue.db is whole ({size})")
QUEUE_DB_UNFINISHED = warning(
    "queue-db-unfinished",
    "queue-db",
    "looking through queue.db ({size}) takes longer than {seconds} s, so it was broken off",
    "look through a copy: paranadctl backup /var/tmp/queue.db && sqlite3 /var/tmp/queue.db 'PRAGMA quick_check'",
)


async def daemon_findings(store: Store, itself: schemas_status.Daemon) -> Findings:
    """Say whether new work starts."""
    match itself.state:
        case "ready" | "standby":
            finding = DAEMON_READY if itself.state == "ready" else DAEMON_STANDS_BY
            return [finding(version=itself.version, pid=itself.pid, since=f"{itself.since:%Y-%m-%d %H:%M:%S}")]
        case "draining":
            return [DAEMON_STATELESS() if store.watch.gone else DAEMON_DRAINING()]
        case _:
            return [DAEMON_NOT_READY(state=itself.state)]


async def loop_findings(clock: Clock) -> Findings:
    """Say how late the event loop is, while the other checks run."""
    late_s = 0.0
    for _ in range(LOOKS):
        asked_s = clock.monotonic()
        await clock.sleep(LOOK_S)
        # What a short sleep takes beyond its time is how long other work held the loop.
        late_s = max(late_s, clock.monotonic() - asked_s - LOOK_S)
    late_ms = round(late_s * 1000)
    finding = LOOP_QUICK if late_ms < SLOW_MS else LOOP_SLOW if late_ms < STUCK_MS else LOOP_STUCK
    return [finding(late_ms=late_ms, limit_ms=SLOW_MS)]


async def configuration_findings(settings: Settings, load: Load) -> Findings:
    """Read the configuration again; say whether it is good, and whether *settings* in force differ from it."""
    read = load()
    if read.problems:
        borne = all(problem.bearable for problem in read.problems)
        finding = CONFIGURATION_BORNE if borne else CONFIGURATION_WRONG
        return [finding(problem=read.problems[0], count=len(read.problems))]
    new = read.settings
    changed, needs_restart = diff(settings, new)
    findings = [*_open_files(new)]
    if changed:
        findings.append(CONFIGURATION_CHANGED(keys=", ".join(changed)))
    if needs_restart:
        findings.append(CONFIGURATION_NEEDS_RESTART(keys=", ".join(needs_restart)))
    good = CONFIGURATION_GOOD(source=new.file) if new.file else CONFIGURATION_DEFAULT()
    return findings or [good]


async def alert_findings(settings: Settings, failing: Failing | None, mutes: Mapping[IncidentKind, Mute]) -> Findings:
    """Say whether somebody is told of incidents; a monitor that reads the metrics may be enough."""
    command, zone = next(iter(settings.alert.command), None), settings.zone
    muted = [
        ALERT_MUTED(kind=kind, until=wall_time(mute.until, zone), by=mute.by, since=wall_time(mute.since, zone))
        for kind, mute in mutes.items()
    ]
    if command and failing:
        since = wall_time(failing.since, zone)
        return [ALERTS_FAILING(command=command, since=since, times=failing.times, reason=failing.why), *muted]
    return [ALERTS_TOLD(command=command) if command else ALERTS_NOT_TOLD(), *muted]


async def heartbeat_findings(heartbeat: Heartbeat, zone: ZoneInfo) -> Findings:
    """Say whether the address outside takes the heartbeat."""
    pulse = heartbeat.pulse
    if pulse is None:
        return [HEARTBEAT_NONE()]
    if pulse.withheld and pulse.withheld_since:
        since = wall_time(pulse.withheld_since, zone)
        return [HEARTBEAT_WITHHELD(host=pulse.host, since=since, reason=pulse.withheld)]
    if pulse.reason and pulse.failing_since:
        since = wall_time(pulse.failing_since, zone)
        return [HEARTBEAT_FAILING(host=pulse.host, since=since, reason=pulse.reason)]
    if pulse.answered_at is None:
        return [HEARTBEAT_NOT_YET(host=pulse.host)]
    return [HEARTBEAT_TAKEN(host=pulse.host, at=wall_time(pulse.answered_at, zone))]


async def digest_findings(digests: Digests, zone: ZoneInfo) -> Findings:
    """Say when the daily digest goes out, and whether the command takes it."""
    next_at = digests.next_at()
    if next_at is None:
        return [DIGEST_NONE()]
    if digests.failed:
        return [DIGEST_FAILING(reason=digests.failed)]
    when = {"time": digests.time, "next": wall_time(next_at, zone)}
    return [DIGEST_DAILY(**when, last=digests.last_day) if digests.last_day else DIGEST_FIRST(**when)]


def _open_files(settings: Settings) -> Iterator[Found]:
    """Yield the files with a secret in them that everyone may read."""
    # The address of a shop that is a file holds no password, though it is kept as a secret.
    secrets = [secret for secret in settings.secrets if not secret.startswith("sqlite:")]
    for file in (Path(source) for source in settings.sources if source.startswith("/")):
        mode = file.stat().st_mode & 0o777
        if mode & 0o007 and any(secret in file.read_text("utf-8") for secret in secrets):
            yield CONFIGURATION_OPEN(file=file, mode=f"{mode:04o}")


async def state_findings(store: Store) -> Findings:
    """Say whether the state directory and queue.db are there, writable, and the daemon's alone."""
    if store.writer.failing is not None:
        return [STATE_REFUSED(reason=store.writer.failing)]
    try:
        return await asyncio.to_thread(_modes, store.path)
    except OSError as error:
        return [STATE_GONE(path=error.filename or store.path, reason=error.strerror)]


def _modes(file: Path) -> Findings:
    modes = {path: path.stat().st_mode & 0o777 for path in (file.parent, file)}
    expected = {file.parent: "0700", file: "0600"}
    return [
        STATE_OPEN(path=path, mode=f"{mode:04o}", expected=expected[path])
        for path, mode in modes.items()
        if mode & 0o077
    ] or [STATE_GOOD(folder=file.parent)]


async def disk_findings(store: Store) -> Findings:
    """Say how much room the disk of queue.db has."""
    folder = store.path.parent
    try:  # in a thread: a disk that does not answer would hold the loop
        room = await asyncio.to_thread(room_of, folder)
    except OSError as error:
        return [STATE_GONE(path=folder, reason=error.strerror)]
    if not room.is_nearly_full:
        return [DISK_ROOMY(free=shown(room.free_bytes), folder=folder)]
    finding = DISK_FULL if room.is_full else DISK_NEARLY_FULL
    return [finding(free=shown(room.free_bytes), wanted=shown(room.wanted_bytes), folder=folder)]


async def queue_db_findings(store: Store) -> Findings:
    """Say whether queue.db is whole."""
    try:
        await store.watch.check()  # if the file is another one now, a connection would begin a -wal beside it
        size = shown(_size_bytes(store.path))
        finding = await damage(store.path, CHECK_LIMIT_S)
    except TimeoutError:
        return [QUEUE_DB_UNFINISHED(size=size, seconds=f"{CHECK_LIMIT_S:g}")]
    except StateGone as error:
        return [STATE_GONE(path=store.path, reason=error.said)]
    except OSError as error:
        return [STATE_GONE(path=store.path, reason=error.strerror)]
    return [QUEUE_DB_DAMAGED(finding=finding)] if finding else [QUEUE_DB_WHOLE(size=size)]


def _size_bytes(file: Path) -> int:
    """Return how large queue.db is, with what is not merged into it yet."""
    log = log_of(file)
    return file.stat().st_size + (log.stat().st_size if log.exists() else 0)


def shown(size_bytes: int) -> str:
    """Return *size_bytes* as a person reads it: `412.3 GiB`."""
    size, units = float(size_bytes), ["bytes", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        del units[0]
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" else f"{size:.1f} {units[0]}"
