"""Arabic: what is known of an order, its shipment, the courier and the bridge, by the codes of the facts."""

from collections.abc import Mapping

API_RIGHT = "تقول شركة التوصيل إن هذا الحساب لا يحق له ذلك؛ اطلب من الوسيط صلاحية `API`"
PLACE = "وهي تأخذ طلبات أخرى، فصحّح مدينة هذا الطلب ({city}) أو منطقته ({region})"

_COURIER: Mapping[str, str] = {
    "courier.call": "`{path}`: {reason}",
    "courier.not_sent": "تعذّر الوصول إلى شركة التوصيل، ولم يُرسل شيء: {detail}",
    "courier.refused": "رفضت شركة التوصيل النداء: {detail}",
    "courier.refused_number": "رفضت شركة التوصيل النداء (`errNum` {number}): {detail}",
    "courier.no_right": f"{API_RIGHT}: {{detail}}",
    "courier.no_right_number": f"{API_RIGHT} (`errNum` {{number}}): {{detail}}",
    "courier.place": f"رفضت شركة التوصيل النداء: {{detail}}؛ {PLACE}",
    "courier.place_number": f"رفضت شركة التوصيل النداء (`errNum` {{number}}): {{detail}}؛ {PLACE}",
    "courier.not_now": "لم تستطع شركة التوصيل ذلك الآن: {detail}",
    "courier.not_now_number": "لم تستطع شركة التوصيل ذلك الآن (`errNum` {number}): {detail}",
    "courier.unclear": "جواب شركة التوصيل غير واضح: {detail}",
    "courier.limited_by_another": (
        "شركة التوصيل: قد يكون {machine} استنفد حدّ النداءات قبل أن يتولّى هذا الجهاز العمل؛ ينتظر دوره"
    ),
    "courier.limited": "استُنفد حدّ النداءات لدى شركة التوصيل؛ ينتظر دوره",
    "courier.rate_refused": "تقول شركة التوصيل إن حدّ النداءات استُنفد؛ ينتظر دوره",
    "courier.door_closed": "لم تستجب شركة التوصيل مرات متتالية، فلا يُرسل أي طلب حتى تستجيب",
    "courier.one_order_first": "استجابت شركة التوصيل من جديد: يُرسل طلب واحد أولاً، ثم الباقي",
    "courier.order_late": ("أوشك إذن العمل على المتجر أن ينتهي، ولا يُرسل أي طلب في لحظاته الأخيرة: ينتظر تجديده"),
    "courier.login_failed": "فشل تسجيل الدخول لدى شركة التوصيل: {reason}",
    "courier.no_account": (
        "لا اسم مستخدم ولا كلمة مرور؛ اكتب `[courier] username` و`password` في `paranad.toml`، "
        "أو `alwaseet_username` و`alwaseet_password` في إعدادات المتجر"
    ),
    "courier.account_refused": "رفضت شركة التوصيل اسم المستخدم وكلمة المرور: `errNum` {number}: {detail}",
    "courier.right_refused": API_RIGHT,
    "courier.login_later": "تطلب شركة التوصيل تسجيل الدخول لاحقاً",
    "courier.no_token": "تسجيل دخول من دون رمز (`token`)",
    "courier.answer": "`{path}`: {reason} (`HTTP` {status}، {type}، {bytes} بايت)",
    "courier.no_content_type": "من دون نوع محتوى",
    "courier.no_message": "من دون رسالة",
    "courier.not_json": "ليس الجواب `JSON` شركة التوصيل",
    "courier.neither": "لا نجاح ولا رفض",
    "courier.refusal_with_success_code": "رفض مع رمز نجاح",
    "courier.refusal_with_success_text": "رفض مع رسالة نجاح",
    "courier.refusal_for_time": "رفض بسبب نفاد الوقت",
    "courier.refusal_with_ids": "رفض مع أرقام طلب",
    "courier.success_with_refusal_code": "نجاح مع رمز رفض",
    "courier.lookup_empty": "لم تسمِّ شركة التوصيل شيئاً",
    "courier.lookup_unreadable": "صفوف لا تُقرأ: {rows}",
    "courier.no_list": "نجاح من دون قائمة",
    "courier.no_row_readable": "لا يُقرأ أي من صفوفها ({rows:row})",
    "courier.not_one_order": "نجاح من دون طلب واحد بعينه",
    "courier.no_id": "نجاح من دون رقم طلب",
    "courier.list_refused": "رفضت شركة التوصيل قائمتها كلها: {reason}",
    "courier.cut": "انقطع الجواب أو ليس `JSON` بعد {rows:row}",
    "courier.no_successful_list": "جواب طويل ليس قائمة ناجحة",
    "courier.not_a_list": "المتوقع قائمة طلبات، وجاء {type}",
    "courier.long_answer": "جواب طويل مع `HTTP` {status}",
    "courier.too_long": "الجواب أطول من {bytes} بايت",
    "courier.too_slow": "استغرق الجواب وقتاً أطول مما ينبغي",
    "courier.packed": "الجواب مضغوط، ولم يُطلب ذلك",
    "courier.no_connection": "لا اتصال: {detail}",
    "courier.broke": "انقطع الاتصال",
    "courier.connect_timeout": "لم يتم الاتصال في الوقت المناسب",
    "courier.not_https": "قيمة `[courier] base_url` ليست عنوان `https`",
    "courier.pool_timeout": "لم يتوفر اتصال في الوقت المناسب",
    "courier.read_timeout": "لم يصل جواب في الوقت المناسب",
    "courier.write_timeout": "تعذّر إرسال النداء في الوقت المناسب",
    "courier.read_reset": "انقطع الاتصال قبل اكتمال الجواب",
    "courier.write_reset": "انقطع الاتصال أثناء إرسال النداء",
    "courier.not_http": "انقطع الجواب أو ليس `HTTP`",
    "courier.not_secure": "لا اتصال آمن ({detail})",
}

