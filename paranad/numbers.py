"""Numbers that several rooms share, each with its reason."""

LARGEST_ID = 2**63 - 1
"""The largest id that SQLite, the shop's `BIGINT` columns and PHP can hold."""
SOCKET_PATH_BYTES = 107
"""The longest path a Unix socket may have. Source: unix(7)."""
