"""The frame around every page: what it is called, where one can go, how the daemon stands, what was just done."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.session import NONE_WORKS, STANDS_BY, Json
from paranad.cli.words import state_words
from paranad.record import record
from paranad.web import icons, links
from paranad.web.html import CLASSES, Ink, write, write_all
from paranad.web.markup import Markup, joined, tag
from paranad.web.page import Page

NAMES = {Language.ENGLISH: "English", Language.ARABIC: "العربية"}
"""Each language in its own words."""
DIRECTIONS = {Language.ENGLISH: "ltr", Language.ARABIC: "rtl"}


class Place(NamedTuple):
    """A page that the navigation leads to."""

    name: str
    """Of its icon and its count."""
    href: str
    title: Phrase
    counted: Phrase | None = None
    """What its count counts, for those who cannot see where it stands."""


PLACES = (
    Place("now", links.NOW, say("Now")),
    Place("orders", links.ORDERS, say("Orders"), say("without a shipment")),
    Place("shipments", links.SHIPMENTS, say("Shipments"), say("need a person")),
    Place("failed", links.FAILED, say("Failed"), say("need a person")),
    Place("parcels", links.PARCELS, say("Parcels")),
    Place("alerts", links.ALERTS, say("Alerts"), say("open")),
    Place("jobs", links.JOBS, say("Jobs")),
    Place("schedule", links.SCHEDULE, say("Schedule")),
    Place("tasks", links.TASKS, say("Tasks")),
    Place("settings", links.SETTINGS, say("Settings")),
    Place("doctor", links.DOCTOR, say("Doctor")),
    Place("log", links.LOG, say("Log")),
)
IN_BAR = 4
"""How many of them a phone shows at its bottom; the others stand behind one more."""


@record
class Frame:
    """What the frame says beside the page."""

    ink: Ink
    version: str
    """Of this process."""
    now: datetime
    path: str
    """Of the page, without its query."""
    standing: "Standing | None"
    """How the daemon stands; None: it does not answer, or not as one of this version does."""
    said: Sequence[Line] = ()
    """What was done by the request before, shown once."""


@record
class Standing:
    """What the frame says of the daemon."""

    version: str
    pid: int
    state: str
    zone: tzinfo | None
    """In which it shows times."""
    counts: Mapping[str, int]
    """How much of each page needs a person, by the page's name."""
    works: str | None = None
    """Which machine it stands by for; None: none, or it works itself."""

    @property
    def stands_by(self) -> bool:
        """Whether another machine is to be asked."""
        return self.state == "standby"


def document(page: Page, frame: Frame) -> Markup:
    """Return the whole HTML document of *page*."""
    ink = frame.ink
    body = tag(
        "body",
        tag("a", ink.label(say("Skip to what the page says")), href="#main", class_="skip"),
        _top(frame),
        _side(frame),
        tag("main", _main(page, frame), id="main", tabindex="-1", data_live="main" if page.live else None),
        _connection(ink),
        _foot(frame),
        _bar(frame),
        data_live_from="/live" if page.live else None,
        data_live_slowly=page.slowly or None,
    )
    return _whole(page, ink, body, tag("script", src="/static/live.js", defer=True))


def shut(page: Page, ink: Ink) -> Markup:
    """Return the document of *page* for somebody who is not signed in: it says nothing of the daemon."""
    brand = tag("p", icons.draw("brand"), tag("span", "paranad", dir="ltr"), class_="brand")
    main = tag("main", tag("h1", ink.text(page.title)), write_all(page.pieces, ink), id="main")
    return _whole(page, ink, tag("body", tag("header", brand, class_="top"), main, class_="shut"))


def _whole(page: Page, ink: Ink, body: Markup, *script: Markup) -> Markup:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{ink.plain(page.title)} · paranad"),
        tag("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/static/style.css"),
        tag("link", rel="stylesheet", href="/static/pictures.css"),
        *script,
    )
    return joined(
        [Markup("<!doctype html>"), tag("html", head, body, lang=ink.language.value, dir=DIRECTIONS[ink.language])]
    )


def _main(page: Page, frame: Frame) -> Markup:
    ink = frame.ink
    said = [tag("div", *(write(line, ink) for line in frame.said), class_="said", role="status")] if frame.said else []
    notes = [write(Line(note, Style.WARN), ink) for note in _notes(frame)]
    return joined([tag("h1", ink.text(page.title)), *said, *notes, write_all(page.pieces, ink)])


def _notes(frame: Frame) -> Iterator[Text]:
    """Yield what is to be known on every page."""
    # The first page says more of it than this.
    if frame.standing and frame.standing.stands_by and frame.path != links.NOW:
        works = frame.standing.works
        yield say(STANDS_BY, machine=works) if works else say(NONE_WORKS)
    if frame.standing and (other := frame.standing.version) != frame.version:
        yield say(
            "the daemon is paranad {daemon}, this page is of paranad {page}: what the one does not know of the other "
            "is left out; start the page again after an update",
            daemon=other,
            page=frame.version,
        )


