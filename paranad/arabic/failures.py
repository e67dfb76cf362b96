"""Arabic: what failed, the likely cause and the cure, by the ids of the English words."""

RETRY = "ثم أعد المهمة: `paranadctl retry {id}`"
FORGET = "`paranadctl failed forget {id}`"
START = "شغّلها: `systemctl start paranad`، أو حدّد مقبساً آخر: `--socket PATH`"
LOG = "راجع السجل: `journalctl -u paranad`"
LIST = "الأوامر `paranadctl jobs list` و`paranadctl schedule` و`paranadctl shipments list` تعرض الموجود"
WATCH_SHOP = "انظر حالة المتجر بالأمر `paranadctl status`، وتأكد من عمل قاعدة بياناته، ثم أعد المحاولة"
WATCH_COURIER = "انظر حالة شركة التوصيل بالأمر `paranadctl status`، وتأكد من أنها تستجيب، ثم أعد المحاولة"

JOBS = {
    "cause:took-daemon-down": (
        "انتهت الخدمة أثناء تنفيذ هذه المهمة، وتكرر ذلك عند كل تشغيل؛ والسبب في الغالب نفاد الذاكرة"
    ),
    "cure:took-daemon-down": "راجع `journalctl -u paranad` في أوقات المحاولات قبل أن تعيدها",
    "cause:command-failed": "فشل برنامج هذا الأمر",
    "cure:command-failed": f"ما طبعه: `paranadctl jobs show {{id}}`؛ شغّله يدوياً لترى المزيد، {RETRY}",
    "cause:shipment-held": "لا يمكن الحسم آلياً هل الشحنة لدى شركة التوصيل",
    "cure:shipment-held": "قرّر شأنها: `paranadctl shipments list --state held`",
    "cause:another-version": "حُفظت المهمة لإصدار آخر من الخدمة أو لإعدادات أخرى",
    "cure:another-version": f"أعد الأمر أو معاملاته أو الموعد المجدول، {RETRY}؛ أو احذف المهمة: {FORGET}",
    "cause:courier-no-account": "لم يُدخل أحد حساب شركة التوصيل",
    "cure:courier-no-account": (
        f"اكتبه في `/etc/paranad/credentials/courier` أو في `paranad.toml` أو في إعدادات المتجر، {RETRY}"
    ),
    "cause:courier-login-failed": "لا تقبل شركة التوصيل اسم المستخدم وكلمة المرور",
    "cure:courier-login-failed": f"صحّح `alwaseet_username` و`alwaseet_password` في إعدادات المتجر، {RETRY}",
    "cause:courier-right": "لا يملك الحساب لدى شركة التوصيل صلاحية هذا الإجراء",
    "cure:courier-right": f"اطلب من الوسيط منح الحساب هذه الصلاحية، {RETRY}",
    "cause:courier-data": "لا تقبل شركة التوصيل بيانات الطلب كما هي",
    "cure:courier-data": f"صحّح الطلب في المتجر، {RETRY}",
    "cause:courier-away": "تعذّر الوصول إلى شركة التوصيل، أو لم تستجب كما ينبغي",
    "cure:courier-away": f"تأكد من أن `https://api.alwaseet-iq.net` يستجيب من هذا الجهاز، {RETRY}",
    "cause:shop-setting": "أحد إعدادات المتجر فارغ أو غير صالح",
    "cure:shop-setting": f"اضبطه في المتجر، {RETRY}",
    "cause:order-gone": "حُذف الطلب نهائياً بعد طلب شحنته",
    "cure:order-gone": f"احذف المهمة: {FORGET}",
    "cause:bad-order": "بيانات الطلب نفسها لا تصلح لإنشاء شحنة",
    "cure:bad-order": f"صحّح الطلب في المتجر، {RETRY}",
    "cause:shop-clock-off": "ساعة هذا الجهاز وساعة خادم قاعدة بيانات المتجر مختلفتان",
    "cure:shop-clock-off": f"اضبط الساعتين بواسطة `NTP`، {RETRY}",
    "cause:shop-schema": "قاعدة البيانات ليست قاعدة المتجر، أو لم تُنفَّذ ترحيلاتها (`migrations`)",
    "cure:shop-schema": f"نفّذ ترحيلات المتجر أو صحّح `[shop] database_url`، {RETRY}",
    "cause:shop-refuses": "قاعدة بيانات المتجر للقراءة فقط، أو تنقص مستخدمها صلاحية",
    "cure:shop-refuses": f"يسمّي `paranadctl doctor` ما تحتاجه؛ {RETRY}",
    "cause:shop-away": "قاعدة بيانات المتجر لم تستجب أو كانت مقفلة",
    "cure:shop-away": f"تأكد من أنها تعمل، {RETRY}",
    "cause:shop-row": "صف في قاعدة بيانات المتجر لا يُقرأ أو لا يُكتب كما هو",
    "cure:shop-row": f"صحّحه في المتجر، {RETRY}",
    "cause:timed-out": "تجاوزت المهمة مهلتها؛ تأخرت قاعدة بيانات المتجر أو شركة التوصيل، أو كان العمل كثيراً",
    "cure:timed-out": f"انظر حال الاثنتين بالأمر `paranadctl status`، {RETRY}",
    "cause:command-timed-out": "تجاوز برنامج هذا الأمر مهلته",
    "cure:command-timed-out": (
        f"ما طبعه: `paranadctl jobs show {{id}}`؛ إن كان عالقاً فأزل السبب، {RETRY}؛ "
        "وإن كان يحتاج وقتاً أطول فزِد `timeout` لأمره، وأعد تحميل الإعدادات، "
        "واطلب المهمة من جديد: فإعادتها تُبقي المهلة القديمة"
    ),
    "cause:unknown": "ليس من الأسباب المعروفة هنا؛ المحاولات أدناه والسجل يذكران المزيد",
    "cure:unknown": f"أزل السبب، {RETRY}",
}

