"""`paranadctl parcels`: how many of each kind, which, and why; at 80 columns, in Arabic, as JSON."""

import json

import pytest

from paranad.control.schemas import remark_of
from paranad.control.schemas_parcels import Parcel, ParcelCount, Parcels
from paranad.orders.parcel_rules import STUCK
from paranad.orders.parcel_watch import NOT_WATCHED
from paranad.web.links import page_of
from tests.cli.conftest import Ctl
from tests.support.answers import AT
from tests.support.control_stand_in import StandIn

WHY, OFF = STUCK(days=9), NOT_WATCHED(key="uninvoiced", value="0")
PARCEL = Parcel(
    kind="stuck",
    order_id=318,
    order_number="D-0318",
    courier_id="90000123",
    status_id="3",
    status="قيد التوصيل",
    since=AT,
    price=25000,
    expected=None,
    reason=WHY.text,
    why=remark_of(WHY),
)
KINDS = [
    ParcelCount(kind="stuck", count=1, days=5, reason=None, why=None),
    ParcelCount(kind="uninvoiced", count=None, days=None, reason=OFF.text, why=remark_of(OFF)),
]


def page(*parcels: Parcel, kinds: list[ParcelCount] = KINDS) -> Parcels:
    return Parcels(items=list(parcels), next_cursor=None, at=AT, kinds=kinds)


def test_parcels_are_shown_by_their_kinds_with_why(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "parcels?limit=25", page(PARCEL))
    shown = ctl("parcels").out

    assert "stuck       1  no new status for 5 days or longer, or a note of an issue\n" in shown
    assert "uninvoiced  -  [parcels] uninvoiced is 0, so it is not watched\n" in shown
    assert "its status has not changed" in shown


def test_one_kind_is_asked_for_and_shown_alone(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "parcels?limit=25&kind=stuck", page(PARCEL))
    shown = ctl("parcels", "stuck").out

    assert "uninvoiced" not in shown
    assert "90000123" in shown


def test_that_nobody_is_needed_is_said(ctl: Ctl, daemon: StandIn) -> None:
    none = KINDS[0].model_copy(update={"count": 0})
    daemon.answer("GET", "parcels?limit=25", page(kinds=[none]))

    assert ctl("parcels").out.endswith("no parcel needs a person\n")


@pytest.mark.parametrize("kind", ["", "uninvoiced"])
def test_that_nobody_is_needed_is_not_said_while_a_kind_is_not_watched(ctl: Ctl, daemon: StandIn, kind: str) -> None:
    daemon.answer("GET", "parcels?limit=25" + (kind and f"&kind={kind}"), page(kinds=KINDS[1:]))
    shown = ctl("parcels", *filter(None, [kind])).out

    assert "so it is not watched" in shown
    assert "needs a person" not in shown


def test_unknown_kind_is_wrong_usage_with_the_known_ones(ctl: Ctl) -> None:
    answered = ctl("parcels", "stucked")

    assert 2 == answered.code
    assert "stuck, returning, uninvoiced, price, changed, cancelled" in answered.err
    assert "did you mean" in answered.err


def test_parcels_read_right_in_arabic(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "parcels?limit=25", page(PARCEL))
    shown = ctl("--lang", "ar", "parcels").out

    assert "لم تتغير حالته منذ" in shown
    assert "فلا مراقبة" in shown


def test_json_is_what_the_api_answered(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "parcels?limit=25", page(PARCEL))

    assert "stuck" == json.loads(ctl("parcels", "--json").out)["items"][0]["kind"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [("paranadctl parcels", "/parcels"), ("paranadctl parcels stuck", "/parcels?kind=stuck")],
)
def test_command_leads_to_the_page_of_parcels(command: str, expected: str) -> None:
    assert expected == page_of(command)
