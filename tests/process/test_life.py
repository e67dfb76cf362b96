"""A daemon's life as a process: start, stop, reload, and what it says when it cannot start."""

import signal
import sqlite3
from pathlib import Path

import pytest

from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from tests.support.daemon import Ground, begun, ctl, running
from tests.support.notify_socket import Manager

SLEEPER = """
[schedule."sleeper"]
cron = "0 0 1 1 *"
command = ["/bin/sleep", "60"]
"""


async def test_sigterm_stops_an_idle_daemon_in_order_and_systemd_is_told(ground: Ground) -> None:
    with Manager(str(ground.folder / "notify")) as manager:
        async with running(ground, {"NOTIFY_SOCKET": manager.address}) as daemon:
            daemon.send(signal.SIGTERM)
            assert 0 == await daemon.ended()
        heard = manager.heard()
    assert ["READY=1", "STOPPING=1"] == [line for line in heard if line in {"READY=1", "STOPPING=1"}]
    assert not ground.socket.exists()
    assert ["daemon.draining", "daemon.stopped"] == [line["event"] for line in daemon.lines[-2:]]


async def test_second_sigterm_stops_at_once_and_hands_the_job_back(ground: Ground) -> None:
    ground.write(SLEEPER)
    async with running(ground) as daemon:
        await ctl(ground, "schedule", "run", "sleeper")
        await daemon.seen("job.started", task="sleeper")
        daemon.send(signal.SIGTERM)
        await daemon.seen("daemon.draining")
        daemon.send(signal.SIGTERM)
        await daemon.seen("job.handed_back", task="sleeper")
        assert 0 == await daemon.ended()
    async with running(ground) as daemon:
        await daemon.seen("job.started", task="sleeper", attempt=2)


async def test_stop_waits_for_a_create_order_request_and_stores_its_answer(
    ground: Ground, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.next("create-order", Answer.SILENT)
    async with running(ground) as daemon:
        await ctl(ground, "dispatch", "alwaseet:create-shipment", f"order_id={order_id}")
        await sandbox.asked("create-order")
        daemon.send(signal.SIGTERM)
        daemon.send(signal.SIGTERM)
        await daemon.seen("shipment.unclear", order_id=order_id)
        assert 0 == await daemon.ended()
    assert 1 == sandbox.count("create-order")


async def test_second_daemon_exits_75_and_names_the_first_ones_pid(ground: Ground) -> None:
    async with running(ground) as first, begun("run", ground.config) as second:
        assert 75 == await second.ended()
        assert f"process {first.pid}" in second.text


async def test_sighup_applies_a_good_file_and_keeps_the_old_values_with_a_bad_one(ground: Ground) -> None:
    async with running(ground) as daemon:
        ground.write(SLEEPER)
        daemon.send(signal.SIGHUP)
        await daemon.seen("daemon.reloaded")
        ground.write("[queue]\nworkers = 0\n")
        daemon.send(signal.SIGHUP)
        failed = await daemon.seen("daemon.reload_failed")
        assert "workers" in str(failed["problems"])
        assert "sleeper" in (await ctl(ground, "schedule")).out


async def test_reload_names_what_needs_a_restart(ground: Ground) -> None:
    async with running(ground):
        ground.write("[queue]\nworkers = 3\n")
        answered = await ctl(ground, "reload")
        assert 0 == answered.status
        assert "workers" in answered.out


async def test_reload_of_a_bad_file_exits_1_and_names_the_key(ground: Ground) -> None:
    async with running(ground):
        ground.write("[queue]\nworkers = 0\n")
        answered = await ctl(ground, "reload")
        assert 1 == answered.status
        assert "workers" in answered.err


@pytest.mark.parametrize("content", [b"not sqlite at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
async def test_file_that_is_no_queue_db_exits_65_and_is_left_as_it_is(ground: Ground, content: bytes) -> None:
    ground.state_dir.mkdir(mode=0o700)
    file = ground.state_dir / "queue.db"
    file.write_bytes(content)
    async with begun("run", ground.config) as daemon:
        assert 65 == await daemon.ended()
    assert content == file.read_bytes()
    assert str(file) in daemon.text


async def test_queue_db_of_a_later_version_exits_65(ground: Ground) -> None:
    async with running(ground) as daemon:
        daemon.send(signal.SIGTERM)
        await daemon.ended()
    from_the_future(ground.state_dir / "queue.db")
    async with begun("run", ground.config) as daemon:
        assert 65 == await daemon.ended()
    assert "later version" in daemon.text


def from_the_future(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE migrations SET readable_from = 999 WHERE number = 1")
    connection.close()


async def test_socket_and_state_are_not_world_readable(ground: Ground) -> None:
    async with running(ground):
        assert 0o660 == ground.socket.stat().st_mode & 0o777
        assert 0o700 == ground.state_dir.stat().st_mode & 0o777
        modes = {path.name: path.stat().st_mode & 0o777 for path in ground.state_dir.iterdir()}
        assert {0o600} == set(modes.values()), modes


async def test_no_secret_stands_in_the_log_or_in_an_answer(ground: Ground, sandbox: Sandbox, order_id: int) -> None:
    async with running(ground) as daemon:
        await ctl(ground, "dispatch", "alwaseet:create-shipment", f"order_id={order_id}")
        await daemon.seen("shipment.recorded")
        answers = [
            (await ctl(ground, *words)).out
            for words in (("status", "--json"), ("jobs", "--json"), ("shipments", "show", str(order_id), "--json"))
        ]
    written = daemon.text + "".join(answers)
    token = next(iter(sandbox.books.tokens))
    [order] = sandbox.orders.values()
    for secret in (sandbox.books.password, token, token.removeprefix("@@"), order.client_mobile[-9:]):
        assert secret not in written
