"""A scrape as a monitor sees it, and something to be seen."""

from dataclasses import replace

import httpx
from prometheus_client.parser import text_string_to_metric_families

from paranad.control.daemon import Daemon
from paranad.said import Said
from tests.support.clock import ManualClock
from tests.support.control import CARTS, FIVE_MINUTES, working
from tests.support.standing import Standing

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(api: httpx.AsyncClient) -> Samples:
    """Return every sample by its name and labels."""
    text = (await api.get("/v1/metrics")).raise_for_status().text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def run_carts(daemon: Daemon, clock: ManualClock) -> None:
    """Let the occurrence of `carts:expire` in five minutes be enqueued, then done."""
    async with working(daemon, clock, workers=False) as seen:
        await clock.advance(FIVE_MINUTES)
        await seen("schedule.occurrence_enqueued", entry=CARTS.name)
    async with working(daemon, clock) as seen:
        await seen("job.completed", task=CARTS.task)


def note_heartbeat(daemon: Daemon, reason: Said | None) -> None:
    """Let the heartbeat's address take one, or not take it for a *reason*."""
    heartbeat = daemon.parts.heartbeat
    heartbeat.use("https://heartbeat.example/1")
    assert heartbeat.pulse
    heartbeat._note(heartbeat.pulse, reason)


def let_stand(daemon: Daemon, standing: Standing) -> None:
    """Let the daemon's machine stand among others as *standing* says."""
    metrics = daemon.parts.metrics
    metrics._sources = replace(metrics._sources, standby=standing)
