"""Lets SIGUSR1 block the event loop for good, as a call that never returns would."""

import signal
import time


def block_the_loop(*_: object) -> None:
    while True:
        time.sleep(1)


signal.signal(signal.SIGUSR1, block_the_loop)
