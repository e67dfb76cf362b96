"""Every Arabic text by its key, the counted nouns, and cron expressions in words."""

import re
from typing import NamedTuple

from paranad.arabic.acts import ACTS, ACTS_SCREENS
from paranad.arabic.alerts import ALERT_SCREENS, ALERTS
from paranad.arabic.coming import COMING, COMING_SCREENS
from paranad.arabic.control import CONTROL
from paranad.arabic.doctor import DOCTOR
from paranad.arabic.failures import FAILURES
from paranad.arabic.guard import GUARD, GUARD_FACTS
from paranad.arabic.machines import MACHINE_FACTS, MACHINES
from paranad.arabic.orders import ORDER_SCREENS, ORDERS, STANDINGS
from paranad.arabic.page import PAGE, PAGE_FACTS
from paranad.arabic.pages import ASKED, PAGES
from paranad.arabic.parcels import PARCEL_FACTS, PARCEL_SCREENS
from paranad.arabic.pauses import PAUSE_FACTS, PAUSES
from paranad.arabic.pictures import PICTURES
from paranad.arabic.queue import QUEUE
from paranad.arabic.reports import REPORT_FACTS, REPORT_SCREENS
from paranad.arabic.screens import SCREENS
from paranad.arabic.shipments import COURIER, SHIPMENTS
from paranad.arabic.shop import SHOP
from paranad.arabic.standby import STANDBY
from paranad.arabic.standby_watch import WATCHED, WATCHED_SCREENS

SAID = {
    **SHIPMENTS,
    **ORDERS,
    **PARCEL_FACTS,
    **PAUSE_FACTS,
    **COURIER,
    **CONTROL,
    **QUEUE,
    **COMING,
    **SHOP,
    **ALERTS,
    **ASKED,
    **PAGE_FACTS,
    **GUARD_FACTS,
    **ACTS,
    **REPORT_FACTS,
    **STANDBY,
    **MACHINE_FACTS,
    **WATCHED,
}
"""By the code of a fact."""
ARABIC = {
    **SCREENS,
    **ORDER_SCREENS,
    **STANDINGS,
    **COMING_SCREENS,
    **ALERT_SCREENS,
    **PAGES,
    **PARCEL_SCREENS,
    **PAUSES,
    **PAGE,
    **PICTURES,
    **GUARD,
    **MACHINES,
    **ACTS_SCREENS,
    **REPORT_SCREENS,
    **WATCHED_SCREENS,
    **FAILURES,
    **DOCTOR,
    **{f"said:{code}": words for code, words in SAID.items()},
}


class Noun(NamedTuple):
    """What is counted, in the forms that Arabic has."""

    one: str
    two: str
    few: str
    """3 to 10, and the same within each hundred."""
    many: str
    """11 to 99, and the same within each hundred."""
    other: str


NOUNS = {
    "job": Noun("مهمة واحدة", "مهمتان", "{} مهام", "{} مهمة", "{} مهمة"),
    "row": Noun("صف واحد", "صفان", "{} صفوف", "{} صفاً", "{} صف"),
    "order": Noun("طلب واحد", "طلبان", "{} طلبات", "{} طلباً", "{} طلب"),
    "shipment": Noun("شحنة واحدة", "شحنتان", "{} شحنات", "{} شحنة", "{} شحنة"),
    "parcel": Noun("طرد واحد", "طردان", "{} طرود", "{} طرداً", "{} طرد"),
    "day": Noun("يوم", "يومين", "{} أيام", "{} يوماً", "{} يوم"),
    "hour": Noun("ساعة", "ساعتين", "{} ساعات", "{} ساعة", "{} ساعة"),
    "minute": Noun("دقيقة", "دقيقتين", "{} دقائق", "{} دقيقة", "{} دقيقة"),
    "occurrence": Noun("موعد واحد", "موعدان", "{} مواعيد", "{} موعداً", "{} موعد"),
    "dinar": Noun("دينار واحد", "ديناران", "{} دنانير", "{} ديناراً", "{} دينار"),
    "time": Noun("مرة واحدة", "مرتين", "{} مرات", "{} مرة", "{} مرة"),
    "node": Noun("عقدة واحدة", "عقدتان", "{} عقد", "{} عقدة", "{} عقدة"),
    "replica": Noun("نسخة واحدة", "نسختين", "{} نسخ", "{} نسخة", "{} نسخة"),
    "second": Noun("ثانية", "ثانيتين", "{} ثوانٍ", "{} ثانية", "{} ثانية"),
}
"""By what a value's spec calls it. Units of time stand after a preposition, the others alone."""


UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
"""The nouns of the units of a duration."""
DURATION = "duration"
"""The spec of a value that is a duration."""


def counted(noun: str, count: float) -> str:
    """Return *count* with its noun in the form that the number asks for."""
    forms = NOUNS[noun]
    match count, count % 100:
        case 1, _:
            form = forms.one
        case 2, _:
            form = forms.two
        case _, last if 3 <= last <= 10:
            form = forms.few
        case _, last if last >= 11:
            form = forms.many
        case _:
            form = forms.other
    return form.format(count)


def spelt(duration: str) -> str | None:
    """Return the Arabic of a *duration* such as `1h30m` after a preposition; None if it is no such text."""
    parts = re.findall(r"([0-9]+)(d|h|m|s)", duration)
    if not parts or "".join(map("".join, parts)) != duration:
        return None
    return " و".join(counted(UNITS[unit], int(number)) for number, unit in parts)


DAYS = ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
"""By cron's number, where 0 and 7 are Sunday."""
NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_NUMBER = re.compile(r"\d{1,2}")
_STEP = re.compile(r"\*/(\d{1,2})")


def cron_words(cron: str) -> str | None:
    """Return the Arabic of *cron*, five fields; None if its form is not known here."""
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
