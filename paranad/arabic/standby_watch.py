"""Arabic: what the doctor finds of the lease and of the database's cluster, and what the alerts and the digest say."""

from collections.abc import Mapping

from paranad.arabic.doctor_courier import Finding

NTP = "اضبط الساعتين بواسطة `NTP`: `timedatectl set-ntp true`"
NO_COPY = (
    "إن نُسخ قرص ففي نسخته مهام الجهاز الآخر وشحناته: أوقف `paranad` عليها، وانقل مجلد حالتها إلى مكان آخر، ثم"
    " `systemctl start paranad` هناك؛ وبعد استعادة نسخة احتياطية: `paranadctl shipments reconcile`"
)
DOUBLED = "كانت لخدمة أخرى هوية {here} نفسها، كما بعد نسخ قرص أو استعادة نسخة احتياطية؛ وصارت لهذه الخدمة هوية جديدة"
APART = "الفرق بين ساعة {machine} وساعة قاعدة البيانات {apart_s} ثانية، والمتوقع {limit_s} على الأكثر"
NONE_WORKS = "الجهاز {here} ينتظر احتياطاً، ولا يُعرف جهاز يعمل: {why}"

LEASE: dict[str, Finding] = {
    "lease-held": ("الجهاز {here} يعمل منذ {since}؛ وقد جدّد إذن العمل قبل {age_s} ثانية",),
    "lease-late": (
        "الجهاز {here} يعمل منذ {since}، ولم يجدّد إذن العمل منذ {age_s} ثانية، فلا يأخذ مهمة جديدة: {why}",
        "انظر السطرين `lease-table` و`shop-database`؛ دقيقة بلا تجديد تنهي الخدمة، ويتولّى العمل جهاز آخر",
    ),
    "lease-held-up": (
        "الجهاز {here} يحمل إذن العمل منذ {since}، ولا يعمل بعد: {why}",
        (
            "انظر الأسطر `lease-table` و`shop-database` و`shop-rights`؛ تُعاد المحاولة، وبعد دقيقة يُترك إذن العمل"
            " لجهاز آخر إن كان ينتظر احتياطاً"
        ),
    ),
    "lease-waited-for": ("الجهاز {here} ينتظر احتياطاً: {why}",),
    "lease-out-of-reach": (
        "الجهاز {here} ينتظر احتياطاً، لكنه لا يستطيع الآن أن يتولّى العمل: {why}",
        "انظر السطرين `lease-table` و`shop-database`؛ تُعاد المحاولة كل بضع ثوانٍ",
    ),
    "lease-due": (
        NONE_WORKS,
        "انتظر حتى ذلك الوقت؛ فإن بقي كذلك فانظر السطرين `lease-table` و`shop-database`",
    ),
    "lease-untaken": (
        NONE_WORKS,
        "إذن العمل الذي انقضى يأخذه جهاز خلال دقيقتين؛ فإن بقي كذلك فانظر السطرين `lease-table` و`shop-database`",
    ),
    "lease-doubled": (DOUBLED, NO_COPY),
    "lease-table-good": ("الجدول `paranad_lease` موجود، وعليه الصلاحيات اللازمة",),
    "lease-table-wrong": ("{reason}", "{cure}"),
    "standby-present": ("الأجهزة التي تنتظر احتياطاً: {machines}",),
    "standby-none": (
        "لا ينتظر جهاز آخر احتياطاً: إن تعطّل {here} فلا يُرسل أي طلب",
        "شغّل `paranad` على جهاز آخر مع `[standby] enabled = true`: انظر `docs/two-servers.ar.md`",
    ),
    "standby-name-twice": (
        "أكثر من جهاز واحد اسمه {machine}، فلا يُعرف أيّها المقصود",
        "اجعل لكل جهاز `[standby] name` خاصاً به في `paranad.toml`، ثم: `systemctl restart paranad`",
    ),
    "versions-alike": ("على كل الأجهزة الإصدار `paranad {version}`",),
    "versions-differ": (
        "على هذا الجهاز الإصدار `paranad {version}`، وعلى غيره إصدار آخر: {others}",
        "ثبّت إصداراً واحداً على كل الأجهزة، وابدأ بالاحتياطية",
    ),
    "standby-clock-same": ("قاعدة بيانات المتجر ملف، ولا ساعة لها غير ساعة هذا الجهاز",),
    "standby-clocks-good": ("لا تبعد ساعة أي جهاز عن ساعة قاعدة البيانات أكثر من {apart_s} ثانية",),
    "standby-clock-drifts": (APART, NTP),
    "standby-clock-off": (APART, NTP),
    "rows-kept": ("تبقى صفوف جدول `jobs` حتى تنتهي مهامها، فيجدها جهاز آخر؛ وعددها هنا الآن {rows}",),
    "rows-not-kept": (
        "تعذّر تجديد حجز صفوف جدول `jobs` التي مهامها هنا: {reason}؛ وبعد 90 ثانية قد يأخذها غيرها",
        "انظر السطرين `shop-database` و`shop-rights`؛ تُعاد المحاولة، وما أُخذ في الأثناء تُلغى مهمته هنا",
    ),
    "cluster-one": ("قاعدة بيانات المتجر خادم واحد: ما دام متوقفاً فلا يعمل أي جهاز",),
    "cluster-galera": ("قاعدة بيانات المتجر عنقود `Galera` فيه {nodes:node}؛ وحالة هذه العقدة: {node_state}",),
    "cluster-group": ("قاعدة بيانات المتجر مجموعة خوادم `MySQL` (`InnoDB Cluster`)",),
    "cluster-confirmed": (
        "تُنسخ قاعدة بيانات المتجر إلى {replicas:replica}، وكل تثبيت قبل الإجابة عنه (نسخ شبه متزامن)",
    ),
    "cluster-even": (
        "في عنقود `Galera` {nodes:node}، وهو عدد زوجي: إن انقطعت الشبكة بين نصفيه فلا يعمل أي منهما",
        "أضف عقدة أو حَكَماً (`garbd`) على جهاز آخر: انظر `docs/two-servers.md`",
    ),
    "cluster-not-synced": (
        "حالة هذه العقدة من عنقود `Galera` هي {node_state}: فقد تتأخر عن غيرها",
        "العقدة المانحة تعود متزامنة حين تكتمل نسخة الأخرى؛ فإن بقيت كذلك فراجع سجل أخطاء العقدة",
    ),
    "cluster-cut": (
        "هذه العقدة من عنقود `Galera` لا تقبل أي تغيير: حالتها {status}، وترى {nodes:node}",
        "أصلح شبكتها إلى العقد الأخرى؛ فإن كانت كلها متوقفة فانظر في `docs/two-servers.md` أيها تبدأ",
    ),
    "cluster-later": (
        (
            "لا تُنسخ قاعدة بيانات المتجر إلى {replicas:replica} إلا بعد كل تثبيت: إن حلّت إحداها محلها ضاعت آخر"
            " التثبيتات، ومنها إذن العمل وعلامات الطلبات، وقد يُرسل طلب مرتين"
        ),
        (
            "استخدم `Galera` أو النسخ شبه المتزامن (`rpl_semi_sync_master_enabled`)؛ أو أوقف `paranad` على كل الأجهزة"
            " قبل أن تحل نسخة محلها، ثم: `paranadctl shipments reconcile`"
        ),
    ),
    "work-elsewhere": (
        (
            "الطوابير والجدول و`PHP` والشحنات والطرود وإعدادات المتجر وحساب شركة التوصيل وملخص اليوم ونبضة الحياة"
            " تُفحص على الجهاز الذي يعمل: {machine}"
        ),
    ),
}

