"""Arabic: the screens, by their English sentences; states and outcomes, by their names."""

TIMES = {
    "now": "الآن",
    "in {count} d": "بعد {count:day}",
    "in {count} h": "بعد {count:hour}",
    "in {count} min": "بعد {count:minute}",
    "in {count} s": "بعد {count:second}",
    "{count} d ago": "قبل {count:day}",
    "{count} h ago": "قبل {count:hour}",
    "{count} min ago": "قبل {count:minute}",
    "{count} s ago": "قبل {count:second}",
    "{count:.0f} ms": "{count:.0f} مللي ثانية",
    "{count:.1f} s": "{count:.1f} ثانية",
    "{minutes} min {seconds:02} s": "{minutes} د {seconds:02} ث",
    "{hours} h {minutes:02} min": "{hours} س {minutes:02} د",
}

STATES = {
    "state.named": "{words} (`{state}`)",
    "state:scheduled": "لوقت لاحق",
    "state:available": "جاهزة",
    "state:running": "قيد التنفيذ",
    "state:retryable": "ستُعاد",
    "state:completed": "مكتملة",
    "state:failed": "فاشلة",
    "state:cancelled": "ملغاة",
    "state:pruned": "حُذفت لقِدمها",
    "state:snoozed": "مؤجلة",
    "state:timed_out": "انتهت مهلتها",
    "state:handed_back": "أُعيدت إلى الطابور",
    "state:recovered": "استُرجعت بعد انقطاع",
    "state:intended": "نيّة مسجلة",
    "state:created": "لدى شركة التوصيل",
    "state:recorded": "مسجّلة في المتجر",
    "state:withdrawn": "مسحوبة",
    "state:held": "موقوفة بانتظار قرار",
    "state:sent": "أُرسلت",
    "state:refused": "مرفوضة",
    "state:unclear": "غير واضحة",
    "state:enqueued": "وُضعت في الطابور",
    "state:skipped": "لم تُنفَّذ",
    "state:schedule": "الجدول",
    "state:operator": "المشغّل",
    "state:shop": "المتجر",
    "state:starting": "قيد البدء",
    "state:ready": "جاهزة",
    "state:draining": "قيد التفريغ",
    "state:stopping": "قيد الإيقاف",
    "state:automatic": "تلقائية",
    "state:manual": "يدوية",
    "state:success": "ناجحة",
}

LABELS = {
    "id": "الرقم",
    "state": "الحالة",
    "task": "اسم المهمة",
    "queue": "الطابور",
    "tries spent": "المحاولات المحسوبة",
    "when": "متى",
    "what": "التفاصيل",
    "value": "القيمة",
    "error": "الخطأ",
    "asked by": "طلبها",
    "one per": "المفتاح الفريد",
    "created": "أُنشئت",
    "due": "تُستحق",
    "started": "بدأت",
    "finished": "انتهت",
    "outcome": "النتيجة",
    "took": "المدة",
    "try": "المحاولة",
    "spent": "محسوبة",
    "kept": "غير محسوبة",
    "failed": "فشل",
    "entry": "الموعد المجدول",
    "last": "آخر مرة",
    "next": "القادمة",
    "occurrence": "المرة",
    "job": "رقم المهمة",
    "reason": "السبب",
    "order": "الطلب",
    "reference": "المرجع",
    "courier id": "رقم التوصيل",
    "since": "منذ",
    "why": "السبب",
    "sent": "أُرسلت",
    "phone": "الهاتف",
    "price": "السعر",
    "detail": "التفاصيل",
    "intended": "سُجّلت النيّة",
    "recorded": "سُجّلت في المتجر",
    "available": "جاهزة",
    "running": "قيد التنفيذ",
    "scheduled": "لوقت لاحق",
    "retryable": "ستُعاد",
    "progress": "التقدم",
    "courier": "شركة التوصيل",
    "shop": "المتجر",
    "jobs table": "جدول `jobs`",
    "PHP": "`PHP`",
    "last sync": "آخر مزامنة",
    "none": "لا شيء",
    "ok": "سليم",
    "warning": "تنبيه",
    "cure": "الحل",
}

