"""Builds what asks for a PHP worker as the configuration says: whether at all, and by which way."""

from collections.abc import Callable, Mapping

from paranad.catalogue import PHP_WORK
from paranad.clock import Clock
from paranad.configuration.settings import Settings
from paranad.events.event import Events
from paranad.on_demand.rows import Backlog
from paranad.on_demand.service import OnDemand
from paranad.on_demand.ways import ByCommand, BySystemd, NoWay, Way, runtime_in
from paranad.queue.jobs import Jobs
from paranad.queue.model import NewJob
from paranad.queue.workers import Workers
from paranad.shop.database import Shop

NewJobOf = Callable[[str], NewJob]
"""Makes a job of a task without arguments, or raises RequestError if there is no such task."""


def on_demand_of(
    settings: Settings,
    environ: Mapping[str, str],
    shop: Shop,
    jobs: Jobs,
    workers: Workers,
    *,
    new_job: NewJobOf,
    clock: Clock,
    events: Events,
) -> OnDemand:
    """Build it; *environ* says whether systemd started the daemon."""

    def halts() -> bool:
        return workers.draining or jobs.queues.all_paused is not None

    def way_of(new: Settings) -> Way:
        if PHP_WORK in new.command:
            return ByCommand(jobs, lambda: new_job(PHP_WORK))
        runtime = runtime_in(environ)
        return BySystemd(runtime) if runtime else NoWay()

    on_demand = OnDemand(Backlog(shop), way_of, halts, clock, events, zone=settings.zone)
    on_demand.use(settings)
    return on_demand
