"""How the shop's database server stands among others: alone, a node of a cluster, or copied by replicas."""

from collections.abc import Mapping
from enum import StrEnum

from paranad.record import record
from paranad.shop.connections import AsyncConnection

STATUS = """
SHOW GLOBAL STATUS WHERE Variable_name IN (
    'wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_local_state_comment', 'wsrep_ready',
    'Slaves_connected', 'Rpl_semi_sync_master_clients', 'Rpl_semi_sync_source_clients',
    'group_replication_primary_member'
)
"""
VARIABLES = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on', 'group_replication_group_name')"
"""Both are SHOW statements: a node that has lost its cluster answers nothing else, and they need no right."""


class Copies(StrEnum):
    """How what is committed reaches another server."""

    FILE = "file"
    """The shop's database is a file."""
    NONE = "none"
    """It reaches none, as far as the server tells."""
    GALERA = "galera"
    """With the commit, to each node of a Galera cluster."""
    GROUP = "group"
    """With the commit, to the members of a group of MySQL servers (InnoDB Cluster)."""
    CONFIRMED = "confirmed"
    """With the commit, to at least one replica (semi-synchronous replication)."""
    LATER = "later"
    """After the commit, to replicas: what was committed last is lost if one takes the server's place."""


@record
class Cluster:
    """The server that answered, and those beside it."""

    copies: Copies
    nodes: int = 1
    """Of Galera: the nodes that this one sees, itself and an arbitrator among them. Otherwise: the server and its
    replicas."""
    status: str = ""
    """Of Galera: `Primary`, or what the part of the cluster is that this node is in."""
    state: str = ""
    """Of Galera: the node's own state, such as `Synced` or `Donor/Desynced`."""

    @property
    def works(self) -> bool:
        """Whether the node takes changes: one that was cut from most of the others does not."""
        return self.copies is not Copies.GALERA or self.status == "Primary"


async def cluster_of(connection: AsyncConnection) -> Cluster:
    """Return how the server of *connection* stands among others."""
    if connection.dialect.name == "sqlite":
        return Cluster(Copies.FILE)
    found = dict[str, str]()
    for statement in (VARIABLES, STATUS):
        rows = await connection.exec_driver_sql(statement)
        found |= {str(name).lower(): str(value) for name, value in map(tuple, rows)}
    return cluster_from(found)


def cluster_from(found: Mapping[str, str]) -> Cluster:
    """Return what the server's variables and figures say, by their names in small letters; some servers lack some."""
    if found.get("wsrep_on") == "ON":
        size, status = int(found.get("wsrep_cluster_size", 0)), found.get("wsrep_cluster_status", "")
        return Cluster(Copies.GALERA, size, status, found.get("wsrep_local_state_comment", ""))
    if found.get("group_replication_group_name"):
        return Cluster(Copies.GROUP)
    confirming = max(int(found.get(f"rpl_semi_sync_{role}_clients", 0)) for role in ("master", "source"))
    if confirming:
        return Cluster(Copies.CONFIRMED, 1 + confirming)
    replicas = int(found.get("slaves_connected", 0))
    return Cluster(Copies.LATER, 1 + replicas) if replicas else Cluster(Copies.NONE)
