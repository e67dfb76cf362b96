"""`paranadctl alerts`: what stands, how often it was told, and the mute of a kind."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from paranad.cli.parsing import Argument, Option
from paranad.cli.screen.blocks import Block, Heading, Line, Style, Table, columns
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import absolute, moment
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words, named_alert

KindName = Annotated[str, Argument("KIND", "The kind of alert, such as shipment-held.")]
ForHowLong = Annotated[str, Option("--for DURATION", "For how long: a text such as 90s or 2h; 30 days at most.")]
NO_COMMAND = "nobody is told: [alert] command is empty; ready ones: /opt/paranad/current/share/alerts"
FAILING = "the command fails since {since}, {times:time} in a row: {reason}"
FAILING_CURE = "correct it or its secrets, then: paranadctl alert test"
OTHERS = "and {count} more of {kind}: {keys}"
IN_FULL = 3
"""So many incidents of one kind are shown in full, the newest."""
NAMED = 10
"""So many of the others are named."""
MUTED = "nobody is told of {kind} until {until}; to be told again: paranadctl alerts unmute {kind}"

UNMUTED = "{kind} is no longer muted; what was not told yet is told now, and what was told is not repeated"


def list_alerts(session: Session) -> None:
    """List what stands, how often told, and what is muted."""
    session.answer(session.client.get("alerts"), lambda alerts: screen(alerts, session.now()))


def mute(session: Session, kind: KindName, lasts: ForHowLong) -> None:
    """Tell nobody of a kind for a while; what still stands then is told."""
    answer = session.client.post("alerts", kind, "mute", body={"for": lasts})
    session.answer(answer, lambda muted: [Line(muted_words(muted, session.now()), Style.WARN)])


def unmute(session: Session, kind: KindName) -> None:
    """Tell of a kind again, at once of what was not told yet."""
    answer = session.client.post("alerts", kind, "unmute")
    session.answer(answer, lambda unmuted: [Line(unmuted_words(unmuted), Style.GOOD)])


def screen(alerts: Json, at: datetime) -> Iterator[Block]:
    """Yield who is told, what is muted, and what stands."""
    yield from teller_words(alerts, at)
    if alerts["muted"]:
        yield Heading(say("Muted"))
        yield muted_table(alerts, at)
        yield Line(say("to be told again: paranadctl alerts unmute KIND"), Style.DIM)
    yield Heading(say("What stands"))
    yield from incidents_words(alerts, at)


def teller_words(alerts: Json, at: datetime) -> Iterator[Line]:
    """Yield who tells, in which language, and whether that works."""
    if alerts["command"] is None:
        yield Line(say(NO_COMMAND), Style.WARN)
        return
    language = say("in Arabic") if alerts["language"] == "ar" else say("in English")
    yield Line(say("told by {command}, {language}", command=alerts["command"], language=language), Style.DIM)
    if failing := alerts["failing"]:
        reason = fact_words(failing, "reason")
        since = absolute(failing["since"], at)
        yield Line(say(FAILING, since=since, times=failing["times"], reason=reason), Style.BAD)
        yield Line(say(FAILING_CURE), Style.WARN)


def muted_words(mute: Json, at: datetime) -> Text:
    """Return that nobody is told of a kind, and until when."""
    return say(MUTED, kind=mute["kind"], until=absolute(mute["until"], at))


def unmuted_words(unmuted: Json) -> Text:
    """Return that a kind is muted no more, and what is told now."""
    return say(UNMUTED, kind=unmuted["kind"])


def muted_table(alerts: Json, at: datetime) -> Table:
    """Return what is muted as a table, one kind a row."""
    rows = [[named_alert(each["kind"]), moment(each["until"], at), each["by"]] for each in alerts["muted"]]
    return Table(columns("kind", "until", "muted by"), rows)


def incidents_words(alerts: Json, at: datetime) -> Iterator[Line]:
    """Yield each incident: what kind and since when, how often told, what it is, what to do."""
    if not alerts["items"]:
        yield Line(say("nothing: no incident is open"), Style.GOOD)
    for place, like in enumerate(by_kind(alerts["items"])):
        if place:
            yield Line("")
        for number, incident in enumerate(like[:IN_FULL]):
            if number:
                yield Line("")
            yield from incident_words(incident, alerts, at)
        yield from others_words(like)
    yield from incidents_left(alerts)


def by_kind(incidents: Sequence[Json]) -> list[list[Json]]:
    """Return *incidents* by kind and state, in the order in which each first comes."""
    groups: dict[tuple[str, str], list[Json]] = {}
    for incident in incidents:
        groups.setdefault((incident["kind"], incident["state"]), []).append(incident)
    return list(groups.values())


def others_words(like: Sequence[Json]) -> Iterator[Line]:
    """Yield how many more than are shown in full are like them, and which: a hundred times one cure hides the rest."""
    if others := like[IN_FULL:]:
        keys = (*(incident["key"] for incident in others[:NAMED]), *["…"] * (len(others) > NAMED))
        yield Line(say(OTHERS, count=len(others), kind=others[0]["kind"], keys=keys), Style.DIM)


def incidents_left(alerts: Json) -> Iterator[Line]:
    """Yield how many more there are than are shown, if there are more."""
    if (left := alerts["count"] - len(alerts["items"])) > 0:
        yield Line(say("and {left} older", left=left), Style.DIM)


def incident_words(incident: Json, alerts: Json, at: datetime, *, named: bool = True) -> Iterator[Line]:
    """Yield one incident in lines of its own: its sentences are too long for a table; *named*: with its kind."""
    about = {"opened": moment(incident["opened_at"], at), "told": told_words(incident, alerts, at)}
    kind = say("{kind}, opened {opened}: {told}", kind=named_alert(incident["kind"]), **about)
    yield Line(kind if named else say("opened {opened}: {told}", **about), Style.DIM)
    yield Line(fact_words(incident, "message"), Style.GOOD if incident["state"] == "over" else Style.BAD)
    if incident["cure"]:
        yield Line(say("cure: {cure}", cure=fact_words(incident, "cure", "cure_why")))


def told_words(incident: Json, alerts: Json, at: datetime) -> Text:
    """Return how often an incident was told, and why it is told no more or not yet."""
    times, is_over = incident["times_told"], incident["state"] == "over"
    told: list[Text] = [say("told {times:time}", times=times) if times else say("not told yet")]
    if is_over:
        told.append(say("that it is over is still to be told"))
    if incident["muted_until"]:
        told.append(say("muted until {until}", until=absolute(incident["muted_until"], at)))
    elif incident["next_try_at"] and alerts["command"]:
        told.append(say("the command runs again {at}", at=moment(incident["next_try_at"], at)))
    return tuple(told)
