"""`GET /v1/history`: figures by day, hour and minute; what is not known is null."""

import httpx

from paranad.control.daemon import Daemon
from tests.history.rows import complete, ship
from tests.support.clock import START, ManualClock
from tests.support.control import skip_carts


async def test_history_tells_what_was_and_what_is_not_known(
    api: httpx.AsyncClient, daemon: Daemon, clock: ManualClock
) -> None:
    await complete(daemon.parts.store, (START, 0), (START, 2))
    await ship(daemon.parts.store, [START])
    await daemon.parts.history.look()
    answer = (await api.get("/v1/history")).json()
    assert (14, 24, 30) == (len(answer["days"]), len(answer["hours"]), len(answer["rate"]["minutes"]))
    assert {"day": "2026-02-17", "shipments": None, "failures": None, "known": False} == answer["days"][0]
    assert ("2026-03-02", 1) == (answer["days"][-1]["day"], answer["days"][-1]["shipments"])
    assert {
        "at": "2026-03-02T12:00:00+03:00",
        "jobs": 2,
        "wait_median_s": 0.0,
        "wait_95_s": 2.0,
        "known": True,
    } == answer["hours"][-1]
    assert not any(each["known"] for each in answer["hours"][:-1])
    assert (28, 30.0) == (answer["rate"]["limit"], answer["rate"]["window_s"])
    assert {"at": "2026-03-02T11:31:00+03:00", "requests": None, "known": False} == answer["rate"]["minutes"][0]


async def test_runs_of_each_entry_are_told(api: httpx.AsyncClient, daemon: Daemon, clock: ManualClock) -> None:
    await skip_carts(daemon, clock)
    entries = {each["name"]: each["runs"] for each in (await api.get("/v1/history")).json()["entries"]}
    skipped = {"occurrence": "2026-03-02T12:05:00+03:00", "outcome": "skipped", "state": None}
    assert [skipped] == entries["carts:expire"]
