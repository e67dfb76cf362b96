"""What the doctor finds without the daemon: every code with its check, its outcome, why it is so, and the cure.

Those that need the daemon's eyes are in paranad/control/findings.py, in the same form; no code is in both.
"""

from collections.abc import Mapping
from typing import NamedTuple

from paranad.cli.session import Json


class Words(NamedTuple):
    """What a code says, in English; names in braces stand for its values."""

    check: str
    outcome: str
    why: str
    cure: str | None = None


LOG = "`journalctl -u paranad -n 50` says why it ended"

FINDINGS: Mapping[str, Words] = {
    "daemon-down": Words(
        "daemon",
        "failed",
        "the daemon does not answer: {reason}",
        f"systemctl start paranad (or in the foreground: paranad run); {LOG}",
    ),
    "daemon-forbidden": Words(
        "daemon",
        "failed",
        "the daemon may run, but you may not ask it: {reason}",
        "sudo paranadctl doctor; or for good: usermod -aG paranad NAME, then log in again",
    ),
    "daemon-odd": Words(
        "daemon",
        "failed",
        "the daemon answers, but not to the doctor: {reason}",
        "systemctl restart paranad, if it is another version than paranadctl; `journalctl -u paranad` says more",
    ),
    "service-absent": Words(
        "service",
        "failed",
        "systemd knows no service paranad",
        "install it from a checkout of paranad: sudo make install",
    ),
    "service-stopped": Words(
        "service", "failed", "systemd says that paranad is not started", "systemctl start paranad"
    ),
    "service-wrong-configuration": Words(
        "service",
        "failed",
        "paranad ended because its configuration cannot be used (status 78)",
        "paranad check; correct what it names, then: systemctl start paranad",
    ),
    "service-locked-out": Words(
        "service",
        "failed",
        "paranad ended because another daemon holds its state directory (status 75)",
        "stop the other one, which `journalctl -u paranad -n 5` names, then: systemctl start paranad",
    ),
    "service-damaged-state": Words(
        "service",
        "failed",
        "paranad ended because queue.db is damaged, or of a later version (status 65)",
        f"{LOG}; restore the last backup (docs/operations.md, Restore), or go on with the later version",
    ),
    "service-failed": Words(
        "service",
        "failed",
        "paranad ended badly ({result}, status {status})",
        f"{LOG}; then: systemctl reset-failed paranad; systemctl start paranad",
    ),
    "service-active": Words(
        "service",
        "warning",
        "systemd says that paranad is {state}",
        "if it just started, ask again in a minute; else it has another socket: see [daemon] socket in paranad.toml",
    ),
    "check-good": Words("configuration", "ok", "paranad check finds nothing wrong with the configuration"),
    "check-failed": Words(
        "configuration",
        "failed",
        "paranad check finds problems, {count} in all; the first: {problem}",
        "correct them; `paranad check` names every one",
    ),
    "check-unread": Words(
        "configuration", "warning", "{file} may not be read by you, so it was not checked", "sudo paranadctl doctor"
    ),
    "clock-synchronised": Words("clock", "ok", "this machine's clock is kept by NTP"),
    "clock-free": Words(
        "clock",
        "warning",
        "this machine's clock is not kept by NTP: the schedule and the courier's certificate go by it",
        "timedatectl set-ntp true; where that is refused: apt-get install systemd-timesyncd",
    ),
    "twice-nothing": Words(
        "twice",
        "ok",
        "nothing beside the daemon does its work: no crontab line, Supervisor program, service or process",
    ),
    "twice-unread": Words(
        "twice",
        "warning",
        "not all that may do the daemon's work a second time could be looked at without root: {paths}",
        "sudo paranadctl doctor",
    ),
    "crontab-twice": Words(
        "twice",
        "failed",
        "{file}, line {line} runs `artisan {command}` of this shop: the daemon does that work already",
        "take the line out of {file}",
    ),
    "crontab-perhaps-twice": Words(
        "twice",
        "warning",
        "{file}, line {line} runs `artisan {command}`: if of this shop, the daemon does that work already",
        "if it is this shop's, take the line out of {file}",
    ),
    "supervisor-twice": Words(
        "twice",
        "failed",
        "the Supervisor program {name} runs `artisan {command}` of this shop: the daemon does that work already",
        "supervisorctl stop {name}; take it out of {file}; supervisorctl update",
    ),
    "supervisor-perhaps-twice": Words(
        "twice",
        "warning",
        "the Supervisor program {name} runs `artisan {command}`: if of this shop, the daemon does that work already",
        "if it is this shop's: supervisorctl stop {name}; take it out of {file}; supervisorctl update",
    ),
    "service-twice": Words(
        "twice",
        "failed",
        "the service {name} runs `artisan {command}` of this shop: the daemon does that work already",
        "systemctl disable --now {name}, and a timer of that name",
    ),
    "service-perhaps-twice": Words(
        "twice",
        "warning",
        "the service {name} runs `artisan {command}`: if of this shop, the daemon does that work already",
        "if it is this shop's: systemctl disable --now {name}, and a timer of that name",
    ),
    "process-twice": Words(
        "twice",
        "failed",
        "process {pid} runs `artisan {command}` of this shop: the daemon does that work already",
        "see what started it (`systemctl status {pid}`), stop that, then: kill {pid}",
    ),
    "process-perhaps-twice": Words(
        "twice",
        "warning",
        "process {pid} runs `artisan {command}`: if of this shop, the daemon does that work already",
        "if it is this shop's, see what started it (`systemctl status {pid}`), stop that, then: kill {pid}",
    ),
}


def found(code: str, **values: object) -> Json:
    """Return what was found, in the form of the daemon's own checks; *values* are what the words of *code* name."""
    words, texts = FINDINGS[code], {name: str(value) for name, value in values.items()}
    return {
        "check": words.check,
        "outcome": words.outcome,
        "code": code,
        "values": texts,
        "why": words.why.format_map(texts),
        "cure": words.cure and words.cure.format_map(texts),
    }
