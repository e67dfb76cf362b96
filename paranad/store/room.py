"""How much room the disk of the state directory has, and from when on that is too little."""

import os
from pathlib import Path

from paranad.record import record

MIB = 2**20
WANTED_SHARE = 0.05
LEAST_WANTED_BYTES, MOST_WANTED_BYTES = 256 * MIB, 2048 * MIB
FULL_BYTES = 100 * MIB


@record
class Room:
    """What one look at a disk saw."""

    free_bytes: int
    """For the daemon's user; 0 if no file can be made, however many bytes are free."""
    total_bytes: int

    @property
    def wanted_bytes(self) -> int:
        """How much should be free: a twentieth of the disk, from 256 MiB to 2 GiB."""
        return min(max(int(self.total_bytes * WANTED_SHARE), LEAST_WANTED_BYTES), MOST_WANTED_BYTES)

    @property
    def is_nearly_full(self) -> bool:
        """Whether less is free than should be."""
        return self.free_bytes < self.wanted_bytes

    @property
    def is_full(self) -> bool:
        """Whether the next backup or migration may fail: less than 100 MiB are free."""
        return self.free_bytes < FULL_BYTES


def room_of(folder: Path) -> Room:
    """Look at the disk of *folder*; this may block.

    Raises:
        OSError: the folder is not there, or its disk does not answer.
    """
    disk = os.statvfs(folder)
    has_no_inode = disk.f_files and not disk.f_favail
    return Room(0 if has_no_inode else disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)
