"""The ground itself: a cluster that loses a node goes on, and the node that comes back has what was done meanwhile."""

import pytest

from tests.support.galera import DATABASE, Cluster
from tests.support.network import WITHOUT_NAMESPACES, Site

INSERT = "INSERT INTO settings (`key`, value) VALUES ('{}', '1')"
COUNT = "SELECT COUNT(*) FROM settings WHERE `key` = '{}'"


async def test_cluster_goes_on_without_a_killed_node_which_then_catches_up(cluster: Cluster) -> None:
    first, second, third = cluster.nodes
    third.kill()
    await cluster.are(2)
    await first.query(INSERT.format("while it was away"), DATABASE)
    third.start()
    await cluster.are(3)
    assert ["1\n"] * 3 == [
        await node.query(COUNT.format("while it was away"), DATABASE) for node in (first, second, third)
    ]


async def test_node_that_is_cut_off_takes_no_work_and_comes_back(cluster: Cluster, sites: list[Site]) -> None:
    first, _, third = cluster.nodes
    if (cable := sites[2].database.cable) is None:
        pytest.skip(WITHOUT_NAMESPACES)
    await cable.pull()
    await cluster.are(2)
    assert await third.query(INSERT.format("there"), DATABASE) == ""
    await first.query(INSERT.format("here"), DATABASE)
    await cable.put_back()
    await cluster.are(3)
    assert await third.query(COUNT.format("here"), DATABASE) == "1\n"
