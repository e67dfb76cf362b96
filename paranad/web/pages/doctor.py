"""The doctor's page: the same findings as the terminal's, what is wrong first."""

from collections.abc import Iterator, Sequence

from paranad.cli.doctor.command import STYLES, cure_words, findings, summary, why_words
from paranad.cli.screen.blocks import Cell, Heading, Line, Table
from paranad.cli.screen.say import say
from paranad.cli.session import Json
from paranad.web.page import Card, Page, Piece, View

ORDER = ("failed", "warning")
"""What needs somebody, the worst first."""


def doctor(view: View) -> Page:
    """Look for all that may be wrong; it takes some seconds, so the page does not renew itself."""
    checks = findings(lambda: list(view.client.get("doctor")["items"]))
    wrong = [check for outcome in ORDER for check in checks if check["outcome"] == outcome]
    fine = [check for check in checks if check["outcome"] not in ORDER]
    return Page(say("Doctor"), [summary(checks), *map(_card, wrong), *_fine(fine)], live=False)


def _card(check: Json) -> Card:
    pieces: list[Piece] = [Line(say("why: {reason}", reason=why_words(check)))]
    if (cure := cure_words(check)) is not None:
        pieces.append(Line(say("cure: {cure}", cure=cure)))
    style = STYLES[check["outcome"]]
    return Card(say("{outcome}: {check}", outcome=say(check["outcome"]), check=check["check"]), pieces, style=style)


def _fine(checks: Sequence[Json]) -> Iterator[Piece]:
    if checks:
        yield Heading(say("As it should be"))
        yield Table(["", ""], [[Cell(check["check"], STYLES["ok"]), why_words(check)] for check in checks])
