"""What the doctor can find: every code with its check, its outcome, why it is so, and the cure; in English.

The command line has the same words in Arabic, by the same codes and with the same names in braces.
"""

from collections.abc import Mapping

from paranad.control.schemas import DoctorCheck
from paranad.doctor.finding import Words
from paranad.doctor.findings_courier import COURIER

NO_CLOCK = "set both clocks by NTP (`timedatectl set-ntp true`)"

ITSELF: Mapping[str, Words] = {
    "daemon-ready": Words("daemon", "ok", "paranad {version} is ready, process {pid}, since {since}"),
    "daemon-draining": Words(
        "daemon",
        "warning",
        "the daemon drains: what runs finishes, nothing new starts",
        "paranadctl resume",
    ),
    "daemon-stateless": Words(
        "daemon",
        "failed",
        "nothing new starts, because queue.db is gone",
        "systemctl restart paranad",
    ),
    "daemon-not-ready": Words(
        "daemon",
        "warning",
        "the daemon is {state}, so nothing new starts",
        "wait a minute and ask again; `journalctl -u paranad` says what it is about",
    ),
    "loop-quick": Words("loop", "ok", "the daemon answers quickly: late by {late_ms} ms at most"),
    "loop-slow": Words(
        "loop",
        "warning",
        "the daemon answers slowly: late by {late_ms} ms, expected less than {limit_ms} ms",
        "see with `top` what else wants the processor or the disk; fewer [queue] workers ask for less",
    ),
    "loop-stuck": Words(
        "loop",
        "failed",
        "the daemon hangs: late by {late_ms} ms, expected less than {limit_ms} ms",
        "see with `top` what else wants the processor or the disk; if it is the daemon: systemctl restart paranad",
    ),
    "configuration-default": Words(
        "configuration", "ok", "no configuration file was read: variables, credentials and defaults are in force"
    ),
    "configuration-good": Words("configuration", "ok", "{source} is good and in force"),
    "configuration-wrong": Words(
        "configuration",
        "failed",
        "the configuration cannot be used as it now stands, so a restart would fail: {problem}",
        "correct it; `paranad check` names every problem ({count} in all)",
    ),
    "configuration-borne": Words(
        "configuration",
        "warning",
        "`paranadctl reload` refuses the configuration as it stands, and a restart leaves that entry out: {problem}",
        "correct it; `paranad check` names every problem ({count} in all)",
    ),
    "configuration-changed": Words(
        "configuration",
        "warning",
        "changed since the daemon read it: {keys}",
        "paranadctl reload",
    ),
    "configuration-needs-restart": Words(
        "configuration",
        "warning",
        "changed, and not in force before a restart: {keys}",
        "systemctl restart paranad",
    ),
    "configuration-open": Words(
        "configuration",
        "warning",
        "{file} holds a password, and everyone on this machine may read it (mode {mode})",
        "chown root:paranad {file}; chmod 0640 {file}",
    ),
    "state-good": Words("state", "ok", "{folder} is the daemon's alone"),
    "state-open": Words(
        "state",
        "warning",
        "{path} is open to others than the daemon's user: mode {mode}, expected {expected}",
        "chmod {expected} {path}",
    ),
    "state-gone": Words(
        "state",
        "failed",
        "{path} cannot be found or looked at any more ({reason}), though the daemon works with it",
        "systemctl restart paranad: at its stop the daemon writes back what it has open; where that fails, restore the "
        "last backup",
    ),
    "state-refused": Words(
        "state",
        "failed",
        "queue.db cannot be written, so new work is refused: {reason}",
        "make room on its disk; where there is room, see `dmesg` for a failing disk",
    ),
    "disk-roomy": Words("disk", "ok", "{free} free on the disk of {folder}"),
    "disk-nearly-full": Words(
        "disk",
        "warning",
        "only {free} free on the disk of {folder}, expected at least {wanted}",
        "make room: `du -xh / | sort -h | tail` names what is large, `journalctl --vacuum-size=500M` shortens the log",
    ),
    "disk-full": Words(
        "disk",
        "failed",
        "the disk of {folder} is full: {free} free, expected at least {wanted}",
        "make room: `du -xh / | sort -h | tail` names what is large, `journalctl --vacuum-size=500M` shortens the log",
    ),
    "queue-db-whole": Words("queue-db", "ok", "queue.db is whole ({size})"),
    "queue-db-damaged": Words(
        "queue-db",
        "failed",
        "queue.db is damaged: {finding}",
        "stop the daemon, keep the damaged file, restore the last backup, start it, then: "
        "paranadctl shipments reconcile",
    ),
    "queue-db-unfinished": Words(
        "queue-db",
        "warning",
        "looking through queue.db ({size}) takes longer than {seconds} s, so it was broken off",
        "look through a copy: paranadctl backup /var/tmp/queue.db && sqlite3 /var/tmp/queue.db 'PRAGMA quick_check'",
    ),
    "queues-open": Words("queues", "ok", "every queue is open; {running} of {workers} workers are busy"),
    "queue-paused": Words(
        "queues",
        "warning",
        "queue {queue} is paused; jobs that wait in it: {available}",
        "paranadctl resume {queue}",
    ),
    "jobs-none-failed": Words("failed-jobs", "ok", "no job has failed for good"),
    "jobs-failed": Words(
        "failed-jobs",
        "warning",
        "jobs that have failed for good: {count}; the last is {task}: {error}",
        "see why: paranadctl failed show {id}; again: paranadctl retry {id}",
    ),
    "entry-succeeded": Words("schedule", "ok", "{entry} last succeeded {at}"),
    "entry-waits": Words("schedule", "ok", "{entry} has not succeeded yet; its next run: {next}"),
    "entry-forgotten": Words("schedule", "ok", "{entry} last ran {at}; its job is no longer kept"),
    "entry-disabled": Words("schedule", "ok", "{entry} is disabled by the configuration"),
    "entry-off": Words("schedule", "ok", "{entry} is left out: {reason}"),
    "entry-program-missing": Words(
        "schedule",
        "failed",
        "{entry} is left out: {reason}",
        "put the program back, or correct the entry in paranad.toml: paranadctl reload",
    ),
    "entry-paused": Words("schedule", "warning", "{entry} is paused", "paranadctl schedule resume {entry}"),
    "entry-silent": Words(
        "schedule",
        "failed",
        "{entry} has had no success for three periods; the last: {at}; its last run: {reason}",
        "see its runs: paranadctl schedule history {entry}; try it: paranadctl schedule run {entry}",
    ),
    "shipments-none-held": Words("shipments", "ok", "no shipment needs a person; under way: {under_way}"),
    "shipments-restored": Words(
        "shipments",
        "failed",
        "queue.db was restored from a copy of {at}, so no shipment is sent",
        "match its journal with the courier's list: paranadctl shipments reconcile",
    ),
    "shipments-held": Words(
        "shipments",
        "failed",
        "shipments that need a person to decide: {count}; orders {orders}",
        "see each, and decide: paranadctl shipments show {order}",
    ),
}

