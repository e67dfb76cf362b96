"""Pages that say why there is no other: what went wrong, the cause and the cure, in the reader's language."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException

from paranad.cli.language import Language
from paranad.cli.problems import problem_words
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import say
from paranad.control.client import OTHER_PROGRAM
from paranad.errors import DaemonUnreachable, NotPermitted, ParanadError
from paranad.exits import sentence, tell
from paranad.web import links
from paranad.web.page import Link, Page

TellDefect = Callable[[str, Exception], None]
"""Takes the path at which a defect showed, and the error."""
NO_ROUTE = "control.no_such_route"
"""The code of a daemon that lacks what the page asks for."""


def problem_page(error: ParanadError, language: Language) -> Page:
    """Return the page of what the daemon refused, or of why it does not answer."""
    if error.said.code == NO_ROUTE:
        words = say("the daemon is of another version and does not know this page; after an update, restart it")
        restart = say("cure: {cure}", cure="systemctl restart paranad")
        return Page(
            say("This cannot be shown"), [Line(words, Style.WARN), Line(restart)], status=HTTPStatus.BAD_GATEWAY
        )
    match error:
        case DaemonUnreachable():
            title, status = say("The daemon does not answer"), HTTPStatus.SERVICE_UNAVAILABLE
        case NotPermitted():
            title, status = say("You may not see this"), HTTPStatus.FORBIDDEN
        case _ if error.status == HTTPStatus.NOT_FOUND:
            title, status = say("There is no such thing"), HTTPStatus.NOT_FOUND
        case _ if error.said.code == OTHER_PROGRAM.code:
            title, status = say("This cannot be shown"), HTTPStatus.BAD_GATEWAY
        case _:
            title, status = say("This cannot be shown"), HTTPStatus(error.status)
    return Page(title, [*problem_words(error, language)], status=status)


def missing_page(error: HTTPException) -> Page:
    """Return the page for an address or a method that this page does not have."""
    words = say("this page has no such address; it may be of another version")
    return Page(
        say("There is no such page"), [Line(words), Link(say("Now"), links.NOW)], live=False, status=error.status_code
    )


def tell_terminal(_: str, error: Exception) -> None:
    """Tell a defect where `paranadctl web` runs."""
    tell(f"paranadctl: {sentence(error)}")


def defect_page() -> Page:
    """Return the page for a defect of this program. What it was stands in the log alone: it may hold anything."""
    return Page(
        say("This page has a defect"),
        [
            Line(
                say("what it is stands where the page runs: in paranadctl web's terminal, or journalctl -u paranad-web")
            ),
            Line(say("the daemon goes on; please report it. The terminal says the same: paranadctl status"), Style.DIM),
        ],
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
