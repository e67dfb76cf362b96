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
    assert opened.counts.lying.creates > opened.counts.lying.orders
    assert 0 == opened.counts.honest.held
