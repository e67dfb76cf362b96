"""A fact in a row of queue.db: code and values beside the sentence, and what an earlier version leaves of them."""

from paranad.said import Said, Sentence, plain
from paranad.store.facts import kept, read

GONE = Sentence("test.gone", "order {order} is gone: {reason}")
WHY = Sentence("test.why", "deleted by {names}")


def test_fact_comes_back_from_its_row() -> None:
    said = GONE(order=7, reason=WHY(names=["a", "b"]))
    assert said == read(kept(said), said.text)


def test_sentence_of_a_version_without_codes_stands_alone() -> None:
    assert plain("boom") == read(None, "boom")
    assert read(None, None) is None


def test_code_of_a_sentence_that_an_earlier_version_replaced_counts_no_more() -> None:
    assert Said("", {}, "boom") == read(kept(GONE(order=7, reason="-")), "boom")


def test_text_from_outside_is_kept_once() -> None:
    assert kept(plain("No space left on device")) is None
