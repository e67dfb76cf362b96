"""Status changes are told once, by PHP or by rows, wherever the daemon is killed meanwhile."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count as counting
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from paranad.configuration.settings import Settings
from paranad.events.event import Events
from paranad.known_tasks import notice_queue
from paranad.mirror.policy import BY_ID, LISTED, SYNC
from paranad.mirror.rows import SEEDED
from paranad.mirror.write import StatusChange, Tell, Written, write
from paranad.php import PhpObject, PhpValue, read
from paranad.queue.jobs import JobFilter, Jobs
from paranad.queue.model import Enqueued, Request
from paranad.said import plain
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBusy
from paranad.shop.listener import STATUS_LISTENER, listener_payload
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments, jobs
from paranad.store.file import Store
from paranad.tasks.notices import Notices
from tests.mirror.test_write import courier_order
from tests.support.clock import ManualClock
from tests.support.payloads import sample
from tests.support.queue import Seen, jobs_at_rest, new_job
from tests.support.shop import make_shipment, row, rows
from tests.support.shop_faults import refuse_inserts
from tests.support.tasks import make_context, make_notices

PHP = "php:default"
WAYS = pytest.mark.parametrize("queue", [None, PHP], ids=["rows", "php"])


class KilledError(BaseException):
    """The process is gone."""


@dataclass(eq=False)
class Killer:
    """Ends the process at one of its steps: before a statement, before a commit, around an enqueue, at the end."""

    at: int
    passed: int = 0

    def __call__(self, *_: Any) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise KilledError


@dataclass
class Scene:
    """A shop and a queue, and what tells of changes between them; what is stored outlives a kill."""

    shop: Shop
    queue: Jobs
    notices: Notices
    killer: Killer = field(default_factory=lambda: Killer(0))

    async def enqueue(self, requests: Sequence[Request]) -> Sequence[Enqueued]:
        self.killer()
        stored = await self.queue.enqueue(
            [new_job(each.task, args=dict(each.args), source=each.source) for each in requests]
        )
        self.killer()
        return stored

    @property
    def tell(self) -> Tell:
        return self.notices.told_by(make_context(self.shop.clock, enqueue=self.enqueue))

    async def run(
        self, *orders: Any, kill_at: int = 0, tell: Tell | None = None, policy: Any = BY_ID
    ) -> Written | None:
        """Write the courier's *orders* as a job does; None: it was killed."""
        self.killer, engine = Killer(kill_at), self.shop.database.engine.sync_engine
        steps = ("before_cursor_execute", "commit")
        for step in steps:
            event.listen(engine, step, self.killer)
        with suppress(KilledError):
            try:
                written = await write(self.shop, orders, policy, tell=tell or self.tell)
                self.killer()
                return written
            finally:
                for step in steps:
                    event.remove(engine, step, self.killer)
        await self.shop.database.engine.dispose()  # a process that is gone holds no connection
        return None

    async def seed(self, shipment_id: int) -> None:
        """Write where the shipment stands into its history, as `alwaseet:seed-status-history` does."""
        async with self.shop.transaction() as connection:
            seeded = {"shipment_id": shipment_id, "status_id": "1", "status_text": "-", "changed_by": SEEDED}
            seeded |= {"changed_at": self.shop.now(), "created_at": self.shop.now(), "updated_at": self.shop.now()}
            await connection.execute(insert(alwaseet_order_status_history).values(seeded))

    async def told(self, shipment_id: int) -> list[tuple[str, int, str, str]]:
        """Return every notice of the shipment: by whom, and of which change."""
        page = await self.queue.find(JobFilter(), limit=1000, cursor=None)
        named = ("shipment_id", "old_status_id", "new_status_id")
        ours = [("rows", *(job.args[name] for name in named)) for job in page.items]
        theirs = [("php", *_change_in(row["payload"])) for row in await rows(self.shop, jobs)]
        return [notice for notice in (*ours, *theirs) if notice[1] == shipment_id]


@pytest.fixture
async def scene(shop: Shop, store: Store, clock: ManualClock, events: Events, queue: str | None) -> Scene:
    at_rest = jobs_at_rest(store, clock, events)
    await at_rest.recover()
    return Scene(shop, at_rest, make_notices(shop, queue=queue, delivered=at_rest.delivered))


def _change_in(payload: str) -> tuple[Any, Any, Any]:
    event = _event_in(payload)
    shipment = event["shipment"]
    assert isinstance(shipment, PhpObject)
    return (shipment.properties["id"], event["oldStatusId"], event["newStatusId"])


