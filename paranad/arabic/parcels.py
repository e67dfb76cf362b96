"""Arabic: the parcels that need a person, and their money, by the codes of the facts and the words of the screens."""

from collections.abc import Mapping

PARCEL_FACTS: Mapping[str, str] = {
    "parcel.stuck": "لم تتغير حالته منذ {days:day}",
    "parcel.issue": "كتبت شركة التوصيل: {note}",
    "parcel.returning": "في طريق العودة منذ {days:day}",
    "parcel.uninvoiced": "سُلّم إلى الزبون قبل آخر جواب لشركة التوصيل بمدة {days:day}، وليس في أي فاتورة",
    "parcel.confirmed": (
        "سُلّم إلى الزبون قبل آخر جواب لشركة التوصيل بمدة {days:day}، وأكّدته حساباتها، وليس في أي فاتورة"
    ),
    "parcel.price": "تحصّل شركة التوصيل {price} عن طلب مجموعه {expected:dinar}",
    "parcel.price_with_fee": "تحصّل شركة التوصيل {price} عن طلب مجموعه مع أجرة التوصيل {expected:dinar}",
    "parcel.changed": "يختلف عند شركة التوصيل: {what}؛ عُدّل بعد إرساله",
    "parcel.items_changed": "عُدّلت قطعه في المتجر بعد إرساله",
    "parcel.cancelled": "أُلغي في المتجر، والطرد ماضٍ في طريقه",
    "parcel.trashed": "في محذوفات المتجر، والطرد ماضٍ في طريقه",
    "parcel.phone": "الهاتف",
    "parcel.address": "العنوان",
    "parcel.amount": "السعر",
    "parcel.items": "عدد القطع",
    "parcel.not_watched": "القيمة `[parcels] {key}` هي `{value}`، فلا مراقبة",
    "parcel.no_table": "ليس في هذا المتجر الجدول {table}، فلا مراقبة",
    "parcel.no_column": "ليس في هذا المتجر العمود {column} من الجدول {table}، فلا مراقبة",
    "parcel.no_invoices": "لم تذكر شركة التوصيل فاتورة لأي طرد، فلا مراقبة",
    "alert.parcel_order": "الطلب {order_id}",
    "alert.parcel_of_no_order": "الطرد {courier_id}",
    "alert.parcel_next": "{first}، {rest}",
    "alert.parcels_none_left": "لم يبقَ منها شيء",
    "alert.parcels_stuck": (
        "لم تتغير الحالة منذ {days:day} أو أكثر، أو كتبت شركة التوصيل مشكلة: {count:parcel}؛ الأقدم: {oldest}"
    ),
    "alert.parcels_stuck_over": "الطرود التي لم تتغير حالتها: {how}",
    "alert.parcels_stuck_cure": "انظر `paranadctl parcels stuck`، واسأل شركة التوصيل",
    "alert.parcels_returning": "في طريق العودة منذ {days:day} أو أكثر: {count:parcel}؛ الأقدم: {oldest}",
    "alert.parcels_returning_over": "الطرود التي في طريق العودة: {how}",
    "alert.parcels_returning_cure": "انظر `paranadctl parcels returning`، واطلبها من شركة التوصيل",
    "alert.parcels_uninvoiced": (
        "سُلّم إلى الزبائن منذ {days:day} أو أكثر وليس في أي فاتورة لشركة التوصيل: {count:parcel}؛ الأقدم: {oldest}"
    ),
    "alert.parcels_uninvoiced_over": "الطرود المسلَّمة التي ليست في أي فاتورة: {how}",
    "alert.parcels_uninvoiced_cure": "انظر `paranadctl parcels uninvoiced`، واطلب المبالغ من شركة التوصيل",
    "alert.parcels_price": "يختلف السعر عند شركة التوصيل عن مجموع الطلب: {count:parcel}؛ الأقدم: {oldest}",
    "alert.parcels_price_over": "الطرود التي يختلف سعرها عند شركة التوصيل: {how}",
    "alert.parcels_price_cure": (
        "انظر `paranadctl parcels price`، ثم صحّح الطلب في المتجر، أو اطلب من شركة التوصيل تصحيح سعرها"
    ),
    "alert.parcels_changed": "عُدّل الطلب في المتجر بعد إرساله والطرد في الطريق: {count:parcel}؛ الأقدم: {oldest}",
    "alert.parcels_changed_over": "الطلبات التي عُدّلت بعد إرسالها: {how}",
    "alert.parcels_changed_cure": "انظر `paranadctl parcels changed`، وأخبر شركة التوصيل بالجديد",
    "alert.parcels_cancelled": (
        "أُلغي الطلب في المتجر أو نُقل إلى المحذوفات والطرد في الطريق: {count:parcel}؛ الأقدم: {oldest}"
    ),
    "alert.parcels_cancelled_over": "طرود الطلبات الملغاة أو المحذوفة: {how}",
    "alert.parcels_cancelled_cure": (
        "انظر `paranadctl parcels cancelled`، واطلب من شركة التوصيل إيقافها، أو أعد الطلبات في المتجر"
    ),
}
"""By the code of a fact."""

PARCEL_SCREENS: Mapping[str, str] = {
    "parcels:stuck": "لم تتغير حالتها منذ {days:day} أو أكثر، أو كتبت شركة التوصيل مشكلة",
    "parcels:returning": "في طريق العودة منذ {days:day} أو أكثر",
    "parcels:uninvoiced": "سُلّمت منذ {days:day} أو أكثر، وليست في أي فاتورة لشركة التوصيل",
    "parcels:price": "تحصّل شركة التوصيل غير مجموع الطلب",
    "parcels:changed": "عُدّل طلبها في المتجر بعد إرساله",
    "parcels:cancelled": "أُلغي طلبها في المتجر أو نُقل إلى المحذوفات، وهي في الطريق",
    "parcel:stuck": "متوقفة",
    "parcel:returning": "عائدة",
    "parcel:uninvoiced": "بلا فاتورة",
    "parcel:price": "سعر مختلف",
    "parcel:changed": "معدَّلة",
    "parcel:cancelled": "ملغاة",
    "parcels_named:stuck": "متوقفة (`stuck`)",
    "parcels_named:returning": "عائدة (`returning`)",
    "parcels_named:uninvoiced": "بلا فاتورة (`uninvoiced`)",
    "parcels_named:price": "سعر مختلف (`price`)",
    "parcels_named:changed": "معدَّلة (`changed`)",
    "parcels_named:cancelled": "ملغاة (`cancelled`)",
    "alert:parcels-stuck": "طرود لم تتغير حالتها منذ مدة طويلة",
    "alert:parcels-returning": "طرود في طريق العودة منذ مدة طويلة",
    "alert:parcels-uninvoiced": "طرود مسلَّمة ليست في أي فاتورة",
    "alert:parcels-price": "طرود يختلف سعرها عند شركة التوصيل",
    "alert:parcels-changed": "طلبات عُدّلت بعد إرسالها",
    "alert:parcels-cancelled": "طرود طلبات ملغاة ما زالت في الطريق",
    "no parcel needs a person": "لا طرد يحتاج إلى أحد",
    "Parcels": "الطرود",
    "as the shop's rows were {at}": "كما كانت صفوف المتجر {at}",
}
"""By the words of a screen, and the kinds by their names."""