SHIPMENTS = {
    "meaning:intended": "ربما خرج النداء، ولم يُعرف جوابه بعد",
    "decision:intended": (
        "لا شيء: تبحث الخدمة عن الشحنة في قائمة شركة التوصيل نفسها؛ وللاستعجال: `paranadctl shipments reconcile`"
    ),
    "meaning:unsent": "لم يُرسل شيء من هنا بعد: قد يكون الطلب لدى شركة التوصيل، فتُسأل قائمتها أولاً",
    "decision:unsent": ("لا شيء: يُرسل حين تخلو منه قائمة شركة التوصيل؛ وللاستعجال: `paranadctl shipments reconcile`"),
    "meaning:created": "الشحنة لدى شركة التوصيل، ولم يُكتب صفها في المتجر بعد",
    "decision:created": "لا شيء: يُكتب الصف عندما تستجيب قاعدة بيانات المتجر؛ انظر حالها بالأمر `paranadctl status`",
    "meaning:recorded": "الشحنة لدى شركة التوصيل، والمتجر يعرفها",
    "decision:recorded": "لا شيء",
    "meaning:withdrawn": "لم تأخذها شركة التوصيل، فلا شيء في الطريق",
    "decision:withdrawn": (
        "لا شيء ما دامت مهمة الطلب تنتظر: يُرسل من تلقاء نفسه عند زوال السبب؛ إلى متى تنتظر، أو هل فشلت: "
        "`paranadctl jobs list --task alwaseet:create-shipment`؛ ولإعادة الفاشلة: `paranadctl retry ID`"
    ),
    "meaning:held": "لا يمكن الحسم آلياً هل هي لدى شركة التوصيل، فالقرار لك",
    "decision:held": (
        "ابحث عن المرجع في قائمة شركة التوصيل نفسها؛ إن وجدته: `paranadctl shipments settle {order} --courier-id ID`"
        "؛ وإن لم تجده: `paranadctl shipments resend {order}`"
    ),
    "meaning:repeat": "الأرجح أنه الطلب نفسه أُنشئ مرتين: لا يُرسل قبل أن يقرر شخص",
    "decision:repeat": (
        "إن كان الاثنان مطلوبين: `paranadctl shipments resend {order}`؛ وإلا فألغِ الطلب {order} في المتجر"
    ),
}

