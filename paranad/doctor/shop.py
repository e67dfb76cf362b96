"""The checks of the shop: its database, rights, tables and clock, whether its work comes here, its settings."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy import Executable, delete, false, insert, literal, select, update

from paranad.bridge.loop import Bridge, Mode
from paranad.clock import wall_time
from paranad.configuration.addresses import DATABASE_KEY
from paranad.configuration.settings import TasksSection
from paranad.doctor.bounded import Check, Findings, bounded
from paranad.doctor.settings import settings_findings
from paranad.finding import Found, failed, ok, warning
from paranad.queue.jobs import Jobs
from paranad.said import Said
from paranad.shop.database import CLOCK_LIMIT, Shop
from paranad.shop.errors import (
    ShopBadRow,
    ShopBusy,
    ShopError,
    ShopNotGranted,
    ShopReadOnly,
    ShopServerReadOnly,
    ShopUnexpectedSchema,
    ShopUnreachable,
)
from paranad.shop.schema import columns_of, ever_used
from paranad.shop.settings import read_settings
from paranad.shop.tables import alwaseet_shipments, failed_jobs, jobs, metadata

LATER = frozenset({"alwaseet_order_statuses", "fcm_tokens", "messages", "notifications", "sweet_alerts"})
"""Tables that only a later shop has, or that only its later tasks need."""
QUEUE_TABLES = frozenset({jobs.name, failed_jobs.name})
CHANGES: dict[str, tuple[Executable, ...]] = {
    "shipments": (
        update(alwaseet_shipments).where(false()).values(order_id=None),
        insert(alwaseet_shipments).from_select(["alwaseet_order_id"], select(literal("")).where(false())),
    ),
    "queue": (
        update(jobs).where(false()).values(reserved_at=None),
        delete(jobs).where(false()),
        delete(failed_jobs).where(false()),
        insert(failed_jobs).from_select(["uuid"], select(literal("")).where(false())),
    ),
    "notices": (insert(jobs).from_select(["queue"], select(literal("")).where(false())),),
}
"""Statements that change no row. A server refuses them all the same if its user lacks the right to them."""
NAMED = 8
"""How many missing tables and columns are named."""
LIMIT_S = 12.0
"""Longer than the database itself may take to be reached."""
DRIFT = timedelta(seconds=30)
NO_CLOCK = "set both clocks by NTP (`timedatectl set-ntp true`)"

SHOP_REACHABLE = ok("shop-reachable", "shop-database", "the shop's database answers ({took_ms} ms)")
SHOP_UNREACHABLE = failed(
    "shop-unreachable",
    "shop-database",
    "the shop's database cannot be asked: {reason}",
    "see that it runs (`systemctl status mariadb mysql`), and that {place} is right; a corrected address is read at"
    " the next start: systemctl restart paranad",
)
SHOP_READ_ONLY = failed(
    "shop-read-only",
    "shop-database",
    "the shop's database can be read and takes no change: {reason}",
    "let the daemon write it; a file needs its user's right, and `ReadWritePaths=` in a drop-in of the service",
)
SHOP_BUSY = failed(
    "shop-busy",
    "shop-database",
    "another program holds up the shop's database: {reason}",
    "ask again in a minute; if it stays so, see who holds the lock: SHOW FULL PROCESSLIST on a server, `fuser` on"
    " a file",
)
SHOP_SERVER_READ_ONLY = failed(
    "shop-server-read-only",
    "shop-database",
    "the shop's database can be read and takes no change: {reason}",
    "if another server has its place now, let {place} lead there and restart: systemctl restart paranad; else make"
    " it writable again, as its root: SET GLOBAL read_only = OFF",
)
SHOP_RIGHTS_GOOD = ok("shop-rights-good", "shop-rights", "the user of [shop] database_url may do what the daemon needs")
SHOP_RIGHT_MISSING = failed(
    "shop-right-missing",
    "shop-rights",
    "the shop's database refuses what the daemon needs: {reason}",
    "as the server's root: GRANT {right} ON {on} TO 'USER'@'HOST', the user of [shop] database_url as"
    " SELECT CURRENT_USER() names it",
)
SHOP_TABLES_GOOD = ok("shop-tables-good", "shop-tables", "all {count} tables have the columns that are needed")
SHOP_TABLES_MISSING = failed(
    "shop-tables-missing",
    "shop-tables",
    "the shop's database lacks these tables or columns: {missing}",
    "run the shop's migrations (`php artisan migrate`), or correct {place}, which may name another database",
)
SHOP_TABLES_OLDER = warning(
    "shop-tables-older",
    "shop-tables",
    "the shop's database lacks tables that an older shop does not have, so what needs them is left out: {missing}",
    "run the shop's migrations (`php artisan migrate`) if the shop is meant to have them",
)
SHOP_CLOCK_SAME = ok(
    "shop-clock-same", "shop-clock", "the shop's database is a file, and has no clock but this machine's"
)
SHOP_CLOCK_GOOD = ok(
    "shop-clock-good", "shop-clock", "the clock of the shop's database server and this machine's are {apart_s} s apart"
)
SHOP_CLOCK_DRIFTS = warning(
    "shop-clock-drifts",
    "shop-clock",
    "the clock of the shop's database server and this machine's are {apart_s} s apart, expected at most {limit_s}",
    NO_CLOCK,
)
SHOP_CLOCK_OFF = failed(
    "shop-clock-off",
    "shop-clock",
    "the clock of the shop's database server and this machine's are {apart_s} s apart, expected at most {limit_s}:"
    " nothing is deleted by time until then",
    NO_CLOCK,
)
SHOP_QUEUE_USED = ok("shop-queue-used", "shop-queue", "the shop gives its work to its jobs table; the last came {at}")
SHOP_QUEUE_SEEN = ok(
    "shop-queue-seen", "shop-queue", "the shop gives its work to its jobs table; none has come here yet"
)
SHOP_QUEUE_OFF = ok("shop-queue-off", "shop-queue", '[shop] laravel_queue is "off": the jobs table is left to the shop')
SHOP_QUEUE_NO_TABLE = warning(
    "shop-queue-no-table",
    "shop-queue",
    "the shop's database lacks the tables of its queue, so no work can come from it: {missing}",
    "run the shop's migrations (`php artisan migrate`), and set QUEUE_CONNECTION=database in its .env",
)
SHOP_QUEUE_NEVER = warning(
    "shop-queue-never",
    "shop-queue",
    "the shop's jobs table has never had a row, so its QUEUE_CONNECTION seems not to be `database`:"
    " no new order reaches the daemon",
    "set QUEUE_CONNECTION=database in the shop's .env, then `php artisan config:clear`, and make an order",
)
SHOP_QUEUE_NOTHING_YET = ok(
    "shop-queue-nothing-yet",
    "shop-queue",
    "no work of the shop has come by its jobs table yet; if none comes once an order is made, set"
    " QUEUE_CONNECTION=database in its .env",
)
SHOP_QUEUE_NOT_TAKEN = warning(
    "shop-queue-not-taken",
    "shop-queue",
    "the shop's jobs table is not worked here: {reason}",
    "stop the shop's own workers (`supervisorctl status`, `ps -ef | grep queue:work`); the daemon then takes over",
)
SHOP_QUEUE_LEFT = warning(
    "shop-queue-left",
    "shop-queue",
    "rows of the shop's jobs table that the daemon does not know and leaves for a PHP worker: {rows}",
    "`paranadctl logs` names their classes, and why each is left (bridge.payload_unknown); let paranad ask for PHP, by"
    ' php = "on-demand" under [shop], run a PHP worker for them, or delete them',
)
SHOP_QUEUE_STAYS = warning(
    "shop-queue-stays",
    "shop-queue",
    "rows of the shop's jobs table that stay there, because their queue is none of [queue] queues, or no class of them"
    " can be read: {rows}",
    "`paranadctl logs` says why each stays (bridge.payload_unknown); name their queue in [queue] queues, then:"
    " systemctl restart paranad, run a PHP worker for it, or delete them",
)
SHOP_ROWS_READABLE = ok(
    "shop-rows-readable", "shop-failed", "no row that cannot be read stands in the shop's failed_jobs"
)
SHOP_ROWS_UNREADABLE = warning(
    "shop-rows-unreadable",
    "shop-failed",
    "rows of the shop's jobs table that cannot be read and stand in its failed_jobs: {rows}; the last, {uuid}:"
    " {reason}",
    "see `php artisan queue:failed` in the shop; what they ask for is not done: correct what is wrong, then"
    " `php artisan queue:retry {uuid}`, or do it by hand and `php artisan queue:forget {uuid}`",
)
SHOP_FAILED_NOT_WRITTEN = warning(
    "shop-failed-not-written",
    "shop-failed",
    "failed jobs cannot be given back to the shop's failed_jobs, and this is tried again: {reason}",
    "correct what is wrong there; `paranadctl failed` has every failed job meanwhile",
)


async def shop_findings(
    shop: Shop,
    bridge: Bridge,
    queue: Jobs,
    tasks: TasksSection,
    place: Said | str = DATABASE_KEY,
    *,
    works: bool = True,
) -> Findings:
    """Look at the shop: one check after the other; if its database does not answer, that is all that is found.

    Args:
        shop: its database.
        bridge: takes work from its `jobs` table.
        queue: knows when a job last came from there.
        tasks: the configuration of the tasks.
        place: where the address of the database is set, for the cures.
        works: whether this machine works off the `jobs` table; one that stands by leaves it alone, and says nothing of
            the settings by which the work is done.
    """
    reached = await _asked("shop-database", partial(_reach, shop), shop, place)
    if any(finding.outcome == "failed" for finding in reached):
        return reached

    checks: dict[str, Check] = {
        "shop-rights": partial(_rights, shop, bridge, place),
        "shop-tables": partial(_tables, shop, place),
        "shop-clock": partial(_clock, shop),
        "shop-queue": partial(_queue, shop, bridge, queue, place),
        "shop-failed": partial(_failed, bridge),
        "setting-shipments": partial(_settings, shop, tasks),
    }
    if not works:
        del checks["shop-queue"], checks["shop-failed"], checks["setting-shipments"]
    found = [finding for name, check in checks.items() for finding in await _asked(name, check, shop, place)]
    # A server that has become read-only answers, and then refuses the first change: its database is not good.
    refused = any(finding.check == SHOP_REACHABLE.check for finding in found)
    return found if refused else [*reached, *found]


async def _asked(name: str, check: Check, shop: Shop, place: Said | str) -> Findings:
    async def explained() -> Findings:
        try:
            return await check()
        except ShopError as error:
            return [_in_words(error, place)]

    return await bounded(name, explained, LIMIT_S, shop.events)


async def _reach(shop: Shop) -> Findings:
    began_s = shop.clock.monotonic()
    async with shop.read():
        took_ms = round((shop.clock.monotonic() - began_s) * 1000)
    async with shop.transaction(dry_run=True):  # a file that may not be written refuses the lock
        pass
    return [SHOP_REACHABLE(took_ms=took_ms)]


async def _rights(shop: Shop, bridge: Bridge, place: Said | str) -> Findings:
    """Try each statement that the daemon changes the shop with; `_tables` names a table that is missing."""
    findings = list[Found]()
    for change in _changes(bridge):
        try:
            async with shop.transaction(dry_run=True) as connection:
                await connection.execute(change)
        except ShopNotGranted as error:
            findings.append(_in_words(error, place))
        except (ShopReadOnly, ShopBusy) as error:
            return [*findings, _in_words(error, place)]
        except (ShopUnexpectedSchema, ShopBadRow):  # the right is there: a server looks at the rights first
            continue
    return findings or [SHOP_RIGHTS_GOOD()]


def _changes(bridge: Bridge) -> Iterator[Executable]:
    yield from CHANGES["shipments"]
    if bridge.state.mode is not Mode.OFF:
        yield from CHANGES["queue"]
    if bridge.rule.notices:
        yield from CHANGES["notices"]


async def _tables(shop: Shop, place: Said | str) -> Findings:
    async with shop.read() as connection:
        present = await columns_of(connection)
    missing, older = list[str](), list[str]()
    for name, table in metadata.tables.items():
        if name in QUEUE_TABLES:  # `_queue` looks at them: a shop with another queue need not have them
            continue
        if name not in present:
            (older if name in LATER else missing).append(name)
        else:
            absent = [column for column in table.columns.keys() if column.lower() not in present[name]]  # noqa: SIM118
            missing += [f"{name}.{column}" for column in absent]
    findings = [
        finding(missing=_some(lacking), place=place)
        for finding, lacking in ((SHOP_TABLES_MISSING, missing), (SHOP_TABLES_OLDER, older))
        if lacking
    ]
    return findings or [SHOP_TABLES_GOOD(count=len(metadata.tables) - len(QUEUE_TABLES))]


async def _clock(shop: Shop) -> Findings:
    apart = await shop.clock_apart()
    if apart is None:
        return [SHOP_CLOCK_SAME()]
    finding, limit = (SHOP_CLOCK_OFF, CLOCK_LIMIT) if apart > CLOCK_LIMIT else (SHOP_CLOCK_DRIFTS, DRIFT)
    finding = finding if apart > DRIFT else SHOP_CLOCK_GOOD
    return [finding(apart_s=f"{apart.total_seconds():.0f}", limit_s=f"{limit.total_seconds():.0f}")]


async def _queue(shop: Shop, bridge: Bridge, queue: Jobs, place: Said | str) -> Findings:
    """Guess the shop's QUEUE_CONNECTION from its `jobs` table: whether it ever had a row, and who took it."""
    if bridge.state.mode is Mode.OFF:
        return [SHOP_QUEUE_OFF()]
    last_at = await queue.last_delivery("laravel")
    async with shop.read() as connection:
        present = await columns_of(connection)
        lacking = sorted(QUEUE_TABLES - set(present))
        used = not lacking and (await ever_used(connection, jobs) or await ever_used(connection, failed_jobs))
    if lacking:
        return [SHOP_QUEUE_NO_TABLE(missing=", ".join(lacking))]
    # An emptied table still shows by its next id that it had rows.
    if not (used or last_at):
        return [SHOP_QUEUE_NEVER()]
    if bridge.left or not bridge.state.active:
        return _left_there(bridge, place)
    if last_at is None:
        # The rows that the table had may be those that the daemon itself adds for PHP.
        return [SHOP_QUEUE_NOTHING_YET() if bridge.rule.notices else SHOP_QUEUE_SEEN()]
    return [SHOP_QUEUE_USED(at=wall_time(last_at, shop.zone))]


