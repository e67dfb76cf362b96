"""Arabic: the report for whoever is asked for help."""

from collections.abc import Mapping

REPORT_FACTS: Mapping[str, str] = {
    "report.exists": "`{file}` موجود، والتقرير لا يستبدل شيئاً؛ سمّ ملفاً آخر",
    "report.unwritten": "لا يمكن كتابة `{file}`: {detail}؛ سمّ ملفاً آخر",
    "report.no_check": "لم يُجب الأمر `paranad check --json`: {detail}",
}
"""By the code of a fact."""

REPORT_SCREENS: Mapping[str, str] = {
    "to show all this to whoever helps: paranadctl report FILE": (
        "لإطلاع من يُطلب عونه على كل هذا: `paranadctl report FILE`"
    ),
    "this page": "هذه الصفحة",
    "what runs here, in which version": "ما يعمل هنا وإصداراته",
    "how systemd sees each unit": "حال كل وحدة كما يراها `systemd`",
    "the status": "الحالة",
    "what the doctor finds": "نتيجة الفحص",
    "keys that are not at their default": "الإعدادات التي غُيّرت عن قيمها الأصلية",
    "alerts that stand": "التنبيهات القائمة",
    "failed jobs, and those to be tried again, with their attempts": "المهام الفاشلة والتي ستُعاد، مع محاولاتها",
    "the last runs of each schedule entry": "آخر ما نُفّذ من كل موعد مجدول",
    "shipments that are not recorded": "الشحنات التي لم تُسجَّل بعد",
    "orders without a shipment, by number": "الطلبات التي بلا شحنة، بأرقامها",
    "parcels that need a person, by order number": "الطرود التي تحتاج إلى متابعة، بأرقام طلباتها",
    "the figures for a monitor": "الأرقام لبرنامج المراقبة",
    "the last lines of the log": "آخر أسطر السجل",
    "A report about paranad, made at {at}": "تقرير عن `paranad`، كُتب في {at}",
    "What it lacks, and why:": "ما ينقصه، وسبب ذلك:",
    "not in it: {names} ({reason})": "ليس فيه: {names} ({reason})",
    "read README.txt in it, and look through it, before you send it to anybody": (
        "اقرأ `README.txt` الذي فيه، وانظر في بقيته، قبل أن ترسله إلى أحد"
    ),
    "What is shown is chosen field by field; every other field stands there as (hidden).": (
        "ما يظهر اختير حقلاً حقلاً؛ وكل حقل سواه يظهر هكذا: `(hidden)`."
    ),
    "Of a text only paranad's own words are left; … stands for others, and for numbers of over three digits.": (
        "لا يبقى من أي نص إلا كلمات `paranad` نفسه؛ والعلامة … مكان كل كلمة سواها، وكل رقم من أكثر من ثلاث خانات."
    ),
    "So it holds no name, phone, address, password or token of anybody.": (
        "فليس فيه اسم أحد ولا هاتفه ولا عنوانه ولا كلمة مرور ولا رمز دخول."
    ),
    "Order and job numbers, names of tasks, queues and schedule entries, times and counts are in it.": (
        "وفيه أرقام الطلبات والمهام، وأسماء المهام والطوابير والمواعيد المجدولة، والأوقات والأعداد."
    ),
}
"""By the English sentence."""
