"""What people and other programs get wrong, put before a real daemon: each is named with its cure, and it lives on."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from tests.support.daemon import DaemonProcess, Ground, begun, ctl, running
from tests.support.http import by_socket
from tests.support.shop import Item, make_order, make_size

CREATE = "alwaseet:create-shipment"
WRONG_ENTRIES = """
[queue]
workers = "ten"
[schedule.backup]
cron = "61 25 * * *"
command = ["/bin/true"]
[schedule.report]
cron = "0 2 * * *"
command = ["/nowhere/report"]
"""


async def refused_to_start(ground: Ground, program: str = "run", config: Path | None = None) -> tuple[int, list[str]]:
    """Let `paranad PROGRAM` fail; return its exit status and what it said beside its log."""
    async with begun(program, config or ground.config) as daemon:
        status = await daemon.ended()
    assert "Traceback" not in daemon.text
    return status, [line for line in daemon.raw if not line.startswith("{")]


@pytest.mark.parametrize("program", ["run", "check"])
async def test_every_problem_of_the_configuration_is_told_at_once(ground: Ground, program: str) -> None:
    ground.write(WRONG_ENTRIES)
    status, said = await refused_to_start(ground, program)
    assert status == 78
    workers, cron, command = said
    assert (
        'paranad.toml: [queue] workers: expected a whole number from 1 to 256, got "ten"; write workers = 10' == workers
    )
    assert cron.startswith("paranad.toml: [schedule.backup] cron: minute: expected *, a number from 0 to 59")
    assert 'got "61"; write for example cron = "30 3 * * *"' in cron
    assert command.startswith(
        'paranad.toml: [schedule.report] command: expected a program, got no such file: "/nowhere/'
    )


async def test_program_of_one_entry_that_is_missing_leaves_that_entry_out_and_no_more(ground: Ground) -> None:
    """A package removed, a mount that is late: after the next restart no order would ship."""
    ground.write('[schedule."backup"]\ncron = "0 2 * * *"\ncommand = ["/nowhere/backup"]\n')
    status, [said] = await refused_to_start(ground, "check")
    assert (78, True) == (status, "[schedule.backup] command: expected a program, got no such file" in said)
    async with running(ground) as daemon:
        await daemon.seen("schedule.entry_off", entry="backup")
        assert "backup is left out until its program is there: expected a program" in (await ctl(ground, "status")).out
        answered = await ctl(ground, "reload")
        assert (1, True) == (answered.status, "[schedule.backup] command: expected a program" in answered.err)
        finding = " ".join((await ctl(ground, "doctor")).out.split())
        assert "backup is left out: expected a program, got no such file: /nowhere/backup" in finding


@pytest.mark.parametrize(("name", "got"), [("none.toml", "found none"), (".", "Is a directory")])
async def test_configuration_that_cannot_be_read_is_the_one_problem(ground: Ground, name: str, got: str) -> None:
    status, [said] = await refused_to_start(ground, config=ground.folder / name)
    assert status == 78
    assert said.startswith(str(ground.folder / name))
    assert got in said


async def test_check_refuses_a_database_that_run_could_not_use(ground: Ground) -> None:
    ground.config.write_text(
        ground.config.read_text().replace(ground.shop_url, "postgresql://shop:sesame@localhost/shop")
    )
    status, [said] = await refused_to_start(ground, "check")
    assert status == 78
    assert "expected sqlite:////path/to/database.sqlite or mysql://user:password@host:3306/database" in said
    assert "sesame" not in said


async def test_truncated_queue_db_exits_65_and_is_left_as_it_is(ground: Ground) -> None:
    file = ground.state_dir / "queue.db"
    async with running(ground) as daemon:
        daemon.process.terminate()
        await daemon.ended()
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(half)
    status, [said] = await refused_to_start(ground)
    assert status == 65
    assert f"{file} " in said
    assert said.endswith("it is left as it is: restore it from a backup")
    assert half == file.read_bytes()


def folder_as_file(state_dir: Path) -> Path:
    (state_dir / "queue.db").mkdir(parents=True)
    return state_dir / "queue.db"


def file_as_folder(state_dir: Path) -> Path:
    state_dir.touch()
    return state_dir


@pytest.mark.parametrize("spoil", [folder_as_file, file_as_folder])
async def test_state_that_cannot_be_written_is_named(ground: Ground, spoil: Callable[[Path], Path]) -> None:
    spoilt = spoil(ground.state_dir)
    status, [said] = await refused_to_start(ground)
    assert status not in {0, 65, 75, 78}
    assert said.startswith(f"{spoilt}: expected ")
    assert "daemon.state_dir" in said


def api(ground: Ground) -> httpx.AsyncClient:
    return by_socket(ground.socket, "http://paranad/v1")


def job(task: str, **args: Any) -> bytes:
    return json.dumps({"task": task, "args": args}).encode()


WRONG_BODIES = [
    (job("carts:expird"), 422, 'unknown task "carts:expird"; did you mean "carts:expire"?'),
    (job(CREATE), 422, "order_id is missing; it takes order_id"),
    (job(CREATE, order_id=1, colour="red"), 422, 'unknown argument "colour"'),
    (job(CREATE, order_id="one"), 422, "order_id: expected a whole number, got 'one'"),
    (job(CREATE, order_id=0), 422, "order_id: expected greater than or equal to 1, got 0"),
    (job(CREATE, order_id=2**63), 422, "order_id: expected less than or equal to 9223372036854775807"),
    (job("carts:expire", filling="x" * (1 << 20)), 413, "expected at most 1048576 bytes (1 MiB)"),
    (b"[" * 1000 + b"]" * 1000, 400, "nested at most 32 deep"),
    (b"task=carts:expire", 400, "expected JSON"),
]
WRONG_IDS = ["0", "-1", "9" * 20, "one", "1.5"]


async def test_wrong_requests_are_refused_by_name_and_leave_nothing_behind(ground: Ground) -> None:
    async with running(ground) as daemon, api(ground) as client:
        for body, status, words in WRONG_BODIES:
            answer = await client.post("/jobs", content=body)
            assert (status, True) == (answer.status_code, words in answer.json()["detail"]), answer.text
        for wrong in WRONG_IDS:
            for path in (f"/jobs/{wrong}", f"/shipments/{wrong}"):
                answer = await client.get(path)
                assert (422, True) == (answer.status_code, f'got "{wrong}"' in answer.json()["detail"]), answer.text
        assert [] == (await client.get("/jobs")).json()["items"]
        assert 200 == (await client.get("/health")).status_code
        answered = await ctl(ground, "jobs", "show", str(2**63 - 1))
        assert (4, True) == (answered.status, f"job {2**63 - 1} does not exist" in answered.err)
    assert not [line for line in daemon.lines if line["level"] in {"warning", "error"}]


async def reason_of(ground: Ground, daemon: DaemonProcess, order_id: int, state: str) -> str:
    """Send the order, wait until its job is *state*; return why it is."""
    async with api(ground) as client:
        job_id = (await client.post("/jobs", content=job(CREATE, order_id=order_id))).json()["id"]
        await daemon.seen(f"job.{state}", job_id=job_id)
        ended = (await client.get(f"/jobs/{job_id}")).json()
    return ended["error"] or json.dumps(ended["result"])


async def test_orders_that_cannot_be_shipped_say_why_and_the_next_one_is_shipped(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    item = Item(await make_size(shop))
    wrong: list[tuple[dict[str, Any], str, str]] = [
        (
            {"customer_phone": ""},
            "failed",
            "customer_phone: expected an Iraqi mobile number such as 07XXXXXXXXX, got none",
        ),
        ({"customer_phone": "+1 415 555 0123"}, "failed", "customer_phone: expected an Iraqi mobile number"),
        ({"items": []}, "failed", "nothing to ship"),
        ({"total_amount": Decimal(0)}, "failed", "total_amount"),
        ({"deleted_at": shop.now()}, "completed", "the order is in the trash"),
        ({"status": "cancelled"}, "completed", "the order is cancelled"),
    ]
    numbers = [await make_order(shop, **{"items": [item], **values}) for values, _, _ in wrong]
    async with running(ground) as daemon:
        for number, (_, state, words) in zip(numbers, wrong, strict=True):
            reason = await reason_of(ground, daemon, number, state)
            assert (True, True) == (words in reason, f"order {number}" in reason), reason
        assert "order 4812: no such order in the shop" == await reason_of(ground, daemon, 4812, "failed")
        assert "courier_id" in await reason_of(ground, daemon, order_id, "completed")
    assert 1 == sandbox.count("create-order")


UNCLEAR = [Answer.EMPTY, Answer.TRUNCATED, Answer.HTML, Answer.ERROR_502, Answer.DATA_NULL]
ANSWERS = [*UNCLEAR[:2], Answer.REFUSED, *UNCLEAR[2:4], Answer.REFUSED, UNCLEAR[4]]
"""A refusal is an answer: without one in between, the third outage in a row would close the courier's door."""


async def test_answers_that_cannot_be_trusted_end_in_one_shipment_each(
    ground: Ground, shop: Shop, sandbox: Sandbox
) -> None:
    item = Item(await make_size(shop))
    orders = [await make_order(shop, items=[item], customer_phone=f"0770{place:07}") for place, _ in enumerate(ANSWERS)]
    sandbox.next("create-order", *ANSWERS)
    async with running(ground) as daemon, api(ground) as client:
        for place, number in enumerate(orders, start=1):
            await client.post("/jobs", content=job(CREATE, order_id=number))
            await sandbox.asked("create-order", times=place)
        assert "999" in (await daemon.seen("job.failed"))["error"]
        for number, answer in zip(orders, ANSWERS, strict=True):
            if answer in UNCLEAR:
                await daemon.seen("shipment.recorded", order_id=number)
    assert len(UNCLEAR) == len(sandbox.orders)
    assert 0 == sandbox.duplicates()
