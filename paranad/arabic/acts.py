"""Arabic: tasks and their arguments, what is paused, and what an operator does to them."""

from collections.abc import Mapping

TASKS: Mapping[str, str] = {
    "task:carts:expire": "تحرير السلال المنتهية: سلال الزوار والفارغة",
    "task:carts:archive-expired": "أرشفة سلال المندوبين المنتهية",
    "task:orders:delete-old-trashed": "حذف الطلبات التي مضى على نقلها إلى المهملات أكثر من 30 يوماً",
    "task:promotions:expire": "إيقاف العروض المنتهية",
    "task:product-links:delete-expired": "نقل روابط المنتجات المنتهية إلى المهملات",
    "task:alwaseet:auto-sync": "طلب المزامنة مع شركة التوصيل حين تقول إعدادات المتجر إن وقتها حان",
    "task:alwaseet:update-shipments": "سؤال شركة التوصيل عن الشحنات التي في الطريق",
    "task:alwaseet:sync-statuses": "جلب أسماء حالات شركة التوصيل إلى المتجر",
    "task:alwaseet:update-orders": "تحديث شحنات المتجر من قائمة شركة التوصيل كاملة",
    "task:alwaseet:update-status-counts": "عدّ الشحنات بحسب حالاتها لصفحات المتجر",
    "task:app:cleanup-old-data": "حذف الإشعارات والرسائل التي مضى عليها أكثر من يوم",
    "task:alwaseet:create-shipment": "إرسال طلب جديد إلى شركة التوصيل، مرة واحدة",
    "task:alwaseet:sync-orders": "جلب طلبات شركة التوصيل إلى المتجر",
    "task:alwaseet:process-queue": "وضع مهمة التوصيل التي يسمّيها المتجر في الطابور",
    "task:alwaseet:notify-status": "كتابة إشعارات تغيّر الحالة في المتجر؛ أما الإشعارات الفورية و`Telegram` فلدى `PHP`",
    "task:fcm:cleanup": "حذف رموز الإشعارات للأجهزة الصامتة منذ أيام",
    "task:alwaseet:seed-status-history": "تسجيل حالة كل شحنة في تاريخها",
    "argument:alwaseet:create-shipment:order_id": "رقم الطلب في المتجر",
    "argument:alwaseet:sync-orders:status_id": "الطلبات التي بهذه الحالة لدى شركة التوصيل وحدها",
    "argument:alwaseet:sync-orders:date_from": "الطلبات المنشأة في هذا اليوم أو بعده وحدها",
    "argument:alwaseet:sync-orders:date_to": "الطلبات المنشأة في هذا اليوم أو قبله وحدها",
    "argument:alwaseet:process-queue:job_type": "ما يريده المتجر: `create_shipment` أو `sync_orders`",
    "argument:alwaseet:process-queue:job_data": "معاملات ذلك",
    "argument:alwaseet:notify-status:shipment_id": "رقم الصف في `alwaseet_shipments` في المتجر",
    "argument:alwaseet:notify-status:old_status_id": "رقم الحالة السابقة لدى شركة التوصيل",
    "argument:alwaseet:notify-status:new_status_id": "رقم الحالة الحالية لدى شركة التوصيل",
    "argument:fcm:cleanup:days": "عدد الأيام التي يجوز أن يصمت فيها الجهاز",
}
"""By the task's name, and by its argument's."""

