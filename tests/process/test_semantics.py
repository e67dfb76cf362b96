"""Rows of the interface's table of semantics on a real daemon: what two people would otherwise build differently."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_sync_logs
from tests.support.daemon import PATIENCE_S, DaemonProcess, Ground, ctl, running
from tests.support.http import by_socket
from tests.support.shop import Item, make_order, make_size, rows

CREATE = "alwaseet:create-shipment"
GROUP = """
[schedule."group"]
cron = "0 0 1 1 *"
command = ["/bin/sh", "-c", "sleep 300 & echo $!; wait"]
"""


async def ask(ground: Ground, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Ask the control API itself; return the HTTP status and the JSON."""
    async with by_socket(ground.socket) as client:
        answered = await client.request(method, f"/v1/{path}", json=body)
    return answered.status_code, answered.json()


async def enqueued(ground: Ground, task: str, **args: Any) -> int:
    """Enqueue one job; return its id."""
    _, job = await ask(ground, "POST", "jobs", {"task": task, "args": args})
    return int(job["id"])


async def gone(pid: int) -> None:
    """Wait until the process *pid* has ended."""
    ended = asyncio.Event()
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(watch, ended.set)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)


async def killed(daemon: DaemonProcess) -> None:
    daemon.send(signal.SIGKILL)
    await daemon.ended()


async def stopped_at_once(daemon: DaemonProcess) -> None:
    daemon.send(signal.SIGTERM)
    await daemon.seen("daemon.draining")
    daemon.send(signal.SIGTERM)
    assert 0 == await daemon.ended()


async def grandchild(ground: Ground, daemon: DaemonProcess) -> tuple[int, int]:
    """Run the entry `group` by hand; return its job's id and the process that its command has started."""
    job = (await ask(ground, "POST", "schedule/group/run"))[1]
    return job["id"], int((await daemon.seen("job.output", job_id=job["id"]))["line"])


async def test_what_counts_as_a_try_is_an_exception_and_neither_a_crash_nor_a_hand_back(ground: Ground) -> None:
    flag = ground.folder / "fail"
    script = f"[ -e {flag} ] && exit 3; echo started; sleep 300"
    ground.write(f'[schedule."work"]\ncron = "0 0 1 1 *"\ntries = 2\ncommand = ["/bin/sh", "-c", "{script}"]\n')
    async with running(ground) as daemon:
        job_id = (await ask(ground, "POST", "schedule/work/run"))[1]["id"]
        await daemon.seen("job.output")
        await killed(daemon)
    async with running(ground) as daemon:
        await daemon.seen("job.output")
        await stopped_at_once(daemon)
    flag.touch()
    async with running(ground) as daemon:
        await daemon.seen("job.attempt_failed", job_id=job_id)
        _, job = await ask(ground, "GET", f"jobs/{job_id}")
    assert [("recovered", False), ("handed_back", False), ("failed", True)] == [
        (each["outcome"], each["counted"]) for each in job["attempts"]
    ]
    assert (1, "retryable") == (job["tries_spent"], job["state"])


