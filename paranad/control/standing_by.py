"""The one place where a daemon that stands by refuses what only the machine that works can do."""

from paranad.control.daemon import HANDING_OVER, Daemon
from paranad.said import Said, Sentence
from paranad.standby.service import Standby
from paranad.standby.view import Role

READING = frozenset({"GET", "HEAD", "OPTIONS"})
HERE = frozenset(
    {
        ("POST", "/v1/reload"),
        ("POST", "/v1/alerts/{kind}/mute"),
        ("POST", "/v1/alerts/{kind}/unmute"),
        ("POST", "/v1/alerts/test"),
        ("POST", "/v1/shipments/reconcile"),
        # What stands in this machine's own queue.db would hold up, or be done, when it works again.
        ("POST", "/v1/resume"),
        ("POST", "/v1/queues/{queue}/resume"),
        ("POST", "/v1/tasks/{task:path}/resume"),
        ("POST", "/v1/schedule/{name:path}/resume"),
        ("DELETE", "/v1/schedule/{name:path}/backfill"),
        ("POST", "/v1/jobs/{id}/cancel"),
        ("DELETE", "/v1/jobs/{id}"),
        ("DELETE", "/v1/failed"),
    }
)
"""The changes that concern this machine alone, by method and path; all others are for the machine that works."""

YIELD = "/v1/standby/yield"

TAKES_OVER = Sentence("standby.takes_over", "this machine holds the lease, and does not work yet: {reason}")
ELSEWHERE = Sentence("standby.elsewhere", "this daemon stands by for {machine}, which does all the work: ask there")
NOBODY_WORKS = Sentence("standby.nobody_works", "this daemon stands by, and no machine is known to work: {reason}")


def refusal(daemon: Daemon, standby: Standby, method: str, path: str) -> Said | None:
    """Return why *daemon* does not do what is asked with *method* at *path*, a route's; None: it does."""
    if method in READING or (method, path) in HERE:
        return None
    if daemon.handover.asked.is_set():
        return HANDING_OVER()
    view = standby.view
    if view.role is Role.ACTIVE and (daemon.state != "standby" or path == YIELD):
        return None
    if view.role is Role.ACTIVE:
        return TAKES_OVER(reason=daemon.held_up or view.why)
    return ELSEWHERE(machine=view.working) if view.working else NOBODY_WORKS(reason=view.why)