PAUSES: Mapping[str, str] = {
    "does": "ما تفعله",
    "tries": "المحاولات",
    "timeout": "المهلة",
    "unfinished": "غير المنتهية",
    "schedule": "الموعد",
    "argument": "المعامل",
    "if not given": "إن لم يُذكر",
    "meaning": "معناه",
    "required": "مطلوب",
    "Arguments": "المعاملات",
    "runs {command}": "تشغيل {command}",
    "none: it is asked for": "لا موعد: تُطلب",
    "run it: {command}": "لتشغيلها: {command}",
    "one with its arguments: paranadctl tasks NAME": "مهمة مع معاملاتها: `paranadctl tasks NAME`",
    "one job at a time": "واحدة في كل وقت",
    "one job an order at a time": "واحدة لكل طلب في كل وقت",
    "one job a filter at a time": "واحدة لكل تصفية في كل وقت",
    "one job for equal arguments at a time": "واحدة للمعاملات المتساوية في كل وقت",
    "any number of jobs at a time": "أي عدد في كل وقت",
    "task {name} is paused, {due:job} due": "مهام {name} متوقفة مؤقتاً، والمستحق منها: {due:job}",
    "task {name} is paused, {due:job} due; {pause}": "مهام {name} متوقفة مؤقتاً، والمستحق منها: {due:job}؛ {pause}",
    "all queues, tasks and schedule entries go on": "استُؤنفت كل الطوابير والمهام والمواعيد",
    "{name} is unchanged: {now}": "لم يتغير {name}: {now}",
    "entries of the schedule, {count}: paranadctl schedule": "مواعيد الجدول، وعددها {count}: `paranadctl schedule`",
    "queue {name} goes on": "استُؤنف الطابور {name}",
    "task {name} goes on": "استُؤنفت مهام {name}",
    "schedule entry {name} goes on": "استُؤنف الموعد {name}",
    "{name} was not paused": "لم يكن {name} متوقفاً",
    "its schedule entry still enqueues; to pause that alone: paranadctl schedule pause {name}": (
        "وموعده في الجدول ما زال يضيف مهاماً؛ لإيقافه وحده: `paranadctl schedule pause {name}`"
    ),
}

STOPS: Mapping[str, str] = {
    "A stop now would wait up to {wait} for what runs": "لو أُوقفت الخدمة الآن لانتظرت ما يعمل {wait} على الأكثر",
    "nothing runs: it would end at once": "لا شيء يعمل: تنتهي فوراً",
    "started {at}": "بدأت {at}",
    "due {at}": "تُستحق {at}",
    "{count:occurrence} in all": "والكل {count:occurrence}",
    "is waited for, however long: a create-order request is under way": "تُنتظر مهما طالت: نداء إنشاء طلب في الطريق",
    "ends by itself, or at its own timeout in {left}": "تنتهي من تلقاء نفسها، أو بانتهاء مهلتها بعد {left}",
    "if it still runs by then, its program is ended and started again later": (
        "إن بقيت تعمل إلى ذلك الحين أُنهي برنامجها وبدأ من جديد لاحقاً"
    ),
    "if it still runs by then, it is handed back and starts again later": (
        "إن بقيت تعمل إلى ذلك الحين أُعيدت إلى الطابور وبدأت من جديد لاحقاً"
    ),
    "{due:job} due, {later} for later: they stay stored": "مستحق: {due:job}، ولاحقاً: {later}؛ وتبقى كلها محفوظة",
    "If the daemon is away for {away}": "إن غابت الخدمة {away}",
    "nothing of the schedule is due meanwhile": "لا موعد في الجدول يُستحق في هذه الأثناء",
    "the latest is made up for at the start": "تُعوَّض آخرها عند البدء",
    "left out if the daemon is away for a minute or longer": "تُترك إن غابت الخدمة دقيقة أو أكثر",
    "each is made up for after the start": "تُعوَّض كل مرة بعد البدء",
    "nothing was stopped or drained": "لم يُوقَف شيء ولم يُفرَّغ",
}

SCHEDULED: Mapping[str, str] = {
    "its task is paused": "مهامه متوقفة مؤقتاً",
    "a paused task goes on with: paranadctl resume NAME": "لاستئناف مهام متوقفة: `paranadctl resume NAME`",
    "job {id} waits: {task} is paused; go on with: paranadctl resume {task}": (
        "المهمة {id} تنتظر: {task} متوقفة مؤقتاً؛ للاستئناف: `paranadctl resume {task}`"
    ),
}

WAKING: Mapping[str, str] = {
    "no job waits": "لا مهمة تنتظر",
    "job {id} is due now": "حان وقت المهمة {id}",
}

