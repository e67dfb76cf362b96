"""What a list of the courier's shows, where nothing is looked for in it but references."""

from paranad.courier.models import OrderList
from paranad.shipments.search import Search, references_among
from tests.shipments.test_decide import OTHER, courier_order


def test_notes_alone_show_the_references_that_the_rows_show() -> None:
    notes = ["P7-ABCD · ring", "ring", None, "P8-EFGH P9-IJKL"]
    orders = OrderList(courier_order(str(place), phone=OTHER, notes=note) for place, note in enumerate(notes, 1))
    search = Search((), frozenset())
    search.look_at(orders)
    assert {"P7-ABCD", "P8-EFGH", "P9-IJKL"} == search.references == references_among(orders.merchant_notes())
    assert search.is_for_references


def test_rows_are_made_where_a_parcel_is_watched_or_the_list_is_kept() -> None:
    assert [False, False] == [
        Search((), frozenset({"909"})).is_for_references,
        Search((), frozenset(), keep_marked=True).is_for_references,
    ]
