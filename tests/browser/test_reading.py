"""What somebody hears who does not see the page: its parts in order, in Arabic, each thing named once."""

from itertools import pairwise

import pytest

from tests.browser.conftest import Visiting
from tests.browser.visit import PHONE
from tests.browser.world import World


@pytest.mark.parametrize("page", ["now", "order", "held"])
def test_page_is_heard_in_order(visit: Visiting, world: World, page: str) -> None:
    held = world.orders.held[0]
    paths = {"now": "/", "order": f"/orders/{held}", "held": f"/shipments/{held}"}
    window = visit(PHONE)
    window.go(paths[page])
    main = window.page.get_by_role("main")
    heard = main.aria_snapshot()
    window.keep(f"{page}.heard.txt", heard)
    levels = [int(each.evaluate("each => each.tagName[1]")) for each in main.locator("h1, h2, h3, h4").all()]
    assert 1 == levels[0] == levels.count(1)
    assert all(below <= above + 1 for above, below in pairwise(levels)), levels
    for button in main.get_by_role("button").all():
        assert button.inner_text().strip(), "a button without words"


def test_cells_of_a_card_are_named_by_their_column_alone(visit: Visiting, world: World) -> None:
    """The label that a phone draws beside a value is not heard a second time."""
    window = visit(PHONE)
    window.go("/jobs")
    heard = window.page.get_by_role("main").locator("table.rows tbody").aria_snapshot()
    assert "الحالة" not in heard
