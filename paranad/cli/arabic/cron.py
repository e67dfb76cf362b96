"""Arabic: when an entry is due, for the forms of cron that shops use; any other stays the expression itself."""

import re

from paranad.cli.arabic.words import counted

DAYS = ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
"""By cron's number, where 0 and 7 are Sunday."""
NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_NUMBER = re.compile(r"\d{1,2}")
_STEP = re.compile(r"\*/(\d{1,2})")


def cron_words(cron: str) -> str | None:
    """Return the Arabic of *cron*, five fields; None where it is of no form that is known here."""
    match cron.split():
        case [minute, hour, "*", "*", "*"]:
            return _within_a_day(minute, hour)
        case [minute, hour, "*", "*", weekday] if (clock := _clock(minute, hour)) and (name := _weekday(weekday)):
            return f"كل يوم {name} {clock}"
        case [minute, hour, day, "*", "*"] if (clock := _clock(minute, hour)) and _NUMBER.fullmatch(day):
            return f"شهرياً يوم {day}، {clock}"
        case _:
            return None


def _within_a_day(minute: str, hour: str) -> str | None:
    if clock := _clock(minute, hour):
        return f"يومياً {clock}"
    if hour == "*":
        if minute == "*":
            return "كل دقيقة"
        if step := _STEP.fullmatch(minute):
            return f"كل {counted('minute', int(step[1]))}"
        return ("كل ساعة" if minute == "0" else f"كل ساعة عند الدقيقة {minute}") if _NUMBER.fullmatch(minute) else None
    if (step := _STEP.fullmatch(hour)) and minute == "0":
        return f"كل {counted('hour', int(step[1]))}"
    return None


def _clock(minute: str, hour: str) -> str | None:
    if _NUMBER.fullmatch(minute) and _NUMBER.fullmatch(hour):
        return f"{int(hour):02}:{int(minute):02}"
    return None


def _weekday(field: str) -> str | None:
    if field.lower() in NAMES:
        return DAYS[NAMES.index(field.lower())]
    return DAYS[int(field)] if field in {"0", "1", "2", "3", "4", "5", "6", "7"} else None
