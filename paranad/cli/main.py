"""The entry of paranadctl: a frame around its commands, which are in paranad/cli/app.py."""

import gc
import sys

from paranad import exits

MANY_OBJECTS = 50_000
"""More than a short call makes, so that none of its time goes into looking for garbage among what is just loaded."""


def main() -> None:
    """Run one command line and exit with its code."""
    gc.set_threshold(MANY_OBJECTS)
    code = exits.run("paranadctl", _work)
    gc.freeze()  # the interpreter's own end would look through all that is loaded, several times
    sys.exit(code)


def _work() -> int:
    from paranad.cli.app import run  # noqa: PLC0415 - only once Ctrl-C is heeded

    exits.heed_interrupt()
    return run(sys.argv[1:])