def _listener_in(payload: str) -> PhpObject:
    listener = read(json.loads(payload)["data"]["command"])
    assert isinstance(listener, PhpObject)
    return listener


def _event_in(payload: str) -> dict[str, PhpValue]:
    data = _listener_in(payload).properties["data"]
    assert isinstance(data, dict)
    assert isinstance(data[0], PhpObject)
    return dict(data[0].properties)


@WAYS
async def test_kill_at_any_step_loses_no_notice_and_doubles_none(scene: Scene, queue: str | None) -> None:
    by = "php" if queue else "rows"
    for step in counting(1):
        shipment_id = await make_shipment(scene.shop, alwaseet_order_id=f"9{step}", status_id="1")
        order = courier_order(f"9{step}", status_id="4")
        killed = await scene.run(order, kill_at=step) is None
        if queue:  # the notice rides in the transaction: it is there exactly if the status is
            moved = (await row(scene.shop, alwaseet_shipments, shipment_id))["status_id"] == "4"
            assert int(moved) == len(await scene.told(shipment_id)), step
        await scene.run(order)
        assert [(by, shipment_id, "1", "4")] == await scene.told(shipment_id), step
        assert 1 == len(await rows(scene.shop, alwaseet_order_status_history, shipment_id=shipment_id)), step
        if not killed:
            break
    assert step > 6, "every statement, the commit, and what stands around them"


@pytest.mark.parametrize(("queue", "later"), [(None, PHP), (PHP, None)], ids=["rows before php", "php before rows"])
async def test_kill_and_another_mode_at_the_restart_lose_no_notice_and_double_none(
    scene: Scene, queue: str | None, later: str | None
) -> None:
    by = set[str]()
    for step in counting(1):
        scene.notices.use(queue, by_php=True)
        killed_id, other_id = [
            await make_shipment(scene.shop, alwaseet_order_id=f"{place}{step}", status_id="1") for place in (8, 9)
        ]
        order, other = courier_order(f"8{step}", status_id="4"), courier_order(f"9{step}", status_id="4")
        killed = await scene.run(order, kill_at=step) is None
        await scene.seed(killed_id)  # history that a run of another task adds meanwhile names no other change
        scene.notices.use(later, by_php=True)
        await scene.run(order, other, kill_at=step)  # one that may be known, one that is new
        await scene.run(order, other)
        told = await scene.told(killed_id)
        assert [("1", "4")] == [each[2:] for each in told], (step, told)
        assert [("php" if later else "rows", other_id, "1", "4")] == await scene.told(other_id), step
        by.add(told[0][0])
        if not killed:
            break
    assert {"php", "rows"} == by, "killed before its notice was stored, and after"


@pytest.mark.parametrize("queue", [PHP])
async def test_jobs_table_that_takes_rows_again_after_a_kill_doubles_no_notice(scene: Scene) -> None:
    for step in counting(1):
        shipment_id = await make_shipment(scene.shop, alwaseet_order_id=f"9{step}", status_id="1")
        order = courier_order(f"9{step}", status_id="4")
        await refuse_inserts(scene.shop, jobs, "1 = 1")
        killed = await scene.run(order, kill_at=step) is None
        async with scene.shop.transaction() as connection:
            await connection.execute(text("DROP TRIGGER refuse"))
        await scene.run(order)
        told = await scene.told(shipment_id)
        assert [("1", "4")] == [each[2:] for each in told], (step, told)
        if not killed:
            break
    assert "rows" == told[0][0]


