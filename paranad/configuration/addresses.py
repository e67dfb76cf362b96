"""What the addresses of the courier, of the shop's database and of the heartbeat may be; and what is wrong with one."""

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

DATABASE_EXAMPLE = "mysql://user:password@localhost/database?unix_socket=/run/mysqld/mysqld.sock"
"""A `database_url` such as most shops have."""
ESCAPED = "in a password there, @ : / # ? % are written %40 %3A %2F %23 %3F %25"
"""The cure for a password whose signs an address would read as its own."""
DATABASE_KEY = "[shop] database_url"
THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class Wrong(ValueError):
    """A value cannot be used, and its cure is better than an example of a good value."""

    def __init__(self, cure: str) -> None:
        self.cure = cure
        super().__init__(cure)


def _split(url: str) -> SplitResult:
    if re.search(r"\s", url):
        raise Wrong("take the space out of it")
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError if it is no port
    return parts


def courier_address(url: str) -> str:
    """Return the courier's address without a slash at its end.

    Raises:
        ValueError: it is no such address.
        Wrong: the same, with a cure.
    """
    parts = _split(url)
    schemes = {"https", "http"} if parts.hostname in THIS_MACHINE else {"https"}
    if not parts.hostname or parts.scheme not in schemes or parts.query or parts.fragment:
        raise ValueError(url)
    if "@" in parts.netloc:
        raise Wrong("take the account out of it: username and password have keys of their own")
    return url.rstrip("/")


def database_address(secret: SecretStr) -> SecretStr:
    """Return *secret* if it is the address of a database, or empty.

    Raises:
        ValueError: it is no such address.
        Wrong: the same, with a cure.
    """
    url = secret.get_secret_value()
    if url.startswith("mysql:") and _has_bare_signs(url):
        raise Wrong(ESCAPED)
    parts = _split(url)
    is_file = parts.scheme == "sqlite" and not parts.netloc and re.fullmatch("//.*[^/]", parts.path)
    is_server = parts.scheme == "mysql" and parts.hostname and re.fullmatch("/.+", parts.path) and _way(parts.query)
    if secret and not (is_file or is_server):
        raise ValueError(parts.scheme)
    return secret


def heartbeat_address(secret: SecretStr) -> SecretStr:
    """Return *secret* if it is an address that a heartbeat may go to, or empty.

    Raises:
        ValueError: it is no such address.
        Wrong: the same, with a cure.
    """
    parts = _split(secret.get_secret_value())
    if not secret:
        return secret
    if "@" in parts.netloc:
        raise Wrong("take user and password out of it: such a service knows you by the address alone")
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
        raise Wrong("write https: the address is a secret, and http shows it to every network on the way")
    if not parts.hostname or parts.scheme not in {"https", "http"} or parts.fragment:
        raise ValueError(parts.scheme)
    return secret


def _has_bare_signs(url: str) -> bool:
    """Tell whether the password in *url* holds a sign that must be written `%40` or so."""
    address = url.partition("?unix_socket=/")[0]
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:  # a sign of the password was read as the end of the server's name
        return "@" in address
    return address.count("@") > 1 or ("@" in address and "@" not in parts.netloc)


def _way(query: str) -> bool:
    """Tell whether *query* is empty or the server's socket on this machine, and nothing else."""
    return not query or re.fullmatch("unix_socket=/[^&]+", query) is not None
