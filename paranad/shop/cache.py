"""Writes the shop's own file cache: the counts that its pages show, in the form that the shop itself writes.

Source: shop contract, "Cache". The web server's user owns the folder and may put anything there. So no link in it is
followed, and no existing file in it is opened.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from functools import partial
from hashlib import sha1
from pathlib import Path

from anyio import to_thread

from paranad.clock import Clock
from paranad.php import write
from paranad.said import Said, Sentence

Value = int | float | Mapping[str, "Value"]
"""A number, or numbers by name."""

FOLDER_MODE, FILE_MODE = 0o775, 0o664
"""Owner and group may replace a file; its group is that of the cache's folder."""
NOT_IN_GROUP = Sentence(
    "shop.cache_group",
    "the shop's cache: {path}: it cannot have the group of the cache's folder; put paranad's user into that group, and"
    " chmod g+s",
)
NOT_WRITABLE = Sentence(
    "shop.cache_not_writable",
    "the shop's cache: {path}: {detail}; let paranad's user write there, and in what the shop makes there later"
    " (setfacl, with a default entry)",
)
NOT_WRITTEN = Sentence("shop.cache_not_written", "the shop's cache: {path}: {detail}")


class _NotInGroup(PermissionError):
    """A file of the cache cannot have the group that the others have."""


class ShopCache:
    """The file cache under *directory*; None: every method does nothing."""

    def __init__(self, directory: Path | None, clock: Clock) -> None:
        self.directory, self.clock = directory, clock

    async def publish(self, values: Mapping[str, Value], ttl: timedelta) -> dict[str, Said]:
        """Write *values*, each under its key for *ttl*; return, by key, why a value could not be written."""
        writes = {key: partial(self.put, key, value, ttl) for key, value in values.items()}
        return await to_thread.run_sync(_each, writes)

    async def forget(self, keys: Iterable[str]) -> dict[str, Said]:
        """Delete the values under *keys*; return, by key, why one could not be deleted."""
        return await to_thread.run_sync(_each, {key: partial(self._drop, key) for key in keys})

    def put(self, key: str, value: Value, ttl: timedelta) -> None:
        """Write *value* under *key* for *ttl*; a reader sees the old file or the new one, never a part.

        Raises:
            OSError: it could not be written; the old file stays.
        """
        if self.directory is None:
            return
        name, expires_at_s = _hashed(key), int((self.clock.now() + ttl).timestamp())
        content = f"{expires_at_s:010d}{write(value)}".encode()
        with self._folder(name, make=True) as (folder, group):
            _replace(name, content, folder, group)

    def _drop(self, key: str) -> None:
        name = _hashed(key)
        with suppress(FileNotFoundError), self._folder(name, make=False) as (folder, _):
            os.unlink(name, dir_fd=folder)

    @contextmanager
    def _folder(self, name: str, *, make: bool) -> Iterator[tuple[int, int]]:
        """Give the open folder of the file *name*, and the group that everything in the cache has."""
        if self.directory is None:
            raise FileNotFoundError
        path = self.directory
        try:
            with ExitStack() as opened:
                at = opened.enter_context(_opened(str(path)))
                group = os.fstat(at).st_gid
                for part in (name[:2], name[2:4]):
                    if make:
                        _make(part, at, group)
                    at = opened.enter_context(_opened(part, at, os.O_NOFOLLOW))
                    path /= part
                yield at, group
        except OSError as error:
            if isinstance(error.filename, str):
                error.filename = str(path / error.filename)
            raise


def _hashed(key: str) -> str:
    return sha1(key.encode(), usedforsecurity=False).hexdigest()


def _each(works: Mapping[str, Callable[[], None]]) -> dict[str, Said]:
    """Do each of *works*; return, by key, why one failed."""
    failed = {}
    for key, work in works.items():
        try:
            work()
        except OSError as error:
            failed[key] = _reason(error, str(error.filename or key))
    return failed


def _reason(error: OSError, path: str) -> Said:
    if isinstance(error, _NotInGroup):
        return NOT_IN_GROUP(path=path)
    sentence = NOT_WRITABLE if error.errno == errno.EACCES else NOT_WRITTEN
    return sentence(path=path, detail=error.strerror or str(error))


@contextmanager
def _opened(name: str, at: int | None = None, flags: int = 0) -> Iterator[int]:
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | flags, dir_fd=at)
    try:
        yield folder
    finally:
        os.close(folder)


def _make(name: str, at: int, group: int) -> None:
    """Make the folder *name* for the web server's user too, unless it is there."""
    try:
        # Closed to others until its group is right: they could put a link into it meanwhile.
        os.mkdir(name, 0o700, dir_fd=at)
    except FileExistsError:
        return
    try:
        with _opened(name, at, os.O_NOFOLLOW) as made:
            _share(made, group, FOLDER_MODE)
    except OSError:
        # A folder that PHP could not write would make the shop's own pages fail.
        os.rmdir(name, dir_fd=at)
        raise


def _replace(name: str, content: bytes, folder: int, group: int) -> None:
    temporary = f".{name}.paranad"
    _remove(temporary, folder)  # left by a crash, or a link that somebody put there
    try:
        new = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        with os.fdopen(new, "wb") as file:
            file.write(content)
            _share(new, group, FILE_MODE)  # before it has its name, so that no reader meets it closed
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        _remove(temporary, folder)


def _remove(name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _share(file: int, group: int, mode: int) -> None:
    """Let the group of the cache read and replace *file*."""
    made = os.fstat(file)
    if made.st_gid != group:
        try:
            os.fchown(file, -1, group)
        except PermissionError as error:
            raise _NotInGroup(error.errno, error.strerror) from error
    os.fchmod(file, mode | made.st_mode & stat.S_ISGID)
