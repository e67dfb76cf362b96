"""HTTPS as the daemon speaks it: the library, loaded once and lean, and the certificates that are trusted."""

import logging
import ssl
import sys
from functools import cache

# httpx without the command line that it brings along, which would load Rich, click and Pygments into the daemon.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None: it cannot be imported, which httpx expects

import httpx  # noqa: E402 - only now

__all__ = ["httpx", "silence", "trusted"]


@cache
def trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once: reading them takes 50 ms."""
    return httpx.create_ssl_context(verify=True, trust_env=False)


def silence() -> None:
    """Keep httpx from logging addresses: they may hold a token."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
