"""Arabic: what is said of the lease and of those that stand by, by the codes of the facts."""

from collections.abc import Mapping

STANDBY: Mapping[str, str] = {
    "standby.not_looked": "لم يُنظر إلى إذن العمل بعد",
    "standby.works": "يحمل هذا الجهاز إذن العمل منذ {at}",
    "standby.gave_up": "تنازل هذا الجهاز عن إذن العمل",
    "standby.held": "يعمل {machine}؛ فإن تعطّل تولّى هذا الجهاز العمل بدلاً منه في غضون دقيقتين",
    "standby.silent": "لم يجدّد {machine} إذن العمل منذ {at}؛ يتولّى هذا الجهاز العمل بدلاً منه في {takes_at}",
    "standby.clock": (
        "لم يجدّد {machine} إذن العمل منذ {at}، لكنه سارٍ بحسب ساعة قاعدة البيانات؛ يتولّى هذا الجهاز العمل بدلاً منه في "
        "{takes_at} على أبعد تقدير"
    ),
    "standby.polite": "تنازل هذا الجهاز عن إذن العمل؛ فإن لم يأخذه غيره أخذه هو في {takes_at}",
    "standby.gone": ("اختفى إذن العمل من `paranad_lease`، وقد لا يعلم حامله بذلك؛ يأخذه هذا الجهاز في {takes_at}"),
    "standby.doubled": (
        "يحمل {machine} إذن العمل بهوية هذه الخدمة نفسها: نُسخ مجلد حالتها، أو استُعيد ملف `queue.db` أقدم؛ تتابع هذه "
        "الخدمة بهوية جديدة"
    ),
    "standby.unreadable": "تعذّر النظر إلى إذن العمل: {reason}؛ وتُعاد المحاولة",
    "standby.unusable": "تعذّر أخذ إذن العمل: {reason}؛ وتُعاد المحاولة",
    "standby.not_kept": "تعذّر حفظ ما يتذكره هذا الجهاز عن إذن العمل: {reason}؛ وتُعاد المحاولة",
    "standby.not_renewed": "تعذّر تجديد إذن العمل (بالثواني: {seconds:g}): {reason}؛ وقد يأخذه جهاز آخر",
    "standby.no_answer_yet": "لم يُجرَّب التجديد في وقته: كان هذا الجهاز متوقفاً",
    "standby.taken_by": "يحمل {machine} إذن العمل الآن، في الدورة {term}",
    "standby.not_held": "يحمل {machine} إذن العمل على المتجر الآن، فلا يرسل هذا الجهاز أي طلب",
    "standby.given_up_here": "تنازل هذا الجهاز عن إذن العمل على المتجر، فلا يرسل أي طلب",
    "standby.marked_later": "وضع جهاز آخر علامة على الطلب {order} في دورة لاحقة، فلا يرسله هذا الجهاز",
    "standby.row_lost": "صف هذه المهمة في المتجر لدى غيرنا، فلا يُرسل لها شيء من هنا",
    "standby.row_gone": "اختفى إذن العمل من `paranad_lease`",
    "standby.no_table": "ليس في قاعدة بيانات المتجر جدول `paranad_lease` كما ينبغي: ينقص {missing}",
    "standby.no_right": "لا تسمح قاعدة بيانات المتجر بالصلاحية {right} على `paranad_lease`",
    "standby.some_right": "اللازمة",
    "standby.no_key": "ليس لجدول `paranad_lease` مفتاح أساسي، فقد تحمل خدمتان إذن العمل معاً",
    "standby.not_innodb": "المحرك {engine} هو الذي يحفظ `paranad_lease`، وهو لا يصونه عند الانهيار ولا في عنقود",
    "standby.cure_table": "أنشئه يدوياً بأوامر `SQL` التي يطبعها `paranadctl standby setup`",
    "standby.cure_form": (
        "احذفه ولا خدمة تعمل، ثم أنشئه من جديد يدوياً بأوامر `SQL` التي يطبعها `paranadctl standby setup`"
    ),
    "standby.cure_right": (
        "بحساب `root` في الخادم: `GRANT SELECT, INSERT, UPDATE, DELETE ON {on} TO 'USER'@'HOST'`، أي لمستخدم "
        "`[shop] database_url` كما يسمّيه `SELECT CURRENT_USER()`"
    ),
}
