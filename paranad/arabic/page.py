"""Arabic: the frame, the pieces and the pages of the browser, by their English sentences."""

FRAME = {
    "Skip to what the page says": "إلى مضمون الصفحة",
    "Pages": "الصفحات",
    "More": "المزيد",
    "Now": "الآن",
    "Orders": "الطلبات",
    "Failed": "ما فشل",
    "Jobs": "المهام",
    "Doctor": "الفحص",
    "Log": "السجل",
    "without a shipment": "بلا شحنة",
    "need a person": "تحتاج إلى قرار شخص",
    "Sign out": "تسجيل الخروج",
    "paranad {version}": "`paranad {version}`",
    "process {pid}": "العملية {pid}",
    "the server's time: {time} (UTC{offset})": "وقت الخادم: {time} (`UTC{offset}`)",
    "the daemon does not answer": "الخدمة لا تجيب",
    "the daemon does not answer; this page waits for it": "الخدمة لا تجيب، وهذه الصفحة تنتظرها",
    "the daemon is back": "عادت الخدمة",
    "this page's own program has ended, or is out of reach; start it again: paranadctl web": (
        "انتهى برنامج هذه الصفحة أو تعذّر الوصول إليه؛ لتشغيله من جديد: `paranadctl web`"
    ),
    "the daemon is paranad {daemon}, this page is of paranad {page}: what the one does not know of the other is left "
    "out; start the page again after an update": (
        "الخدمة من الإصدار {daemon} وهذه الصفحة من الإصدار {page}، فما لا يعرفه أحدهما عن الآخر لا يظهر؛ "
        "أعد تشغيل الصفحة بعد التحديث"
    ),
}

PIECES = {
    "Show": "عرض",
    "Back": "رجوع",
    "Next page": "الصفحة التالية",
    "as a table": "على شكل جدول",
    "the whole": "النص كاملاً",
}

NOW = {
    "Let everything go on": "استئناف كل ما أُوقف",
    "Let {queue} go on": "استئناف الطابور {queue}",
    "Pause {queue}": "إيقاف الطابور {queue} مؤقتاً",
    "orders without a shipment": "طلبات بلا شحنة",
    "shipments that need a person": "شحنات تحتاج إلى قرار شخص",
    "failed jobs": "مهام فاشلة",
    "shipments that wait to be sent": "شحنات تنتظر الإرسال",
    "{used} of {limit}": "{used} من {limit}",
    "requests to the courier in {window:g} s": "النداءات إلى شركة التوصيل خلال {window:g} ثانية",
    "the oldest: {at}": "أقدمها: {at}",
    "the next {at}": "التالية {at}",
    "after the pause": "بعد انتهاء الإيقاف المؤقت",
    "when the courier answers": "حين تستجيب شركة التوصيل",
    "What is wrong, and what to do": "ما الخلل، وما الحل",
}

LOG = {
    "level": "المستوى",
    "time": "الوقت",
    "message": "الرسالة",
    "from {level} on": "من {level} فصاعداً",
    "such as 2h, 14:00 or yesterday": "مثل `2h` أو `14:00` أو `yesterday`",
    "its lines of the log": "أسطرها في السجل",
    "the log has no such line": "ليس في السجل سطر كهذا",
}

WRONG = {
    "There is no such page": "لا توجد صفحة كهذه",
    "this page has no such address; it may be of another version": (
        "ليس في هذه الصفحات عنوان كهذا؛ وقد يكون من إصدار آخر"
    ),
    "This page has a defect": "في هذه الصفحة عيب",
    "the daemon goes on; please report it. The terminal says the same: paranadctl status": (
        "الخدمة مستمرة؛ يرجى الإبلاغ عن العيب. والطرفية تقول الشيء نفسه: `paranadctl status`"
    ),
    "what it is stands where the page runs: in paranadctl web's terminal, or journalctl -u paranad-web": (
        "تفصيله حيث تعمل الصفحة: في طرفية `paranadctl web`، أو في `journalctl -u paranad-web`"
    ),
    "The daemon does not answer": "الخدمة لا تجيب",
    "You may not see this": "لا يحق لك الاطلاع على هذا",
    "There is no such thing": "لا يوجد شيء كهذا",
    "the daemon is of another version and does not know this page; after an update, restart it": (
        "الخدمة من إصدار آخر ولا تعرف هذه الصفحة؛ أعد تشغيلها بعد التحديث"
    ),
    "This cannot be shown": "تعذّر عرض هذا",
}

IN_TERMINAL = {
    "the page: {address}": "الصفحة: {address}",
    "the address opens it once, in one browser; press Enter here for another. The page is for this machine, and ends "
    "with Ctrl-C, or by itself after 30 minutes without a reader": (
        "العنوان يفتحها مرة واحدة في متصفح واحد؛ لعنوان آخر اضغط مفتاح الإدخال هنا. الصفحة لهذا الجهاز، وتنتهي "
        "بالضغط على `Ctrl-C`، أو من تلقاء نفسها بعد 30 دقيقة بلا قارئ"
    ),
    "nobody has looked at the page for 30 minutes, so it has ended": "لم ينظر أحد إلى الصفحة منذ 30 دقيقة، فانتهت",
}

PAGE = {**FRAME, **PIECES, **NOW, **LOG, **WRONG, **IN_TERMINAL}

PAGE_FACTS = {
    "page.port_taken": "المنفذ {port} على {host} يشغله برنامج آخر؛ اختر غيره بالخيار `--port`، أو لا تختر شيئاً",
    "page.port_refused": "تعذّر استعمال المنفذ {port} على {host} ({detail})؛ اختر غيره بالخيار `--port`",
    "page.log_stays": (
        "يبقى السجل في الطرفية، لأن من يقرؤه يستطيع قراءة سجل الجهاز كله؛ على الخادم: `paranadctl logs`"
    ),
    "daemon.journal_slow": (
        "لم يجب سجل النظام خلال {seconds:g} ثوانٍ؛ اطلب أقل من ذلك: مهمة واحدة، أو عملاً واحداً، أو وقتاً أقرب"
    ),
    "daemon.journal_refused": "لا ينفّذ `journalctl` ذلك: {detail}",
}
"""By the code of a fact."""
