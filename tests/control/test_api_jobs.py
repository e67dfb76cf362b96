from datetime import timedelta
from typing import Any

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.events.daemon import ControlChanged
from paranad.events.event import Event
from paranad.queue.model import State
from paranad.store.file import Store
from tests.support.control import WRITTEN_OTHERWISE

CARTS = {"task": "carts:expire", "args": {}}


def order(number: int) -> dict[str, Any]:
    return {"task": "alwaseet:create-shipment", "args": {"order_id": number}}


async def fail(store: Store, *ids: int) -> None:
    """Let stored jobs have failed."""
    marks = ",".join(str(each) for each in ids)
    sql = (
        f"UPDATE jobs SET state='failed', error='boom', tries_spent=tries, finished_at=created_at WHERE id IN ({marks})"
    )

    def apply(connection: Any, items: Any) -> list[None]:
        connection.execute(sql)
        return [None]

    from paranad.store.writer import Kind

    await store.writer.write(Kind(apply), None)


async def test_a_new_job_is_201_and_shown_whole(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", json=order(7))
    assert (201, {"id": 1, "duplicate": False}) == (answer.status_code, answer.json())
    assert {
        "id": 1,
        "task": "alwaseet:create-shipment",
        "args": {"order_id": 7},
        "queue": "high",
        "origin": "operator",
        "state": "available",
        "tries": 3,
        "tries_spent": 0,
        "due_at": "2026-03-02T12:00:00+03:00",
        "created_at": "2026-03-02T12:00:00+03:00",
        "started_at": None,
        "finished_at": None,
        "unique_key": "order:7",
        "result": None,
        "error": None,
        "why": None,
        "attempts": [],
    } == (await api.get("/v1/jobs/1")).json()


async def test_duplicate_enqueue_is_200_with_the_unfinished_job(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=CARTS)
    answer = await api.post("/v1/jobs", json=CARTS)
    assert (200, {"id": 1, "duplicate": True}) == (answer.status_code, answer.json())


async def test_duplicates_inside_a_list_are_marked(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", json=[CARTS, order(1), CARTS])
    items = [{"id": 1, "duplicate": False}, {"id": 2, "duplicate": False}, {"id": 1, "duplicate": True}]
    assert (201, {"items": items}) == (answer.status_code, answer.json())
    assert (await api.post("/v1/jobs", json=[CARTS])).status_code == 200


async def test_a_list_with_one_wrong_job_stores_none(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", json=[CARTS, order(0)])
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("[1]: alwaseet:create-shipment: order_id")
    assert (await api.get("/v1/jobs")).json()["items"] == []


@pytest.mark.parametrize("delay", [90, 90.0, "90s", "1m30s"])
async def test_delay_is_seconds_or_a_text(api: httpx.AsyncClient, delay: object) -> None:
    await api.post("/v1/jobs", json=CARTS | {"delay": delay})
    job = (await api.get("/v1/jobs/1")).json()
    assert ("scheduled", "2026-03-02T12:01:30+03:00") == (job["state"], job["due_at"])


@pytest.mark.parametrize("delay", [-1, True, "soon", "90", [], 1e300, {"s": 1}, 2_592_001, "31d", "90000000s"])
async def test_a_delay_that_is_none_is_refused(api: httpx.AsyncClient, delay: object) -> None:
    answer = await api.post("/v1/jobs", json=CARTS | {"delay": delay})
    assert (422, "invalid") == (answer.status_code, answer.json()["kind"])
    assert "delay: expected" in answer.json()["detail"]


async def test_idempotency_key_gives_a_repeat_the_first_answer(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = await api.post("/v1/jobs", json=[order(7), order(8)], headers=key)
    repeat = await api.post("/v1/jobs", json=[order(7), order(8)], headers=key)
    assert [item["id"] for item in first.json()["items"]] == [item["id"] for item in repeat.json()["items"]]
    assert len((await api.get("/v1/jobs")).json()["items"]) == 2


async def test_idempotency_key_with_another_body_is_422(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "order-7"}
    await api.post("/v1/jobs", json=order(7), headers=key)
    answer = await api.post("/v1/jobs", json=order(8), headers=key)
    assert (422, "idempotency-key-reused") == (answer.status_code, answer.json()["kind"])


async def test_idempotency_key_looks_at_the_meaning_of_the_body_alone(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = await api.post("/v1/jobs", content=b'{"task":"carts:expire","args":{}}', headers=key)
    repeat = await api.post("/v1/jobs", content=b'{ "args": {}, "task": "carts:expire" }', headers=key)
    assert first.json()["id"] == repeat.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ü"])
async def test_a_key_that_is_none_is_refused(api: httpx.AsyncClient, key: str) -> None:
    answer = await api.post("/v1/jobs", json=CARTS, headers=[(b"Idempotency-Key", key.encode())])
    assert (422, "invalid") == (answer.status_code, answer.json()["kind"])


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ({"task": "carts:expired"}, "unknown-task", 'did you mean "carts:expire"?'),
        ({"task": "carts:expire", "args": {"x": 1}}, "bad-arguments", "x"),
        ({"task": "alwaseet:create-shipment"}, "bad-arguments", "order_id is missing"),
        ({"task": "alwaseet:create-shipment", "args": {"order_id": "7"}}, "bad-arguments", "order_id"),
        ({"task": "carts:expire", "queue": "hihg"}, "unknown-queue", "high"),
        ({"task": "carts:expire", "args": []}, "invalid", "args: expected"),
        ({"task": "carts:expire", "args": None}, "invalid", "args: expected"),
        ({"tsk": "carts:expire"}, "invalid", 'unknown field "tsk"; did you mean "task"?'),
        ({"task": 7}, "invalid", "task: expected a valid string, got 7"),
        ({"task": ""}, "invalid", "task"),
        ({"task": "x" * 1000}, "invalid", "task"),
        ({}, "invalid", "task is missing"),
        ([], "invalid", "at least 1 item"),
        ([[]], "invalid", "[0]: expected"),
        ("carts:expire", "invalid", "body: expected"),
        (7, "invalid", "body: expected"),
    ],
)
async def test_a_wrong_job_is_422_and_says_what_is_wrong(
    api: httpx.AsyncClient, body: object, kind: str, words: str
) -> None:
    answer = await api.post("/v1/jobs", json=body)
    assert (422, kind) == (answer.status_code, answer.json()["kind"])
    assert words in answer.json()["detail"]


NO_IDS = ("0", "-1", "1.5", "abc", "9223372036854775808", "1" * 400, "%00", "٧", *WRITTEN_OTHERWISE)


@pytest.mark.parametrize("route", [("GET", ""), ("POST", "/retry"), ("POST", "/cancel"), ("DELETE", "")])
async def test_an_id_that_cannot_be_one_is_422(api: httpx.AsyncClient, route: tuple[str, str]) -> None:
    method, rest = route
    answers = {number: await api.request(method, f"/v1/jobs/{number}{rest}") for number in NO_IDS}
    assert dict.fromkeys(NO_IDS, (422, "invalid", True)) == {
        number: (answer.status_code, answer.json()["kind"], answer.json()["detail"].startswith("id: expected"))
        for number, answer in answers.items()
    }


@pytest.mark.parametrize("route", [("GET", ""), ("POST", "/retry"), ("POST", "/cancel"), ("DELETE", "")])
async def test_an_id_that_no_job_has_is_404(api: httpx.AsyncClient, route: tuple[str, str]) -> None:
    method, rest = route
    answer = await api.request(method, f"/v1/jobs/{2**63 - 1}{rest}")
    assert (404, "not-found") == (answer.status_code, answer.json()["kind"])


async def test_lists_are_paged_newest_first(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=[order(number) for number in range(1, 6)])
    first = (await api.get("/v1/jobs", params={"limit": 3})).json()
    second = (await api.get("/v1/jobs", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [5, 4, 3] == [job["id"] for job in first["items"]]
    assert [2, 1] == [job["id"] for job in second["items"]]
    assert second["next_cursor"] is None


async def test_lists_are_filtered(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=[CARTS, order(1), order(2) | {"delay": 5}])
    for query, ids in [
        ({"task": "carts:expire"}, [1]),
        ({"queue": "high"}, [3, 2]),
        ({"state": "scheduled"}, [3]),
        ({"state": "available", "queue": "high"}, [2]),
        ({"state": "failed"}, []),
    ]:
        assert ids == [job["id"] for job in (await api.get("/v1/jobs", params=query)).json()["items"]]


WRONG_QUERIES = (
    ("limit=0", "limit: expected"),
    ("limit=101", "limit: expected less than or equal to 100, got"),
    ("limit=ten", "limit: expected"),
    *((f"limit={number}", "limit: expected a whole number") for number in WRITTEN_OTHERWISE),
    ("state=done", "state: expected"),
    ("cursor=x", "cursor"),
    ("cursor=99999999999999999999", "cursor"),
    *((f"cursor={number}", "cursor") for number in WRITTEN_OTHERWISE),
    ("task=carts:expird", 'did you mean "carts:expire"?'),
    ("queue=low", "unknown queue"),
    ("stat=failed", 'unknown query parameter "stat"; did you mean "state"?'),
)


async def test_a_wrong_query_is_refused(api: httpx.AsyncClient) -> None:
    for query, words in WRONG_QUERIES:
        answer = await api.get(f"/v1/jobs?{query}")
        assert answer.status_code in {400, 422}, query
        assert words in answer.json()["detail"], query


async def test_retry_puts_a_failed_job_back_with_fresh_tries(api: httpx.AsyncClient, store: Store) -> None:
    await api.post("/v1/jobs", json=CARTS)
    await fail(store, 1)
    assert (await api.post("/v1/jobs/1/retry")).json() == {"id": 1, "covered_by": None}
    job = (await api.get("/v1/jobs/1")).json()
    assert ("available", 0) == (job["state"], job["tries_spent"])


async def test_retry_of_a_job_that_an_unfinished_one_covers_names_that(api: httpx.AsyncClient, store: Store) -> None:
    await api.post("/v1/jobs", json=CARTS)
    await fail(store, 1)
    await api.post("/v1/jobs", json=CARTS)
    assert (await api.post("/v1/jobs/1/retry")).json() == {"id": 1, "covered_by": 2}


async def test_retry_is_for_failed_jobs_only(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=CARTS)
    answer = await api.post("/v1/jobs/1/retry")
    assert (409, "wrong-state") == (answer.status_code, answer.json()["kind"])


async def test_retry_all_takes_the_filter_and_the_newest_of_a_key(api: httpx.AsyncClient, store: Store) -> None:
    await api.post("/v1/jobs", json=[CARTS, order(1)])
    await fail(store, 1, 2)
    await api.post("/v1/jobs", json=CARTS)
    await fail(store, 3)
    answer = (await api.post("/v1/failed/retry", params={"task": "carts:expire"})).json()
    assert {"items": [{"id": 3, "covered_by": None}, {"id": 1, "covered_by": 3}]} == answer
    assert (await api.get("/v1/jobs/2")).json()["state"] == "failed"


async def test_forget_and_flush_delete_failed_jobs(api: httpx.AsyncClient, store: Store) -> None:
    await api.post("/v1/jobs", json=[order(1), order(2), order(3), order(4)])
    await fail(store, 1, 2, 3)
    assert (await api.delete("/v1/jobs/1")).json() == {"deleted": 1}
    assert (await api.delete("/v1/jobs/4")).status_code == 409
    assert (await api.delete("/v1/failed", params={"queue": "default"})).json() == {"deleted": 0}
    assert (await api.delete("/v1/failed")).json() == {"deleted": 2}


async def test_cancel_answers_with_the_cancelled_job(api: httpx.AsyncClient) -> None:
    await api.post("/v1/jobs", json=CARTS)
    assert (await api.post("/v1/jobs/1/cancel")).json()["state"] == "cancelled"
    assert (await api.post("/v1/jobs/1/cancel")).status_code == 409


async def test_every_change_is_told_with_the_callers_uid(api: httpx.AsyncClient, told: list[Event]) -> None:
    import os

    await api.get("/v1/jobs")
    await api.post("/v1/jobs", json={"task": "no"})
    await api.post("/v1/jobs", json=CARTS)
    changes = [event for event in told if isinstance(event, ControlChanged)]
    assert [ControlChanged(uid=os.getuid(), method="POST", path="/v1/jobs", status=201)] == changes


async def test_a_job_that_is_due_later_keeps_the_tasks_queue(api: httpx.AsyncClient, daemon: Daemon) -> None:
    await api.post("/v1/jobs", json=order(1) | {"queue": "default", "delay": "2h"})
    job = await daemon.parts.jobs.get(1)
    assert ("default", State.SCHEDULED, timedelta(hours=2)) == (job.queue, job.state, job.due_at - job.created_at)


async def test_wake_says_what_became_of_each_job(api: httpx.AsyncClient) -> None:
    put_off = (await api.post("/v1/jobs", json={"task": "carts:expire", "delay": "1h"})).json()["id"]
    due = (await api.post("/v1/jobs", json={"task": "promotions:expire"})).json()["id"]

    answer = (await api.post("/v1/jobs/wake", json={"ids": [put_off, due, 4711]})).json()

    assert 1 == answer["woken"]
    assert [(put_off, "woken", "scheduled"), (due, "not_waiting", "available"), (4711, "not_found", None)] == [
        (each["id"], each["outcome"], each["state"]) for each in answer["items"]
    ]
    assert [None, "job.not_woken", "job.not_found"] == [each["why"] and each["why"]["code"] for each in answer["items"]]


async def test_wake_takes_ids_or_a_task(api: httpx.AsyncClient) -> None:
    assert {"woken": 0, "items": []} == (await api.post("/v1/jobs/wake", params={"task": "carts:expire"})).json()
    assert {"woken": 0, "items": []} == (await api.post("/v1/jobs/wake")).json()
    for wrong in (
        await api.post("/v1/jobs/wake", json={"ids": [1]}, params={"task": "carts:expire"}),
        await api.post("/v1/jobs/wake", json={"ids": []}),
        await api.post("/v1/jobs/wake", json={"ids": ["1"]}),
        await api.post("/v1/jobs/wake", json={"ids": [0]}),
        await api.post("/v1/jobs/wake", params={"task": "carts:expired"}),
    ):
        assert 422 == wrong.status_code, wrong.text