ADVICE = {
    "likely cause: {cause}": "السبب المحتمل: {cause}",
    "cure: {cure}": "الحل: {cure}",
    "what it means: {meaning}": "المعنى: {meaning}",
    "what to do: {cure}": "المطلوب: {cure}",
    "why: paranadctl failed show ID    again: paranadctl retry ID": (
        "لمعرفة السبب: `paranadctl failed show ID` وللإعادة: `paranadctl retry ID`"
    ),
    "paranadctl: {problem}": "`paranadctl`: {problem}",
    "why: paranadctl doctor": "لمعرفة السبب: `paranadctl doctor`",
    "what ends in … is whole in a wider window, and in a pipe (| cat)": (
        "ما ينتهي بالعلامة … يظهر كاملاً في نافذة أعرض أو عبر أنبوب (`| cat`)"
    ),
    "help: {command} --help": "للمساعدة: `{command} --help`",
    "nothing was typed, so nothing is done": "لم يُكتب شيء، فلم يُنفَّذ شيء",
    "there are more than {count}; ask with --limit N": ("القائمة أطول من هذه ({count})؛ حدّد العدد بالخيار `--limit N`"),
}

DOCTOR = {
    "looking around; it takes some seconds": "جارٍ الفحص؛ يستغرق بضع ثوانٍ",
    "failed {failed}, warning {warning}, ok {ok}": "فشل {failed}، تنبيه {warning}، سليم {ok}",
}

STATUS = {
    "paranad {version} is {state}, process {pid}, started {since}": (
        "الخدمة `paranad {version}` {state}، العملية {pid}، بدأت {since}"
    ),
    "paranad {version} is {state}, process {pid}: {busy} of {workers} workers busy, {available} jobs available, "
    "{entries} schedule entries": (
        "الخدمة `paranad {version}` {state}، العملية {pid}: المنفّذون المشغولون {busy} من {workers}، "
        "المهام الجاهزة {available}، المواعيد المجدولة {entries}"
    ),
    "configuration: {file}": "الإعدادات: {file}",
    "no file; what is set otherwise, and the defaults, hold": "لا ملف؛ يسري ما ضُبط بغيره والقيم الافتراضية",
    "queue.db: {reason}": "`queue.db`: {reason}",
    "cannot be written": "لا يمكن الكتابة فيه",
    "! {note}": "! {note}",
    "Queues ({busy} of {workers} workers busy)": "الطوابير (المنفّذون المشغولون {busy} من {workers})",
    "paused": "متوقف مؤقتاً",
    "open": "مفتوح",
    "Running": "قيد التنفيذ",
    "nothing": "لا شيء",
    "{count} done": "أُنجز {count}",
    "{bar} {done} of {total}": "{bar} {done} من {total}",
    "{spent} of {tries}": "{spent} من {tries}",
    "Failed ({count})": "الفاشلة ({count})",
    "Schedule": "الجدول",
    "empty": "فارغ",
    "Outside": "الأطراف الخارجية",
    "login refused: {reason}; {limit}": "رُفض تسجيل الدخول: {reason}؛ {limit}",
    "asked us to wait until {until}; {limit}": "طلبت التريّث إلى {until}؛ {limit}",
    "its door is closed: no order is sent, since {since}; asked again {next}; {limit}": (
        "بابها مغلق: لا يُرسل أي طلب، بدأ ذلك {since}؛ تُسأل من جديد {next}؛ {limit}"
    ),
    "answers again: one order is sent first; {limit}": "استجابت من جديد: يُرسل طلب واحد أولاً؛ {limit}",
    "login ok": "تسجيل الدخول سليم",
    "not logged in yet": "لم يُسجَّل الدخول بعد",
    "no reason given": "لم يُذكر سبب",
    "{used} of {limit} requests in {window:g} s": "النداءات {used} من {limit} خلال {window:g} ثانية",
    "{count} jobs wait for a slot": "تنتظر دورها {count:job}",
    "database reachable": "قاعدة البيانات تستجيب",
    "database reachable, but {reason}": "قاعدة البيانات تستجيب، لكن: {reason}",
    "database not reachable: {reason}": "قاعدة البيانات لا تستجيب: {reason}",
    "heartbeat": "النبضة",
    "none is sent to {host}, since {since}: {reason}": "لا تُرسل إلى {host}، منذ {since}: {reason}",
    "not taken by {host}, since {since}: {reason}": "لا يستلمها {host}، منذ {since}: {reason}",
    "taken by {host}, {at}": "استلمها {host}، {at}",
    "not sent to {host} yet": "لم تُرسل إلى {host} بعد",
    "database not asked yet": "لم تُسأل قاعدة البيانات بعد",
    "worked here: {reason}": "تُنفَّذ مهامه هنا: {reason}",
    "not worked here: {reason}": "لا تُنفَّذ مهامه هنا: {reason}",
    "due since {since}: {classes}": "مستحق منذ {since}: {classes}",
    "{name} {count}": "{name} {count}",
    "with a worker: {rows:row}": "لدى المنفّذ: {rows:row}",
    "it came {runs:time} since the daemon's start, the last {at}": "جاء {runs:time} منذ بدء الخدمة، آخرها {at}",
    "the shop's listener sends pushes": "مستمع المتجر يرسل إشعارات الهاتف",
    "the shop's listener sends pushes only once a worker takes its rows": "لا إشعارات هاتف حتى يأخذ منفّذ صفوف المستمع",
    "nobody sends pushes": "لا أحد يرسل إشعارات الهاتف",
    "none yet": "لا يوجد بعد",
    "{at}, {type}, {status}: {counts}": "{at}، {type}، {status}: {counts}",
    "created {created}, updated {updated}, failed {failed}": "أُنشئ {created}، حُدّث {updated}، فشل {failed}",
    "Shipments": "الشحنات",
    "every one that was begun is recorded, and none waits or failed": (
        "كل ما بدأ إرساله منها مسجّل في المتجر، ولا شيء ينتظر أو فشل"
    ),
    "waiting to be sent, {waiting:job}, the next {at}: paranadctl jobs --task alwaseet:create-shipment": (
        "بانتظار الإرسال ({waiting:job})، أقربها {at}: `paranadctl jobs --task alwaseet:create-shipment`"
    ),
    "waiting to be sent, after the pause, {waiting:job}: paranadctl jobs --task alwaseet:create-shipment": (
        "بانتظار الإرسال بعد انتهاء الإيقاف المؤقت ({waiting:job}): `paranadctl jobs --task alwaseet:create-shipment`"
    ),
    "waiting to be sent, when the courier answers, {waiting:job}: paranadctl jobs --task alwaseet:create-shipment": (
        "بانتظار الإرسال حين تستجيب شركة التوصيل ({waiting:job}): `paranadctl jobs --task alwaseet:create-shipment`"
    ),
    "not taken by the courier, {withdrawn:shipment}: paranadctl shipments list --state withdrawn": (
        "لم تأخذها شركة التوصيل ({withdrawn:shipment}): `paranadctl shipments list --state withdrawn`"
    ),
    "without a shipment because it failed, {failed:job}: paranadctl failed --task alwaseet:create-shipment": (
        "بلا شحنة بسبب الفشل ({failed:job}): `paranadctl failed --task alwaseet:create-shipment`"
    ),
    "unknown: the shop's database does not say": "غير معروفة: قاعدة بيانات المتجر لا تستجيب",
    "not yet recorded: {counts}": "لم تُسجّل بعد: {counts}",
    "{count} {state}": "{state} {count}",
    "order {order} needs a person: paranadctl shipments show {order}": (
        "الطلب {order} ينتظر قراراً: `paranadctl shipments show {order}`"
    ),
    "the others: paranadctl shipments list --state held": "الباقي: `paranadctl shipments list --state held`",
}