async def test_outage_snoozes_and_spends_no_try_while_bad_data_fails_at_once(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    await sandbox.stop()
    bare = await make_order(shop)
    async with running(ground) as daemon:
        waits = await enqueued(ground, CREATE, order_id=order_id)
        fails = await enqueued(ground, CREATE, order_id=bare)
        await daemon.seen("job.snoozed", job_id=waits)
        failed = await daemon.seen("job.failed", job_id=fails, attempt=1)
        status, job = await ask(ground, "GET", f"jobs/{waits}")
    assert (200, "scheduled", 0) == (status, job["state"], job["tries_spent"])
    assert f"order {bare} has no items: nothing to ship" in failed["error"]


async def test_retry_all_puts_the_newest_of_one_unique_key_back_and_says_what_covers_the_others(ground: Ground) -> None:
    async with running(ground) as daemon:
        ids = []
        for _ in range(3):
            ids.append(await enqueued(ground, CREATE, order_id=999))
            await daemon.seen("job.failed", job_id=ids[-1])
        await ask(ground, "POST", "queues/high/pause")
        said = (await ctl(ground, "retry", "all")).out.splitlines()
        _, job = await ask(ground, "GET", f"jobs/{ids[-1]}")
    covered = [f"job {each} stays failed: job {ids[-1]} already does it" for each in (ids[1], ids[0])]
    assert [f"job {ids[-1]} is back", *covered] == said
    assert ("available", 0) == (job["state"], job["tries_spent"])


async def test_cancel_while_a_create_order_request_is_under_way_is_409_try_again(
    ground: Ground, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.next("create-order", Answer.SILENT)
    async with running(ground) as daemon:
        job = await enqueued(ground, CREATE, order_id=order_id)
        await sandbox.asked("create-order")
        status, problem = await ask(ground, "POST", f"jobs/{job}/cancel")
        assert (409, True) == (status, "try again" in problem["detail"])
        await daemon.seen("shipment.unclear", order_id=order_id)


async def test_pause_survives_a_restart_drain_does_not_and_resume_ends_both(ground: Ground) -> None:
    async with running(ground) as daemon:
        await ask(ground, "POST", "queues/default/pause")
        await ask(ground, "POST", "drain")
        assert 201 == (await ask(ground, "POST", "jobs", {"task": "carts:expire"}))[0]
        daemon.send(signal.SIGTERM)
        await daemon.ended()
    async with running(ground) as daemon:
        _, status = await ask(ground, "GET", "status")
        assert "ready" == status["daemon"]["state"]
        assert [("high", False, 0), ("default", True, 1)] == [
            (queue["name"], queue["paused"], queue["available"]) for queue in status["queues"]
        ]
        await ask(ground, "POST", "drain")
        await ask(ground, "POST", "resume")
        await daemon.seen("job.completed", task="carts:expire")


async def test_several_status_ids_are_one_job_each_and_a_running_equal_job_is_joined(
    ground: Ground, sandbox: Sandbox
) -> None:
    sandbox.next("merchant-orders", Answer.SILENT)
    async with running(ground):
        first = (await ctl(ground, "--json", "sync", "--no-wait", "--status-id", "1")).json["items"]
        await sandbox.asked("merchant-orders")
        both = (await ctl(ground, "--json", "sync", "--no-wait", "--status-id", "1", "--status-id", "2")).json["items"]
    assert [("1", True), ("2", False)] == [(each["status_id"], each["duplicate"]) for each in both]
    assert first[0]["id"] == both[0]["id"] != both[1]["id"]


async def test_sync_logs_type_is_manual_where_a_person_asked(ground: Ground, shop: Shop) -> None:
    async with running(ground):
        assert 0 == (await ctl(ground, "alwaseet:sync")).status
    assert ["manual"] == [log["type"] for log in await rows(shop, alwaseet_sync_logs)]


async def test_reload_applies_schedule_level_retention_rates_and_alert_and_names_the_rest(ground: Ground) -> None:
    async with running(ground) as daemon:
        text = ground.write(GROUP).read_text()
        text = text.replace('level = "debug"', 'level = "info"').replace('"28/30s"', '"9/20s"')
        retained = (
            '[queue]\nretain_completed = "1d"\nretain_failed = "9d"\nworkers = 3\n[alert]\ncommand = ["/bin/true"]\n'
        )
        ground.config.write_text(text + retained)
        _, report = await ask(ground, "POST", "reload")
        _, status = await ask(ground, "GET", "status")
        await daemon.seen("daemon.reloaded")
    at_once = {"[queue] retain_completed", "[queue] retain_failed", "[courier] rate_limit", "[log] level"}
    assert at_once | {"[alert] command"} <= set(report["changed"])
    assert ["[queue] workers"] == report["needs_restart"]
    assert (9, 10) == (status["courier"]["limiter"]["limit"], status["workers"])
    assert "group" in {entry["name"] for entry in status["schedule"]}


async def test_occurrences_of_the_past_run_one_after_another_each_told_its_day(ground: Ground) -> None:
    ground.write('[schedule."report"]\ncron = "0 8 * * *"\ncommand = ["/bin/echo", "{date}"]\n')
    async with running(ground) as daemon:
        span = ("--from", "2026-02-27", "--to", "2026-02-28")
        assert 0 == (await ctl(ground, "schedule", "backfill", "report", *span)).status
        for day in ("2026-02-27", "2026-02-28"):
            await daemon.seen("job.output", task="report", line=day)
        _, history = await ask(ground, "GET", "schedule/report/history")
    assert [("2026-02-28", "backfilled"), ("2026-02-27", "backfilled")] == [
        (run["occurrence"][:10], run["reason"]) for run in history["items"]
    ]


async def test_reload_is_all_or_nothing(ground: Ground) -> None:
    async with running(ground):
        _, before = await ask(ground, "GET", "status")
        good = ground.write().read_text().replace('"28/30s"', '"9/20s"')
        ground.config.write_text(good + '[schedule."backup"]\ncron = "61 3 * * *"\n')
        answered = await ctl(ground, "reload")
        _, after = await ask(ground, "GET", "status")
    assert (1, True) == (answered.status, "paranad.toml: [schedule.backup] cron" in answered.err)
    assert before["courier"]["limiter"]["limit"] == after["courier"]["limiter"]["limit"]
    assert before["schedule"] == after["schedule"]


async def test_schedule_run_answers_with_its_unfinished_job_as_a_duplicate(ground: Ground) -> None:
    ground.write(GROUP)
    async with running(ground) as daemon:
        job, _ = await grandchild(ground, daemon)
        assert (200, {"id": job, "duplicate": True}) == await ask(ground, "POST", "schedule/group/run")


async def test_handing_back_a_command_entry_ends_its_whole_process_group(ground: Ground) -> None:
    ground.write(GROUP)
    async with running(ground) as daemon:
        _, pid = await grandchild(ground, daemon)
        await stopped_at_once(daemon)
        await gone(pid)


async def test_cancelling_a_command_entry_ends_its_whole_process_group(ground: Ground) -> None:
    ground.write(GROUP)
    async with running(ground) as daemon:
        job, pid = await grandchild(ground, daemon)
        assert 200 == (await ask(ground, "POST", f"jobs/{job}/cancel"))[0]
        await gone(pid)


async def test_unknown_queue_or_task_is_422_naming_the_known_ones(ground: Ground) -> None:
    asked = (
        ("jobs", {"task": "carts:expir"}, "promotions:expire"),
        ("jobs", {"task": "carts:expire", "queue": "low"}, "high, default"),
        ("tasks/nope/dry-run", None, "promotions:expire"),
        ("queues/low/pause", None, "high, default"),
        ("failed/retry?task=nope", None, "promotions:expire"),
    )
    async with running(ground):
        for path, body, known in asked:
            status, problem = await ask(ground, "POST", path, body)
            assert (422, True) == (status, known in problem["detail"])


async def test_missing_state_dir_is_created_0700_and_schedule_d_is_found_beside_the_configuration(
    tmp_path: Path, ground: Ground
) -> None:
    place = tmp_path / "etc"
    (place / "schedule.d").mkdir(parents=True)
    (place / "schedule.d" / "own.toml").write_text(GROUP)
    ground.config.rename(place / "paranad.toml")
    moved = Ground(place, ground.shop_url, ground.courier_url)
    state = tmp_path / "var" / "lib" / "state"
    moved.config.write_text(moved.config.read_text().replace(str(ground.state_dir), str(state)))
    async with running(moved):
        status, _ = await ask(ground, "GET", "schedule/group/history")
    assert (200, 0o700) == (status, state.stat().st_mode & 0o777)


async def test_account_without_the_right_to_create_is_one_login_one_repeat_then_waits_and_is_told(
    ground: Ground, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.behaviour.may_create = False
    async with running(ground) as daemon:
        job = await enqueued(ground, CREATE, order_id=order_id)
        snoozed = await daemon.seen("job.snoozed", job_id=job)
        await daemon.seen("courier.right_refused", level="error")
        status = (await ctl(ground, "status")).out
    assert "ask AlWaseet" in snoozed["reason"]
    assert (2, 2) == (sandbox.count("login"), sandbox.count("create-order")), "the first token, and one more"
    assert "courier: says this account may not do that; ask AlWaseet" in status


async def test_phones_show_their_last_three_digits_everywhere(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    wrong = await make_order(shop, items=[Item(await make_size(shop))], customer_phone="0044 7911 123456")
    fine = await make_order(
        shop, items=[Item(await make_size(shop))], customer_phone="07701234567", customer_phone2="٠٧٧٠٩٩٩٨٨٧٧"
    )
    async with running(ground) as daemon:
        dry = (await ctl(ground, "run", CREATE, f"order_id={fine}", "--dry-run")).out
        await enqueued(ground, CREATE, order_id=wrong)
        await enqueued(ground, CREATE, order_id=fine)
        failed = await daemon.seen("job.failed")
        await daemon.seen("shipment.recorded", order_id=fine)
        shown = (await ctl(ground, "shipments", "show", str(fine))).out
        listed = str((await ask(ground, "GET", "jobs"))[1])
    assert "456" in failed["error"]
    assert "567" in dry
    assert "567" in shown
    for digits in ("7911", "0123456", "770999", "1234567"):
        assert digits not in dry + shown + listed + daemon.text
