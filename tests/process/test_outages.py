"""A disk that is full, a shop that is locked, wrong or gone: the daemon says why it waits, loses nothing, and heals."""

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from tests.support.daemon import DaemonProcess, Ground, ctl, running
from tests.support.http import by_socket
from tests.support.shop import Item, make_cart, make_size

CREATE = "alwaseet:create-shipment"
ENTRIES = """
[schedule.waiter]
cron = "0 0 1 1 *"
command = ["/usr/bin/head", "-n", "1", "{gate}"]
[schedule.other]
cron = "0 0 1 1 *"
command = ["/bin/true"]
"""


def api(ground: Ground) -> httpx.AsyncClient:
    return by_socket(ground.socket, "http://paranad/v1", timeout=10)


async def enqueued(client: httpx.AsyncClient, task: str, **args: Any) -> int:
    answer = await client.post("/jobs", json={"task": task, "args": args})
    assert 201 == answer.status_code, answer.text
    return int(answer.json()["id"])


async def run_now(client: httpx.AsyncClient, name: str) -> int:
    answer = await client.post(f"/schedule/{name}/run")
    assert 201 == answer.status_code, answer.text
    return int(answer.json()["id"])


async def everything_else_goes_on(client: httpx.AsyncClient, daemon: DaemonProcess) -> None:
    await daemon.seen("job.completed", job_id=await run_now(client, "other"))
    assert 200 == (await client.get("/health")).status_code


@pytest.fixture
def gate(ground: Ground) -> Path:
    """A pipe: the entry `waiter` ends when somebody writes a line to it."""
    gate = ground.folder / "gate"
    os.mkfifo(gate)
    ground.write(ENTRIES.format(gate=gate))
    return gate


@pytest.fixture
def small_disk(ground: Ground) -> Iterator[Path]:
    """A disk of 2 MiB for the state directory alone."""
    ground.state_dir.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(ground.state_dir)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root may mount a small disk")
    yield ground.state_dir
    subprocess.run(["umount", "--lazy", str(ground.state_dir)], check=True)


