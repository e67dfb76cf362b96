"""Arabic: several machines of which one works, as the screens and the control API tell of them."""

from collections.abc import Mapping

MACHINES: Mapping[str, str] = {
    "state:standby": "تنتظر احتياطاً",
    "note:daemon-standby": "لا شيء يعمل هنا: {reason}",
    "note:taking-over": "يحمل هذا الجهاز إذن العمل، ويعمل حالما ينال ما تحفظه قاعدة بيانات المتجر: {reason}",
    "note:takeover-comes": "لا شيء يعمل هنا بعد: {reason}",
    "note:nobody-works": "لا يُعرف جهاز يعمل: {reason}",
    "note:daemon-hands-over": "يتولّى جهاز آخر العمل حالما ينتهي ما يعمل هنا: لا يبدأ شيء جديد هنا",
    "note:lease-stale": "لا تبدأ أي مهمة حتى يُجدَّد إذن العمل: {reason}",
    "note:lease-cure": "حتى يستطيع جهاز أن يحمل إذن العمل: {cure}",
    "note:rate-of-another": (
        "تنتظر الطلبات حتى {until}: قد يكون {machine} استنفد حدّ النداءات لدى شركة التوصيل قبيل ذلك"
    ),
    "note:no-standby": "لم ينتظر جهاز آخر احتياطاً حتى الآن: إن توقف هذا فلن يواصل أحد",
    "note:no-standby-any-more": ("{machine} لا ينتظر احتياطاً: إن توقف هذا فلن يواصل أحد؛ هناك: `paranadctl doctor`"),
    "note:jobs-left-here": (
        "ما ينتظر على هذا الجهاز وحده: {jobs:job}؛ يُستأنف حين يعمل من جديد، ما لم تُلغَ: `paranadctl jobs`"
    ),
    "this machine stands by for {machine}: what follows is what it knows itself; ask there": (
        "هذا الجهاز ينتظر احتياطاً خلف {machine}: ما يلي هو ما يعرفه هو نفسه؛ اسأل هناك"
    ),
    "this machine stands by, and none is known to work: what follows is what it knows itself": (
        "هذا الجهاز ينتظر احتياطاً، ولا يُعرف جهاز يعمل: ما يلي هو ما يعرفه هو نفسه"
    ),
    "Machines": "الأجهزة",
    "machine": "الجهاز",
    "what it does": "ما يفعله",
    "seen": "آخر ظهور",
    "version": "الإصدار",
    "{machine} (this one)": "{machine} (هذا)",
    "works": "يعمل",
    "works since {since}": "يعمل منذ {since}",
    "stands by": "ينتظر احتياطاً",
    "stands by since {since}": "ينتظر احتياطاً منذ {since}",
    "worked; may be gone": "كان يعمل؛ وربما تعطّل",
    "not heard of": "لا خبر عنه",
    "no other machine stands by: if this one stops, nobody goes on": (
        "لا جهاز آخر ينتظر احتياطاً: إن توقف هذا فلن يواصل أحد"
    ),
    "on this machine alone: its history, jobs dispatched by hand, pauses and mutes": (
        "على هذا الجهاز وحده: سجل ما جرى، والمهام المطلوبة يدوياً، والإيقاف المؤقت، وكتم التنبيهات"
    ),
    "orders, jobs and the schedule: ask {machine}; here stands only what this machine itself did": (
        "الطلبات والمهام والجدول: اسأل {machine}؛ فهنا ما فعله هذا الجهاز نفسه وحده"
    ),
    "this daemon works alone: [standby] enabled is false; how to have a second: paranadctl standby setup": (
        "هذه الخدمة تعمل وحدها: `[standby] enabled` قيمته `false`؛ لإعداد جهاز ثانٍ: `paranadctl standby setup`"
    ),
    "what runs here is finished, for up to {time}, an order on its way to the courier to its end; "
    "then another machine takes over": (
        "يُنتظر ما يعمل هنا حتى ينتهي، {time} على الأكثر، وأما طلب في طريقه إلى شركة التوصيل فإلى آخره؛ "
        "ثم يتولّى جهاز آخر العمل"
    ),
    "the daemon hands over all the same; how that went: paranadctl standby": (
        "الخدمة تسلّم العمل رغم ذلك؛ كيف جرى ذلك: `paranadctl standby`"
    ),
    "what is paused is paused on this machine alone; on the one that takes over it starts:": (
        "ما أُوقف مؤقتاً موقوف على هذا الجهاز وحده؛ ويبدأ على الجهاز الذي يتولّى العمل:"
    ),
    "muted on this machine alone; the one that takes over tells of it: {kinds}": (
        "مكتوم على هذا الجهاز وحده؛ وينبّه إليه الجهاز الذي يتولّى العمل: {kinds}"
    ),
    "write yes to hand over all the same:": "اكتب «نعم» لتسليم العمل رغم ذلك:",
    "not handed over": "لم يُسلَّم العمل",
    "on this machine alone: another that takes over does not know of it": (
        "على هذا الجهاز وحده: لا يعلم به جهاز آخر يتولّى العمل"
    ),
    "run the SQL above": "نفّذ أوامر `SQL` أعلاه",
    "{machine} works now; nobody worked for {time}": "{machine} يعمل الآن؛ ولم يعمل أحد مدة {time}",
    "waiting on this machine alone until it works again, {jobs:job}: paranadctl jobs": (
        "ما ينتظر على هذا الجهاز وحده إلى أن يعمل من جديد: {jobs:job}: `paranadctl jobs`"
    ),
    "paranad ends here; systemd starts it again, and it stands by": (
        "تنتهي الخدمة `paranad` هنا؛ ويشغّلها `systemd` من جديد فتنتظر احتياطاً"
    ),
    "run this once in the shop's database, as its administrator:": (
        "نفّذ هذا مرة واحدة في قاعدة بيانات المتجر، باسم مديرها:"
    ),
    "the table paranad_lease is there, and this daemon may use it": (
        "الجدول `paranad_lease` موجود، وللخدمة أن تستعمله"
    ),
    "then on each machine, in paranad.toml: [standby] enabled = true and [shop] keep_rows = true; then restart it": (
        "ثم على كل جهاز في `paranad.toml`: `[standby] enabled = true` و`[shop] keep_rows = true`؛ ثم أعد تشغيله"
    ),
}
"""By their English, or by their keys."""

