"""`paranadctl courier test` and `alert test`: what came back, and the exit code of it."""

from typing import Any

from paranad.alerts.digest import NOT_NEEDED, PARCELS_UNKNOWN, SHIPPED
from paranad.alerts.notifier import NO_COMMAND
from paranad.control.schemas import remark_of
from paranad.control.schemas_acts import AlertTest, CourierTest
from paranad.control.schemas_digest import Digest
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn

LIMITER = {"used": 2, "limit": 28, "window_s": 30.0, "waiting": 0, "closed_until": None}


def trial(**more: Any) -> CourierTest:
    good = {"accepted": True, "merchant": True, "login_s": 0.4, "rows": 12, "unreadable": 0, "list_s": 1.2}
    return CourierTest.model_validate(good | {"reason": None, "again_at": None, "limiter": LIMITER} | more)


def test_courier_that_answers_is_told_with_times_and_rate(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "courier/test", trial())
    ran = ctl("courier", "test")
    assert (0, ["the courier accepts the account: 400 ms", "it is the merchant's main account"]) == (
        ran.code,
        ran.out.splitlines()[:2],
    )
    assert ["orders created today: 12, 1.2 s", "requests to the courier: 2 of 28 in 30 s"] == ran.out.splitlines()[2:]


def test_refused_login_ends_with_1_and_its_reason(ctl: Ctl, daemon: StandIn) -> None:
    nothing = dict.fromkeys(("merchant", "login_s", "rows", "list_s"))
    daemon.answer("POST", "courier/test", trial(**nothing, accepted=False, reason="the courier refused the account"))
    ran = ctl("courier", "test")
    assert (1, True, False) == (ran.code, "the courier refused the account" in ran.out, "accepts" in ran.out)


def test_full_rate_says_when_there_is_room(ctl: Ctl, daemon: StandIn) -> None:
    limited = {"rows": None, "list_s": None, "reason": "over the request rate", "again_at": "2026-03-02T12:00:30+03:00"}
    daemon.answer("POST", "courier/test", trial(**limited))
    ran = ctl("courier", "test")
    assert (1, True) == (ran.code, "12:00:30: try it again then\n" in ran.out)


def test_list_with_rows_that_cannot_be_read_says_so(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "courier/test", trial(merchant=False, unreadable=3))
    out = ctl("courier", "test").out
    assert ("it is an employee's account" in out, "rows that cannot be read: 3" in out) == (True, True)


def test_alert_command_that_took_it_shows_what_it_wrote(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "alerts/test", AlertTest(done=True, seconds=0.4, output="sent\nto 3\n", reason=None))
    ran = ctl("alert", "test")
    assert (0, ["the alert command took the test: exit 0, 400 ms", "it wrote:", "sent", "to 3"]) == (
        ran.code,
        ran.out.splitlines(),
    )


def test_alert_command_that_failed_ends_with_1(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "alerts/test", AlertTest(done=False, seconds=2.0, output="", reason="it ended with status 3"))
    ran = ctl("alert", "test")
    assert (1, "the alert command failed after 2.0 s: it ended with status 3\n") == (ran.code, ran.out)


def test_no_alert_command_says_how_to_write_one(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "alerts/test", 409, "wrong-state", NO_COMMAND())
    ran = ctl("alert", "test")
    assert (1, True) == (ran.code, "write one in paranad.toml" in ran.err)


def digest() -> Digest:
    counts: dict[str, object] = {
        "shipped": 3,
        "unshipped": None,
        "held": 0,
        "failed": 0,
        "silent": [],
        "parcels": None,
        "needs": {},
    }
    said = [SHIPPED(count=3), PARCELS_UNKNOWN(), NOT_NEEDED()]
    lines = [remark_of(line) for line in said]
    at = {"since": "2026-03-01T20:00:00+03:00", "at": "2026-03-02T20:00:00+03:00"}
    return Digest.model_validate({**at, "language": "en", "message": "…", "lines": lines, "counts": counts})


def test_digest_is_shown_as_it_would_be_sent(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "alerts/digest", digest())
    ran = ctl("alert", "digest")
    lines = ["orders shipped: 3", "parcels: unknown, the shop's database does not say", "nobody is needed"]
    assert (0, lines) == (ran.code, ran.out.splitlines())
    assert "الطلبات المشحونة: 3" == ctl("alert", "digest", "--lang", "ar").out.splitlines()[0]


def test_digest_that_is_sent_says_how_the_command_ended(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "alerts/digest", AlertTest(done=True, seconds=0.4, output="", reason=None))
    ran = ctl("alert", "digest", "--send")
    assert (0, "the digest is sent: 400 ms\n") == (ran.code, ran.out)
    daemon.answer("POST", "alerts/digest", AlertTest(done=False, seconds=2.0, output="", reason="it ended with 3"))
    ran = ctl("alert", "digest", "--send")
    assert (1, "the digest is not sent: it ended with 3\n") == (ran.code, ran.out)