def _left_there(bridge: Bridge, place: Said | str) -> Findings:
    left = SHOP_QUEUE_STAYS if bridge.rule.on_demand else SHOP_QUEUE_LEFT
    findings = [left(rows=bridge.left.total())] if bridge.left else []
    state = bridge.state
    # If the database refused, that is why nothing is taken, and no worker of the shop is to blame.
    if state.error is not None:
        findings.append(_in_words(state.error, place))
    elif not state.active:
        findings.append(SHOP_QUEUE_NOT_TAKEN(reason=state.reason))
    return findings


async def _failed(bridge: Bridge) -> Findings:
    """Look at the rows in the shop's `failed_jobs`; `_queue` names that table if it is missing."""
    findings = []
    if bridge.failed.trouble:
        findings.append(SHOP_FAILED_NOT_WRITTEN(reason=bridge.failed.trouble))
    with suppress(ShopUnexpectedSchema):
        if rows := await bridge.unreadable.look():
            last = rows[-1]
            findings.append(SHOP_ROWS_UNREADABLE(rows=len(rows), uuid=last.uuid, reason=last.reason))
        findings = findings or [SHOP_ROWS_READABLE()]
    return findings


async def _settings(shop: Shop, tasks: TasksSection) -> Findings:
    async with shop.read() as connection:
        return settings_findings(await read_settings(connection), tasks)


def _in_words(error: ShopError, place: Said | str) -> Found:
    """Return what an *error* of the shop's database means for a person, with the cure of its kind."""
    match error:
        case ShopUnexpectedSchema():
            return SHOP_TABLES_MISSING(missing=error.missing, place=place)
        case ShopNotGranted():
            return SHOP_RIGHT_MISSING(reason=error.reason, right=error.right or "ALL", on=error.on)
        case ShopServerReadOnly():
            return SHOP_SERVER_READ_ONLY(reason=error.reason, place=place)
        case ShopReadOnly():
            return SHOP_READ_ONLY(reason=error.reason)
        case ShopBusy():
            return SHOP_BUSY(reason=error.reason)
        case _:
            reason = error.reason if isinstance(error, ShopUnreachable) else error.said
            return SHOP_UNREACHABLE(reason=reason, place=place)


def _some(names: Iterable[str]) -> str:
    first, rest = [*names][:NAMED], [*names][NAMED:]
    return ", ".join(first) + (f", … (+{len(rest)})" if rest else "")
