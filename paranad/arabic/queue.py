"""Arabic: what the queue, the schedule and the state know, by the codes of the facts."""

from collections.abc import Mapping

AS_IT_IS = "تُرك كما هو: استعِده من نسخة احتياطية"
ANOTHER_STATE_DIR = "حدّد مجلداً آخر في `daemon.state_dir`"
TOO_OLD = "لم يُستدرك: أقدم من `catch_up_window = {window}`"
BEYOND = "لم يُستدرك: زاد على `catch_up_limit = {limit}`"
MISSED = "فات: لم تستطع الخدمة تنفيذه في وقته"

_QUEUE: Mapping[str, str] = {
    "job.took_daemon_down": (
        "توقفت الخدمة بسببها: وُجدت قيد التنفيذ عند التشغيل (عدد المرات المتتالية {strikes})؛ "
        "راجع سجل آخر توقف، ثم أعدها أو احذفها"
    ),
    "job.not_retried": "المهمة {id} حالتها «{state}»، فلا تُعاد؛ لا تُعاد إلا المهام الفاشلة",
    "job.not_forgotten": "المهمة {id} حالتها «{state}»، فلا تُحذف؛ لا تُحذف إلا المهام الفاشلة",
    "job.unstorable_answer": "{task}: أجابت بما لا يمكن حفظه: {detail}",
    "job.unstorable_outcome": "{task}: تعذّر حفظ نتيجتها: {detail}",
    "job.no_outcome": "{task}: المتوقع نتيجة، وجاء `{type}`",
    "job.timed_out": "انتهت مهلتها: استغرقت أكثر من {seconds:second}",
    "job.taken": "أخذ جهاز آخر أو منفّذ آخر صف هذه المهمة من جدول `jobs`، فلا تُنفَّذ هنا",
    "job.cancelled_itself": "ألغت المهمة نفسها",
    "job.no_reason": "لم يُذكر سبب",
    "job.key_reused": (
        "سبق أن جاء `Idempotency-Key` بالقيمة {key} مع محتوى آخر؛ أرسل المحتوى الأول من جديد، أو استعمل مفتاحاً جديداً"
    ),
    "job.no_json": "{task}: المتوقع معاملات يتسع لها `JSON`، وجاء غيرها ({detail})",
    "job.not_found": "لا توجد المهمة {id}، أو لم تعد موجودة: ربما حُذفت لقِدمها؛ انظر `paranadctl jobs list`",
    "job.shielded": "لا يمكن إلغاء المهمة {id} الآن: نداء إنشاء طلب قيد الإرسال؛ أعد المحاولة",
    "job.end_not_storable": "لا يمكن إلغاء المهمة {id} قبل أن يمكن حفظ نهايتها: {reason}",
    "job.finished": "المهمة {id} حالتها «{state}»، فلا تُلغى؛ لا تُلغى إلا المهام المنتظرة والجارية",
    "queue.unknown": "طابور غير معروف: {queue}{known}",
    "queue.known": "؛ المعروف: {queues}",
    "daemon.stopping": "الخدمة تتوقف: لا يُحفظ شيء بعد الآن؛ أعد المحاولة حين تعمل",
    "daemon.not_stored": "الخدمة تتوقف: لم يُحفظ شيء",
    "control.no_cursor": '`cursor`: المتوقع قيمة `next_cursor` من جواب سابق، وجاء "{got}"؛ اتركه',
}

_SCHEDULE: Mapping[str, str] = {
    "schedule.no_program": "المتوقع برنامج، والموجود: {got}: {program}",
    "schedule.outcome": "{state}",
    "schedule.overlap": "تداخل: المهمة {id} لم تنتهِ بعد",
    "schedule.overlap_and": "{overlap}؛ {reason}",
    "schedule.unknown_entry": "لا موعد مجدول بهذا الاسم: {entry}{known}",
    "schedule.known_entries": "؛ الموجود: {entries}",
    "schedule.task_without_entry": '؛ مهمة بلا موعد: أضف لها `[schedule."{task}"]` مع `cron`، ثم `paranadctl reload`',
    "schedule.by_hand": "شُغّل يدوياً",
    "schedule.missed": MISSED,
    "schedule.missed_as": f"{MISSED}، ومعه سابقة (عددها {{earlier}})",
    "schedule.missed_as_many": f"{MISSED}، ومعه سابقة (أكثر من {{counted}})",
    "schedule.caught_up": "استُدرك",
    "schedule.caught_up_for": "استُدرك عن سابقة (عددها {earlier})",
    "schedule.caught_up_for_many": "استُدرك عن سابقة (أكثر من {counted})",
    "schedule.too_old": TOO_OLD,
    "schedule.too_old_as": f"{TOO_OLD}، ومعه سابقة (عددها {{earlier}})",
    "schedule.too_old_as_many": f"{TOO_OLD}، ومعه سابقة (أكثر من {{counted}})",
    "schedule.beyond": BEYOND,
    "schedule.beyond_as": f"{BEYOND}، ومعه سابقة (عددها {{earlier}})",
    "schedule.beyond_as_many": f"{BEYOND}، ومعه سابقة (أكثر من {{counted}})",
    "schedule.overlap_line": "تداخل: المهمة {id} لم تنتهِ بعد، وينتظرها موعد آخر",
    "schedule.waited": "انتظر حتى انتهت المهمة {id}",
    "schedule.delayed": "أُخّر عشوائياً {delay:duration}",
    "schedule.delayed_and": "{reason}؛ {delayed}",
    "schedule.given_up": "تُرك وهو ينتظر: عُطّل الموعد المجدول، أو تغيّرت أوقاته",
    "schedule.left_out": "فاتت قبله مواعيد لم تُستدرك (عددها {earlier})",
    "schedule.left_out_many": "فاتت قبله مواعيد لم تُستدرك (أكثر من {counted})",
    "schedule.all_paused": "كل شيء متوقف مؤقتاً",
    "schedule.all_paused_as": "كل شيء متوقف مؤقتاً، ومعه سابقة (عددها {earlier})",
    "schedule.all_paused_as_many": "كل شيء متوقف مؤقتاً، ومعه سابقة (أكثر من {counted})",
    "schedule.paused": "متوقف مؤقتاً",
    "schedule.paused_as": "متوقف مؤقتاً، ومعه سابقة (عددها {earlier})",
    "schedule.paused_as_many": "متوقف مؤقتاً، ومعه سابقة (أكثر من {counted})",
}