SETTINGS: Mapping[str, str] = {
    "one with all that is known of it: paranadctl settings NAME": "إعداد مع كل ما يُعرف عنه: `paranadctl settings NAME`",
    "new value of {name}:": "القيمة الجديدة للإعداد {name}:",
    "write yes to change it:": "اكتب «نعم» لتغييره:",
    "not changed": "لم يتغيّر",
    "{name}: {before} → {after}": "{name}: من «{before}» إلى «{after}»",
    "{value}: {meaning}": "{value}: {meaning}",
    "means": "معناه",
    "{value}, which cannot be used": "{value}، ولا تصلح",
    "not set": "غير مضبوط",
    "wrong": "الخطأ",
    "stored": "المخزون",
    "without it": "من دونه",
    "read by": "يقرؤه",
    "the login, and the shop's own pages": "تسجيل الدخول وصفحات المتجر",
    "not used": "غير مستعمل",
    "change it: {command}": "لتغييره: {command}",
    "a login writes it: paranadctl courier test": "يكتبه تسجيل الدخول: `paranadctl courier test`",
}

TRIALS: Mapping[str, str] = {
    "requests to the courier: {used} of {limit} in {window:.0f} s": (
        "النداءات إلى شركة التوصيل: {used} من {limit} في {window:.0f} ثانية"
    ),
    "the courier accepts the account: {took}": "تقبل شركة التوصيل الحساب: {took}",
    "it is the merchant's main account": "وهو حساب التاجر الرئيسي",
    "it is an employee's account": "وهو حساب موظف",
    "orders created today: {rows}, {took}": "الطلبات المنشأة اليوم: {rows}، {took}",
    "rows that cannot be read: {rows}": "صفوف لا تُقرأ: {rows}",
    "there is room {at}: try it again then": "يتوفر مكان {at}: أعد التجربة حينها",
    "the digest is sent: {took}": "أُرسل الملخص: {took}",
    "the digest is not sent: {reason}": "لم يُرسل الملخص: {reason}",
    "the alert command took the test: exit 0, {took}": "أخذ أمر التنبيه التجربة: رمز الخروج 0، {took}",
    "the alert command failed after {took}: {reason}": "فشل أمر التنبيه بعد {took}: {reason}",
    "it wrote:": "وكتب:",
}

CURES: Mapping[str, str] = {
    "fact.cure:alert.no_command": "اكتب أمراً في `paranad.toml` ثم: `paranadctl reload`",
    "fact.cure:setting.not_by_hand": "جرّب تسجيل الدخول: `paranadctl courier test`",
    "fact.cure:usage.nothing_named": "لترى الموجود: `paranadctl tasks`",
    "fact.cure:usage.no_such_setting": "لترى الموجود: `paranadctl settings`",
}

RELOADED: Mapping[str, str] = {
    "jobs of {task} wait, though its command is gone: {jobs}; they fail when they are due, unless it comes back": (
        "مهام من {task} تنتظر مع أن أمرها أُزيل: {jobs}؛ ستفشل حين يحين وقتها ما لم يعد الأمر"
    ),
    "jobs of {task} hold other arguments than it takes: {jobs}; they fail when they start, unless these come back": (
        "مهام من {task} معاملاتها غير التي يأخذها أمرها الآن: {jobs}؛ ستفشل حين تبدأ ما لم تعد هذه المعاملات"
    ),
}

ACTS_SCREENS: Mapping[str, str] = {
    **CURES,
    **TASKS,
    **PAUSES,
    **STOPS,
    **SCHEDULED,
    **WAKING,
    **SETTINGS,
    **TRIALS,
    **RELOADED,
}