def _top(frame: Frame) -> Markup:
    ink = frame.ink
    brand = tag("a", icons.draw("brand"), tag("span", "paranad", dir="ltr"), href=links.NOW, class_="brand")
    return tag("header", brand, _state(frame), _languages(ink), class_="top")


def _state(frame: Frame) -> Markup:
    ink = frame.ink
    if frame.standing is None:
        text, style = say("the daemon does not answer"), Style.BAD
    else:
        state = frame.standing.state
        text, style = state_words(state), Style.GOOD if state in {"ready", "standby"} else Style.WARN
    return tag(
        "p",
        tag("span", class_="dot", aria_hidden="true"),
        ink.text(text),
        class_=_state_class(style),
        data_live="state",
    )


def _state_class(style: Style) -> str:
    return f"state {CLASSES[style]}"


def _languages(ink: Ink) -> Markup:
    """Return the buttons of the other languages."""
    return joined(
        tag(
            "form",
            tag("input", type="hidden", name="key", value=ink.key),
            tag("input", type="hidden", name="back", value=ink.here),
            tag(
                "button",
                name_,
                type="submit",
                name="language",
                value=language.value,
                lang=language.value,
                class_="quiet",
            ),
            method="post",
            action="/language",
            class_="language",
        )
        for language, name_ in NAMES.items()
        if language is not ink.language
    )


def _side(frame: Frame) -> Markup:
    """Return the navigation of wide screens."""
    items = [_item(place, frame) for place in PLACES]
    label = frame.ink.plain(say("Pages"))
    return tag("nav", tag("ul", *items), aria_label=label, class_="side", data_live="side")


def _bar(frame: Frame) -> Markup:
    """Return the navigation of a phone, at its bottom."""
    ink = frame.ink
    first = [_item(place, frame) for place in PLACES[:IN_BAR]]
    others = PLACES[IN_BAR:]
    is_here = any(_is_here(place, frame.path) for place in others)
    more = tag(
        "details",
        tag("summary", icons.draw("more"), tag("span", ink.label(say("More"))), class_="here" if is_here else None),
        tag("ul", *(_item(place, frame) for place in others)),
        class_="more",
    )
    return tag(
        "nav", tag("ul", *first, tag("li", more)), aria_label=ink.plain(say("Pages")), class_="bar", data_live="bar"
    )


def _item(place: Place, frame: Frame) -> Markup:
    ink, counts = frame.ink, frame.standing.counts if frame.standing else {}
    parts = [icons.draw(place.name), tag("span", ink.label(place.title))]
    if (count := counts.get(place.name)) and place.counted:
        hidden = tag("span", " ", ink.label(place.counted), class_="unseen")
        parts.append(tag("span", str(count), hidden, class_="count"))
    here = "page" if _is_here(place, frame.path) else None
    return tag("li", tag("a", *parts, href=place.href, aria_current=here))


def _is_here(place: Place, path: str) -> bool:
    return path == place.href or (place.href != links.NOW and path.startswith(f"{place.href}/"))


def standing_of(status: Json) -> Standing:
    """Return what the frame says of a daemon with this *status*."""
    daemon, orders = status["daemon"], status.get("orders") or {}  # a daemon of an earlier version counts no orders
    standby = status.get("standby")
    return Standing(
        version=daemon["version"],
        pid=daemon["pid"],
        state=daemon["state"],
        works=standby["works"] if standby and not standby["silent"] else None,
        zone=datetime.fromisoformat(daemon["since"]).tzinfo,
        counts={
            "orders": orders.get("without_shipment") or 0,
            "shipments": status["shipments"]["held"],
            "failed": status["failed"]["count"],
            "alerts": (status.get("alerts") or {"open": 0})["open"],
        },
    )


def _connection(ink: Ink) -> Markup:
    """Return where a live page says that it is out of touch; the words wait for the script in attributes."""
    return tag(
        "p",
        id="connection",
        role="status",
        aria_live="polite",
        data_lost=ink.plain(say("the daemon does not answer; this page waits for it")),
        data_back=ink.plain(say("the daemon is back")),
        data_offline=ink.plain(
            say("this page's own program has ended, or is out of reach; start it again: paranadctl web")
        ),
    )


def _foot(frame: Frame) -> Markup:
    ink = frame.ink
    parts: list[Text] = [say("paranad {version}", version=frame.version)]
    if standing := frame.standing:
        here = frame.now.astimezone(standing.zone)
        parts.append(say("process {pid}", pid=standing.pid))
        parts.append(say("the server's time: {time} (UTC{offset})", time=f"{here:%H:%M:%S}", offset=f"{here:%z}"))
    leave = tag(
        "form",
        tag("input", type="hidden", name="key", value=ink.key),
        tag("button", ink.label(say("Sign out")), type="submit", class_="quiet"),
        method="post",
        action="/do/sign-out",
    )
    return tag("footer", tag("p", ink.text(tuple(parts)), data_live="foot"), leave)
