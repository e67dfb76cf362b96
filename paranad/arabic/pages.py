"""Arabic: the pages of orders, shipments, jobs, the schedule and the doctor, and what can be done on them."""

from collections.abc import Mapping

_JOBS = {
    "Jobs": "المهام",
    "Failed jobs": "المهام الفاشلة",
    "job {id}: {task}": "المهمة {id}: {task}",
    "text": "نص",
    "in its task, arguments, error or result": "في اسم المهمة أو معاملاتها أو خطئها أو حصيلتها",
    "any": "الكل",
    "job number": "رقم المهمة",
    "no such job among those looked through": "لا توجد مهمة كهذه بين ما فُحص حتى الآن",
    "Retry": "إعادة",
    "Retry all": "إعادة الكل",
    "Retry all of these": "إعادة كل هذه",
    "Forget": "حذف",
    "Run it now": "تشغيل الآن",
    "Cancel": "إلغاء",
    "Run all that wait now": "تشغيل كل ما ينتظر الآن",
}

_SCHEDULE = {
    "Pause": "إيقاف مؤقت",
    "Resume": "استئناف",
    "time zone": "المنطقة الزمنية",
    "rules": "قواعده",
    "What became of it": "ما جرى في كل مرة",
    "Tasks": "أنواع المهام",
    "Settings": "إعدادات المتجر",
    "setting": "الإعداد",
    "jobs of {task}": "مهام `{task}`",
}

_DOCTOR = {
    "Doctor": "الفحص",
    "{outcome}: {check}": "{outcome}: {check}",
    "why: {reason}": "السبب: {reason}",
    "As it should be": "السليم",
}

_SHIPMENTS = {
    "all that are not recorded": "كل ما لم يُسجَّل بعد",
    "Sync the courier's orders": "مزامنة طلبات شركة التوصيل",
    "Compare with the courier's list": "المطابقة مع قائمة شركة التوصيل",
    "The order, and what may be it at the courier": "الطلب، وما قد يكون هو لدى شركة التوصيل",
    "Another courier order is the shipment": "الشحنة طلب آخر لدى شركة التوصيل",
    "The courier does not have it": "ليس لدى شركة التوصيل",
    "Both orders are wanted": "الطلبان مطلوبان",
    "the customer gets two parcels; if this order is not wanted, cancel it in the shop, and nothing is left to do": (
        "يصل إلى الزبون طردان؛ وإن لم يكن هذا الطلب مطلوباً فألغِه في المتجر: عندها لا يبقى ما يُقرَّر"
    ),
    "shipments are decided with paranadctl, not on this page": "قرار الشحنات بالأمر `paranadctl`، لا في هذه الصفحة",
    "This is the shipment": "هذه هي الشحنة",
    "{id} is the shipment": "الشحنة هي {id}",
    "if the courier's own list shows neither the reference nor the phone, it can be sent again; if the courier has it "
    "after all, the customer gets two parcels": (
        "إن لم يظهر المرجع ولا الهاتف في قائمة شركة التوصيل نفسها أمكن إرساله من جديد؛ "
        "فإن كان لديها مع ذلك وصل إلى الزبون طردان"
    ),
    "courier order {id}": "طلب شركة التوصيل {id}",
    "order {order}": "الطلب {order}",
    "the courier's number of the order": "رقم الطلب لدى شركة التوصيل",
    "courier's status": "حالته لدى شركة التوصيل",
    "linked to order": "مرتبط بالطلب",
    "name": "الاسم",
    "address": "العنوان",
    "notes": "الملاحظات",
    "unreadable": "لا يُقرأ",
    "{count:dinar}": "{count:dinar}",
    "{value} (the same)": "{value} (مطابق)",
    "the shop keeps no row of it yet: sync all orders, or look in the courier's own list": (
        "ليس له صف في المتجر بعد: زامن كل الطلبات، أو انظر في قائمة شركة التوصيل نفسها"
    ),
    "the shop's rows are unknown: {reason}": "صفوف المتجر غير معروفة: {reason}",
    "the shop keeps no courier order that may be it; a sync brings the courier's list": (
        "ليس في المتجر طلب لشركة التوصيل قد يكون هو؛ المزامنة تجلب قائمة شركة التوصيل"
    ),
}

_ORDERS = {
    "look for an order": "ابحث عن طلب",
    "its number, its courier id, or three or more last digits of the phone": (
        "رقمه، أو رقم التوصيل، أو آخر ثلاثة أرقام من الهاتف أو أكثر"
    ),
    "Search": "بحث",
    "decide about the shipment": "القرار في الشحنة",
}

