"""A PHP worker that is asked for under systemd: a real Laravel, the web server's user, no loop."""

import json

import pytest

from tests.systemd.server import CHECKOUT, CONFIGURATION, DATABASE_PASSWORD, DATABASE_SOCKET, Server

SHOP = "/srv/shop"
WORKED = f"{SHOP}/storage/worked"
REQUEST = "/run/paranad/php.wanted"
PHP_DROP_INS = "/etc/systemd/system/paranad-php.service.d"
DATABASE = {
    "DB_CONNECTION": "mysql",
    "DB_DATABASE": "shop",
    "DB_USERNAME": "shop",
    "DB_PASSWORD": DATABASE_PASSWORD,
    "DB_SOCKET": DATABASE_SOCKET,
    "SHOP_STORAGE": f"{SHOP}/storage",
    "SHOP_WORKED": WORKED,
    "APP_PACKAGES_CACHE": f"{SHOP}/storage/packages.php",
    "APP_SERVICES_CACHE": f"{SHOP}/storage/services.php",
}
"""What a shop has in its .env."""
CONFINED = """ExecStartPre=/bin/sh -c 'touch /srv/shop/storage/inside'
ExecStartPre=/bin/sh -c '! touch /srv/shop/outside'
ExecStartPre=/bin/sh -c '! ls /run/paranad && ! ls /var/lib/paranad && ! ls /etc/paranad'
"""


@pytest.fixture(scope="module", autouse=True)
def _shop(server: Server) -> None:
    """A shop whose storage alone is the web server's, and a daemon that leaves to PHP what only PHP can do."""
    server.program(f"{SHOP}/artisan", f"<?php require '{CHECKOUT}/tests/bridge/laravel/artisan.php';\n")
    server.sure(f"mkdir -p {SHOP}/storage && chown -R www-data:www-data {SHOP}/storage")
    server.sure(f"printf '[shop]\\nphp = \"on-demand\"\\n' >>{CONFIGURATION} && systemctl reload paranad")


def use(server: Server, name: str, text: str) -> None:
    """Give the worker's service a drop-in; empty: take it away."""
    if text:
        server.machine.write(f"{PHP_DROP_INS}/{name}.conf", f"[Service]\n{text}\n")
    else:
        server.sure(f"rm {PHP_DROP_INS}/{name}.conf")
    server.sure("systemctl daemon-reload")


def dispatch(server: Server, count: int = 1, **otherwise: str) -> None:
    """Let the shop put work into its queue that only PHP knows."""
    variables = " ".join(f"{name}='{value}'" for name, value in (DATABASE | otherwise).items())
    for _ in range(count):
        server.sure(
            f"setpriv --reuid=www-data --regid=www-data --clear-groups env {variables} "
            f"php {SHOP}/artisan shop:dispatch newsletter"
        )


def doctor(server: Server) -> list[str]:
    """Return what the doctor says of PHP, by code."""
    checks = json.loads(server.run("paranadctl doctor --json").out)["items"]
    return [check["code"] for check in checks if check["check"] == "php"]


def until(server: Server, condition: str) -> None:
    """Wait until a shell's *condition* is met."""
    server.sure(f"timeout 60 bash -c 'until {condition}; do sleep 0.1; done'")


def test_the_units_are_valid_and_closed_and_nothing_starts_them(server: Server) -> None:
    verified = server.run("systemd-analyze verify paranad-php.path paranad-php.service")
    assert (0, "") == (verified.status, verified.text)
    server.sure("systemd-analyze security --threshold=15 paranad-php.service")
    assert "disabled" == server.run("systemctl is-enabled paranad-php.path").out.strip()


def test_the_example_of_its_drop_in_is_valid_with_all_it_shows(server: Server) -> None:
    example = server.sure("sed 's/^#\\([A-Za-z]*=\\)/\\1/' /opt/paranad/current/share/php.conf")
    assert "Environment=SHOP=/srv/shop\n" in example
    use(server, "example", example.partition("[Service]")[2].replace("=shop\n", "=www-data\n"))
    verified = server.run("systemd-analyze verify paranad-php.service")
    use(server, "example", "")
    assert (0, "") == (verified.status, verified.text)


def test_the_request_lies_there_until_the_path_unit_is_enabled(server: Server) -> None:
    dispatch(server)
    until(server, f"test -e {REQUEST}")
    assert "644 paranad:paranad" == server.sure(f"stat --format='%a %U:%G' {REQUEST}")
    assert "php:high,php:default" == server.sure(f"cat {REQUEST}")
    assert ["php:default"] == server.query("SELECT queue FROM jobs")
    assert "php-unready" in doctor(server)


