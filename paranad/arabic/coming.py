"""Arabic: what the schedule will bring, clock changes, and what is run for the past."""

from collections.abc import Mapping

COMING_SCREENS: Mapping[str, str] = {
    "from now": "بعد كم",
    "Due next": "المرات القادمة",
    "{name}: {when}, {zone}": "{name}: {when}، بتوقيت {zone}",
    "it does not run, {why}; it would be due:": "لا يعمل، {why}؛ وكان سيحين:",
    "it is paused; it would be due (go on with: paranadctl schedule resume {name}):": (
        "موقوف مؤقتاً؛ وكان سيحين (للاستئناف: `paranadctl schedule resume` {name}):"
    ),
    "its task is paused, so its jobs wait (go on with: paranadctl resume {name}):": (
        "مهامه موقوفة مؤقتاً، فتنتظر (للاستئناف: `paranadctl resume` {name}):"
    ),
    "it is not due again within a hundred years": "لن يحين مرة أخرى خلال مئة سنة",
    "{name} is no longer in the schedule": "لم يعد {name} في الجدول",
    "{name} is new in the schedule, next {after}": "موعد جديد في الجدول: {name}، والمرة القادمة {after}",
    "{name} is new in the schedule, and disabled": "موعد جديد في الجدول: {name}، وهو معطّل",
    "{name} no longer runs; it was due {before}": "لم يعد {name} يعمل؛ وكان سيحين {before}",
    "{name} runs again, next {after}": "عاد {name} إلى العمل، والمرة القادمة {after}",
    "{name} is due {after}, and no longer {before}": "يحين {name} {after}، ولم يعد {before}",
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
        '{name}: المتوقع يوم (`2027-03-28`)، أو وقت من اليوم (`14:00`)، أو كلاهما (`"2027-03-28 14:00"`)، '
        'أو كلاهما مع فرق التوقيت (`2027-03-28T14:00+02:00`)، وجاء "{got}"'
    ),
    "schedule.not_on_the_clock": "{name}: لا وجود للوقت {got} في {zone}، إذ يُسقطه تغيير الساعة؛ اكتب {next}",
    "schedule.twice_on_the_clock": "{name}: يأتي الوقت {got} مرتين في {zone}؛ اكتب {first} أو {second}",
    "schedule.instant_too_far": "{name}: المتوقع وقت من {first} إلى {last}، وجاء {got}",
}
"""By the code of a fact."""
