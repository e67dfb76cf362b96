"""The tasks app:cleanup-old-data and fcm:cleanup: what is old enough, to the second, and in batches by id."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from paranad.shop.database import Shop
from paranad.shop.errors import ShopClockOff
from paranad.shop.tables import fcm_tokens, messages, notifications
from paranad.tasks import housekeeping as module
from paranad.tasks.housekeeping import CleanupOldData, FcmCleanup, FcmCleanupArguments
from paranad.tasks.task import NoArguments
from tests.support.clock import ManualClock
from tests.support.shop import WHOLE, count, ids, make, make_user, value_of
from tests.support.tasks import make_context, result_of, run_task

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


async def notification(shop: Shop, age: timedelta | None, **values: Any) -> int:
    created_at = None if age is None else shop.now() - age
    asked = {"type": "t", "title": "ع", "message": "م", "created_at": created_at, **values}
    return await make(shop, notifications, user_id=await make_user(shop), **asked)


async def message(shop: Shop, age: timedelta, **values: Any) -> int:
    talk = await make(shop, WHOLE["conversations"], type="direct")
    return await make(
        shop, messages, conversation_id=talk, user_id=await make_user(shop), created_at=shop.now() - age, **values
    )


async def token(shop: Shop, silent: timedelta | None) -> int:
    updated_at = None if silent is None else shop.now() - silent
    return await make(shop, fcm_tokens, user_id=await make_user(shop), token=f"secret-{silent}", updated_at=updated_at)


async def clean_tokens(shop: Shop, clock: ManualClock, *, dry_run: bool = False, **args: Any) -> dict[str, Any]:
    task = FcmCleanup(shop)
    return result_of(await task.run(make_context(clock, dry_run=dry_run), FcmCleanupArguments(**args)))


async def test_notifications_and_messages_go_after_a_day_read_or_not(shop: Shop, clock: ManualClock) -> None:
    gone = await notification(shop, DAY + SECOND, read_at=shop.now())
    kept = [await notification(shop, age) for age in (DAY, DAY - SECOND, None)]
    old, young = await message(shop, 2 * DAY, is_read=False), await message(shop, DAY)
    result = await run_task(CleanupOldData(shop), clock)
    assert (kept, [young]) == (await ids(shop, notifications), await ids(shop, messages))
    assert (2, 2, [f"notification {gone}", f"message {old}"]) == (
        result["looked_at"],
        result["changed"],
        result["rows"],
    )


async def test_answer_to_a_message_that_goes_stays(shop: Shop, clock: ManualClock) -> None:
    old = await message(shop, 2 * DAY)
    answer = await message(shop, SECOND, reply_to_id=old)
    await run_task(CleanupOldData(shop), clock)
    assert await value_of(shop, messages, answer, "reply_to_id") is None


async def test_a_batch_is_one_transaction_and_none_is_left(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for _ in range(5):
        await notification(shop, 2 * DAY)
    told: list[int] = []
    result = await run_task(CleanupOldData(shop), clock, progress=lambda done, _: told.append(done))
    assert (5, 0, [2, 4, 5]) == (result["changed"], await count(shop, notifications), told)


async def test_dry_run_names_every_row_and_deletes_none(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for _ in range(3):
        await notification(shop, 2 * DAY)
    result = await run_task(CleanupOldData(shop), clock, dry_run=True)
    assert (3, 3) == (len(result["rows"]), await count(shop, notifications))


async def test_device_goes_after_its_days_of_silence(shop: Shop, clock: ManualClock) -> None:
    gone = await token(shop, 60 * DAY + SECOND)
    kept = [await token(shop, silent) for silent in (60 * DAY, DAY, None)]
    result = await clean_tokens(shop, clock)
    assert (kept, [f"fcm token {gone}"]) == (await ids(shop, fcm_tokens), result["rows"])


async def test_days_are_the_operator_s(shop: Shop, clock: ManualClock) -> None:
    await token(shop, 2 * DAY)
    assert 1 == (await clean_tokens(shop, clock, days=1, dry_run=True))["changed"]
    assert 0 == (await clean_tokens(shop, clock, days=2))["changed"]


@pytest.mark.parametrize("days", [0, -1, 36501, "0", "sixty", 1.5, True, None])
def test_days_that_would_delete_everything_or_mean_nothing_are_refused(days: object) -> None:
    with pytest.raises(ValidationError):
        FcmCleanupArguments.model_validate({"days": days})


@pytest.mark.parametrize("task", ["app:cleanup-old-data", "fcm:cleanup"])
async def test_nothing_is_deleted_while_the_clocks_disagree(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    async def off() -> None:
        raise ShopClockOff(timedelta(hours=3), timedelta(minutes=10))

    monkeypatch.setattr(shop, "check_clock", off)
    with pytest.raises(ShopClockOff):
        await (run_task(CleanupOldData(shop), clock) if task.startswith("app") else clean_tokens(shop, clock))


async def test_tasks_are_as_the_interface_has_them(shop: Shop) -> None:
    tasks = (CleanupOldData(shop), FcmCleanup(shop))
    assert [("app:cleanup-old-data", 3, "default"), ("fcm:cleanup", 3, "default")] == [
        (task.name, task.facts.tries, task.facts.queue) for task in tasks
    ]
    assert ["app:cleanup-old-data", "fcm:cleanup"] == [
        tasks[0].unique_key(NoArguments()),
        tasks[1].unique_key(FcmCleanupArguments()),
    ]
