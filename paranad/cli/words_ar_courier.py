"""Arabic: what the courier's rooms and the bridge know, by the codes of the facts."""

from collections.abc import Mapping

API_RIGHT = "تقول شركة التوصيل إن هذا الحساب لا يحق له ذلك؛ اطلب من الوسيط صلاحية `API`"
PLACE = "وهي تأخذ طلبات أخرى، فصحّح مدينة هذا الطلب ({city}) أو منطقته ({region})"

COURIER: Mapping[str, str] = {
    "courier.call": "`{path}`: {reason}",
    "courier.not_sent": "تعذّر الوصول إلى شركة التوصيل، ولم يُرسل شيء: {detail}",
    "courier.refused": "رفضت شركة التوصيل النداء: {detail}",
    "courier.refused_number": "رفضت شركة التوصيل النداء (`errNum` {number}): {detail}",
    "courier.no_right": f"{API_RIGHT}: {{detail}}",
    "courier.no_right_number": f"{API_RIGHT} (`errNum` {{number}}): {{detail}}",
    "courier.place": f"رفضت شركة التوصيل النداء: {{detail}}؛ {PLACE}",
    "courier.place_number": f"رفضت شركة التوصيل النداء (`errNum` {{number}}): {{detail}}؛ {PLACE}",
    "courier.not_now": "لم تستطع شركة التوصيل ذلك الآن: {detail}",
    "courier.not_now_number": "لم تستطع شركة التوصيل ذلك الآن (`errNum` {number}): {detail}",
    "courier.unclear": "جواب شركة التوصيل غير واضح: {detail}",
    "courier.limited": "استُنفد حدّ النداءات لدى شركة التوصيل؛ ينتظر دوره",
    "courier.rate_refused": "تقول شركة التوصيل إن حدّ النداءات استُنفد؛ ينتظر دوره",
    "courier.login_failed": "فشل تسجيل الدخول لدى شركة التوصيل: {reason}",
    "courier.no_account": (
        "لا اسم مستخدم ولا كلمة مرور؛ اكتب `[courier] username` و`password` في `paranad.toml`، "
        "أو `alwaseet_username` و`alwaseet_password` في إعدادات المتجر"
    ),
    "courier.account_refused": "رفضت شركة التوصيل اسم المستخدم وكلمة المرور: `errNum` {number}: {detail}",
    "courier.right_refused": API_RIGHT,
    "courier.login_later": "تطلب شركة التوصيل تسجيل الدخول لاحقاً",
    "courier.no_token": "تسجيل دخول من دون رمز (`token`)",
    "courier.answer": "`{path}`: {reason} (`HTTP` {status}، {type}، {bytes} بايت)",
    "courier.no_content_type": "من دون نوع محتوى",
    "courier.no_message": "من دون رسالة",
    "courier.not_json": "ليس الجواب `JSON` شركة التوصيل",
    "courier.neither": "لا نجاح ولا رفض",
    "courier.refusal_with_success_code": "رفض مع رمز نجاح",
    "courier.refusal_with_success_text": "رفض مع رسالة نجاح",
    "courier.refusal_for_time": "رفض بسبب نفاد الوقت",
    "courier.refusal_with_ids": "رفض مع أرقام طلب",
    "courier.success_with_refusal_code": "نجاح مع رمز رفض",
    "courier.no_list": "نجاح من دون قائمة",
    "courier.no_row_readable": "لا يُقرأ أي من صفوفها ({rows:row})",
    "courier.not_one_order": "نجاح من دون طلب واحد بعينه",
    "courier.no_id": "نجاح من دون رقم طلب",
    "courier.cut": "انقطع الجواب أو ليس `JSON` بعد {rows:row}",
    "courier.no_successful_list": "جواب طويل ليس قائمة ناجحة",
    "courier.not_a_list": "المتوقع قائمة طلبات، وجاء {type}",
    "courier.long_answer": "جواب طويل مع `HTTP` {status}",
    "courier.too_long": "الجواب أطول من {bytes} بايت",
    "courier.too_slow": "استغرق الجواب وقتاً أطول مما ينبغي",
    "courier.packed": "الجواب مضغوط، ولم يُطلب ذلك",
    "courier.no_connection": "لا اتصال: {detail}",
    "courier.broke": "انقطع الاتصال",
    "courier.connect_timeout": "لم يتم الاتصال في الوقت المناسب",
    "courier.not_https": "قيمة `[courier] base_url` ليست عنوان `https`",
    "courier.pool_timeout": "لم يتوفر اتصال في الوقت المناسب",
    "courier.read_timeout": "لم يصل جواب في الوقت المناسب",
    "courier.write_timeout": "تعذّر إرسال النداء في الوقت المناسب",
    "courier.read_reset": "انقطع الاتصال قبل اكتمال الجواب",
    "courier.write_reset": "انقطع الاتصال أثناء إرسال النداء",
    "courier.not_http": "انقطع الجواب أو ليس `HTTP`",
}
