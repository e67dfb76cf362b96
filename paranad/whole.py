"""A file that appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

OWNERS = 0o600


@contextmanager
def written_whole(path: Path, mode: int = OWNERS) -> Iterator[BinaryIO]:
    """Give a file, its owner's alone, that takes *path*'s place with *mode* when the block ends well.

    Raises:
        OSError: it cannot be written; what is at *path* stays.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNERS)
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
