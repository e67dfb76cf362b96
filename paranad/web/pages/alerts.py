"""The page of the alerts: what stands, how often it was told, what is muted; a kind is muted and unmuted here."""

from collections.abc import Iterator

from paranad.cli.commands.alerts import (
    IN_FULL,
    by_kind,
    incident_words,
    incidents_left,
    muted_table,
    others_words,
    teller_words,
)
from paranad.cli.screen.blocks import Heading, Line, Style
from paranad.cli.screen.say import say
from paranad.cli.session import Json
from paranad.cli.words import named_alert
from paranad.web.page import Act, Acts, Card, Choice, Field, Form, Page, Piece, View

USUAL = "2h"
"""For how long a kind is muted unless another length is typed."""


def alerts(view: View) -> Page:
    """Show who is told, what is muted, and what stands."""
    found = view.client.get("alerts")
    return Page(say("Alerts"), [*teller_words(found, view.now), *_muted(found, view), *_standing(found, view)])


def _standing(alerts: Json, view: View) -> Iterator[Piece]:
    yield Heading(say("What stands"))
    if not alerts["items"]:
        yield Line(say("nothing: no incident is open"), Style.GOOD)
    for like in by_kind(alerts["items"]):
        style = Style.GOOD if like[0]["state"] == "over" else Style.BAD
        for incident in like[:IN_FULL]:
            words = [*incident_words(incident, alerts, view.now, named=False)]
            yield Card(named_alert(incident["kind"]), words, style=style)
        yield from others_words(like)
    yield from incidents_left(alerts)
    if kinds := _to_mute(alerts):
        yield Heading(say("Mute a kind"))
        yield Line(say("nobody is told of it for a while; what still stands then is told"), Style.DIM)
        kind = Choice("kind", say("kind"), kinds[0], [(each, named_alert(each)) for each in kinds])
        yield Form(Act("mute", say("Mute")), [kind, length_field(USUAL)])


def _to_mute(alerts: Json) -> list[str]:
    """Return the kinds that can be muted and are not: those that stand first."""
    muted = {each["kind"] for each in alerts["muted"]}
    standing = dict.fromkeys(each["kind"] for each in alerts["items"])
    ordered = dict.fromkeys([*(kind for kind in standing if kind in alerts["kinds"]), *alerts["kinds"]])
    return [kind for kind in ordered if kind not in muted]


def length_field(value: str) -> Field:
    """Return the line in which is typed for how long a kind is muted."""
    return Field("for", say("for how long"), value, say("such as 30m, 2h or 1d; 30 days at most"))


def _muted(alerts: Json, view: View) -> Iterator[Piece]:
    if not alerts["muted"]:
        return
    yield Heading(say("Muted"))
    yield muted_table(alerts, view.now)
    kinds = [each["kind"] for each in alerts["muted"]]
    yield Acts(
        [
            Act("unmute", say("Tell of {kind} again", kind=named_alert(kind)), {"kind": kind}, Style.GOOD)
            for kind in kinds
        ]
    )
