"""The table `paranad_lease` in the shop's database: as the daemon uses it, and the SQL that makes it by hand."""

from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, String, Table

LEASE = "daemon"
"""The name of the row that is the lease."""
PRESENCE = "standby:"
"""How the name of a row begins that says that a daemon stands by; its identity follows."""
ORDER = "order:"
"""How the name of a row begins that says that a request for an order has left or is about to; its number follows."""

lease: Final = Table(
    "paranad_lease",
    MetaData(),
    Column("name", String(100), primary_key=True),
    Column("holder", String(100)),
    Column("machine", String(255)),
    Column("term", BigInteger),
    Column("expires_at", BigInteger),
    Column("since", BigInteger),
    Column("version", String(32)),
    # Of an order's row the shipment's reference; of the lease, the text drawn when it was taken.
    Column("reference", String(64), nullable=True),
    Column("clock_ms", BigInteger, nullable=True),
)

MYSQL_SQL: Final = """\
CREATE TABLE paranad_lease (
    name VARCHAR(100) NOT NULL PRIMARY KEY,
    holder VARCHAR(100) NOT NULL,
    machine VARCHAR(255) NOT NULL,
    term BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    version VARCHAR(32) NOT NULL,
    reference VARCHAR(64) NULL,
    clock_ms BIGINT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
"""
SQLITE_SQL: Final = """\
CREATE TABLE paranad_lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    machine TEXT NOT NULL,
    term INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    version TEXT NOT NULL,
    reference TEXT NULL,
    clock_ms INTEGER NULL
);
"""


def table_sql(*, types_are_hints: bool) -> str:
    """Return the statement that makes the table: SQLite's form, or that of MariaDB and MySQL."""
    return SQLITE_SQL if types_are_hints else MYSQL_SQL
