"""Keeps one check from spoiling the others: each has its time, and whatever it raises is its own finding."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence

from paranad.control.schemas import DoctorCheck
from paranad.doctor.findings import found
from paranad.errors import StateError
from paranad.events import ControlFailed, Events

Findings = Sequence[DoctorCheck]
Look = Callable[[], Awaitable[Findings]]


async def bounded(check: str, look: Look, limit_s: float, events: Events) -> Findings:
    """Return what *look* finds; that it took too long, or met a defect, where it finds nothing."""
    try:
        async with asyncio.timeout(limit_s):
            return await look()
    except TimeoutError:
        return [found("check-late", check=check, seconds=f"{limit_s:g}")]
    except StateError as error:
        return [found("state-refused", reason=error)]
    except Exception as error:  # noqa: BLE001 - a check's edge: told, and the other checks go on
        words, lines = type(error).__name__, "".join(traceback.format_exception(error))
        events.tell(ControlFailed(method="GET", path="/v1/doctor", error=f"{words}: {error}", traceback=lines))
        return [found("check-broken", check=check, error=words)]
