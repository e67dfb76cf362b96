"""Three daemons on a cluster, and whichever works dies in every way there is: no order is sent twice, none is lost.

PARANAD_STANDBY holds how many takeovers, empty: each way once; PARANAD_PACE how many times as fast the lease's seconds
pass, PARANAD_SEED which moments.
"""

import os
from pathlib import Path
from secrets import randbelow

from tests.standby.shown import Shown
from tests.standby.takeovers import WAYS, WITHOUT_CABLES, prove
from tests.standby.world import world_of
from tests.support.galera import Cluster
from tests.support.network import Site

PACE = float(os.environ.get("PARANAD_PACE") or 10)
PROMISED_S = 120.0
ORDERS_A_TAKEOVER = 10


async def test_no_order_is_sent_twice_or_lost_however_the_working_daemon_ends(
    sites: list[Site], cluster: Cluster, tmp_path: Path, figures: Shown
) -> None:
    ways = list(WAYS) if sites[0].cable else WITHOUT_CABLES
    takeovers = int(os.environ.get("PARANAD_STANDBY") or len(ways))
    seed = int(os.environ.get("PARANAD_SEED") or randbelow(10**9))
    async with world_of(tmp_path, sites, cluster, seed=seed, pace=PACE) as world:
        await world.begin(3)
        found = await prove(
            world, takeovers, ways, orders=takeovers * ORDERS_A_TAKEOVER, each_s=13 / ORDERS_A_TAKEOVER * 10 / PACE
        )
    figures.show([*found.lines(), f"PARANAD_SEED={seed}"])
    assert found.books
    assert ([], [], []) == (found.books.doubled, found.books.lost, found.books.unlinked), found.books
    assert found.books.over_rate == 0
    assert max(each.shipped_s for each in found.takeovers) < PROMISED_S
