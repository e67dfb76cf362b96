"""Arabic: what the configuration and the daemon's own life say, by the codes of the facts."""

from collections.abc import Mapping

CONFIG: Mapping[str, str] = {
    "config.wrong": "{problems}",
    "daemon.not_ready": "الخدمة في حالة `{state}`",
}
