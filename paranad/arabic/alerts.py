"""Arabic: what the alerts say, and what is known of the world outside, by the codes of the facts."""

from collections.abc import Mapping

OR_BY_HAND = "أو نفّذه يدوياً ثم"

ALERTS: Mapping[str, str] = {
    "alert.failed_so_far": "{message}؛ والفاشل منها حتى الآن: {failed:job}",
    "alert.and_more": "{message}؛ ومثلها {count} أخرى",
    "alert.orders_unshipped": "{orders:order} بلا شحنة؛ أقدمها الطلب {order_id}، وقد أُنشئ {made_at}",
    "alert.orders_unshipped_over": "الطلبات التي بلا شحنة: {how}",
    "alert.orders_unshipped_cure": ("راجع `paranadctl orders --without-shipment` ثم `paranadctl order {order_id}`"),
    "alert.all_shipped": "لكل طلب من طلبات آخر 30 يوماً شحنته",
    "alert.none_late": "لم يعد أي منها متأخراً",
    "alert.not_watched": "القيمة `[alert] unshipped_after` هي `0s`، فلا تُراقَب",
    "alert.shipment_held": "الطلب {order_id}: شحنته موقوفة: {reason}",
    "alert.shipment_held_over": "الطلب {order_id}: لم تعد شحنته موقوفة: {how}",
    "alert.shipment_held_cure": (
        "انظر `paranadctl shipments show {order_id}`، ثم قرّر: "
        "`paranadctl shipments settle {order_id} --courier-id ID` أو `resend {order_id}`"
    ),
    "alert.shipment_held_cures": (
        "انظر `paranadctl shipments`، ثم قرّر شأن كل منها: `settle ORDER --courier-id ID` أو `resend ORDER`،"
        " أو ألغِ في المتجر الطلب الذي أُنشئ مرتين"
    ),
    "alert.repeat_held_cure": (
        "انظر `paranadctl shipments show {order_id}`، ثم قرّر: إن كان الطلبان مطلوبين: "
        "`paranadctl shipments resend {order_id}`؛ وإلا فألغِ الطلب {order_id} في المتجر"
    ),
    "alert.shipment_failed": "الطلب {order_id} بلا شحنة: فشلت المهمة {job_id}: {error}",
    "alert.shipment_failed_over": "الطلب {order_id}: {how}",
    "alert.shipment_failed_cure": (
        "انظر `paranadctl failed show {job_id}` وصحّح الطلب، ثم أعد المهمة: `paranadctl retry {job_id}`"
    ),
    "alert.shipment_failed_cures": "انظر `paranadctl failed` وصحّح الطلبات، ثم أعد كل مهمة: `paranadctl retry`",
    "alert.entry_silent": "الموعد {entry} لم ينجح، وكان نجاحه متوقعاً حتى {expected_by}؛ وآخر نجاح: {last_success}",
    "alert.entry_silent_over": "الموعد {entry}: {how}",
    "alert.entry_silent_cure": "انظر `paranadctl schedule history {entry}` و`paranadctl failed`",
    "alert.entry_silent_cures": "انظر `paranadctl status` و`paranadctl failed`",
    "alert.command_off": "{reason}",
    "alert.command_off_over": "المهمة الخاصة {task}: {how}",
    "alert.command_off_cure": (
        "أعِد البرنامج إلى مكانه، أو صحّح `[command]` في `paranad.toml` وأعد تحميل الإعدادات؛"
        " مهامها تنتظر ثم تعمل من تلقاء نفسها"
    ),
    "alert.entry_off": "الموعد {entry} متروك: {reason}",
    "alert.entry_off_over": "الموعد {entry}: {how}",
    "alert.entry_off_cure": (
        "أعد البرنامج إلى مكانه، أو صحّح الموعد في `paranad.toml` ثم `paranadctl reload`؛ يُبحث عنه كل دقيقة"
    ),
    "alert.state_gone": "{path}: {reason}",
    "alert.state_gone_over": "{path}: {how}",
    "alert.state_gone_cure": "`systemctl restart paranad`: تعيد الخدمة عند توقفها كتابة ما فتحته",
    "alert.disk_nearly_full": "{path}: المتاح {free_mib} ميبيبايت من {total_mib} على القرص؛ ومن دون مكان لا تُحفظ مهمة",
    "alert.disk_nearly_full_over": "{path}: {how}",
    "alert.disk_nearly_full_cure": "أخلِ مكاناً على ذلك القرص",
    "alert.courier_login_refused": "لا يمكن إرسال أي شحنة: {reason}",
    "alert.courier_login_refused_over": "شركة التوصيل: {how}",
    "alert.courier_login_refused_cure": "صحّح الحساب حيث يقول `paranadctl doctor` إنه مضبوط، أو اسأل شركة التوصيل",
    "alert.courier_closed": "شركة التوصيل لا تستجيب، فلا يُرسل إليها أي طلب منذ {since}: {reason}",
    "alert.courier_closed_over": "شركة التوصيل: {how}",
    "alert.courier_closed_cure": (
        "تنتظر الطلبات، وتُرسل من تلقاء نفسها حين تستجيب؛ انظر `paranadctl doctor`، واسأل شركة التوصيل إن طال الأمر"
    ),
    "alert.shop_unreachable": "قاعدة بيانات المتجر لا تستجيب منذ خمس دقائق: {reason}",
    "alert.shop_unreachable_over": "عادت قاعدة بيانات المتجر تستجيب",
    "alert.shop_unreachable_cure": (
        "تأكد من عمل خادم قاعدة البيانات ومن `[shop] database_url`؛ ثم `paranadctl doctor`"
    ),
    "alert.row_unreadable": "لا يمكن قراءة الصف {uuid} من جدول `jobs` في المتجر، فلا يُنفَّذ ما يطلبه: {reason}",
    "alert.row_unreadable_over": "الصف {uuid} من جدول `jobs` في المتجر: {how}",
    "alert.row_unreadable_cure": (
        "في المتجر: `php artisan queue:failed`؛ صحّح الخطأ ثم `php artisan queue:retry {uuid}`، "
        f"{OR_BY_HAND} `php artisan queue:forget {{uuid}}`"
    ),
    "alert.row_unreadable_cures": (
        "في المتجر: `php artisan queue:failed`؛ صحّح الخطأ ثم `php artisan queue:retry` لكل منها، "
        f"{OR_BY_HAND} `php artisan queue:forget` لكل منها"
    ),
    "alert.job_took_daemon_down": "المهمة {job_id} ({task}) أسقطت الخدمة {strikes} مرات، ولن تُشغَّل من جديد",
    "alert.job_took_daemon_down_over": "المهمة {job_id} ({task}): {how}",
    "alert.job_took_daemon_down_cure": (
        "انظر `paranadctl logs --job {job_id}` لآخر تشغيل لها، ثم `paranadctl retry {job_id}` "
        "أو `paranadctl failed forget {job_id}`"
    ),
    "alert.job_took_daemon_down_cures": (
        "انظر `paranadctl failed`، و`paranadctl logs --job ID` لآخر تشغيل لكل منها؛ ثم أعدها أو احذفها"
    ),
    "alert.job_failed": "فشلت المهمة {job_id} ({task}): {error}",
    "alert.job_failed_over": "{task}: {how}",
    "alert.job_failed_cure": (
        "انظر `paranadctl failed show {job_id}` وصحّح الخطأ، ثم أعد المهمة: `paranadctl retry {job_id}`"
    ),
    "alert.job_failed_cures": "انظر `paranadctl failed` وصحّح الخطأ، ثم أعد كل مهمة: `paranadctl retry`",
    "alert.job_stuck": "المهمة {job_id} ({task}) لا تنتهي، مع أن مهلتها انقضت {deadline}؛ وقد بدأت {since}",
    "alert.job_stuck_over": "{task}: {how}",
    "alert.job_stuck_cure": ("انظر `paranadctl logs --job {job_id}` لما تنتظره؛ و`systemctl restart paranad` ينهيها"),
    "alert.job_stuck_cures": (
        "انظر `paranadctl logs --job ID` لكل منها لما تنتظره؛ و`systemctl restart paranad` ينهيها"
    ),
    "alert.run_slow": "المهمة {job_id} ({task}) استغرقت {took:duration}، والمعتاد {usual:duration}",
    "alert.run_slow_over": "{task}: {how}",
    "alert.run_slow_cure": (
        "انظر `paranadctl logs --job {job_id}` لما تفعله؛ وإن كانت معلّقة: `paranadctl jobs cancel {job_id}`"
    ),
    "alert.run_slow_cures": "انظر `paranadctl status` لما يعمل الآن؛ وإن تعلّقت مهمة: `paranadctl jobs cancel ID`",
    "alert.jobs_waiting": ("مهام تنتظر في الطابور {queue}: أقدمها المهمة {job_id} ({task})، منذ {since}؛ {busy}"),
    "alert.jobs_waiting_over": "الطابور {queue}: {how}",
    "alert.jobs_waiting_cure": (
        "انظر `paranadctl status` لما يعمل الآن؛ وإن تعلّقت مهمة: `paranadctl jobs cancel ID`؛ ولمزيد معاً: `{setting}`"
    ),
    "alert.workers_busy": "والمنفّذون المشغولون {running} من {workers}",
    "alert.queue_at_limit": "وقد بلغ حدّه، {running} من {limit:job}",
    "alert.job_not_kept": "مهمتها الفاشلة لم تعد محفوظة",
    "alert.stuck_ended": "انتهى ما لم يكن ينتهي",
    "alert.stuck_restarted": "شُغّلت الخدمة من جديد",
    "alert.run_ended": "لم يعد أي تنفيذ لها بطيئاً",
    "alert.slow_not_watched": "القيمة `[alert] slow_factor` هي `0`، فلا يُراقَب أي تنفيذ",
    "alert.none_waits": "لم تعد فيه مهمة طال انتظارها",
    "alert.queue_held_up": "متوقف مؤقتاً، أو تُفرَّغ الخدمة، أو لم يعد مضبوطاً",
    "alert.waiting_not_watched": "القيمة `[alert] waiting_after` هي `0s`، فلا يُراقَب أي طابور",
    "alert.loop_blocked": "تعلّقت الخدمة منذ {since} عند {where}؛ {outcome}؛ وما كان يعمل حينها من مهام: {jobs}",
    "alert.loop_blocked_over": "الخدمة: {how}",
    "alert.loop_blocked_cure": (
        "انظر في `paranadctl logs` الحدث `daemon.loop_blocked` وأبلغ عن موضع التعلّق؛ "
        "وانظر بـ `top` ما الذي يشغل المعالج"
    ),
    "alert.loop_started_anew": "ثم أُنهيت وشُغّلت من جديد",
    "alert.loop_went_on": "ثم تابعت عملها",
    "alert.loop_no_job": "لا شيء",
    "alert.loop_quiet": "لم تتعلّق منذ ساعة",
    "alert.daemon_failed": "{unit} متوقفة: {result}",
    "alert.daemon_failed_over": "{unit} تعمل من جديد",
    "alert.daemon_failed_cure": ("انظر `journalctl -u {unit} -n 50` و`paranad check`، ثم `systemctl start {unit}`"),
    "alert.php_missing": (
        "صفوف من جدول `jobs` في المتجر تنتظر `PHP` ({rows:row})، أولها منذ {since} أو أكثر: {reason}"
    ),
    "alert.php_missing_over": "الصفوف التي تنتظر `PHP`: {how}",
    "alert.php_missing_cure": "ما العمل: {what_to_do}",
    "alert.heartbeat_failed": "لا يستلم {host} نبضة الخدمة: {reason}",
    "alert.heartbeat_failed_over": "نبضة الخدمة: {host}: {how}",
    "alert.heartbeat_failed_cure": (
        "انظر `paranadctl doctor` وصحّح `[alert] heartbeat_url`؛ وحتى ذلك الحين "
        "تظن الجهة التي تنتظر النبضة أن الخدمة ميتة"
    ),
    "alert.heartbeat_taken": "يستجيب",
    "alert.heartbeat_other": "القيمة `[alert] heartbeat_url` تذكر عنواناً آخر أو لا تذكر شيئاً",
    "digest.head": "`paranad`، من {since} إلى {until}",
    "digest.left_out": "ما كان من {since} إلى {until} لا يرد في أي ملخص",
    "digest.shipped": "الطلبات المشحونة: {count}",
    "digest.unshipped": "الطلبات التي بلا شحنة: {count}",
    "digest.unshipped_since": "الطلبات التي بلا شحنة: {count}، وأقدمها أُنشئ {made_at}",
    "digest.held": "الشحنات الموقوفة في انتظار قرار: {count}",
    "digest.failed": "المهام الفاشلة: {count}",
    "digest.silent": "مواعيد الجدول التي لم تنجح: {entries}",
    "digest.parcels": (
        "الطرود: سُلّم إلى شركة التوصيل {handed_over}، ووصل إلى الزبائن {delivered}، "
        "وفي طريق العودة {on_the_way_back}، وعاد {came_back}"
    ),
    "digest.parcels_unknown": "الطرود: غير معروفة، فقاعدة بيانات المتجر لا تجيب",
    "digest.unknown": "غير معروف",
    "digest.none": "لا شيء",
    "digest.needed": "مطلوب من يتولى:",
    "digest.need": "- {message}",
    "digest.cure": "ما العمل: {cure}",
    "digest.not_needed": "لا حاجة إلى أحد",
    "heartbeat.answered": "أجاب بالرمز {status}، والمتوقع 200",
    "heartbeat.redirects": "أجاب بالرمز {status}، أي بإحالة لا تُتبع: اكتب العنوان الذي تقود إليه",
    "heartbeat.no_answer": "لا جواب خلال {seconds:second}",
    "heartbeat.no_connection": "لا اتصال: {detail}",
    "heartbeat.broke": "انقطع الاتصال، أو ليس الجواب من `HTTP`",
    "vitals.commits_hang": "لم يقبل `queue.db` حفظاً منذ {seconds:second}",
    "vitals.not_stored": "لا يقبل `queue.db` شيئاً: {reason}",
    "vitals.disk_full": "المتاح على قرص {folder} أقل من {mib} ميبيبايت",
    "vitals.disk_silent": "لا يستجيب قرص {folder}",
    "vitals.schedule_stands": "لم يُراجَع الجدول منذ {minutes:minute}",
    "alert.unknown_kind": "لا تنبيه من النوع «{kind}»{cure}؛ المعروف: {known}",
    "alert.never_muted": "لا يمكن كتم {kind}: يبلّغ به `systemd` حين تكون الخدمة، وهي التي تعرف ما كُتم، متوقفة",
    "alert.not_muted": "النوع {kind} ليس مكتوماً",
    "alert.mute_too_long": "{name}: أكثرها {days} يوماً، والواصل {got}؛ اكتمه من جديد بعد ذلك",
    "alert.job_completed": "اكتملت الآن",
    "alert.job_cancelled": "أُلغيت",
    "alert.job_forgotten": "حُذفت",
    "alert.job_failed_otherwise": "فشلت لسبب آخر",
    "alert.its_job": "المهمة {job_id} {how}",
    "alert.shipment_created": "هو الآن لدى شركة التوصيل",
    "alert.shipment_recorded": "له الآن شحنته",
    "alert.shipment_held_now": "شحنته موقوفة الآن",
    "alert.decided_created": "هو لدى شركة التوصيل",
    "alert.decided_recorded": "سُجّلت الشحنة",
    "alert.decided_again": "يمكن إرساله من جديد",
    "alert.decided_intended": "يُرسل من جديد",
    "alert.decided": "حُسم أمره",
    "alert.other_disk": "لم يعد مجلد الحالة",
    "alert.room_free": "عاد المكان متاحاً، {free_mib} ميبيبايت",
    "alert.state_back": "عاد إلى مكانه",
    "alert.shop_answers": "تستجيب",
    "alert.row_gone": "لم يعد في `failed_jobs`",
    "alert.entry_gone": "لم يعد في الجدول",
    "alert.entry_not_told": "قيمة `alert` فيه هي `false`، فلا يُخبر أحد عنه",
    "schedule.owes_none_disabled": "معطّل",
    "schedule.owes_none_paused": "متوقف مؤقتاً",
    "schedule.owes_none_off": "متروك: {reason}",
    "schedule.owes_none_draining": "تُفرَّغ الخدمة، فلا تبدأ مهمة",
    "schedule.owes_none_all_paused": "كل شيء متوقف مؤقتاً",
    "schedule.owes_none_task_paused": "المهمة {task} متوقفة مؤقتاً",
    "schedule.owes_none_queue_paused": "الطابور {queue} متوقف مؤقتاً",
    "alert.entry_succeeded": "نجح",
    "alert.no_success_seen": "لم يُر نجاح بعد",
    "alert.program_there": "برنامجه موجود، أو لم يعد له برنامج",
    "alert.daemon_ended": "{result}، رمز الخروج {status}",
    "alert.log_says": "السجل يذكر السبب",
    "alert.orders_sent": "تأخذ الطلبات من جديد، ويُرسل كل ما انتظر",
    "alert.courier_answers": "استجابت من جديد؛ يُرسل الطلب التالي أولاً، ثم الباقي",
    "courier.login_accepted": "تقبل تسجيل الدخول من جديد",
    "courier.account_accepted": "تقبل الحساب من جديد",
    "courier.right_proved": "تأخذ الشحنات من جديد",
    "shop.silent": "لا تستجيب",
    "shop.late": "لم تستجب خلال {seconds:second}",
    "job.ended_after": "انتهت المهمة {id} بعد {took}: {state}",
    "job.stands": "المهمة {id} حالتها «{state}»",
    "job.stands_because": "المهمة {id} حالتها «{state}»: {error}",
}

