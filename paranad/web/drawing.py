"""SVG of a few kinds: boxes, lines and words on a sheet whose x runs the way its reader reads.

Colours and line widths are classes (`static/pictures.css`), so that no style stands within the page.
"""

from collections.abc import Iterator, Sequence

from paranad.cli.language import Language
from paranad.cli.screen.say import Pen, Text
from paranad.record import record
from paranad.web.markup import Markup, joined, tag

WIDTH = 360
"""Units; on a phone of 390 px one is about a pixel, so words of 11 units can be read there."""
LEGEND_COLUMNS = 3
LEGEND_HEIGHT = 18

UNKNOWN = "pic-unknown"
CURVES = frozenset({"pic-curve", "pic-most"})
"""Classes of lines, which a legend shows as such."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""x, y, width, height."""


@record
class Sheet:
    """A drawing in a language. Every `x` counts from where a line of it begins: in Arabic from the right."""

    name: str
    """Begins every id: no other picture of the page has it."""
    language: Language

    def box(self, x: float, y: float, width: float, height: float, class_: str, *, title: Text = "") -> Markup:
        """Return a rectangle; *title* is shown where a mouse rests on it."""
        return tag(
            "rect",
            self.title(title) if title != "" else "",
            x=_number(self._across(x, width)),
            y=_number(y),
            width=_number(width),
            height=_number(height),
            class_=class_,
        )

    def unknown(self, x: float, y: float, width: float, height: float, title: Text) -> Markup:
        """Return a hatched rectangle: what belongs there is not known."""
        return tag(
            "rect",
            self.title(title),
            x=_number(self._across(x, width)),
            y=_number(y),
            width=_number(width),
            height=_number(height),
            fill=f"url(#{self.name}-hatch)",
            class_=UNKNOWN,
        )

    def boxes(self, boxes: Sequence[Box], class_: str) -> Markup:
        """Return many rectangles as one mark: a hundredth of the cost, and none has a title of its own."""
        outlines = (
            f"M{_number(self._across(x, width))},{_number(y)}h{_number(width)}v{_number(height)}h{_number(-width)}z"
            for x, y, width, height in boxes
        )
        hatch = f"url(#{self.name}-hatch)" if class_ == UNKNOWN else None
        return tag("path", d="".join(outlines), fill=hatch, class_=class_)

    def rule(self, y: float, class_: str = "pic-rule") -> Markup:
        """Return a line from edge to edge."""
        return tag("line", x1=0, x2=WIDTH, y1=_number(y), y2=_number(y), class_=class_)

    def curve(self, points: Sequence[Point], class_: str) -> Markup:
        """Return a line through *points*."""
        path = " ".join(f"{_number(self._across(x, 0))},{_number(y)}" for x, y in points)
        return tag("polyline", points=path, class_=class_)

    def dot(self, x: float, y: float, class_: str, title: Text) -> Markup:
        """Return a point with its *title*."""
        return tag(
            "circle", self.title(title), cx=_number(self._across(x, 0)), cy=_number(y), r=_number(2.4), class_=class_
        )

    def words(self, x: float, y: float, text: Text, class_: str = "", anchor: str = "start") -> Markup:
        """Return *text* beginning at *x*, or with its `middle` or its `end` there."""
        return tag(
            "text",
            Pen(self.language).line(text),
            x=_number(self._across(x, 0)),
            y=_number(y),
            text_anchor=anchor,
            class_=class_ or None,
        )

    def code(self, x: float, y: float, text: str) -> Markup:
        """Return a name that is read from left to right in any language, at the beginning of a line."""
        anchor = "end" if self._is_mirrored else "start"
        place = _number(self._across(x, 0))
        return tag(
            "text", Pen().line(text), x=place, y=_number(y), text_anchor=anchor, direction="ltr", class_="pic-code"
        )

    def title(self, text: Text) -> Markup:
        """Return *text* as the title of what it stands in."""
        return tag("title", Pen(self.language, terminal=True).line(text))

    def legend(self, y: float, entries: Sequence[tuple[str, Text]]) -> Markup:
        """Return a swatch and its words for each class and text of *entries*, LEGEND_COLUMNS a row."""
        return joined(self._legend(y, entries))

    def _legend(self, y: float, entries: Sequence[tuple[str, Text]]) -> Iterator[Markup]:
        column = WIDTH / LEGEND_COLUMNS
        for place, (class_, text) in enumerate(entries):
            x, top = place % LEGEND_COLUMNS * column, y + place // LEGEND_COLUMNS * LEGEND_HEIGHT
            if class_ == UNKNOWN:
                yield self.unknown(x, top, 14, 10, text)
            elif class_ in CURVES:
                yield self.curve([(x, top + 5), (x + 14, top + 5)], class_)
            else:
                yield self.box(x, top, 14, 10, class_)
            yield self.words(x + 20, top + 9, text)

    def drawn(self, height: float, title: Text, summary: Text, parts: Sequence[Markup]) -> Markup:
        """Return the whole picture with its accessible name, and a sentence that sums it up."""
        pen = Pen(self.language, terminal=True)
        hatch = tag(
            "pattern",
            tag("path", d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", class_="pic-hatch"),
            id=f"{self.name}-hatch",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        )
        return tag(
            "svg",
            tag("title", pen.line(title), id=f"{self.name}-title"),
            tag("desc", pen.line(summary), id=f"{self.name}-desc"),
            tag("defs", hatch),
            *parts,
            viewBox=f"0 0 {WIDTH} {_number(height)}",
            role="img",
            aria_labelledby=f"{self.name}-title",
            aria_describedby=f"{self.name}-desc",
            direction="rtl" if self._is_mirrored else "ltr",
            class_="picture",
        )

    @property
    def _is_mirrored(self) -> bool:
        return self.language is Language.ARABIC

    def _across(self, x: float, width: float) -> float:
        """Return where what begins at *x* has its left edge."""
        return WIDTH - x - width if self._is_mirrored else x


def legend_height(entries: int) -> int:
    """Return how high a legend of so many entries is."""
    return -(-entries // LEGEND_COLUMNS) * LEGEND_HEIGHT


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
