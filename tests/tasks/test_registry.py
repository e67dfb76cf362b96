from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pydantic import Field

from paranad.cli.language import Language
from paranad.cli.screen.say import Pen
from paranad.cli.words import said_words
from paranad.errors import BadArguments, ParanadError, UnknownQueue, UnknownTask, WrongState
from paranad.queue.model import Completed, Enqueued, Failed, Job, NewJob, Origin, Outcome, Request, Snoozed, State
from paranad.said import plain
from paranad.shop.errors import ShopBadRow, ShopUnreachable
from paranad.tasks.registry import Registry
from paranad.tasks.task import AnyTask, Arguments, Context
from tests.support.clock import START, ManualClock
from tests.support.tasks import FunctionTask, failure


class OrderArguments(Arguments):
    order_id: int = Field(ge=1, le=2**63 - 1)
    note: str | None = None


@dataclass(frozen=True)
class Lent:
    job: Job

    def progress(self, done: int, total: int | None) -> None: ...

    def shield(self) -> AbstractContextManager[None]:
        return nullcontext()


class Shelf:
    """A registry of one task whose outcome the test chooses, and what it enqueued."""

    def __init__(self, clock: ManualClock) -> None:
        self.outcome: Outcome | ParanadError = Completed({"changed": 1})
        self.requests: list[Request] = []
        self.enqueued: list[NewJob] = []
        self.contexts: list[Context] = []
        self.registry = Registry([self.task()], clock=clock, queues=("high", "default"), enqueue=self.enqueue)

    def task(self) -> AnyTask:
        return FunctionTask(
            "orders:wrap",
            self.run,
            OrderArguments,
            unique_key=lambda args: f"orders:wrap:{args.order_id}",
            queue="high",
            uses_courier=True,
        )

    async def run(self, context: Context, args: OrderArguments) -> Outcome:
        self.contexts.append(context)
        await context.enqueue(self.requests)
        if isinstance(self.outcome, ParanadError):
            raise self.outcome
        return self.outcome

    async def enqueue(self, jobs: Sequence[NewJob]) -> Sequence[Enqueued]:
        self.enqueued += jobs
        return [Enqueued(job_id=n, duplicate=False) for n, _ in enumerate(jobs, start=1)]

    async def perform(self, *, task: str = "orders:wrap", args: dict[str, object] | None = None) -> Outcome:
        job = Job(
            id=7,
            task=task,
            args={"order_id": 12} if args is None else args,
            queue="high",
            origin=Origin.SHOP,
            state=State.RUNNING,
            tries=3,
            tries_spent=0,
            timeout=timedelta(seconds=60),
            due_at=START,
            created_at=START,
            enqueued_at=START,
            started_at=START,
            finished_at=None,
            unique_key=None,
            snoozes=0,
            attempt=1,
            result=None,
            error=None,
        )
        return await self.registry.perform(Lent(job))


@pytest.fixture
def shelf(clock: ManualClock) -> Shelf:
    return Shelf(clock)


def test_new_job_takes_its_rules_from_the_task(shelf: Shelf) -> None:
    job = shelf.registry.new_job("orders:wrap", {"order_id": 12}, Origin.OPERATOR)
    assert job == NewJob(
        task="orders:wrap",
        args={"order_id": 12},
        queue="high",
        origin=Origin.OPERATOR,
        tries=3,
        timeout=timedelta(seconds=60),
        unique_key="orders:wrap:12",
    )


