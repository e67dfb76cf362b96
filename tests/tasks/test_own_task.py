"""An operator's own task with arguments: real programs; only the clock stands still."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paranad.errors import BadArguments, InvalidRequest
from paranad.events.event import Event, Events
from paranad.events.queue import JobOutput
from paranad.queue.model import Enqueued, Failed, NewJob, Origin, Outcome, Snoozed
from paranad.tasks.command import CommandFailed
from paranad.tasks.own_task import ARGUMENTS_BYTES, OwnTask
from paranad.tasks.registry import Registry
from tests.support.clock import START, ManualClock
from tests.support.tasks import result_of
from tests.tasks.test_command import context

SAFETY_S = 20
NAME = "invoices:send"


class Shelf:
    """A registry with one own task, whose program is a line of shell."""

    def __init__(self, clock: ManualClock, events: Events) -> None:
        self.clock, self.events = clock, events
        self.use("true")

    def use(self, script: str, args: Sequence[str] = ("order_id",)) -> None:
        self.put("/bin/sh", "-c", script, args=args)

    def put(self, *words: str, args: Sequence[str] = ("order_id",)) -> None:
        environ = {"PATH": os.environ["PATH"]}
        kept: Mapping[str, Any] = {"timeout": timedelta(minutes=2), "tries": 3, "queue": "default", "environ": environ}
        self.task = OwnTask(NAME, words, args=args, events=self.events, **kept)

        async def enqueue(_: Sequence[NewJob]) -> Sequence[Enqueued]:
            return []

        self.registry = Registry([self.task], clock=self.clock, queues=("high", "default"), enqueue=enqueue)

    def ask(self, **args: Any) -> NewJob:
        return self.registry.new_job(NAME, args, Origin.OPERATOR)

    async def run(self, *, after: timedelta = timedelta(0), snoozes: int = 0, **args: Any) -> Outcome:
        """Run the job that asks for *args* as its worker does: with the arguments that the queue kept."""
        kept = json.loads(json.dumps(dict(self.ask(**args).args)))
        at = replace(context(self.clock), enqueued_at=START - after, snoozes=snoozes)
        async with asyncio.timeout(SAFETY_S):
            return await self.task.run(at, self.task.arguments.model_validate(kept))


@pytest.fixture
def own(clock: ManualClock, events: Events) -> Shelf:
    return Shelf(clock, events)


async def test_the_arguments_arrive_as_one_json_object_on_standard_input_and_nowhere_else(own: Shelf) -> None:
    own.use('read -r line; echo "$line"; echo "$# $(env) $(tr "\\0" " " </proc/$$/cmdline)"')
    output = result_of(await own.run(order_id="secret-12"))["output"]
    told, _, elsewhere = output.partition("\n")
    assert {"order_id": "secret-12"} == json.loads(told)
    assert "secret-12" not in elsewhere


async def test_any_json_is_handed_on_as_it_is(own: Shelf) -> None:
    own.use("cat", args=("order_id", "copy", "model_dump", "_note"))
    given: dict[str, Any] = {
        "order_id": 12,
        "copy": None,
        "model_dump": {"a": [1.5, None, {"b": "فاتورة"}]},
        "_note": [True],
    }
    assert given == result_of(await own.run(**given))["answer"]


async def test_a_last_line_that_is_json_is_the_answer_and_the_output_is_kept(own: Shelf) -> None:
    own.use("""echo sending; echo '{"sent": 2}'; echo aside >&2""")
    result = result_of(await own.run(order_id=1))
    assert {"sent": 2} == result["answer"]
    assert {"sending", '{"sent":', "2}", "aside"} == set(result["output"].split())


@pytest.mark.parametrize("script", ["echo done", "true", "echo '{\"sent\": '", "echo '{}' >&2", "printf '%20000s5' ''"])
async def test_an_answer_of_nonsense_is_no_answer(own: Shelf, script: str) -> None:
    own.use(script)
    assert "answer" not in result_of(await own.run(order_id=1))


async def test_a_result_nested_too_deep_to_be_kept_is_no_answer(own: Shelf) -> None:
    own.use("printf '%0400d' 0 | tr 0 '['; printf '%0400d' 0 | tr 0 ']'")
    assert "answer" not in result_of(await own.run(order_id=1))


async def test_exit_75_is_tried_again_later_and_spends_no_try(own: Shelf) -> None:
    own.use("echo mail server busy; exit 75")
    outcome = await own.run(order_id=1)
    assert isinstance(outcome, Snoozed)
    assert timedelta(seconds=5) == outcome.until - START
    assert (
        "invoices:send asks to be run again later: ended with exit status 75, last line: mail server busy"
        == outcome.reason.text
    )
    later = await own.run(order_id=1, snoozes=50)
    assert isinstance(later, Snoozed)
    assert timedelta(minutes=5) == later.until - START


async def test_exit_75_for_a_day_has_failed(own: Shelf) -> None:
    own.use("exit 75")
    outcome = await own.run(after=timedelta(hours=24), order_id=1)
    assert isinstance(outcome, Failed)
    assert "it lasted 24 h" in outcome.error.text


async def test_any_other_status_fails_the_attempt_with_its_output(own: Shelf, told: list[Event]) -> None:
    own.use("echo begin; echo token=abcdefgh; echo no such order; exit 3")
    with pytest.raises(CommandFailed) as failed:
        await own.run(order_id=1)
    assert "invoices:send: ended with exit status 3, last line: no such order" == str(failed.value)
    assert not failed.value.has_traceback
    assert ["begin\ntoken=abcdefgh\nno such order\n"] == failed.value.__notes__
    lines = [event.line for event in told if isinstance(event, JobOutput)]
    assert ["begin", "token=(hidden)", "no such order"] == lines


async def test_no_whole_phone_is_kept_of_what_a_program_prints(own: Shelf, told: list[Event]) -> None:
    own.use(
        """echo to 07701234567 at 1500; echo '{"phone": 9647701234567, "0770 123 4567": ["+9647701234567"], "n": 12}'"""
    )
    result = result_of(await own.run(order_id=1))
    assert {"phone": "…567", "…567": ["…567"], "n": 12} == result["answer"]
    own.use("echo 07701234567; exit 1")
    with pytest.raises(CommandFailed) as failed:
        await own.run(order_id=1)
    lines = [event.line for event in told if isinstance(event, JobOutput)]
    assert "to …567 at 1500" == lines[0]
    everywhere = [*lines, result["output"], str(failed.value), *failed.value.__notes__]
    assert not [text for text in everywhere if "7701234" in text or "770 123" in text]


async def test_a_cancelled_run_leaves_its_output_to_be_kept(own: Shelf, events: Events) -> None:
    own.use("echo half of it; sleep 600 & wait")
    ready = asyncio.Event()
    events.listen(lambda _: ready.set())
    run = asyncio.ensure_future(own.run(order_id=1))
    async with asyncio.timeout(SAFETY_S):
        await ready.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await run
    assert ["half of it\n"] == cancelled.value.__notes__


@pytest.mark.parametrize(("mode", "got"), [(None, "no such file"), (0o600, "one that may not be executed")])
async def test_a_command_that_is_missing_or_not_executable_waits_for_its_program(
    own: Shelf, tmp_path: Path, mode: int | None, got: str
) -> None:
    program = tmp_path / "send"
    if mode:
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    own.put(str(program))
    outcome = await own.run(order_id=1)
    assert isinstance(outcome, Snoozed)
    assert f"invoices:send waits: expected a program, got {got}: {program}; " in outcome.reason.text


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, "invoices:send: order_id is missing; it takes order_id"),
        ({"order": 1}, "order_id is missing"),
        ({"order_id": 1, "copies": 2}, 'unknown argument "copies"; it takes order_id'),
        ({"order_id": 1, "orderid": 2}, 'unknown argument "orderid"; did you mean "order_id"'),
        ({"order_id": "x" * ARGUMENTS_BYTES}, "arguments: expected at most 16384 bytes of JSON, got 16399; it takes"),
        ({"order_id": 2**64}, "order_id: expected what JSON can hold, got a number; it takes"),
        ({"order_id": 1, "07701234567": 2}, 'unknown argument "…567"; it takes order_id'),
    ],
)
def test_wrong_arguments_are_refused_with_the_known_names(own: Shelf, args: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadArguments) as refused:
        own.ask(**args)
    assert expected in str(refused.value)
    assert len(str(refused.value)) < 300


def test_wrong_arguments_are_refused_without_their_values(own: Shelf) -> None:
    own.use("true", args=("who", "order_id"))
    secret: dict[str, Any] = {"name": "احمد علي", "password": "hunter2-very-secret"}
    wrong: list[dict[str, Any]] = [
        {"who": secret, "order_id": "x" * ARGUMENTS_BYTES},
        {"who": {**secret, "n": 2**70}, "order_id": 1},
        {"who": secret},
        {"who": secret, "order_id": 1, "more": secret},
        {"who": [secret, 2**70], "order_id": "\ud800"},
    ]
    for args in wrong:
        with pytest.raises(BadArguments) as refused:
            own.ask(**args)
        assert not [part for part in ("احمد", "hunter2") if part in str(refused.value.said.document())]


def test_arguments_nested_too_deep_are_refused(own: Shelf) -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    with pytest.raises(BadArguments, match="order_id: expected"):
        own.ask(order_id=deep)


def test_one_unfinished_job_for_equal_arguments(own: Shelf) -> None:
    own.use("true", args=("order_id", "note"))
    keys = [own.ask(order_id=order, note=note).unique_key for order, note in ((1, "a"), (1, "b"), (1, "a"), ("1", "a"))]
    assert keys[0] == keys[2] == own.ask(note="a", order_id=1).unique_key
    assert 3 == len(set(keys))
    own.use("true", args=())
    assert NAME == own.ask().unique_key


async def test_a_dry_run_is_refused_in_words(own: Shelf) -> None:
    with pytest.raises(InvalidRequest, match="invoices:send has no dry run: only its program, /bin/sh, knows"):
        await own.registry.dry_run(NAME, {"order_id": 1})


def test_the_task_is_described_with_its_arguments(own: Shelf) -> None:
    (shown,) = own.registry.described()
    assert (("/bin/sh", "-c", "true"), "default", 3) == (shown.program, shown.queue, shown.facts.tries)
    assert [("order_id", True)] == [(each.name, each.required) for each in shown.arguments]


def test_nothing_of_the_past_can_be_run_of_it(own: Shelf) -> None:
    with pytest.raises(InvalidRequest, match="invoices:send takes no date"):
        own.registry.job_of_past(START, NAME, {"order_id": 1})
