"""An upgrade is checked before anything points to it, drains what runs, and can be taken back."""

import pytest

from tests.systemd.server import CHECKOUT, CONFIGURATION, VERSION, Server

NEXT = "/root/next"
LATER = "99.0.0"
SETTINGS = "paranad/configuration/settings.py"
REMOVED_KEY = "[tasks]\nnotify_on_first_sync = false\n"


@pytest.fixture(scope="module", autouse=True)
def _next_version(server: Server) -> None:
    """A checkout of a later version, which no longer knows one key and says one thing differently in its file."""
    changes = (
        's/^version = .*/version = "99.0.0"/\' pyproject.toml',
        f"/notify_on_first_sync/s/: Flag/: ClassVar[bool]/; s/^from typing import /&ClassVar, /' {SETTINGS}",
        "/notify_on_first_sync/d' etc/paranad.toml",
    )
    server.sure(f"cp -r {CHECKOUT} {NEXT}")
    for change in changes:
        server.sure(f"cd {NEXT} && sed -i '{change}")


def in_use(server: Server) -> tuple[str, str, str]:
    """Return the version that is linked, the one that runs, and whether it runs."""
    return (
        server.sure("basename $(readlink /opt/paranad/current)"),
        server.ctl("status")["daemon"]["version"],
        server.show("ActiveState"),
    )


def jobs(server: Server) -> set[int]:
    return {job["id"] for job in server.ctl("jobs list --task alwaseet:create-shipment --limit 100")["items"]}


def test_a_version_that_the_configuration_does_not_suit_is_not_used(server: Server) -> None:
    server.sure(f"printf '{REMOVED_KEY}' >>{CONFIGURATION}")
    pid = server.show("MainPID")
    answered = server.make("install", tree=NEXT)
    assert 0 != answered.status
    assert f"the configuration does not suit {LATER} (see above), so {VERSION} stays in use" in answered.err
    assert 'unknown key "notify_on_first_sync"' in answered.err
    assert (VERSION, VERSION, "active") == in_use(server)
    assert pid == server.show("MainPID")


def test_a_version_that_does_not_start_is_taken_back(server: Server) -> None:
    server.sure(f"sed -i '/notify_on_first_sync/d' {CONFIGURATION}")
    server.drop_in("fails", "ExecStartPre=/bin/sh -c '! readlink /opt/paranad/current | grep 99.0.0'\nRestart=no")
    answered = server.make("install", tree=NEXT)
    assert 0 != answered.status
    assert f"{LATER} did not start (its last lines are above); {VERSION} is in use again" in answered.err
    assert (VERSION, VERSION, "active") == in_use(server)
    server.drop_in("fails", "")


def test_an_upgrade_finishes_what_runs_and_keeps_what_is_stored(server: Server) -> None:
    [order] = server.query("SELECT MAX(id) FROM orders WHERE id NOT IN (SELECT order_id FROM alwaseet_shipments)")
    since = server.now()
    server.hold_courier()
    server.place(int(order))
    server.seen(since, event="shipment.intended", order_id=order)
    before = jobs(server)
    server.release_courier_when("daemon.draining")
    answered = server.make("install", tree=NEXT)
    assert 0 == answered.status, answered.text
    assert (LATER, LATER, "active") == in_use(server)
    assert before == jobs(server)
    [done] = server.entries(since, "PARANAD_EVENT=shipment.recorded")
    [stopped] = server.entries(since, "PARANAD_EVENT=daemon.stopped")
    assert (order, "0") == (done["PARANAD_ORDER_ID"], stopped["PARANAD_HANDED_BACK"])
    assert "the file of this version lies beside it: /etc/paranad/paranad.toml.new" in answered.out
    assert 0 == server.run(f"cmp {NEXT}/etc/paranad.toml {CONFIGURATION}.new").status


def test_a_rollback_goes_back_with_the_same_queue(server: Server) -> None:
    before = jobs(server)
    answered = server.make("rollback")
    assert 0 == answered.status, answered.text
    assert (VERSION, VERSION, "active") == in_use(server)
    assert before == jobs(server)
