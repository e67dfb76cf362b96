"""The wait after a failed attempt."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from paranad.queue.attempt import JITTER, Backoff


@given(tries_spent=st.integers(1, 10_000), seed=st.integers())
def test_delay_doubles_up_to_its_bound_and_jitters(tries_spent: int, seed: int) -> None:
    exact = min(timedelta(seconds=5) * 2 ** min(tries_spent - 1, 20), timedelta(minutes=10))

    delay = Backoff(random=Random(seed)).delay(tries_spent)

    assert exact * (1 - JITTER) <= delay <= exact * (1 + JITTER)


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    backoff = Backoff(random=Random(7))

    assert 10 == len({backoff.delay(1) for _ in range(10)})