_BRIDGE: Mapping[str, str] = {
    "bridge.not_looked": "لم تنظر الخدمة في جدول `jobs` في المتجر بعد",
    "bridge.switched": "تغيّر الإعداد للتو",
    "bridge.configured_off": 'الإعداد `[shop] laravel_queue` قيمته `"off"`',
    "bridge.configured_on": 'الإعداد `[shop] laravel_queue` قيمته `"on"`',
    "bridge.alone": "لا يوجد صف حجزه غيرها",
    "bridge.rival": "حجز غيرها الصف {row} من جدول `jobs` في {at} كما يفعل منفّذ `PHP`: تنتظر حتى {until}",
    "bridge.odd_reservation": "ليس في `reserved_at` وقت يمكن أن يكون منفّذ قد حجز الصف فيه",
    "bridge.payload_too_long": "محتوى الصف أطول من {bytes} بايت",
    "bridge.php_everything": 'الإعداد `[shop] laravel_queue` قيمته `"off"`: كل صف متروك لـ `PHP`',
    "bridge.php_left": 'الإعداد `[shop] php` قيمته `"leave"`: ما لا ينفّذه إلا `PHP` يبقى في جدول `jobs`',
    "bridge.php_not_yet": "{why}؛ لم تُعَد بعدُ: {rows:row} في الطوابير `php:`، منها لدى منفّذ: {held}",
    "bridge.php_not_given_back": "{why}؛ لم تُعَد: {rows:row} في الطوابير `php:`: {error}",
    "doctor.told_by_a_worker": (
        "لا يخبر مستمع المتجر نفسه بتغيّر الحالة، ولا يرسل إشعارات الهاتف، إلا بعد أن يأخذ منفّذ صفّه"
    ),
    "bridge.notices_by_listener": "مستمع المتجر نفسه يخبر بتغيّر الحالة، مع إشعارات الهاتف و`Telegram`",
    "bridge.notices_by_nobody": "تكتب `paranad` صفوف الإشعارات عند تغيّر الحالة؛ ولا أحد يرسل إشعارات الهاتف",
    "bridge.shop_s_listener": "مستمع المتجر نفسه هو الذي يخبر بتغيّر الحالة",
    "bridge.other_queue": (
        "{reason}؛ وطابوره `{queue}` ليس من طوابير `[queue] queues`، ولا يُطلب منفّذ إلا لهذه الطوابير"
    ),
    "bridge.not_for_php": "{reason}؛ ولا يوضع جانباً، لأن منفّذ `PHP` سيحذفه ولا يحفظه في أي مكان",
    "bridge.not_set_apart": "لا يمكن وضع الصف جانباً لـ `PHP`: {error}",
    "bridge.not_moved": "{reason}؛ ولا يمكن نقل الصف إلى `failed_jobs`: {error}",
    "bridge.payload_not_json": "محتوى الصف ليس `JSON`: {detail}",
    "bridge.payload_no_object": "محتوى الصف ليس كائن `JSON`",
    "bridge.class_unknown": "صنفه غير معروف هنا",
    "bridge.payload_malformed": "البايت {offset}: {detail}",
    "bridge.no_own_task": "`data`: المتوقع اسم مهمة في `task`، وكائن بمعاملاتها في `args`",
    "bridge.task_of_shop": "{task} مهمة من مهام المتجر، ويطلبها بصنف خاص به",
    "bridge.no_command": "`data.command`: المتوقع نص",
    "bridge.encrypted": "`data.command`: المتوقع كائن متسلسل (`serialized`)؛ المشفَّر لا يقرؤه إلا المتجر",
    "bridge.chained": "هو جزء من سلسلة أو دفعة، ولا يتابعها إلا المتجر",
    "bridge.other_call": "المتوقع نداء `{class_name}@handle`، وجاء غيره",
    "bridge.no_such_object": "`{property}`: المتوقع `{class_name}`، وجاء {got}",
    "bridge.no_model_id": "`{property}`: المتوقع رقم `{class_name}` واحد، وجاء {got}",
    "bridge.no_filter": "`{property}`: المتوقع نص أو عدد، وجاء {got}",
    "bridge.no_text": "`{property}`: المتوقع نص، وجاء {got}",
    "bridge.no_date": "المتوقع تاريخ، وجاء `{class_name}`",
    "bridge.date_unreadable": "المتوقع تاريخ مع منطقته الزمنية، وجاء ما لا يُقرأ",
    "bridge.no_json": "المتوقع ما يتسع له `JSON`، وجاء {got}",
    "bridge.no_number": "المتوقع أعداد يتسع لها `JSON`، وجاء عدد لا نهائي أو ما ليس عدداً",
    "bridge.nothing": "لا شيء",
    "bridge.a_boolean": "قيمة منطقية",
    "bridge.a_number": "عدد",
    "bridge.a_text": "نص",
    "bridge.a_list": "قائمة",
    "bridge.an_enum": "قيمة تعداد",
    "bridge.an_object": "كائن",
}

