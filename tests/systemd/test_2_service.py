"""The service's life under systemd: failed and told, started, at work, reloaded, stopped, killed, blocked."""

import json

import pytest

from tests.systemd.server import CONFIGURATION, DATABASE_PASSWORD, INSIDE, PASSWORD, PYTHON, THE_BEGINNING, Server

SETTINGS = """
[courier]
base_url = "{courier}"
rate_limit = "1000/30s"
settle_time = "5s"
[log]
level = "info"
[alert]
command = ["/bin/sh", "-c", "cat >>/var/lib/paranad/told"]
"""
AGAIN = "/etc/systemd/system/paranad-again.service.d"
SOON = """
[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c 'until test -e /run/minute-is-over; do sleep 0.1; done'
"""
BAD = '[queue]\nworkers = "ten"\n'


@pytest.fixture(scope="module")
def orders(server: Server) -> list[int]:
    """The orders of the shop; those that a test ships are taken out."""
    return server.give_neighbours()


def configure(server: Server, extra: str = "") -> None:
    settings = SETTINGS.format(courier=server.courier()["base_url"])
    server.machine.write(CONFIGURATION, settings + extra)


def told(server: Server) -> list[dict[str, str]]:
    return [json.loads(line) for line in server.sure("cat /var/lib/paranad/told").splitlines()]


def messages(server: Server, since: str) -> list[str]:
    return [str(entry["MESSAGE"]) for entry in server.entries(since, "_SYSTEMD_UNIT=paranad.service")]


def test_without_credentials_the_configuration_alone_says_what_is_missing(server: Server) -> None:
    """Not even their folders are there, and systemd starts it all the same."""
    server.sure("mv /etc/paranad/credentials /etc/paranad/aside")
    since = server.now()
    assert server.run("systemctl start paranad").status != 0
    server.sure("mv /etc/paranad/aside /etc/paranad/credentials")
    assert "78" == server.show("ExecMainStatus")
    assert any("[shop] database_url" in message for message in messages(server, since))


def test_a_wrong_configuration_fails_once_and_somebody_is_told(server: Server, orders: list[int]) -> None:
    configure(server, BAD)
    since = server.now()
    assert server.run("systemctl start paranad").status != 0
    assert ("failed", "78") == (server.show("ActiveState"), server.show("ExecMainStatus"))
    assert "0" == server.show("NRestarts")
    assert any("expected a whole number" in message for message in messages(server, since))
    server.said(since, "paranad-alert.service", "told that")
    assert [("daemon-failed", "open")] == [(each["kind"], each["state"]) for each in told(server)]


def test_it_starts_with_credentials_and_says_how_it_is(server: Server, orders: list[int]) -> None:
    configure(server)
    since = server.now()
    server.sure("systemctl start paranad")
    assert "active" == server.show("ActiveState")
    assert server.show("StatusText").startswith("ready: ")
    assert server.ctl("status")["shop"]["reachable"]
    server.seen(since, event="alert.sent", kind="daemon-failed")
    assert ["open", "over"] == [each["state"] for each in told(server) if each["kind"] == "daemon-failed"]


FIGURES = "/run/paranad-metrics/paranad.prom"


def test_a_timer_writes_the_figures_where_node_exporter_can_read_them(server: Server) -> None:
    """Through the link that docs/metrics.md tells the operator to make, as another user."""
    server.sure("mkdir -p /var/lib/prometheus/node-exporter")
    server.sure(f"ln -s {FIGURES} /var/lib/prometheus/node-exporter/ && systemctl enable --now paranad-metrics.timer")
    server.sure("timeout 60 sh -c 'until test -s /var/lib/prometheus/node-exporter/paranad.prom; do sleep 0.1; done'")
    as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    text = server.sure(f"{as_nobody} cat /var/lib/prometheus/node-exporter/paranad.prom")
    assert "\nparanad_up 1.0\n" in text
    assert "\nparanad_shop_reachable 1.0\n" in text
    assert "644 paranad:paranad" == server.sure(f"stat --format='%a %U:%G' {FIGURES}")
    assert "success" == server.show("Result", "paranad-metrics.service")


def test_the_unit_of_the_figures_is_valid_and_closed_and_fills_no_journal(server: Server) -> None:
    verified = server.run("systemd-analyze verify paranad-metrics.service paranad-metrics.timer")
    assert (0, "") == (verified.status, verified.text)
    server.sure("systemd-analyze security --threshold=15 paranad-metrics.service")
    since = server.now()
    server.sure("systemctl start paranad-metrics.service")
    assert [] == server.entries(since, "UNIT=paranad-metrics.service", "+", "_SYSTEMD_UNIT=paranad-metrics.service")


