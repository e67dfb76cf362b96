"""Builds the standby as the configuration says."""

import os
import socket
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final
from uuid import uuid4

from paranad.clock import Clock
from paranad.configuration.settings import Settings
from paranad.courier.wire import SHORT_FACTOR
from paranad.events.event import Events
from paranad.events.standby import StandbyCopied
from paranad.shop.database import Shop
from paranad.standby.decide import NUMBERS, Numbers
from paranad.standby.fence import LeaseFence, LoneFence, RowOfJob
from paranad.standby.memory import KEY, Remembering, remembered
from paranad.standby.rows import LeaseRows
from paranad.standby.service import Standby
from paranad.standby.setup import Setup
from paranad.store.file import Store

MACHINE_ID: Final = Path("/etc/machine-id")
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
LONGEST_NAME: Final = 100


async def standby_of(
    settings: Settings, store: Store, shop: Shop, clock: Clock, events: Events, *, numbers: Numbers = NUMBERS
) -> Standby | None:
    """Build it; None without `[standby] enabled`: then nothing is asked of the database, and no table is needed.

    Raises:
        StateError: the new identity of this state directory could not be stored.
    """
    if not settings.standby.enabled:
        return None
    kept, file, disk = await store.values.get(KEY), store.path.stat(), os.statvfs(store.path)
    # Two containers may have the machine id and its start in common, and a copy may have the number of the first file
    # on a file system of its own. A snapshot put back in place looks like the file that it replaces.
    home = f"{_first_line(MACHINE_ID)}/{disk.f_fsid}/{file.st_ino}"
    boot = f"{_first_line(BOOT_ID)}/{file.st_dev}"
    memory = remembered(kept, home=home, boot=boot, new_holder=_new_text())
    remembering = Remembering(store.values, memory)
    if kept is None or kept["holder"] != memory.holder:  # with another at each start, each would seem a machine
        await remembering.keep(memory)
        if kept is not None:
            events.tell(StandbyCopied())
    return Standby(
        LeaseRows(shop, clock, numbers=numbers),
        remembering,
        Setup(shop),
        clock,
        events,
        machine=settings.standby.name or socket.gethostname()[:LONGEST_NAME] or "localhost",
        version=version("paranad")[:32],
        zone=settings.zone,
        new_text=_new_text,
        numbers=numbers,
    )


def fence_of(settings: Settings, standby: Standby | None, store: Store, shop: Shop, row: RowOfJob) -> LoneFence:
    """Build what the shipments ask before an order leaves; without a standby that is the *row* of the job alone."""
    if standby is None:
        return LoneFence(shop, store.values, row)
    request = settings.courier.timeout * SHORT_FACTOR
    return LeaseFence(shop, store.values, row, standby, request=request, numbers=standby.numbers)


def _new_text() -> str:
    return uuid4().hex


def _first_line(path: Path) -> str:
    """Return what a file of the system holds; empty: it cannot be read, and does not tell two machines apart."""
    with suppress(OSError, ValueError):
        return path.read_text("ascii").strip()
    return ""
