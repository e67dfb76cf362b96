"""The addresses of the configuration: the courier's and the shop's database's, what they may be, and what is wrong."""

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

DATABASE_EXAMPLE = "mysql://user:password@localhost/database?unix_socket=/run/mysqld/mysqld.sock"
"""A `database_url` as most shops have it."""
ESCAPED = "in a password there, @ : / # ? % are written %40 %3A %2F %23 %3F %25"
"""What a database's address would take for its own."""
DATABASE_KEY = "[shop] database_url"


class Wrong(ValueError):
    """Why a value cannot be used: a cure of its own, in place of the default's."""

    def __init__(self, cure: str) -> None:
        self.cure = cure
        super().__init__(cure)


def _split(url: str) -> SplitResult:
    if re.search(r"\s", url):
        raise Wrong("take the space out of it")
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError where it is no port
    return parts


def courier_address(url: str) -> str:
    """Return the courier's address as it is used.

    Raises:
        ValueError: it is none.
    """
    parts = _split(url)
    schemes = {"https", "http"} if parts.hostname in {"127.0.0.1", "localhost", "::1"} else {"https"}
    if not parts.hostname or parts.scheme not in schemes or parts.query or parts.fragment:
        raise ValueError(url)
    if "@" in parts.netloc:
        raise Wrong("take the account out of it: username and password have keys of their own")
    return url.rstrip("/")


def database_address(secret: SecretStr) -> SecretStr:
    """Return the address of the shop's database as it is.

    Raises:
        ValueError: it is none; Wrong: and why not.
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


def _has_bare_signs(url: str) -> bool:
    """Tell whether the password in *url* must hold a sign that an address takes for its own."""
    address = url.partition("?unix_socket=/")[0]
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:  # the password ended what should have been the server's name
        return "@" in address
    return address.count("@") > 1 or ("@" in address and "@" not in parts.netloc)


def _way(query: str) -> bool:
    """Tell whether *query* is empty or the server's socket on this machine, and nothing else."""
    return not query or re.fullmatch("unix_socket=/[^&]+", query) is not None
