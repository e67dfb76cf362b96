"""Where the daemon's control socket is, found as the daemon's own configuration says it."""

from collections.abc import Mapping
from pathlib import Path

from paranad.errors import DaemonUnreachable
from paranad.places import CONFIG_VARIABLE, DEFAULT_SOCKET, config_file
from paranad.said import Sentence

NO_CONFIGURATION = Sentence("socket.no_configuration", "{variable} names {file}, and there is no such file")
CORRECT = Sentence(
    "socket.correct_variable", "{reason}; correct the variable or unset it, or name the socket with --socket"
)


def find_socket(asked: str | None, environ: Mapping[str, str]) -> Path:
    """Return the socket's path: *asked*, else the environment's, else the configuration file's, else the default.

    A file that is not readable or not TOML counts as silent, and so does the default one where it is missing:
    `paranad check` speaks of it.

    Raises:
        DaemonUnreachable: the environment names a configuration file that is not there.
    """
    said = asked or environ.get("PARANAD_DAEMON__SOCKET")
    if said:
        return Path(said)
    if environ.get(CONFIG_VARIABLE) and _is_missing(config_file(environ)):
        missing = NO_CONFIGURATION(variable=CONFIG_VARIABLE, file=str(config_file(environ)))
        raise DaemonUnreachable(CORRECT(reason=missing))
    return _configured(config_file(environ))


def _is_missing(file: Path) -> bool:
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # nobody can tell
    return False


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
