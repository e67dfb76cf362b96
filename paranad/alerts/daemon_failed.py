"""`python -m paranad.alerts.daemon_failed`: announces that the daemon is down. systemd runs it, no operator does.

paranad-alert.service starts it when paranad.service has failed, and again, some times, while it fails itself.
"""

import os
import sys
from collections.abc import Mapping

import anyio

from paranad.alerts.command import KEY, tell
from paranad.alerts.incident import Facts, Incident, clean, document
from paranad.alerts.incidents import FailureNote
from paranad.alerts.kinds import IncidentKind
from paranad.clock import Clock, SystemClock
from paranad.configuration.load import read_settings
from paranad.configuration.settings import Settings
from paranad.configuration.words import key_name
from paranad.log.redaction import hide
from paranad.program import ProgramFailed
from paranad.said import Sentence

UNIT = "paranad.service"
ENDED = Sentence("alert.daemon_ended", "{result}, exit status {status}")
LOG_SAYS = Sentence("alert.log_says", "its log says why")


def main(environ: Mapping[str, str]) -> int:
    """Run the configured command for the daemon's end, once until a daemon has come up again.

    Returns:
        The exit status: 0 it is announced, or no command is set; 1 the command failed.
    """
    # A wrong configuration may be why the daemon is down: the rest of it still names the command.
    settings, _ = read_settings(None, environ)
    for secret in settings.secrets:
        hide(secret)
    note = FailureNote(settings.daemon.state_dir)
    if not settings.alert.command:
        return _say(f"{UNIT} is down, and nobody is told: {key_name(KEY)} is empty", 0)
    if note.exists():
        return _say(f"{UNIT} is down, as somebody knows already: {note.path}", 0)
    return anyio.run(_tell, settings, note, environ, SystemClock())


async def _tell(settings: Settings, note: FailureNote, environ: Mapping[str, str], clock: Clock) -> int:
    incident = Incident(IncidentKind.DAEMON_FAILED, UNIT, _facts(environ), clock.now())
    try:
        await tell(settings.alert.command, document([incident], settings.zone, settings.alert.language), clock, environ)
    except ProgramFailed as error:
        return _say(f"{UNIT} is down, and {key_name(KEY)} failed: {error.said}", 1)
    try:
        note.leave(incident)
    except OSError as error:
        return _say(f"told that {UNIT} is down; that it is over will not be told: {error.strerror}: {note.path}", 0)
    return _say(f"told that {UNIT} is down", 0)


def _facts(environ: Mapping[str, str]) -> Facts:
    """Return what systemd says of the end in *environ*."""
    result, status = environ.get("MONITOR_SERVICE_RESULT"), environ.get("MONITOR_EXIT_STATUS")
    said = ENDED(result=result, status=status) if result and status else result
    return clean({"unit": UNIT, "result": said or LOG_SAYS()})


def _say(line: str, status: int) -> int:
    sys.stderr.write(f"{line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(os.environ))
