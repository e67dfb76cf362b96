"""An embedded shop: a new SQLite file with the shop's empty tables, for the demo and the tests."""

from pathlib import Path

from sqlalchemy import URL, create_engine

from paranad.shop.tables import metadata


def create_shop(path: Path) -> str:
    """Make the file *path* with the shop's tables, all empty; return its database URL."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"isolation_level": None})
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN")
            metadata.create_all(connection)
    finally:
        engine.dispose()
    return f"sqlite:///{path.absolute()}"
