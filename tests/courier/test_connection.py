"""The way to the courier: its name, a connection, its certificate; each is broken once."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from paranad.courier.connection import Host, NoAddress, NoConnection, NotTrusted, address_of, certificate_end, host_of

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
Listening = Callable[..., AbstractAsyncContextManager[tuple[Host, ssl.SSLContext]]]


def certificate(folder: Path, name: str, ends: datetime) -> Path:
    """Write a certificate that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), ends - 90 * DAY, ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}.pem"
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def listening(tmp_path: Path) -> Listening:
    """Listen as localhost with a certificate; give the place, and who trusts it."""

    @asynccontextmanager
    async def listen(
        *, name: str = "localhost", ends: datetime = NOW + 30 * DAY
    ) -> AsyncIterator[tuple[Host, ssl.SSLContext]]:
        file = certificate(tmp_path, name, ends)
        ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        ours.load_cert_chain(file)
        server = await asyncio.start_server(lambda _, writer: writer.close(), "localhost", 0, ssl=ours)
        try:
            port = server.sockets[0].getsockname()[1]
            yield Host("localhost", port, secure=True), ssl.create_default_context(cafile=str(file))
        finally:
            server.close()
            await server.wait_closed()

    return listen


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.alwaseet-iq.net/v1/merchant", Host("api.alwaseet-iq.net", 443, secure=True)),
        ("http://127.0.0.1:8080/v1", Host("127.0.0.1", 8080, secure=False)),
    ],
)
def test_place_is_where_the_address_leads(url: str, place: Host) -> None:
    assert place == host_of(url)


async def test_name_with_an_address() -> None:
    assert await address_of(Host("localhost", 443, secure=True)) in {"127.0.0.1", "::1"}


async def test_name_without_an_address() -> None:
    with pytest.raises(NoAddress):
        await address_of(Host("courier.invalid", 443, secure=True))


async def test_certificate_that_is_good_says_until_when(listening: Listening) -> None:
    async with listening() as (place, trusted):
        assert NOW + 30 * DAY == await certificate_end(place, trusted)


@pytest.mark.parametrize(
    ("wrong", "reason"), [({"ends": NOW - DAY}, "expired"), ({"name": "another.test"}, "localhost")]
)
async def test_certificate_that_proves_nothing_says_why(
    listening: Listening, wrong: dict[str, object], reason: str
) -> None:
    async with listening(**wrong) as (place, trusted):
        with pytest.raises(NotTrusted, match=reason):
            await certificate_end(place, trusted)


async def test_certificate_of_a_stranger_is_not_trusted(listening: Listening) -> None:
    async with listening() as (place, _):
        with pytest.raises(NotTrusted, match="self-signed"):
            await certificate_end(place, ssl.create_default_context())


async def test_server_that_speaks_no_tls_is_not_trusted() -> None:
    def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotTrusted, match="no secure connection"):
            await certificate_end(Host("127.0.0.1", port, secure=True), ssl.create_default_context())
        assert None is await certificate_end(Host("127.0.0.1", port, secure=False), ssl.create_default_context())


async def test_nobody_listens() -> None:
    with pytest.raises(NoConnection):
        await certificate_end(Host("127.0.0.1", 1, secure=True), ssl.create_default_context())
