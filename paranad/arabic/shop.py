"""Arabic: what the shop's database, its settings and its rows say, by the codes of the facts."""

from collections.abc import Mapping

SHOP: Mapping[str, str] = {
    "shop.unreachable": "تعذّر الوصول إلى قاعدة بيانات المتجر: {reason}",
    "shop.busy": "قاعدة بيانات المتجر مقفلة: {reason}",
    "shop.read_only": "لا تقبل قاعدة بيانات المتجر أي تغيير: {reason}",
    "shop.not_granted": "ترفض قاعدة بيانات المتجر ما يلزم: {reason}",
    "shop.unexpected_schema": (
        "ليس في قاعدة بيانات المتجر {missing}: المتوقع جداول ترحيلات المتجر (`migrations`)؛ نفّذ ترحيلاته، أو اضبط "
        "`[shop] database_url` على القاعدة الصحيحة"
    ),
    "shop.table": "جدول «{name}»",
    "shop.column": "عمود «{name}»",
    "shop.some_table": "جدول كهذا",
    "shop.some_column": "عمود كهذا",
    "shop.utf8mb4": "`utf8mb4` في كل أعمدتها النصية",
    "shop.row_refused": "رفضت قاعدة بيانات المتجر صفاً: {reason}",
    "shop.column_refused": "رفضت قاعدة بيانات المتجر صفاً: {reason} ({column})",
    "shop.clock_off": (
        "ساعة خادم قاعدة بيانات المتجر وساعة هذا الجهاز مختلفتان (بالثواني: {apart_s})، وأكثر المسموح {limit_s}؛ "
        "اضبط الاثنتين بواسطة `NTP`، ولا يُحذف شيء حتى ذلك"
    ),
    "shop.all_in_use": "كل الاتصالات مستخدمة",
    "shop.order": "الطلب {order}",
    "shop.order_of_shipment": "طلب الشحنة {shipment}",
    "shop.order_before": "طلب من اليوم نفسه وبالسعر نفسه",
    "shop.order_of_reference": "طلب أحد المراجع",
    "shop.about": "{row}: {reason}",
    "shop.bad_value": "{column}: المتوقع {expected}، وجاء {got}",
    "shop.bytes": "بايتات",
    "shop.value": "«{value}»",
    "shop.time": "وقت مثل `2026-03-02 12:00:00`",
    "shop.amount": "مبلغ",
    "shop.text": "نص",
    "shop.whole_number": "عدد صحيح",
    "shop.no_json": "{column}: المتوقع `JSON`، وجاء نص ليس كذلك",
    "shop.no_utf8": "{column}: المتوقع نص بترميز `UTF-8`، وجاءت بايتات ليست كذلك",
    "shop.file_locked": "برنامج آخر يقفل {file}",
    "shop.file_read_only": "{file}: {detail}؛ اسمح لمستخدم الخدمة بالكتابة في الملف وفي مجلده",
    "shop.file_failed": "{file}: {detail}",
    "shop.no_file": "لا يوجد الملف {file}؛ أنشئه، أو صحّح {setting}",
    "shop.server_failed": "{place}: {detail}",
    "shop.server_error": "{place}: الخطأ {number}: {detail}",
    "shop.server_read_only": "{place}: للقراءة فقط",
    "shop.not_connected": "{place}: لا اتصال: {detail}",
    "shop.nobody_listens": "{place}: لا اتصال: {detail}: لا أحد يستمع هناك",
    "shop.silent_server": "{place}: لم يستجب في الوقت المناسب",
    "shop.no_answer_within": "لا جواب في الوقت المحدد (بالثواني: {seconds:g})",
    "shop.cut_off": "{place}: انقطع الاتصال",
    "shop.no_right": "{place}: لا يسمح لمستخدم `[shop] database_url` بذلك؛ امنحه الصلاحية",
    "shop.no_right_for": "{place}: لا يسمح لمستخدم `[shop] database_url` بالصلاحية {right}؛ امنحه إياها",
    "shop.no_right_on": "{place}: لا يسمح لمستخدم `[shop] database_url` بالصلاحية {right} على {table}؛ امنحه إياها",
    "shop.row_changed": "{place}: غيّر برنامج آخر صفاً في الأثناء",
    "shop.lock_held": "{place}: يمسك برنامج آخر قفلاً لازماً",
    "shop.deadlock": "{place}: تعارض أقفال مع برنامج آخر",
    "shop.table_altered": "{place}: عُدّل جدول في الأثناء",
    "shop.many_transactions": "{place}: معاملات كثيرة في وقت واحد",
    "shop.database_not_allowed": (
        "{place}: لا يسمح لمستخدم `[shop] database_url` باستخدام القاعدة «{name}»؛ صحّح {setting} وأعد تشغيل الخدمة، "
        "أو امنحه الصلاحية"
    ),
    "shop.no_database": "{place}: ليست فيه القاعدة «{name}»؛ صحّح {setting} وأعد تشغيل الخدمة",
    "shop.password_expired": "{place}: انتهت صلاحية كلمة مرور المستخدم هناك",
    "shop.statement_too_long": "{place}: استغرق الاستعلام أكثر مما يسمح به",
    "shop.account_locked": "{place}: حساب المستخدم مقفل هناك",
    "shop.server_disk_full": "{place}: قرصه ممتلئ",
    "shop.many_connections": "{place}: عليه اتصالات أكثر من حدّه",
    "shop.password_refused": (
        "{place}: رفض المستخدم أو كلمة المرور؛ صحّح {setting} وأعد تشغيل الخدمة: تُكتب الرموز `@ : / # ? %` في كلمة "
        "المرور هناك `%40 %3A %2F %23 %3F %25`"
    ),
    "shop.cluster_not_ready": "{place}: مجموعته (`cluster`) غير جاهزة",
    "shop.server_stops": "{place}: قيد الإيقاف",
    "shop.table_full": "{place}: جدول ممتلئ، أو قرصه",
    "shop.blocked": ("{place}: يحظر هذا الجهاز بعد اتصالات فاشلة كثيرة؛ ارفع الحظر بالأمر `mysqladmin flush-hosts`"),
    "shop.machine_refused": "{place}: لا يسمح باتصال من هذا الجهاز",
    "shop.user_connections": "{place}: لهذا المستخدم اتصالات أكثر من حدّه",
    "shop.user_limit": "{place}: استنفد هذا المستخدم المسموح له",
    "shop.statement_ended": "{place}: أُوقف الاستعلام هناك",
    "shop.no_login_way": "{place}: يطلب طريقة لتسجيل الدخول لا يملكها هو",
    "shop.user_refused": "{place}: رفض المستخدم؛ صحّح {setting} وأعد تشغيل الخدمة",
    "shop.connection_killed": "{place}: أُنهي الاتصال هناك",
    "shop.server_offline": "{place}: في وضع عدم الاتصال (`offline`)",
    "shop.wants_encryption": "{place}: يطلب اتصالاً مشفّراً؛ اسمح بالمقبس أو بالشبكة المحلية من دون تشفير",
    "shop.idle_closed": "{place}: أغلق الاتصال لطول خموله",
    "shop.value_missing": "`NOT NULL`: قيمة ناقصة",
    "shop.value_twice": "`UNIQUE`: القيمة نفسها في صف آخر",
    "shop.refers_to_gone": "`FOREIGN KEY`: يشير إلى صف لم يعد موجوداً",
    "shop.referred_to": "`FOREIGN KEY`: يشير إليه صف آخر",
    "shop.out_of_range": "عدد خارج الحدود",
    "shop.value_not_allowed": "`CHECK`: قيمة ليست من القيم المسموح بها",
    "shop.time_unreadable": "وقت لا يمكن قراءته",
    "shop.value_unreadable": "وقت أو عدد لا يمكن قراءته",
    "shop.value_does_not_fit": "نص أو عدد لا يناسب العمود أو مجموعة محارفه",
    "shop.text_too_long": "نص أطول من المسموح",
    "shop.trigger_refused": "يرفضه مُطلِق (`trigger`) في قاعدة البيانات",
    "shop.value_no_json": "`CHECK`: قيمة ليست `JSON`",
    "shop.json_too_deep": "`CHECK`: قيمة `JSON` كبيرة أو متداخلة أكثر من المسموح",
    "shop.cache_group": (
        "ذاكرة المتجر المؤقتة: {path}: لا يمكن أن تأخذ مجموعة مجلد الذاكرة المؤقتة؛ أضف مستخدم الخدمة إلى تلك "
        "المجموعة، ونفّذ `chmod g+s`"
    ),
    "shop.cache_not_writable": (
        "ذاكرة المتجر المؤقتة: {path}: {detail}؛ اسمح لمستخدم الخدمة بالكتابة هناك وفيما ينشئه المتجر هناك لاحقاً "
        "(`setfacl` مع القيمة الافتراضية)"
    ),
    "shop.cache_not_written": "ذاكرة المتجر المؤقتة: {path}: {detail}",
    "setting.interval_wrong": (
        "المتوقع عدد صحيح من الدقائق من 0 إلى 1440، وجاء «{value}»؛ وإلى أن يُصحَّح: كل {minutes:minute}"
    ),
    "setting.fee_wrong": "`delivery_fee`: المتوقع دنانير بعدد صحيح، وجاء «{value}»؛ صحّحه في المتجر",
    "setting.id_missing": "إعداد المتجر {key} فارغ، والمتوقع رقم من شركة التوصيل؛ اضبطه في المتجر",
    "setting.id_wrong": "{key}: المتوقع رقم من شركة التوصيل، وجاء «{value}»؛ صحّحه في المتجر",
    "setting.status_id_wrong": "المتوقع أرقام في إعداد المتجر {key}",
    "order.no_courier_id": (
        "الطلب {order}: {column}: المتوقع رقم من شركة التوصيل، وجاء «{value}»؛ صحّحه في المتجر ثم أعد المهمة"
    ),
    "shipment.unreadable": "`alwaseet_shipments.{column}`: المتوقع {expected}، وجاء {got}",
    "shipment.dinars": "مبلغ بالدينار",
    "shipment.phone": "رقم هاتف",
    "shipment.time": "وقت",
    "shipment.time_of_age": "وقت من هذا العصر",
    "shipment.order_id": "أرقام طلب لدى شركة التوصيل",
    "shipment.text": "نص",
    "shipment.id_too_long": "`alwaseet_shipments.alwaseet_order_id`: القيمة «{id}…» أطول مما يسعه المتجر",
    "shipment.amount_too_large": "`alwaseet_shipments.{column}`: {amount} أكبر مما يسعه المتجر",
}
