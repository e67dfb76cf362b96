"""Arabic: the page's pictures and their tables, by their English sentences."""

PICTURES = {
    "Shipments and failures a day": "الشحنات والإخفاقات في كل يوم",
    "Jobs an hour, and how long they waited": "المهام في كل ساعة ومدة انتظارها",
    "Requests to the courier a minute": "النداءات إلى شركة التوصيل في كل دقيقة",
    "The last {count} runs of each entry": "آخر {count} مرة لكل موعد مجدول",
    "The last {count} runs of {name}": "آخر {count} مرة للموعد `{name}`",
    "{what}, highest: {most:,}": "{what}، الأعلى: {most:,}",
    "waited, longest: {longest}": "مدة الانتظار، الأطول: {longest}",
    "allowed: {limit:g} a minute": "المسموح به: {limit:g} في الدقيقة",
    "shipments": "الشحنات",
    "failures": "الإخفاقات",
    "jobs": "المهام",
    "requests": "النداءات",
    "day": "اليوم",
    "hour": "الساعة",
    "minute": "الدقيقة",
    "median": "الوسيط",
    "95 of 100": "95 من كل 100",
    "waited, median": "الانتظار، الوسيط",
    "waited, 95 of 100": "الانتظار، 95 من كل 100",
    "unknown": "غير معروف",
    "{days:day}: {shipments:shipment}, failed {failures:job}": (
        "خلال {days:day}: {shipments:shipment}، وفشل {failures:job}"
    ),
    "{hours:hour}: {jobs:job}": "خلال {hours:hour}: {jobs:job}",
    "{minutes:minute}: requests {requests}, allowed {limit:g} a minute": (
        "خلال {minutes:minute}: النداءات {requests}، والمسموح به {limit:g} في الدقيقة"
    ),
    "unknown: {count} of {all}": "غير معروف: {count} من {all}",
    "{kind} {count}": "{kind} {count}",
    "{count:,}": "{count:,}",
    "completed": "مكتملة",
    "not run": "لم تُنفَّذ",
    "waiting": "في الانتظار",
}
