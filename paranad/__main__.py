"""The entry of paranad: a frame around its commands, which are in paranad/commands.py."""

import sys

from paranad import exits


def main() -> int:
    """Run one command line; return the exit code."""
    return exits.run("paranad", _work)


def _work() -> int:
    from paranad.commands import main as commands  # noqa: PLC0415 - only once Ctrl-C is heeded

    exits.heed_interrupt()
    return commands()


if __name__ == "__main__":
    sys.exit(main())