ALERT_SCREENS = {
    "alert.named": "{words} (`{kind}`)",
    "alert:shipment-held": "شحنة موقوفة بانتظار قرار",
    "alert:shipment-failed": "طلب تعذّر إرساله",
    "alert:orders-unshipped": "طلبات بلا شحنة منذ مدة طويلة",
    "alert:entry-silent": "موعد في الجدول لم ينجح",
    "alert:entry-off": "موعد متروك في الجدول",
    "alert:command-off": "مهمة خاصة بلا برنامجها",
    "alert:state-gone": "ملف `queue.db` أُزيل أو استُبدل",
    "alert:disk-nearly-full": "القرص يوشك أن يمتلئ",
    "alert:courier-login-refused": "شركة التوصيل ترفض الحساب",
    "alert:courier-closed": "شركة التوصيل لا تستجيب",
    "alert:shop-unreachable": "قاعدة بيانات المتجر لا تستجيب",
    "alert:row-unreadable": "صف في المتجر تتعذّر قراءته",
    "alert:php-missing": "صفوف تنتظر `PHP` ولا أحد ينفّذها",
    "alert:job-took-daemon-down": "مهمة أسقطت الخدمة",
    "alert:heartbeat-failed": "نبضة الخدمة لا تُستلم",
    "alert:job-failed": "مهام تفشل نهائياً",
    "alert:job-stuck": "مهمة لا تنتهي",
    "alert:run-slow": "تنفيذ أبطأ كثيراً من المعتاد",
    "alert:jobs-waiting": "مهام طال انتظارها",
    "alert:loop-blocked": "خدمة تعلّقت",
    "alert:daemon-failed": "خدمة متوقفة",
    "nobody is told: [alert] command is empty; ready ones: /opt/paranad/current/share/alerts": (
        "لا يُبلَّغ أحد: الأمر `[alert] command` فارغ؛ والأوامر الجاهزة في `/opt/paranad/current/share/alerts`"
    ),
    "told by {command}, {language}": "يُبلَّغ بالأمر {command}، {language}",
    "in Arabic": "بالعربية",
    "in English": "بالإنكليزية",
    "the command fails since {since}, {times:time} in a row: {reason}": (
        "الأمر يفشل منذ {since}، {times:time} على التوالي: {reason}"
    ),
    "correct it or its secrets, then: paranadctl alert test": ("صحّحه أو صحّح بيانات دخوله، ثم: `paranadctl alert test`"),
    "nobody is told of {kind} until {until}; to be told again: paranadctl alerts unmute {kind}": (
        "لا يُبلَّغ أحد بالنوع {kind} حتى {until}؛ لإعادة التبليغ: `paranadctl alerts unmute {kind}`"
    ),
    "{kind} is no longer muted; what was not told yet is told now, and what was told is not repeated": (
        "لم يعد النوع {kind} مكتوماً؛ يُبلَّغ الآن بما لم يُبلَّغ به بعد، ولا يُعاد ما سبق التبليغ به"
    ),
    "Alerts": "التنبيهات",
    "Mute a kind": "كتم نوع",
    "Mute": "كتم",
    "nobody is told of it for a while; what still stands then is told": (
        "لا يُبلَّغ أحد به مدةً؛ وما بقي قائماً بعدها يُبلَّغ عنه"
    ),
    "for how long": "المدة",
    "such as 30m, 2h or 1d; 30 days at most": "مثل `30m` أو `2h` أو `1d`؛ 30 يوماً على الأكثر",
    "Tell of {kind} again": "إعادة التبليغ بالنوع {kind}",
    "Muted": "المكتوم",
    "kind": "النوع",
    "muted by": "كتمه",
    "to be told again: paranadctl alerts unmute KIND": "لإعادة التبليغ: `paranadctl alerts unmute KIND`",
    "What stands": "المشاكل القائمة",
    "nothing: no incident is open": "لا شيء: لا مشكلة قائمة",
    "and {count} more of {kind}: {keys}": "و{count} أخرى من النوع {kind}: {keys}",
    "and {left} older": "و{left} أقدم منها",
    "{kind}, opened {opened}: {told}": "{kind}، بدأت {opened}: {told}",
    "opened {opened}: {told}": "بدأت {opened}: {told}",
    "told {times:time}": "أُبلغ عنها {times:time}",
    "not told yet": "لم يُبلَّغ عنها بعد",
    "that it is over is still to be told": "انتهت، ولم يُبلَّغ بذلك بعد",
    "muted until {until}": "مكتومة حتى {until}",
    "the command runs again {at}": "يُعاد تشغيل الأمر {at}",
}