WATCHED: Mapping[str, str] = {
    "doctor.machine_unknown": "لا يُعرف أي جهاز",
    "doctor.table_docs": "يذكر `docs/two-servers.ar.md` كيف يُنشأ الجدول",
    "alert.taken_over": (
        "جدّد {machine} إذن العمل آخر مرة في {last_renewed_at}، فتولّى {here} العمل بدلاً منه منذ {since}"
    ),
    "alert.taken_over_over": "{how}",
    "alert.taken_over_cure": (
        "انظر على {machine} السبب: `journalctl -u paranad -n 50`؛ وإذا شُغّل من جديد انتظر احتياطاً؛ أما الشحنات"
        " الموقوفة والمهام التي أُطلقت يدوياً والإيقافات فما زالت عليه"
    ),
    "alert.no_standby": "لم ينتظر أي جهاز احتياطاً عن {here} منذ {since}: إن تعطّل فلا يُرسل أي طلب",
    "alert.no_standby_over": "{how}",
    "alert.no_standby_cure": (
        "على الجهاز الآخر: `systemctl status paranad` و`paranadctl doctor`؛ ولجهاز جديد انظر `docs/two-servers.ar.md`"
    ),
    "alert.lease_untaken": "لا يعمل أي جهاز، فلا يُرسل أي طلب؛ والجهاز {here} ينتظر احتياطاً: {reason}",
    "alert.lease_untaken_over": "{how}",
    "alert.lease_untaken_cure": ("تذكر أسطره `lease` و`lease-table` و`shop-database` السبب: `paranadctl doctor`"),
    "alert.lease_fight": "{reason}",
    "alert.lease_fight_over": "إذن العمل: {how}",
    "alert.lease_fight_cure": (
        "انظر على كل جهاز في `paranadctl logs` الحدثين `lease.not_renewed` و`lease.lost`، وانظر `paranadctl doctor`؛"
        " وإلى أن يصلح طريقه إلى قاعدة البيانات: `systemctl stop paranad` على الجهاز الذي يفقده"
    ),
    "alert.lease_often": "فُقد إذن العمل لصالح جهاز آخر {times:time} خلال ساعة، وآخرها لصالح {machine}",
    "alert.lease_doubled": DOUBLED,
    "alert.lease_doubled_cure": NO_COPY,
    "alert.machine_stands_by": "الجهاز {machine} ينتظر احتياطاً",
    "alert.machine_works": "الجهاز {machine} يعمل الآن",
    "alert.lease_stays": "لم يفقده جهاز لصالح آخر منذ ساعة",
    "alert.lease_single": "لم تعد لخدمة أخرى هوية هذه الخدمة",
    "digest.machines": "يعمل: {machine}؛ وينتظر احتياطاً: {others}",
    "digest.counted_here": "ينتظر {here} احتياطاً: يُحسب هنا من الشحن والمهام والمواعيد ما كان عليه وحده",
    "digest.not_needed_here": "لا حاجة إلى أحد على {here}",
}

WATCHED_SCREENS: Mapping[str, str] = {
    "alert:taken-over": "جهاز تعطّل ويعمل آخر بدلاً منه",
    "alert:no-standby": "لا جهاز ينتظر احتياطاً",
    "alert:lease-untaken": "لا جهاز يعمل",
    "alert:lease-fight": "أجهزة تتنازع إذن العمل",
}
