"""`paranadctl web`: the page, a process of its own that takes this one's place."""

import os
import sys
from typing import Annotated

from paranad.cli.options import whole
from paranad.cli.parsing import Option
from paranad.cli.session import Session

PORTS = 65_535


def port(text: str) -> int:
    """Read a port's number."""
    return whole(text, PORTS)


Port = Annotated[int | None, Option("--port N", "This port; else 8377, or any that is free.", port)]


SetPassword = Annotated[bool, Option("--set-password", "Set the password of paranad-web.service instead (as root).")]


def web(session: Session, number: Port = None, set_password: SetPassword = False) -> None:
    """Open the page here; print its one-time address."""
    words = [sys.executable, "-P", "-m", "paranad.web", f"--speak={session.language}"]
    words += ["--set-password"] if set_password else [f"--socket={session.locate()}"]
    words += [f"--port={number}"] if number else []
    words += [f"--lang={session.lang}"] if session.lang else []
    words += ["--json"] if session.as_json else []
    sys.stdout.flush()
    os.execv(sys.executable, words)  # noqa: S606 - the page takes this process's place: its terminal, its Ctrl-C
