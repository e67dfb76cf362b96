"""Arabic: where an order stands on its way to a shipment, by the codes of the facts."""

from collections.abc import Mapping

STANDINGS: Mapping[str, str] = {
    "standing:not_due": "لم يحن وقته",
    "standing:waiting": "ينتظر",
    "standing:queued": "في الطابور",
    "standing:setting_off": "قيد الإرسال",
    "standing:failed": "فشل",
    "standing:held": "موقوف بانتظار قرار",
    "standing:never_asked": "لم تُطلب شحنته",
    "standing:paused": "متوقف مؤقتاً",
    "order:pending": "قيد الانتظار",
    "order:confirmed": "مؤكَّد",
    "order:cancelled": "ملغى",
    "order:returned": "مُرجَع",
    "order:exchanged": "مُستبدَل",
    "action:settle": "إن كان عند شركة التوصيل: `paranadctl shipments settle {order} --courier-id ID`",
    "action:resend": "إن لم يكن عند شركة التوصيل: `paranadctl shipments resend {order}`",
    "action:resend_repeat": (
        "إن كان الطلبان مطلوبين: `paranadctl shipments resend {order}`؛ وإلا فألغِ الطلب {order} في المتجر"
    ),
    "action:reconcile": "للنظر في قائمة شركة التوصيل الآن: `paranadctl shipments reconcile`",
    "action:retry": "بعد زوال السبب: `paranadctl retry {job}`",
    "action:wake": "لئلا ينتظر أكثر: `paranadctl wake {job}`",
    "action:cancel": "لئلا يُرسل: `paranadctl jobs cancel {job}`",
    "action:resume": "للاستئناف: `paranadctl resume {paused}`",
    "action:resume_all": "للاستئناف: `paranadctl resume`",
    "action:send": "لإرساله: `paranadctl dispatch alwaseet:create-shipment order_id={order}`",
}
"""Where an order stands, what the shop calls it, and what a person can do about it."""

ORDER_SCREENS: Mapping[str, str] = {
    "every order of the last 30 days has its shipment": "لكل طلب من طلبات آخر 30 يوماً شحنته",
    "every order made since then has its shipment": "لكل طلب أُنشئ منذ ذلك الوقت شحنته",
    "{count:order} of the last 30 days without a shipment; the oldest was made {made}": (
        "في آخر 30 يوماً {count:order} بلا شحنة؛ أُنشئ أقدمها {made}"
    ),
    "{count:order} without a shipment; when they were made is unknown": ("{count:order} بلا شحنة؛ ولا يُعرف متى أُنشئت"),
    "{count:order} of the last 30 days without a shipment; the shop sends none by itself": (
        "في آخر 30 يوماً {count:order} بلا شحنة؛ والمتجر لا يرسل شيئاً تلقائياً"
    ),
    "which, and why: paranadctl orders --without-shipment": ("أيّها، ولماذا: `paranadctl orders --without-shipment`"),
    "whether every order has its shipment is unknown: the shop's database does not say": (
        "لا يُعرف هل لكل طلب شحنته: قاعدة بيانات المتجر لا تجيب عن ذلك"
    ),
    "everything about one: paranadctl order ORDER": "كل ما يخص طلباً واحداً: `paranadctl order ORDER`",
    "made": "أُنشئ",
    "standing": "أين وصل",
    "until": "حتى",
    "customer": "الزبون",
    "shipment": "الشحنة",
    "status": "حالته",
    "number": "رقمه في المتجر",
    "total": "المجموع",
    "rows": "الأصناف",
    "courier order": "طلب التوصيل",
    "synced {at}": "زومن {at}",
    "{status}, in the trash": "{status}، في سلة المحذوفات",
    "no shipment yet, {standing}: {reason}": "لا شحنة بعد، {standing}: {reason}",
    "goes on by itself {at}": "يُتابَع تلقائياً {at}",
    "What you can do": "ما يمكنك فعله",
    "Shipment": "الشحنة",
    "In the shop": "في المتجر",
    "the journal has no line about it": "لا سطر عنه في سجل النظام",
}

ORDERS: Mapping[str, str] = {
    "order.found_nothing": "لا يُعرف شيء عن «{text}»: لا طلب ولا طلب توصيل ولا هاتف ينتهي به",
    "order.just_made": "أُنشئ الطلب للتو، والمتجر يطلب شحنته خلال دقيقة",
    "order.row_comes": "صفه في جدول `jobs` في المتجر مؤجل إلى أن يحين وقته",
    "order.row_next": "صفه في جدول `jobs` في المتجر يُستلم عند النظرة القادمة",
    "order.row_reserved": "حجز منفّذ صفه في جدول `jobs` في المتجر",
    "order.row_not_taken": "صفه في جدول `jobs` في المتجر لا يُستلم: {reason}",
    "order.job_due": "المهمة {job} مستحقة، ويأخذها أول منفّذ يفرغ",
    "order.job_runs": "المهمة {job} ترسله الآن",
    "order.job_put_off": "المهمة {job} مؤجلة",
    "order.job_cancelled": "أُلغيت المهمة {job}، ولا شيء غيرها يطلب شحنته",
    "order.job_ended": "انتهت المهمة {job}، ولم يطلب شيء شحنته منذئذ",
    "order.job_skipped": "لم ترسله المهمة {job}: {reason}؛ ولم يطلب شيء شحنته منذئذ",
    "order.job_failed": "فشلت المهمة {job}",
    "order.not_taken": "لم تأخذه شركة التوصيل ({reason})، ولا مهمة تحاول من جديد",
    "order.rows_unread": "قد يكون صفه أبعد في جدول `jobs` في المتجر، ففيه صفوف أكثر مما يُقرأ دفعة واحدة",
    "order.nobody_asked": (
        "لم يطلب شيء شحنته: لا صف في جدول `jobs` في المتجر ولا مهمة؛ وإن كان يجب إرساله: "
        "`paranadctl dispatch alwaseet:create-shipment order_id={order}`"
    ),
    "order.unclear": "خرج نداؤه، ولم يُعرف جوابه بعد",
    "order.unclear_door_shut": "{reason}؛ و{door}",
    "order.row_to_write": "الطلب عند شركة التوصيل برقم {courier_id}، ولم يُكتب صفه في المتجر بعد",
    "order.recorded": "شحنته مسجّلة: طلب شركة التوصيل {courier_id}",
    "order.unknown": "غير معروف: {reason}",
    "order.held": "على شخص أن يقرر في شحنته",
    "order.all_paused": "كل شيء متوقف مؤقتاً، {pause}: `paranadctl resume`",
    "order.queue_paused": "الطابور {queue} متوقف مؤقتاً، {pause}: `paranadctl resume {queue}`",
    "order.task_paused": "مهام {task} متوقفة مؤقتاً، {pause}: `paranadctl resume {task}`",
    "order.drained": "لا تستلم الخدمة مهام جديدة: `paranadctl resume`",
    "order.not_digits": "المتوقع رقم طلب أو رقمه في المتجر أو رقم طلب شركة التوصيل أو آخر أرقام هاتف، والواصل «{got}»",
    "order.not_found": "الطلب {order}: لا يعرفه المتجر ولا سجل الشحنات ولا أي مهمة",
    "order.shop_lacks": "لا يوجد الطلب {order} في المتجر، أو لم يعد موجوداً",
}
