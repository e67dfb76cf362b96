"""`paranadctl settings`: the shop's settings in words, and a change of one."""

import getpass
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

from paranad.cli.options import NOBODY_SURE, YES
from paranad.cli.parsing import Argument, Misuse
from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words, remark_words
from paranad.errors import NotFound
from paranad.said import Sentence
from paranad.wording import did_you_mean, quotable

FROM_INPUT = "-"
"""Stands for a value that is read from standard input, or asked for without an echo."""
ONE = "one with all that is known of it: paranadctl settings NAME"

NO_SUCH_SETTING = Sentence("usage.no_such_setting", 'there is no setting "{name}"{cure}')
KNOWN_SETTINGS = Sentence("usage.known_settings", "; known: {names}")
SECRET_TYPED = Sentence(
    "usage.secret_typed",
    "{name} is a secret, and what is typed here stays in the shell's history; write a - for it, and it is asked for",
)
NOTHING_READ = Sentence("usage.nothing_read", "expected the value on standard input, got nothing")

SettingName = Annotated[str | None, Argument("NAME", "The setting's name; without it: all of them.")]
SettingValue = Annotated[
    str | None,
    Argument("VALUE", "What it is to be; - reads it from standard input, or asks without an echo."),
]


def settings(
    session: Session, name: SettingName = None, value: SettingValue = None, yes: Annotated[bool, YES] = False
) -> None:
    """Show the shop's settings in words; change one after asking."""
    answer = session.client.get("settings")
    if name is None:
        session.answer(answer, lambda page: settings_words(page["items"]))
        return
    setting = _named(name, answer["items"])
    if value is None:
        session.answer(setting, setting_words)
        return
    _change(session, setting, _value(session, setting, value), yes=yes)


def _named(name: str, settings: Sequence[Json]) -> Json:
    """Return the setting *name*.

    Raises:
        NotFound: names the nearest, or all.
    """
    if found := next((each for each in settings if each["name"] == name), None):
        return found
    names = [each["name"] for each in settings]
    cure = did_you_mean(name, names) or KNOWN_SETTINGS(names=names)
    raise NotFound(NO_SUCH_SETTING(name=quotable(name), cure=cure))


def _value(session: Session, setting: Json, typed: str) -> str:
    """Return the new value: as *typed*, or from standard input.

    Raises:
        Misuse: a secret is typed, or nothing can be read.
    """
    if typed != FROM_INPUT:
        if setting["secret"]:
            raise Misuse(SECRET_TYPED(name=setting["name"]))
        return typed
    if session.interactive:
        return getpass.getpass(session.aside(say("new value of {name}:", name=setting["name"])) + " ", session.err)
    line = sys.stdin.readline()
    if not line:
        raise Misuse(NOTHING_READ())
    return line.rstrip("\n")


def _change(session: Session, setting: Json, value: str, *, yes: bool) -> None:
    """Change *setting* once the daemon has said how it would read *value*, and the person is sure."""
    path = ("settings", setting["name"])
    if not yes:
        tried = session.client.post(*path, body={"value": value, "dry_run": True})
        if _is_unchanged(tried):
            session.answer(tried, changed_words)
            return
        if not session.interactive:
            raise Misuse(NOBODY_SURE())
        _confirm(session, tried)
    session.answer(session.client.post(*path, body={"value": value}), changed_words)


def _confirm(session: Session, tried: Json) -> None:
    """Show what would change and let the person agree.

    Raises:
        SystemExit: the person did not.
    """
    session.note(_from_to(tried), Style.WARN)
    session.err.write(session.aside(say("write yes to change it:")) + " ")
    session.err.flush()
    if input().strip().lower() not in {"yes", "y", "نعم"}:
        session.note(say("not changed"))
        raise SystemExit(1)


def _from_to(change: Json) -> Phrase:
    before, after = (_now(change[side]) for side in ("before", "after"))
    return say("{name}: {before} → {after}", name=change["name"], before=before, after=after)


def _is_unchanged(change: Json) -> bool:
    """Tell whether the value was the same before; of a secret that is not known."""
    return not change["after"]["secret"] and bool(change["before"]["value"] == change["after"]["value"])


def changed_words(change: Json) -> Iterator[Block]:
    """Yield what was changed, and whether the daemon goes by it."""
    if _is_unchanged(change):
        yield Line(say("{name} is unchanged: {now}", name=change["name"], now=_now(change["after"])))
    else:
        yield Line(_from_to(change), Style.GOOD)
    if change["after"]["unused"]:
        yield Line(fact_words(change["after"], "unused"), Style.WARN)


def settings_words(settings: Sequence[Json]) -> Iterator[Block]:
    """Yield every setting as a table."""
    yield settings_table(settings)
    yield Line("")
    yield Line(say(ONE), Style.DIM)


def settings_table(settings: Sequence[Json]) -> Table:
    """Return settings as a table, one a row."""
    return Table(["", ""], [[each["name"], Cell(_held(each), _style(each))] for each in settings])


def _held(setting: Json) -> Phrase:
    return say("{value}: {meaning}", value=_now(setting), meaning=remark_words(setting["means"]))


def _now(setting: Json) -> Text:
    """Return how the daemon reads it; what cannot be used comes as it is stored."""
    if setting["wrong"] and setting["value"]:
        return say("{value}, which cannot be used", value=setting["value"])
    return say("not set") if setting["wrong"] else remark_words(setting["reads"])


def _style(setting: Json) -> Style:
    return Style.BAD if setting["wrong"] else Style.NONE


def setting_words(setting: Json) -> Iterator[Block]:
    """Yield all that is known of one setting, and how it is changed."""
    yield Line(setting["name"], Style.HEADING)
    facts: list[tuple[Phrase, Text | Cell | None]] = [
        (say("means"), remark_words(setting["means"])),
        (say("now"), Cell(_now(setting), _style(setting))),
        (say("wrong"), Cell(remark_words(setting["reads"]), Style.BAD) if setting["wrong"] else None),
        (say("stored"), setting["value"]),
        (say("without it"), setting["default"]),
        (say("read by"), ", ".join(setting["used_by"]) or say("the login, and the shop's own pages")),
        (say("not used"), Cell(fact_words(setting, "unused"), Style.WARN) if setting["unused"] else None),
    ]
    yield Table(["", ""], [[name, value] for name, value in facts if value is not None and value != ""])
    if setting["changeable"]:
        value = FROM_INPUT if setting["secret"] else "VALUE"
        command = f"paranadctl settings {setting['name']} {value}"
        yield Line(say("change it: {command}", command=command), Style.DIM)
    else:
        yield Line(say("a login writes it: paranadctl courier test"), Style.DIM)
