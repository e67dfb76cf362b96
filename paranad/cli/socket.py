"""Where the daemon's control socket is, found as the daemon's own configuration says it."""

from collections.abc import Mapping
from pathlib import Path

DEFAULT_SOCKET = Path("/run/paranad/control.sock")
DEFAULT_CONFIG = Path("/etc/paranad/paranad.toml")


def find_socket(asked: str | None, environ: Mapping[str, str]) -> Path:
    """Return the socket's path: *asked*, else the environment's, else the configuration file's, else the default.

    A file that is missing, not readable or not TOML counts as silent: `paranad check` speaks of it.
    """
    said = asked or environ.get("PARANAD_DAEMON__SOCKET")
    return Path(said) if said else _configured(Path(environ.get("PARANAD_CONFIG") or DEFAULT_CONFIG))


def _configured(config: Path) -> Path:
    try:
        text = config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return DEFAULT_SOCKET
    import tomllib  # noqa: PLC0415 - only where there is a file to read

    try:
        said = tomllib.loads(text)["daemon"]["socket"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return DEFAULT_SOCKET
    return Path(said) if isinstance(said, str) and said else DEFAULT_SOCKET
