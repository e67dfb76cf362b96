"""Answers to what people type out of habit, and what is no command here."""

import typer

from paranad.cli.render import Line, Style
from paranad.cli.say import say
from paranad.cli.session import Session

NOTHING_TO_RESTART = (
    "nothing needs restarting after a deploy of the shop: no worker holds its code, and the daemon goes on"
)
ORDER = "there is no such command; try: paranadctl shipments show {order}, or paranadctl jobs list"


def queue_restart(context: typer.Context) -> None:
    """Answer a deploy script of the shop."""
    session: Session = context.obj
    session.answer({"restarted": False}, lambda _: [Line(say(NOTHING_TO_RESTART), Style.GOOD)])


def order(context: typer.Context) -> None:
    """Say where an order is to be found."""
    number = next((word for word in context.args if word.isdecimal()), "ORDER")
    context.find_root().fail(ORDER.format(order=number))