def test_no_secret_is_seen(server: Server) -> None:
    environ = server.sure(
        f"tr '\\0' '\\n' </proc/{server.show('MainPID')}/environ; systemctl show paranad; journalctl --all"
    )
    assert PASSWORD not in environ
    assert DATABASE_PASSWORD not in environ


def test_its_files_are_its_own_and_its_socket_its_groups(server: Server) -> None:
    paths = "/var/lib/paranad /var/lib/paranad/queue.db /run/paranad /run/paranad/control.sock"
    assert ["700", "600", "750", "660"] == server.sure(f"stat --format='%a' {paths}").split()
    server.sure("useradd --groups paranad zainab && useradd guest")
    server.sure("setpriv --reuid=zainab --regid=zainab --init-groups paranadctl status")
    refused = server.run("setpriv --reuid=guest --regid=guest --init-groups paranadctl status")
    assert 5 == refused.status, refused.text


def test_the_main_job_is_done(server: Server, orders: list[int]) -> None:
    """The shop's rows become shipments at the courier, one each, and rows of the shop again."""
    asked, orders[:] = orders[:9], orders[9:]
    since = server.now()
    server.place(*asked)
    for order in asked:
        server.seen(since, event="shipment.recorded", order_id=str(order))
    shipped = server.query("SELECT order_id FROM alwaseet_shipments ORDER BY order_id")
    assert asked == [int(row) for row in shipped]
    assert ["0"] == server.query("SELECT COUNT(*) FROM jobs")
    assert (len(asked), 0) == (server.courier()["orders"], server.courier()["duplicates"])


def test_the_journal_answers_for_a_job(server: Server) -> None:
    job = server.ctl("jobs list --task alwaseet:create-shipment --limit 1")["items"][0]
    entries = server.entries(THE_BEGINNING, f"PARANAD_JOB_ID={job['id']}")
    [done] = [entry for entry in entries if entry["PARANAD_EVENT"] == "job.completed"]
    assert ("alwaseet:create-shipment", "high") == (done["PARANAD_TASK"], done["PARANAD_QUEUE"])
    assert ("6", "paranad", "journal") == (done["PRIORITY"], done["SYSLOG_IDENTIFIER"], done["_TRANSPORT"])
    assert "job.completed" in server.sure(f"paranadctl logs --job {job['id']}")
    assert server.entries(THE_BEGINNING, f"PARANAD_ORDER_ID={job['args']['order_id']}")


def test_the_journal_keeps_every_event_of_a_batch(server: Server) -> None:
    """What counts is what can be found there: systemd 254 and later drop in silence what 252 keeps."""
    since = server.now()
    server.sure(f"{PYTHON} {INSIDE}/batch.py 5")
    assert ["0", "1", "2", "3", "4"] == [each["PARANAD_JOB_ID"] for each in server.entries(since, "PARANAD_TASK=batch")]


def test_the_journal_has_one_line_for_every_job_that_is_completed(server: Server) -> None:
    completed = sorted(job["id"] for job in server.ctl("jobs list --state completed --limit 1000")["items"])
    lines = server.entries(THE_BEGINNING, "PARANAD_EVENT=job.completed", "_SYSTEMD_UNIT=paranad.service")
    told = sorted(int(line["PARANAD_JOB_ID"]) for line in lines)
    assert completed
    assert completed == [job_id for job_id in told if job_id in set(completed)]


def test_a_good_file_is_reloaded(server: Server) -> None:
    pid, since = server.show("MainPID"), server.now()
    configure(server, '[schedule."carts:expire"]\nenabled = false\n')
    server.sure("systemctl reload paranad")
    assert server.entries(since, "PARANAD_EVENT=daemon.reloaded")
    assert (pid, "active") == (server.show("MainPID"), server.show("ActiveState"))


def test_a_bad_file_fails_the_reload_and_changes_nothing(server: Server) -> None:
    pid, since = server.show("MainPID"), server.now()
    configure(server, BAD)
    assert server.run("systemctl reload paranad").status != 0
    assert server.entries(since, "PARANAD_EVENT=daemon.reload_failed")
    assert (pid, "active") == (server.show("MainPID"), server.show("ActiveState"))
    configure(server)
    server.sure("systemctl reload paranad")


