"""What is left in the state directory while the daemon is down and somebody knows it, for the daemon that comes up."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import orjson

from paranad.alerts.incident import Incident

FILE_NAME = "daemon-failed.json"


class Mark:
    """The file by which a daemon learns that somebody was told of the end of the one before it."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE_NAME

    def exists(self) -> bool:
        """Tell whether somebody knows already that the daemon is down."""
        return self.path.exists()

    def leave(self, incident: Incident) -> None:
        """Note that somebody knows of *incident*.

        Raises:
            OSError: there is no such folder, or no room in it.
        """
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(incident.as_json()))

    def read(self, now: datetime) -> Incident | None:
        """Return the incident, told and over *now*; None: there is none, or none that can be read."""
        try:
            incident = Incident.from_json(orjson.loads(self.path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        incident.told, incident.over_at = True, now
        return incident

    def remove(self) -> None:
        """Remove the file: a next end of a daemon is another incident."""
        with suppress(OSError):
            self.path.unlink()
