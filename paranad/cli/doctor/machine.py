"""The checks that paranadctl makes by itself: the service, the clock, and the configuration if the daemon is down."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from paranad.finding import Found, failed, ok, warning
from paranad.places import config_file

ASKED_S = 20
"""How long another program may take to answer."""

LOG = "`journalctl -u paranad -n 50` says why it ended"
SERVICE_ABSENT = failed(
    "service-absent",
    "service",
    "systemd knows no service paranad",
    "install it from a checkout of paranad: sudo make install",
)
SERVICE_STOPPED = failed(
    "service-stopped", "service", "systemd says that paranad is not started", "systemctl start paranad"
)
SERVICE_WRONG_CONFIGURATION = failed(
    "service-wrong-configuration",
    "service",
    "paranad ended because its configuration cannot be used (status 78)",
    "paranad check; correct what it names, then: systemctl start paranad",
)
SERVICE_LOCKED_OUT = failed(
    "service-locked-out",
    "service",
    "paranad ended because another daemon holds its state directory (status 75)",
    "stop the other one, which `journalctl -u paranad -n 5` names, then: systemctl start paranad",
)
SERVICE_DAMAGED_STATE = failed(
    "service-damaged-state",
    "service",
    "paranad ended because queue.db is damaged, or of a later version (status 65)",
    f"{LOG}; restore the last backup (docs/operations.md, Restore), or go on with the later version",
)
SERVICE_FAILED = failed(
    "service-failed",
    "service",
    "paranad ended badly ({result}, status {status})",
    f"{LOG}; then: systemctl reset-failed paranad; systemctl start paranad",
)
SERVICE_ACTIVE = warning(
    "service-active",
    "service",
    "systemd says that paranad is {state}",
    "if it just started, ask again in a minute; else it has another socket: see [daemon] socket in paranad.toml",
)
CHECK_GOOD = ok("check-good", "configuration", "paranad check finds nothing wrong with {file}")
CHECK_FAILED = failed(
    "check-failed",
    "configuration",
    "paranad check finds problems in {file}, {count} in all; the first: {problem}",
    "correct them; `paranad check` names every one; "
    "if the daemon reads another file: PARANAD_CONFIG=FILE paranadctl doctor",
)
CHECK_UNREAD = warning(
    "check-unread", "configuration", "{file} may not be read by you, so it was not checked", "sudo paranadctl doctor"
)
CLOCK_SYNCHRONISED = ok("clock-synchronised", "clock", "this machine's clock is kept by NTP")
CLOCK_FREE = warning(
    "clock-free",
    "clock",
    "this machine's clock is not kept by NTP: the schedule and the courier's certificate go by it",
    "timedatectl set-ntp true; where that is refused: apt-get install systemd-timesyncd",
)

ENDED = {"65": SERVICE_DAMAGED_STATE, "75": SERVICE_LOCKED_OUT, "78": SERVICE_WRONG_CONFIGURATION}
"""By exit status."""


def service_findings() -> Iterator[Found]:
    """Say how systemd sees the service; nothing if this machine has no systemd."""
    properties = "--property=LoadState,ActiveState,Result,ExecMainStatus"
    said = dict(line.partition("=")[::2] for line in asked("systemctl", "show", "paranad", properties).splitlines())
    match said:
        case {"LoadState": "not-found"}:
            yield SERVICE_ABSENT()
        case {"ActiveState": "failed", "ExecMainStatus": status} if status in ENDED:
            yield ENDED[status]()
        case {"ActiveState": "failed", "ExecMainStatus": status, "Result": result}:
            yield SERVICE_FAILED(result=result, status=status)
        case {"ActiveState": "inactive"}:
            yield SERVICE_STOPPED()
        case {"ActiveState": state}:
            yield SERVICE_ACTIVE(state=state)


def configuration_findings(environ: Mapping[str, str]) -> Iterator[Found]:
    """Let `paranad check` look at the configuration, as the daemon cannot while it is down."""
    file = config_file(environ)
    if _is_unreadable(file):
        yield CHECK_UNREAD(file=file)
        return
    check = [sys.executable, "-P", "-m", "paranad", "check"]  # -P: what lies in root's current folder is not run
    with suppress(OSError, subprocess.TimeoutExpired):
        ran = subprocess.run(  # noqa: S603 - our own program
            check, capture_output=True, text=True, timeout=ASKED_S, check=False, env=dict(environ)
        )
        problems = [line for line in ran.stderr.splitlines() if line]
        if ran.returncode == 0:
            yield CHECK_GOOD(file=file)
        elif problems:
            yield CHECK_FAILED(file=file, count=len(problems), problem=problems[0])


def _is_unreadable(file: Path) -> bool:
    """Tell whether this user may not read *file*, or not enter its folder."""
    try:
        file.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return not os.access(file, os.R_OK)


def clock_findings() -> Iterator[Found]:
    """Say whether the machine's clock is kept; nothing if the machine does not tell."""
    match asked("timedatectl", "show", "--property=NTPSynchronized", "--value").strip():
        case "yes":
            yield CLOCK_SYNCHRONISED()
        case "no":
            yield CLOCK_FREE()


def asked(program: str, *words: str) -> str:
    """Return what another program answers; empty if it is absent or fails."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        command = [path, *words]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=ASKED_S, check=False)  # noqa: S603 - fixed
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout if ran.returncode == 0 else ""