_ACTS = {
    "Not done": "لم يُنفَّذ",
    "Try again": "إعادة المحاولة",
    "{task}, {state}": "{task}، {state}",
    "{count:job}": "{count:job}",
    "more than {count:job}": "أكثر من {count:job}",
    "type {text} to do it": "اكتب {text} للتنفيذ",
    "Retry all of these failed jobs?": "هل تُعاد كل هذه المهام الفاشلة؟",
    "Retry them": "إعادتها",
    "back to their queue with fresh tries: {count}": "تعود إلى طابورها بمحاولات جديدة: {count}",
    "put back: {count:job}": "أُعيد إلى الطابور: {count:job}",
    "still failed, because another job already does the same: {count:job}": (
        "بقي فاشلاً لأن مهمة أخرى تتولى الأمر نفسه: {count:job}"
    ),
    "due now: {count:job}": "استُحق الآن: {count:job}",
    "Run all of these waiting jobs now?": "هل تُشغَّل كل هذه المهام المنتظرة الآن؟",
    "Run them now": "تشغيلها الآن",
    "{state}: {count}": "{state}: {count}",
    "what was snoozed or waits for another try is due now; what a person put off stays so": (
        "ما أُجّل أو ينتظر محاولة أخرى يُستحق الآن؛ وما أجّله شخص يبقى على حاله"
    ),
    "Let everything go on?": "هل يُستأنف كل ما أُوقف؟",
    "the daemon takes no new jobs, and will again": "الخدمة لا تبدأ مهام جديدة، وستبدؤها من جديد",
    "paused queues, which go on: {names}": "طوابير متوقفة تُستأنف: {names}",
    "paused schedule entries, which go on: {names}": "مواعيد متوقفة تُستأنف: {names}",
    "paused tasks, which go on: {names}": "مهام متوقفة تُستأنف: {names}",
    "Cancel job {id}?": "هل تُلغى المهمة {id}؟",
    "Cancel the job": "إلغاء المهمة",
    "it ends for good, and what it was to do is not done": "تنتهي نهائياً، ولا يُنفَّذ ما كانت ستفعله",
    "Forget job {id}?": "هل تُحذف المهمة {id}؟",
    "Forget the job": "حذف المهمة",
    "the job is deleted with its attempts; it cannot be retried afterwards": (
        "تُحذف المهمة مع محاولاتها، ولا يمكن إعادتها بعد ذلك"
    ),
    "the courier's list is not there yet; the daemon goes on, so look again in a minute": (
        "لم تصل قائمة شركة التوصيل بعد؛ الخدمة مستمرة، فانظر من جديد بعد دقيقة"
    ),
    "Is courier order {id} the shipment of order {order}?": "هل طلب شركة التوصيل {id} هو شحنة الطلب {order}؟",
    "Yes, it is": "نعم، هو",
    "the courier is asked for it, and the shop's row is linked to the order; nothing is sent": (
        "تُسأل شركة التوصيل عنه، ويُربط صف المتجر بالطلب؛ ولا يُرسل شيء"
    ),
    "it is taken although the courier does not confirm it": "يُعتمد مع أن شركة التوصيل لا تؤكده",
    "Take it although the courier does not confirm it": "اعتماده مع أن شركة التوصيل لا تؤكده",
    "courier order {id} is the shipment of order {order}": "طلب شركة التوصيل {id} هو شحنة الطلب {order}",
    "the shop's row is written when its database answers": "يُكتب صف المتجر حين تستجيب قاعدة بياناته",
    "Send order {order} again?": "هل يُرسل الطلب {order} من جديد؟",
    "Send it again": "إرسال من جديد",
    "Send order {order} to the courier?": "هل يُرسل الطلب {order} إلى شركة التوصيل؟",
    "the courier gets it once, whoever else asks for it too": "يصل إلى شركة التوصيل مرة واحدة، ولو طلبه غيرك أيضاً",
    "Send it": "إرساله",
    "Send order {order} too?": "هل يُرسل الطلب {order} أيضاً؟",
    "Send it too": "إرساله أيضاً",
    "order {order} is sent, once": "يُرسل الطلب {order}، مرة واحدة",
}

PAGES: Mapping[str, str] = {**_JOBS, **_SCHEDULE, **_DOCTOR, **_SHIPMENTS, **_ORDERS, **_ACTS}

ASKED: Mapping[str, str] = {
    "web.no_such_act": "لا يوجد في هذه الصفحات إجراء باسم «{name}»",
    "web.not_decided_here": (
        "لا قرار في هذه الصفحة: حسم الشحنة وإرسالها وإعادة إرسالها وإلغاء المهمة وحذفها بالأمر `paranadctl`، "
        "إلا مع `[web] decide = true`"
    ),
    "web.field_missing": "{field} ناقص",
    "web.field_unexpected": "غير متوقع: {names}",
    "web.another_typed": "لم يُنفَّذ شيء: المتوقع كتابة {expected}، وجاء «{got}»",
    "web.no_number": "{field}: المتوقع عدد صحيح يبدأ من 1، وجاء «{got}»",
}
"""What is wrong with what a browser sent, by the codes of the facts."""
