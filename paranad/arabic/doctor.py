"""Arabic: what the doctor finds, by its code: why it is so, and the cure if there is one."""

from paranad.arabic.doctor_courier import COURIER, Finding
from paranad.arabic.doctor_machine import MACHINE
from paranad.arabic.standby_watch import LEASE

CLOCK = "اضبط الساعتين بواسطة `NTP`: `timedatectl set-ntp true`"
ROOM = "أخلِ مكاناً: الأمر `du -xh / | sort -h | tail` يذكر الكبير، والأمر `journalctl --vacuum-size=500M` يقصّر السجل"
BUSY = "انظر بالأمر `top` ما الذي يشغل المعالج أو القرص"
MIGRATE = "نفّذ ترحيلات المتجر: `php artisan migrate`"
SETTINGS = "صحّحها في إعدادات الوسيط في المتجر"
SWITCH_ON = "فعّله في إعدادات الوسيط في المتجر إن كان مقصوداً"

DAEMON: dict[str, Finding] = {
    "daemon-ready": ("الخدمة `paranad {version}` جاهزة، العملية {pid}، منذ {since}",),
    "daemon-stands-by": ("الخدمة `paranad {version}` تنتظر احتياطاً، العملية {pid}، منذ {since}",),
    "daemon-stateless": ("لا تبدأ الخدمة عملاً جديداً لأن `queue.db` لم يعد موجوداً", "`systemctl restart paranad`"),
    "daemon-draining": ("الخدمة قيد التفريغ: تُنهي ما يعمل ولا تبدأ جديداً", "`paranadctl resume`"),
    "daemon-not-ready": (
        "الخدمة في حالة «{state}»، فلا يبدأ شيء جديد",
        "انتظر دقيقة ثم أعد الفحص؛ السجل يذكر ما تفعله: `journalctl -u paranad`",
    ),
    "loop-quick": ("الخدمة تستجيب بسرعة: أقصى تأخر {late_ms} مللي ثانية",),
    "loop-slow": (
        "الخدمة تستجيب ببطء: التأخر {late_ms} مللي ثانية، والمتوقع أقل من {limit_ms}",
        f"{BUSY}؛ وتقليل `[queue] workers` يخفف الحمل",
    ),
    "loop-stuck": (
        "الخدمة معلّقة: التأخر {late_ms} مللي ثانية، والمتوقع أقل من {limit_ms}",
        f"{BUSY}؛ فإن كانت الخدمة نفسها: `systemctl restart paranad`",
    ),
    "configuration-default": ("لم يُقرأ ملف إعدادات: يسري ما ضُبط بغيره والقيم الافتراضية",),
    "configuration-good": ("الإعدادات في {source} سليمة وسارية",),
    "alerts-told": ("يُبلَّغ عن كل حادث بالأمر {command}؛ للتجربة: `paranadctl alert test`",),
    "alerts-not-told": (
        "لا يُبلَّغ أحد بحادث: الأمر `[alert] command` فارغ؛ والأوامر الجاهزة في `/opt/paranad/current/share/alerts`",
    ),
    "digest-none": ("لا يُرسل ملخص يومي: `[alert] digest` فارغ",),
    "digest-daily": ("يُرسل ملخص في {time} من كل يوم فيه ما يُذكر؛ التالي: {next}، وآخر يوم: {last}",),
    "digest-first": ("يُرسل ملخص كل يوم في {time}؛ أولها: {next}",),
    "digest-failing": (
        "لا يأخذ الأمر الملخص، فيُعاد إلى أن يحين التالي: {reason}",
        "تأكد من عمل الأمر: `paranadctl alert test`",
    ),
    "heartbeat-none": ("لا شيء في الخارج يلاحظ موت الخدمة: `[alert] heartbeat_url` فارغ",),
    "heartbeat-taken": ("آخر نبضة استلمها {host} كانت في {at}",),
    "heartbeat-not-yet": ("تُرسل إلى {host} أول نبضة خلال دقيقة",),
    "heartbeat-failing": (
        "لم يستلم {host} النبضة منذ {since}: {reason}",
        "صحّح `[alert] heartbeat_url` ثم `paranadctl reload`؛ وتأكد من وصول هذا الجهاز إلى {host}",
    ),
    "heartbeat-withheld": (
        "لم تُرسل نبضة إلى {host} منذ {since}: {reason}",
        "أزل السبب؛ فإن كان الجدول: `systemctl restart paranad`",
    ),
    "alerts-failing": (
        "لا يُبلَّغ أحد بحادث: الأمر {command} يفشل منذ {since}، {times:time} على التوالي: {reason}",
        "صحّحه أو صحّح بيانات دخوله، ثم: `paranadctl alert test`",
    ),
    "alert-muted": (
        "لا يُبلَّغ أحد بالنوع {kind} حتى {until}: كتمه {by} في {since}",
        "لإعادة التبليغ قبل ذلك: `paranadctl alerts unmute {kind}`",
    ),
    "configuration-wrong": (
        "لا يمكن استخدام الإعدادات كما هي الآن، فستفشل إعادة التشغيل: {problem}",
        "صحّحها؛ الأمر `paranad check` يذكر كل المشكلات (عددها {count})",
    ),
    "configuration-borne": (
        "ترفض `paranadctl reload` الإعدادات كما هي الآن، وتستغني إعادة التشغيل عن الناقص: {problem}",
        "صحّحها؛ الأمر `paranad check` يذكر كل المشكلات (عددها {count})",
    ),
    "configuration-changed": ("تغيّر بعد أن قرأته الخدمة: {keys}", "`paranadctl reload`"),
    "configuration-needs-restart": (
        "تغيّر، ولا يسري قبل إعادة التشغيل: {keys}",
        "أعد تشغيل الخدمة؛ ومع `systemd`: `systemctl restart paranad`",
    ),
    "configuration-open": (
        "في الملف {file} كلمة مرور أو سر آخر، ويستطيع كل من على هذا الجهاز قراءتها (الصلاحيات {mode})",
        "`chown root:paranad {file}; chmod 0640 {file}`",
    ),
    "state-good": ("المجلد {folder} للخدمة وحدها",),
    "state-open": (
        "المسار {path} مفتوح لغير مستخدم الخدمة: الصلاحيات {mode}، والمتوقع {expected}",
        "`chmod {expected} {path}`",
    ),
    "state-gone": (
        "لم يعد {path} موجوداً أو قابلاً للقراءة ({reason}) مع أن الخدمة تعمل عليه",
        "`systemctl restart paranad`: تعيد الخدمة عند توقفها كتابة ما فتحته؛ فإن لم تستطع فاستعد آخر نسخة احتياطية",
    ),
    "state-refused": (
        "لا يمكن الكتابة في `queue.db`، لذلك تُرفض المهام الجديدة: {reason}",
        "أخلِ مكاناً على قرصه؛ وإن كان فيه متسع فابحث عن عطل في القرص بالأمر `dmesg`",
    ),
    "disk-roomy": ("المساحة الحرة {free} على قرص {folder}",),
    "disk-nearly-full": ("لم يبقَ سوى {free} على قرص {folder}، والمتوقع {wanted} على الأقل", ROOM),
    "disk-full": ("امتلأ قرص {folder}: بقي {free}، والمتوقع {wanted} على الأقل", ROOM),
    "queue-db-whole": ("الملف `queue.db` سليم ({size})",),
    "queue-db-damaged": (
        "الملف `queue.db` تالف: {finding}",
        "أوقف الخدمة، واحتفظ بالملف التالف، واستعد آخر نسخة احتياطية، ثم شغّلها ونفّذ: `paranadctl shipments reconcile`",
    ),
    "queue-db-unfinished": (
        "يستغرق فحص `queue.db` ({size}) أكثر من {seconds:second}، فأُوقف",
        "افحص نسخة منه: `paranadctl backup /var/tmp/queue.db && sqlite3 /var/tmp/queue.db 'PRAGMA quick_check'`",
    ),
    "queues-open": ("كل الطوابير مفتوحة؛ المنفّذون المشغولون {running} من {workers}",),
    "all-paused": (
        "كل شيء متوقف مؤقتاً؛ عدد المهام المنتظرة {available}؛ {pause}",
        "`paranadctl resume`",
    ),
    "queue-paused": (
        "الطابور {queue} متوقف مؤقتاً؛ عدد المهام المنتظرة فيه {available}؛ {pause}",
        "`paranadctl resume {queue}`",
    ),
    "task-paused": (
        "مهام {task} متوقفة مؤقتاً؛ عدد المستحق المنتظر منها {due}؛ {pause}",
        "`paranadctl resume {task}`",
    ),
    "jobs-none-failed": ("لم تفشل أي مهمة نهائياً",),
    "jobs-failed": (
        "عدد المهام التي فشلت نهائياً: {count}؛ آخرها {task}: {error}",
        "لمعرفة السبب: `paranadctl failed show {id}`؛ وللإعادة: `paranadctl retry {id}`",
    ),
    "work-well": ("لا مهمة تفشل أو تتعلّق أو تبطئ أو يطول انتظارها",),
    "job-failed": ("{message}", "{cure}"),
    "job-stuck": ("{message}", "{cure}"),
    "loop-blocked": ("{message}", "{cure}"),
    "php-missing": ("{message}", "{cure}"),
    "run-slow": ("{message}", "{cure}"),
    "jobs-waiting": ("{message}", "{cure}"),
    "command-off": ("{message}", "{cure}"),
    "entry-succeeded": ("آخر نجاح للموعد {entry}: {at}",),
    "entry-waits": ("لم ينجح الموعد {entry} بعد؛ المرة القادمة: {next}",),
    "entry-forgotten": ("آخر مرة عمل فيها الموعد {entry}: {at}؛ ولم تعد مهمته محفوظة",),
    "entry-disabled": ("الموعد {entry} معطّل في الإعدادات",),
    "entry-off": ("الموعد {entry} متروك: {reason}",),
    "entry-program-missing": (
        "الموعد {entry} متروك: {reason}",
        "أعد البرنامج إلى مكانه، أو صحّح الموعد في `paranad.toml`: `paranadctl reload`",
    ),
    "entry-paused": ("الموعد {entry} متوقف مؤقتاً؛ {pause}", "`paranadctl schedule resume {entry}`"),
    "entry-gone": (
        "الموعد {entry} متوقف مؤقتاً ولم يعد في الإعدادات؛ {pause}",
        "إن تغيّر اسمه فالجديد يعمل: `paranadctl schedule pause NAME`؛ ولنسيانه: `paranadctl schedule resume {entry}`",
    ),
    "entry-silent": (
        "لم ينجح الموعد {entry}، وكان نجاحه متوقعاً حتى {expected}؛ آخر نجاح: {at}؛ وآخر تنفيذ: {reason}",
        "انظر تاريخه: `paranadctl schedule history {entry}`؛ وجرّبه: `paranadctl schedule run {entry}`",
    ),
    "shipments-none-held": ("لا توجد شحنة تنتظر قراراً؛ في الطريق: {under_way}",),
    "shipments-restored": (
        "استعيد `queue.db` من نسخة بتاريخ {at}، فلا تُرسل أي شحنة",
        "طابق سجله مع قائمة شركة التوصيل: `paranadctl shipments reconcile`",
    ),
    "shipments-held": (
        "شحنات تنتظر قرارك: {count}؛ الطلبات {orders}",
        "انظر كل واحدة وقرّر: `paranadctl shipments show {order}`",
    ),
    "parcels-well": ("لا يحتاج أي طرد من الأنواع المراقبة إلى متابعة",),
    "parcels-off": ("لا يُراقَب أي نوع من الطرود، بحسب `[parcels]` وجداول المتجر",),
    "parcels-found": (
        "طرود تحتاج إلى متابعة: {count} ({kinds})",
        "انظر كل واحد منها وسببه: `paranadctl parcels`",
    ),
}