def test_a_stop_waits_for_the_shipment_under_way(server: Server, orders: list[int]) -> None:
    order, since = orders.pop(), server.now()
    server.hold_courier()
    server.place(order)
    server.seen(since, event="shipment.intended", order_id=str(order))
    server.sure("systemctl stop --no-block paranad")
    server.seen(since, event="daemon.draining")
    assert "deactivating" == server.show("ActiveState")
    server.release_courier()
    server.sure("systemctl stop paranad")
    assert ("success", "0") == (server.show("Result"), server.show("ExecMainStatus"))
    assert ["1"] == server.query(f"SELECT COUNT(*) FROM alwaseet_shipments WHERE order_id = {order}")


def test_of_a_stopped_daemon_the_figures_say_that_it_is_down(server: Server) -> None:
    since = server.now()
    server.sure("systemctl start paranad-metrics.service")
    assert "paranad_up 0" == server.sure(f"tail -n 1 {FIGURES}")
    assert "success" == server.show("Result", "paranad-metrics.service")
    server.said(since, "paranad-metrics.service", "says paranad_up 0")


def test_what_kill_9_ends_is_started_again_and_nothing_is_sent_twice(server: Server, orders: list[int]) -> None:
    order = orders.pop()
    server.sure("systemctl start paranad")
    server.hold_courier()
    pid, since = server.show("MainPID"), server.now()
    server.place(order)
    server.seen(since, event="shipment.intended", order_id=str(order))
    server.sure(f"kill -KILL {pid}")
    server.release_courier()
    server.seen(since, event="daemon.ready")
    server.seen(since, event="shipment.recorded", order_id=str(order))
    assert "1" == server.show("NRestarts")
    assert 0 == server.courier()["duplicates"]


def test_a_blocked_loop_is_killed_with_its_traceback_and_started_again(server: Server) -> None:
    server.drop_in("blocked", f"WatchdogSec=2\nEnvironment=PYTHONPATH={INSIDE}/blocked")
    since = server.now()
    server.sure("systemctl restart paranad")
    server.seen(since, event="daemon.ready")
    since = server.now()
    server.sure("systemctl kill --signal=SIGUSR1 --kill-whom=main paranad")
    server.seen(since, event="daemon.ready")
    lines = [str(entry["MESSAGE"]) for entry in server.entries(since)]
    assert any("Watchdog timeout" in line for line in lines)
    assert any(line.startswith("Fatal Python error: Aborted") for line in lines)
    assert any("in block_the_loop" in line for line in lines)
    server.seen(since, event="daemon.loop_blocked")  # the next daemon tells it
    server.drop_in("blocked", "")


OUTAGE = """RestartSec=0
ExecStart=
ExecStart=/bin/sh -c 'if test -e /run/outage; then exit 1; fi; exec /opt/paranad/current/bin/paranad run'"""
"""The daemon itself ends with 1: an exit status of an earlier start would say something else."""


def test_an_outage_that_outlasts_the_restarts_is_told_and_tried_again(server: Server) -> None:
    """As a full disk; the minute's wait is a file here. A stop ends the trying."""
    server.drop_in("outage", OUTAGE)
    server.machine.write(f"{AGAIN}/soon.conf", SOON)
    server.sure("touch /run/outage && systemctl daemon-reload && systemctl stop paranad")
    give_up(server)
    server.sure("systemctl stop paranad")
    server.sure("until systemctl is-active paranad-again | grep --line-regexp inactive; do sleep 0.1; done")
    server.sure("systemctl reset-failed paranad")
    give_up(server)
    since = server.now()
    server.sure("rm /run/outage && touch /run/minute-is-over")
    server.seen(since, event="daemon.ready")
    server.drop_in("outage", "")
    server.sure(f"rm -r {AGAIN} && systemctl daemon-reload")


def give_up(server: Server) -> None:
    """Start the daemon in an outage; wait until systemd has started it in vain as often as it does."""
    since = server.now()
    assert server.run("systemctl start paranad").status != 0
    server.said(since, "paranad-alert.service", "is down")
    server.sure("until systemctl is-active paranad-again | grep activating; do sleep 0.1; done", patience_s=20)
    # A newer systemd starts what follows a failure at each of them, not at the last one alone.
    server.sure("until systemctl is-active paranad | grep --line-regexp failed; do sleep 0.1; done", patience_s=20)


def test_it_may_open_as_many_files_as_its_clients_and_its_work_need(server: Server) -> None:
    limits = server.sure(f"grep 'Max open files' /proc/{server.show('MainPID')}/limits").split()
    assert ["8192", "8192"] == limits[3:5]
