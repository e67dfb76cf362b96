"""Two daemons of one shop under systemd, each the unit as it is installed: one works, the other stands by."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.systemd.server import CONFIGURATION, DATABASE_SOCKET, Server

A, B = "paranad", "paranad-b"
"""The second is the same unit with folders of its own, as on a server of its own."""
STANDBY = """
[shop]
keep_rows = true
[standby]
enabled = true
name = "{name}"
"""
PLACES = """
[daemon]
state_dir = "/var/lib/paranad-b"
socket = "/run/paranad-b/control.sock"
"""
UNIT = "/usr/local/lib/systemd/system/paranad.service"
OWN_FOLDERS = f"s/Directory=paranad$/Directory={B}/"
OWN_FILE = f"/^Restart=/i Environment=PARANAD_CONFIG=/etc/{B}/paranad.toml"
ORDER = "cart_id, delegate_id, customer_name, customer_address, customer_social_link, status, total_amount"
ITEM = "product_id, product_name, product_code, size_name, size_id, quantity, unit_price, subtotal"


@pytest.fixture(scope="module", autouse=True)
def _second(server: Server) -> Iterator[None]:
    """Lay the second daemon's unit and files; in the end one daemon works alone, as before."""
    server.sure(f"cp -a {CONFIGURATION} /root/alone.toml && cp -a /etc/paranad /etc/{B}")
    server.sure(f"sed --in-place 's#/30s#/1s#' {CONFIGURATION} /etc/{B}/paranad.toml")  # a takeover waits for its end
    server.sure(f"cat >>{CONFIGURATION} <<'END'{STANDBY.format(name='web-1')}END")
    server.sure(f"cat >>/etc/{B}/paranad.toml <<'END'{STANDBY.format(name='web-2')}{PLACES}END")
    server.sure(f"sed --expression='{OWN_FOLDERS}' --expression='{OWN_FILE}' {UNIT} >/etc/systemd/system/{B}.service")
    server.sure("systemctl daemon-reload")
    yield
    server.sure(f"systemctl stop {A} {B} && rm -r /etc/systemd/system/{B}.service /etc/{B} && systemctl daemon-reload")
    server.sure(f"cp -a /root/alone.toml {CONFIGURATION} && systemctl start {A}")


def ctl(daemon: str, command: str) -> str:
    return f"paranadctl --socket /run/{daemon}/control.sock {command}"


def until(server: Server, condition: str) -> None:
    """Wait until a shell's *condition* is met."""
    server.sure(f"timeout 60 bash -c 'until {condition}; do sleep 0.1; done'")


def stands_by(server: Server, daemon: str, machine: str) -> None:
    """Wait until systemd shows that *daemon* is ready and stands by for *machine*."""
    until(
        server, f'systemctl show --property=StatusText {daemon} | grep --quiet "standing by since .*: {machine} works"'
    )
    assert "active" == server.show("ActiveState", f"{daemon}.service")


def works(server: Server, daemon: str) -> None:
    """Wait until systemd shows that *daemon* works."""
    until(server, f"systemctl show --property=StatusText {daemon} | grep --quiet =ready:")


def order(server: Server, number: int) -> int:
    """Let a customer order what another one did; return the order's id."""
    made = f"B-{number}"
    server.query(
        f"INSERT INTO orders (order_number, customer_phone, {ORDER}, created_at) "
        f"SELECT '{made}', '0770100{number}', {ORDER}, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', '+03:00') FROM orders "
        "WHERE status = 'pending' ORDER BY id LIMIT 1"
    )
    [order_id] = server.query(f"SELECT id FROM orders WHERE order_number = '{made}'")
    server.query(
        f"INSERT INTO order_items (order_id, {ITEM}) SELECT {order_id}, {ITEM} FROM order_items ORDER BY id LIMIT 1"
    )
    server.place(int(order_id))
    return int(order_id)


def shipped_by(server: Server, daemon: str, order_id: int) -> None:
    """Wait until *daemon* has shipped an order, and see that its row of `jobs` is gone."""
    until(server, f"{ctl(daemon, f'shipments show {order_id}')} | grep --quiet --word-regexp recorded")
    until(server, f'test $(mariadb --no-defaults --socket={DATABASE_SOCKET} -NBe "SELECT COUNT(*) FROM shop.jobs") = 0')
    assert 0 == server.courier()["duplicates"]


def standby(server: Server, daemon: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(server.sure(ctl(daemon, "standby --json")))
    return answer


def test_without_its_table_it_stands_by_and_says_what_to_make(server: Server) -> None:
    server.sure(f"systemctl restart {A}")
    assert "standing by" in server.show("StatusText")
    asked = server.run(ctl(A, "standby setup"))
    assert (0, True) == (asked.status, "CREATE TABLE paranad_lease" in asked.out)
    assert "paranad_lease" in server.run(ctl(A, "standby")).out


def test_made_as_setup_prints_it_the_table_lets_the_daemon_work(server: Server) -> None:
    sql = json.loads(server.run(ctl(A, "standby setup --json")).out)["sql"]
    server.machine.write("/root/lease.sql", sql)
    server.sure(f"mariadb --no-defaults --socket={DATABASE_SOCKET} shop </root/lease.sql")
    works(server, A)
    assert server.run(ctl(A, "standby setup")).status == 0
    shipped_by(server, A, order(server, 7001))


def test_the_second_is_ready_and_stands_by(server: Server) -> None:
    server.sure(f"systemctl start {B}")
    stands_by(server, B, "web-1")
    refused = server.run(ctl(B, "dispatch carts:expire"))
    assert (1, True) == (refused.status, "web-1" in refused.err)


def test_a_stop_hands_the_work_over(server: Server) -> None:
    server.sure(f"systemctl stop {A}")
    works(server, B)
    shipped_by(server, B, order(server, 7002))
    assert ("success", "0") == (server.show("Result"), server.show("ExecMainStatus"))


def test_handed_over_it_ends_with_69_and_is_started_again_to_stand_by(server: Server) -> None:
    server.sure(f"systemctl start {A}")
    stands_by(server, A, "web-2")
    until(server, f"{ctl(B, 'standby')} | grep --quiet web-1")
    since = server.now()
    server.sure(ctl(B, "standby yield"))
    works(server, A)
    stands_by(server, B, "web-1")
    assert "1" == server.show("NRestarts", f"{B}.service")
    assert [] == server.entries(since, "_SYSTEMD_UNIT=paranad-alert.service"), "a planned change is no failure"
    shipped_by(server, A, order(server, 7003))
