"""Answers to what people type out of habit, and what is no command here."""

from collections.abc import Callable

import typer

from paranad.cli.screen.render import Line, Style
from paranad.cli.screen.say import say
from paranad.cli.session import Session

NOTHING_TO_RESTART = (
    "nothing needs restarting after a deploy of the shop: no worker holds its code, and the daemon goes on"
)
ORDER = "there is no command 'order'; try: paranadctl shipments show {order}, or paranadctl jobs list"


def queue_restart(context: typer.Context) -> None:
    """Answer a deploy script of the shop."""
    session: Session = context.obj
    session.answer({"restarted": False}, lambda _: [Line(say(NOTHING_TO_RESTART), Style.GOOD)])


ELSEWHERE = "there is no command '{name}'; try: paranadctl {group} {name} {words}"


def elsewhere(group: str) -> Callable[[typer.Context], None]:
    """Return what says of a command that it stands in *group*: `resend 3` is `shipments resend 3`."""

    def point(context: typer.Context) -> None:
        said = ELSEWHERE.format(name=context.info_name, group=group, words=" ".join(context.args))
        context.find_root().fail(said.rstrip())

    return point


def order(context: typer.Context) -> None:
    """Say where an order is to be found."""
    number = next((word for word in context.args if word.isdecimal()), "ORDER")
    context.find_root().fail(ORDER.format(order=number))
