"""A MariaDB server of the session's own: its own folder, its own socket, no network; gone when the session ends."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

SCHEMA = Path(__file__).with_name("shop.mysql.sql")
"""The tables as the shop's migrations leave them."""
USER, PASSWORD = "shop", "pass@5ecret/word سر"
PATHS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
QUICK = (
    "--skip-networking",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=nosync",
    "--skip-innodb-doublewrite",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--lock-wait-timeout=20",
)
"""No test cuts the power; what is kept of durability is that a killed server recovers. No wait for a table is a day."""
AS_THE_SHOPS = ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--default-time-zone=+03:00")

TABLES = """
SELECT table_name FROM information_schema.tables WHERE table_schema = database()
UNION SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = database()
ORDER BY 1
"""
AS_ONE = "--init-command=SET foreign_key_checks = 0, lock_wait_timeout = 5, autocommit = 0"
END = "that is all"


def program(*names: str) -> str | None:
    """Return the path of the first of *names* that is installed."""
    return next(filter(None, (shutil.which(name, path=PATHS) for name in names)), None)


def is_installed() -> bool:
    return all((program("mariadbd", "mysqld"), program("mariadb-install-db"), program("mariadb", "mysql")))


class MariaDb:
    """A server that is started and stopped as a test needs it; what it holds stays in between."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "s.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self._tables: dict[str, list[str]] = {}
        self._emptying: dict[str, subprocess.Popen[str]] = {}
        """The client that empties a database, by its name: to start one takes longer than what it does."""

    def install(self) -> None:
        """Make the server's own tables."""
        options = ["--auth-root-authentication-method=normal", "--skip-test-db", *QUICK, *self._options()]
        self._run([program("mariadb-install-db") or "", *options])

    def start(self, *options: str) -> None:
        """Start the server; it listens when this returns. The server ends when this process does."""
        end_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        server = [program("mariadbd", "mysqld") or "", *self._options(), *QUICK, *AS_THE_SHOPS, *options]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, (self.folder / "log").open("ab") as log:
            ready.bind(str(self.folder / "ready"))
            ready.settimeout(60)
            told_at = {**os.environ, "NOTIFY_SOCKET": str(self.folder / "ready")}
            self.process = subprocess.Popen([*end_with_us, *server], stdout=log, stderr=log, env=told_at)
            while b"READY=1" not in ready.recv(4096):
                pass
        (self.folder / "ready").unlink()

    def stop(self) -> None:
        """Kill the server; what was committed is recovered at the next start."""
        for name in tuple(self._emptying):
            self._give_up(name)
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.path.unlink(missing_ok=True)

    def query(self, sql: str, database: str = "") -> list[str]:
        """Run *sql* as the server's root; return what it answers, a line each."""
        return self._run(self._client(database), sql).splitlines()

    def make_database(self, name: str, *, charset: str = "utf8mb4 COLLATE utf8mb4_unicode_ci") -> str:
        """Make the database *name* anew with the shop's tables, all empty; return its URL."""
        self._give_up(name)
        self.query(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET {charset}")
        self.query(SCHEMA.read_text(encoding="utf-8"), name)
        self.query(f"GRANT ALL ON {name}.* TO '{USER}'@'localhost' IDENTIFIED BY '{PASSWORD}'")
        self._tables[name] = self.query(TABLES, name)
        return self.url(name)

    def empty_database(self, name: str) -> str:
        """Empty the tables of the database *name*; return its URL. Ids go on: to begin anew costs 20 ms a table."""
        tables = self._tables.get(name, [])
        left = self._emptied(name, tables) if tables else []
        return self.url(name) if left and left == tables else self.make_database(name)

    def _emptied(self, name: str, tables: Sequence[str]) -> list[str]:
        """Empty *tables* of the database *name*; return which there are, none where a test took one away."""
        client = self._emptying[name] = self._emptying.get(name) or subprocess.Popen(
            [*self._client(name), "--unbuffered", AS_ONE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert client.stdin
        assert client.stdout
        deletions = "".join(f"DELETE FROM {table};" for table in tables)
        with suppress(BrokenPipeError):
            print(f"{deletions} COMMIT; {TABLES}; COMMIT; SELECT '{END}';", file=client.stdin, flush=True)
        left: list[str] = []
        for line in client.stdout:
            if line.rstrip() == END:
                return left
            left.append(line.rstrip())
        return []  # the client ends at the first error

    def _give_up(self, name: str) -> None:
        """End the client that empties the database *name*."""
        if client := self._emptying.pop(name, None):
            client.kill()
            client.communicate()

    def _client(self, database: str) -> list[str]:
        words = [program("mariadb", "mysql") or "", "--no-defaults", "--user=root", f"--socket={self.path}"]
        return [*words, "--skip-column-names", "--batch", *filter(None, [database])]

    def url(self, name: str, *, password: str = PASSWORD, path: Path | None = None) -> str:
        return f"mysql://{USER}:{quote(password, safe='')}@localhost/{name}?unix_socket={path or self.path}"

    def _options(self) -> Sequence[str]:
        root = ["--user=root"] if os.geteuid() == 0 else []
        data = self.folder / "data"
        return ["--no-defaults", *root, f"--datadir={data}", f"--socket={self.path}", f"--tmpdir={self.folder}"]

    @staticmethod
    def _run(command: Sequence[str], stdin: str = "") -> str:
        ran = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(f"{Path(command[0]).name}: {ran.stderr or ran.stdout}")
        return ran.stdout


class Address:
    """A path that leads to one server after another, as a host's name does."""

    def __init__(self, path: Path, server: MariaDb) -> None:
        self.path, self._first = path, server
        self.lead_to(server)

    def lead_to(self, server: MariaDb) -> None:
        """Let new connections come to *server*."""
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(server.path)

    def url(self, name: str) -> str:
        return self._first.url(name, path=self.path)


@contextmanager
def running_server() -> Iterator[MariaDb]:
    """Run a new server for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="paranad-") as folder:
        server = MariaDb(Path(folder))
        try:
            server.install()
            server.start()
            yield server
        finally:
            server.stop()