SHOP: dict[str, Finding] = {
    "shop-reachable": ("قاعدة بيانات المتجر تستجيب ({took_ms} مللي ثانية)",),
    "shop-read-only": (
        "يمكن قراءة قاعدة بيانات المتجر لكنها لا تقبل أي تغيير: {reason}",
        "اسمح للخدمة بالكتابة فيها؛ إن كانت ملفاً فبصلاحية لمستخدمها، وبسطر `ReadWritePaths=` في ملف إضافي لوحدتها",
    ),
    "shop-server-read-only": (
        "يمكن قراءة قاعدة بيانات المتجر لكنها لا تقبل أي تغيير: {reason}",
        (
            "إن حلّ خادم آخر محلها فاجعل {place} يصل إليه ثم `systemctl restart paranad`؛"
            " وإلا فأعد السماح بالكتابة بحساب `root` فيها: `SET GLOBAL read_only = OFF`"
        ),
    ),
    "shop-busy": (
        "برنامج آخر يعطّل قاعدة بيانات المتجر: {reason}",
        "أعد السؤال بعد دقيقة؛ وإن بقي فانظر من يمسك القفل: `SHOW FULL PROCESSLIST` في الخادم، و`fuser` للملف",
    ),
    "shop-rights-good": ("لمستخدم `[shop] database_url` كل الصلاحيات التي تحتاجها الخدمة",),
    "shop-right-missing": (
        "ترفض قاعدة بيانات المتجر ما تحتاجه الخدمة: {reason}",
        (
            "بحساب `root` في الخادم: `GRANT {right} ON {on} TO 'USER'@'HOST'`، أي لمستخدم `[shop] database_url`"
            " كما يسمّيه `SELECT CURRENT_USER()`"
        ),
    ),
    "shop-unreachable": (
        "لا يمكن سؤال قاعدة بيانات المتجر: {reason}",
        (
            "تأكد من أنها تعمل (`systemctl status mariadb mysql`) ومن صحة {place}؛"
            " والعنوان المصحَّح يُقرأ عند البدء التالي: `systemctl restart paranad`"
        ),
    ),
    "shop-tables-good": ("في الجداول كلها ({count}) الأعمدة اللازمة",),
    "shop-tables-missing": ("ينقص قاعدة بيانات المتجر {missing}", f"{MIGRATE}، أو صحّح {{place}}: فقد تكون قاعدة أخرى"),
    "shop-tables-older": (
        "ينقص قاعدة بيانات المتجر {missing}، وهذا ما لا يملكه متجر أقدم: ما يحتاج إليها يُترك أو ينتظر",
        f"{MIGRATE}، إن كان يفترض أن توجد",
    ),
    "shop-clock-same": ("قاعدة بيانات المتجر ملف، ولا ساعة لها غير ساعة هذا الجهاز",),
    "shop-clock-good": ("الفرق بين ساعة خادم قاعدة بيانات المتجر وساعة هذا الجهاز {apart_s} ثانية",),
    "shop-clock-drifts": (
        "الفرق بين ساعة خادم قاعدة بيانات المتجر وساعة هذا الجهاز {apart_s} ثانية، والمتوقع {limit_s} على الأكثر",
        CLOCK,
    ),
    "shop-clock-off": (
        (
            "الفرق بين ساعة خادم قاعدة بيانات المتجر وساعة هذا الجهاز {apart_s} ثانية، والمتوقع {limit_s} على الأكثر:"
            " لن يُحذف شيء بحسب الوقت حتى يُصحَّح"
        ),
        CLOCK,
    ),
    "shop-queue-used": ("يضع المتجر مهامه في جدول `jobs`؛ وصل آخرها {at}",),
    "shop-queue-seen": ("يضع المتجر مهامه في جدول `jobs`؛ ولم يصل إلى هنا شيء بعد",),
    "shop-queue-off": ('`[shop] laravel_queue` قيمته `"off"`: جدول `jobs` متروك للمتجر',),
    "shop-queue-no-table": (
        "تنقص قاعدة بيانات المتجر جداول الطابور، فلا تصل مهام من المتجر: {missing}",
        f"{MIGRATE}، واضبط `QUEUE_CONNECTION=database` في ملف `.env`",
    ),
    "shop-queue-never": (
        (
            "لم يدخل جدول `jobs` في المتجر صف قط، فالظاهر أن `QUEUE_CONNECTION` ليس `database`:"
            " لا يصل إلى الخدمة أي طلب جديد"
        ),
        "اضبط `QUEUE_CONNECTION=database` في ملف `.env` في المتجر، ثم `php artisan config:clear`، ثم أنشئ طلباً",
    ),
    "shop-queue-nothing-yet": (
        (
            "لم يصل عن طريق جدول `jobs` شيء من مهام المتجر بعد؛ فإن لم يصل شيء بعد إنشاء طلب فاضبط"
            " `QUEUE_CONNECTION=database` في ملف `.env` في المتجر"
        ),
    ),
    "shop-queue-not-taken": (
        "جدول `jobs` في المتجر لا تُنفَّذ مهامه هنا: {reason}",
        "أوقف منفّذي المتجر (`supervisorctl status` و`ps -ef | grep queue:work`)؛ وستتولى الخدمة العمل من تلقاء نفسها",
    ),
    "shop-queue-left": (
        "صفوف في جدول `jobs` لا تعرفها الخدمة وتتركها لمنفّذ `PHP`: {rows}",
        (
            "الأمر `paranadctl logs` يذكر أصنافها وسبب ترك كل منها (`bridge.payload_unknown`)؛ دع الخدمة تطلب `PHP`"
            ' بالإعداد `php = "on-demand"` تحت `[shop]`، أو شغّل لها منفّذ `PHP`، أو احذفها'
        ),
    ),
    "php-stands": ("{why}؛ {notices}",),
    "php-waited-for": ("ينتظر `PHP` {rows:row}، الأقدم منذ {since}: {why}؛ {notices}",),
    "php-unready": ("{why}؛ {notices}", "{cure}"),
    "php-not-given-back": (
        "{why}؛ {notices}",
        "أصلح ما ترفضه قاعدة بيانات المتجر؛ تُعاد المحاولة كل دقيقة، ويقول `paranadctl status` ما بقي منها",
    ),
    "php-late": ("ينتظر `PHP` {rows:row}، الأقدم منذ {since}: {why}؛ {notices}", "{cure}"),
    "php-notices-refused": (
        (
            "عند آخر تغيّر في الحالة لم يقبل جدول `jobs` في المتجر صفاً لمستمعه، فلم تُرسل إشعارات فورية، وكتبت الخدمة"
            " صفوف الإشعارات: {reason}"
        ),
        (
            "الجدول الناقص يُنشئه `php artisan migrate` في المتجر، والصلاحية الناقصة مذكورة عند `shop-rights` مع أمر"
            " `GRANT`؛ ويُحاوَل من جديد عند التغيّر التالي"
        ),
    ),
    "php-notices-unworked": (
        (
            'الإعداد `[shop] status_notices` قيمته `"php"` و`php` قيمته `"leave"`: إن لم يكن للمتجر منفّذ خاص به'
            " فلا أحد يخبر بتغيّر الحالة؛ وإن كان له منفّذ فإنه يأخذ الطلبات الجديدة أيضاً، فيصير لها مُرسِلان،"
            " ولا يعرف سجل الشحنات شيئاً مما يرسله `PHP`"
        ),
        '`php = "on-demand"` تحت `[shop]`، ثم: `paranadctl reload`',
    ),
    "shop-queue-stays": (
        (
            "صفوف في جدول `jobs` تبقى فيه، لأن طابورها ليس من طوابير `[queue] queues`، أو لأنه لا يُقرأ منها أي صنف:"
            " {rows}"
        ),
        (
            "الأمر `paranadctl logs` يذكر سبب بقاء كل منها (`bridge.payload_unknown`)؛ أضف طابورها إلى"
            " `[queue] queues`، ثم: `systemctl restart paranad`، أو شغّل له منفّذ `PHP`، أو احذفها"
        ),
    ),
    "shop-rows-readable": ("لا يوجد في جدول `failed_jobs` في المتجر صف لا يمكن قراءته",),
    "shop-rows-unreadable": (
        "صفوف من جدول `jobs` في المتجر لا يمكن قراءتها، وهي في جدول `failed_jobs`: {rows}؛ آخرها {uuid}: {reason}",
        (
            "انظر في المتجر `php artisan queue:failed`؛ ما تطلبه لم يُنفَّذ: صحّح الخطأ ثم"
            " `php artisan queue:retry {uuid}`، أو نفّذه يدوياً ثم `php artisan queue:forget {uuid}`"
        ),
    ),
    "shop-failed-not-written": (
        "لا يمكن إعادة المهام الفاشلة إلى جدول `failed_jobs` في المتجر، وتُكرَّر المحاولة: {reason}",
        "صحّح الخطأ هناك؛ والأمر `paranadctl failed` يعرض كل المهام الفاشلة في الأثناء",
    ),
    "create-shipment-on": ("تُرسل الطلبات الجديدة إلى شركة التوصيل (`alwaseet_auto_create_shipment`)",),
    "create-shipment-off": (
        "لا تُرسل الطلبات الجديدة إلى شركة التوصيل: إعداد المتجر `alwaseet_auto_create_shipment` ليس 1",
        SWITCH_ON,
    ),
    "defaults-good": ("تُستخدم المدينة {city} والمنطقة {region} وحجم الطرد {size} حين لا يحددها الطلب",),
    "defaults-missing": (
        "تنقص إعدادات المتجر أرقام شركة التوصيل في {keys}: لا يُرسل طلب لا يحددها بنفسه",
        "اختر المدينة والمنطقة وحجم الطرد في إعدادات الوسيط في المتجر",
    ),
    "delivery-fee-wrong": (
        (
            "إعداد المتجر `delivery_fee` قيمته {value}، والمتوقع دنانير صحيحة:"
            ' ومع `shipment_price = "total_plus_fee"` لا يُرسل أي طلب'
        ),
        "صحّحه في إعدادات المتجر",
    ),
    "price-total": ("تقبض شركة التوصيل مجموع الطلب من دون أجرة التوصيل",),
    "price-total-plus-fee": ("تقبض شركة التوصيل مجموع الطلب مع أجرة التوصيل {fee:dinar}",),
    "auto-sync-all": ("تُزامن كل طلبات شركة التوصيل كل {minutes:minute}",),
    "auto-sync-some": ("تُزامن طلبات شركة التوصيل التي في هذه الحالات كل {minutes:minute}: {statuses}",),
    "auto-sync-off": (
        "لا تُزامن طلبات شركة التوصيل تلقائياً: إعداد المتجر `alwaseet_auto_sync_enabled` ليس 1",
        f"{SWITCH_ON}؛ ولمزامنة واحدة الآن: `paranadctl sync`",
    ),
    "auto-sync-interval-wrong": (
        (
            "إعداد المتجر `alwaseet_auto_sync_interval` قيمته {value}، والمتوقع دقائق من 5 إلى 1440؛ وإلى أن يُصحَّح "
            "تُزامَن طلبات شركة التوصيل كل {minutes:minute}"
        ),
        SETTINGS,
    ),
    "status-ids-wrong": ("في إعداد المتجر {key} ما ليس رقم حالة: {wrong}", f"{SETTINGS}: أرقام تفصل بينها فواصل"),
    "notices-all": ("يُبلَّغ عن كل تغيّر في الحالة (`alwaseet_notify_statuses` فارغ)",),
    "notices-some": ("يُبلَّغ عن التغيّر إلى هذه الحالات: {statuses}",),
}

ANY: dict[str, Finding] = {
    "check-late": (
        "لم ينتهِ هذا الفحص خلال {seconds:second}",
        "أعد الفحص؛ فإن بقي كذلك فراجع `paranadctl status` و`journalctl -u paranad`",
    ),
    "check-broken": ("صادف هذا الفحص عيباً في البرنامج: {error}", "راجع `journalctl -u paranad`، وأبلغ عنه"),
}

FINDINGS = {**DAEMON, **SHOP, **COURIER, **ANY, **MACHINE, **LEASE}
DOCTOR = {
    **{f"finding:{code}": words[0] for code, words in FINDINGS.items()},
    **{f"finding.cure:{code}": words[1] for code, words in FINDINGS.items() if len(words) == 2},
}
