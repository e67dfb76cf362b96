"""Every act: pressed on the page as each kind of reader would, its effect looked up in the daemon itself."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visiting
from tests.browser.hands import Hand
from tests.browser.visit import PHONE, Visit
from tests.browser.world import World


class Reader:
    """Somebody at one window, with one kind of hand."""

    def __init__(self, visit: Visit, hand: Hand) -> None:
        self.visit, self.hand = visit, hand

    @property
    def page(self) -> Any:
        return self.visit.page

    def form(self, act: str, **fields: object) -> Locator:
        """Return the form of an act with these fields in it."""
        with_fields = "".join(f':has(input[name="{name}"][value="{value}"])' for name, value in fields.items())
        return self.visit.page.locator(f'main form[action="/do/{act}"]{with_fields}').first

    def does(self, path: str, act: str, **fields: object) -> None:
        """Open *path* and press the button of an act."""
        self.visit.go(path)
        self.presses(act, **fields)

    def presses(self, act: str, **fields: object) -> None:
        self.hand.press(self.visit, self.form(act, **fields).get_by_role("button"))

    def looks_at(self, path: str, name: str) -> None:
        """Open *path*: nothing is too wide, and everybody can read it."""
        self.visit.go(path)
        if self.hand.looks:
            self.visit.picture(name)
            self.visit.assert_fits()
            self.visit.assert_accessible()

    def is_asked(self, act: str) -> None:
        """Nothing is done yet: the page asks, says what will happen, and can be read by everybody."""
        expect(self.form(act, sure="1")).to_be_visible()
        if self.hand.looks:
            self.visit.picture(f"asked-{act}")
            self.visit.assert_fits()
            self.visit.assert_accessible()

    def is_sure(self, act: str, typed: str = "") -> None:
        if typed:
            self.hand.type(self.visit, self.form(act, sure="1").locator('input[name="typed"]'), typed)
        self.presses(act, sure="1")

    def is_told(self) -> None:
        expect(self.visit.page.locator("main .said").first).to_be_visible()


@pytest.fixture(params=list(Hand), ids=str)
def reader(request: pytest.FixtureRequest, visit: Visiting) -> Reader:
    hand: Hand = request.param
    return Reader(visit(hand.look, **hand.options), hand)


def test_retry(reader: Reader, world: World) -> None:
    job_id = world.failed_job()
    reader.does(f"/jobs/{job_id}", "retry", id=job_id)
    reader.is_told()
    world.seen("job.started", job_id=job_id, attempt=2)


def test_second_window_is_told_what_is_so_now(visit: Visiting, world: World) -> None:
    job_id = world.failed_job()
    first, second = (Reader(visit(PHONE, **Hand.WITHOUT_JAVASCRIPT.options), Hand.WITHOUT_JAVASCRIPT) for _ in range(2))
    for each in (first, second):
        each.visit.go(f"/jobs/{job_id}")
    for each in (first, second):
        each.presses("forget", id=job_id)
        each.is_asked("forget")
    first.is_sure("forget")
    first.is_told()
    second.is_sure("forget")
    expect(second.visit.page.locator("main .line").first).to_contain_text(str(job_id))
    second.visit.complaints.clear()  # the browser logs an answer of 404


def test_retry_all_of_a_filter(reader: Reader, world: World) -> None:
    job_id = world.failed_job()
    others = [each["id"] for each in world.api.get("jobs", state="failed", task="carts:expire")["items"]]
    reader.does("/failed?task=report", "retry-all", task="report")
    reader.is_asked("retry-all")
    reader.is_sure("retry-all")
    reader.is_told()
    world.seen("job.started", job_id=job_id, attempt=2)
    assert others == [each["id"] for each in world.api.get("jobs", state="failed", task="carts:expire")["items"]]


def test_wake(reader: Reader, world: World) -> None:
    job_id = world.waiting_job()
    reader.does(f"/jobs/{job_id}", "wake", id=job_id)
    reader.is_told()
    world.seen("job.completed", job_id=job_id)


def test_cancel(reader: Reader, world: World) -> None:
    job_id = world.waiting_job()
    reader.does(f"/jobs/{job_id}", "cancel", id=job_id)
    reader.is_asked("cancel")
    assert "scheduled" == world.api.get("jobs", job_id)["state"]
    reader.is_sure("cancel")
    reader.is_told()
    assert "cancelled" == world.api.get("jobs", job_id)["state"]


def test_forget(reader: Reader, world: World) -> None:
    job_id = world.failed_job()
    reader.does(f"/jobs/{job_id}", "forget", id=job_id)
    reader.is_asked("forget")
    reader.is_sure("forget")
    reader.is_told()
    assert job_id not in [each["id"] for each in world.api.get("jobs", state="failed")["items"]]


def test_run(reader: Reader, world: World) -> None:
    before = world.newest_run("promotions:expire")
    reader.does("/schedule/promotions:expire", "run", entry="promotions:expire")
    reader.is_told()
    after = world.newest_run("promotions:expire")
    assert after != before
    world.seen("job.completed", job_id=after)


def test_pause_and_resume_an_entry(reader: Reader, world: World) -> None:
    def is_paused() -> bool:
        return bool(
            next(each["paused"] for each in world.api.get("schedule")["items"] if each["name"] == "carts:expire")
        )

    reader.does("/schedule/carts:expire", "pause", entry="carts:expire")
    reader.is_asked("pause")
    reader.is_sure("pause")
    reader.is_told()
    assert is_paused()
    reader.does("/schedule/carts:expire", "resume", entry="carts:expire")
    reader.is_told()
    assert not is_paused()


def test_pause_and_resume_a_queue(reader: Reader, world: World) -> None:
    def is_paused() -> bool:
        return bool(next(each["paused"] for each in world.api.get("status")["queues"] if each["name"] == "high"))

    reader.does("/", "pause", queue="high")
    reader.is_asked("pause")
    reader.is_sure("pause")
    reader.is_told()
    assert is_paused()
    reader.does("/", "resume", queue="high")
    reader.is_told()
    assert not is_paused()


def test_pause_and_resume_a_task(reader: Reader, world: World) -> None:
    def is_paused() -> bool:
        return bool(next(each["paused"] for each in world.api.get("tasks")["items"] if each["name"] == "fcm:cleanup"))

    reader.does("/tasks/fcm:cleanup", "pause", task="fcm:cleanup")
    reader.is_asked("pause")
    reader.is_sure("pause")
    reader.is_told()
    assert is_paused()
    reader.does("/tasks/fcm:cleanup", "resume", task="fcm:cleanup")
    reader.is_told()
    assert not is_paused()


def test_pause_that_ends_by_itself_says_so_with_its_reason_wherever_it_stands(reader: Reader, world: World) -> None:
    reason = "the courier's list is being looked through, <b>ask Ali</b> before you resume it"
    reader.does("/schedule/carts:expire", "pause", entry="carts:expire")
    reader.is_asked("pause")
    asked = reader.form("pause", sure="1")
    asked.locator('select[name="for"]').select_option("2h")
    reader.hand.type(reader.visit, asked.locator('input[name="reason"]'), reason)
    reader.is_sure("pause")
    reader.is_told()
    [pause] = [each["pause"] for each in world.api.get("schedule")["items"] if each["name"] == "carts:expire"]
    assert (reason, True) == (pause["reason"], bool(pause["until"]))
    for path, name in (("/schedule/carts:expire", "entry-paused"), ("/schedule", "schedule-paused")):
        reader.looks_at(path, name)
        expect(reader.visit.page.locator("main")).to_contain_text(reason)
    reader.does("/schedule/carts:expire", "resume", entry="carts:expire")
    reader.is_told()


def test_pause_in_the_past_is_refused_and_what_was_typed_is_kept(reader: Reader, world: World) -> None:
    reader.does("/tasks/fcm:cleanup", "pause", task="fcm:cleanup")
    reader.is_asked("pause")
    until = reader.form("pause", sure="1").locator('input[name="until"]')
    reader.hand.type(reader.visit, until, "2020-01-01 06:00")
    reader.is_sure("pause")
    expect(reader.form("pause", task="fcm:cleanup").locator('input[name="until"]')).to_have_value("2020-01-01 06:00")
    assert not next(each["paused"] for each in world.api.get("tasks")["items"] if each["name"] == "fcm:cleanup")
    reader.visit.complaints.clear()  # the browser logs an answer of 422


def test_pause_everything_and_let_it_go_on(reader: Reader, world: World) -> None:
    reader.visit.go("/")
    of_everything = reader.visit.page.locator('main form[action="/do/pause"]:not(:has(input[name="queue"]))')
    reader.hand.press(reader.visit, of_everything.get_by_role("button"))
    reader.is_asked("pause")
    reader.is_sure("pause")
    reader.is_told()
    assert world.api.get("status")["pause"]
    reader.looks_at("/", "now-paused")
    reader.presses("resume")
    reader.is_asked("resume")
    reader.is_sure("resume")
    reader.is_told()
    assert not world.api.get("status")["pause"]


def test_mute_and_unmute_a_kind_of_alert(reader: Reader, world: World) -> None:
    def muted() -> list[str]:
        return [each["kind"] for each in world.api.get("alerts")["muted"]]

    reader.visit.go("/alerts")
    form = reader.form("mute")
    form.locator('select[name="kind"]').select_option("heartbeat-failed")
    reader.presses("mute")
    reader.is_told()
    assert ["heartbeat-failed"] == muted()
    reader.looks_at("/alerts", "alerts-muted")
    reader.presses("unmute", kind="heartbeat-failed")
    reader.is_told()
    assert [] == muted()


def test_send(reader: Reader, world: World) -> None:
    order = world.forgotten()
    reader.does(f"/orders/{order}", "send", order=order)
    reader.is_asked("send")
    assert [] == world.api.get("jobs", order=order)["items"]
    reader.is_sure("send")
    reader.is_told()
    [sent] = world.api.get("jobs", order=order)["items"]
    assert "alwaseet:create-shipment" == sent["task"]


def test_settle(reader: Reader, world: World) -> None:
    order, [courier_id, _] = world.hold()
    reader.does(f"/shipments/{order}", "settle", order=order, courier_id=courier_id)
    reader.is_asked("settle")
    assert "held" == world.api.get("shipments", order)["state"]
    reader.is_sure("settle")
    reader.is_told()
    world.seen("shipment.recorded", order_id=order)
    assert courier_id == world.api.get("shipments", order)["courier_id"]


def test_resend(reader: Reader, world: World) -> None:
    order, _ = world.hold()
    parcels = len(world.sandbox.orders)
    reader.does(f"/shipments/{order}", "resend", order=order)
    reader.is_asked("resend")
    reader.is_sure("resend", typed=str(order + 1))
    reader.is_asked("resend")
    assert "held" == world.api.get("shipments", order)["state"]
    reader.is_sure("resend", typed=str(order))
    reader.is_told()
    world.seen("shipment.recorded", order_id=order)
    assert parcels + 1 == len(world.sandbox.orders)


def test_reconcile(reader: Reader, world: World) -> None:
    lists = world.sandbox.count("merchant-orders")
    reader.does("/shipments", "reconcile")
    reader.is_told()
    assert lists < world.sandbox.count("merchant-orders")


def test_sync(reader: Reader, world: World) -> None:
    def newest() -> int:
        return int(world.api.get("jobs", task="alwaseet:sync-orders", limit=1)["items"][0]["id"])

    before = newest()
    reader.does("/shipments", "sync")
    reader.is_told()
    assert newest() > before
    world.seen("job.completed", job_id=newest())
