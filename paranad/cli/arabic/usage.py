"""Arabic: what is wrong with a command line, by the codes of the facts."""

from collections.abc import Mapping

USAGE: Mapping[str, str] = {
    "usage.not_positive": "المتوقع عدد صحيح موجب، وجاء {got}",
    "usage.not_whole": "المتوقع عدد صحيح من 1 إلى {most}، وجاء {got}",
    "usage.not_known": "المتوقع إحدى القيم {known}، وجاء {got}{near}",
    "usage.not_a_day": "المتوقع يوم مثل `2026-03-01`، وجاء {got}",
    "usage.no_pair": "المتوقع `key=value`، وجاء {got}؛ اكتب مثلاً `order_id=12`",
    "usage.given_twice": "ذُكر {name} مرتين؛ اذكره مرة واحدة",
    "usage.dates_reversed": "اليوم {since} بعد `--date-to` {until}",
    "usage.filtered_ids": "الخياران `--task` و`--queue` يختاران من كل المهام الفاشلة؛ اكتب: `retry all --task NAME`",
    "usage.not_since": (
        "المتوقع كم مضى (`90s` أو `2h`)، أو وقت (`2026-03-01 14:00` أو `14:00`)، أو `today` أو `yesterday`، وجاء {got}"
    ),
    "usage.nobody_asked": "لا أحد هنا يمكن سؤاله؛ إن كنت متأكداً: `paranadctl shipments resend {order} --yes`",
    "usage.elsewhere": "لا يوجد أمر باسم `{name}`؛ جرّب: `{command}`",
    "usage.order": "لا يوجد أمر باسم `order`؛ جرّب: `paranadctl shipments show {order}` أو `paranadctl jobs list`",
    "daemon.no_journalctl": "لا يوجد `journalctl` على هذا الجهاز؛ سجل الخدمة حيث يذهب خرج أخطائها القياسي",
    "daemon.no_journal": (
        "لا سجل في {kept} ولا في {lost}: لا يعمل `systemd-journald` هنا؛ سجل الخدمة حيث يذهب خرج أخطائها القياسي"
    ),
    "daemon.journal_not_readable": "غير مسموح لك بقراءة سجل النظام",
}
