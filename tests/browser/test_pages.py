"""Every page in every look: nothing to complain of, nothing too wide, nothing that WCAG forbids; a picture of each."""

from collections.abc import Callable, Mapping

import pytest
from starlette.routing import compile_path

from paranad.web import app
from tests.browser.conftest import Visiting
from tests.browser.visit import LOOKS, Look
from tests.browser.world import World

PAGES: Mapping[str, Callable[[World], str]] = {
    "now": lambda _: "/",
    "orders": lambda _: "/orders",
    "orders-without": lambda _: "/orders?without_shipment=1",
    "orders-found": lambda _: "/orders?find=082",
    "order": lambda world: f"/orders/{world.orders.past[-1]}",
    "order-hostile": lambda world: f"/orders/{world.orders.hostile[0]}",
    "order-endless": lambda world: f"/orders/{world.orders.hostile[2]}",
    "order-held": lambda world: f"/orders/{world.orders.held[0]}",
    "shipments": lambda _: "/shipments",
    "shipment-held": lambda world: f"/shipments/{world.orders.held[0]}",
    "shipment": lambda world: f"/shipments/{world.orders.past[-1]}",
    "parcels": lambda _: "/parcels",
    "parcels-price": lambda _: "/parcels?kind=price",
    "failed": lambda _: "/failed",
    "jobs": lambda _: "/jobs",
    "jobs-waiting": lambda _: "/jobs?state=scheduled",
    "job-failed": lambda world: f"/jobs/{world.past.failed[1]}",
    "job-endless": lambda world: f"/jobs/{world.past.failed[4]}",
    "job-waiting": lambda world: f"/jobs/{world.past.waiting[2]}",
    "schedule": lambda _: "/schedule",
    "entry": lambda _: "/schedule/promotions:expire",
    "tasks": lambda _: "/tasks",
    "task": lambda _: "/tasks/alwaseet:create-shipment",
    "settings": lambda _: "/settings",
    "setting": lambda _: "/settings/delivery_fee",
    "alerts": lambda _: "/alerts",
    "doctor": lambda _: "/doctor",
    "log": lambda _: "/log",
}


def test_every_page_of_the_application_is_looked_at(world: World) -> None:
    looked_at = [path(world).partition("?")[0] for path in PAGES.values()]
    known = {path: compile_path(path)[0] for path in app.PAGES}
    assert [] == [path for path, pattern in known.items() if not any(map(pattern.match, looked_at))]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_page_is_sound(visit: Visiting, world: World, look: Look, name: str) -> None:
    """By day, and at night, when nothing but the colours differs."""
    seen = visit(look)
    assert 200 == seen.go(PAGES[name](world)).status
    seen.picture(name)
    seen.assert_fits()
    seen.assert_accessible()
    seen.darken()
    seen.picture(name)
    seen.assert_legible()
