"""The connection to the courier, checked step by step: its name, a connection, its certificate. No request is sent."""

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from paranad.record import record
from paranad.said import Said, Sentence


@record
class Host:
    """Where the courier listens."""

    host: str
    port: int
    secure: bool


NOT_SECURE = Sentence("courier.not_secure", "no secure connection ({detail})")


class NotConnected(Exception):
    """There is no way to the courier just now."""

    def __init__(self, reason: Said | str) -> None:
        self.reason = reason
        super().__init__(str(reason))


class NoAddress(NotConnected):
    """The name has no address."""


class NoConnection(NotConnected):
    """No connection came about."""


class NotTrusted(NotConnected):
    """The server did not prove that it is the courier's."""


def host_of(base_url: str) -> Host:
    """Return the host that *base_url* names."""
    parts = urlsplit(base_url)
    secure = parts.scheme == "https"
    return Host(parts.hostname or "", parts.port or (443 if secure else 80), secure)


async def address_of(host: Host) -> str:
    """Return the first address of the courier's name.

    Raises:
        NoAddress: it has none.
    """
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host.host, host.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoAddress(error.strerror or str(error)) from error
    return str(found[0][4][0])


async def certificate_end(host: Host, trusted: ssl.SSLContext) -> datetime | None:
    """Connect, and return until when the courier's certificate is good; None if the connection is not secure.

    Raises:
        NoConnection: no server listens, or none answers.
        NotTrusted: the certificate is not signed by one of *trusted*, for another name, or out of date.
    """
    try:
        _, writer = await asyncio.open_connection(host.host, host.port, ssl=trusted if host.secure else None)
    except ssl.SSLCertVerificationError as error:
        raise NotTrusted(error.verify_message) from error
    except ssl.SSLError as error:  # a server that speaks no TLS, or only an old one
        raise NotTrusted(NOT_SECURE(detail=error.reason or str(error))) from error
    except OSError as error:
        raise NoConnection(error.strerror or str(error)) from error
    try:
        certificate = writer.get_extra_info("peercert") if host.secure else None
        return _end_of(certificate) if certificate else None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _end_of(certificate: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
