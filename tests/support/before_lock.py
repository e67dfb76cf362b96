"""What happens between a task's look at the shop and its lock: a web request, a second run, an end."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from paranad.shop.database import Shop


def before_lock(patch: pytest.MonkeyPatch, shop: Shop, happens: Callable[[], Awaitable[Any]], *, row: int = 1) -> None:
    """Let *happens* run once, right before the task locks its *row*-th row."""
    in_transaction = shop.in_transaction
    locked = 0

    async def meddled(work: Any, *, dry_run: bool = False) -> Any:
        nonlocal locked
        locked += 1
        if locked == row:
            await happens()
        return await in_transaction(work, dry_run=dry_run)

    patch.setattr(shop, "in_transaction", meddled)
