"""Answers to what people type out of habit, and what is no command here."""

from collections.abc import Callable
from typing import NoReturn

import typer

from paranad.cli.options import NoCommand
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import say
from paranad.cli.session import Session
from paranad.said import Said, Sentence

NOTHING_TO_RESTART = (
    "nothing needs restarting after a deploy of the shop: no worker holds its code, and the daemon goes on"
)
ORDER = Sentence(
    "usage.order", "there is no command 'order'; try: paranadctl shipments show {order}, or paranadctl jobs list"
)


def queue_restart(context: typer.Context) -> None:
    """Answer a deploy script of the shop."""
    session: Session = context.obj
    session.answer({"restarted": False}, lambda _: [Line(say(NOTHING_TO_RESTART), Style.GOOD)])


ELSEWHERE = Sentence("usage.elsewhere", "there is no command '{name}'; try: {command}")


def elsewhere(group: str) -> Callable[[typer.Context], None]:
    """Return what says of a command that it stands in *group*: `resend 3` is `shipments resend 3`."""

    def point(context: typer.Context) -> None:
        name = str(context.info_name)
        fail(context, ELSEWHERE(name=name, command=" ".join(("paranadctl", group, name, *context.args))))

    return point


def order(context: typer.Context) -> None:
    """Say where an order is to be found."""
    number = next((word for word in context.args if word.isdecimal()), "ORDER")
    fail(context, ORDER(order=number))


def fail(context: typer.Context, said: Said) -> NoReturn:
    """End as wrong usage of the program as a whole."""
    error = NoCommand(said)
    error.ctx = context.find_root()
    raise error
