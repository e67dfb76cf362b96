"""sd_notify(3): one datagram of `KEY=VALUE` lines to the socket that systemd names in the environment."""

import socket
from collections.abc import Mapping, Sequence


def address_in(environ: Mapping[str, str]) -> str:
    """Return the address of systemd's socket; empty if systemd did not start this."""
    name = environ.get("NOTIFY_SOCKET", "")
    return f"\0{name[1:]}" if name.startswith("@") else name


def send(address: str, lines: Sequence[str]) -> None:
    """Send *lines* as one message, and do not wait.

    Raises:
        BlockingIOError: systemd is busy.
        OSError: systemd does not listen.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as way:
        way.sendto("\n".join(lines).encode(), address)
