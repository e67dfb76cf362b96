"""The whole look: everything at once, in the order in which an operator goes through it."""

import asyncio
from collections.abc import Callable
from functools import partial

from paranad.bridge.loop import Bridge
from paranad.clock import Clock
from paranad.configuration.settings import Settings
from paranad.courier.client import Courier
from paranad.doctor import machine
from paranad.doctor.bounds import Findings, Look, bounded
from paranad.doctor.courier import CourierCheckup
from paranad.doctor.shop import ShopCheckup
from paranad.events import Events
from paranad.queue.jobs import Jobs
from paranad.shipments.service import Shipments
from paranad.shop.database import Shop
from paranad.store.file import Store

QUICK_LIMIT_S = 5.0
LONGEST_S = 50.0
"""Less than a caller waits for an answer."""


class Checkup:
    """Looks at the daemon's own state, its disk, the shop and the courier."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        courier: Courier,
        *,
        jobs: Jobs,
        shipments: Shipments,
        bridge: Bridge,
        load: Callable[[], Settings],
        clock: Clock,
        events: Events,
    ) -> None:
        """Look with these parts; *load* reads the configuration again."""
        self.store, self.load, self.clock, self.events = store, load, clock, events
        self.shop = ShopCheckup(shop, bridge, jobs, clock, events)
        self.courier = CourierCheckup(courier, shipments.journal, shop.zone, clock, events)
        self._one_at_a_time = asyncio.Lock()

    async def look(self, settings: Settings) -> Findings:
        """Return everything found; *settings* are those in force."""
        async with self._one_at_a_time:
            looks: dict[str, tuple[Look, float]] = {
                "loop": (partial(machine.loop_findings, self.clock), QUICK_LIMIT_S),
                "configuration": (partial(self._configuration, settings), QUICK_LIMIT_S),
                "state": (partial(machine.state_findings, self.store), QUICK_LIMIT_S),
                "disk": (partial(machine.disk_findings, self.store), QUICK_LIMIT_S),
                "queue-db": (partial(machine.queue_db_findings, self.store), machine.CHECK_LIMIT_S + QUICK_LIMIT_S),
                "shop": (partial(self.shop.look, settings.tasks, settings.database_place), LONGEST_S),
                "courier": (partial(self.courier.look, settings.account_place), LONGEST_S),
            }
            found = await asyncio.gather(
                *(bounded(check, look, limit_s, self.events) for check, (look, limit_s) in looks.items())
            )
        return [finding for findings in found for finding in findings]

    async def _configuration(self, settings: Settings) -> Findings:
        return machine.configuration_findings(settings, self.load)
