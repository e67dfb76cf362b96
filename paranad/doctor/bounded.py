"""Keeps one check from spoiling the others: each has its time, and any error it raises is a finding of its own."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence

from paranad.errors import StateDamaged, StateError
from paranad.events.daemon import ControlFailed
from paranad.events.event import Events
from paranad.finding import Found, failed

Findings = Sequence[Found]
Check = Callable[[], Awaitable[Findings]]

STATE_REFUSED = failed(
    "state-refused",
    "state",
    "queue.db cannot be written, so new work is refused: {reason}",
    "make room on its disk; where there is room, see `dmesg` for a failing disk",
)
QUEUE_DB_DAMAGED = failed(
    "queue-db-damaged",
    "queue-db",
    "queue.db is damaged: {finding}",
    ("stop the daemon, keep the damaged file, restore the last backup, start it, then: paranadctl shipments reconcile"),
)
CHECK_LATE = failed(
    "check-late",
    "",
    "this check did not come to an end within {seconds} s",
    "ask again; if it stays so, see `paranadctl status` and `journalctl -u paranad`",
)
CHECK_BROKEN = failed(
    "check-broken", "", "this check met a defect of the program: {error}", "see `journalctl -u paranad`, and report it"
)


async def bounded(name: str, check: Check, limit_s: float, events: Events) -> Findings:
    """Return what *check* finds. If it takes longer than *limit_s* seconds or raises, that is the only finding."""
    try:
        async with asyncio.timeout(limit_s):
            return await check()
    except TimeoutError:
        return [CHECK_LATE(check=name, seconds=f"{limit_s:g}")]
    except StateDamaged as error:
        return [QUEUE_DB_DAMAGED(finding=error.said)]
    except StateError as error:
        return [STATE_REFUSED(reason=error.said)]
    except Exception as error:  # noqa: BLE001 - a check's edge: told, and the other checks go on
        kind, lines = type(error).__name__, "".join(traceback.format_exception(error))
        events.tell(ControlFailed(method="GET", path="/v1/doctor", error=f"{kind}: {error}", traceback=lines))
        return [CHECK_BROKEN(check=name, error=kind)]