_STATE: Mapping[str, str] = {
    "state.locked": "يستعمل {holder} المجلد {path}: لا تعمل إلا خدمة واحدة؛ أوقف تلك، أو " + ANOTHER_STATE_DIR,
    "state.process": "العملية {pid}",
    "state.other_process": "عملية أخرى",
    "state.not_written": "تعذّرت الكتابة في {path} ({detail})؛ لم يُحفظ شيء: أخلِ مكاناً على قرصه ثم أعد المحاولة",
    "state.not_trusted": f"لا يمكن الوثوق بالملف {{path}} ({{detail}})؛ {AS_IT_IS}",
    "state.text_damaged": f"الملف {{path}} تالف (فيه نص ليس نصاً)؛ {AS_IT_IS}",
    "state.damaged": f"الملف {{path}} تالف ({{detail}})؛ {AS_IT_IS}",
    "state.not_ours": f"الملف {{path}} ليس `queue.db` من `paranad` ({{detail}})؛ {AS_IT_IS}، أو {ANOTHER_STATE_DIR}",
    "state.other_program": (
        f"{{path}}: المتوقع جداول `paranad`، والموجود جداول برنامج آخر؛ تُرك كما هو: انقله، أو {ANOTHER_STATE_DIR}"
    ),
    "state.not_sqlite": (
        f"{{path}}: المتوقع ملف `SQLite`، والموجود غيره؛ {AS_IT_IS}، أو انقله وابدأ بطابور فارغ: "
        "`paranad run --new-state`"
    ),
    "state.no_room": "{path}: لم يبقَ مكان على قرصه؛ أخلِ مكاناً ثم شغّل من جديد",
    "state.not_usable": (
        "{path}: المتوقع أن يقرأه مستخدم الخدمة ويكتب فيه، وجاء: {detail}؛ صحّح مالكه وصلاحياته، أو " + ANOTHER_STATE_DIR
    ),
    "state.lost": (
        "{path}: المتوقع ملف تشغيل سابق ترك هنا {left}، والموجود: {got}؛ لم يُغيَّر شيء: أعد الملف أو استعِده من نسخة "
        "احتياطية؛ ومن دون ذلك تضيع مهامه وسجل شحناته: للبدء بطابور فارغ: `paranad run --new-state`"
    ),
    "state.left_both": "{first} و{second}",
    "state.empty_file": "ملف فارغ",
    "state.no_file": "لا ملف كهذا",
    "state.from_future": (
        "كتب إصدارٌ أحدث من `paranad` الملف {path} (صيغته {form}، وهذا الإصدار يعرف {known})؛ "
        "ثبّت ذلك الإصدار من جديد، أو استعِد نسخة احتياطية أقدم"
    ),
    "state.gone": (
        "{what} والخدمة تعمل: لا يُؤخذ شيء بعد الآن؛ أوقف الخدمة لتعيد كتابة ما لديها: `systemctl restart paranad`"
    ),
    "state.file_gone": "الملف {path} مفقود",
    "state.file_replaced": "حلّ ملف آخر محل {path}",
    "state.not_written_back": "تعذّرت إعادة كتابة {path}: {detail}",
    "state.backup_under_way": "نسخة احتياطية أخرى قيد العمل: واحدة في كل مرة؛ أعد المحاولة حين تنتهي",
    "state.no_room_for_copy": "{path}: لا مكان لنسخة من `queue.db` ({detail})؛ أخلِ مكاناً ثم أعد المحاولة",
}

QUEUE: Mapping[str, str] = {**_QUEUE, **_SCHEDULE, **_STATE}
