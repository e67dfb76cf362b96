"""The doctor's answer: every check at once, told in the order in which an operator goes through them."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial

from paranad.clock import Clock
from paranad.configuration.settings import Settings
from paranad.configured import Load
from paranad.control import schemas_doctor, schemas_status
from paranad.courier.lookups import Lookups
from paranad.doctor import bounded, machine, php, shop
from paranad.doctor.bounded import Check
from paranad.doctor.courier import courier_findings
from paranad.doctor.places import place_findings
from paranad.doctor.standby import elsewhere_findings, standby_findings
from paranad.doctor.work import (
    entry_findings,
    parcel_findings,
    queue_findings,
    restored_findings,
    shipment_findings,
    work_findings,
)
from paranad.events.event import Events
from paranad.finding import Found
from paranad.parts import Parts
from paranad.said import Said
from paranad.standby.service import Standby
from paranad.standby.view import Role

Checks = dict[str, tuple[Check, float]]
"""Each check with its limit in seconds, in the order of the answer."""
QUICK_LIMIT_S = 5.0
LONGEST_S = 50.0
"""Less than a caller waits for an answer."""
OF_THE_WORK = frozenset(
    {"digest", "heartbeat", "php", "queues", "work", "schedule", "shipments", "parcels"},
)
"""The checks that a machine which stands by leaves to the one that works."""
ONE_CAUSE = frozenset(
    {
        bounded.QUEUE_DB_DAMAGED.code,
        bounded.STATE_REFUSED.code,
        machine.STATE_GONE.code,
        shop.SHOP_BUSY.code,
        shop.SHOP_READ_ONLY.code,
        shop.SHOP_SERVER_READ_ONLY.code,
        shop.SHOP_UNREACHABLE.code,
    }
)
"""Findings that are told once, although several checks meet the same cause and word it differently."""


class Doctor:
    """Looks at everything that may be wrong, one caller at a time."""

    def __init__(self, parts: Parts, load: Load, clock: Clock, events: Events) -> None:
        """Look at *parts*; *load* reads the configuration again."""
        self.parts, self.load, self.clock, self.events = parts, load, clock, events
        self._one_at_a_time = asyncio.Lock()

    async def look(
        self, settings: Settings, itself: schemas_status.Daemon, held_up: Said | None = None
    ) -> schemas_doctor.Doctor:
        """Return everything found; *settings* are those in force, *itself* is how the daemon stands.

        *held_up* is why it does not work yet although it holds the lease.
        """
        async with self._one_at_a_time:
            # All at once: they wait for disks and servers, and `loop` measures while the others work.
            checks = self._checks(settings, itself, held_up)
            found = await asyncio.gather(
                *(bounded.bounded(name, check, limit_s, self.events) for name, (check, limit_s) in checks.items())
            )
        each_once = _each_once(finding for findings in found for finding in findings)
        return schemas_doctor.Doctor(items=[schemas_doctor.DoctorCheck(**finding.document()) for finding in each_once])

    def _checks(self, settings: Settings, itself: schemas_status.Daemon, held_up: Said | None) -> Checks:
        """Return each check with its limit in seconds, in the order of the answer."""
        parts, zone = self.parts, settings.zone
        store, jobs, journal = parts.store, parts.jobs, parts.shipments.journal
        asked_shop = (parts.shop, parts.bridge, jobs, settings.tasks, settings.database_place)
        now, standby = self.clock.now(), parts.standby
        works = standby is None or standby.view.role is Role.ACTIVE
        told = (settings, parts.alerts.health.failing, parts.alerts.mutes.standing())
        owed_since = parts.alerts.owed_since()
        entries = partial(
            entry_findings,
            parts.scheduler,
            jobs,
            parts.workers,
            owed_since,
            since=itself.since,
            now=now,
            zone=zone,
        )
        asked_php = (parts.bridge, parts.on_demand, zone, parts.notices.trouble)
        places = partial(
            place_findings, Lookups(parts.courier, self.clock, store.values.get, store.values.put), parts.shop
        )
        asked_courier = (parts.courier, journal, zone, settings.account_place, places)
        checks: Checks = {
            "daemon": (partial(machine.daemon_findings, store, itself), QUICK_LIMIT_S),
            "loop": (partial(machine.loop_findings, self.clock), QUICK_LIMIT_S),
            "configuration": (partial(machine.configuration_findings, settings, self.load), QUICK_LIMIT_S),
            "alerts": (partial(machine.alert_findings, *told), QUICK_LIMIT_S),
            "digest": (partial(machine.digest_findings, parts.digests, zone), QUICK_LIMIT_S),
            "heartbeat": (partial(machine.heartbeat_findings, parts.heartbeat, zone), QUICK_LIMIT_S),
            "state": (partial(machine.state_findings, store), QUICK_LIMIT_S),
            "disk": (partial(machine.disk_findings, store), QUICK_LIMIT_S),
            "queue-db": (partial(machine.queue_db_findings, store), machine.CHECK_LIMIT_S + QUICK_LIMIT_S),
            "shop": (partial(shop.shop_findings, *asked_shop, works=works), LONGEST_S),
            "php": (partial(php.php_findings, *asked_php), QUICK_LIMIT_S),
            "courier": (partial(courier_findings, *asked_courier, works=works), LONGEST_S),
            "queues": (partial(queue_findings, jobs, parts.workers, now.astimezone(zone)), QUICK_LIMIT_S),
            "work": (partial(work_findings, parts.alerts.incidents), QUICK_LIMIT_S),
            "schedule": (entries, QUICK_LIMIT_S),
            "shipments": (partial(shipment_findings, parts.shipments, zone), QUICK_LIMIT_S),
            "parcels": (partial(parcel_findings, parts.parcels), QUICK_LIMIT_S),
        }
        return checks if standby is None else lease_first(checks, parts, standby, self.clock, held_up)


def lease_first(checks: Checks, parts: Parts, standby: Standby, clock: Clock, held_up: Said | None) -> Checks:
    """Return *checks* after those of the lease; a machine that stands by looks at itself alone."""
    asked = (standby, parts.bridge.kept, parts.shop, clock, held_up)
    lease: Checks = {"lease": (partial(standby_findings, *asked), LONGEST_S)}
    if standby.view.role is Role.ACTIVE:
        return lease | checks
    of_the_machine = {name: check for name, check in checks.items() if name not in OF_THE_WORK}
    restored = partial(restored_findings, parts.shipments, parts.shop.zone)
    elsewhere = partial(elsewhere_findings, standby)
    return lease | of_the_machine | {"shipments": (restored, QUICK_LIMIT_S), "work": (elsewhere, QUICK_LIMIT_S)}


def _each_once(findings: Iterable[Found]) -> Iterator[Found]:
    """Yield each of *findings* once: one cause, such as a full disk, may have ended several checks."""
    told = set[object]()
    for finding in findings:
        what = finding.code if finding.code in ONE_CAUSE else finding
        if what not in told:
            told.add(what)
            yield finding
