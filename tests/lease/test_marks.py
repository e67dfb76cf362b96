"""The marks of orders: who has sent a request for one, or is about to."""

import pytest

from paranad.errors import NotHolding
from paranad.standby.marks import Mark, Marks
from paranad.standby.service import Standby
from tests.lease.conftest import Ground


@pytest.fixture
async def working(ground: Ground) -> tuple[Standby, Marks]:
    """A daemon on `web-1` that holds the lease, and its marks."""
    return await at_work(ground, "web-1")


async def at_work(ground: Ground, name: str) -> tuple[Standby, Marks]:
    daemon = await ground.daemon(name)
    await daemon.wait_for_lease()
    marks = Marks(ground.shop, daemon)
    ground.closes(marks.close)
    return daemon, marks


async def test_whoever_takes_over_sees_what_the_machine_before_was_about_to_send(
    ground: Ground, working: tuple[Standby, Marks]
) -> None:
    web_1, marks_1 = working
    await marks_1.begin(11, "P11-ABCD", 1)
    await marks_1.begin(12, "P12-ABCD", 1)
    assert {each.holder for each in (await marks_1.of([11, 12])).values()} == {web_1.holder}
    await web_1.give_up()
    web_2, marks_2 = await at_work(ground, "web-2")
    assert await marks_2.of([11]) == {11: Mark(web_1.holder, "web-1", 1, "P11-ABCD", 1)}
    assert set(await marks_2.of(list(range(1, 1200)))) == set(await marks_2.all()) == {11, 12}
    await marks_2.begin(11, "P11-ABCD", 3)
    assert await marks_1.of([11]) == {11: Mark(web_2.holder, "web-2", 2, "P11-ABCD", 3)}


async def test_machine_that_does_not_hold_the_lease_any_more_marks_nothing_over_its_successor(
    ground: Ground, working: tuple[Standby, Marks]
) -> None:
    """It stood still between its last look and its mark, and thinks that it works."""
    web_1, marks_1 = working
    held = web_1._held
    await web_1.give_up()
    with pytest.raises(NotHolding, match="has given up the lease"):
        await marks_1.begin(11, "P11-ABCD", 1)
    web_1._held = held
    with pytest.raises(NotHolding, match="has given up the lease"):
        await marks_1.begin(11, "P11-ABCD", 1)
    web_1._held = None
    web_2, marks_2 = await at_work(ground, "web-2")
    await marks_2.begin(12, "P12-WXYZ", 1)
    web_1._held = held
    with pytest.raises(NotHolding, match="web-2 holds the lease"):
        await marks_1.begin(11, "P11-ABCD", 1)
    with pytest.raises(NotHolding, match="marked order 12 in a later term"):
        await marks_1.begin(12, "P12-ABCD", 1)
    await marks_1.end(12)
    assert (await marks_1.of([12]))[12] == Mark(web_2.holder, "web-2", 2, "P12-WXYZ", 1)


async def test_marks_are_taken_away_by_their_machine_or_where_the_shop_has_the_shipment(
    ground: Ground, working: tuple[Standby, Marks]
) -> None:
    web_1, marks_1 = working
    await marks_1.add({11: ("P11-ABCD", 1), 12: ("P12-ABCD", 2), 13: ("P13-ABCD", 1)})
    await marks_1.add({11: ("P11-WXYZ", 3)})
    await marks_1.end(13)
    await web_1.give_up()
    _, marks_2 = await at_work(ground, "web-2")
    await marks_2.end(11)
    await marks_2.end(12, of_all=True)
    assert {order: each.reference for order, each in (await marks_2.of([11, 12, 13])).items()} == {11: "P11-ABCD"}
