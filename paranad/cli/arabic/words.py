"""Arabic: every sentence by its key. What is typed or read from left to right stands in backticks."""

from typing import NamedTuple

from paranad.cli.arabic.alerts import ALERTS
from paranad.cli.arabic.config import CONFIG
from paranad.cli.arabic.control import CONTROL
from paranad.cli.arabic.courier import COURIER
from paranad.cli.arabic.doctor import DOCTOR
from paranad.cli.arabic.failures import FAILURES
from paranad.cli.arabic.queue import QUEUE
from paranad.cli.arabic.screens import SCREENS
from paranad.cli.arabic.shipments import SHIPMENTS
from paranad.cli.arabic.shop import SHOP
from paranad.cli.arabic.usage import USAGE

SAID = {**USAGE, **CONFIG, **SHIPMENTS, **COURIER, **CONTROL, **QUEUE, **SHOP, **ALERTS}
"""By the code of a fact."""
ARABIC = {**SCREENS, **FAILURES, **DOCTOR, **{f"said:{code}": words for code, words in SAID.items()}}


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
    "shipment": Noun("شحنة واحدة", "شحنتان", "{} شحنات", "{} شحنة", "{} شحنة"),
    "day": Noun("يوم", "يومين", "{} أيام", "{} يوماً", "{} يوم"),
    "hour": Noun("ساعة", "ساعتين", "{} ساعات", "{} ساعة", "{} ساعة"),
    "minute": Noun("دقيقة", "دقيقتين", "{} دقائق", "{} دقيقة", "{} دقيقة"),
    "dinar": Noun("دينار واحد", "ديناران", "{} دنانير", "{} ديناراً", "{} دينار"),
    "second": Noun("ثانية", "ثانيتين", "{} ثوانٍ", "{} ثانية", "{} ثانية"),
}
"""By what a value's spec calls it. Units of time stand after a preposition, the others alone."""


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
