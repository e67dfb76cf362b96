"""The state directory at a start: its lock, whether a queue.db may be made there, and what is cleared away.

A queue.db that is gone took acknowledged jobs and the shipment journal with it. So an empty one is made only in a
directory that never had any, which its lock and -wal would show, or where a person asks for it.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paranad.errors import StateDamaged, StateLocked
from paranad.said import Sentence

FILE_NAME = "queue.db"
LOCK_NAME = "lock"
MAGIC = b"SQLite format 3\x00"
ROLLBACK = b"\x01\x01"
"""The header's bytes 18 and 19 of a file that has no -wal: a copy that no daemon has opened yet."""


GONE = Sentence(
    "state.lost",
    "{path}: expected the file of an earlier start, which left {left} here, got {got}; nothing is changed: put the "
    "file back, or restore it from a backup; without either, its jobs and its shipment journal are lost: to begin "
    "with an empty queue: paranad run --new-state",
)
LEFT_BOTH = Sentence("state.left_both", "{first} and {second}")
EMPTY_FILE = Sentence("state.empty_file", "an empty file")
NO_FILE = Sentence("state.no_file", "no such file")


def log_of(path: Path) -> Path:
    """Return the path of SQLite's -wal: changes that are not merged into *path* yet."""
    return path.with_name(f"{path.name}-wal")


def index_of(path: Path) -> Path:
    """Return the path of SQLite's -shm: the index of the -wal."""
    return path.with_name(f"{path.name}-shm")


def unfinished(path: Path) -> Path:
    """Return the name under which a new queue.db is made; it stands until the first one is whole."""
    return path.with_name(f"{path.name}.new")


def mark_first_life(path: Path) -> None:
    """Mark a directory that never had a queue.db, before its lock is made: a first start may be killed and repeated."""
    if not _has_content(path) and not log_of(path).exists() and not path.with_name(LOCK_NAME).exists():
        unfinished(path).touch(0o600)


def is_to_be_made(path: Path, *, new_state: bool) -> bool:
    """Tell whether a new queue.db is to be made at *path*; *new_state*: a person asks for one.

    Raises:
        StateDamaged: there was one, and it is gone or empty.
    """
    if _has_content(path):
        unfinished(path).unlink(missing_ok=True)
        return False
    if not unfinished(path).exists() and not new_state:
        raise _gone(path)
    return True


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _gone(path: Path) -> StateDamaged:
    left = [each.name for each in (path.with_name(LOCK_NAME), log_of(path)) if each.exists()]
    both = LEFT_BOTH(first=left[0], second=left[1]) if len(left) == 2 else "".join(left)
    return StateDamaged(GONE(path=str(path), left=both, got=EMPTY_FILE() if path.exists() else NO_FILE()))


def clear_for_new(path: Path) -> None:
    """Clear away what an unfinished start left, and put an earlier file's -wal aside."""
    # An empty queue.db, and the halves of one whose start was killed.
    for each in (path, index_of(path), unfinished(path), log_of(unfinished(path)), index_of(unfinished(path))):
        each.unlink(missing_ok=True)
    if log_of(path).exists():
        _put_aside(path)


def put_in_place(path: Path) -> None:
    """Give the new queue.db, which is whole, its name."""
    unfinished(path).replace(path)
    # Else a power cut could leave a directory in which the new name does not stand.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def put_aside_foreign_log(path: Path) -> None:
    """Rename the -wal of the file that stood here before one was restored: SQLite would replay it into this one."""
    with path.open("rb") as file:
        header = file.read(20)
    if header.startswith(MAGIC) and header[18:20] == ROLLBACK and log_of(path).exists():
        _put_aside(path)


def _put_aside(path: Path) -> None:
    log_of(path).replace(log_of(path).with_name(f"{log_of(path).name}.old"))


def was_left_open(path: Path) -> bool:
    """Tell whether the last daemon did not close the file: then something is left to merge into it."""
    try:
        return log_of(path).stat().st_size > 0
    except FileNotFoundError:
        return False


def remove_copies(folder: Path) -> None:
    """Remove the backups that a daemon was making when it was killed."""
    for each in folder.glob("backup-*.db*"):
        each.unlink(missing_ok=True)


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