_PHP: Mapping[str, str] = {
    "php.configured_off": 'الإعداد `[shop] php` قيمته `"leave"`، أو `laravel_queue` قيمته `"off"`',
    "php.paused": "كل شيء متوقف مؤقتاً، أو الخدمة تنهي أعمالها",
    "php.none_waits": "لا صف ينتظر `PHP`",
    "php.asked": "طُلب منفّذ منذ {at}",
    "php.runs": "منفّذ يعمل منذ {at}",
    "php.long_job": "منفّذ يعمل منذ {at}، وهو في مهمة تستغرق وقتاً طويلاً",
    "php.runs_idly": "منفّذ يعمل منذ {at}، ولم ينفّذ شيئاً منذ {minutes:minute}",
    "php.fruitless": "لم ينفّذ آخر تشغيل شيئاً (عدد التشغيلات كذلك على التوالي: {times})؛ ويُطلب التالي في {at}",
    "php.left_over": "الصفوف تُنفَّذ، لكن لا منفّذ يأخذ أول صف في {queue}، وهو ينتظر منذ {at}",
    "php.cure_left_over": (
        "تحقق من أن `--queue` لدى المنفّذ تسمّي {queue}، ومن أن `retry_after` في ملف المتجر `config/queue.php` "
        "ليست أطول من 90 ثانية: `docs/php-on-demand.md`"
    ),
    "php.worked_off": "عادت الصفوف تُنفَّذ",
    "php.not_looked": "تعذّر عدّ الصفوف التي تنتظر `PHP`: {reason}",
    "php.not_written": "تعذّرت كتابة {path}: {detail}",
    "php.not_enqueued": "تعذّر حفظ مهمته: {reason}",
    "php.no_way": 'لم يشغّل `systemd` الخدمة، ولا يوجد `[command."{task}"]`',
    "php.requested": "الملف {path} موجود منذ {at}، ولم يأخذه أحد",
    "php.job_waits": "المهمة {job_id} ({task}) تنتظر منذ {at}",
    "php.not_enabled": "الوحدة `paranad-php.path` غير مفعّلة، فلا يأتي منفّذ للصفوف التي لا ينفّذها إلا `PHP`",
    "php.cure_enable": ("حدّد مكان المتجر (`docs/php-on-demand.md`)، ثم نفّذ `systemctl enable --now paranad-php.path`"),
    "php.cure_unit": (
        "نفّذ `systemctl enable --now paranad-php.path`؛ وإن كان يعمل: `journalctl -u paranad-php`، "
        "وانظر `docs/php-on-demand.md`"
    ),
    "php.cure_folder": "انظر المساحة: `df /run`؛ و`systemctl restart paranad` ينشئ مجلده من جديد",
    "php.cure_command": 'انظر ما الخلل في `[command."{task}"]`: `paranad check`',
    "php.cure_worker": "لمعرفة السبب: `journalctl -u paranad-php -n 50`؛ ويدوياً: `systemctl start paranad-php`",
    "php.cure_job": "لمعرفة السبب: `paranadctl jobs list --task {task}` ثم `paranadctl logs --job ID`",
    "php.cure_no_way": (
        'اكتب `[command."{task}"]` في `paranad.toml` كما يبيّن `docs/php-on-demand.md`، ثم `paranadctl reload`'
    ),
}

