"""The state lock: what proves that one daemon alone uses the state directory."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paranad.errors import StateLocked
from paranad.store.place import LOCK_NAME


@contextmanager
def state_lock(state_dir: Path) -> Iterator[None]:
    """Hold *state_dir* for this process; the file `lock` in it names its pid. The kernel lets go when the process ends.

    Raises:
        StateLocked: another process holds it.
    """
    descriptor = os.open(state_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, state_dir)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, state_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        raise StateLocked(str(state_dir), _holder(descriptor)) from None


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
