"""The places of the configuration file and of the control socket, which the daemon and paranadctl must agree on."""

from collections.abc import Mapping
from pathlib import Path

DEFAULT_CONFIG = Path("/etc/paranad/paranad.toml")
DEFAULT_SOCKET = Path("/run/paranad/control.sock")
CONFIG_VARIABLE = "PARANAD_CONFIG"


def config_file(environ: Mapping[str, str], named: Path | None = None) -> Path:
    """Return the configuration file: *named* on the command line, else by `PARANAD_CONFIG`, else the default."""
    return named or Path(environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)
