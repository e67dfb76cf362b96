"""Arabic: what the schedule will bring, clock changes, and what is run for the past."""

from collections.abc import Mapping

COMING_SCREENS: Mapping[str, str] = {
    "from now": "بعد كم",
    "clock change": "تغيير الساعة",
    "Due next": "المرات القادمة",
    "{name}: {when}, {zone}": "{name}: {when}، بتوقيت {zone}",
    "it does not run, {why}; it would be due:": "لا يعمل، {why}؛ وكان سيحين:",
    "it is paused, {pause}": "متوقف مؤقتاً، {pause}",
    "go on with: paranadctl schedule resume {name}": "للاستئناف: `paranadctl schedule resume` {name}",
    "after that it is due:": "ثم يحين:",
    "it would be due:": "وكان سيحين:",
    "its task is paused, so its jobs wait (go on with: paranadctl resume {name}):": (
        "مهامه متوقفة مؤقتاً، فتنتظر (للاستئناف: `paranadctl resume` {name}):"
    ),
    "it is not due again within a hundred years": "لن يحين مرة أخرى خلال مئة سنة",
    "{name} is no longer in the schedule": "لم يعد {name} في الجدول",
    (
        "{name} is no longer in the schedule, but its pause stays: if it was renamed, the new one runs; "
        "to forget the pause: paranadctl schedule resume {name}"
    ): (
        "لم يعد {name} في الجدول، لكن إيقافه المؤقت باقٍ: إن غُيّر اسمه فالموعد الجديد يعمل؛ "
        "لنسيان الإيقاف: `paranadctl schedule resume` {name}"
    ),
    "{name} is new in the schedule, next {after}": "موعد جديد في الجدول: {name}، والمرة القادمة {after}",
    "{name} is new in the schedule, and disabled": "موعد جديد في الجدول: {name}، وهو معطّل",
    "{name} no longer runs; it was due {before}": "لم يعد {name} يعمل؛ وكان سيحين {before}",
    "{name} runs again, next {after}": "عاد {name} إلى العمل، والمرة القادمة {after}",
    "{name} is due {after}, and no longer {before}": "يحين {name} {after}، ولم يعد {before}",
    "{name}: {count:occurrence}, from {first} to {last}": "{name}: {count:time}، من {first} إلى {last}",
    "write yes to run them:": "اكتب `yes` أو نعم لتشغيلها:",
    "nothing is run": "لم يُشغَّل شيء",
    "it was due at no time between the two": "لم يحن في أي وقت بينهما",
    "nothing new to run": "لا جديد يُشغَّل",
    "they run one after another, beside the schedule; waiting: {count:occurrence}": (
        "تعمل واحدة بعد أخرى، إلى جانب الجدول؛ المنتظر: {count:time}"
    ),
    "those that have begun: paranadctl schedule history {name}": "ما بدأ منها: `paranadctl schedule history` {name}",
    "to run no more: paranadctl schedule backfill {name} --stop": (
        "لئلا يعمل المزيد: `paranadctl schedule backfill` {name} `--stop`"
    ),
    "{name}: will not run: {count:occurrence}": "{name}: لن يعمل: {count:time}",
    "{name}: nothing of the past waits": "{name}: لا شيء من الماضي ينتظر",
    "beside these, of the past and one after another: {count:occurrence}": (
        "وإلى جانبها، من الماضي وواحدة بعد أخرى: {count:time}"
    ),
    "ran before: job {id}": "عملت من قبل: المهمة {id}",
    "failed: job {id}; again: paranadctl retry {id}": "فشلت: المهمة {id}؛ لتعمل ثانية: `paranadctl retry` {id}",
    "waits already": "تنتظر من قبل",
    "runs": "تعمل",
}
"""By the English."""

COMING: Mapping[str, str] = {
    "schedule.due_moved": "لا وجود للوقت {wall} (تنتقل الساعة من {before} إلى {after}): يعمل عند {after}",
    "schedule.due_left_out": "لا وجود قبله للوقت {wall}، فيُترك: تنتقل الساعة من {before} إلى {after}",
    "schedule.due_once": "يأتي الوقت {wall} مرتين (تعود الساعة من {before} إلى {after}): يعمل في المرة الأولى وحدها",
    "schedule.due_first": "يأتي الوقت {wall} مرتين ويعمل فيهما (تعود الساعة من {before} إلى {after}): هذه الأولى",
    "schedule.due_second": "يأتي الوقت {wall} مرتين ويعمل فيهما: هذه الثانية",
    "schedule.fixed_hour": (
        "الساعة محددة: الوقت الذي يُسقطه تغيير الساعة يعمل عند أول وقت موجود بعده، والذي يأتي مرتين يعمل في الأولى وحدها"
    ),
    "schedule.follows_clock": (
        "خانة الساعة تبدأ بالعلامة `*` فيتبع الساعة: الوقت الذي يُسقطه تغييرها لا يُعوَّض، والذي يأتي مرتين يعمل مرتين"
    ),
    "schedule.next_change": "تتغير الساعة في {zone} في {date}: من {before} إلى {after}",
    "schedule.no_change": "لا تتغير الساعة في {zone} خلال سنة",
    "schedule.no_instant": (
        '{name}: المتوقع يوم (`2027-03-28`)، أو وقت (`14:00`)، أو كلاهما (`"2027-03-28 14:00"`)، '
        'أو كلاهما مع فرق التوقيت (`2027-03-28T14:00+02:00`)، وجاء "{got}"'
    ),
    "schedule.not_on_the_clock": "{name}: لا وجود للوقت {got} في {zone}، إذ يُسقطه تغيير الساعة؛ اكتب {next}",
    "schedule.twice_on_the_clock": "{name}: يأتي الوقت {got} مرتين في {zone}؛ اكتب {first} أو {second}",
    "schedule.instant_too_far": "{name}: المتوقع وقت من {first} إلى {last}، وجاء {got}",
    "schedule.backfilled": "شُغّل عن الماضي",
    "schedule.span_reversed": "{name}: المتوقع وقت قبل النهاية، وجاء {first} بعد {last}",
    "schedule.span_in_future": "{name}: المتوقع وقت مضى، وجاء {got}؛ ما لم يحن بعد يعمل بنفسه",
    "schedule.backfill_too_many": (
        "حان {entry} أكثر من {most} مرة بين {first} و{last}؛ ويُشغَّل {most} على الأكثر معاً: اختم بالوقت {until}، "
        "ثم اطلب الباقي"
    ),
    "schedule.backfill_full": (
        "ينتظر من {entry} عدد {waiting} من قبل، ومع {count} أخرى يزيد على {most}؛ اطلبها حين تعمل تلك"
    ),
    "schedule.backfill_gone": "لم يعد الموعد في الجدول",
    "schedule.backfill_stopped": "أوقفه مشغّل",
    "job.command_without_date": (
        "لا يُقال للموعد {task} عن أي يوم يعمل، فلا يُشغَّل منه شيء من الماضي؛ ضع في كلمة من أمره "
        "`{{date}}` أو `{{occurrence}}`"
    ),
    "job.no_date": "لا تأخذ {task} تاريخاً: كل مرة تفعل كل ما حان الآن، فلا يُشغَّل منها شيء من الماضي",
    "usage.span_missing": "المتوقع `--from T` و`--to T`، أو `--stop` وحده",
    "usage.span_beside_stop": "المتوقع `--stop` وحده، أو `--from T` و`--to T`؛ اترك أحدهما",
}
"""By the code of a fact."""
