"""What paranadctl can tell of the machine by itself, above all while the daemon is down."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from paranad.cli.findings import found
from paranad.cli.session import Json
from paranad.cli.socket import config_file

ASKED_S = 20
"""How long another program may take to answer."""
ENDED = {
    "65": "service-damaged-state",
    "75": "service-locked-out",
    "78": "service-wrong-configuration",
}
"""By exit status."""


def service_findings() -> Iterator[Json]:
    """Say how systemd sees the service; nothing where this machine has no systemd."""
    properties = "--property=LoadState,ActiveState,Result,ExecMainStatus"
    said = dict(line.partition("=")[::2] for line in asked("systemctl", "show", "paranad", properties).splitlines())
    match said:
        case {"LoadState": "not-found"}:
            yield found("service-absent")
        case {"ActiveState": "failed", "ExecMainStatus": status} if status in ENDED:
            yield found(ENDED[status])
        case {"ActiveState": "failed", "ExecMainStatus": status, "Result": result}:
            yield found("service-failed", result=result, status=status)
        case {"ActiveState": "inactive"}:
            yield found("service-stopped")
        case {"ActiveState": state}:
            yield found("service-active", state=state)


def configuration_findings(environ: Mapping[str, str]) -> Iterator[Json]:
    """Let `paranad check` look at the configuration, which a daemon that is down cannot."""
    file = config_file(environ)
    if _is_unreadable(file):
        yield found("check-unread", file=file)
        return
    check = [sys.executable, "-P", "-m", "paranad", "check"]  # -P: what lies in root's current folder is not run
    with suppress(OSError, subprocess.TimeoutExpired):
        ran = subprocess.run(  # noqa: S603 - our own program
            check, capture_output=True, text=True, timeout=ASKED_S, check=False, env=dict(environ)
        )
        problems = [line for line in ran.stderr.splitlines() if line]
        if ran.returncode == 0:
            yield found("check-good")
        elif problems:
            yield found("check-failed", count=len(problems), problem=problems[0])


def _is_unreadable(file: Path) -> bool:
    """Tell whether *file* is not for this user; so is one in a folder that may not be entered."""
    try:
        file.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return not os.access(file, os.R_OK)


def clock_findings() -> Iterator[Json]:
    """Say whether the machine's clock is kept; nothing where nobody knows."""
    match asked("timedatectl", "show", "--property=NTPSynchronized", "--value").strip():
        case "yes":
            yield found("clock-synchronised")
        case "no":
            yield found("clock-free")


def asked(program: str, *words: str) -> str:
    """Return what another program answers; empty where it is absent, or fails."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        command = [path, *words]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=ASKED_S, check=False)  # noqa: S603 - fixed
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout if ran.returncode == 0 else ""
