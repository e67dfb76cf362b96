"""`paranadctl settings`: in words, and a change only where somebody is sure."""

import io
import sys
from typing import Any

import pytest

from paranad.control.schemas_acts import ChangedSetting, Setting
from paranad.shop.known_settings import EVERY, KNOWN, MINUTES_EXPECTED, SET, KnownSetting
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn

FACTS = {each.key: each for each in KNOWN}
INTERVAL, PASSWORD = "alwaseet_auto_sync_interval", "alwaseet_password"


def setting(key: str, **more: Any) -> Setting:
    reads = SET() if FACTS[key].is_secret else EVERY(minutes=60)
    plain = {"value": None if FACTS[key].is_secret else "60", "reads": reads, "is_wrong": False, "unused": None}
    return Setting.model_validate(KnownSetting(FACTS[key], **{**plain, **more}).as_json())


@pytest.fixture(autouse=True)
def known(daemon: StandIn) -> None:
    items = [setting(INTERVAL), setting(PASSWORD)]
    daemon.answer("GET", "settings", {"items": [each.model_dump(mode="json") for each in items]})
    after = {INTERVAL: setting(INTERVAL, value="15", reads=EVERY(minutes=15)), PASSWORD: setting(PASSWORD)}
    for key, setting_ in after.items():
        change = ChangedSetting(name=key, changed=True, before=setting(key), after=setting_)
        daemon.answer("POST", f"settings/{key}", change)


def changes(daemon: StandIn) -> list[Any]:
    return [body for method, _, body in daemon.asked if method == "POST"]


def test_all_are_listed_in_words(ctl: Ctl) -> None:
    out = " ".join(ctl("settings").out.split())
    assert f"{INTERVAL} every 60 minutes: how many minutes after a sync the next one is due" in out
    assert f"{PASSWORD} set: the courier account's password" in out


def test_one_is_shown_with_who_reads_it(ctl: Ctl) -> None:
    out = ctl("settings", INTERVAL).out
    assert "alwaseet:auto-sync" in out
    assert f"change it: paranadctl settings {INTERVAL} VALUE" in out
    assert f"change it: paranadctl settings {PASSWORD} -" in ctl("settings", PASSWORD).out


def test_a_wrong_value_is_shown_as_stored_with_what_is_expected(ctl: Ctl, daemon: StandIn) -> None:
    wrong = setting(INTERVAL, value="soon", is_wrong=True)
    daemon.answer("GET", "settings", {"items": [wrong.model_dump(mode="json")]})
    assert f"{INTERVAL}  soon, which cannot be used: how many" in ctl("settings").out


def test_change_needs_somebody_who_is_sure(ctl: Ctl, daemon: StandIn) -> None:
    ran = ctl("settings", INTERVAL, "15")
    tried = {"value": "15", "dry_run": True}
    assert (2, True, [tried]) == (ran.code, "add --yes" in ran.err, changes(daemon))

    ran = ctl("settings", INTERVAL, "15", "--yes")
    assert (0, f"{INTERVAL}: every 60 minutes → every 15 minutes\n") == (ran.code, ran.out)
    assert [tried, {"value": "15"}] == changes(daemon)


def test_a_wrong_value_is_named_before_anybody_is_asked(ctl: Ctl, daemon: StandIn) -> None:
    wrong = MINUTES_EXPECTED(key=INTERVAL, value="100000")
    daemon.refuse("POST", f"settings/{INTERVAL}", 422, "invalid", wrong)
    for more in ((), ("--yes",)):
        ran = ctl("settings", INTERVAL, "100000", *more)
        said = f'paranadctl: {INTERVAL}: expected a whole number of minutes from 0 to 1440, got "100000"\n'
        assert (2, said) == (ran.code, ran.err)
    assert "الحل" not in ctl("--lang", "ar", "settings", INTERVAL, "100000").err


def test_an_unchanged_value_is_said_to_be_unchanged(ctl: Ctl, daemon: StandIn) -> None:
    same = ChangedSetting(name=INTERVAL, changed=False, before=setting(INTERVAL), after=setting(INTERVAL))
    daemon.answer("POST", f"settings/{INTERVAL}", same)
    for more in ((), ("--yes",)):
        ran = ctl("settings", INTERVAL, "60", *more)
        assert (0, f"{INTERVAL} is unchanged: every 60 minutes\n") == (ran.code, ran.out)


def test_secret_is_refused_as_an_argument_and_read_from_standard_input(
    ctl: Ctl, daemon: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = ctl("settings", PASSWORD, "hunter2", "--yes")
    assert (2, [], False) == (ran.code, changes(daemon), "hunter2" in ran.err)

    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2\n"))
    ran = ctl("settings", PASSWORD, "-", "--yes")
    assert (0, f"{PASSWORD}: set → set\n", [{"value": "hunter2"}]) == (ran.code, ran.out, changes(daemon))

    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert 2 == ctl("settings", PASSWORD, "-", "--yes").code


def test_unknown_setting_is_told_the_nearest(ctl: Ctl, daemon: StandIn) -> None:
    ran = ctl("settings", "alwaseet_pasword", "x")
    assert (4, True, []) == (ran.code, 'did you mean "alwaseet_password"' in ran.err, changes(daemon))
    assert "; known: alwaseet_auto_sync_interval, alwaseet_password" in ctl("settings", "zzz").err