COURIER: Mapping[str, str] = {**_COURIER, **_BRIDGE, **_PHP}


SHIPMENTS: Mapping[str, str] = {
    "order.no_items": "ليس في الطلب {order} مواد تُشحن؛ أضفها في المتجر ثم أعد المهمة",
    "order.column_empty": "الطلب {order}: الحقل {column} فارغ؛ املأه في المتجر ثم أعد المهمة",
    "order.no_phone": (
        "الطلب {order}: المتوقع رقم هاتف محمول عراقي مثل `07XXXXXXXXX`، وجاء {got}؛ صحّحه في المتجر ثم أعد المهمة"
    ),
    "order.phone_ends": "رقم ينتهي بـ {last}",
    "order.phone_blank": "لا شيء",
    "order.phone_without_digit": "نص بلا أرقام",
    "order.no_total": (
        "الطلب {order}: `total_amount`: المتوقع دنانير، صفر أو أكثر، وجاء {got}؛ صحّحه في المتجر ثم أعد المهمة"
    ),
    "order.nothing_to_collect": (
        "الطلب {order}: `total_amount`: المتوقع أكثر من صفر دينار، وجاء {got}؛ صحّحه في المتجر ثم أعد المهمة"
    ),
    "order.no_amount": "{total} أو {fee}: المتوقع مبلغ؛ يُحسب صفراً في المبالغ إلى أن يُصحَّح",
    "order.profit_booked": ("ستُحذف معه {booked}؛ ويسمح بذلك الإعداد `[tasks] delete_orders_with_profit = true`"),
    "order.told_lately": "أُخبر المعنيون بالطلب خلال آخر {seconds} ثوانٍ",
    "shipment.unclear_for_a_day": (
        "الطلب {order}: {reason}؛ دام ذلك 24 ساعة، فلا يُعاد من تلقاء نفسه؛ انظر: `paranadctl shipments show {order}`"
    ),
    "shipment.gone_from_shop": "لم تعد الشحنة {shipment} في المتجر، فلا يمكن إخبار أحد بحالتها",
    "shipment.without_order": "ليس للشحنة طلب، أو طلبها في سلة المحذوفات",
    "setting.auto_sync_off": "إعداد المتجر `alwaseet_auto_sync_enabled` معطّل",
    "setting.status_left_out": "الإعداد `alwaseet_notify_statuses` لا يشمل الحالة {status}",
    "config.no_cache": "المفتاح `[shop] cache_dir` فارغ: تعدّ صفحات المتجر بنفسها",
    "shop.cart_ordered": "نشأ منها الطلب {order}، وسيُحذف معها",
    "shop.cart_product_gone": "مادتها {item} من المنتج {product}، ولم يعد موجوداً",
    "shop.cart_size_gone": "مادتها {item} من القياس {size}، ولم يعد موجوداً",
    "shop.no_longer_due": "لم تعد مستحقة",
    "shop.rows_of": "{rows} من `{table}`",
    "shop.no_time": "{column}: المتوقع وقت مثل `2026-03-02 12:00:00`، وجاء «{got}»",
    "shop.no_table": "الجدول {table}",
    "shop.lacks": "ليس في هذا المتجر {lacks}",
    "shop.written_already": "كُتب من قبل",
    "shop.bad_row": "{reason}؛ صحّحه في المتجر ثم أعد المهمة",
    "shop.later_answer": "لدى المتجر جواب أحدث أصلاً",
    "courier.status_without_id_or_text": "لا رقم له، أو لا نص",
    "courier.row_without_id_or_date": "لا رقم للصف، أو لا تاريخ يُصفّى به",
    "courier.rows_without_id": "صفوف بلا رقم: {rows}",
    "courier.no_order_number": "معرّفه ليس رقماً، فلا تُسأل عنه شركة التوصيل",
    "job.sync_not_due": "لا تُستحق قبل {at}",
    "job.refused_often": "{reason}؛ قالت ذلك (عدد المرات {times})، فلا تُعاد من تلقاء نفسها: أعد المهمة",
    "job.outage_lasted": "{reason}؛ دام ذلك 24 ساعة، فلا تُعاد من تلقاء نفسها: أعد المهمة بعد زواله",
    "job.of_type": "{job_type}: {reason}",
    "job.no_order_id": "ليس في `job_data` قيمة `order_id`؛ المتوقع رقم طلب",
    "job.unknown_type": "نوع مجهول في `job_type` «{job_type}»؛ المعروف: {known}",
    "job.unknown_task": "لا توجد مهام باسم «{task}»{cure}؛ والموجود: {known}",
    "job.argument_optional": "{name} (اختياري)",
    "job.arguments_listed": "{first}، {rest}",
    "job.would_fail": "ستفشل {task}: {reason}",
    "job.would_wait": "ستنتظر {task}: {reason}",
    "job.task_gone": "لم تعد {task} مهمة: أعِد أمرها إلى الإعدادات وأعد تحميلها، ثم أعد تنفيذ المهمة",
    "job.not_for_shop": (
        "{task} أمر من أوامر الجدول، وليس للمتجر أن يطلبه؛ اجعله أمرًا مستقلًا `[command]` في الإعدادات"
    ),
    "job.wrong_arguments": "{task}: {wrong}؛ تأخذ: {takes}",
    "job.no_arguments": "لا شيء",
    "job.argument_missing": "{name} ناقص",
    "job.argument_unknown": "معامل مجهول «{name}»",
    "job.argument_near": "معامل مجهول «{name}»؛ هل تقصد «{near}»",
    "job.argument_wrong": "{name}: {expected}، وجاء {got}",
    "job.rest_later": "نُظر في {looked_at}، وتغيّر {changed}، وفشل {failed}؛ والباقي لاحقاً",
    "tried_by_php": ("كان الطلب لدى منفّذ في المتجر من قبل، فقد يكون لدى شركة التوصيل من دون مرجعنا"),
    "requeued": ("النداء أحدث من الطلب (أُعيد إلى الطابور أو طُلب يدوياً)، فقد يكون الطلب لدى شركة التوصيل من قبل"),
    "marked": "وضع هذا الجهاز عليه علامة أنه أُرسل، ولا يعرف ذلك سجل شحناته الذي قد يكون نسخة أقدم",
    "taken_over": "ربما أرسله الجهاز {machine} قبل أن يتولى هذا الجهاز العمل بدلاً منه",
    "restored": "استعيد `queue.db`، فقد يكون الطلب لدى شركة التوصيل بمرجع ضاع منا",
    "ended": "انتهت الخدمة قبل أن يصل جواب شركة التوصيل",
    "limited": "رفضته شركة التوصيل لاستنفاد حدّ النداءات: يُرسل من جديد في دوره",
    "resend": "قرّر شخص أن يُرسل",
    "repeat": "هاتفه وسعره هما هاتف الطلب {orders} وسعره في اليوم نفسه، فالقرار لشخص: هل يُرسل هو أيضاً",
    "released": "لم يعد ينتظر قراراً",
    "shipment.repeats": (
        "{reason}؛ إن كان الاثنان مطلوبين: `paranadctl shipments resend {order}`؛ وإلا فألغِ الطلب {order} في المتجر"
    ),
    "shipment.not_looked_for": (
        "استعيد `queue.db` منذ أوقف الطلب {order}، فقد يكون لدى شركة التوصيل: يُبحث عنه أولاً؛ "
        "أعد المحاولة حين يذكر `paranadctl shipments show {order}` أن القائمة تخلو منه"
    ),
    "partial": "القائمة مصفّاة أو فيها صفوف لا تُقرأ، فلا تثبت غياباً",
    "incomplete": ("تنقص قائمةَ شركة التوصيل طرودٌ أقرّت بها الشركة ({rows})، فلا تثبت غياباً"),
    "no_witness": ("ليس في قائمة شركة التوصيل، لكنها لا تعرض بعدُ طرداً أُنشئ بعده: سيعرضه الطلب التالي الذي يُشحن"),
    "candidate": "لدى شركة التوصيل طلب قد يكون هذا: {rows}",
    "twin": "طلب آخر بهذا الهاتف ينتظر أيضاً (الطلب {orders})، ولدى شركة التوصيل: {rows}",
    "twice": "هو لدى شركة التوصيل أكثر من مرة، وعليه مرجعنا: {rows}",
    "other_phone": "مرجعنا على طلب لدى شركة التوصيل بهاتف آخر: {rows}",
    "foreign_id": "أجابت شركة التوصيل برقم يعود إلى طلب آخر: {rows}",
    "no_references": (
        "كان جواب شركة التوصيل غير واضح، ولا تحتوي قوائمها الشحنة (عدد القوائم {lists})؛ "
        "لكنها لم تعرض منذ يوم مرجعاً من مراجعنا، فلا يثبت ذلك شيئاً"
    ),
    "sent_often": "أُرسل من دون جواب (عدد المرات {times})، وليس في قوائم شركة التوصيل",
    "given_up": "كان جواب شركة التوصيل غير واضح، ولم تكفِ 24 ساعة لحسمه",
    "changed": ("ربما أرسله غيرنا؛ لا تحتويه قوائم شركة التوصيل، لكن الطلب تغيّر بعدها، وربما تغيّر هاتفه"),
    "order_gone": "لم يعد الطلب {order} في المتجر، لكنه لدى شركة التوصيل برقم {rows}",
    "linked": "طلب شركة التوصيل {rows} مرتبط في المتجر بالطلب {order}",
    "shop_has_another": ("للطلب في المتجر رقم شركة توصيل آخر {others}، ورقمه لدى شركة التوصيل {rows}"),
    "candidate.named": "ذكرته قائمة شركة التوصيل",
    "candidate.reference": "يحمل مرجعنا",
    "candidate.phone": "هاتفه هاتف الطلب",
    "candidate.no_order": "ليس في المتجر طلب برقم {order}",
    "adopted": "وُجد في قائمة شركة التوصيل بعد استعادة `queue.db`",
    "no_answer": "{detail}",
    "refused": "{detail}",
    "permission": "{detail}",
    "place": "{detail}",
    "transient": "{detail}",
    "not_sent": "{detail}",
    "unauthorised": "{detail}",
    "not_needed": "{detail}",
    "said": "{text}",
    "shipment.confirmation_not_shown": "لا تعرض شركة التوصيل طلباً بهذا الرقم",
    "shipment.confirmation_others_reference": "يحمل مرجع الطلب {order}",
    "shipment.confirmation_other_phone": "هاتفه غير هاتف الطلب",
    "shipment.confirmation_not_asked": "لا يمكن سؤالها الآن ({reason})",
    "shipment.elsewhere": (
        "أرسل الجهاز {machine} نداءً لهذا الطلب أو كان على وشك إرساله (المرجع {reference})؛ وما آل إليه غير معروف هنا"
    ),
    "shipment.no_row_here": (
        "ليس في سجل الشحنات على هذا الجهاز صف للطلب {order}: {reason}؛ وليُبحث عنه من الجهاز الذي يعمل: "
        "`paranadctl dispatch alwaseet:create-shipment order_id={order}`"
    ),
    "shipment.maybe_elsewhere": "قد يكون له صف لدى جهاز آخر",
    "shipment.there_already": "حالة شحنته «{state}» أصلاً، ومرجعها {reference}",
    "shipment.list_will_tell": "{reason}؛ وقائمة شركة التوصيل ستبيّن هل الطلب لديها",
    "order.cancelled": "الطلب ملغى",
    "order.missing": "الطلب {order}: لا يوجد طلب كهذا في المتجر",
    "order.shipped_already": "في المتجر طلب شركة التوصيل {courier_id} لهذا الطلب أصلاً",
    "order.trashed": "الطلب في سلة المحذوفات",
    "setting.auto_create_off": "إعداد المتجر `alwaseet_auto_create_shipment` معطّل",
    "shipment.stands": "{state}",
    "shipment.held": "الشحنة موقوفة: {reason}؛ القرار لك: `paranadctl shipments show {order}`",
    "shipment.refused": "الطلب {order}: {reason}؛ صحّح الطلب في المتجر ثم أعد المهمة",
    "shipment.unmatched": (
        "استعيد `queue.db` من نسخة بتاريخ {copied_at}: لا تُرسل أي شحنة إلى أن يطابَق سجلها مع قائمة شركة التوصيل: "
        "`paranadctl shipments reconcile`"
    ),
    "shipment.no_courier_id": "`courier_id`: المتوقع أرقام طلب لدى شركة التوصيل، وجاء «{got}»",
    "shipment.not_in_journal": "ليست في سجل الشحنات",
    "shipment.no_step": "شحنة الطلب {order} حالتها «{state}»، فلا تصح هذه الخطوة",
    "shipment.others_courier_id": "طلب شركة التوصيل {courier_id} يعود إلى الطلب {order}؛ انظر في الاثنين قبل أن تقرر",
    "shipment.refused_often": ("الطلب {order}: رُفض (عدد المرات {times}): {reason}؛ صحّح الطلب في المتجر ثم أعد المهمة"),
    "shipment.settled_meanwhile": "حُسمت شحنته في هذه الأثناء",
    "shipment.under_way": "نداء إنشاء الطلب {order} في الطريق؛ أعد المحاولة بعد دقيقة",
    "shipment.no_row": "لا صف للطلب {order_id} في سجل الشحنات",
    "shipment.not_settleable": (
        "شحنة الطلب {order} حالتها «{state}»، ولا تُحسم إلا شحنة حالتها «موقوفة بانتظار قرار» أو «نيّة مسجلة»"
    ),
    "shipment.not_resendable": (
        "شحنة الطلب {order} حالتها «{state}»، ولا تُرسل من جديد إلا شحنة حالتها «موقوفة بانتظار قرار»"
    ),
    "shipment.unconfirmed": "لا تؤكد شركة التوصيل أن طلبها رقم {courier_id} هو شحنة الطلب {order_id}: {doubt}",
}
"""Why a shipment stands where it stands; the codes are those that the API gave before there were areas."""
