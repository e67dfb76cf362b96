"""What was, as pictures: functions from the answer of `GET /v1/history` to a drawing and a table of the same figures.

Time runs as the reader reads: the present is at a line's end, in Arabic on the left.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Table, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import duration
from paranad.cli.session import Json
from paranad.cli.words import state_words
from paranad.web.drawing import UNKNOWN, WIDTH, Box, Point, Sheet, legend_height
from paranad.web.markup import Markup, joined
from paranad.web.page import Picture
from paranad.wording import shorten

LABELLED = 9999
"""A larger number finds no room above its bar; the panel's title and the table have it."""
NAME_SHOWN = 46
"""Characters of an entry's name that find room above its strip."""
CLOCK_ROOM = 16
"""Half of the width that a clock such as 12:00 takes below a column."""
RUNS = 50


class Panel(NamedTuple):
    """A part of a picture in which all bars or curves have one scale."""

    top: float
    height: float
    columns: int

    @property
    def bottom(self) -> float:
        """Return where 0 lies."""
        return self.top + self.height

    @property
    def step(self) -> float:
        """Return how wide a column is."""
        return WIDTH / self.columns

    def middle(self, column: int) -> float:
        """Return the x of a column's middle."""
        return (column + 0.5) * self.step

    def y(self, value: float, most: float) -> float:
        """Return how high *value* lies if *most* fills the panel."""
        return self.bottom - self.height * value / most


def pictures(past: Json, language: Language) -> list[Picture]:
    """Return every picture of the history."""
    return [draw(past, language) for draw in (days, hours, rate, runs)]


# ------------------------------------------------------------- days: shipments, failures


def days(past: Json, language: Language) -> Picture:
    """Return shipments and failures of the last 14 days."""
    sheet, shown = Sheet("days", language), past["days"]
    name = say("Shipments and failures a day")
    upper, lower = Panel(34, 72, len(shown)), Panel(150, 30, len(shown))
    parts = [
        _caption(sheet, upper.top - 20, say("shipments"), _most(shown, "shipments")),
        *_bars(sheet, upper, shown, "shipments", "pic-bar", most=_most(shown, "shipments") or 1, labelled=True),
        _caption(sheet, lower.top - 20, say("failures"), _most(shown, "failures")),
        *_bars(sheet, lower, shown, "failures", "pic-bar-bad", most=_most(shown, "failures") or 1, labelled=True),
        *_day_labels(sheet, lower, shown),
    ]
    height = lower.bottom + 34
    if any(_unknown(shown, key) for key in ("shipments", "failures")):
        parts.append(sheet.legend(height + 4, [(UNKNOWN, say("unknown"))]))
        height += legend_height(1) + 4
    summary = say(
        "{days:day}: {shipments:shipment}, failed {failures:job}",
        days=len(shown),
        shipments=_sum(shown, "shipments"),
        failures=_sum(shown, "failures"),
    )
    table = Table(
        columns("day", "#shipments", "#failures"),
        [[day["day"], _figure(day["shipments"]), _figure(day["failures"])] for day in reversed(shown)],
    )
    return Picture(name, sheet.drawn(height, name, (summary, *_unknown_words(shown)), parts), table)


def _day_labels(sheet: Sheet, panel: Panel, shown: Sequence[Json]) -> Iterator[Markup]:
    """Yield the day of each month below its bar, and the month below the first and where another one begins."""
    for place, day in enumerate(shown):
        month, _, number = day["day"].rpartition("-")
        x = panel.middle(place)
        yield sheet.words(
            x, panel.bottom + 14, str(int(number)), "pic-now" if place == len(shown) - 1 else "pic-dim", "middle"
        )
        if place == 0 or number == "01":
            yield sheet.words(place * panel.step, panel.bottom + 28, month, "pic-dim")


# ------------------------------------------------------------- hours: jobs, waiting


