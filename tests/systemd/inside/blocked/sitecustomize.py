"""Lets SIGUSR1 block the event loop for good, as a call that never returns would."""

import signal


def block_the_loop(*_: object) -> None:
    while True:
        signal.pause()


signal.signal(signal.SIGUSR1, block_the_loop)
