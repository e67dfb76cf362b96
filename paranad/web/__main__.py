"""The entry of the page's process, which `paranadctl web` becomes."""

import argparse
import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path

from paranad import exits
from paranad.cli.language import KNOWN, Language
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.render import draw
from paranad.cli.screen.say import say
from paranad.cli.session import is_terminal
from paranad.clock import SystemClock
from paranad.control.client import ControlClient
from paranad.errors import ParanadError
from paranad.web.answers import SharedAnswers
from paranad.web.app import Web, create_app
from paranad.web.live import Live
from paranad.web.served import HOST, bind, serve


def main() -> int:
    """Serve the page until it ends; return the exit code."""
    return exits.run("paranadctl", _work)


def _work() -> int:
    asked = _arguments(sys.argv[1:])
    exits.heed_interrupt()
    try:
        return _serve(asked)
    except ParanadError as error:
        from paranad.cli.problems import complain  # noqa: PLC0415 - only where something failed

        complain(error, asked.speak, as_json=asked.json)
        return error.exit_code


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="paranadctl web")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--speak", type=Language, default=Language.ENGLISH, help="the language of the terminal")
    parser.add_argument("--lang", type=Language, choices=KNOWN, help="the language of the page")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def _serve(asked: argparse.Namespace) -> int:
    clock, client = SystemClock(), ControlClient(asked.socket)
    live = Live(client)
    web = Web(
        client=client,
        answers=SharedAnswers(client, clock.monotonic),
        live=live,
        clock=clock,
        version=version("paranad"),
        language=asked.lang,
    )
    app = create_app(web)
    with bind(asked.port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        is_forgotten = asyncio.run(serve(app, live, listening, clock, lambda: _tell_address(address, asked)))
    if is_forgotten and not asked.json:
        _say([Line(say("nobody has looked at the page for 30 minutes, so it has ended"), Style.DIM)], asked.speak)
    return exits.DONE


def _tell_address(address: str, asked: argparse.Namespace) -> None:
    """Print where the page is, and how it ends."""
    if asked.json:
        sys.stdout.write(f"{json.dumps({'address': address})}\n")
        sys.stdout.flush()
        return
    _say(
        [
            Line(say("the page: {address}", address=address), Style.GOOD),
            Line(
                say(
                    "it is for this machine and for you alone, and ends with Ctrl-C, or by itself after 30 minutes "
                    "without a reader"
                ),
                Style.DIM,
            ),
        ],
        asked.speak,
    )


def _say(lines: list[Line], language: Language) -> None:
    draw(lines, sys.stdout, terminal=is_terminal(sys.stdout), language=language)


if __name__ == "__main__":
    sys.exit(main())
