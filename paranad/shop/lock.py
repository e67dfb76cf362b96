"""The lock that a transaction takes before it looks at a row and at what belongs to it."""

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def lock_row(connection: AsyncConnection, table: Table, row_id: int) -> bool:
    """Lock the row of *table* until the transaction ends; answer whether there is one.

    To be the transaction's first statement: on a server, what is read after it is as the lock found it, whereas an
    earlier read would still see what was there before. On SQLite the transaction holds every row from its beginning.
    """
    this = select(table.c.id).where(table.c.id == row_id).with_for_update()
    return (await connection.execute(this)).one_or_none() is not None
