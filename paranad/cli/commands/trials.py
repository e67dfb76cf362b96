"""`paranadctl courier test`, `alert test` and `alert digest`: what comes back from outside."""

from collections.abc import Iterator
from typing import Annotated

from paranad.cli.parsing import Option
from paranad.cli.screen.blocks import Block, Line, Style, Verbatim
from paranad.cli.screen.say import say
from paranad.cli.screen.times import duration, moment
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words, remark_words

COURIER_S = 120.0
"""How long the two requests may take together."""
COMMAND_S = 60.0
"""How long the alert command may take, and its end."""
USED = "requests to the courier: {used} of {limit} in {window:.0f} s"


def try_courier(session: Session) -> None:
    """Log in at the courier and list today's orders once."""
    answer = session.client.post("courier", "test", timeout_s=COURIER_S)
    session.answer(answer, lambda trial: courier_words(trial, session))
    if answer["reason"]:
        raise SystemExit(1)


def courier_words(trial: Json, session: Session) -> Iterator[Block]:
    """Yield what the courier said."""
    if trial["accepted"]:
        took = duration(trial["login_s"])
        yield Line(say("the courier accepts the account: {took}", took=took), Style.GOOD)
        merchant = say("it is the merchant's main account") if trial["merchant"] else say("it is an employee's account")
        yield Line(merchant, Style.NONE if trial["merchant"] else Style.WARN)
    if trial["rows"] is not None:
        took = duration(trial["list_s"])
        yield Line(say("orders created today: {rows}, {took}", rows=trial["rows"], took=took), Style.GOOD)
        if trial["unreadable"]:
            yield Line(say("rows that cannot be read: {rows}", rows=trial["unreadable"]), Style.WARN)
    if trial["reason"]:
        yield Line(fact_words(trial, "reason"), Style.BAD)
    limiter = trial["limiter"]
    yield Line(say(USED, used=limiter["used"], limit=limiter["limit"], window=limiter["window_s"]), Style.DIM)
    if trial["again_at"]:
        at = moment(trial["again_at"], session.now())
        yield Line(say("there is room {at}: try it again then", at=at), Style.WARN)


def try_alert(session: Session) -> None:
    """Run the alert command once with a test; say how it ended."""
    answer = session.client.post("alerts", "test", timeout_s=COMMAND_S)
    session.answer(answer, alert_words)
    if not answer["done"]:
        raise SystemExit(1)


def digest(session: Session, send: Annotated[bool, Option("--send", "Send it by the alert command.")] = False) -> None:
    """Show the digest of the last 24 hours as it would be sent."""
    if not send:
        session.answer(session.client.get("alerts", "digest"), digest_words)
        return
    answer = session.client.post("alerts", "digest", timeout_s=COURIER_S)
    session.answer(answer, sent_words)
    if not answer["done"]:
        raise SystemExit(1)


def digest_words(told: Json) -> Iterator[Block]:
    """Yield the digest, line by line."""
    for line in told["lines"]:
        yield Line(remark_words(line))


def sent_words(told: Json) -> Iterator[Block]:
    """Yield whether the alert command took the digest, and what it wrote."""
    if told["done"]:
        yield Line(say("the digest is sent: {took}", took=duration(told["seconds"])), Style.GOOD)
    else:
        yield Line(say("the digest is not sent: {reason}", reason=fact_words(told, "reason")), Style.BAD)
    yield from _written(told)


def alert_words(told: Json) -> Iterator[Block]:
    """Yield how the alert command ended, and what it wrote."""
    took = duration(told["seconds"])
    if told["done"]:
        yield Line(say("the alert command took the test: exit 0, {took}", took=took), Style.GOOD)
    else:
        failed = say("the alert command failed after {took}: {reason}", took=took, reason=fact_words(told, "reason"))
        yield Line(failed, Style.BAD)
    yield from _written(told)


def _written(told: Json) -> Iterator[Block]:
    if told["output"]:
        yield Line(say("it wrote:"), Style.DIM)
        yield Verbatim(told["output"].rstrip("\n"))
