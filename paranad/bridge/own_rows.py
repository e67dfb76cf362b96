"""A row that the shop writes for a `[command]` of this daemon: it names its task and arguments itself, as JSON."""

from typing import Any, Final

from paranad.catalogue import CATALOGUE
from paranad.queue.model import Request
from paranad.said import Said, Sentence

OWN: Final = "paranad"
"""The handler that such a row names: no class of PHP."""
OWN_NAME: Final = "paranad:"
"""How its displayName begins."""

NO_OWN_TASK = Sentence(
    "bridge.no_own_task", "data: expected the name of a task as task, and an object of its arguments as args"
)
TASK_OF_SHOP = Sentence(
    "bridge.task_of_shop", "{task} is a task of the shop, which asks for it with a class of its own"
)


def own_request(data: Any) -> Request | Said:
    """Return what the *data* of such a row asks for, or why it can ask for nothing; the task need not exist."""
    task, args = (data.get("task"), data.get("args")) if isinstance(data, dict) else (None, None)
    args = args or {}  # PHP writes an array without keys as a list
    if not isinstance(task, str) or not isinstance(args, dict):
        return NO_OWN_TASK()
    # An order has one sender, and its own class says what was tried before.
    return TASK_OF_SHOP(task=task) if task in CATALOGUE else Request(task, args)
