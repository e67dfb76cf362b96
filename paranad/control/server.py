"""Serves the control API on a Unix socket, in the daemon's event loop."""

import asyncio
import os
import socket
from functools import partial
from pathlib import Path
from typing import cast

from starlette.types import ASGIApp

from paranad.control.connections import AT_ONCE, Connections, PeerProtocol, most_connections
from paranad.control.stream import Stream
from paranad.errors import ConfigurationError, WrongSetting
from paranad.events.event import Events
from paranad.numbers import SOCKET_PATH_BYTES
from paranad.serving import Config, Server

GRACE_S = 3
"""How long a stop waits for requests that are under way."""
BACKLOG = 1024
"""How many callers may wait to be accepted."""


def bind(path: Path) -> socket.socket:
    """Bind the control socket, mode 0660 from the start; replace the socket of a daemon that is gone.

    Call it under the state lock, which proves that no other daemon of this state directory lives.

    Raises:
        ConfigurationError: the path is too long, or not ours to use.
    """
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise wrong_socket(f'expected a path of at most {SOCKET_PATH_BYTES} bytes, got "{path}"; choose a shorter one')
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        remove_stale(path)
        return bound(path)
    except OSError as error:
        raise wrong_socket(
            f"expected to make {path}, got: {error.strerror}; choose a folder this user may write"
        ) from error


def bound(path: Path) -> socket.socket:
    """Return a socket bound to *path*; until its mode is set, only its owner may open it."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # `bind` makes the file; with a mode of the umask's another user could connect before `chmod` closes it.
    before = os.umask(0o177)
    try:
        control.bind(str(path))
        path.chmod(0o660)
    except BaseException:
        control.close()
        raise
    finally:
        os.umask(before)
    return control


def remove_stale(path: Path) -> None:
    """Remove the socket at *path* if no process listens on it.

    Raises:
        ConfigurationError: a process listens, or it is no socket.
    """
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise wrong_socket(f"expected no file or an old socket at {path}, got something else; remove it")
    if listens(path):
        raise wrong_socket(f"{path} is another daemon's, which still listens; stop that one, or choose another path")
    path.unlink()


def listens(path: Path) -> bool:
    """Tell whether a process accepts connections on *path*."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except BlockingIOError:  # its backlog is full: it listens, and is busy
            return True
        return True


def wrong_socket(message: str) -> ConfigurationError:
    """Say what is wrong with the socket's path."""
    return ConfigurationError([WrongSetting("", "[daemon] socket", message)])


class Uvicorn(Server):
    """The server of the control socket, which says when it listens."""

    def __init__(self, config: Config, connections: Connections) -> None:
        super().__init__(config)
        self.connections = connections
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            # asyncio takes one number for how many it accepts in a turn and for how many may wait.
            listening.listen(BACKLOG)

    async def main_loop(self) -> None:
        self.listening.set()
        with self.connections.heard_in(asyncio.get_running_loop()):
            await super().main_loop()


class ControlServer:
    """The control API's life: socket bound, served, stopped, socket removed."""

    def __init__(self, app: ASGIApp, path: Path, stream: Stream, events: Events) -> None:
        self.path, self.stream = path, stream
        connections = Connections(most_connections(), stream.clock, events)
        self.ended = asyncio.Event()
        self.ended.set()
        self.uvicorn = Uvicorn(configuration(app, connections), connections)

    @property
    def started(self) -> asyncio.Event:
        """Set once the socket listens."""
        return self.uvicorn.listening

    async def serve(self) -> None:
        """Listen and answer until `stop`.

        Raises:
            ConfigurationError: the socket cannot be made.
        """
        control = bind(self.path)
        self.ended.clear()
        try:
            await self.uvicorn.serve([control])
        finally:
            # A cancelled uvicorn leaves its servers: the loop would go on to accept from the closed socket.
            for server in self.uvicorn.servers:
                server.close()
            control.close()
            self.path.unlink(missing_ok=True)
            # uvicorn has waited GRACE_S: a connection whose client does not read its answer is still open.
            self._break_off()
            self.ended.set()

    async def stop(self) -> None:
        """End `serve` and wait until it has ended: event streams end at once, running requests within some seconds."""
        await self.stream.stop()
        self.uvicorn.stopping.set()
        await self.ended.wait()

    def _break_off(self) -> None:
        for connection in tuple(self.uvicorn.server_state.connections):
            connection.transport.abort()


def configuration(app: ASGIApp, connections: Connections) -> Config:
    """Return uvicorn's settings: httptools, no lifespan, no log lines of its own."""
    protocol = partial(PeerProtocol, connections)
    return Config(
        app,
        http=cast("type[asyncio.Protocol]", protocol),
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        log_level="critical",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=AT_ONCE,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_S,
    )
