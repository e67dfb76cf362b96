from pathlib import Path

import pytest

from paranad.cli.language import Language
from paranad.cli.reasons import REASONS, reason_words
from paranad.cli.screen.say import Pen, Said, written
from paranad.control.client import unreachable
from paranad.courier.errors import CourierLimited, CourierRefused, CourierUnclear, LoginFailed, RateRefused, Refusal
from paranad.shipments import reasons
from paranad.shipments.restored import UNMATCHED
from paranad.shop.errors import ShopBusy, ShopNotGranted, ShopServerReadOnly, ShopUnreachable
from paranad.tasks.counts import NO_CACHE
from tests.support.clock import START

VALUES = ("rows", "orders", "order", "others", "lists", "times")
SAID = {
    **{
        f"shipment-{code}": sentence(**dict.fromkeys(VALUES, "7")).text
        for code, sentence in reasons.SENTENCES.items()
        if sentence.english not in {"{detail}", "{text}"}
    },
    "list-will-tell": f"{reasons.ENDED()}; the courier's list will tell whether it has the order",
    "courier-unclear": str(CourierUnclear("/create-order: cut")),
    "courier-not-reached": str(CourierRefused(Refusal.NOT_SENT, "", "timed out")),
    "courier-refused-number": str(CourierRefused(Refusal.DATA, "3", "region")),
    "courier-refused": str(CourierRefused(Refusal.DATA, "", "region")),
    "courier-limited": str(CourierLimited(START)),
    "courier-rate-refused": str(RateRefused(START)),
    "courier-not-now-number": str(CourierRefused(Refusal.TRANSIENT, "999", "try again")),
    "courier-not-now": str(CourierRefused(Refusal.TRANSIENT, "", "try again")),
    "login-refused": "the courier refused the username and password: errNum 999: wrong",
    "courier-login": str(LoginFailed("wrong password")),
    "shop-not-reached": str(ShopUnreachable("no such file")),
    "shop-locked": str(ShopBusy("deadlock")),
    "shop-read-only": str(ShopServerReadOnly("it is read-only")),
    "shop-not-granted": str(ShopNotGranted("UPDATE on jobs; grant it", "UPDATE jobs")),
    "restored": UNMATCHED(copied_at="2026-03-02 12:00").text,
    **{
        f"socket-{id_}": str(unreachable(Path("/x.sock"), error)).partition("; ")[0]
        for id_, error in {
            "missing": FileNotFoundError(),
            "deserted": ConnectionRefusedError(),
            "forbidden": PermissionError(),
            "late": TimeoutError(),
        }.items()
    },
    "auto-create-off": "the shop's setting alwaseet_auto_create_shipment is off",
    "auto-sync-off": "the shop's setting alwaseet_auto_sync_enabled is off",
    "shop-has-it": "the shop already has courier order 77 for it",
    "order-trashed": "the order is in the trash",
    "order-cancelled": "the order is cancelled",
    "bridge-alone": "no row is reserved by anyone else",
    "bridge-rival": (
        "someone else reserved row 7 of the jobs table at 00:37:13, as a PHP worker does: it waits until 00:38:43"
    ),
    "not-due": "not due before 2026-03-02 13:00",
    "order-missing": "order 999: no such order in the shop",
    "timed-out": "timed out: it ran longer than 120 s",
    "order-refused": (
        f"order 12: {CourierRefused(Refusal.DATA, '3', 'region')}; correct the order in the shop, then retry the job"
    ),
    "order-without-items": "order 12 has no items: nothing to ship; add its items in the shop, then retry the job",
    "command-said": "backup: ended with exit status 3, last line: no room",
    "shipment-there": "its shipment is recorded already, reference P12-ABCD",
    "no-cache": NO_CACHE().text,
    "courier-shows-none": "the courier shows no order of this id",
    "reference-of-another": "it carries the reference of order 13",
    "phone-of-another": "it has another phone than the order",
    "courier-not-asked": f"it cannot be asked now ({CourierLimited(START)})",
    "by-hand": "run by hand",
    "overlap": "overlap: job 12 is unfinished",
}


def test_reasons_that_the_daemon_gives_are_recognised_and_stay_in_english_as_they_came() -> None:
    said = {id_: reason_words(reason) for id_, reason in SAID.items()}
    assert {id_: f"reason:{id_}" for id_ in SAID} == {
        id_: isinstance(each, Said) and each.key for id_, each in said.items()
    }
    assert SAID == {id_: written(each) for id_, each in said.items()}


def test_reason_within_a_reason_is_put_into_arabic_too() -> None:
    said = Pen(Language.ARABIC).line(reason_words(SAID["list-will-tell"]))
    assert said == "انتهت الخدمة قبل أن يصل جواب شركة التوصيل؛ وقائمة شركة التوصيل ستبيّن هل الطلب لديها"


@pytest.mark.parametrize("reason", ["something else", "", None, "order 3 سلمى {x}"])
def test_other_reasons_stay_as_they_came(reason: str | None) -> None:
    assert reason_words(reason) == (reason or "")


def test_first_that_fits_is_the_closest() -> None:
    assert list(REASONS).index("courier-refused-number") < list(REASONS).index("courier-refused")
