"""What the courier's own message says: of its rate, of a right, of a fault that passes, of success. Pure.

Only the courier's message is looked at, never what a customer wrote. Source: courier API, "Envelope and errors".
"""

import re
import unicodedata

SAME_LETTERS = str.maketrans("أإآٱىیةؤئک", "ااااييهويك")
UNHEARD = re.compile(r"[\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Marks that change no word: tatweel, vowels, directions."""
QUOTED = re.compile(r"\"[^\"]*\"|«[^»]*»|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
"""Text in quotes is not the courier's own: a field's name, a customer's address."""


def folded(message: str) -> str:
    """Return *message* in the form that is compared: one spelling for each letter, no marks, nothing quoted."""
    text = UNHEARD.sub("", unicodedata.normalize("NFKC", QUOTED.sub(" ", message))).casefold()
    return " ".join(text.translate(SAME_LETTERS).split())


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


RATE = _any(
    r"\b(?:تجاوزتم?|تخطيتم?|تم (?:تجاوز|تخطي)) (?:ال)?حد\b",
    r"\b(?:تجاوزت?|تخطيت?)\b.{0,40}\b(?:ال|لل)?(?:طلبات|محاولات|نداءات)",
    r"\b(?:طلبات|محاولات) كثيره|عدد كبير من (?:ال)?(?:طلبات|محاولات)|كثره (?:ال)?(?:طلبات|محاولات)",
    r"\brate[ _-]?limit|too many (?:\w+ )?(?:requests|attempts|calls)|throttl",
    r"request limit|requests? per (?:second|minute)",
)
THING = _any(
    r"\b(?:و|ب|ل|ف)?(?:ال|ل)?(?:طول|حرف|احرف|حروف|اسم|سعر|مبلغ|وزن|قطع|قيمه|عنوان|ملاحظ|رقم|هاتف|نص|صور|حجم|كميه|ثمن)",
    r"\b(?:length|char|name|price|amount|weight|size)",
)
"""A part of the order that may exceed a limit of its own, which is not the rate."""
AUTHORITY = _any(
    r"\b(?:ليس|ليست|لا|لم|بدون|غير|عدم)\b.{0,25}صلاحي(?:ه|ات)\b|\bانته\w* (?:ال)?صلاحي",
    r"\b(?:ال)?جلس(?:ه|تك|تكم)\b",
    r"\b(?:ب|ل)?(?:ال)?(?:تسجيل|سجل|مسجل)\w* (?:ال)?دخول|اعاده (?:ال)?دخول|(?:الرجاء|يرجي) (?:ال)?دخول",
    r"\b(?:غير|لست|ليس) (?:مصرح|مخول|مفوض|مرخص|موثق)",
    r"توكن|\bرمز (?:ال)?(?:دخول|وصول|مصادقه|تفويض)|مصادقه|تفويض",
    r"كلمه (?:ال)?مرور|اسم (?:ال)?مستخدم",
    r"\b(?:ال)?حساب\w*.{0,15}(?:موقوف|محظور|معطل|مجمد|غير مفعل|غير فعال)",
    r"\btokens?\b|\bjwt\b|\bapi[ _-]?key\b|\blog(?:ged)?[ -]?in\b|\bsign(?:ed)?[ -]?in\b|\bsession\b",
    r"\bunauth\w+|\bnot auth\w+|\bauthenticat\w+|\bauthori[sz]ation|\bpermissions?\b|\baccess denied|\bcredentials?\b",
    r"\bforbidden\b(?! (?:word|char|item|value|symbol|good))",
)
PASSING = _any(
    r"\b(?:ال|لل)?محاوله (?:مره|ثانيه|لاحقا|مجددا|من جديد|بعد|في وقت)|\bحاولو?ا? (?:مره|ثانيه|لاحقا|مجددا|من جديد|بعد)",
    r"\b(?:اعد|اعاده) (?:ال)?محاوله|خطا في (?:ال)?شبكه|تحت (?:ال)?صيانه|(?:نظام|خادم|سيرفر)\w* مشغول",
    r"\btry (?:it )?(?:again|later)|\bretry\b|\bagain later|\btemporar|\bnetwork error|\bbusy\b|\bmaintenance\b",
)
FAULT = _any(
    r"غير (?:صحيح|صالح|موجود|متطابق)|(?<!خطا )غير معروف|صحح|تصحيح|مطلوب|يجب|خاطي",
    r"(?:تاكد|تحقق)(?! من (?:ال)?(?:اتصال|شبكه|انترنت))",
    r"\b(?:invalid|incorrect|correct|required|must|missing)\b|\bunknown (?!error)|(?<!went )\bwrong\b",
    r"\bcheck (?!(?:your|the) (?:internet|connection|network))",
)
"""The request's content is wrong: trying it again would not help."""
DONE = _any(
    r"\b(?:ب|ال)?نجاح\b|\bنجحت?\b|\bناجح|^تمت? (?:ال)?(?:انشاء|اضافه|حفظ|ارسال|تسجيل|استلام|قبول|ادخال|عمليه|طلب)",
    r"^تمت?\W*$|\bوصل (?:ال)?طلب|\bطلب\w* قيد (?:ال)?(?:معالجه|انتظار|تنفيذ|تجهيز|ارسال)",
    r"\bsuccess|^(?:ok(?:ay)?|done|accepted|pending|queued)\W*$|\b(?:created|added|saved|inserted)\b",
    r"\b(?:order|shipment|parcel)\b.{0,20}\b(?:placed|accepted|received|registered|submitted|processing|processed|queued)\b",
)
MADE = _any(
    r"\bتمت? (?:انشاء|اضافه|حفظ|ارسال|تسجيل|استلام|قبول|ادخال) (?:ال)?(?:طلب|شحن)",
    r"\b(?:order|shipment|parcel)\b.{0,20}\b(?:created|added|saved|inserted|placed|accepted|registered)\b",
)
"""The order was made, even if the message also speaks of a login, a rate or another try."""
NOT_DONE = _any(
    r"\b(?:لم|لا|لن|غير|عدم|ليس|فشلت?|تعذر|خطا|رفض|مرفوض)\b",
    r"\b(?:not|no|fail\w*|error|cannot|can't|couldn't|wasn't|could|can|must|unable|before|until|unless|once)\b",
)
ORDER_THERE = _any(
    r"\b(?:ال)?طلب\w* (?:مكرر|متكرر|موجود|مسجل|مضاف|مدخل|منشا)|\bتكرار (?:ال)?طلب",
    r"(?<!\bلا )\bيوجد طلب|\bفي طلب (?:اخر|سابق)",
    r"\b(?:انشاء|اضافه|ارسال|تسجيل|ادخال) (?:ال|هذا ال)?طلب.{0,25}(?:مسبقا|سابقا|من قبل)",
    r"\b(?:order|shipment|parcel)\b.{0,20}\balready\b|\balready\b.{0,20}\b(?:order|shipment|parcel)\b",
    r"\bduplicated? (?:order|shipment|parcel)|\border is (?:a )?duplicate|\b(?:order|shipment|parcel) exists\b",
)
THERE = _any(
    r"\b(?:موجود|مسجل|مضاف|مدخل|منشا)\w* (?:مسبقا|سابقا|بالفعل|من قبل)",
    r"\b(?:انشاء|اضافه|ارسال|تسجيل|ادخال)\b.{0,25}(?:مسبقا|سابقا|من قبل)",
    r"\balready\b|\bduplicated? (?:entry|request)|^duplicated?\W*$",
)
"""The order is there from before: a "refusal" that says so does not say that there is none."""
LATE = _any(r"\btimed?[ -]?out\b", r"\bانته\w* (?:ال)?(?:مهله|وقت)|\bنفد (?:ال)?وقت")
NOTHING_THERE = _any(r"\bلا (?:يوجد|توجد)\b", r"\bno (?:invoices?|orders?|data|records?)\b")


def says_rate(text: str) -> bool:
    """Tell whether a folded message says that too many requests came, and not that a field is too long."""
    return bool(RATE.search(text)) and not THING.search(text)


def says_authority(text: str) -> bool:
    """Tell whether a folded message speaks of a login, a token or a right."""
    return bool(AUTHORITY.search(text))


def says_passing(text: str) -> bool:
    """Tell whether a folded message asks to try the same again, and finds no fault with the request's content."""
    return bool(PASSING.search(text)) and not FAULT.search(text)


def says_done(text: str) -> bool:
    """Tell whether a folded message says that the request was done, or that the order was there before."""
    if ORDER_THERE.search(text) or (MADE.search(text) and not NOT_DONE.search(text)):
        return True
    if any(no.search(text) for no in (AUTHORITY, RATE, PASSING)):
        return False
    return bool(THERE.search(text)) or (bool(DONE.search(text)) and not says_no(text))


def says_unknown(text: str) -> bool:
    """Tell whether a folded message says that time ran out: the courier does not know either."""
    return bool(LATE.search(text)) and not AUTHORITY.search(text)


def says_no(text: str) -> bool:
    """Tell whether a folded message says no, for any reason."""
    return any(no.search(text) for no in (AUTHORITY, RATE, PASSING, FAULT, NOT_DONE))


def says_nothing_there(text: str) -> bool:
    """Tell whether a folded message says that nothing was found."""
    return bool(NOTHING_THERE.search(text))