def hours(past: Json, language: Language) -> Picture:
    """Return the jobs of the last 24 hours, and how long they had waited."""
    sheet, shown = Sheet("hours", language), past["hours"]
    name = say("Jobs an hour, and how long they waited")
    upper, lower = Panel(26, 64, len(shown)), Panel(124, 64, len(shown))
    parts = [
        _caption(sheet, upper.top - 8, say("jobs"), _most(shown, "jobs")),
        *_bars(sheet, upper, shown, "jobs", "pic-bar", most=_most(shown, "jobs") or 1),
        *_curves(sheet, lower, shown),
        *_clock_labels(sheet, lower, shown, lambda at: at.hour % 6 == 0),
    ]
    entries: list[tuple[str, Text]] = [("pic-curve", say("median")), ("pic-most", say("95 of 100"))]
    if _unknown(shown, "jobs"):
        entries.append((UNKNOWN, say("unknown")))
    height = lower.bottom + 26
    parts.append(sheet.legend(height, entries))
    summary = say("{hours:hour}: {jobs:job}", hours=len(shown), jobs=_sum(shown, "jobs"))
    table = Table(
        columns("hour", "#jobs", "waited, median", "waited, 95 of 100"),
        [
            [
                _clock(hour["at"]),
                _figure(hour["jobs"]),
                _waited(hour, "wait_median_s"),
                _waited(hour, "wait_95_s"),
            ]
            for hour in reversed(shown)
        ],
    )
    svg = sheet.drawn(height + legend_height(len(entries)), name, (summary, *_unknown_words(shown)), parts)
    return Picture(name, svg, table)


def _curves(sheet: Sheet, panel: Panel, shown: Sequence[Json]) -> Iterator[Markup]:
    """Yield the two curves of waiting, broken where no job completed, or none is known."""
    longest = max((hour["wait_95_s"] or 0 for hour in shown), default=0)
    yield sheet.words(0, panel.top - 6, say("waited, longest: {longest}", longest=duration(longest)), "pic-dim")
    yield sheet.rule(panel.bottom)
    for place, hour in enumerate(shown):
        if not hour["known"]:
            yield sheet.unknown(place * panel.step, panel.top, panel.step, panel.height, say("unknown"))
    for key, class_ in (("wait_95_s", "pic-most"), ("wait_median_s", "pic-curve")):
        for part in _unbroken(panel, shown, key, longest):
            yield sheet.curve(part, class_)
        for place, hour in enumerate(shown):
            if hour[key] is not None:
                point = (panel.middle(place), panel.y(hour[key], longest or 1))
                yield sheet.dot(*point, f"{class_}-dot", (_clock(hour["at"]), duration(hour[key])))


def _unbroken(panel: Panel, shown: Sequence[Json], key: str, longest: float) -> list[list[Point]]:
    parts: list[list[Point]] = [[]]
    for place, hour in enumerate(shown):
        if hour[key] is None:
            parts.append([])
        else:
            parts[-1].append((panel.middle(place), panel.y(hour[key], longest or 1)))
    return [part for part in parts if len(part) > 1]


def _waited(hour: Json, key: str) -> Text:
    if not hour["known"]:
        return say("unknown")
    return "-" if hour[key] is None else duration(hour[key])


# ------------------------------------------------------------- minutes: the courier's rate


def rate(past: Json, language: Language) -> Picture:
    """Return how much of the courier's rate was used in each of the last 30 minutes."""
    sheet, shown = Sheet("rate", language), past["rate"]["minutes"]
    name = say("Requests to the courier a minute")
    allowed = past["rate"]["limit"] * 60 / past["rate"]["window_s"]
    panel = Panel(26, 84, len(shown))
    most = max(allowed, _most(shown, "requests"))
    parts = [
        *_bars(sheet, panel, shown, "requests", "pic-bar", most=most),
        sheet.rule(panel.y(allowed, most), "pic-limit"),
        sheet.words(0, panel.top - 8, say("allowed: {limit:g} a minute", limit=allowed), "pic-dim"),
        *_clock_labels(sheet, panel, shown, lambda at: at.minute % 10 == 0),
    ]
    height = panel.bottom + 24
    if _unknown(shown, "requests"):
        parts.append(sheet.legend(height, [(UNKNOWN, say("unknown"))]))
        height += legend_height(1)
    summary = say(
        "{minutes:minute}: requests {requests}, allowed {limit:g} a minute",
        minutes=len(shown),
        requests=_sum(shown, "requests"),
        limit=allowed,
    )
    table = Table(
        columns("minute", "#requests"),
        [[_clock(minute["at"]), _figure(minute["requests"])] for minute in reversed(shown)],
    )
    return Picture(name, sheet.drawn(height, name, (summary, *_unknown_words(shown)), parts), table)


