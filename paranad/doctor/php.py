"""The checks of what PHP still does: what waits for it, and who tells of a status that changed."""

from zoneinfo import ZoneInfo

from paranad.bridge.loop import Bridge
from paranad.clock import wall_time
from paranad.doctor.bounded import Findings
from paranad.finding import ok, warning
from paranad.on_demand.service import OnDemand
from paranad.said import Said, Sentence

TOLD_BY_A_WORKER = Sentence(
    "doctor.told_by_a_worker",
    "a status that changed is told by the shop's own listener, with pushes, only once a worker takes its row",
)
PHP_STANDS = ok("php-stands", "php", "{why}; {notices}")
WAITS = "waiting for PHP, {rows:row}, the oldest since {since}: {why}; {notices}"
PHP_WAITED_FOR = ok("php-waited-for", "php", WAITS)
PHP_LATE = warning("php-late", "php", WAITS, "{cure}")
PHP_UNREADY = warning("php-unready", "php", "{why}; {notices}", "{cure}")
PHP_NOT_GIVEN_BACK = warning(
    "php-not-given-back",
    "php",
    "{why}; {notices}",
    "mend what the shop's database refuses: it is tried again every minute, and `paranadctl status` tells what is left",
)
PHP_NOTICES_UNWORKED = warning(
    "php-notices-unworked",
    "php",
    '[shop] status_notices is "php" and php is "leave": if the shop has no worker of its own, nobody tells of a status'
    " that changed; if it has one, that takes new orders too: they have two senders then, and the shipment journal"
    " knows nothing of what PHP sends",
    'php = "on-demand" under [shop], then: paranadctl reload',
)
PHP_NOTICES_REFUSED = warning(
    "php-notices-refused",
    "php",
    "when a status last changed, the shop's jobs table took no row of its listener, so nobody sent pushes, and paranad"
    " wrote the notification rows: {reason}",
    "a table that is missing comes by `php artisan migrate` in the shop, and the right that is missing stands under"
    " shop-rights with its GRANT; the next change is tried again",
)


async def php_findings(bridge: Bridge, on_demand: OnDemand, zone: ZoneInfo, refused: Said | None = None) -> Findings:
    """Say what waits for PHP, and who sends pushes; that no worker comes is told as the incident it is.

    *refused* is why the last changed status could not be left to PHP.
    """
    off, since, teller = bridge.nothing_apart, bridge.php.work.oldest_due_at, bridge.rule.teller
    if bridge.rule.notices and refused:
        return [PHP_NOTICES_REFUSED(reason=refused)]
    if bridge.rule.notices and not bridge.rule.on_demand and bridge.is_on:
        return [PHP_NOTICES_UNWORKED()]
    lack = None if off else on_demand.lacking
    if bridge.rule.notices and not off and (lack or on_demand.cure):
        teller = TOLD_BY_A_WORKER()
    if lack:
        return [PHP_UNREADY(why=lack.reason, notices=teller, cure=lack.cure)]
    if off or since is None:
        stands = PHP_NOT_GIVEN_BACK if off and bridge.php.kept.error else PHP_STANDS
        return [stands(why=off or on_demand.why, notices=teller)]
    said = {"rows": bridge.php.work.waiting, "since": wall_time(since, zone), "why": on_demand.why, "notices": teller}
    if cure := on_demand.cure:
        return [PHP_LATE(**said, cure=cure)]
    return [PHP_WAITED_FOR(**said)]
