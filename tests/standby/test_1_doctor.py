"""What the doctor says of a real cluster, through the node that it is asked on."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from paranad.clock import SystemClock
from paranad.doctor.standby import cluster_finding, how_it_stands
from paranad.events.event import Events
from paranad.shop.database import Shop
from tests.alerts.harness import ZONE
from tests.support.galera import DATABASE, Cluster, Node
from tests.support.mariadb import PASSWORD, USER
from tests.support.network import WITHOUT_NAMESPACES, Site


@pytest.fixture
async def shops(cluster: Cluster) -> AsyncIterator[list[Shop]]:
    """The shop on each node, by its socket: the network may be cut. Each was asked once, as by a daemon that works."""
    shops = [Shop(url_of(node), ZONE, SystemClock(), Events()) for node in cluster.nodes]
    assert ["cluster-galera"] * 3 == [await code_on(shop) for shop in shops]
    yield shops
    for shop in shops:
        await shop.close()


def url_of(node: Node) -> str:
    return f"mysql://{USER}:{quote(PASSWORD, safe='')}@localhost/{DATABASE}?unix_socket={node.path}"


async def code_on(shop: Shop) -> str:
    cluster = await how_it_stands(shop)
    assert cluster
    return cluster_finding(cluster).code


async def test_node_that_was_cut_off_says_so_itself_and_the_two_others_are_an_even_number(
    cluster: Cluster, sites: list[Site], shops: list[Shop]
) -> None:
    """The one that was cut off answers nothing but SHOW: all that the doctor asks of it."""
    if (cable := sites[2].database.cable) is None:
        pytest.skip(WITHOUT_NAMESPACES)
    await cable.pull()
    await cluster.are(2)
    assert ["cluster-even", "cluster-even", "cluster-cut"] == [await code_on(shop) for shop in shops]
    await cable.put_back()
    await cluster.are(3)
    assert ["cluster-galera"] * 3 == [await code_on(shop) for shop in shops]