# ------------------------------------------------------------- runs of the schedule's entries


class Kind(NamedTuple):
    """How a run is drawn: from the middle line up or down, so that no colour is needed to tell it."""

    class_: str
    up: float
    down: float


DrawMarks = Callable[[Sheet, float, Sequence[Json]], Iterator[Markup]]
"""Draws runs along the line of that y."""
ROW = 46
KINDS = {
    "completed": Kind("pic-good", 11, 0),
    "failed": Kind("pic-bad", 0, 11),
    "waiting": Kind("pic-open", 6, 0),
    "not_run": Kind("pic-none", 1.5, 1.5),
    "unknown": Kind(UNKNOWN, 11, 11),
}


def kind_of(run: Json) -> str:
    """Return how *run* ended, as one of KINDS: what was cancelled counts as not run, a pruned job as unknown."""
    if run["outcome"] == "skipped":
        return "not_run"
    match run["state"]:
        case None:
            return "unknown"
        case "completed" | "failed" as state:
            return str(state)
        case "cancelled":
            return "not_run"
        case _:
            return "waiting"


def runs(past: Json, language: Language) -> Picture:
    """Return the last runs of every entry, a strip each."""
    entries = past["entries"]
    name = say("The last {count} runs of each entry", count=RUNS)
    return _strips("runs", name, entries, language, _counts_of(entries), _marks)


def runs_of(entry: Json, language: Language, place: int = 0) -> Picture:
    """Return the last runs of one entry; *place* tells the pictures of one page apart."""
    name = say("The last {count} runs of {name}", count=RUNS, name=entry["name"])
    rows = [[_moment(run["occurrence"]), _run_words(run)] for run in reversed(entry["runs"])]
    return _strips(
        f"runs-{place}", name, [entry], language, Table(columns("occurrence", "outcome"), rows), _titled_marks
    )


def _strips(  # noqa: PLR0917 - each of its own type
    id_: str, name: Phrase, entries: Sequence[Json], language: Language, table: Table, draw: DrawMarks
) -> Picture:
    sheet = Sheet(id_, language)
    parts = [joined(_strip(sheet, place * ROW, entry, draw)) for place, entry in enumerate(entries)]
    height = len(entries) * ROW + 8
    legend: list[tuple[str, Text]] = [(kind.class_, _kind_words(key)) for key, kind in KINDS.items()]
    parts.append(sheet.legend(height, legend))
    counted = Counter(kind_of(run) for entry in entries for run in entry["runs"])
    summary = tuple(say("{kind} {count}", kind=_kind_words(kind), count=counted[kind]) for kind in KINDS)
    return Picture(name, sheet.drawn(height + legend_height(len(legend)), name, summary, parts), table)


def _strip(sheet: Sheet, top: float, entry: Json, draw: DrawMarks) -> Iterator[Markup]:
    """Yield an entry's name, and a mark for each run, the newest at the line's end."""
    yield sheet.code(0, top + 13, shorten(entry["name"], NAME_SHOWN))
    yield sheet.rule(top + 31)
    yield from draw(sheet, top + 31, entry["runs"])


def _marks(sheet: Sheet, middle: float, runs: Sequence[Json]) -> Iterator[Markup]:
    """Yield the marks of each kind as one: there may be a thousand on a page that renews itself every second."""
    boxes: dict[str, list[Box]] = {kind: [] for kind in KINDS}
    for place, run in enumerate(runs, RUNS - len(runs)):
        boxes[kind_of(run)].append(_box(place, middle, KINDS[kind_of(run)]))
    for kind, drawn in boxes.items():
        if drawn:
            yield sheet.boxes(drawn, KINDS[kind].class_)


