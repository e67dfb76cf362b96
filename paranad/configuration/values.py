"""The values that a key of paranad.toml takes: how each is read, and its words for a message."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PrivateAttr
from pydantic_core import CoreSchema, core_schema

from paranad.catalogue import PHP_QUEUE
from paranad.configuration.addresses import Wrong
from paranad.configuration.durations import UNITS, Rate, parse_duration
from paranad.record import record
from paranad.said import Said
from paranad.wording import nearest

ARGUMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
MACHINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?")


@record
class Expects:
    """The values that a key takes, in words; *example* is the cure, as TOML, if the default would be a bad one."""

    words: str
    example: str = ""


@record
class Within:
    """A duration between two others, written as text; with *forever* also the word "forever", which becomes None.

    *optional*: an empty text is taken too, and becomes None.
    """

    low: str
    high: str
    forever: bool = False
    example: str = ""
    optional: bool = False

    @property
    def words(self) -> str:
        choice = '"forever" or ' if self.forever else ""
        return f"{choice}a duration from {self.low} to {self.high}{', or empty' if self.optional else ''}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def _read(self, value: object) -> timedelta | None:
        if self.forever and (value is None or value == "forever"):
            return None
        if self.optional and (value is None or value == ""):
            return None
        if isinstance(value, str):
            value = parse_duration(value)
        if not isinstance(value, timedelta) or not parse_duration(self.low) <= value <= parse_duration(self.high):
            raise ValueError(self.words)
        return value


@record
class AbsolutePath:
    """A path from the root, of *longest_bytes* at most; *optional*: an empty text is taken too, and becomes None."""

    longest_bytes: int = 4095
    optional: bool = False
    example: str = ""

    @property
    def words(self) -> str:
        limit = f" of at most {self.longest_bytes} bytes" if self.longest_bytes < 4095 else ""
        return f"an absolute path{limit}{', or empty' if self.optional else ''}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def _read(self, value: object) -> Path | None:
        if self.optional and (value is None or value == ""):
            return None
        if not isinstance(value, str | Path) or "\0" in str(value):
            raise ValueError(self.words)
        path = Path(value)
        if not path.is_absolute() or len(bytes(path)) > self.longest_bytes:
            raise ValueError(self.words)
        return path


class RateText:
    """A rate, written as text: three requests at least, since all requests but new orders leave two slots free."""

    words = "a rate such as 28/30s: 3 to 1000 requests in 1s to 1h"
    example = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def _read(self, value: object) -> Rate:
        rate = Rate.parse(value) if isinstance(value, str) else value
        if isinstance(rate, Rate) and 3 <= rate.count <= 1000 and UNITS["s"] <= rate.per <= UNITS["h"]:
            return rate
        raise ValueError(self.words)


def known_zone(name: str) -> str:
    """Return *name* if it is a time zone's; else raise `Wrong` with the nearest one that is."""
    try:
        ZoneInfo(name)
    except (OSError, LookupError, ValueError):
        near = nearest(name, available_timezones())
        raise Wrong(f'did you mean "{near}"?' if near else 'write timezone = "Asia/Baghdad"') from None
    return name


def known_zone_or_empty(name: str) -> str:
    """Return *name* if it is empty or a time zone's."""
    return name and known_zone(name)


def queue_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return *names* if they are names of queues and all different."""
    if not 1 <= len(names) <= 100 or not all(map(QUEUE_NAME.fullmatch, names)):
        raise ValueError(names)
    if len(set(names)) < len(names):
        raise Wrong("name each queue once")
    if any(name.lower().startswith(PHP_QUEUE) for name in names):
        raise Wrong(f"no name may begin with {PHP_QUEUE}, where rows for PHP are set apart")
    return names


def host_name(host: str) -> str:
    """Return *host* in small letters if it is a name, with a port at most."""
    if "://" in host or "/" in host:
        raise Wrong("write the name alone, without https:// and without a path")
    if host and not HOST.fullmatch(host):
        raise ValueError(host)
    return host.lower()


def machine_name(name: str) -> str:
    """Return *name* if it is empty or names a machine."""
    if name and not MACHINE.fullmatch(name):
        raise ValueError(name)
    return name


def time_of_day(text: str) -> str:
    """Return *text* if it is empty or a time from 00:00 to 23:59."""
    if text == "24:00":
        raise Wrong('write digest = "00:00" for midnight')
    if text and not TIME_OF_DAY.fullmatch(text):
        raise ValueError(text)
    return text


def command_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return *words* if they are an argument list that a program can be started with, or none."""
    if any("\0" in word for word in words) or "" in words[:1]:
        raise ValueError(words)
    return words


def own_command_words(words: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return *words* if they name a program, or None."""
    if words == ():
        raise Wrong("name the program, or leave the key out")
    return words and command_words(words)


def argument_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return *names* if they are 50 names of arguments at most and all different."""
    if len(names) > 50 or not all(map(ARGUMENT_NAME.fullmatch, names)):
        raise ValueError(names)
    if len(set(names)) < len(names):
        raise Wrong("name each argument once")
    return names


def factor(times: int) -> int:
    """Return *times* if it is 0 or from 2 to 1000."""
    if times and not 2 <= times <= 1000:
        raise ValueError(times)
    return times


Texts = Annotated[tuple[str, ...], Field(strict=False)]
Flag = Annotated[bool, Expects("true or false")]


class Section(BaseModel):
    """A table of paranad.toml: nothing extra, nothing guessed, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PlacedSection(Section):
    """A table that knows which source says each of its keys, for problems that are found later."""

    _said_in: dict[str, Said | str] = PrivateAttr(default_factory=dict)

    def say(self, key: str, where: Said | str) -> None:
        """Note that *key* has the value that *where*, such as `schedule.d/own.toml`, says; a later source wins."""
        self._said_in.pop(key, None)
        self._said_in[key] = where

    def where(self, key: str) -> str:
        """Return the source that says *key*, else the last that says any key of the table; empty if none does."""
        return str(self._said_in.get(key) or next(reversed(self._said_in.values()), ""))

    def place(self, key: str) -> Said | str:
        """Return where *key* is set, so that a cure can name the place; empty if nowhere."""
        return self._said_in.get(key, "")
