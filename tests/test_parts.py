"""The composition: every task is built, and the shop's page sees the courier's rate."""

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from paranad.catalogue import CATALOGUE, CREATE_SHIPMENT, FCM_CLEANUP, PHP_WORK
from paranad.clock import SystemClock
from paranad.configuration.durations import Rate
from paranad.configuration.settings import CommandSettings, DaemonSection, Settings, ShopSection
from paranad.configured import judge
from paranad.courier.limiter import Limiter
from paranad.demo.shop import create_shop
from paranad.events.courier import CourierRequestSent
from paranad.events.event import Events
from paranad.parts import built, cache_of
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Origin
from tests.support.clock import ManualClock
from tests.support.courier import KeptWindow

SENT = CourierRequestSent(method="GET", path="/statuses")


async def test_every_task_that_has_a_name_is_built(tmp_path: Path) -> None:
    settings = Settings(
        daemon=DaemonSection(state_dir=tmp_path / "state", socket=tmp_path / "socket"),
        shop=ShopSection(database_url=SecretStr(create_shop(tmp_path / "shop.sqlite"))),
    )
    async with built(judge(settings), clock=SystemClock(), events=Events()) as parts:
        assert sorted(CATALOGUE) == sorted(parts.registry.tasks)
        tasks = {task.facts.name: task.arguments for task in parts.registry.described()}
    assert ["order_id"] == [each.name for each in tasks[CREATE_SHIPMENT.name]], "what the bridge adds is not typed"
    assert [("days", False, 60)] == [(each.name, each.required, each.default) for each in tasks[FCM_CLEANUP.name]]
    assert [] == [each.name for arguments in tasks.values() for each in arguments if not each.words]


async def test_failed_jobs_that_start_php_are_kept_no_longer_than_those_of_the_schedule(tmp_path: Path) -> None:
    settings = Settings(
        daemon=DaemonSection(state_dir=tmp_path / "state", socket=tmp_path / "socket"),
        shop=ShopSection(database_url=SecretStr(create_shop(tmp_path / "shop.sqlite")), php="on-demand"),
        command={PHP_WORK: CommandSettings(command=("/bin/true",))},
    )
    async with built(judge(settings), clock=SystemClock(), events=Events()) as parts:
        await parts.on_demand.way.ask([])
        (job,) = (await parts.jobs.find(JobFilter(), limit=9, cursor=None)).items
    assert (PHP_WORK, Origin.SCHEDULE) == (job.task, job.origin)


def limiter_of(clock: ManualClock) -> Limiter:
    kept = KeptWindow()
    return Limiter(Rate(28, timedelta(seconds=30)), clock, kept.load, kept.save)


async def test_requests_to_the_courier_are_counted_for_the_shop_s_page(tmp_path: Path, clock: ManualClock) -> None:
    events, limiter = Events(), limiter_of(clock)
    cache_of(ShopSection(cache_dir=tmp_path), limiter, clock, events)
    for _ in range(2):
        await limiter.take("job:1", new_order=True)
        events.tell(SENT)
    expires_at_s = (clock.now() + timedelta(seconds=30)).timestamp()
    assert [f"{expires_at_s:.0f}i:2;"] == [file.read_text() for file in files(tmp_path)]


async def test_cache_that_cannot_be_written_stops_no_request(tmp_path: Path, clock: ManualClock) -> None:
    events = Events()
    cache_of(ShopSection(cache_dir=tmp_path / "gone"), limiter_of(clock), clock, events)
    events.tell(SENT)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
