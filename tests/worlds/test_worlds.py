"""Some invented worlds, always the same; `make worlds` plays thousands, others every time."""

from collections.abc import Iterator

import pytest

from tests.worlds.prove import Players, players

WORLDS = 150
SEED = 20260302


@pytest.fixture
def opened() -> Iterator[Players]:
    with players() as opened:
        yield opened


def test_invented_worlds_hold(opened: Players) -> None:
    """Honest worlds hold nothing; in the others every order ends recorded as its own parcel, or held or failed."""
    opened.prove(SEED, WORLDS)
    counts = opened.counts
    assert counts.lying.creates > counts.lying.orders
    assert counts.lying_of_two.creates > counts.lying_of_two.orders
    assert 0 == counts.honest.held == counts.honest_of_two.held