NOTES = {
    "note:daemon-starting": "الخدمة قيد البدء: تسترجع الطابور قبل أن تستلم المهام",
    "note:daemon-draining": "الخدمة قيد التفريغ: تُنهي ما يعمل ولا تبدأ جديداً؛ للاستئناف: `paranadctl resume`",
    "note:daemon-stopping": "الخدمة قيد الإيقاف: تُنهي ما يعمل ولا تبدأ جديداً",
    "note:orders-unshipped": ("{orders:order} بلا شحنة، أقدمها أُنشئ {made_at}: `paranadctl orders --without-shipment`"),
    "note:all-paused": ("كل شيء متوقف مؤقتاً، {waiting}؛ {pause}؛ ومواعيد الجدول تُتخطّى؛ للاستئناف: `paranadctl resume`"),
    "note:queue-paused": ("الطابور {queue} متوقف مؤقتاً، {waiting}؛ {pause}؛ للاستئناف: `paranadctl resume {queue}`"),
    "note:entry-paused": (
        "الموعد {entry} متوقف مؤقتاً في الجدول فلا يضيف مهاماً؛ {pause}؛ للاستئناف: `paranadctl schedule resume {entry}`"
    ),
    "note:entry-gone": (
        "الموعد {entry} متوقف مؤقتاً ولم يعد في الإعدادات؛ {pause}؛ لنسيانه: `paranadctl resume {entry}`"
    ),
    "note:task-paused": (
        "مهام {task} متوقفة مؤقتاً، والمستحق منها: {due:job}؛ {pause}؛ للاستئناف: `paranadctl resume {task}`"
    ),
    "note:entry-off": "الموعد {entry} متروك إلى أن يوجد برنامجه: {reason}",
    "note:queue-at-limit": "الطابور {queue} بلغ حدّه ({running} من {limit})؛ والمستحق المنتظر: {due:job}",
    "note:workers-busy": "كل المنفّذين مشغولون (عددهم {workers})؛ وفي الانتظار: {due:job}",
    "note:one-at-a-time": (
        "المهام التي كانت قيد التنفيذ حين توقفت الخدمة فجأة تبدأ واحدة بعد أخرى، ليُعرف ما يوقفها منها؛ "
        "وفي الانتظار: {due:job}"
    ),
    "note:state-not-written": (
        "لا يمكن الكتابة في `queue.db`، لذلك تُرفض المهام الجديدة، ويُحفظ في الذاكرة ما ينتهي إلى أن يمكن ذلك: {reason}"
    ),
    "note:state-gone": "لا يُقبل عمل جديد ولا يبدأ عمل: {reason}",
    "note:state-log-held": (
        "كبر الملف `queue.db-wal` ولا يمكن دمجه، لأن عملية أخرى تقرأ `queue.db` ولا تنتهي: العملية {held_by}"
    ),
    "note:shop-unreachable": "قاعدة بيانات المتجر لا تستجيب، لذلك تنتظر مهامه: {reason}",
    "note:shop-unusable": "قد تنتظر مهام المتجر: {reason}",
    "note:courier-login-refused": "ترفض شركة التوصيل تسجيل الدخول، لذلك تنتظر مهامها: {reason}",
    "note:courier-closed": "لا تقبل شركة التوصيل نداءً قبل {until}؛ وفي انتظار ذلك: {waiting:job}",
    "note:courier-limit": "في انتظار دور ضمن حدّ شركة التوصيل ({limit} من النداءات): {waiting:job}",
    "note:courier-door-closed": ("لم تستجب شركة التوصيل مرات متتالية، فلا يُرسل أي طلب؛ تُسأل من جديد في {at}: {reason}"),
    "note:courier-one-order": "استجابت شركة التوصيل من جديد: يُرسل طلب واحد أولاً، ثم الباقي",
    "note:bridge-off": "جدول `jobs` في المتجر لا تُنفَّذ مهامه هنا: {reason}",
    "note:bridge-left": "متروك لمنفّذ `PHP` في جدول `jobs` في المتجر ({rows:row}): {name}",
    "note:notices-refused": (
        "لا يقبل جدول `jobs` في المتجر صفاً للمستمع الذي يرسل الإشعارات الفورية، فلا يُبلَّغ عن تغيّر الحالة إلا بالصفوف: "
        "{reason}"
    ),
    "note:php-late": "ينتظر `PHP` ({rows:row}): {reason}؛ {cure}",
    "note:bridge-unreadable": (
        "في جدول `failed_jobs` في المتجر ما لم يُنفَّذ لأنه لا يمكن قراءته ({rows:row})؛ آخرها {uuid}: {reason}؛ "
        "في المتجر: `php artisan queue:failed`، ثم `queue:retry UUID` أو `queue:forget UUID`"
    ),
    "note:bridge-trouble": ("لا يمكن إعادة المهام الفاشلة إلى جدول `failed_jobs` في المتجر، وتُكرَّر المحاولة: {reason}"),
    "note:snoozed": "مهام مؤجلة لهذا السبب ({count:job})، أولاها حتى {until}: {reason}",
    "note:restored": (
        "استعيد `queue.db` من نسخة بتاريخ {copied_at}: لا تُرسل أي شحنة إلى أن يطابَق سجلها مع قائمة شركة التوصيل: "
        "`paranadctl shipments reconcile`"
    ),
    "note:parcels-found": "طرود تحتاج إلى متابعة، وعددها {count}؛ أيّها ولماذا: `paranadctl parcels`",
    "note:shipments-held": "شحنات تنتظر قرارك ({held:shipment}): `paranadctl shipments list --state held`",
    "note:alerts-failing": (
        "لا يُبلَّغ أحد بالمشاكل: أمر التنبيه يفشل منذ {since}، {times:time} على التوالي: {reason}؛ "
        "صحّحه ثم: `paranadctl alert test`"
    ),
    "note:alert-muted": (
        "لا يُبلَّغ أحد بالنوع {kind} حتى {until}، بطلب من {by}؛ لإعادة التبليغ: `paranadctl alerts unmute {kind}`"
    ),
    "note:nothing-due": "لا شيء مستحق الآن",
    "note:nothing-due-next": "لا شيء مستحق الآن؛ القادم: {entry} في {at}",
}