@contextmanager
def full_disk(disk: Path) -> Iterator[None]:
    """Leave no room on *disk* meanwhile."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


async def stored_until_refused(client: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    """Enqueue jobs for another day until one is refused; return how many are stored, and the refusal."""
    for stored in range(1000):
        later = {"task": CREATE, "args": {"order_id": 10_000 + stored}, "delay": "1d"}
        answer = await client.post("/jobs", json=later)
        if answer.status_code != 201:
            return stored, answer.json()
    raise AssertionError("1000 jobs found room on a full disk")


async def test_full_disk_refuses_new_work_keeps_outcomes_and_heals(
    ground: Ground, small_disk: Path, gate: Path, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.next("create-order", Answer.SILENT)
    async with running(ground) as daemon, api(ground) as client:
        waiter = await run_now(client, "waiter")
        await daemon.seen("job.started", job_id=waiter)
        shipping = await enqueued(client, CREATE, order_id=order_id)
        await sandbox.asked("create-order")
        with full_disk(small_disk):
            stored, refusal = await stored_until_refused(client)
            assert (507, "state-full") == (refusal["status"], refusal["kind"])
            assert f"{small_disk / 'queue.db'} could not be written" in refusal["detail"]
            assert "make room on its disk" in refusal["detail"]
            await daemon.seen("queue.store_failed")
            await asyncio.to_thread(gate.write_text, "ended while the disk was full\n")
            await daemon.seen("job.output", job_id=waiter)
            status = await ctl(ground, "status")
            assert "! queue.db cannot be written, so new work is refused" in status.out
            assert not [line for line in daemon.lines if line["event"] == "job.completed"]
        await daemon.seen("queue.store_healed")
        await daemon.seen("job.completed", job_id=waiter)
        assert (await client.get("/status")).json()["store"] == {"healthy": True, "reason": None, "why": None}
        await daemon.seen("job.completed", job_id=shipping)
        [queue] = [each for each in (await client.get("/status")).json()["queues"] if each["name"] == "high"]
        assert (stored, 0) == (queue["scheduled"], queue["failed"])
    assert 1 == sandbox.count("create-order")


@contextmanager
def table_missing(file: Path, name: str) -> Iterator[None]:
    """Let the shop lack a table meanwhile."""
    shop = sqlite3.connect(file)
    shop.execute(f"ALTER TABLE {name} RENAME TO elsewhere")
    shop.commit()
    try:
        yield
    finally:
        shop.execute(f"ALTER TABLE elsewhere RENAME TO {name}")
        shop.commit()
        shop.close()


@contextmanager
def gone(file: Path) -> Iterator[None]:
    """Let the shop's file be away meanwhile."""
    away = file.rename(file.with_suffix(".away"))
    try:
        yield
    finally:
        away.rename(file)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Let another program hold the shop meanwhile: nobody reads, nobody writes."""
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@pytest.fixture
async def shop_file(ground: Ground, shop: Shop, gate: Path) -> Path:
    """The shop with a cart that has expired, and nobody in it but the daemon."""
    item = Item(await make_size(shop))
    await make_cart(shop, items=[item], expires_in=timedelta(hours=-1))
    await shop.close()
    return ground.folder / "shop.sqlite"


async def test_missing_table_is_named_until_it_is_there(ground: Ground, shop_file: Path) -> None:
    async with running(ground) as daemon, api(ground) as client:
        with table_missing(shop_file, "carts"):
            expire = await enqueued(client, "carts:expire")
            snoozed = await daemon.seen("job.snoozed", job_id=expire)
            assert 'the shop\'s database has no table "carts"' in snoozed["reason"]
            assert "run its migrations" in snoozed["reason"]
            notes = "\n".join((await client.get("/status")).json()["notes"])
            assert 'the shop\'s database has no table "carts"' in notes
            await everything_else_goes_on(client, daemon)
        assert 1 == (await daemon.seen("job.completed", job_id=expire))["result"]["changed"]


async def test_shop_that_is_gone_and_back_is_waited_for(ground: Ground, shop_file: Path, order_id: int) -> None:
    async with running(ground) as daemon, api(ground) as client:
        with gone(shop_file):
            waiting = [await enqueued(client, "carts:expire"), await enqueued(client, CREATE, order_id=order_id)]
            for job in waiting:
                assert f"there is no file {shop_file}" in (await daemon.seen("job.snoozed", job_id=job))["reason"]
            status = await ctl(ground, "status")
            assert f"database not reachable: there is no file {shop_file}; create it" in status.out
            await everything_else_goes_on(client, daemon)
        for job in waiting:
            await daemon.seen("job.completed", job_id=job)
        assert (await client.get("/status")).json()["shop"] == {"reachable": True, "reason": None, "why": None}
    told = [line["event"] for line in daemon.lines if line["event"].startswith("shop.")]
    # A question that began while the file was gone may fail after another one was answered: told, and taken back.
    assert ["shop.lost", "shop.returned"] * max(told.count("shop.lost"), 1) == told


async def test_locked_shop_is_waited_for_and_delays_no_status(ground: Ground, shop_file: Path) -> None:
    async with running(ground) as daemon, api(ground) as client:
        with locked(shop_file):
            expire = await enqueued(client, "carts:expire")
            asked = monotonic()
            assert False is (await client.get("/status")).json()["shop"]["reachable"]
            assert monotonic() - asked < 3, "the lock is waited for 5 s"
            snoozed = await daemon.seen("job.snoozed", job_id=expire)
            assert f"{shop_file} is locked by another program" in snoozed["reason"]
            notes = "\n".join((await client.get("/status")).json()["notes"])
            assert f"{shop_file} is locked by another program" in notes
            await everything_else_goes_on(client, daemon)
            await daemon.seen("job.started", job_id=expire, attempt=2)
        assert 1 == (await daemon.seen("job.completed", job_id=expire))["result"]["changed"]
    told = [line["event"] for line in daemon.lines if line["event"].startswith("shop.")]
    assert ["shop.lost", "shop.returned"] == told
