"""A pause as a caller asks for it: how long or until when, and why, read and checked; and who asks."""

import asyncio
import pwd
import unicodedata
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from paranad.configuration.durations import format_duration, parse_duration
from paranad.control import requests
from paranad.control.connections import peer_of
from paranad.control.framework import Body, Depends, Request
from paranad.control.routes import DaemonDep
from paranad.errors import InvalidRequest
from paranad.log.redaction import redact
from paranad.queue.pause import LONGEST, Pause
from paranad.said import Said, Sentence
from paranad.schedule.instants import read_instant
from paranad.shipments.phone import without_phones
from paranad.wording import encodable, one_line, quotable

LONGEST_REASON = 200
LONGEST_DAYS = LONGEST.days

TWO_ENDS = Sentence("pause.two_ends", "for and until: expected one of the two, got both; leave one of them out")
FOR_UNREADABLE = Sentence("pause.for_unreadable", '{name}: {expected}, got "{got}"')
FOR_NOTHING = Sentence("pause.for_nothing", "{name}: expected more than no time, got {got}")
FOR_TOO_LONG = Sentence(
    "pause.for_too_long",
    "{name}: expected at most {days:day}, got {got}; without it the pause lasts until somebody resumes",
)
UNTIL_PAST = Sentence("pause.until_past", "{name}: expected an instant after now, which is {now}, got {got}")
UNTIL_TOO_FAR = Sentence(
    "pause.until_too_far",
    "{name}: expected an instant at most {days:day} ahead, got {got}; "
    "without it the pause lasts until somebody resumes",
)
REASON_EMPTY = Sentence("pause.reason_empty", "{name}: expected some words, got none; leave it out")
REASON_TOO_LONG = Sentence("pause.reason_too_long", "{name}: expected at most {most} characters, got {got}")


async def asked_pause(
    request: Request, daemon: DaemonDep, asked: Annotated[requests.Pause, Body(default_factory=requests.Pause)]
) -> Pause:
    """Return the pause that a caller asks for, from now on.

    Raises:
        InvalidRequest: its end or its reason is nothing to go by.
    """
    return pause_from(asked, daemon.clock.now(), daemon.zone, await caller_of(request))


PauseDep = Annotated[Pause, Depends(asked_pause)]


async def caller_of(request: Request) -> str:
    """Return who asks: the user's name; `uid` and the number if it has none."""
    return await asyncio.to_thread(name_of, peer_of(request.scope).uid)


def name_of(uid: int) -> str:
    """Return a user's name; `uid` and the number if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def pause_from(asked: requests.Pause, now: datetime, zone: ZoneInfo, by: str) -> Pause:
    """Return what *asked* means at *now* in *zone*.

    Raises:
        InvalidRequest: its end or its reason is nothing to go by.
    """
    if asked.lasts is not None and asked.until is not None:
        raise InvalidRequest(TWO_ENDS())
    until = None
    if asked.lasts is not None:
        until = now + read_length(asked.lasts)
    elif asked.until is not None:
        until = read_end(asked.until, now, zone)
    reason = None if asked.reason is None else read_reason(asked.reason)
    return Pause(since=now, until=until, reason=reason, by=by)


def read_length(lasts: float | str, too_long: Sentence = FOR_TOO_LONG) -> timedelta:
    """Return how long *lasts* is, seconds or a text such as `2h`; *too_long* says what to do instead of a longer one.

    Raises:
        InvalidRequest: it cannot be read, is no time at all, or longer than LONGEST.
    """
    try:
        length = parse_duration(lasts.strip()) if isinstance(lasts, str) else timedelta(seconds=lasts)
    except ValueError as error:
        expected = error.args[0]
        raise InvalidRequest(
            FOR_UNREADABLE(
                name="for", expected=expected if isinstance(expected, Said) else str(expected), got=quotable(str(lasts))
            )
        ) from None
    if length <= timedelta():
        raise InvalidRequest(FOR_NOTHING(name="for", got=quotable(str(lasts))))
    if length > LONGEST:
        raise InvalidRequest(too_long(name="for", days=LONGEST_DAYS, got=format_duration(length)))
    return length


def read_end(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant that *text* names: with an offset, or the next at which the clock of *zone* shows it.

    Raises:
        InvalidRequest: it cannot be read, the wall clock never shows it, or it is not within LONGEST from now.
    """
    end = read_instant("until", text, zone, now, ahead=True)
    shown = f"{end.astimezone(zone):%Y-%m-%d %H:%M}"
    if end <= now:
        raise InvalidRequest(UNTIL_PAST(name="until", now=f"{now.astimezone(zone):%Y-%m-%d %H:%M}", got=shown))
    if end - now > LONGEST:
        raise InvalidRequest(UNTIL_TOO_FAR(name="until", days=LONGEST_DAYS, got=shown))
    return end


def read_reason(text: str) -> str:
    """Return a reason as it is kept: one line, without control characters, secrets and whole phones.

    Raises:
        InvalidRequest: nothing is left of it, or it is longer than LONGEST_REASON.
    """
    visible = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in encodable(text))
    reason = one_line(without_phones(redact(visible)))
    if not reason:
        raise InvalidRequest(REASON_EMPTY(name="reason"))
    if len(reason) > LONGEST_REASON:
        raise InvalidRequest(REASON_TOO_LONG(name="reason", most=LONGEST_REASON, got=len(reason)))
    return reason
