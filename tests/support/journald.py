"""A datagram socket in the place of systemd's journal, and what of it systemd 254 and later would keep."""

import fcntl
import mmap
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

NAME = re.compile(rb"[A-Z0-9][A-Z0-9_]{0,63}")
PATIENCE_S = 10.0
SEALED = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL

Entry = dict[str, str]


class Journald:
    """The journal's own side of the socket at *path*; it reads only when asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = 0
        """How many of the pieces came as a sealed file."""
        self.listen()

    def __enter__(self) -> "Journald":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def listen(self) -> None:
        """Begin, or begin again after `leave`: what was not read is gone with the old socket."""
        self.path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.settimeout(PATIENCE_S)

    def leave(self) -> None:
        """End, as a journal that restarts does."""
        self._socket.close()

    def piece(self) -> bytes:
        """Wait for one datagram, or for the file it carries, and return what it holds."""
        data, descriptors, _, _ = socket.recv_fds(self._socket, 1 << 20, 1)
        if not descriptors:
            return data
        self.files += 1
        assert b"" == data
        try:
            assert SEALED == fcntl.fcntl(descriptors[0], fcntl.F_GET_SEALS), "the journal takes no file that can change"
            with mmap.mmap(descriptors[0], 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE) as mapped:
                return bytes(mapped)
        finally:
            os.close(descriptors[0])

    def entries(self) -> list[Entry]:
        """Return the entries that are there, without waiting."""
        self._socket.settimeout(0)
        found: list[Entry] = []
        try:
            while True:
                found.append(kept(self.piece()))
        except BlockingIOError:
            return found
        finally:
            self._socket.settimeout(PATIENCE_S)


def kept(piece: bytes) -> Entry:
    """Read the entry of *piece*; what comes after an empty line is dropped in silence, as systemd 254 and later do.

    A field that comes again, or is none, is an error.
    """
    found: Entry = {}
    for name, value in _fields(piece):
        if not name:
            break
        assert NAME.fullmatch(name), name
        assert name.decode() not in found, name
        found[name.decode()] = value.decode()
    return found


def _fields(rest: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give names and values; an empty name where one entry ends and another begins."""
    while rest:
        line, newline, rest = rest.partition(b"\n")
        assert newline, "the last field has no end"
        name, equals, value = line.partition(b"=")
        if line and not equals:
            size, rest = int.from_bytes(rest[:8], "little"), rest[8:]
            value, end, rest = rest[:size], rest[size : size + 1], rest[size + 1 :]
            assert b"\n" == end
        yield name, value
