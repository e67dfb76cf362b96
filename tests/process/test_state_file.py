"""A real daemon whose queue.db is taken away, damaged, or was never closed."""

import signal
from contextlib import suppress

import httpx

from tests.process.test_bad_input import CREATE, api, job, refused_to_start
from tests.support.daemon import Ground, ctl, running


async def test_queue_db_that_is_removed_is_told_refused_and_written_back_at_the_stop(ground: Ground) -> None:
    async with running(ground) as daemon, api(ground) as client:
        body = {"task": "carts:expire", "delay": "2h"}
        stored: httpx.Response = await client.post("/jobs", json=body)
        for each in ground.state_dir.glob("queue.db*"):
            each.unlink()
        assert 503 == (await client.get("/backup")).status_code  # looks at once; by itself it looks once a minute
        await daemon.seen("queue.store_gone")
        assert (503, 503) == (
            (await client.post("/jobs", content=job("carts:expire"))).status_code,
            (await client.get("/health")).status_code,
        )
        status = await ctl(ground, "status")
        assert "no new work is taken and none begins" in status.out
        assert "systemctl restart paranad" in status.out
        resumed = await ctl(ground, "resume")
        assert (1, True) == (resumed.status, "systemctl restart paranad" in resumed.err), resumed
        assert "draining" == (await client.get("/status")).json()["daemon"]["state"]
        doctor = await ctl(ground, "doctor")
        assert "paranadctl resume" not in status.out + doctor.out, "it would end nothing"
        assert "at its stop the daemon writes back what it has open" in " ".join(doctor.out.split())
        daemon.send(signal.SIGTERM)
        assert 0 == await daemon.ended()
    assert any(line.get("event") == "queue.store_saved" for line in daemon.lines)
    async with running(ground) as daemon, api(ground) as client:
        answer = await client.get(f"/jobs/{stored.json()['id']}")
        assert (200, "scheduled") == (answer.status_code, answer.json()["state"])


async def test_queue_db_that_is_gone_at_the_start_exits_65_until_a_person_asks_for_a_new_one(ground: Ground) -> None:
    async with running(ground) as daemon, api(ground) as client:
        assert 201 == (await client.post("/jobs", content=job("carts:expire"))).status_code
        daemon.send(signal.SIGKILL)
        await daemon.ended()
    (ground.state_dir / "queue.db").unlink()
    left = (ground.state_dir / "queue.db-wal").read_bytes()
    for _ in range(2):
        status, [said] = await refused_to_start(ground)
        assert (65, True) == (status, "paranad run --new-state" in said), said
    assert left == (ground.state_dir / "queue.db-wal").read_bytes()
    assert not (ground.state_dir / "queue.db").exists()


async def test_queue_db_whose_pages_turn_bad_ends_the_daemon_with_65_and_no_traceback(ground: Ground) -> None:
    file = ground.state_dir / "queue.db"
    async with running(ground) as daemon, api(ground) as client:
        for n in range(4):  # more than SQLite keeps in memory
            orders = [{"task": CREATE, "args": {"order_id": n * 5000 + k + 1}, "delay": "2h"} for k in range(5000)]
            assert 201 == (await client.post("/jobs", json=orders)).status_code
        daemon.send(signal.SIGTERM)
        await daemon.ended()
    async with running(ground) as daemon, api(ground) as client:
        with file.open("r+b") as spoilt:
            spoilt.seek(4096)
            spoilt.write(b"\xff" * (file.stat().st_size - 4096))
        with suppress(httpx.HTTPError):
            for n in range(1, 20_000, 500):
                await client.get(f"/jobs/{n}")
        assert 65 == await daemon.ended()
    assert "Traceback" not in daemon.text
    assert "cannot be trusted" in daemon.text
