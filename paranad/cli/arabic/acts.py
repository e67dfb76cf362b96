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
    "any number of jobs at a time": "أي عدد في كل وقت",
    "task {name} is paused, {due:job} due; go on with: paranadctl resume {name}": (
        "مهام {name} متوقفة مؤقتاً، والمستحق منها: {due:job}؛ للاستئناف: `paranadctl resume {name}`"
    ),
    "all queues and tasks go on": "استُؤنفت كل الطوابير والمهام",
}

WAKING: Mapping[str, str] = {
    "no job waits": "لا مهمة تنتظر",
    "job {id} is due now": "حان وقت المهمة {id}",
}

ACTS_SCREENS: Mapping[str, str] = {**TASKS, **PAUSES, **WAKING}

ACTS: Mapping[str, str] = {
    "job.not_woken": "المهمة {id} حالتها «{state}»، فلا تُستعجل؛ لا تُستعجل إلا المهام المنتظرة",
    "control.ids_or_task": "المتوقع أرقام مهام أو اسم مهام، وجاء الاثنان؛ اترك أحدهما",
    "usage.woken_ones": "المتوقع أرقام مهام أو `all` أو `--task TASK`؛ اكتب مثلاً: `wake all`",
    "usage.no_such_task": "لا توجد مهام باسم {task}{cure}",
    "usage.known_tasks": "؛ المعروف: {tasks}",
    "usage.nothing_named": "لا طابور ولا مهام ولا موعد باسم {name}{cure}",
    "usage.known_names": "؛ الطوابير: {queues}؛ المهام: {tasks}",
    "usage.queue_and_task": "الاسم {name} لطابور ولمهام معاً؛ سمِّ الموعد المجدول باسم آخر",
}
"""By the code of a fact."""
