"""Arabic: what --help says of the program, its commands, their options and arguments, by the English."""

import re

from paranad.cli.parsing import Page
from paranad.cli.usage import Labels, help_of
from paranad.text import LRI, PDI, rtl

HELP = {
    "Look after paranad: what runs, what failed, what to do about it.": (
        "متابعة paranad: ما الذي يعمل، وما الذي فشل، وما الحل."
    ),
    "Show this message and exit.": "عرض هذه الرسالة.",
    "Print what the API answered.": "طباعة جواب الخدمة كما هو بصيغة JSON.",
    "The daemon's control socket.": "مقبس التحكم بالخدمة.",
    "Language of the words: en or ar; else as LANG says.": "لغة الكلام: en أو ar؛ وإلا فكما في LANG.",
    "Print the version.": "طباعة رقم الإصدار.",
    "Show which machine works; set a second one up; hand over to it.": (
        "أي جهاز يعمل؛ وإعداد جهاز ثانٍ؛ وتسليم العمل إليه."
    ),
    "setup: the SQL of the lease's table, and whether it can be used; yield: hand over to another machine.": (
        "setup: أوامر SQL لجدول إذن العمل، وهل يصلح؛ yield: تسليم العمل إلى جهاز آخر."
    ),
    "Open the page here; print its one-time address.": ("فتح الصفحة هنا، وطباعة عنوانها الذي يصلح مرة واحدة."),
    "Set the password of paranad-web.service instead (as root).": (
        "حدّد كلمة مرور خدمة `paranad-web.service` بدلاً من ذلك (باسم `root`)."
    ),
    "This port; else 8377, or any that is free.": "هذا المنفذ؛ وإلا 8377، أو أي منفذ شاغر.",
    "Show all that an operator asks first, on one screen.": "كل ما يُسأل عنه أولاً في شاشة واحدة.",
    "Show it again every two seconds, until Ctrl-C.": "تكرار العرض كل ثانيتين حتى Ctrl-C.",
    "Sync courier orders now; print created, updated, failed.": (
        "مزامنة طلبات شركة التوصيل الآن مع عدد ما أُنشئ وحُدّث وفشل."
    ),
    "Only this courier status; may be given again.": "هذه الحالة وحدها؛ ويمكن تكرار الخيار.",
    "Only orders created on this day or later.": "الطلبات المنشأة في هذا اليوم أو بعده.",
    "Only orders created on this day or earlier.": "الطلبات المنشأة في هذا اليوم أو قبله.",
    "Enqueue it and return.": "وضعها في الطابور من دون انتظار.",
    "Put failed jobs back, with fresh tries.": "إعادة المهام الفاشلة بمحاولات جديدة.",
    "Ids of failed jobs, or all.": "أرقام المهام الفاشلة، أو all.",
    "Only jobs of this task.": "المهام التي بهذا الاسم وحدها.",
    "Show everything about one order, and what happens next.": "كل ما يخص طلباً واحداً، وماذا يحدث بعد ذلك.",
    "The order's id; or its own number, its courier id, or three or more last digits of a phone.": (
        "رقم الطلب؛ أو رقمه في المتجر، أو رقمه لدى شركة التوصيل، أو آخر ثلاثة أرقام من هاتف أو أكثر."
    ),
    "List orders without the shipment they need: why, until when.": ("الطلبات التي تنقصها شحنتها: لماذا، وإلى متى."),
    "Those without a shipment; no others are listed.": "التي لا شحنة لها؛ ولا تُعدَّد غيرها.",
    "Made since then, such as 2h or 2026-03-01; else in the last 30 days.": (
        "المنشأة منذئذ، مثل 2h أو 2026-03-01؛ وإلا ففي آخر 30 يوماً."
    ),
    "List parcels and money that need a person, and why.": "الطرود والمبالغ التي تحتاج إلى من يتابعها، ولماذا.",
    "Those of one kind alone: stuck, returning, uninvoiced, price, changed, cancelled.": (
        "نوع واحد وحده: stuck أو returning أو uninvoiced أو price أو changed أو cancelled."
    ),
    "Only about this order of the shop.": "ما يخص هذا الطلب في المتجر وحده.",
    "Only jobs whose task, arguments, error or result hold it.": (
        "المهام التي يرد النص في اسمها أو معطياتها أو خطئها أو حصيلتها."
    ),
    "Only jobs of this queue.": "مهام هذا الطابور وحده.",
    "Enqueue one job; print its id.": "وضع مهمة في الطابور وطباعة رقمها.",
    "The task's name, such as carts:expire.": "اسم المهمة، مثل carts:expire.",
    "The task's arguments. A value that reads as JSON is that (12, true, null, [1, 2]); any other is text.": (
        "معطيات المهمة. القيمة التي تُقرأ كصيغة JSON تؤخذ كذلك (12 وtrue)، وغيرها نص."
    ),
    "Not the task's own queue.": "طابور غير طابور المهمة.",
    "Seconds, or a text such as 90s or 2h; 30 days at most.": "عدد الثواني، أو نص مثل 90s أو 2h؛ 30 يوماً على الأكثر.",
    "Take it although the courier does not confirm it.": "اقبله وإن لم تؤكده شركة التوصيل.",
    "Wait until it has ended.": "الانتظار حتى تنتهي.",
    "Run a task now; print its result in words.": "تشغيل مهمة الآن وعرض حصيلتها.",
    "Show what it would touch or send, and do neither.": "عرض ما كانت ستغيّره أو ترسله، من دون تغيير أو إرسال.",
    "Let waiting jobs run now, snoozed or to be tried again.": (
        "تشغيل المهام المنتظرة الآن: المؤجلة، والتي تُعاد محاولتها."
    ),
    "Ids of waiting jobs, or all.": "أرقام المهام المنتظرة، أو all.",
    "Show the shop's settings in words; change one after asking.": "عرض إعدادات المتجر، وتغيير واحد بعد السؤال.",
    "The setting's name; without it: all of them.": "اسم الإعداد؛ ومن دونه كلها.",
    "What it is to be; - reads it from standard input, or asks without an echo.": (
        "القيمة الجديدة؛ أما - فيقرؤها من الدخل القياسي أو يطلبها من دون إظهار."
    ),
    "The courier's account.": "حساب شركة التوصيل.",
    "The alert command and the daily digest.": "أمر التنبيه والملخص اليومي.",
    "Show the digest of the last 24 hours as it would be sent.": "عرض ملخص آخر 24 ساعة كما كان سيُرسل.",
    "Send it by the alert command.": "إرساله بأمر التنبيه.",
    "What stands, how often told; mute a kind.": "المشاكل القائمة وكم مرة أُبلغ عنها؛ وكتم نوع منها.",
    "List what stands, how often told, and what is muted.": (
        "قائمة المشاكل القائمة: منذ متى، وكم مرة أُبلغ عنها؛ وما كُتم."
    ),
    "Tell nobody of a kind for a while; what still stands then is told.": (
        "كتم نوع مدةً؛ وما بقي قائماً بعدها يُبلَّغ عنه."
    ),
    "Tell of a kind again, at once of what was not told yet.": "إعادة التبليغ بنوع، وفوراً بما لم يُبلَّغ به بعد.",
    "The kind of alert, such as shipment-held.": "نوع التنبيه، مثل shipment-held.",
    "For how long: a text such as 90s or 2h; 30 days at most.": "المدة: نص مثل 90s أو 2h؛ 30 يوماً على الأكثر.",
    "Log in at the courier and list today's orders once.": ("الدخول إلى شركة التوصيل وطلب طلبات اليوم، مع عرض ما جاء."),
    "Run the alert command once with a test; say how it ended.": "تشغيل أمر التنبيه مرة بتجربة، مع عرض كيف انتهى.",
    "List every task, or show one with its arguments and schedule.": (
        "قائمة كل المهام، أو واحدة مع معاملاتها وموعدها."
    ),
    "The task's name; without it: all of them.": "اسم المهمة؛ ومن دونه كلها.",
    "Start no more jobs: of a queue, a task, an entry, or all.": (
        "إيقاف طابور أو مهمة أو موعد أو الكل مؤقتاً؛ ويبقى بعد إعادة التشغيل."
    ),
    "A queue, a task or a schedule entry; without it: everything.": ("طابور أو مهمة أو موعد مجدول؛ ومن دونه كل شيء."),
    "Ends by itself after seconds, or a text such as 2h; 30 days at most.": (
        "ينتهي من تلقاء نفسه بعد عدد من الثواني، أو نص مثل 2h؛ 30 يوماً على الأكثر."
    ),
    "Ends by itself at a time such as 06:00 or '2026-03-01 06:00'.": (
        "ينتهي من تلقاء نفسه في وقت مثل 06:00 أو '2026-03-01 06:00'."
    ),
    "Why; shown wherever the pause is.": "السبب؛ يظهر حيثما ظهر الإيقاف.",
    "A queue, a task or a schedule entry; without it: all that waits.": (
        "طابور أو مهمة أو موعد مجدول؛ ومن دونه كل ما ينتظر."
    ),
    "Go on after pause or drain.": "الاستئناف بعد الإيقاف المؤقت أو التفريغ.",
    "Finish what runs, take nothing new; until resume or a restart.": (
        "إنهاء ما يعمل من دون أخذ جديد؛ حتى الاستئناف أو إعادة التشغيل."
    ),
    "Tell what a stop now would cut, hand back and miss, and stop nothing.": (
        "ذكر ما يقطعه إيقاف الخدمة الآن وما يعيده وما يفوته، من دون إيقاف شيء."
    ),
    "Look for all that may be wrong; say why, and the cure.": "فحص كل ما قد يكون خطأ، مع السبب والحل.",
    "Show the log that the daemon keeps in the system's journal.": "عرض سجل الخدمة في سجل النظام.",
    "Go on with what comes, until Ctrl-C.": "متابعة ما يستجد حتى Ctrl-C.",
    "Only about this job.": "ما يخص هذه المهمة وحدها.",
    "Only about jobs of this task.": "ما يخص المهام التي بهذا الاسم.",
    "From debug, info, warning, error upwards.": "من debug أو info أو warning أو error فما فوق.",
    'Such as 2h, "2026-03-01 14:00", 14:00, yesterday; by the clock of this machine.': (
        'مثل 2h أو "2026-03-01 14:00" أو yesterday؛ بحسب ساعة هذا الجهاز.'
    ),
    "Write a consistent copy of queue.db, readable by you alone.": "كتابة نسخة متسقة من queue.db لا يقرؤها غيرك.",
    "Where to; it must not exist yet.": "إلى أين؛ ويجب ألا يكون موجوداً.",
    "Write one archive for whoever helps: no names, no secrets.": "كتابة تقرير لمن يُطلب عونه: بلا أسماء ولا أسرار.",
    "Where to: a tar.gz, or a zip if it ends in .zip; it must not exist yet.": (
        "إلى أين: tar.gz، أو zip إن انتهى الاسم بـ .zip؛ ويجب ألا يكون موجوداً."
    ),
    "Show the figures for a monitor, in Prometheus' text format.": ("أرقام لبرنامج المراقبة بصيغة Prometheus."),
    "Write them there, whole or not at all.": "كتابتها في هذا الملف، كاملة أو لا شيء.",
    "Re-read the configuration, all or nothing.": "قراءة الإعدادات من جديد، كلها أو لا شيء.",
    "Failed jobs, with error, traceback and attempts.": "المهام الفاشلة مع أخطائها ومحاولاتها.",
    "List failed jobs, the newest first.": "قائمة المهام الفاشلة، الأحدث أولاً.",
    "At most so many.": "العدد الأقصى.",
    "Show one job with its attempts, and its error or result.": "عرض مهمة مع محاولاتها وخطئها أو حصيلتها.",
    "The job's id.": "رقم المهمة.",
    "Delete one failed job.": "حذف مهمة فاشلة.",
    "Delete all failed jobs, or those of a task or queue.": "حذف كل المهام الفاشلة، أو ما يخص اسماً أو طابوراً.",
    "Any job: list, show, cancel.": "أي مهمة: القائمة والعرض والإلغاء.",
    "List jobs, the newest first.": "قائمة المهام، الأحدث أولاً.",
    "Cancel a waiting or running job.": "إلغاء مهمة تنتظر أو تعمل.",
    "The schedule: last run, outcome, next run.": "الجدول: آخر مرة ونتيجتها والمرة القادمة.",
    "List the schedule: cron in words, last run, outcome, next run.": (
        "قائمة الجدول: متى، وآخر مرة ونتيجتها، والمرة القادمة."
    ),
    "Show when entries are due next, over clock changes. "
    "With a fixed hour, a time that a clock change leaves out runs at the next one that exists, and one that comes "
    'twice runs the first time only: in Europe/Berlin "30 2 * * *" runs at 03:00 on 2027-03-28, and once on '
    '2027-10-31. An hour that begins with * follows the clock: there "30 * * * *" leaves out 02:30 on the first day, '
    "and runs at both 02:30 on the second.": (
        "عرض متى تحين المواعيد القادمة، مع تغييرات الساعة. إن كانت الساعة محددة فالوقت الذي يُسقطه تغيير الساعة يعمل "
        "عند أول وقت موجود بعده، والذي يأتي مرتين يعمل في الأولى وحدها: في Europe/Berlin يعمل "
        '"30 2 * * *" عند 03:00 يوم 2027-03-28، ومرة واحدة يوم 2027-10-31. والخانة التي تبدأ بالعلامة "*" تتبع الساعة: '
        'هناك يترك "30 * * * *" الوقت 02:30 في اليوم الأول، ويعمل عند 02:30 مرتين في الثاني.'
    ),
    "Run occurrences of the past, one after another; none twice. "
    "For commands with {date} or {occurrence} in a word, and for alwaseet:sync-orders once the configuration has an "
    "entry of it: it then syncs the orders of the occurrence's day. At most 100 at once; asks before more than 5. "
    "What ran is known of the last 1,000 runs.": (
        "تشغيل مرات من الماضي، واحدة بعد أخرى، من دون تكرار أي منها. "
        "للأوامر التي في إحدى كلماتها {date} أو {occurrence}، ولمهمة alwaseet:sync-orders إن كان لها موعد في "
        "الإعدادات: فتزامن طلبات يوم تلك المرة. مئة على الأكثر معاً؛ ويُسأل قبل أكثر من 5. "
        "وما عمل من قبل معروف من آخر 1,000 مرة عملت."
    ),
    'From T on: 2027-03-01, 14:00 or "2027-03-01 14:00", in the zone of the entry.': (
        'من هذا الوقت فصاعداً: 2027-03-01 أو 14:00 أو "2027-03-01 14:00"، بتوقيت الموعد.'
    ),
    "Until T, included; a day alone is the whole day.": "حتى هذا الوقت ضمناً؛ واليوم وحده يعني اليوم كله.",
    "Run no more of those that wait; the one that runs goes on.": "لا تُشغَّل التي تنتظر؛ أما التي تعمل فتستمر.",
    "The schedule entry's name; without it: all.": "اسم الموعد المجدول؛ ومن دونه كل المواعيد.",
    "So many instants of each entry: 5 of one, else 1.": "كم مرة من كل موعد: 5 لموعد واحد، وإلا فمرة.",
    'From T on: 2027-03-28, 14:00 or "2027-03-28 14:00", in the zone of the entry.': (
        'من هذا الوقت فصاعداً: 2027-03-28 أو 14:00 أو "2027-03-28 14:00"، بتوقيت الموعد.'
    ),
    "Enqueue an entry's job now.": "وضع مهمة الموعد في الطابور الآن.",
    "Pause an entry, over restarts too.": "إيقاف موعد مؤقتاً، وإن أُعيد التشغيل.",
    "Resume an entry from now; what it missed is not caught up.": "استئناف موعد من الآن؛ ولا يُعوَّض ما فات.",
    "Show an entry's history, the last handled first.": ("عرض ما آلت إليه مرات الموعد، آخر ما عولج أولاً."),
    "The schedule entry's name.": "اسم الموعد المجدول.",
    "What is not yet recorded, and your decision.": "ما لم يُسجّل بعد، وقرارك فيه.",
    "List shipments that are not yet recorded, and why.": "قائمة الشحنات التي لم تُسجّل بعد، والسبب.",
    "Show what is known of one order's shipment.": "عرض ما يُعرف عن شحنة طلب.",
    "The shop's order id.": "رقم الطلب في المتجر.",
    "Say which courier order is the shipment.": "تحديد طلب شركة التوصيل الذي هو الشحنة.",
    "The courier's id of the order that is this shipment.": "رقم الطلب لدى شركة التوصيل.",
    "Send a held shipment: the courier lacks it, or both are wanted.": (
        "إرسال شحنة موقوفة: ليست لدى شركة التوصيل، أو الطلبان مطلوبان."
    ),
    "Do not ask.": "من دون سؤال.",
    "Compare the shipment journal with the courier's list now.": "مطابقة سجل الشحنات مع قائمة شركة التوصيل الآن.",
}
ALONE = " Alone: list.", " وحده: القائمة."
STATES = re.compile(r"One of ([\w, ]+)\.")

