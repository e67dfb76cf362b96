"""What a server says of those beside it: as real ones answer, and as those answer that no test can start quickly."""

import pytest

from paranad.shop.cluster import Cluster, Copies, cluster_from, cluster_of
from paranad.shop.database import Shop

NODE = {"wsrep_on": "ON", "wsrep_cluster_size": "3", "wsrep_cluster_status": "Primary"}


async def test_a_file_and_a_single_server_are_known_as_such(shop: Shop) -> None:
    async with shop.read() as connection:
        expected = Copies.FILE if connection.dialect.name == "sqlite" else Copies.NONE
        assert Cluster(expected) == await cluster_of(connection)


@pytest.mark.parametrize(
    ("found", "cluster"),
    [
        (NODE | {"wsrep_local_state_comment": "Synced"}, Cluster(Copies.GALERA, 3, "Primary", "Synced")),
        (
            NODE | {"wsrep_cluster_status": "non-Primary", "wsrep_cluster_size": "1", "slaves_connected": "1"},
            Cluster(Copies.GALERA, 1, "non-Primary"),
        ),
        ({"wsrep_on": "OFF", "slaves_connected": "2"}, Cluster(Copies.LATER, 3)),
        ({"slaves_connected": "2", "rpl_semi_sync_master_clients": "1"}, Cluster(Copies.CONFIRMED, 2)),
        ({"rpl_semi_sync_source_clients": "1"}, Cluster(Copies.CONFIRMED, 2)),
        ({"group_replication_group_name": "aaaa-bbbb"}, Cluster(Copies.GROUP)),
        ({"wsrep_on": "OFF", "group_replication_group_name": ""}, Cluster(Copies.NONE)),
    ],
)
def test_clusters_and_replicas_are_told_apart(found: dict[str, str], cluster: Cluster) -> None:
    assert cluster == cluster_from(found)


def test_a_node_that_was_cut_from_most_others_does_not_work() -> None:
    assert not cluster_from(NODE | {"wsrep_cluster_status": "non-Primary"}).works
    assert cluster_from(NODE).works
