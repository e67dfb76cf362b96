"""`paranadctl report` from a real daemon: every answer that it asks for is there, and nothing of the shop's people."""

from pathlib import Path

import pytest
from anyio import to_thread

from paranad.cli.commands import logs
from paranad.cli.report import gather
from paranad.cli.report.gather import SERVICES, Report
from paranad.control.client import ControlClient
from paranad.control.daemon import Daemon
from paranad.control.stream import Stream
from paranad.said import Sentence
from tests.support.clock import START
from tests.support.control import Serve, app_of
from tests.support.shop import Item, make_order, make_size
from tests.support.sqlite_file import change

PLANTED = ("زينب", "الكرادة", "instagram", "7701234567", "0770", "Zainab", "Geheim")
REFUSED = Sentence("test.refused", "the courier refuses {name}, {phone}: {detail}")


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No journal, no look around this machine, and no doctor, who waits for a courier."""
    monkeypatch.setattr(logs, "FOLDERS", (Path("/nowhere/log"), Path("/nowhere/run")))
    monkeypatch.setattr(gather, "asked", lambda *_: "")
    monkeypatch.setattr(gather, "doctor", lambda _: {})


async def report_of(daemon: Daemon, serve: Serve, stream: Stream, socket_path: Path) -> Report:
    async with serve(app_of(daemon, stream)):
        return await to_thread.run_sync(gather.gather, ControlClient(socket_path), lambda: START)


async def test_a_report_of_a_real_daemon_lacks_nothing_but_the_log_and_names_nobody(
    daemon: Daemon, serve: Serve, stream: Stream, socket_path: Path, held: None
) -> None:
    item = Item(await make_size(daemon.parts.shop, quantity=9), quantity=1)
    order_id = await make_order(daemon.parts.shop, items=[item], created_at=daemon.parts.shop.wall(START))
    why = REFUSED(name="Zainab", phone="07701234567", detail="token=Geheim-4711, بغداد، الكرادة")
    await fill_in_a_failure(daemon, order_id, str(why))
    report = await report_of(daemon, serve, stream, socket_path)
    assert {f"log/{name}.jsonl" for name in SERVICES} == {each.name for each in report.missing}
    held_parts = {part.name: part.text for part in report.parts}
    assert f'"order_id": {order_id}' in held_parts["orders.json"]
    assert '"state": "held"' in held_parts["shipments.json"]
    assert '"error": "the courier refuses …' in held_parts["jobs.json"]
    for name, text in held_parts.items():
        assert [] == [each for each in PLANTED if each in text], name


async def fill_in_a_failure(daemon: Daemon, order_id: int, error: str) -> None:
    """Let a job of the order have failed with *error*, whatever task made it."""
    await change(
        daemon.parts.store.path,
        f"""
        INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,
                          finished_at, error)
        VALUES ('alwaseet:create-shipment', '{{"order_id": {order_id}, "note": "Zainab 07701234567"}}', 'high',
                'shop', 'failed', 3, 1, 0, 0, 0, 0, '{error}');
        """,
    )
