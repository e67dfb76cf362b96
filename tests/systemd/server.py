"""A shop's server: the machine with paranad, a MariaDB and the courier's sandbox, and what an operator does there."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.mariadb import AS_THE_SHOPS, QUICK
from tests.systemd.machine import Answered, Machine

ROOT = Path(__file__).parents[2]
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
CHECKOUT, WHEELS = "/srv/paranad", "/srv/wheels"
INSIDE = f"{CHECKOUT}/tests/systemd/inside"
PYTHON = "/opt/paranad/current/bin/python -IB"
CREDENTIALS = "/etc/paranad/credentials"
CONFIGURATION = "/etc/paranad/paranad.toml"
DROP_INS = "/etc/systemd/system/paranad.service.d"
PASSWORD, DATABASE_PASSWORD = "sandbox-only", "pass-5ecret-word"
DATABASE_SOCKET = "/run/mariadb/s.sock"
DATA = "--no-defaults --user=root --datadir=/var/lib/shop"
DATABASE = f"""
[Service]
Type=notify
RuntimeDirectory=mariadb
ExecStartPre=mariadb-install-db {DATA} {" ".join(QUICK)}
ExecStart=mariadbd {DATA} --socket={DATABASE_SOCKET} {" ".join((*QUICK, *AS_THE_SHOPS))}
"""
COURIER = f"""
[Service]
RuntimeDirectory=courier
ExecStart={PYTHON} {INSIDE}/courier.py
"""
PATIENCE_S = 60
THE_BEGINNING = "@0"


@dataclass(frozen=True, slots=True)
class Server:
    """The server, by its shell."""

    machine: Machine

    def run(self, command: str, *, patience_s: float = 120) -> Answered:
        return self.machine.run(command, patience_s=patience_s)

    def sure(self, command: str, *, patience_s: float = 120) -> str:
        return self.machine.sure(command, patience_s=patience_s)

    def make(self, target: str, *, tree: str = CHECKOUT, **variables: str) -> Answered:
        """Run `make TARGET` in a checkout, offline unless *variables* say otherwise."""
        given = " ".join(f"{name}={value}" for name, value in ({"WHEELS": WHEELS} | variables).items())
        return self.run(f"cd {tree} && make {target} {given}")

    def show(self, name: str, unit: str = "paranad.service") -> str:
        """Return one property of a unit."""
        return self.sure(f"systemctl show --property={name} --value {unit}")

    def now(self) -> str:
        """Return this moment, for `seen` and `entries`."""
        return self.sure("date +@%s.%6N")

    def seen(self, since: str, **fields: str) -> dict[str, Any]:
        """Wait until the daemon has told an event with these *fields* after *since*; return the journal's entry."""
        matches = " ".join(f"PARANAD_{name.upper()}={value}" for name, value in fields.items())
        return self._first(since, matches, ".")

    def said(self, since: str, unit: str, words: str) -> None:
        """Wait until *unit* has written *words* after *since*."""
        self._first(since, f"_SYSTEMD_UNIT={unit}", words)

    def _first(self, since: str, matches: str, words: str) -> dict[str, Any]:
        follow = f"journalctl --follow --no-tail --output=json --all --since={since} {matches}"
        wait = f"timeout {PATIENCE_S} grep --max-count=1 '{words}' <&3; found=$?; kill $!; exit $found"
        entry: dict[str, Any] = json.loads(self.sure(f"exec 3< <(exec {follow}); {wait}"))
        return entry

    def entries(self, since: str, *matches: str) -> list[dict[str, Any]]:
        """Return the journal's entries after *since* that have all *matches*."""
        told = f"journalctl --sync && journalctl --output=json --all --since={since} {' '.join(matches)}"
        return [json.loads(line) for line in self.sure(told).splitlines()]

    def ctl(self, command: str) -> Any:
        """Return what `paranadctl COMMAND --json` answers."""
        return json.loads(self.sure(f"paranadctl {command} --json"))

    def query(self, sql: str) -> list[str]:
        """Ask the shop's database; return a line for each row."""
        return self.sure(
            f'mariadb --no-defaults --socket={DATABASE_SOCKET} --batch --skip-column-names shop -e "{sql}"'
        ).splitlines()

    def courier(self) -> dict[str, Any]:
        """Return what the courier holds."""
        state: dict[str, Any] = json.loads(self.sure("cat /run/courier/state.json"))
        return state

    def program(self, path: str, text: str) -> None:
        """Write a program."""
        self.machine.write(path, text)
        self.sure(f"chmod 755 {path}")

    def hold_courier(self) -> None:
        """Let the courier do what it is asked, and answer nothing."""
        self.sure("systemctl kill --signal=SIGUSR1 courier")

    def release_courier(self) -> None:
        self.sure("systemctl kill --signal=SIGUSR2 courier")

    def release_courier_when(self, event: str) -> None:
        """Release it as soon as the daemon tells *event* anew, without waiting for that here."""
        told = f"journalctl --follow --lines=0 --output=cat PARANAD_EVENT={event}"
        self.sure(f"systemd-run --quiet bash -c 'read -r < <({told}) && systemctl kill --signal=SIGUSR2 courier'")

    def drop_in(self, name: str, text: str) -> None:
        """Add to paranad.service; empty: no more."""
        if text:
            self.machine.write(f"{DROP_INS}/{name}.conf", f"[Service]\n{text}\n")
        else:
            self.sure(f"rm {DROP_INS}/{name}.conf && rmdir --ignore-fail-on-non-empty {DROP_INS}")
        self.sure("systemctl daemon-reload")

    def give_neighbours(self) -> list[int]:
        """Start the shop's database and the courier, and give the service its credentials; return the shop's orders."""
        self.machine.write("/etc/systemd/system/mariadb.service", DATABASE)
        self.machine.write("/etc/systemd/system/courier.service", COURIER)
        self.sure("systemctl daemon-reload && systemctl start mariadb courier")
        self.sure(f"mariadb --no-defaults --socket={DATABASE_SOCKET} -e 'CREATE DATABASE shop CHARACTER SET utf8mb4'")
        self.sure(f"mariadb --no-defaults --socket={DATABASE_SOCKET} shop <{CHECKOUT}/tests/support/shop.mysql.sql")
        self.query(f"GRANT ALL ON shop.* TO shop@localhost IDENTIFIED BY '{DATABASE_PASSWORD}'")
        self.keep("shop/database_url", f"mysql://shop:{DATABASE_PASSWORD}@localhost/shop?unix_socket={DATABASE_SOCKET}")
        self.keep("courier/username", "parana")
        self.keep("courier/password", PASSWORD)
        return [int(order) for order in self.sure(f"{PYTHON} {INSIDE}/shop.py seed").split()]

    def keep(self, credential: str, value: str) -> None:
        """Write a credential as an operator does."""
        self.machine.write(f"{CREDENTIALS}/{credential}", f"{value}\n")

    def place(self, *orders: int) -> None:
        """Let the shop ask for the shipments of *orders*, in its own `jobs` table."""
        self.sure(f"{PYTHON} {INSIDE}/shop.py place {' '.join(map(str, orders))}")
