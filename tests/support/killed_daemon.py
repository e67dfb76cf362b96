"""A daemon that kills itself when it tells an event: `python -m tests.support.killed_daemon CONFIG EVENT [PATH]`."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from paranad.clock import SystemClock
from paranad.configured import load
from paranad.events.event import Event, Events
from paranad.life import live
from paranad.log.output import configure


def main() -> None:
    config, name, path, *_ = [*sys.argv[1:], None]
    assert config

    def kill(events: Sequence[Event]) -> None:
        for event in events:
            if event.name == name and path in {None, getattr(event, "path", None)}:
                log.close()  # what was told before is to be seen
                os.kill(os.getpid(), signal.SIGKILL)

    environ: Mapping[str, str] = {}
    configuration = load(Path(config), environ).usable(starting=True)
    clock, events = SystemClock(), Events()
    log = configure("json", "debug", now=clock.now)
    events.listen(log.tell)
    events.listen(kill)
    live(configuration, lambda: configuration, clock=clock, events=events, set_level=log.set_level)


if __name__ == "__main__":
    main()
