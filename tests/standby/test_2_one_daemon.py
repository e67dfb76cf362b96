"""One daemon on a cluster, from which nobody takes over: the orders held then are what the others count beside."""

import os
from pathlib import Path

import pytest

from tests.standby.shown import Shown
from tests.standby.takeovers import Coming
from tests.standby.test_3_takeovers import ORDERS_A_TAKEOVER, PACE
from tests.standby.world import world_of
from tests.support.galera import Cluster
from tests.support.network import Site

EACH_S = 0.15


@pytest.mark.skipif(not os.environ.get("PARANAD_STANDBY"), reason="a measure of the long form")
async def test_daemon_without_takeovers_ships_each_order_once(
    sites: list[Site], cluster: Cluster, tmp_path: Path, figures: Shown
) -> None:
    async with world_of(tmp_path, sites, cluster, seed=15, pace=PACE) as world:
        daemon = world.daemon(1, standby=False)
        daemon.begin()
        await daemon.seen("daemon.ready")
        coming = Coming(world, int(os.environ["PARANAD_STANDBY"]) * ORDERS_A_TAKEOVER, EACH_S)
        coming.enough = True
        await coming.run()
        await world.settled(120)
        books = await world.books()
    figures.show(["without takeovers:", str(books)])
    assert ([], [], []) == (books.doubled, books.lost, books.unlinked), books
