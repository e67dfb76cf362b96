"""An embedded shop: a new SQLite file with all of the shop's tables, empty, for the demo and the tests."""

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path


def create_shop(path: Path) -> str:
    """Make the file *path* with the shop's tables; return its database URL."""
    schema = resources.files(__package__).joinpath("shop.sqlite.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"BEGIN; {schema} COMMIT;")
    return f"sqlite:///{path.absolute()}"
