"""Arabic: what the shop's database and its settings say, by the codes of the facts."""

from collections.abc import Mapping

SHOP: Mapping[str, str] = {
    "setting.interval_wrong": "المتوقع دقائق بعدد صحيح، وجاء «{value}»؛ وإلى أن يُصحَّح: كل {minutes:minute}",
    "setting.fee_wrong": "`delivery_fee`: المتوقع دنانير بعدد صحيح، وجاء «{value}»؛ صحّحه في المتجر",
    "setting.id_missing": "إعداد المتجر {key} فارغ، والمتوقع رقم من شركة التوصيل؛ اضبطه في المتجر",
    "setting.id_wrong": "{key}: المتوقع رقم من شركة التوصيل، وجاء «{value}»؛ صحّحه في المتجر",
    "setting.status_id_wrong": "المتوقع أرقام في إعداد المتجر {key}",
    "order.no_courier_id": (
        "الطلب {order}: {column}: المتوقع رقم من شركة التوصيل، وجاء «{value}»؛ صحّحه في المتجر ثم أعد المهمة"
    ),
}
