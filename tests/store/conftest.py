"""The store's fixtures."""

from tests.support.store import store

__all__ = ["store"]
