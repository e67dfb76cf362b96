"""Debian's nginx with the snippet that is shipped, etc/nginx/paranad.conf, on a port of this machine."""

import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SNIPPET = Path(__file__).parents[2] / "etc" / "nginx" / "paranad.conf"
PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
WITHOUT_NGINX = "left out: what is tested behind nginx; to have it: apt-get install nginx-light"
HOST = "shop.example.com"
PATIENCE_S = 20
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
user root;
worker_processes 1;
events {{ }}
http {{
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/paranad.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """nginx under way."""

    process: subprocess.Popen[str]
    port: int
    trusting: ssl.SSLContext
    """Trusts its certificate."""

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    def stop(self) -> None:
        """End it in order: its logs are whole then, as it writes a request's line after its answer."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
        _, said = self.process.communicate(timeout=PATIENCE_S)
        assert not {"[emerg]", "[warn]"} & set(said.split()), said


@contextmanager
def bound_port() -> Iterator[socket.socket]:
    """Give a socket that listens already, so that nobody has to wait until nginx does."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@contextmanager
def nginx(folder: Path, bound: socket.socket, page: Path) -> Iterator[Nginx]:
    """Run nginx before the page's socket *page*, on *bound*; its files are in *folder*."""
    port = bound.getsockname()[1]
    write_certificate(folder)
    (folder / "paranad.conf").write_text(snippet(folder, port, page))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    number = bound.fileno()
    process = subprocess.Popen(
        [str(PROGRAM), "-c", str(folder / "nginx.conf")],
        pass_fds=[number],
        env={"NGINX": f"{number};"},  # as a new nginx takes over an old one's sockets
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Nginx(process, port, ssl.create_default_context(cafile=str(folder / "fullchain.pem")))
    try:
        yield server
    finally:
        process.terminate()
        server.stop()


def snippet(folder: Path, port: int, page: Path) -> str:
    """Return the shipped snippet with this test's places; all else stands as it is."""
    text = SNIPPET.read_text("utf-8")
    places = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "    listen [::]:443 ssl;\n": "",
        "/var/log/nginx/": f"{folder}/nginx-",
        "/run/paranad-web/web.sock": str(page),
        f"/etc/letsencrypt/live/{HOST}": str(folder),
    }
    for shipped, here in places.items():
        assert shipped in text
        text = text.replace(shipped, here)
    return text


def write_certificate(folder: Path) -> None:
    """Write a certificate for the snippet's name, signed by itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "privkey.pem").write_bytes(written)
