"""Nodes of a Galera cluster, each a MariaDB server with a folder and an address of its own; or one server alone."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from tests.support.mariadb import AS_THE_SHOPS, PASSWORD, SCHEMA, USER, is_installed, program
from tests.support.network import Machine

PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
WITHOUT_GALERA = (
    "left out: what is tested on a Galera cluster; to have it: apt-get install mariadb-server galera-4 rsync iproute2"
)
ACCOUNT = "mysql"
"""Whose the servers are where root starts them: rsync, which copies a node's data, gives up root's rights."""
DATABASE = "shop"
PATIENCE_S = 120.0
QUICK = (
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--max-connections=80",
    "--skip-name-resolve",
)
AS_GALERA_NEEDS = ("--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", "--wsrep-sst-method=rsync")
POSITION = re.compile(r"Recovered position:?\s*([0-9a-f-]{36}:-?\d+)")


def has_galera() -> bool:
    """Tell whether the servers, the provider and what copies a node's data are installed."""
    return is_installed() and PROVIDER.exists() and all(map(shutil.which, ("rsync", "ip", "setpriv")))


class Node:
    """One node; killed and started again, it catches up from the others."""

    def __init__(self, folder: Path, machine: Machine, cluster: Sequence[str]) -> None:
        """Prepare a node of *cluster*, the nodes' addresses; a node alone is a plain server without Galera."""
        self.folder, self.machine, self.cluster = folder, machine, cluster
        self.path = folder / "s.sock"
        self.is_alone = len(cluster) == 1
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return self.machine.address

    @property
    def url(self) -> str:
        """The shop's database on this node."""
        return f"mysql://{USER}:{quote(PASSWORD, safe='')}@{self.address}:3306/{DATABASE}"

    def install(self) -> None:
        """Make the server's own tables; the other nodes get theirs from the first."""
        (self.folder / "data").mkdir(parents=True)
        if not os.geteuid():
            for path in (self.folder, self.folder / "data"):
                shutil.chown(path, ACCOUNT, ACCOUNT)
        if self.cluster[0] == self.address:
            words = [program("mariadb-install-db") or "", *self._options()]
            words += ["--auth-root-authentication-method=normal", "--skip-test-db"]
            subprocess.run([*self._as_account(), *words], check=True, capture_output=True)

    def start(self, *options: str) -> None:
        """Start the server; `ready` waits until it is one of the cluster. It ends when this process does."""
        position = [f"--wsrep-start-position={found}"] if (found := self._recovered()) else []
        galera = [] if self.is_alone else [*self._galera(), *position, *options]
        inside = [*self.machine.inside, *self._as_account()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*inside, *self._server(), f"--bind-address={self.address}", "--port=3306", *galera],
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> None:
        """Wait until the node takes work."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.is_ready():
                assert self.process is None or self.process.poll() is None, f"{self.folder / 'log'}: it has ended"
                await asyncio.sleep(0.1)

    async def is_ready(self) -> bool:
        if not self.path.exists():
            return False
        return bool(await self.query("SELECT 1")) if self.is_alone else await self.status("wsrep_ready") == "ON"

    async def status(self, name: str) -> str:
        """Return one value of the node's status; empty: it does not answer."""
        return (await self.query(f"SHOW STATUS LIKE '{name}'")).partition("\t")[2].strip()

    async def query(self, sql: str, database: str = "") -> str:
        """Return what the node answers to root, empty after an error."""
        words = [program("mariadb", "mysql") or "", "--no-defaults", "--user=root", f"--socket={self.path}"]
        client = await asyncio.create_subprocess_exec(
            *words,
            "--skip-column-names",
            "--batch",
            *filter(None, [database]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        out, _ = await client.communicate(sql.encode())
        return out.decode() if client.returncode == 0 else ""

    def kill(self) -> None:
        """End the server at once, as a power cut does."""
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.path.unlink(missing_ok=True)

    def _recovered(self) -> str | None:
        """Return what the node has, as its own recovery finds it after a crash; None: it has nothing yet."""
        if not (self.folder / "data" / "grastate.dat").exists():
            return None
        words = [*self._as_account(), *self._server(), "--wsrep-recover", "--skip-networking"]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        found = POSITION.search(said.stdout + said.stderr)
        return found[1] if found else None

    def _server(self) -> list[str]:
        return [program("mariadbd", "mysqld") or "", *self._options(), *QUICK, *AS_THE_SHOPS]

    def _galera(self) -> list[str]:
        here = f"gmcast.listen_addr=tcp://{self.address}:4567;ist.recv_addr={self.address}:4568"
        return [
            *AS_GALERA_NEEDS,
            f"--wsrep-provider={PROVIDER}",
            f"--wsrep-provider-options=gcache.size=32M;{here}",
            f"--wsrep-cluster-address=gcomm://{','.join(self.cluster)}",
            f"--wsrep-node-address={self.address}",
            f"--wsrep-node-name={self.folder.name}",
            f"--wsrep-sst-receive-address={self.address}:4444",
        ]

    def _options(self) -> list[str]:
        where = f"--datadir={self.folder / 'data'}", f"--tmpdir={self.folder}", f"--pid-file={self.folder / 'pid'}"
        return ["--no-defaults", f"--socket={self.path}", *where]

    @staticmethod
    def _as_account() -> list[str]:
        account = [] if os.geteuid() else ["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups"]
        return ["setpriv", *account, "--pdeathsig", "KILL"]


class Cluster:
    """The nodes together."""

    def __init__(self, folder: Path, machines: Sequence[Machine]) -> None:
        folder.chmod(0o711)  # the servers' account reaches its folders
        addresses = [machine.address for machine in machines]
        self.nodes = [Node(folder / f"node{number}", machine, addresses) for number, machine in enumerate(machines, 1)]

    async def start(self) -> None:
        """Make the cluster, one node after another, with the shop's tables in it."""
        for node in self.nodes:
            node.install()
            node.start(*(["--wsrep-new-cluster"] if node is self.nodes[0] else []))
            await node.ready()
        await self.empty()

    async def empty(self) -> None:
        """Make the shop's database anew, all its tables empty."""
        await self.nodes[0].query(f"DROP DATABASE IF EXISTS {DATABASE}")
        await self.nodes[0].query(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        await self.nodes[0].query(SCHEMA.read_text(encoding="utf-8"), DATABASE)
        await self.nodes[0].query(f"GRANT ALL ON {DATABASE}.* TO '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    async def are(self, count: int) -> None:
        """Wait until *count* nodes that take work see each other."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._together() != count:  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(0.1)

    async def _together(self) -> int:
        ready = [node for node in self.nodes if node.process and await node.is_ready()]
        sizes = {await node.status("wsrep_cluster_size") for node in ready}
        return len(ready) if sizes == {str(len(ready))} or len(self.nodes) == 1 else 0
