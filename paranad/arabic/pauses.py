"""Arabic: what is paused, since when, until when, why and by whom."""

from collections.abc import Mapping

PAUSES: Mapping[str, str] = {
    "{name} is paused": "أُوقف {name} مؤقتاً",
    "nothing was paused": "لم يكن شيء متوقفاً",
    "{due:job} due, {later} for later": "المستحق: {due:job}، ولوقت لاحق: {later}",
    "everything is paused": "أُوقف كل شيء مؤقتاً",
    "everything is paused; {pause}": "كل شيء متوقف مؤقتاً؛ {pause}",
    "queue {name} is paused; {pause}": "الطابور {name} متوقف مؤقتاً؛ {pause}",
    "go on with: paranadctl resume": "للاستئناف: `paranadctl resume`",
    "go on with: paranadctl resume {name}": "للاستئناف: `paranadctl resume {name}`",
    "go on with: paranadctl schedule resume {name}": "للاستئناف: `paranadctl schedule resume {name}`",
    "it was paused already; the end and the reason are now these": (
        "كان متوقفاً مؤقتاً من قبل؛ وحلّت هذه النهاية وهذا السبب محلّ السابقين"
    ),
    "everything is paused all the same; to end that, too: paranadctl resume": (
        "لكن كل شيء ما زال متوقفاً مؤقتاً؛ لإنهاء ذلك أيضاً: `paranadctl resume`"
    ),
    "what runs ends; new jobs are stored and wait; what the schedule brings is skipped": (
        "ما يعمل الآن يُكمَل، والمهام الجديدة تُحفظ وتنتظر، ومواعيد الجدول تُتخطّى"
    ),
    "what runs ends; what comes is stored and waits": "ما يعمل الآن يُكمَل، وما يأتي يُحفظ وينتظر",
    "{name} is forgotten: the configuration no longer has it": "نُسي {name}: لم يعد في الإعدادات",
    "since an earlier version, so when and by whom is unknown": "منذ إصدار سابق، فلا يُعرف متى ولا من أوقفه",
    "since {since} by {by}": "منذ {since}، أوقفه {by}",
    "{since}, until {until}": "{since}، حتى {until}",
    "{since}, until somebody resumes it": "{since}، إلى أن يُستأنف يدوياً",
    "{pause}: {reason}": "{pause}؛ السبب: {reason}",
    "{name} is paused; {pause}": "{name} متوقف مؤقتاً؛ {pause}",
    "paused until {until}": "متوقف مؤقتاً حتى {until}",
    "everything is paused, and goes on": "كل شيء متوقف مؤقتاً، ويُستأنف",
    "Pause everything": "إيقاف كل شيء مؤقتاً",
    "Pause everything?": "إيقاف كل شيء مؤقتاً؟",
    "Pause {name}?": "إيقاف {name} مؤقتاً؟",
    "for how long": "المدة",
    "or until": "أو حتى",
    "such as 06:00 or 2026-03-01 06:00": "مثل 06:00 أو 2026-03-01 06:00",
    "why": "السبب",
    "a few words, shown wherever the pause is": "كلمات قليلة تظهر حيثما ظهر الإيقاف",
    "until somebody resumes it": "إلى أن يُستأنف يدوياً",
    "{count:minute}": "{count:minute}",
    "{count:hour}": "{count:hour}",
}

PAUSE_FACTS: Mapping[str, str] = {
    "pause.since_by": "منذ {since}، أوقفه {by}",
    "pause.since_earlier": "منذ إصدار سابق، فلا يُعرف متى ولا من أوقفه",
    "pause.until": "{since}، حتى {until}",
    "pause.until_resumed": "{since}، إلى أن يُستأنف يدوياً",
    "pause.because": "{pause}؛ السبب: {reason}",
    "pause.due": "المستحق: {due:job}",
    "pause.due_and_later": "المستحق: {due:job}، ولوقت لاحق: {later}",
    "pause.two_ends": "الخياران `for` و`until`: المتوقع أحدهما، وجاء كلاهما؛ احذف أحدهما",
    "pause.for_unreadable": "{name}: {expected}، وجاء {got}",
    "pause.for_nothing": "{name}: المتوقع مدة أطول من لا شيء، وجاء {got}",
    "pause.for_too_long": (
        "{name}: المتوقع {days:day} على الأكثر، وجاء {got}؛ وبدونها يدوم الإيقاف إلى أن يُستأنف يدوياً"
    ),
    "pause.until_past": "{name}: المتوقع وقت بعد الآن، وهو {now}، وجاء {got}",
    "pause.until_too_far": (
        "{name}: المتوقع وقت لا يبعد أكثر من {days:day}، وجاء {got}؛ وبدونه يدوم الإيقاف إلى أن يُستأنف يدوياً"
    ),
    "pause.reason_empty": "{name}: المتوقع كلمات، ولم يأت شيء؛ احذفه",
    "pause.reason_too_long": "{name}: المتوقع {most} حرف على الأكثر، وجاء {got}",
}