@pytest.mark.parametrize("queue", [None])
async def test_job_that_is_being_stored_is_waited_for_before_it_is_asked_for(scene: Scene) -> None:
    """The shop gives a job's locks to the next one if it drops the connection, while the job is being stored."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def enqueue(requests: Sequence[Request]) -> Sequence[Enqueued]:
        asked.set()
        await go_on.wait()
        return await scene.enqueue(requests)

    args = {"shipment_id": 5, "old_status_id": "1", "new_status_id": "4"}
    context = make_context(scene.shop.clock, enqueue=enqueue)
    storing = asyncio.create_task(
        scene.notices.store(context, [Request("alwaseet:notify-status", args, "notice:5:0:4")])
    )
    await asked.wait()
    asking = asyncio.create_task(scene.notices.stored([StatusChange(5, "1", "17"), StatusChange(6, "1", "4")]))
    await asyncio.wait([asking], timeout=0)
    assert not asking.done()
    go_on.set()
    assert {"notice:5:0:4"} == await asking
    await storing


@WAYS
async def test_transaction_that_a_deadlock_repeats_tells_once(scene: Scene, queue: str | None) -> None:
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="9", status_id="1")
    tries = counting(1)

    async def tell(connection: AsyncConnection, changes: Sequence[StatusChange]) -> None:
        await scene.tell(connection, changes)
        if next(tries) == 1:
            raise ShopBusy(plain("a deadlock with another program"))

    await scene.run(courier_order("9", status_id="4"), tell=tell)
    assert [("php" if queue else "rows", shipment_id, "1", "4")] == await scene.told(shipment_id)


@WAYS
async def test_status_that_goes_there_and_back_is_told_each_time(scene: Scene) -> None:
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="9", status_id="1")
    for status_id in ("4", "1", "4"):
        await scene.run(courier_order("9", status_id=status_id))
    changes = [("1", "4"), ("4", "1"), ("1", "4")]
    assert sorted(changes) == sorted(told[2:] for told in await scene.told(shipment_id))


@WAYS
async def test_first_status_of_a_shipment_is_no_change_to_tell_of(scene: Scene) -> None:
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="9", status_id="")
    for policy in (BY_ID, LISTED, SYNC):
        await scene.run(courier_order("9", status_id="4"), courier_order("10", status_id="4"), policy=policy)
    assert [] == await scene.told(shipment_id)
    assert [] == await rows(scene.shop, jobs)


@WAYS
async def test_bad_order_beside_it_neither_keeps_a_notice_nor_has_one(scene: Scene, queue: str | None) -> None:
    good, bad = [await make_shipment(scene.shop, alwaseet_order_id=each, status_id="1") for each in ("8", "9")]
    await refuse_inserts(scene.shop, alwaseet_order_status_history, f"NEW.shipment_id = {bad}")
    written = await scene.run(courier_order("8", status_id="4"), courier_order("9", status_id="4"))
    assert written is not None
    assert ["9"] == [courier_id for courier_id, _ in written.failed]
    assert [("php" if queue else "rows", good, "1", "4")] == await scene.told(good)
    assert [] == await scene.told(bad)


@pytest.mark.parametrize("queue", [PHP])
async def test_row_stands_as_laravel_s_own_would(scene: Scene) -> None:
    await make_shipment(scene.shop, alwaseet_order_id="9", status_id="1")
    await scene.run(courier_order("9", status_id="4"))
    [row] = await rows(scene.shop, jobs)
    now_s = int(scene.shop.clock.now().timestamp())
    assert (PHP, 0, None, now_s, now_s) == tuple(
        row[name] for name in ("queue", "attempts", "reserved_at", "available_at", "created_at")
    )
    assert "00000000-0000-0000-0000-000000000000" == json.loads(row["payload"])["uuid"]


@pytest.mark.parametrize("queue", [PHP])
async def test_row_that_paranad_itself_was_to_work_is_missed_by_nobody(scene: Scene, events: Events) -> None:
    """With `keep_rows` the listener's row waits for whichever daemon works; where none is taken, a job here tells."""
    seen = Seen(events)
    scene.notices.use("default", by_php=False)
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="91", status_id="1")
    await scene.run(courier_order("91", status_id="4"))
    await refuse_inserts(scene.shop, jobs, "1 = 1")
    await scene.run(courier_order("91", status_id="5"))
    assert [("php", "1", "4"), ("rows", "4", "5")] == sorted(
        (by, old, new) for by, _, old, new in await scene.told(shipment_id)
    )
    assert ([], None) == (seen.named("shop.status_notices_by_rows"), scene.notices.trouble)


@pytest.mark.parametrize("queue", [PHP])
async def test_shop_whose_jobs_table_takes_no_row_is_told_by_rows_and_it_is_said(scene: Scene, events: Events) -> None:
    seen = Seen(events)
    await refuse_inserts(scene.shop, jobs, "1 = 1")
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="9", status_id="1")
    for status_id in ("4", "17"):
        await scene.run(courier_order("9", status_id=status_id))
    assert [("rows", "4"), ("rows", "17")] == [(told[0], told[3]) for told in await scene.told(shipment_id)][::-1]
    [told] = seen.named("shop.status_notices_by_rows")
    assert scene.notices.trouble == getattr(told, "reason", None)
    async with scene.shop.transaction() as connection:
        await connection.execute(text("DROP TRIGGER refuse"))
    await scene.run(courier_order("9", status_id="4"))
    assert scene.notices.trouble is None
    assert [("php", shipment_id, "17", "4")] == [told for told in await scene.told(shipment_id) if told[0] == "php"]