SHOP: Mapping[str, Words] = {
    "shop-reachable": Words("shop-database", "ok", "the shop's database answers ({took_ms} ms)"),
    "shop-unreachable": Words(
        "shop-database",
        "failed",
        "the shop's database cannot be asked: {reason}",
        "see that it runs (`systemctl status mariadb mysql`), and that {place} is right; a corrected address is read at"
        " the next start: systemctl restart paranad",
    ),
    "shop-read-only": Words(
        "shop-database",
        "failed",
        "the shop's database can be read and takes no change: {reason}",
        "let the daemon write it; a file needs its user's right, and `ReadWritePaths=` in a drop-in of the service",
    ),
    "shop-busy": Words(
        "shop-database",
        "failed",
        "another program holds up the shop's database: {reason}",
        "ask again in a minute; if it stays so, see who holds the lock: SHOW FULL PROCESSLIST on a server, `fuser` on"
        " a file",
    ),
    "shop-server-read-only": Words(
        "shop-database",
        "failed",
        "the shop's database can be read and takes no change: {reason}",
        "if another server has its place now, let {place} lead there and restart: systemctl restart paranad; else make"
        " it writable again, as its root: SET GLOBAL read_only = OFF",
    ),
    "shop-rights-good": Words("shop-rights", "ok", "the user of [shop] database_url may do what the daemon needs"),
    "shop-right-missing": Words(
        "shop-rights",
        "failed",
        "the shop's database refuses what the daemon needs: {reason}",
        "as the server's root: GRANT {right} ON {on} TO 'USER'@'HOST', the user of [shop] database_url as"
        " SELECT CURRENT_USER() names it",
    ),
    "shop-tables-good": Words("shop-tables", "ok", "all {count} tables have the columns that are needed"),
    "shop-tables-missing": Words(
        "shop-tables",
        "failed",
        "the shop's database lacks these tables or columns: {missing}",
        "run the shop's migrations (`php artisan migrate`), or correct {place}, which may name another database",
    ),
    "shop-tables-older": Words(
        "shop-tables",
        "warning",
        "the shop's database lacks tables that an older shop does not have, so what needs them is left out: {missing}",
        "run the shop's migrations (`php artisan migrate`) if the shop is meant to have them",
    ),
    "shop-clock-same": Words("shop-clock", "ok", "the shop's database is a file, and has no clock but this machine's"),
    "shop-clock-good": Words(
        "shop-clock", "ok", "the clock of the shop's database server and this machine's are {apart_s} s apart"
    ),
    "shop-clock-drifts": Words(
        "shop-clock",
        "warning",
        "the clock of the shop's database server and this machine's are {apart_s} s apart, expected at most {limit_s}",
        NO_CLOCK,
    ),
    "shop-clock-off": Words(
        "shop-clock",
        "failed",
        "the clock of the shop's database server and this machine's are {apart_s} s apart, expected at most {limit_s}:"
        " nothing is deleted by time until then",
        NO_CLOCK,
    ),
    "shop-queue-used": Words("shop-queue", "ok", "the shop gives its work to its jobs table; the last came {at}"),
    "shop-queue-seen": Words("shop-queue", "ok", "the shop gives its work to its jobs table; none has come here yet"),
    "shop-queue-off": Words("shop-queue", "ok", '[shop] laravel_queue is "off": the jobs table is left to the shop'),
    "shop-queue-no-table": Words(
        "shop-queue",
        "warning",
        "the shop's database lacks the tables of its queue, so no work can come from it: {missing}",
        "run the shop's migrations (`php artisan migrate`), and set QUEUE_CONNECTION=database in its .env",
    ),
    "shop-queue-never": Words(
        "shop-queue",
        "warning",
        "the shop's jobs table has never had a row, so its QUEUE_CONNECTION seems not to be `database`:"
        " no new order reaches the daemon",
        "set QUEUE_CONNECTION=database in the shop's .env, then `php artisan config:clear`, and make an order",
    ),
    "shop-queue-not-taken": Words(
        "shop-queue",
        "warning",
        "the shop's jobs table is not worked here: {reason}",
        "stop the shop's own workers (`supervisorctl status`, `ps -ef | grep queue:work`); the daemon then takes over",
    ),
    "shop-queue-left": Words(
        "shop-queue",
        "warning",
        "rows of the shop's jobs table that the daemon does not know and leaves for a PHP worker: {rows}",
        "`paranadctl logs` names their classes (bridge.payload_unknown); run a PHP worker for them, or delete them",
    ),
    "shop-rows-readable": Words("shop-failed", "ok", "no row that cannot be read stands in the shop's failed_jobs"),
    "shop-rows-unreadable": Words(
        "shop-failed",
        "warning",
        "rows of the shop's jobs table that cannot be read and stand in its failed_jobs: {rows}; the last, {uuid}:"
        " {reason}",
        "see `php artisan queue:failed` in the shop; what they ask for is not done: correct what is wrong, then"
        " `php artisan queue:retry {uuid}`, or do it by hand and `php artisan queue:forget {uuid}`",
    ),
    "shop-failed-not-written": Words(
        "shop-failed",
        "warning",
        "failed jobs cannot be given back to the shop's failed_jobs, and this is tried again: {reason}",
        "correct what is wrong there; `paranadctl failed` has every failed job meanwhile",
    ),
    "create-shipment-on": Words(
        "setting-shipments", "ok", "new orders are sent to the courier (alwaseet_auto_create_shipment)"
    ),
    "create-shipment-off": Words(
        "setting-shipments",
        "warning",
        "new orders are not sent to the courier: the shop's setting alwaseet_auto_create_shipment is not 1",
        "switch it on in the shop's AlWaseet settings, if they are meant to be",
    ),
    "defaults-good": Words(
        "setting-defaults",
        "ok",
        "city {city}, region {region} and package size {size} stand in where an order has none",
    ),
    "defaults-missing": Words(
        "setting-defaults",
        "failed",
        "the shop's settings lack an id of the courier's in {keys}: no order can be sent that does not have its own",
        "choose city, region and package size in the shop's AlWaseet settings",
    ),
    "delivery-fee-wrong": Words(
        "setting-price",
        "failed",
        'the shop\'s setting delivery_fee is "{value}", expected whole dinars:'
        ' with shipment_price = "total_plus_fee" no order can be sent',
        "correct it in the shop's settings",
    ),
    "price-total": Words("setting-price", "ok", "the courier collects the order's total, without the delivery fee"),
    "price-total-plus-fee": Words(
        "setting-price", "ok", "the courier collects the order's total and the delivery fee of {fee} dinars"
    ),
    "auto-sync-all": Words("setting-sync", "ok", "all courier orders are synced every {minutes} minutes"),
    "auto-sync-some": Words(
        "setting-sync", "ok", "courier orders of these statuses are synced every {minutes} minutes: {statuses}"
    ),
    "auto-sync-off": Words(
        "setting-sync",
        "warning",
        "courier orders are not synced by themselves: the shop's setting alwaseet_auto_sync_enabled is not 1",
        "switch it on in the shop's AlWaseet settings, if they are meant to be; once, now: paranadctl sync",
    ),
    "auto-sync-interval-wrong": Words(
        "setting-sync",
        "warning",
        'the shop\'s setting alwaseet_auto_sync_interval is "{value}", expected minutes from 5 to 1440; until it is'
        " corrected, courier orders are synced every {minutes} minutes",
        "correct it in the shop's AlWaseet settings",
    ),
    "status-ids-wrong": Words(
        "setting-statuses",
        "warning",
        "the shop's setting {key} holds what is no status id: {wrong}",
        "correct it in the shop's AlWaseet settings: numbers with commas between them",
    ),
    "notices-all": Words(
        "setting-statuses", "ok", "every change of status is told (alwaseet_notify_statuses is empty)"
    ),
    "notices-some": Words("setting-statuses", "ok", "changes to these statuses are told: {statuses}"),
}

ANY: Mapping[str, Words] = {
    "check-late": Words(
        "",
        "failed",
        "this check did not come to an end within {seconds} s",
        "ask again; if it stays so, see `paranadctl status` and `journalctl -u paranad`",
    ),
    "check-broken": Words(
        "",
        "failed",
        "this check met a defect of the program: {error}",
        "see `journalctl -u paranad`, and report it",
    ),
}

FINDINGS: Mapping[str, Words] = {**ITSELF, **SHOP, **COURIER, **ANY}


def found(code: str, **values: object) -> DoctorCheck:
    """Return what was found, in words; *values* are what the words of *code* name."""
    words, texts = FINDINGS[code], {name: str(value) for name, value in values.items()}
    return DoctorCheck(
        check=words.check or texts["check"],
        outcome=words.outcome,
        code=code,
        values=texts,
        why=words.why.format_map(texts),
        cure=words.cure and words.cure.format_map(texts),
    )
