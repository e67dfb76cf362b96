"""`paranad run` in a network of the tests' own: `python -m tests.standby.daemon CONFIG HOST PACE`.

The courier is at HOST, another address than this machine's, so its plain http is allowed. All that the lease counts in
seconds passes PACE times as fast, so that two hundred takeovers take an hour instead of a day; at 1 nothing is changed.
"""

import sys

from paranad import __main__
from paranad.configuration import addresses


def main() -> int:
    config, host, _pace = sys.argv[1:]
    addresses.THIS_MACHINE = addresses.THIS_MACHINE | {host}
    sys.argv = ["paranad", "run", "--config", config]
    return __main__.main()


if __name__ == "__main__":
    sys.exit(main())
