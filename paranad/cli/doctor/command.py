"""`paranadctl doctor`: every trouble with its reason and its cure, also while the daemon is down."""

import os
from collections.abc import Callable, Iterator

from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table
from paranad.cli.screen.say import Text, say
from paranad.cli.session import Json, Session
from paranad.cli.words import told, with_facts
from paranad.errors import DaemonUnreachable, NotPermitted, ParanadError
from paranad.finding import Found, failed
from paranad.said import Value

STYLES = {"ok": Style.GOOD, "warning": Style.WARN, "failed": Style.BAD}

LOG = "`journalctl -u paranad -n 50` says why it ended"
DAEMON_DOWN = failed(
    "daemon-down",
    "daemon",
    "the daemon does not answer: {reason}",
    f"systemctl start paranad (or in the foreground: paranad run); {LOG}",
)
DAEMON_FORBIDDEN = failed(
    "daemon-forbidden",
    "daemon",
    "the daemon may run, but you may not ask it: {reason}",
    "sudo paranadctl doctor; or for good: usermod -aG paranad NAME, then log in again",
)
DAEMON_ODD = failed(
    "daemon-odd",
    "daemon",
    "the daemon answers, but not to the doctor: {reason}",
    "systemctl restart paranad, if it is another version than paranadctl; `journalctl -u paranad` says more",
)


def doctor(session: Session) -> None:
    """Look for all that may be wrong; say why, and the cure."""
    if session.interactive:
        session.note(say("looking around; it takes some seconds"))
    answer = {"items": findings(lambda: list(session.client.get("doctor")["items"]))}
    session.answer(answer, lambda told: screen(told["items"]))
    if any(check["outcome"] == "failed" for check in answer["items"]):
        raise SystemExit(1)


def findings(ask: Callable[[], list[Json]]) -> list[Json]:
    """Return what the daemon's own eyes find, and what is found from here; *ask* asks the daemon."""
    return [*_seen_by_the_daemon(ask), *(found.document() for found in _seen_from_here())]


def _seen_by_the_daemon(ask: Callable[[], list[Json]]) -> Iterator[Json]:
    """Yield the daemon's own checks; if it cannot be asked, why, and what can be told without it."""
    try:
        yield from ask()
    except NotPermitted as error:
        yield DAEMON_FORBIDDEN(reason=_reason(error)).document()
    except DaemonUnreachable as error:
        yield DAEMON_DOWN(reason=_reason(error)).document()
        yield from (found.document() for found in _seen_without_it())
    except ParanadError as error:
        yield DAEMON_ODD(reason=_reason(error)).document()


def _reason(error: ParanadError) -> Value:
    """Return what the error says without its cure: the doctor has another."""
    return error.said.values.get("reason", error.said)


def _seen_without_it() -> Iterator[Found]:
    from paranad.cli.doctor import machine  # noqa: PLC0415 - only for the doctor

    yield from machine.service_findings()
    yield from machine.configuration_findings(os.environ)


def _seen_from_here() -> Iterator[Found]:
    from paranad.cli.doctor import machine, twice  # noqa: PLC0415 - only for the doctor

    yield from machine.clock_findings()
    yield from twice.DoubleWork().look()


def screen(checks: list[Json]) -> Iterator[Block]:
    """Yield a line for each check, and below one that is not ok why, and the cure."""
    yield Table(["", "", ""], [row for check in checks for row in _rows(check)])
    yield Line("")
    yield summary(checks)
    if any(check["outcome"] == "failed" for check in checks):
        yield Line(say("to show all this to whoever helps: paranadctl report FILE"), Style.DIM)


def _rows(check: Json) -> Iterator[list[Text | Cell]]:
    outcome, why, cure = check["outcome"], why_words(check), cure_words(check)
    state = Cell(say(outcome), STYLES.get(outcome, Style.NONE))
    if outcome == "ok":
        yield [state, check["check"], why]
        return
    yield [state, check["check"], ""]
    yield ["", say("why"), why]
    if cure is not None:
        yield ["", say("cure"), cure]


def why_words(check: Json) -> Text:
    """Return what a check found."""
    return told(f"finding:{check['code']}", check["why"], with_facts(check))


def cure_words(check: Json) -> Text | None:
    """Return what to do about what a check found; None if nothing is to be done."""
    return told(f"finding.cure:{check['code']}", check["cure"], with_facts(check)) if check["cure"] else None


def summary(checks: list[Json]) -> Line:
    """Return how many checks ended how, in the style of the worst."""
    outcomes = [check["outcome"] for check in checks]
    counts = {outcome: outcomes.count(outcome) for outcome in STYLES}
    worst = next((outcome for outcome in reversed(STYLES) if counts[outcome]), "ok")
    return Line(say("failed {failed}, warning {warning}, ok {ok}", **counts), STYLES[worst])
