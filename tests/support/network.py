"""A network of machines on one computer: namespaces with addresses of their own, and cables that can be pulled.

Every machine hangs on the switch of its site, and the switches hang together. The courier has a network of its own, so
that each way can be cut alone: a daemon from its database, a database from the others, a site from the others, a
daemon from the courier.
"""

import asyncio
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000
HERE = "10.77.1.254"
COURIER = "10.77.2.254"
"""Where this process is reached, by databases and daemons, and as the courier."""
WITHOUT_NAMESPACES = "left out: cutting the network; it takes root and a machine that allows network namespaces"


def has_namespaces() -> bool:
    """Tell whether this machine allows what a `Network` is made of."""
    if os.geteuid() or not all(map(shutil.which, ("ip", "nsenter", "unshare"))):
        return False
    trial = "ip link add trial type bridge && ip link add trial0 type veth peer name trial1"
    return subprocess.run(["unshare", "--net", "sh", "-c", trial], capture_output=True, check=False).returncode == 0


@dataclass(frozen=True, slots=True)
class Cable:
    """A way of the network; while it is pulled, what is sent over it is lost without a word."""

    end: str

    async def pull(self) -> None:
        await self._set("down")

    async def put_back(self) -> None:
        await self._set("up")

    async def _set(self, state: str) -> None:
        ip = await asyncio.create_subprocess_exec("ip", "link", "set", self.end, state)
        assert await ip.wait() == 0


@dataclass(frozen=True, slots=True)
class Machine:
    """A place for one program; where there is no network of its own, this computer's loopback."""

    address: str
    inside: Sequence[str] = ()
    """The words before a command that let it run there."""
    cable: Cable | None = None
    courier_cable: Cable | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A database and a daemon beside each other."""

    database: Machine
    daemon: Machine
    cable: Cable | None = None
    """The site's way to the others."""


def sites_on_loopback(count: int) -> list[Site]:
    """Return sites without cables, for a machine that allows no namespaces; each process of the tests has its own."""
    net = f"127.0.{1 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))}"
    return [Site(Machine(f"{net}.{number}"), Machine(f"{net}.{100 + number}")) for number in range(1, count + 1)]


@contextmanager
def network(count: int) -> Iterator[list[Site]]:
    """Let this process live in a network of its own with *count* sites, for the length of a block."""
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    _check(ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET))
    held: list[subprocess.Popen[bytes]] = []
    try:
        _ip("link set lo up")
        for switch, address in (("ways", HERE), ("courier", COURIER)):
            _ip(f"link add {switch} type bridge")
            _ip(f"addr add {address}/24 dev {switch}")
            _ip(f"link set {switch} up")
        yield [_site(number, held) for number in range(1, count + 1)]
    finally:
        for process in held:
            process.kill()
            process.wait()
        _check(ctypes.CDLL(None, use_errno=True).setns(outside, CLONE_NEWNET))
        os.close(outside)


def _site(number: int, held: list[subprocess.Popen[bytes]]) -> Site:
    switch = f"site{number}"
    _ip(f"link add {switch} type bridge")
    _ip(f"link set {switch} up")
    _ip(f"link add up{number} type veth peer name down{number}")
    _ip(f"link set up{number} master ways up")
    _ip(f"link set down{number} master {switch} up")
    database, daemon = _namespace(held), _namespace(held)
    return Site(
        Machine(f"10.77.1.{number}", _inside(database), _plug(database, switch, f"db{number}", f"10.77.1.{number}")),
        Machine(
            f"10.77.1.{100 + number}",
            _inside(daemon),
            _plug(daemon, switch, f"daemon{number}", f"10.77.1.{100 + number}"),
            _plug(daemon, "courier", f"courier{number}", f"10.77.2.{100 + number}"),
        ),
        Cable(f"up{number}"),
    )


def _namespace(held: list[subprocess.Popen[bytes]]) -> int:
    """Start what keeps a new namespace; return its process id."""
    keeper = ["unshare", "--net", "setpriv", "--pdeathsig", "KILL", "sh", "-c", "echo && exec sleep infinity"]
    process = subprocess.Popen(keeper, stdout=subprocess.PIPE)
    assert process.stdout
    with process.stdout:
        process.stdout.readline()
    held.append(process)
    subprocess.run([*_inside(process.pid), "ip", "link", "set", "lo", "up"], check=True)
    return process.pid


def _plug(pid: int, switch: str, end: str, address: str) -> Cable:
    """Put a cable between *switch* and the namespace of *pid*, which gets *address* there."""
    _ip(f"link add {end} type veth peer name {end}-in")
    _ip(f"link set {end}-in netns {pid}")
    _ip(f"link set {end} master {switch} up")
    for words in (f"addr add {address}/24 dev {end}-in", f"link set {end}-in up"):
        subprocess.run([*_inside(pid), "ip", *words.split()], check=True)
    return Cable(end)


def _inside(pid: int) -> list[str]:
    return ["nsenter", f"--net={Path('/proc', str(pid), 'ns', 'net')}"]


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def _check(answer: int) -> None:
    if answer:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
