"""Arabic: what the tasks say of what they skip, wait for and fail at, by the codes of the facts."""

from collections.abc import Mapping

SHIP: Mapping[str, str] = {
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
    "shop.rows_and": "{first} و{second}",
    "shop.no_time": "{column}: المتوقع وقت مثل `2026-03-02 12:00:00`، وجاء «{got}»",
    "shop.no_table": "الجدول {table}",
    "shop.and": "{first} و{second}",
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
    "job.unknown_task": "مهمة مجهولة «{task}»{cure} المعروف:\n{known}",
    "job.would_fail": "ستفشل {task}: {reason}",
    "job.would_wait": "ستنتظر {task}: {reason}",
    "job.wrong_arguments": "{task}: {wrong}؛ تأخذ: {takes}",
    "job.argument_missing": "{name} ناقص",
    "job.argument_unknown": "معامل مجهول «{name}»",
    "job.argument_near": "معامل مجهول «{name}»؛ هل تقصد «{near}»",
    "job.argument_wrong": "{name}: {expected}، وجاء {got}",
    "job.rest_later": "نُظر في {looked_at}، وتغيّر {changed}، وفشل {failed}؛ والباقي لاحقاً",
}