def _titled_marks(sheet: Sheet, middle: float, runs: Sequence[Json]) -> Iterator[Markup]:
    """Yield a mark for each run, which says its instant and how it ended."""
    for place, run in enumerate(runs, RUNS - len(runs)):
        kind = KINDS[kind_of(run)]
        box, title = _box(place, middle, kind), (_moment(run["occurrence"]), _run_words(run))
        yield sheet.unknown(*box, title) if kind.class_ == UNKNOWN else sheet.box(*box, kind.class_, title=title)


def _box(place: int, middle: float, kind: Kind) -> Box:
    step = WIDTH / RUNS
    return place * step + 0.6, middle - kind.up, step - 1.2, kind.up + kind.down


def _counts_of(entries: Sequence[Json]) -> Table:
    rows: list[Sequence[Text]] = []
    for entry in entries:
        counted = Counter(map(kind_of, entry["runs"]))
        rows.append([entry["name"], *(counted[kind] for kind in KINDS)])
    return Table(columns("entry", "#completed", "#failed", "#waiting", "#not run", "#unknown"), rows)


def _kind_words(kind: str) -> Phrase:
    match kind:
        case "unknown":
            return say("unknown")
        case "waiting":
            return say("waiting")
        case "not_run":
            return state_words("skipped")
        case _:
            return state_words(kind)


def _run_words(run: Json) -> Text:
    if run["outcome"] == "skipped":
        return state_words("skipped")
    return say("unknown") if run["state"] is None else state_words(run["state"])


# ------------------------------------------------------------- what several pictures share


def _bars(
    sheet: Sheet, panel: Panel, shown: Sequence[Json], key: str, class_: str, *, most: float, labelled: bool = False
) -> Iterator[Markup]:
    """Yield a bar for each figure, hatched where it is unknown; *most* fills the panel."""
    yield sheet.rule(panel.bottom)
    for place, each in enumerate(shown):
        x, value, title = place * panel.step, each[key], (_when(each), _figure(each[key]))
        if value is None:
            yield sheet.unknown(x, panel.top, panel.step, panel.height, title)
            continue
        y = panel.y(value, most)
        yield sheet.box(x + panel.step * 0.12, y, panel.step * 0.76, panel.bottom - y, class_, title=title)
        if labelled and 0 < value <= LABELLED:
            yield sheet.words(panel.middle(place), y - 4, value, "pic-value", "middle")


def _caption(sheet: Sheet, y: float, what: Phrase, most: int) -> Markup:
    return sheet.words(0, y, say("{what}, highest: {most:,}", what=what, most=most), "pic-dim")


def _most(shown: Sequence[Json], key: str) -> int:
    return max((each[key] or 0 for each in shown), default=0)


def _clock_labels(
    sheet: Sheet, panel: Panel, shown: Sequence[Json], is_shown: Callable[[datetime], bool]
) -> Iterator[Markup]:
    """Yield the clock below the present column, and below each whose instant *is_shown* and that has room."""
    for place, each in enumerate(shown):
        x = panel.middle(place)
        if place == len(shown) - 1:
            yield sheet.words(WIDTH, panel.bottom + 14, _clock(each["at"]), "pic-now", "end")
        elif is_shown(datetime.fromisoformat(each["at"])) and CLOCK_ROOM < x < WIDTH - 3 * CLOCK_ROOM:
            yield sheet.words(x, panel.bottom + 14, _clock(each["at"]), "pic-dim", "middle")


def _when(each: Json) -> str:
    """Return the day, or the instant on the clock, that *each* is about."""
    return str(each["day"]) if "day" in each else _clock(each["at"])


def _clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%H:%M}"


def _moment(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M}"


def _figure(value: int | None) -> Text:
    return say("unknown") if value is None else say("{count:,}", count=value)


def _sum(shown: Sequence[Json], key: str) -> int:
    return sum(each[key] or 0 for each in shown)


def _unknown(shown: Sequence[Json], key: str) -> int:
    return sum(1 for each in shown if each[key] is None)


def _unknown_words(shown: Sequence[Json]) -> tuple[Text, ...]:
    """Return how many of *shown* are not known, if any."""
    unknown = sum(1 for each in shown if not each["known"])
    return (say("unknown: {count} of {all}", count=unknown, all=len(shown)),) if unknown else ()
