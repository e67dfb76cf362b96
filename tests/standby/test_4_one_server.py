"""Two daemons on one database server that neither of their machines holds."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import randbelow
from tempfile import TemporaryDirectory

import pytest

from tests.standby.shown import Shown
from tests.standby.takeovers import WITH_ONE_SERVER, WITHOUT_CABLES, Around, kill_server, prove
from tests.standby.world import world_of
from tests.support.galera import Cluster
from tests.support.mariadb import is_installed
from tests.support.network import Site

PACE = 10


@pytest.fixture
async def server(sites: list[Site]) -> AsyncIterator[Cluster]:
    """The server, on a machine of its own."""
    if not is_installed():
        pytest.skip("left out: what is tested on MariaDB; to have it: apt-get install mariadb-server")
    with TemporaryDirectory(prefix="paranad-server-") as folder:
        server = Cluster(Path(folder), [sites[-1].database])
        try:
            await server.start()
            yield server
        finally:
            server.kill()


async def test_two_daemons_on_one_server_take_over_from_each_other(
    sites: list[Site], server: Cluster, tmp_path: Path, figures: Shown
) -> None:
    ways = WITH_ONE_SERVER if sites[0].cable else WITHOUT_CABLES[:2]
    seed = randbelow(10**9)
    async with world_of(tmp_path, sites, server, seed=seed, pace=PACE) as world:
        await world.begin(2)
        await (daemon := world.daemons[0]).seen("standby.waiting")
        await kill_server(world, daemon, Around(world))
        found = await prove(world, len(ways), ways, orders=5 * len(ways), each_s=1)
    figures.show(["one server:", *found.lines(), f"seed {seed}"])
    assert found.books
    assert ([], [], []) == (found.books.doubled, found.books.lost, found.books.unlinked), found.books
    assert found.books.over_rate == 0
