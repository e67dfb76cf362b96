import pytest

from paranad.cli.reasons import reason_words
from paranad.cli.screen.say import Phrase, written
from paranad.shop.errors import ShopBusy, ShopNotGranted, ShopServerReadOnly, ShopUnreachable
from paranad.tasks.counts import NO_CACHE

VALUES = ("rows", "orders", "order", "others", "lists", "times")
SAID = {
    "shop-not-reached": str(ShopUnreachable("no such file")),
    "shop-locked": str(ShopBusy("deadlock")),
    "shop-read-only": str(ShopServerReadOnly("it is read-only")),
    "shop-not-granted": str(ShopNotGranted("UPDATE on jobs; grant it", "UPDATE jobs")),
    "auto-sync-off": "the shop's setting alwaseet_auto_sync_enabled is off",
    "bridge-alone": "no row is reserved by anyone else",
    "bridge-rival": (
        "someone else reserved row 7 of the jobs table at 00:37:13, as a PHP worker does: it waits until 00:38:43"
    ),
    "not-due": "not due before 2026-03-02 13:00",
    "order-without-items": "order 12 has no items: nothing to ship; add its items in the shop, then retry the job",
    "command-said": "backup: ended with exit status 3, last line: no room",
    "no-cache": NO_CACHE().text,
}


def test_reasons_that_the_daemon_gives_are_recognised_and_stay_in_english_as_they_came() -> None:
    said = {id_: reason_words(reason) for id_, reason in SAID.items()}
    assert {id_: f"reason:{id_}" for id_ in SAID} == {
        id_: isinstance(each, Phrase) and each.key for id_, each in said.items()
    }
    assert SAID == {id_: written(each) for id_, each in said.items()}


@pytest.mark.parametrize("reason", ["something else", "", None, "order 3 سلمى {x}"])
def test_other_reasons_stay_as_they_came(reason: str | None) -> None:
    assert reason_words(reason) == (reason or "")
