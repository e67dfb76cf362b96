"""HTTP clients of the tests. None of them speaks TLS, and to read the trusted certificates takes 40 ms a client."""

from pathlib import Path
from typing import Any

import httpx

from tests.support.clock import SAFETY_S


def browser(**options: Any) -> httpx.AsyncClient:
    """Return a client over TCP that asks no proxy."""
    return httpx.AsyncClient(verify=False, trust_env=False, **{"timeout": SAFETY_S, **options})


def by_socket(path: Path, base_url: str = "http://localhost", **options: Any) -> httpx.AsyncClient:
    """Return a client of the control API at the socket *path*."""
    transport = httpx.AsyncHTTPTransport(uds=str(path), verify=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url, **{"timeout": SAFETY_S, **options})