_SETTINGS: Mapping[str, str] = {
    "setting.on": "مفعّل",
    "setting.off": "معطّل",
    "setting.every": "كل {minutes:minute}",
    "setting.every_minute": "كل دقيقة",
    "setting.statuses": "{ids}",
    "setting.all_statuses": "كل الحالات",
    "setting.dinars": "{dinars:dinar}",
    "setting.hours": "لمدة {hours:hour}",
    "setting.text": "{value}",
    "setting.set": "مضبوط",
    "setting.not_set": "غير مضبوط",
    "setting.switch_wrong": "{key}: المتوقع `on` أو `off`، وجاء {value}",
    "setting.text_wrong": "{key}: المتوقع سطر واحد لا يزيد على {most} حرف",
    "setting.minutes_expected": "{key}: المتوقع عدد صحيح من الدقائق من 0 إلى 1440، وجاء {value}",
    "setting.dinars_expected": "{key}: المتوقع دنانير بعدد صحيح، وجاء {value}",
    "setting.id_expected": "{key}: المتوقع رقم من شركة التوصيل، وجاء {value}",
    "setting.statuses_expected": "{key}: المتوقع أرقام حالات بينها فواصل، وجاء {value}",
    "setting.hours_wrong": "{key}: المتوقع عدد ساعات صحيح من 1 إلى 168، وجاء {value}",
    "setting.unknown": "لا يوجد إعداد باسم {key}{cure}",
    "setting.known": "؛ المعروف: {keys}",
    "setting.not_by_hand": "تكتب الخدمة والمتجر {key} بعد تسجيل الدخول، فلا يُغيَّر باليد",
    "setting.place_taken": "تأخذه الخدمة من {place}",
    "setting.fee_unused": "قيمة `[tasks] shipment_price` هي `total`، فلا تضيفه الخدمة",
    "setting.about_auto_create": "هل يُرسل الطلب الجديد إلى شركة التوصيل تلقائياً",
    "setting.about_auto_sync": "هل تُزامَن طلبات شركة التوصيل تلقائياً",
    "setting.about_interval": "بعد كم دقيقة من المزامنة تحين التالية",
    "setting.about_sync_statuses": "حالات شركة التوصيل التي تُزامَن، بينها فواصل؛ وفارغاً: كلها",
    "setting.about_notify": "حالات الشحنة الجديدة التي يُبلَّغ عنها، بينها فواصل؛ وفارغاً: كلها",
    "setting.about_city": "رقم المدينة لدى شركة التوصيل لطلب لا يذكر مدينة",
    "setting.about_region": "رقم المنطقة لدى شركة التوصيل لطلب لا يذكر منطقة",
    "setting.about_size": "رقم حجم كل طرد لدى شركة التوصيل",
    "setting.about_type": "محتوى الطرود كما يُقال لشركة التوصيل",
    "setting.about_fee": "أجرة التوصيل على الزبون بالدينار",
    "setting.about_links": "كم ساعة يعيش رابط المنتج، من 1 إلى 168",
    "setting.about_username": "اسم حساب شركة التوصيل",
    "setting.about_password": "كلمة مرور حساب شركة التوصيل",
    "setting.about_token": "ما أعطته شركة التوصيل عند آخر دخول، مشترك مع صفحات المتجر",
    "setting.about_account": "هل هو حساب التاجر أم حساب موظف، كما يدل الرمز",
}

ACTS: Mapping[str, str] = {
    **_SETTINGS,
    "alert.test": "تجربة لتنبيهات `paranad`: من يقرأ هذا سيصله خبر كل مشكلة",
    "alert.no_command": (
        "لا يُبلَّغ أحد: `[alert] command` فارغ؛ اكتب أمراً مثل أحد أوامر `/opt/paranad/current/share/alerts`"
    ),
    "usage.no_such_setting": "لا يوجد إعداد باسم {name}{cure}",
    "usage.known_settings": "؛ المعروف: {names}",
    "usage.secret_typed": "الإعداد {name} سرّ، وما يُكتب هنا يبقى في سجل أوامر الطرفية؛ اكتب `-` مكانه فيُطلب منك",
    "usage.nobody_sure": "لا أحد هنا يمكن سؤاله؛ إن كنت متأكداً فأضف `--yes`",
    "usage.nothing_read": "المتوقع القيمة على الدخل القياسي، ولم يأتِ شيء",
    "job.not_woken": "المهمة {id} حالتها «{state}»، فلا تُستعجل؛ لا تُستعجل إلا المهام المنتظرة",
    "control.ids_or_task": "المتوقع أرقام مهام أو اسم مهام، وجاء الاثنان؛ اترك أحدهما",
    "usage.woken_ones": "المتوقع أرقام مهام أو `all` أو `--task TASK`؛ اكتب مثلاً: `wake all`",
    "usage.nothing_named": "لا طابور ولا مهام ولا موعد باسم {name}{cure}",
    "usage.known_names": "؛ الطوابير: {queues}؛ والبقية في `paranadctl tasks` و`paranadctl schedule`",
    "usage.queue_and_task": "الاسم {name} لطابور ولمهام معاً؛ سمِّ الموعد المجدول باسم آخر",
}
"""By the code of a fact."""
