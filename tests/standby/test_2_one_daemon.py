"""One daemon on a cluster, without a standby: killed, and its node killed, it ships every order once."""

import asyncio
import signal
from pathlib import Path

from tests.standby.world import world_of
from tests.support.galera import Cluster
from tests.support.network import Site

ORDERS = 30


async def test_daemon_on_a_cluster_ships_each_order_once_whatever_is_killed(
    sites: list[Site], cluster: Cluster, tmp_path: Path
) -> None:
    async with world_of(tmp_path, sites, cluster, seed=15, pace=6) as world:
        daemon = world.daemon(1, standby=False)
        daemon.begin()
        await daemon.seen("daemon.ready")
        for number in range(ORDERS):
            await world.order()
            await asyncio.sleep(world.random.uniform(0, 0.3))
            if number % 10 == 5:
                daemon.send(signal.SIGKILL)
            if number == ORDERS // 2:
                cluster.nodes[0].kill()
                cluster.nodes[0].start()
        await cluster.are(3)
        await world.settled(60)
        books = await world.books()
    assert ([], [], []) == (books.doubled, books.lost, books.unlinked), books
    assert daemon.exits