MACHINE_FACTS: Mapping[str, str] = {
    "standby.elsewhere": "هذه الخدمة تنتظر احتياطاً، والعمل كله على {machine}: اطلب ذلك هناك",
    "standby.nobody_works": "هذه الخدمة تنتظر احتياطاً، ولا يُعرف جهاز يعمل: {reason}",
    "standby.handing_over": "تسلّم الخدمة العمل إلى جهاز آخر: تُنهي ما يعمل، ولا يبدأ شيء جديد هنا",
    "job.done_elsewhere": "عمل جهاز آخر في هذه الأثناء، وأدّى ما طلبه الجدول؛ ويواصل هذا من هناك",
    "standby.off": "هذه الخدمة تعمل وحدها: لا جهاز آخر يُسلَّم إليه العمل؛ لإعداد واحد: `paranadctl standby setup`",
    "standby.nobody_present": (
        "لا جهاز آخر ينتظر احتياطاً، فلن يعمل أحد؛ شغّل `paranad` هناك أولاً، أو أوقف هذه: `systemctl stop paranad`"
    ),
    "standby.not_taken": (
        "لم يتولّ جهاز آخر العمل خلال {seconds:second}، فهذا يواصل؛ انظر هناك: `paranadctl standby` و`paranadctl doctor`"
    ),
    "standby.takes_over": "يحمل هذا الجهاز إذن العمل، ولا يعمل بعد: {reason}",
    "standby.held_up": "حمل هذا الجهاز إذن العمل ولم يستطع أن يبدأ، فتركه لجهاز آخر: {reason}",
    "standby.not_known": (
        "لا يُعرف هل تم التنازل عن إذن العمل، ولا هل تولّى جهاز آخر العمل: {reason}؛ "
        "هذا ينتظر احتياطاً منذ الآن: `paranadctl standby`"
    ),
    "standby.not_writable": (
        "لا يمكن تسليم العمل الآن، فهذا الجهاز يواصل: {reason}؛ أعد المحاولة حين تجيب قاعدة البيانات: "
        "`paranadctl standby yield`"
    ),
    "standby.lost_meanwhile": "فُقد إذن العمل قبل التنازل عنه: {reason}",
    "standby.stopped_meanwhile": "طُلب من الخدمة أن تتوقف في هذه الأثناء: تتنازل عن إذن العمل وتنتهي",
}
"""By their codes."""