@pytest.mark.parametrize("queue", [PHP])
async def test_account_that_may_not_add_to_jobs_tells_by_rows_and_stores_the_status(
    scene: Scene, request: pytest.FixtureRequest
) -> None:
    if scene.shop.types_are_hints:
        pytest.skip("a file has no rights of its own")
    server = request.getfixturevalue("mariadb")
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="9", status_id="1")
    rights = "SELECT, UPDATE, DELETE ON shop.*", "INSERT ON shop.alwaseet_order_status_history"
    grants = "; ".join(f"GRANT {right} TO shop@localhost" for right in rights)
    server.query(f"REVOKE ALL, GRANT OPTION FROM shop@localhost; {grants}")
    await scene.shop.database.engine.dispose()
    try:
        await scene.run(courier_order("9", status_id="4"))
    finally:
        server.query("REVOKE ALL, GRANT OPTION FROM shop@localhost; GRANT ALL ON shop.* TO shop@localhost")
    assert "4" == (await row(scene.shop, alwaseet_shipments, shipment_id))["status_id"]
    assert [("rows", shipment_id, "1", "4")] == await scene.told(shipment_id)
    assert "INSERT on jobs" in str(scene.notices.trouble)


@pytest.mark.parametrize("queue", [PHP])
async def test_shop_without_a_jobs_table_is_told_by_rows(scene: Scene) -> None:
    shipment_id = await make_shipment(scene.shop, alwaseet_order_id="9", status_id="1")
    async with scene.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME TO old_jobs"))
    await scene.run(courier_order("9", status_id="4"))
    async with scene.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE old_jobs RENAME TO jobs"))
    assert [("rows", shipment_id, "1", "4")] == await scene.told(shipment_id)
    assert 'table "jobs"' in str(scene.notices.trouble)


@pytest.mark.parametrize(
    ("shop", "queues", "expected"),
    [
        ({}, ("high", "default"), None),
        ({"php": "on-demand", "status_notices": "rows"}, ("high", "default"), None),
        ({"php": "on-demand"}, ("high", "default"), "php:default"),
        ({"php": "on-demand"}, ("high", "low"), "php:low"),
        ({"status_notices": "php"}, ("high", "default"), "default"),
        ({"php": "on-demand", "laravel_queue": "off"}, ("high", "low"), "default"),
        ({"keep_rows": True}, ("high", "default"), "default"),
        ({"keep_rows": True, "laravel_queue": "off"}, ("high", "default"), None),
        ({"keep_rows": True, "php": "on-demand"}, ("high", "default"), "php:default"),
    ],
)
def test_row_goes_where_the_worker_looks(shop: dict[str, Any], queues: Sequence[str], expected: str | None) -> None:
    """Beside a worker of the shop's own it goes where Laravel puts it; else into a queue of the worker asked for."""
    assert expected == notice_queue(Settings.model_validate({"shop": shop, "queue": {"queues": queues}}))


def test_payload_has_the_form_of_laravel_s_own() -> None:
    """Laravel 11 wrote the sample; what is left out is what its classes hold anyway."""
    theirs = sample("laravel_11.listener.shipment_status_changed")
    ours = listener_payload(theirs.uuid, 5, "1", "4")
    outer, sampled = json.loads(ours), json.loads(theirs.payload)
    assert list(sampled.items())[:-1] == list(outer.items())[:-1]
    assert list(sampled["data"]) == list(outer["data"])
    assert sampled["data"]["commandName"] == outer["data"]["commandName"]
    listener, listened = _listener_in(ours), _listener_in(theirs.payload)
    assert ("class", "method", "data") == tuple(listener.properties)
    assert STATUS_LISTENER == listener.properties["class"] == listened.properties["class"]
    left_out = [listened.properties[name] for name in listened.properties if name not in listener.properties]
    assert all(value in (None, False, {}) for value in left_out)
    shipment, sampled_shipment = _event_in(ours).pop("shipment"), _event_in(theirs.payload).pop("shipment")
    assert isinstance(shipment, PhpObject)
    assert isinstance(sampled_shipment, PhpObject)
    assert dict(sampled_shipment.properties) == {**shipment.properties, "connection": "mysql", "collectionClass": None}
    assert list(_event_in(theirs.payload)) == list(_event_in(ours))


def test_text_is_escaped_as_php_does() -> None:
    payload = listener_payload("u", 5, "1/2", 'قيد "التوصيل"\n')
    assert "1\\/2" in payload
    assert "قيد" in payload
    assert (5, "1/2", 'قيد "التوصيل"\n') == _change_in(payload)
