"""Arabic: what the doctor finds of the courier, by its code."""

Finding = tuple[str] | tuple[str, str]

ACCOUNT = (
    "`[courier] username` و`password` في `paranad.toml`، أو `alwaseet_username` و`alwaseet_password` في إعدادات المتجر"
)
AT_START = "وما ضُبط على هذا الجهاز يُقرأ عند البدء التالي: `systemctl restart paranad`"
CHOOSE = "اختر غيرها في إعدادات الوسيط في المتجر"

COURIER: dict[str, Finding] = {
    "courier-name-good": ("لاسم شركة التوصيل {host} عنوان: {address}",),
    "courier-name-unknown": (
        "لا عنوان لاسم شركة التوصيل {host}: {reason}",
        "تأكد من خوادم الأسماء لهذا الجهاز (`resolvectl query {host}`) ومن شبكته ومن `[courier] base_url`",
    ),
    "courier-tls-good": ("أثبت {host} هويته؛ وشهادته صالحة لمدة {days:day}",),
    "courier-tls-none": ("{host} هو هذا الجهاز: لا تُطلب شهادة",),
    "courier-tls-ends": (
        "تنتهي شهادة {host} بعد {days:day}",
        "يجددها الوسيط عادة من تلقاء نفسه؛ فإن بقي أقل من أسبوع فأبلغهم",
    ),
    "courier-tls-untrusted": (
        "لم يثبت {host} هويته، فلا يُرسل إليه شيء: {reason}",
        "تأكد من ساعة هذا الجهاز (`timedatectl`) ومن عدم وجود وسيط شبكة أو مرشّح، ومن `[courier] base_url`",
    ),
    "courier-unreachable": (
        "لا اتصال بالخادم {host}: {reason}",
        "تأكد من شبكة هذا الجهاز وجداره الناري (المنفذ {port} إلى الخارج)، ثم من أخبار شركة التوصيل",
    ),
    "courier-login-good": ("تقبل شركة التوصيل الحساب",),
    "courier-login-missing": ("لم يُضبط اسم مستخدم شركة التوصيل أو كلمة مرورها", f"اضبط {ACCOUNT}"),
    "courier-login-refused": ("لا تقبل شركة التوصيل الحساب: {reason}", f"صحّح {{place}}؛ {AT_START}"),
    "courier-login-blocked": (
        "خادم شركة التوصيل لا يستجيب كما ينبغي: {reason}",
        "انتظر إن كان انقطاعاً؛ واطلب من الوسيط السماح لعنوان هذا الجهاز إن أجاب بصفحة (403 أو 503)",
    ),
    "courier-login-later": (
        "لم يُجرَّب: لا متسع الآن في حدّ شركة التوصيل ({limit} من النداءات)",
        "أعد الفحص بعد {seconds:second}",
    ),
    "courier-login-unasked": (
        "لم يُجرَّب: الحساب أو رمزه في إعدادات المتجر، ولا يمكن قراءتها: {reason}",
        "اجعل قاعدة بيانات المتجر متاحة أولاً",
    ),
    "courier-account-merchant": ("هو حساب التاجر الرئيسي",),
    "courier-account-employee": (
        "هو حساب موظف (لا يبدأ رمزه بالعلامة `@@`): تُرفض له الفواتير، ولا تقبله صفحات المتجر نفسها",
        f"استخدم حساب التاجر الرئيسي في {{place}}؛ {AT_START}",
    ),
    "courier-places-good": ("لدى شركة التوصيل القيم الافتراضية: المدينة {city}، المنطقة {region}، حجم الطرد {size}",),
    "courier-city-gone": (
        "ليس لدى شركة التوصيل مدينة برقم {city} (`alwaseet_default_city_id`): ترفض الطلبات التي لا مدينة لها",
        CHOOSE,
    ),
    "courier-region-gone": (
        (
            "ليس لدى شركة التوصيل منطقة برقم {region} (`alwaseet_default_region_id`) في المدينة {city}: "
            "ترفض الطلبات التي لا منطقة لها"
        ),
        CHOOSE,
    ),
    "courier-size-gone": (
        "ليس لدى شركة التوصيل حجم طرد برقم {size} (`alwaseet_default_package_size_id`): ترفض كل طلب",
        CHOOSE,
    ),
    "courier-places-unknown": (
        "لا يُعرف هل ما زالت لدى شركة التوصيل المدينة والمنطقة وحجم الطرد الافتراضية: {reason}",
        "أعد السؤال بعد دقائق",
    ),
    "courier-places-later": (
        "لم تُسأل شركة التوصيل عن المدينة والمنطقة وحجم الطرد الافتراضية: لا مكان متاح الآن في حدّ نداءاتها",
        "أعد السؤال بعد دقيقة",
    ),
    "courier-door-open": ("تُرسل الطلبات حال ورودها",),
    "courier-door-closed": (
        "لا يُرسل أي طلب منذ {since}: لم تستجب شركة التوصيل مرات متتالية؛ وآخرها: {reason}",
        "انتظر: تُسأل من جديد تلقائياً، في {at}، ويُرسل بعدها ما ينتظر؛ انظر `paranadctl logs --since 1h`",
    ),
    "courier-door-one-order": ("استجابت شركة التوصيل من جديد: يُرسل طلب واحد أولاً، ثم الباقي",),
    "courier-right-proved": ("يحق للحساب إنشاء الطلبات: آخر مرة {at}",),
    "courier-right-refused": (
        "قالت شركة التوصيل {at} إن الحساب لا يحق له ما طُلب: {reason}",
        "اطلب من الوسيط منح هذا الحساب صلاحية إنشاء الطلبات عبر `API`؛ وما ينتظر يُرسل بعدها من تلقاء نفسه",
    ),
    "courier-right-unknown": (
        "لا يُعرف هل يحق للحساب إنشاء الطلبات قبل أول طلب: لم يُنشأ من هنا طلب بعد",
        "اسأل الوسيط هل لهذا الحساب صلاحية إنشاء الطلبات عبر `API`",
    ),
}