def test_delay_makes_it_due_later(shelf: Shelf) -> None:
    job = shelf.registry.new_job("orders:wrap", {"order_id": 1}, Origin.SHOP, delay=timedelta(hours=2))
    assert START + timedelta(hours=2) == job.due_at


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({}, "order_id is missing; it takes order_id, note (optional)"),
        ({"order_id": "12"}, "order_id: expected a whole number, got '12'"),
        ({"order_id": 0}, "order_id: expected greater than or equal to 1, got 0"),
        ({"order_id": 2**80}, "order_id: "),
        ({"order_id": True}, "order_id: "),
        ({"order_id": 1, "order": 2}, 'unknown argument "order"; did you mean "order_id"'),
        ({"order_id": 1, "note": "x" * 9000 + "\n"}, None),
        ({"order_id": [1] * 9000}, "…"),
    ],
)
def test_wrong_arguments_are_named_with_their_cure(shelf: Shelf, args: dict[str, object], words: str | None) -> None:
    if words is None:
        shelf.registry.new_job("orders:wrap", args, Origin.SHOP)
        return
    with pytest.raises(BadArguments) as error:
        shelf.registry.new_job("orders:wrap", args, Origin.SHOP)
    assert words in str(error.value)
    assert len(str(error.value)) < 300


def test_unknown_task_names_the_known_ones(shelf: Shelf) -> None:
    with pytest.raises(UnknownTask, match='unknown task "order:wrap"; did you mean "orders:wrap"'):
        shelf.registry.new_job("order:wrap", {}, Origin.SHOP)


def test_unknown_task_that_is_like_none_is_answered_with_all_in_each_language(shelf: Shelf) -> None:
    with pytest.raises(UnknownTask, match='unknown task "zzz"; known: ') as refused:
        shelf.registry.new_job("zzz", {}, Origin.SHOP)
    assert Pen(Language.ARABIC).line(said_words(refused.value.said)).startswith("لا توجد مهام باسم «zzz»؛")


def test_unknown_queue_names_the_known_ones(shelf: Shelf) -> None:
    with pytest.raises(UnknownQueue, match="known: high, default"):
        shelf.registry.new_job("orders:wrap", {"order_id": 1}, Origin.SHOP, queue="low")


async def test_outcome_of_the_task_is_the_outcome_of_the_attempt(shelf: Shelf) -> None:
    assert Completed({"changed": 1}) == await shelf.perform()


async def test_outage_inside_a_task_snoozes_the_job(shelf: Shelf) -> None:
    shelf.outcome = ShopUnreachable("gone")
    assert isinstance(await shelf.perform(), Snoozed)


async def test_row_that_cannot_be_read_fails_the_job_at_once(shelf: Shelf) -> None:
    shelf.outcome = ShopBadRow(plain("order 12: orders.total_amount: expected an amount"))
    reason = "order 12: orders.total_amount: expected an amount; correct it in the shop, then retry the job"
    assert reason == failure(await shelf.perform())


async def test_job_of_a_task_that_is_gone_fails_and_names_it(shelf: Shelf) -> None:
    outcome = await shelf.perform(task="orders:fold")
    assert isinstance(outcome, Failed)
    assert "orders:fold is no longer a task: put its command back" in str(outcome.error)


async def test_stored_arguments_that_no_longer_fit_fail_the_job(shelf: Shelf) -> None:
    assert isinstance(await shelf.perform(args={"order": 1}), Failed)


async def test_job_enqueued_by_a_task_has_its_origin_and_the_request_s_source(shelf: Shelf) -> None:
    shelf.requests = [Request("orders:wrap", {"order_id": 3}, "notice:5:0:4")]
    await shelf.perform()
    assert [(Origin.SHOP, "notice:5:0:4")] == [(job.origin, job.source) for job in shelf.enqueued]


async def test_dry_run_answers_with_the_result_and_enqueues_nothing(shelf: Shelf) -> None:
    shelf.requests = [Request("orders:wrap", {"order_id": 3})]
    assert {"changed": 1} == await shelf.registry.dry_run("orders:wrap", {"order_id": 12})
    assert shelf.contexts[0].dry_run
    assert shelf.enqueued == []


@pytest.mark.parametrize(
    ("outcome", "words"),
    [(Failed(plain("no phone")), "would fail: no phone"), (Snoozed(START, plain("limit")), "would wait: limit")],
)
async def test_dry_run_says_that_the_task_would_not_complete(shelf: Shelf, outcome: Outcome, words: str) -> None:
    shelf.outcome = outcome
    with pytest.raises(WrongState, match=words):
        await shelf.registry.dry_run("orders:wrap", {"order_id": 12})