JOBS = {
    "job {id}  {task}  {args}": "المهمة {id}  {task}  {args}",
    "Result": "الحصيلة",
    "Attempts": "المحاولات",
    "Details of attempt {number}": "تفاصيل المحاولة {number}",
    "{args}; skipped: {reason}": "{args}؛ تُخطّيت: {reason}",
    "no such job": "لا توجد مهمة كهذه",
    "no failed job": "لا توجد مهمة فاشلة",
    "no failed job to retry": "لا توجد مهمة فاشلة لإعادتها",
    "job {id} is cancelled": "أُلغيت المهمة {id}",
    "job {id} is forgotten": "حُذفت المهمة {id}",
    "{count:job} deleted": "المحذوف: {count:job}",
    "job {id} runs by itself {at}": "تعمل المهمة {id} من تلقاء نفسها {at}",
    "job {id} waits and is due {at}": "المهمة {id} تنتظر، وتُستحق {at}",
    "job {id} stays failed: job {other} already does it": "تبقى المهمة {id} فاشلة: المهمة {other} تتولى ذلك أصلاً",
    "job {id} is back": "أُعيدت المهمة {id} إلى الطابور",
    "job {id} already does it": "المهمة {id} تتولى ذلك أصلاً",
    "only the end of the output; more: paranadctl jobs show {id}": "آخر الخرج؛ والمزيد: `paranadctl jobs show {id}`",
    "job {id} is enqueued": "وُضعت المهمة {id} في الطابور",
    "joined job {id}, which already does it": "انضممنا إلى المهمة {id} التي تتولى ذلك أصلاً",
    "{enqueued}: {what}": "{enqueued}: {what}",
    "{task} would have done this; nothing was changed and nothing sent": (
        "هذا ما كان {task} سيفعله؛ لم يتغير شيء ولم يُرسل شيء"
    ),
    "{task} is done: job {id}, {took}": "أُنجز {task}: المهمة {id}، المدة {took}",
    "{task} failed: job {id}: {error}": "فشل {task}: المهمة {id}: {error}",
    "{task} was cancelled: job {id}": "أُلغي {task}: المهمة {id}",
    "job {id} waits, next {at}: {reason}": "المهمة {id} تنتظر، وتعود {at}: {reason}",
    "job {id} failed and is tried again {at}: {error}": "فشلت المهمة {id} وتُعاد {at}: {error}",
    "{what} goes on as job {id}; see it with: paranadctl jobs show {id}": (
        "يستمر {what} في المهمة {id}؛ تابعها بالأمر `paranadctl jobs show {id}`"
    ),
    "the daemon is away; its jobs are kept, waiting for it to come back": (
        "الخدمة غائبة ومهامها محفوظة؛ بانتظار عودتها"
    ),
    "sync of all orders": "مزامنة كل الطلبات",
    "sync of status {id}": "مزامنة الحالة {id}",
    "{what}: {counts}": "{what}: {counts}",
}

