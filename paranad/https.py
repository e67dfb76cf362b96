"""HTTPS as the daemon speaks it: the library, loaded once and lean, its clients, the certificates that are trusted."""

import logging
import ssl
from functools import cache, partial
from typing import Any

from anyio.to_thread import run_sync

from paranad.lean import without

# httpx without the command line that it brings along, which would load Rich, click and Pygments into the daemon.
without("httpx._main")

import httpx  # noqa: E402 - only now

__all__ = ["client", "httpx", "silence", "trusted"]


async def client(**options: Any) -> httpx.AsyncClient:
    """Return a client that trusts `trusted` alone, and neither follows a redirect nor asks the environment.

    It is made in a thread: the first one loads the other half of the library as well, 50 ms in all.

    Raises:
        OSError: the certificates cannot be read.
    """
    return await run_sync(partial(_client, options))


def _client(options: dict[str, Any]) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=trusted(), trust_env=False, follow_redirects=False, **options)


@cache
def trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once: call it in a thread."""
    return httpx.create_ssl_context(verify=True, trust_env=False)


def silence() -> None:
    """Keep httpx from logging addresses: they may hold a token."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