def test_the_documented_lines_let_php_work_it_off_and_end(server: Server) -> None:
    server.sure(f"mkdir -p {PHP_DROP_INS} && cp /opt/paranad/current/share/php.conf {PHP_DROP_INS}/shop.conf")
    use(server, "env", "\n".join(f"Environment={name}={value}" for name, value in DATABASE.items()) + f"\n{CONFINED}")
    since = server.now()
    server.sure("systemctl enable --now paranad-php.path")
    until(server, f"grep --line-regexp newsletter {WORKED}")
    server.seen(since, event="php.run_ended", rows_left="0")
    until(server, "systemctl is-active paranad-php.service | grep --line-regexp inactive")
    assert ("success", "0") == (
        server.show("Result", "paranad-php.service"),
        server.show("NRestarts", "paranad-php.service"),
    )
    assert "www-data" == server.sure(f"stat --format=%U {WORKED}")
    assert [] == server.query("SELECT id FROM jobs")
    server.sure(f"test ! -e {REQUEST} && test ! -e /run/paranad-php && ! pgrep --exact php")
    assert ["php-stands"] == doctor(server)


def test_rows_that_come_later_are_worked_off_too_by_one_worker_at_a_time(server: Server) -> None:
    since = server.now()
    dispatch(server, 5)
    until(server, f"test $(wc -l <{WORKED}) = 6")
    began = len(server.entries(since, "PARANAD_EVENT=php.run_began"))
    assert 1 <= began <= 5
    until(server, f"test ! -e {REQUEST} -a ! -e /run/paranad-php")
    assert ["0"] == server.query("SELECT COUNT(*) FROM failed_jobs")


def test_a_php_that_fails_at_once_is_told_and_not_started_in_a_loop(server: Server) -> None:
    until(server, 'paranadctl status --json | grep --extended-regexp "state.: ?.idle"')  # its last look is over
    use(server, "broken", "Environment=PHP=/bin/false")
    since = server.now()
    dispatch(server)
    server.seen(since, event="php.run_fruitless")
    assert 0 == server.run(f"test ! -e {REQUEST}").status
    assert 1 == len(server.entries(since, "PARANAD_EVENT=php.run_began"))
    assert "active" == server.show("ActiveState", "paranad-php.path")
    use(server, "broken", "")
    server.sure("systemctl start paranad-php")
    until(server, f"test $(wc -l <{WORKED}) = 7")


def test_a_php_without_rights_on_its_folders_is_told_and_its_row_waits(server: Server) -> None:
    server.sure(f"chown root:root {SHOP}/storage && rm {SHOP}/storage/*.php")
    since = server.now()
    dispatch(server, APP_PACKAGES_CACHE="/tmp/p.php", APP_SERVICES_CACHE="/tmp/s.php")
    server.seen(since, event="php.run_fruitless")
    assert ["php:default"] == server.query("SELECT queue FROM jobs")
    assert server.entries(since, "_SYSTEMD_UNIT=paranad-php.service")
    server.sure(f"chown www-data:www-data {SHOP}/storage && systemctl start paranad-php")
    until(server, f"test $(wc -l <{WORKED}) = 8")


def test_a_php_that_prints_megabytes_works_its_row_off_all_the_same(server: Server) -> None:
    server.program(f"{SHOP}/noisy", '#!/bin/sh\nyes paranad | head -c 20000000\nexec /usr/bin/php "$@"\n')
    use(server, "noisy", f"Environment=PHP={SHOP}/noisy")
    dispatch(server)
    until(server, f"test $(wc -l <{WORKED}) = 9")
    use(server, "noisy", "")


def test_a_service_that_cannot_take_the_request_gives_up_and_says_so(server: Server) -> None:
    """A user that is not there fails the start before the request is taken: systemd must not go on for ever."""
    use(server, "nobody", "User=no-such-user")
    dispatch(server)
    until(server, "systemctl is-failed paranad-php.path")
    assert 0 == server.run(f"test -e {REQUEST}").status
    use(server, "nobody", "")
    server.sure("systemctl reset-failed paranad-php.service && systemctl enable --now paranad-php.path")
    until(server, f"test $(wc -l <{WORKED}) = 10")


def test_a_status_that_paranad_finds_is_told_by_the_shop_s_own_listener(server: Server) -> None:
    """The shop's copy of a shipment is out of date; a look at the courier's list finds the change."""
    shipment = server.query("SELECT MIN(id) FROM alwaseet_shipments")[0]
    server.query(f"UPDATE alwaseet_shipments SET status_id = '99' WHERE id = {shipment}")
    server.ctl("dispatch alwaseet:update-orders --wait")
    until(server, f'grep --line-regexp "status-changed {shipment} 99 [0-9]*" {WORKED}')
    assert [] == server.query("SELECT id FROM jobs UNION SELECT id FROM failed_jobs")
    assert ["0"] == server.query("SELECT COUNT(*) FROM alwaseet_notifications"), "its rows are the listener's to write"


def test_a_stop_of_the_daemon_takes_its_request_along(server: Server) -> None:
    server.sure("systemctl stop paranad-php.path")
    dispatch(server)
    until(server, f"test -e {REQUEST}")
    server.sure("systemctl stop paranad && test ! -e /run/paranad && systemctl start paranad")
    until(server, f"test -e {REQUEST}")
    server.sure("systemctl start paranad-php.path")
    until(server, f"test $(wc -l <{WORKED}) = 12")
    server.sure(f"rm -r {PHP_DROP_INS} && systemctl daemon-reload")
