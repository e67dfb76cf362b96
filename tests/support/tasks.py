"""Runs a task without a daemon: its context and its result."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count as counting
from typing import Any
from uuid import UUID

from paranad.catalogue import TaskFacts
from paranad.clock import Clock
from paranad.queue.model import Completed, Enqueued, Failed, Origin, Outcome, Request
from paranad.shop.database import Shop
from paranad.tasks.notices import Notices
from paranad.tasks.task import Arguments, Context, NoArguments, Task


@dataclass
class Asked:
    """Takes what a task enqueues."""

    requests: list[Request] = field(default_factory=list)

    async def __call__(self, requests: Sequence[Request]) -> Sequence[Enqueued]:
        self.requests += requests
        return [Enqueued(job_id=number, duplicate=False) for number, _ in enumerate(requests, 1)]


def contract_of(task: Task[NoArguments]) -> tuple[str, str, int, timedelta, bool, str | None]:
    """Return what the shop relies on: name, queue, tries, timeout, whether it asks the courier, unique key."""
    facts = task.facts
    key = task.unique_key(NoArguments())
    return (task.name, facts.queue, facts.tries, facts.timeout, facts.uses_courier, key)


@dataclass
class KeptInstant:
    """An instant that a task keeps over restarts."""

    at: datetime | None = None

    async def load(self) -> datetime | None:
        return self.at

    async def save(self, at: datetime) -> None:
        self.at = at


async def nothing_delivered(origins: Sequence[str]) -> Collection[str]:
    """Know no source."""
    return ()


def make_notices(
    shop: Shop,
    *,
    queue: str | None = None,
    delivered: Callable[[Sequence[str]], Awaitable[Collection[str]]] = nothing_delivered,
) -> Notices:
    """Return what tells of changed statuses; its rows of `jobs` have the uuids 0, 1 and so on."""
    numbers = counting()
    return Notices(shop, queue=queue, by_php=True, new_uuid=lambda: UUID(int=next(numbers)), delivered=delivered)


Work = Callable[[Context, Any], Awaitable[Outcome]]


class FunctionTask(Task[Any]):
    """A task of one function."""

    def __init__(
        self,
        name: str,
        work: Work,
        arguments: type[Arguments] = NoArguments,
        *,
        unique_key: Callable[[Any], str | None] = lambda _: None,
        **facts: Any,
    ) -> None:
        self.facts = TaskFacts(**{"name": name, "summary": name, "timeout": timedelta(seconds=60), "tries": 3, **facts})
        self.work, self.arguments, self.key = work, arguments, unique_key

    def unique_key(self, args: Any) -> str | None:
        return self.key(args)

    async def run(self, context: Context, args: Any) -> Outcome:
        return await self.work(context, args)


async def _nothing(requests: Sequence[Request]) -> Sequence[Enqueued]:
    raise AssertionError(f"enqueued {requests}")


def make_context(clock: Clock, **values: Any) -> Context:
    """Return the context of a first attempt; *values* replace its fields."""
    asked = {
        "job_id": 1,
        "attempt": 1,
        "origin": Origin.SCHEDULE,
        "enqueued_at": clock.now(),
        "created_at": clock.now(),
        "snoozes": 0,
        "clock": clock,
        "enqueue": _nothing,
        "progress": lambda _done, _total: None,
    }
    return Context(**{**asked, **values})


def failure(outcome: Outcome) -> str:
    """Return the sentence of a failed *outcome*."""
    assert isinstance(outcome, Failed)
    return str(outcome.error)


def result_of(outcome: Outcome) -> dict[str, Any]:
    """Return the result of a completed *outcome*."""
    assert isinstance(outcome, Completed)
    result: dict[str, Any] = outcome.result
    return result


def items_of(part: Any) -> list[dict[str, str]]:
    """Return what a result names as skipped or failed, each with its sentence."""
    return [{"what": item["what"], "reason": item["reason"]} for item in part["items"]]


async def run_task(task: Task[NoArguments], clock: Clock, **values: Any) -> dict[str, Any]:
    """Run *task* once and return the result that its job would keep."""
    return result_of(await task.run(make_context(clock, **values), NoArguments()))
