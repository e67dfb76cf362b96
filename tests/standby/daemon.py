"""`paranad run` in a network of the tests' own: `python -m tests.standby.daemon CONFIG HOST PACE WRONG_S`.

The courier is at HOST, another address than this machine's, so its plain http is allowed. All that the lease and the
reservations of rows count in seconds passes PACE times as fast, so that two hundred takeovers take an hour and not a
day; at 1 nothing is changed. The machine's wall clock is wrong by WRONG_S, and steps by a minute at each SIGUSR2.
"""

import signal
import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta


def main() -> int:
    config, host, pace, wrong_s = sys.argv[1:]
    quicken(float(pace))
    go_wrong(float(wrong_s), 60 / float(pace))
    from paranad import __main__
    from paranad.configuration import addresses

    addresses.THIS_MACHINE |= {host}
    sys.argv = ["paranad", "run", "--config", config]
    return __main__.main()


def quicken(pace: float) -> None:
    """Divide the seconds by *pace* before any other module takes them over."""
    from paranad.shop import laravel_rows

    laravel_rows.RETRY_AFTER_S = round(laravel_rows.RETRY_AFTER_S / pace)
    from paranad.standby import decide

    numbers = decide.NUMBERS
    decide.NUMBERS = decide.Numbers(**{each.name: getattr(numbers, each.name) / pace for each in fields(numbers)})
    from paranad.bridge import delivery, kept

    kept.RENEW_S, kept.RETRY_S, delivery.STEPS_S = kept.RENEW_S / pace, kept.RETRY_S / pace, delivery.STEPS_S / pace


def go_wrong(wrong_s: float, step_s: float) -> None:
    """Let the wall clock be wrong by *wrong_s*, and step by *step_s* at each signal, to and fro."""
    from paranad.clock import SystemClock

    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        steps = 1 - steps

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=wrong_s + steps * step_s)

    signal.signal(signal.SIGUSR2, step)
    SystemClock.now = now  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    sys.exit(main())
