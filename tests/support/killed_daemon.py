"""A daemon that kills itself when it tells an event: `python -m tests.support.killed_daemon CONFIG EVENT [PATH]`."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from paranad.clock import SystemClock
from paranad.configuration.load import load_settings
from paranad.events.event import Event, Events
from paranad.life import live
from paranad.log.output import configure


def main(config: str, name: str, path: str | None = None) -> None:
    def kill(events: Sequence[Event]) -> None:
        for event in events:
            if event.name == name and path in {None, getattr(event, "path", None)}:
                log.close()  # what was told before is to be seen
                os.kill(os.getpid(), signal.SIGKILL)

    environ: Mapping[str, str] = {}
    settings = load_settings(Path(config), environ)
    clock, events = SystemClock(), Events()
    log = configure("json", "debug", now=clock.now)
    events.listen(log.tell)
    events.listen(kill)
    live(settings, lambda: settings, clock=clock, events=events, set_level=log.set_level)


if __name__ == "__main__":
    main(*sys.argv[1:])
