"""What the shipments ask before an order leaves: by the lease, the marks and the row of the job."""

from datetime import timedelta

import pytest

from paranad.errors import NotHolding
from paranad.standby.decide import NUMBERS
from paranad.standby.fence import LeaseFence, LoneFence, RowOfJob
from paranad.store.file import Values
from tests.lease.conftest import Ground


class Rows:
    """The kept rows: job 1 has one."""

    def __init__(self) -> None:
        self.ours = True
        self.is_tried = False

    async def tried(self, job_id: int) -> bool:
        self.is_tried = self.ours
        return self.ours

    async def untried(self, job_id: int) -> None:
        self.is_tried = False

    def has_row(self, job_id: int) -> bool:
        return job_id == 1


ROWS = Rows()


def row_of(rows: Rows) -> RowOfJob:
    return RowOfJob(lambda: rows, lambda owner: int(owner) if owner.isdigit() else None)


def values_of(ground: Ground, name: str) -> Values:
    return ground.stores[name].values


def lone(ground: Ground, name: str) -> LoneFence:
    fence = LoneFence(ground.shop, values_of(ground, name), row_of(ROWS))
    ground.closes(fence.close)
    return fence


async def leased(ground: Ground, name: str, rows: Rows) -> LeaseFence:
    daemon = await ground.daemon(name)
    await daemon.wait_for_lease()
    request = timedelta(seconds=60)
    fence = LeaseFence(ground.shop, values_of(ground, name), row_of(rows), daemon, request=request, numbers=NUMBERS)
    ground.closes(fence.close)
    return fence


async def test_request_leaves_only_while_it_ends_before_the_lease(ground: Ground) -> None:
    fence = await leased(ground, "web-1", Rows())
    ground.clock.elapsed_s += 20
    assert fence.may_leave()
    ground.clock.elapsed_s += 1
    assert not fence.may_leave(), "60 s for the request and 10 s more"


async def test_order_and_row_are_marked_and_the_row_s_mark_is_taken_back(ground: Ground) -> None:
    rows = Rows()
    fence = await leased(ground, "web-1", rows)
    await fence.before_request(11, "P11-ABCD", 2, "1")
    assert ({11: (None, 1, "P11-ABCD", 2)}, True) == (await fence.all_marks(), rows.is_tried)
    await fence.not_sent("1")
    await fence.unmark(11)
    assert ({}, False) == (await fence.all_marks(), rows.is_tried)
    rows.ours = False
    with pytest.raises(NotHolding, match="another has the shop's row"):
        await fence.before_request(11, "P11-ABCD", 2, "1")
    await fence.before_request(12, "P12-ABCD", 1, "settle")


async def test_marks_of_a_machine_that_died_are_read_with_standby_switched_off(ground: Ground) -> None:
    """Otherwise what it had sent would be sent again by the one that is left, alone."""
    web_1 = await leased(ground, "web-1", Rows())
    await ground.daemon("web-2")
    await web_1.before_request(11, "P11-ABCD", 1, "1")
    never = lone(ground, "web-2")
    assert (False, {}) == (await never.has_marks(), await never.all_marks())
    web_2 = await ground.daemon("web-2")
    await web_2._remembering.keep(web_2._remembering.memory)
    left = lone(ground, "web-2")
    assert (True, {11: ("web-1", 1, "P11-ABCD", 1)}) == (await left.has_marks(), await left.marks([11, 12]))
    await left.unmark(11)
    assert 1 == len(await left.all_marks()), "it is not this machine's"
    await left.unmark(11, of_all=True)
    assert {} == await left.all_marks()
    await ground.sql("DROP TABLE paranad_lease")
    await left.unmark(11, of_all=True)
    assert {} == await left.marks([11]), "whoever works alone may drop the table"