SCHEDULE = {
    "the schedule is empty": "الجدول فارغ",
    "{name}: {rules}": "{name}: {rules}",
    "in the time zone {zone}": "بتوقيت {zone}",
    "what was missed is not caught up": "لا يُستدرك ما فات",
    "each that was missed is caught up, {limit} at most": "يُستدرك كل ما فات، وأقصاه {limit}",
    "each that was missed is caught up, {limit} at most, none older than {window}": (
        "يُستدرك كل ما فات، وأقصاه {limit}، ولا شيء أقدم من {window:duration}"
    ),
    "one occurrence waits while the last job is unfinished": "ينتظر موعد واحد ما دامت آخر مهمة لم تنتهِ",
    "its jobs may run beside one another": "قد تعمل مهامه معاً في وقت واحد",
    "expected to succeed within {within}": "نجاحه متوقع خلال {within:duration}",
    "nobody is told when it fails, hangs, is slow or silent": "لا يُخبر أحد إن فشل أو تعلّق أو أبطأ أو صمت",
    "delayed at random by up to {jitter}": "يُؤخَّر عشوائياً حتى {jitter:duration}",
    "{waiting:occurrence} to come once the last job has ended": "ينتظر انتهاء آخر مهمة: {waiting:occurrence}",
    "job {id} {state}": "المهمة {id} {state}",
    "skipped: {reason}": "تُخطّيت: {reason}",
    "not run: {reason}": "لم تُنفَّذ: {reason}",
    "off: {reason}": "معطّل: {reason}",
    "disabled": "معطّل",
    "paused ones go on with: paranadctl schedule resume NAME": (
        "لاستئناف المتوقف مؤقتاً: `paranadctl schedule resume NAME`"
    ),
    'one that is off runs all the same once the configuration names it: [schedule."NAME"]': (
        'الموعد المعطّل يعمل إذا ذُكر في الإعدادات: `[schedule."NAME"]`'
    ),
    "it has not been due yet": "لم يحن موعده بعد",
    "{name} goes on, next {at}": "استُؤنف {name}، والمرة القادمة {at}",
}

