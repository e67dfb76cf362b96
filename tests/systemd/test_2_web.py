"""The page behind a web server under systemd: who reaches what, what is logged, that nothing starts it by itself."""

import json
from typing import Any

from tests.systemd.server import CONFIGURATION, INSIDE, PYTHON, Server

PASSWORD = "a long way home"
SETTINGS = '[web]\nsocket = "/run/paranad-web/web.sock"\nhost = "shop.example.com"\n'
FILE = "/etc/paranad/web.password"


def ask(server: Server, user: str, *password: str) -> dict[str, Any]:
    """Ask the page as *user*."""
    given = "".join(f"'{each}'" for each in password)
    asked = f"setpriv --reuid={user} --regid={user} --clear-groups {PYTHON} {INSIDE}/web.py {given}"
    answer: dict[str, Any] = json.loads(server.sure(asked))
    return answer


def test_it_is_valid_and_closed_and_nothing_starts_it(server: Server) -> None:
    verified = server.run("systemd-analyze verify paranad-web.service")
    assert (0, "") == (verified.status, verified.text)
    server.sure("systemd-analyze security --threshold=15 paranad-web.service")
    assert "disabled" == server.run("systemctl is-enabled paranad-web").out.strip()
    assert "inactive" == server.show("ActiveState", "paranad-web.service")


def test_without_its_settings_it_fails_once_and_says_what_is_missing(server: Server) -> None:
    since = server.now()
    assert server.run("systemctl start paranad-web").status != 0
    assert ("78", "0") == tuple(server.show(name, "paranad-web.service") for name in ("ExecMainStatus", "NRestarts"))
    server.said(since, "paranad-web.service", "web.sock")


def test_password_is_set_by_root_for_the_service_alone(server: Server) -> None:
    as_zainab = "setpriv --reuid=zainab --regid=zainab --init-groups"
    refused = server.run(f"{as_zainab} paranadctl web --set-password <<<'{PASSWORD}'")
    assert (5, True) == (refused.status, "run it as root" in refused.err)
    server.sure(f"paranadctl web --set-password <<<'{PASSWORD}'")
    assert "640 root:paranad-web" == server.sure(f"stat --format='%a %U:%G' {FILE}")
    assert "paranad" in server.sure("id -nG paranad-web").split()


def test_it_starts_and_its_folder_is_the_web_server_s_door(server: Server) -> None:
    server.sure(f"cat >>{CONFIGURATION} <<'END'\n{SETTINGS}END\nparanad check")
    server.sure("systemctl enable --now paranad-web")
    assert "active" == server.show("ActiveState", "paranad-web.service")
    modes = server.sure("stat --format='%a %U:%G' /run/paranad-web /run/paranad-web/web.sock").splitlines()
    assert ["2750 paranad-web:www-data", "660 paranad-web:www-data"] == modes


def test_web_server_s_user_reaches_the_page_that_asks_for_the_password_and_nothing_else(server: Server) -> None:
    assert {"status": 403, "asks": True, "control": False} == ask(server, "www-data")
    others = server.run(f"setpriv --reuid=guest --regid=guest --clear-groups {PYTHON} {INSIDE}/web.py")
    assert "PermissionError" in others.err


def test_whoever_has_the_password_is_in_and_each_act_is_logged_with_the_service_s_uid(server: Server) -> None:
    since, uid = server.now(), server.sure("id -u paranad-web")
    asked = ask(server, "www-data", PASSWORD)
    assert (200, 303) == (asked["inside"], asked["paused"])
    assert server.entries(since, "PARANAD_EVENT=control.changed", f"PARANAD_UID={uid}")
    [signed_in] = server.entries(since, "PARANAD_EVENT=web.signed_in", "_SYSTEMD_UNIT=paranad-web.service")
    [acted] = server.entries(since, "PARANAD_EVENT=web.acted")
    assert "203.0.113.7" == signed_in["PARANAD_ADDRESS"]
    assert (signed_in["PARANAD_SESSION"], "/do/pause") == (acted["PARANAD_SESSION"], acted["PARANAD_ACT"])
    server.sure("paranadctl resume default")


def test_no_password_stands_in_a_log_or_a_process_s_arguments(server: Server) -> None:
    assert PASSWORD not in server.sure("journalctl --all --output=export")
    assert PASSWORD not in server.sure("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
