"""What the shop's database tells about itself: its tables and columns, and whether a table ever held a row."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Table, select, text

from paranad.shop.connections import AsyncConnection

COLUMNS = {
    "sqlite": """
        SELECT entry.name, part.name FROM sqlite_schema AS entry INNER JOIN pragma_table_info(entry.name) AS part
        WHERE entry.type IN ('table', 'view')""",
    "mysql": """
        SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = database()""",
}
"""Names in lower case are compared: a server may keep them in capitals."""
HIGHEST = {
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = :table",
    "mysql": """
        SELECT auto_increment - 1 FROM information_schema.tables
        WHERE table_schema = database() AND table_name = :table""",
}
"""The highest id ever given out, as far as the database remembers."""
COUNTS_IDS = {"sqlite": "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'", "mysql": "SELECT 1"}


async def columns_of(connection: AsyncConnection) -> Mapping[str, frozenset[str]]:
    """Return the columns of every table, all names in lower case."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table, column in await connection.execute(text(COLUMNS[connection.dialect.name])):
        found[table.lower()].add(column.lower())
    return {table: frozenset(columns) for table, columns in found.items()}


async def ever_used(connection: AsyncConnection, table: Table) -> bool:
    """Tell whether *table* holds a row, or is known to have held one."""
    if (await connection.execute(select(table.c.id).limit(1))).first():
        return True
    # An empty table may have been used: its counter of ids tells.
    engine = connection.dialect.name
    if not (await connection.execute(text(COUNTS_IDS[engine]))).first():
        return False
    return bool((await connection.execute(text(HIGHEST[engine]), {"table": table.name})).scalar_one_or_none())