KINDS = {
    "kind:internal": "عيب في البرنامج",
    "kind.cure:internal": f"{LOG}، وأبلغ عنه",
    "kind:configuration": "لا يمكن استخدام الإعدادات كما هي؛ وتبقى القديمة سارية",
    "kind.cure:configuration": "صحّح ما ذُكر أعلاه؛ الأمر `paranad check` يقرؤها من دون خدمة",
    "kind:state": "لا يمكن استخدام مجلد الحالة أو الملف `queue.db`",
    "kind.cure:state": "تأكد من وجود القرص ومن أن مستخدم الخدمة يستطيع الكتابة: `paranadctl status`",
    "kind:state-locked": "خدمة أخرى تمسك مجلد الحالة",
    "kind.cure:state-locked": "أوقف إحدى الاثنتين",
    "kind:state-full": "القرص الذي عليه `queue.db` ممتلئ أو معطوب؛ لم يُحفظ شيء",
    "kind.cure:state-full": "أخلِ مكاناً عليه (`df -h`)، ثم أعد الطلب",
    "kind:state-gone": "لم يعد الملف `queue.db` في مكانه والخدمة تعمل؛ لم يُحفظ شيء",
    "kind.cure:state-gone": "أوقف الخدمة وشغّلها من جديد، فهي تعيد كتابته: `systemctl restart paranad`",
    "kind:not-holding": "قد تعمل خدمة أخرى لهذا المتجر، فلا يبدأ هنا شيء",
    "kind.cure:not-holding": "انظر أيها يعمل: `paranadctl status`",
    "kind:state-damaged": "الملف `queue.db` تالف، وقد تُرك كما هو",
    "kind.cure:state-damaged": "أوقف الخدمة واستعد آخر نسخة احتياطية؛ واحتفظ بالملف التالف",
    "kind:state-from-future": "كتب الملف `queue.db` إصدارٌ أحدث من البرنامج",
    "kind.cure:state-from-future": "ثبّت ذلك الإصدار، أو استعد نسخة احتياطية",
    "kind:bad-request": "لم يُطلب ذلك كما ينبغي",
    "kind:invalid": "قيمة ناقصة أو مجهولة أو خارج الحدود",
    "kind:too-large": "ما أُرسل أكبر من الحد",
    "kind.cure:too-large": "أرسله على أجزاء أصغر",
    "kind:unknown-task": "لا توجد مهمة بهذا الاسم",
    "kind:unknown-queue": "لا يوجد طابور بهذا الاسم",
    "kind.cure:unknown-queue": "الأمر `paranadctl status` يعرض أسماء الطوابير",
    "kind:bad-arguments": "معطيات المهمة ناقصة أو زائدة أو خاطئة",
    "kind.cure:bad-arguments": "صحّحها: `paranadctl run TASK key=value`",
    "kind:idempotency-key-reused": "جاء المفتاح نفسه من قبل مع نداء آخر",
    "kind.cure:idempotency-key-reused": "استخدم مفتاحاً جديداً للنداء الجديد",
    "kind:not-found": "ما طلبته غير موجود",
    "kind.cure:not-found": LIST,
    "kind:unconfirmed": "لا تؤكده شركة التوصيل",
    "kind.cure:unconfirmed": "ابحث عن الرقم في قائمة شركة التوصيل نفسها، واكتبه من جديد",
    "kind:wrong-state": "الحالة لا تسمح بذلك",
    "kind:other-machine": "هذا من شأن جهاز آخر",
    "kind.cure:wrong-state": "انظر إليها أولاً: `paranadctl jobs show ID`",
    "kind:not-permitted": "غير مسموح لك بذلك",
    "kind.cure:not-permitted": (
        "اطلب إضافتك إلى المجموعة `paranad` بالأمر `usermod -aG paranad NAME`، ثم سجّل الدخول من جديد؛ أو استخدم `sudo`"
    ),
    "kind:unavailable": "لا تستطيع الخدمة ذلك الآن",
    "kind.cure:unavailable": "الأمر `paranadctl status` يذكر ما تنتظره الخدمة",
    "kind:journal-missing": "لا يوجد على هذا الجهاز سجل من `systemd`",
    "kind.cure:journal-missing": "انظر حيث يذهب خرج الأخطاء القياسي للخدمة",
    "kind:journal-not-readable": "غير مسموح لك بقراءة سجل النظام",
    "kind.cure:journal-not-readable": (
        "استخدم `sudo`، أو اطلب إضافتك إلى قرّائه بالأمر `usermod -aG systemd-journal USER`، ثم سجّل الدخول من جديد"
    ),
    "kind:daemon-unreachable": "الخدمة لا تستجيب",
    "kind.cure:daemon-unreachable": START,
    "kind:courier": "لم تنفّذ شركة التوصيل المطلوب، أو ربما لم تنفّذه",
    "kind.cure:courier": WATCH_COURIER,
    "kind:courier-refused": "لم تنفّذ شركة التوصيل المطلوب: تعذّر الوصول إليها، أو لا تقبل البيانات، أو لا تسمح به",
    "kind.cure:courier-refused": "الرسالة أعلاه تذكر أيها؛ صحّح الطلب، أو راجع الوسيط، أو أعد المحاولة",
    "kind:courier-unclear": "جواب شركة التوصيل لا يُعتمد عليه",
    "kind.cure:courier-unclear": WATCH_COURIER,
    "kind:courier-limited": "استُنفد حدّ النداءات لدى شركة التوصيل",
    "kind.cure:courier-limited": "انتظر نصف دقيقة؛ الأمر `paranadctl status` يعرض الحد",
    "kind:courier-door-closed": "شركة التوصيل لا تستجيب، فلا يُرسل إليها أي طلب",
    "kind.cure:courier-door-closed": "انتظر: تُسأل من جديد تلقائياً؛ الأمر `paranadctl status` يذكر متى",
    "kind:order-late": "أوشك إذن العمل على المتجر أن ينتهي، فلا يُرسل أي طلب الآن",
    "kind.cure:order-late": "انتظر: يُرسل تلقائياً بعد تجديد الإذن؛ الأمر `paranadctl status` يعرض حاله",
    "kind:courier-login-failed": "لا تقبل شركة التوصيل اسم المستخدم وكلمة المرور",
    "kind.cure:courier-login-failed": "صحّح `alwaseet_username` و`alwaseet_password` في إعدادات المتجر",
    "kind:shop": "قاعدة بيانات المتجر لا تستطيع تنفيذ المطلوب",
    "kind.cure:shop": WATCH_SHOP,
    "kind:shop-unreachable": "قاعدة بيانات المتجر لا تستجيب",
    "kind.cure:shop-unreachable": WATCH_SHOP,
    "kind:shop-busy": "برنامج آخر يقفل قاعدة بيانات المتجر",
    "kind.cure:shop-busy": "أعد المحاولة بعد دقيقة",
    "kind:shop-unexpected-schema": "قاعدة البيانات ليست قاعدة المتجر، أو لم تُنفَّذ ترحيلاتها (`migrations`)",
    "kind.cure:shop-unexpected-schema": "نفّذ ترحيلات المتجر، أو صحّح `[shop] database_url`",
    "kind:shop-bad-row": "صف في قاعدة بيانات المتجر لا يُقرأ أو لا يُكتب كما هو",
    "kind.cure:shop-bad-row": "صحّحه في المتجر",
    "kind:shop-clock-off": "ساعة هذا الجهاز وساعة خادم قاعدة بيانات المتجر مختلفتان",
    "kind.cure:shop-clock-off": "اضبط الساعتين بواسطة `NTP`",
    "kind:command-failed": "فشل برنامج أحد الأوامر",
    "kind.cure:command-failed": "شغّله يدوياً لترى المزيد",
    "kind:bad-order": "بيانات الطلب نفسها لا تصلح لإنشاء شحنة",
    "kind.cure:bad-order": "صحّح الطلب في المتجر",
    "kind:payload": "صف في جدول `jobs` في المتجر لا يمكن قراءته",
    "kind.cure:payload": "تجده مع السبب في جدول `failed_jobs` في المتجر",
}

