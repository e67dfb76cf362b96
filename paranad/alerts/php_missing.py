"""Rows that only PHP can work wait, and no worker works them off: none comes, or those that come do nothing."""

from collections.abc import Mapping
from typing import ClassVar

from paranad.alerts.incident import Incident
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import Tick, Trouble
from paranad.on_demand.service import OnDemand

WORKER = "worker"
"""The one key."""


class MissingWorker:
    """Tells whether the rows that are set apart for PHP are worked off."""

    kind: ClassVar = IncidentKind.PHP_MISSING

    def __init__(self, on_demand: OnDemand) -> None:
        self._on_demand = on_demand

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        if missing := self._on_demand.missing:
            facts = {"rows": missing.rows, "since": missing.since, "reason": missing.reason, "what_to_do": missing.cure}
            return Trouble({WORKER: facts})
        # After a restart it is not known yet whether they wait still: an open incident stays open.
        over = self._on_demand.well
        return Trouble(over=dict.fromkeys(opened, over) if over else {})
