"""httpx without the command line that it brings along, which would load Rich, click and Pygments into the daemon."""

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None: it cannot be imported, which httpx expects

import httpx  # noqa: E402 - only now

__all__ = ["httpx"]