CURES = {
    "fact.cure:socket.ask_group": KINDS["kind.cure:not-permitted"],
    "fact.cure:socket.start": START,
    "fact.cure:socket.see_log": LOG,
    "fact.cure:socket.correct_variable": "صحّح المتغير أو ألغه، أو حدّد المقبس: `--socket PATH`",
    "fact.cure:shipment.no_row": ("انظر ما آلت إليه مهمته: `paranadctl jobs list --task alwaseet:create-shipment`"),
    "fact.cure:shipment.unconfirmed": (
        "ابحث عن الرقم في قائمة شركة التوصيل نفسها؛ إن كنت متأكداً: "
        "`paranadctl shipments settle {order_id} --courier-id {courier_id} --yes`"
    ),
    "fact.cure:shipment.not_settleable": "انظر إليها: `paranadctl shipments show {order}`",
    "fact.cure:shipment.not_resendable": "انظر إليها: `paranadctl shipments show {order}`",
    "fact.cure:control.answer_unexplained": LOG,
    "fact.cure:socket.other_program": (
        "إن كانت الخدمة من إصدار آخر: `systemctl restart paranad`، وإلا فحدّد مقبساً آخر: `--socket PATH`"
    ),
    "fact.cure:state.backup_exists": "حدّد ملفاً آخر",
    "fact.cure:state.backup_unwritten": "حدّد ملفاً آخر",
    "fact.cure:metrics.unwritten": "حدّد ملفاً في مجلد يمكنك الكتابة فيه",
}

FAILURES = {**JOBS, **SHIPMENTS, **NOTES, **KINDS, **CURES}
