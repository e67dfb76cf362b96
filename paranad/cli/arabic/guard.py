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
    "The page takes GET, HEAD and POST alone.": "لا تقبل الصفحة إلا `GET` و`HEAD` و`POST`.",
    "There is no such page.": "لا توجد صفحة كهذه.",
    "It opens with an address that `paranadctl web` prints, once, and closes after 30 minutes without use. For a new "
    "address, press Enter in the terminal where it runs; or run `paranadctl web` again.": (
        "تُفتح بعنوان يطبعه `paranadctl web` مرة واحدة، وتُغلق بعد 30 دقيقة بلا استعمال. لعنوان جديد اضغط مفتاح "
        "الإدخال في الطرفية التي يعمل فيها، أو شغّل `paranadctl web` من جديد."
    ),
    "This address opens nothing any more: each opens the page once, and a newer one takes its place. For a new "
    "address, press Enter in the terminal where `paranadctl web` runs; or run it again.": (
        "لم يعد هذا العنوان يفتح شيئًا: كل عنوان يفتح الصفحة مرة واحدة، والأحدث يحل محل ما قبله. لعنوان جديد اضغط مفتاح "
        "الإدخال في الطرفية التي يعمل فيها `paranadctl web`، أو شغّله من جديد."
    ),
}
