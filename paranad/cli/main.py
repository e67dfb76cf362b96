"""The entry of paranadctl: a frame around its commands, which are in paranad/cli/app.py."""

import sys

from paranad import exits


def main() -> None:
    """Run one command line and exit with its code."""
    sys.exit(exits.run("paranadctl", _work))


def _work() -> int:
    from paranad.cli.app import run  # noqa: PLC0415 - only once Ctrl-C is heeded

    exits.heed_interrupt()
    return run(sys.argv[1:])
