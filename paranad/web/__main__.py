"""The entry of the page's process, which `paranadctl web` becomes."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from paranad import exits
from paranad.cli.language import KNOWN, Language
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.render import draw
from paranad.cli.screen.say import pen_for, say
from paranad.cli.session import is_terminal
from paranad.clock import SystemClock
from paranad.control.client import ControlClient
from paranad.errors import ParanadError
from paranad.places import config_file
from paranad.web.app import guarded, web_of
from paranad.web.guard import TokenDoor
from paranad.web.password import FILE, keep, new_password
from paranad.web.rules import local_site
from paranad.web.served import HOST, bind, serve
from paranad.web.sessions import Sessions, Tokens


def main() -> int:
    """Serve the page until it ends; return the exit code."""
    return exits.run("paranadctl", _work)


def _work() -> int:
    asked = _arguments(sys.argv[1:])
    exits.heed_interrupt()
    try:
        if asked.service:
            from paranad.web import service  # noqa: PLC0415 - it alone reads the configuration

            return service.run(os.environ)
        return _set_password(asked) if asked.set_password else _serve(asked)
    except ParanadError as error:
        from paranad.cli.problems import complain  # noqa: PLC0415 - only where something failed

        complain(error, asked.speak, as_json=asked.json)
        return error.exit_code


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="paranadctl web")
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--speak", type=Language, default=Language.ENGLISH, help="the language of the terminal")
    parser.add_argument("--lang", type=Language, choices=KNOWN, help="the language of the page")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--set-password", action="store_true")
    parser.add_argument("--service", action="store_true", help="serve the page behind a web server")
    return parser.parse_args(words)


def _serve(asked: argparse.Namespace) -> int:
    clock, tokens = SystemClock(), Tokens()
    web = web_of(ControlClient(asked.socket), clock, asked.lang, decide=True)
    with bind(asked.port) as listening:
        port = listening.getsockname()[1]
        app = guarded(web, site=local_site(port), door=TokenDoor(tokens), sessions=Sessions())

        def tell_address() -> None:
            _tell_address(f"http://{HOST}:{port}/?token={tokens.new()}", asked)

        def ready() -> None:
            tell_address()
            if sys.stdin and sys.stdin.isatty():
                asyncio.get_running_loop().add_reader(sys.stdin, _when_asked, tell_address)

        is_forgotten = asyncio.run(serve(app, web.live, listening, clock, ready))
    if is_forgotten and not asked.json:
        _say([Line(say("nobody has looked at the page for 30 minutes, so it has ended"), Style.DIM)], asked.speak)
    return exits.DONE


def _set_password(asked: argparse.Namespace) -> int:
    """Take the password of the page behind a web server."""
    ask, again = say("the new password of the page:"), say("once more:")
    path, pen = config_file(os.environ).parent / FILE, pen_for(sys.stderr, asked.speak, terminal=False)
    keep(new_password(pen.line(ask) + " ", pen.line(again) + " "), path)
    if not asked.json:
        _say([Line(say("the password is set; whoever was signed in is so no longer"), Style.GOOD)], asked.speak)
    return exits.DONE


def _when_asked(tell_address: Callable[[], None]) -> None:
    """Print another address for each line that is typed; in the background the terminal's lines are for others."""
    if _is_in_front() and sys.stdin.readline():
        tell_address()
    else:
        asyncio.get_running_loop().remove_reader(sys.stdin)


def _is_in_front() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # a terminal without job control
        return True


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
                    "the address opens it once, in one browser; press Enter here for another. The page is for this "
                    "machine, and ends with Ctrl-C, or by itself after 30 minutes without a reader"
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
