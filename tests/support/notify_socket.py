"""systemd's own side of NOTIFY_SOCKET."""

import socket
from contextlib import suppress


class Manager:
    """Listens at *address*, a path or an abstract name that begins with `@`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(address.replace("@", "\0", 1))

    def __enter__(self) -> "Manager":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def heard(self) -> list[str]:
        """Return the lines said since the last time."""
        lines: list[str] = []
        with suppress(BlockingIOError):
            while True:
                lines += self.socket.recv(65536).decode().split("\n")
        return lines
