from paranad.said import Sentence, plain
from paranad.tasks.task import MENTIONED, Tally

ORDERED = Sentence("shop.ordered", "order {order} came from it: {reason}")
GONE = Sentence("shop.gone", "it is gone")


def test_a_reason_stands_beside_its_code_and_values() -> None:
    tally = Tally()
    tally.skip("cart 1", ORDERED(order=7, reason=GONE()))
    [item] = tally.as_json()["skipped"]["items"]
    assert ("cart 1", "order 7 came from it: it is gone") == (item["what"], item["reason"])
    assert ("shop.ordered", {"order": 7, "reason": "it is gone"}) == (item["why"]["code"], item["why"]["values"])
    assert "shop.gone" == item["why"]["facts"]["reason"]["code"]


def test_a_text_from_outside_has_no_code() -> None:
    tally = Tally()
    tally.fail("cart 1", plain("disk full"))
    assert [{"what": "cart 1", "reason": "disk full"}] == tally.as_json()["failed"]["items"]


def test_counts_are_whole_although_only_some_are_named() -> None:
    tally = Tally()
    for number in range(MENTIONED + 1):
        tally.fail(f"cart {number}", GONE())
    failed = tally.as_json()["failed"]
    assert (MENTIONED + 1, MENTIONED) == (failed["count"], len(failed["items"]))