_ARABIC = re.compile(r"(?m)(?:^|(?<=  ))(?! )(?:(?!  )[^\u0600-\u06ff\n])*[\u0600-\u06ff].*")
"""A text with Arabic, from where its column begins."""
_WORD = r"[^\s\u0600-\u06ff\"()]"
_LATIN = re.compile(rf"\"[^\"]*\"|{_WORD}*[A-Za-z]{_WORD}*(?: {_WORD}+)*")
"""What is read from left to right: what stands in quotes, and a word with a letter with what follows it."""


def help_in_arabic(page: Page, *, terminal: bool) -> str:
    """Return what --help shows of *page*; on a terminal with both directions in order."""
    shown = help_of(page, LABELS)
    return _ARABIC.sub(lambda found: _ordered(found[0]), shown) if terminal else shown


def in_arabic(english: str) -> str:
    """Return the Arabic of a sentence of --help; one without Arabic stays."""
    plain = " ".join(english.split())
    if plain.endswith(ALONE[0]):
        return f"{HELP.get(plain.removesuffix(ALONE[0]), plain)}{ALONE[1]}"
    if states := STATES.fullmatch(plain):
        return f"إحدى القيم {states[1]}."
    return HELP.get(plain, english)


LABELS = Labels(
    usage="الاستعمال:",
    arguments="المعطيات:",
    options="الخيارات:",
    commands="الأوامر:",
    required="[مطلوب]",
    default="[الافتراضي: {value}]",
    example="مثال: {example}",
    everywhere=(
        "كل أمر يقبل --json و--socket PATH و--lang en|ar. رموز الخروج: 0 تم، 1 فشل، 2 استعمال خاطئ، 3 لا خدمة تستجيب، "
        "4 لا يوجد، 5 غير مسموح، 130 بعد Ctrl-C."
    ),
    told=in_arabic,
)


def _ordered(text: str) -> str:
    return rtl(_LATIN.sub(lambda found: _set_apart(found[0]), text))


def _set_apart(latin: str) -> str:
    """Isolate *latin*; a stop or a colon at its end is the sentence's, an ellipsis is not."""
    end = len(latin) if latin.endswith("...") else len(latin.rstrip(".:"))
    return f"{LRI}{latin[:end]}{PDI}{latin[end:]}"
