"""Arabic: what the page says to somebody whom it does not let in, by its English sentences."""

GUARD = {
    "This page is closed": "هذه الصفحة مغلقة",
    "This page is not reached under that address.": "لا تُفتح هذه الصفحة من ذلك العنوان.",
    "Another site asked for this. Open the page by its own address.": (
        "جاء هذا الطلب من موقع آخر. افتح الصفحة من عنوانها هي."
    ),
    "This form is of an earlier visit. Open the page again and repeat what you did.": (
        "هذا النموذج من زيارة سابقة. افتح الصفحة من جديد وأعد ما فعلته."
    ),
    "What was sent is not one of this page's forms.": "ما أُرسل ليس من نماذج هذه الصفحة.",
    "What was sent is too long.": "ما أُرسل أطول من المسموح.",
    "What was sent took too long to arrive.": "تأخر وصول ما أُرسل أكثر من المسموح.",
    "The kernel does not say which user opened this address, so it lets nobody in. It is not used up: open it again. "
    "If that does not help: `/proc/net/tcp` must be readable where `paranadctl web` runs.": (
        "لا تذكر النواة أي مستخدم فتح هذا العنوان، فلا يدخل به أحد. وهو لم يُستهلك: افتحه من جديد. وإن لم ينفع ذلك "
        "فيجب أن يكون `/proc/net/tcp` مقروءاً حيث يعمل `paranadctl web`."
    ),
    "What was sent did not arrive whole.": "لم يصل ما أُرسل كاملاً.",
    "The page takes GET, HEAD and POST alone.": "لا تقبل الصفحة إلا `GET` و`HEAD` و`POST`.",
    "There is no such page.": "لا توجد صفحة كهذه.",
    "It opens with an address that `paranadctl web` prints, once, and closes after 30 minutes without use. For a new "
    "address, press Enter in the terminal where it runs; or run `paranadctl web` again. If you have just opened "
    "such an address, let the browser keep this page's cookie.": (
        "تُفتح بعنوان يطبعه `paranadctl web` مرة واحدة، وتُغلق بعد 30 دقيقة بلا استعمال. لعنوان جديد اضغط مفتاح "
        "الإدخال في الطرفية التي يعمل فيها، أو شغّل `paranadctl web` من جديد. وإن كنت قد فتحت للتو عنواناً كهذا، "
        "فاسمح للمتصفح بحفظ ملف تعريف الارتباط `cookie` لهذه الصفحة."
    ),
    "This address opens nothing any more: each opens the page once, and a newer one takes its place. For a new "
    "address, press Enter in the terminal where `paranadctl web` runs; or run it again.": (
        "لم يعد هذا العنوان يفتح شيئًا: كل عنوان يفتح الصفحة مرة واحدة، والأحدث يحل محل ما قبله. لعنوان جديد اضغط مفتاح "
        "الإدخال في الطرفية التي يعمل فيها `paranadctl web`، أو شغّله من جديد."
    ),
    "Sign in": "تسجيل الدخول",
    "This page shows what the shop's background work does. Give the password of the page.": (
        "تعرض هذه الصفحة ما تعمله مهام المتجر في الخلفية. أدخل كلمة مرور الصفحة."
    ),
    "Password": "كلمة المرور",
    "That is not the password.": "كلمة المرور غير صحيحة.",
    "There were too many tries. Try again in {seconds:second}.": ("كثرت المحاولات. حاول من جديد بعد {seconds:second}."),
    "No password is set yet. On the server: `sudo paranadctl web --set-password`": (
        "لم تُحدَّد كلمة مرور بعد. على الخادم: `sudo paranadctl web --set-password`"
    ),
    "the new password of the page:": "كلمة المرور الجديدة للصفحة:",
    "once more:": "مرة أخرى:",
    "the password is set; whoever was signed in is so no longer": (
        "حُدِّدت كلمة المرور؛ ومن كان قد سجّل دخوله فقد انتهى دخوله"
    ),
}

GUARD_FACTS = {
    "web.password_too_short": ("كلمة المرور من {got} من الأحرف، والمطلوب {least} على الأقل؛ اختر أطول منها"),
    "web.password_too_long": "كلمة المرور أطول من {most} بايت؛ اختر أقصر منها",
    "web.password_not_twice": "كلمتا المرور مختلفتان؛ لم يتغير شيء؛ اكتب الكلمة نفسها مرتين",
    "web.no_group": (
        "لا توجد مجموعة باسم {group}: خدمة `paranad-web.service` غير مثبتة هنا؛ شغّل `sudo make install` في مجلد "
        "شيفرة `paranad`"
    ),
    "web.password_not_written": "تعذّرت كتابة {path} ({detail})؛ شغّل الأمر باسم `root`",
}
"""By the code of a fact."""
