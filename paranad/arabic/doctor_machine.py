"""Arabic: what the doctor finds on the machine, beside the daemon, by its code."""

from paranad.arabic.doctor_courier import Finding

ENDED = "السجل يذكر سبب انتهائها: `journalctl -u paranad -n 50`"
ALREADY = "والخدمة تتولى هذا العمل أصلاً"
PERHAPS = "فإن كان لهذا المتجر فالخدمة تتولى هذا العمل أصلاً"
STOP_PROCESS = "انظر ما الذي شغّلها (`systemctl status {pid}`) وأوقفه، ثم: `kill {pid}`"
STOP_PROGRAM = "`supervisorctl stop {name}`؛ ثم احذفه من {file}؛ ثم `supervisorctl update`"
STOP_SERVICE = "`systemctl disable --now {name}`، وكذلك المؤقّت (`timer`) الذي بهذا الاسم"

MACHINE: dict[str, Finding] = {
    "daemon-down": ("الخدمة لا تستجيب: {reason}", f"`systemctl start paranad` (أو في الواجهة: `paranad run`)؛ {ENDED}"),
    "daemon-forbidden": (
        "ربما تعمل الخدمة، لكن لا يُسمح لك بسؤالها: {reason}",
        "`sudo paranadctl doctor`؛ أو دائماً: `usermod -aG paranad NAME`، ثم سجّل الدخول من جديد",
    ),
    "daemon-odd": (
        "الخدمة تستجيب، لكن ليس عن هذا الفحص: {reason}",
        "`systemctl restart paranad` إن كانت من إصدار غير إصدار `paranadctl`؛ وراجع `journalctl -u paranad`",
    ),
    "service-absent": ("لا يعرف `systemd` خدمة باسم `paranad`", "ثبّتها من نسخة المصدر: `sudo make install`"),
    "service-stopped": ("يقول `systemd` إن `paranad` لم تُشغَّل", "`systemctl start paranad`"),
    "service-wrong-configuration": (
        "انتهت `paranad` لأن إعداداتها غير صالحة (الرمز 78)",
        "`paranad check`؛ صحّح ما يذكره، ثم: `systemctl start paranad`",
    ),
    "service-locked-out": (
        "انتهت `paranad` لأن خدمة أخرى تمسك مجلد الحالة (الرمز 75)",
        "أوقف الأخرى، وهي مذكورة في `journalctl -u paranad -n 5`، ثم: `systemctl start paranad`",
    ),
    "service-damaged-state": (
        "انتهت `paranad` لأن `queue.db` تالف أو من إصدار لاحق (الرمز 65)",
        f"{ENDED}؛ استعد آخر نسخة احتياطية (`docs/operations.md, Restore`)، أو تابع بالإصدار اللاحق",
    ),
    "service-failed": (
        "انتهت `paranad` بخطأ ({result}، الرمز {status})",
        f"{ENDED}؛ ثم: `systemctl reset-failed paranad; systemctl start paranad`",
    ),
    "service-active": (
        "يقول `systemd` إن حالة `paranad` هي {state}",
        "إن كانت قد بدأت للتو فأعد الفحص بعد دقيقة؛ وإلا فلها مقبس آخر: انظر `[daemon] socket` في `paranad.toml`",
    ),
    "check-good": ("لم يجد `paranad check` خطأ في {file}",),
    "check-failed": (
        "وجد `paranad check` في {file} مشكلات عددها {count}؛ أولها: {problem}",
        (
            "صحّحها؛ الأمر `paranad check` يذكرها كلها؛ وإن كانت الخدمة تقرأ ملفاً آخر: "
            "`PARANAD_CONFIG=FILE paranadctl doctor`"
        ),
    ),
    "check-unread": ("لا يُسمح لك بقراءة {file}، فلم يُفحص", "`sudo paranadctl doctor`"),
    "clock-synchronised": ("ساعة هذا الجهاز مضبوطة بواسطة `NTP`",),
    "clock-free": (
        "ساعة هذا الجهاز غير مضبوطة بواسطة `NTP`: وعليها يعتمد الجدول وشهادة شركة التوصيل",
        "`timedatectl set-ntp true`؛ وإن رُفض ذلك: `apt-get install systemd-timesyncd`",
    ),
    "twice-nothing": (
        "لا شيء غير الخدمة يقوم بعملها: لا سطر في `crontab` ولا برنامج في `Supervisor` ولا خدمة ولا عملية",
    ),
    "twice-unread": (
        "تعذّر من دون صلاحية `root` فحص كل ما قد يكرر عمل الخدمة: {paths}",
        "`sudo paranadctl doctor`",
    ),
    "crontab-twice": (
        "في الملف {file} السطر {line} يشغّل `artisan {command}` لهذا المتجر، " + ALREADY,
        "احذف السطر من {file}",
    ),
    "crontab-perhaps-twice": (
        "في الملف {file} السطر {line} يشغّل `artisan {command}`، " + PERHAPS,
        "إن كان لهذا المتجر فاحذف السطر من {file}",
    ),
    "supervisor-twice": (
        "البرنامج {name} في `Supervisor` يشغّل `artisan {command}` لهذا المتجر، " + ALREADY,
        STOP_PROGRAM,
    ),
    "supervisor-perhaps-twice": (
        "البرنامج {name} في `Supervisor` يشغّل `artisan {command}`، " + PERHAPS,
        "إن كان لهذا المتجر: " + STOP_PROGRAM,
    ),
    "service-twice": (
        "الخدمة {name} تشغّل `artisan {command}` لهذا المتجر، " + ALREADY,
        STOP_SERVICE,
    ),
    "service-perhaps-twice": (
        "الخدمة {name} تشغّل `artisan {command}`، " + PERHAPS,
        "إن كان لهذا المتجر: " + STOP_SERVICE,
    ),
    "process-twice": (
        "العملية {pid} تشغّل `artisan {command}` لهذا المتجر، " + ALREADY,
        STOP_PROCESS,
    ),
    "process-perhaps-twice": (
        "العملية {pid} تشغّل `artisan {command}`، " + PERHAPS,
        "إن كان لهذا المتجر: " + STOP_PROCESS,
    ),
}