SHIPMENTS = {
    "shipment of order {order}": "شحنة الطلب {order}",
    "Others may have sent it": "ربما أرسلها غيرنا",
    "known since": "معروف منذ",
    "courier's list": "قائمة شركة التوصيل",
    "goes on": "تُستأنف",
    "job {id}": "المهمة {id}",
    "list asked next": "تُطلب القائمة",
    "it is not there ({absences} of 3 lists)": "ليس فيها ({absences} من 3 قوائم)",
    "confirmed": "مؤكدة",
    "not by the courier: a person said so": "لم تؤكدها شركة التوصيل: هكذا قال شخص",
    "every shipment that was begun is recorded": "كل شحنة بدأ إرسالها مسجّلة في المتجر",
    "no such shipment": "لا توجد شحنة كهذه",
    "held ones need a person: paranadctl shipments show ORDER": (
        "الموقوفة تنتظر قراراً: `paranadctl shipments show ORDER`"
    ),
    "held ones need a person: paranadctl shipments list --state held": (
        "الموقوفة تنتظر قراراً: `paranadctl shipments list --state held`"
    ),
    "order {order} is sent as well: another order of the same day has the same phone and price, and the customer gets "
    "both parcels": "سيُرسل الطلب {order} أيضاً: لطلب آخر من اليوم نفسه الهاتف والسعر نفسهما، وسيصل إلى الزبون الطردان",
    "a second create-order request is sent for order {order}; if the courier has the first, the customer gets two "
    "parcels: look in the courier's own list before": (
        "سيُرسل نداء إنشاء ثانٍ للطلب {order}؛ فإن كان الأول لدى شركة التوصيل وصل إلى الزبون طردان: "
        "انظر أولاً في قائمة شركة التوصيل نفسها"
    ),
    "type {order} to send it:": "اكتب {order} لإرساله:",
    "not sent": "لم يُرسل",
    "looked at {looked_at}, settled {settled}, held {held}, waiting {waiting}": (
        "فُحص {looked_at}، حُسم {settled}، أُوقف {held}، ينتظر {waiting}"
    ),
    "the restored queue.db is matched with the courier's list: shipments are sent again": (
        "طوبق `queue.db` المستعاد مع قائمة شركة التوصيل: عاد إرسال الشحنات"
    ),
    "the courier's list came with rows that cannot be read, so the restored queue.db is not matched: no shipment is "
    "sent; try again: paranadctl shipments reconcile": (
        "في قائمة شركة التوصيل صفوف لا تُقرأ، فلم يطابَق `queue.db` المستعاد: لا تُرسل أي شحنة؛ أعد المحاولة: "
        "`paranadctl shipments reconcile`"
    ),
}

QUEUES = {
    "{name} goes on": "استُؤنف {name}",
    "nothing needs restarting after a deploy of the shop: no worker holds its code, and the daemon goes on": (
        "لا شيء يحتاج إلى إعادة تشغيل بعد نشر المتجر: لا منفّذ يحمل شيفرته، والخدمة مستمرة"
    ),
    "the daemon finishes what runs and takes nothing new; go on with: paranadctl resume": (
        "تُنهي الخدمة ما يعمل ولا تأخذ جديداً؛ للاستئناف: `paranadctl resume`"
    ),
    "the daemon does this now: no worker, no `schedule:run` and no crontab line are needed": (
        "الخدمة تتولى هذا الآن: لا حاجة إلى منفّذ ولا إلى `schedule:run` ولا إلى سطر في `crontab`"
    ),
    "the configuration is read again; nothing has changed": "قُرئت الإعدادات من جديد؛ لم يتغير شيء",
    "{key} is in force": "أصبح {key} سارياً",
    "credentials are read at the start: systemctl restart paranad": (
        "بيانات الاعتماد (`credentials`) تُقرأ عند البدء: `systemctl restart paranad`"
    ),
    "{key} needs a restart of the daemon; under systemd: systemctl restart paranad": (
        "يحتاج {key} إلى إعادة تشغيل الخدمة؛ ومع `systemd`: `systemctl restart paranad`"
    ),
    "{file} written, {size:,} bytes": "كُتب {file}، حجمه {size:,} بايت",
    "{file} says paranad_up 0: {reason}": "كُتب `paranad_up 0` في {file}: {reason}",
}

RESULTS = {
    "result:answer": "الجواب",
    "result:command": "الأمر",
    "result:exit_status": "رمز الخروج",
    "result:output": "المخرجات",
    "result:output_bytes": "حجم المخرجات بالبايت",
    "result:looked_at": "فُحص",
    "result:changed": "تغيّر",
    "result:skipped": "تُخطّي",
    "result:failed": "فشل",
    "result:shortened": "اختُصر",
    "result:unreadable": "لا يُقرأ",
    "result:rows": "الصفوف",
    "result:created": "أُنشئ",
    "result:updated": "حُدّث",
    "result:order_id": "رقم الطلب",
    "result:courier_id": "رقم شركة التوصيل",
    "result:reference": "المرجع",
    "{name} {count}": "{name} {count}",
    "{name}: {value}": "{name}: {value}",
    "and {count} more": "وغيرها {count}",
}

SCREENS = {
    **TIMES,
    **STATES,
    **LABELS,
    **ADVICE,
    **STATUS,
    **DOCTOR,
    **JOBS,
    **SCHEDULE,
    **SHIPMENTS,
    **QUEUES,
    **RESULTS,
}
