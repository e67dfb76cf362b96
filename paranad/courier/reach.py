"""The way to the courier, looked at piece by piece: its name, a connection, its certificate. Nothing is asked of it."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Place:
    """Where the courier listens."""

    host: str
    port: int
    secure: bool


class NoAddress(Exception):
    """The name has no address; the message says why."""


class NoConnection(Exception):
    """No connection came about; the message says why."""


class NotTrusted(Exception):
    """It did not prove who it is; the message says why."""


def place_of(base_url: str) -> Place:
    """Return where *base_url* leads."""
    parts = urlsplit(base_url)
    secure = parts.scheme == "https"
    return Place(parts.hostname or "", parts.port or (443 if secure else 80), secure)


async def address_of(place: Place) -> str:
    """Return the first address of the courier's name.

    Raises:
        NoAddress: it has none.
    """
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoAddress(error.strerror or str(error)) from error
    return str(found[0][4][0])


async def certificate_end(place: Place, trusted: ssl.SSLContext) -> datetime | None:
    """Connect, and return until when the courier's certificate is good; None: the place is not secure.

    Raises:
        NoConnection: nobody listens, or nobody answers.
        NotTrusted: not signed by one of *trusted*, for another name, or out of date.
    """
    try:
        _, writer = await asyncio.open_connection(place.host, place.port, ssl=trusted if place.secure else None)
    except ssl.SSLCertVerificationError as error:
        raise NotTrusted(error.verify_message) from error
    except ssl.SSLError as error:
        raise NotTrusted(f"no secure connection ({error.reason or error})") from error
    except OSError as error:
        raise NoConnection(error.strerror or str(error)) from error
    try:
        certificate = writer.get_extra_info("peercert") if place.secure else None
        return _end_of(certificate) if certificate else None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _end_of(certificate: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
