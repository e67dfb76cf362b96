"""The look at the courier: everything is broken once, and seen; the shared token and the limit are left in peace."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from paranad.configuration.durations import Rate
from paranad.courier.breaker import OUTAGES
from paranad.courier.client import Courier
from paranad.courier.connection import Host, NoAddress, NoConnection, NotTrusted
from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import Account
from paranad.doctor import courier as room
from paranad.doctor.bounded import Findings
from paranad.doctor.courier import courier_findings
from paranad.doctor.places import PLACES_LATER
from paranad.events.event import Events
from paranad.said import plain
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shipments import reasons
from paranad.shipments.journal import Journal
from paranad.shop.errors import ShopUnreachable
from paranad.store.file import Store
from tests.support.clock import START, ManualClock
from tests.support.courier import PASSWORD, PHONE, SettingsRow
from tests.support.findings import codes, only

GOOD = ["courier-name-good", "courier-tls-none", "courier-login-good", "courier-account-merchant"]
DENIED = str(CourierRefused(Refusal.PERMISSION, "21", "ليس لديك صلاحية الوصول"))


@pytest.fixture
def journal(store: Store, clock: ManualClock, events: Events) -> Journal:
    return Journal(store, clock, events)


Look = Callable[..., Awaitable[Findings]]


@pytest.fixture
def look(courier: Courier, journal: Journal) -> Look:
    return partial(courier_findings, courier, journal, ZoneInfo("Asia/Baghdad"))


async def test_good_courier_is_good(look: Look) -> None:
    assert [*GOOD, "courier-door-open", "courier-right-unknown"] == codes(await look())


async def test_places_are_looked_for_only_while_the_courier_answers(look: Look, sandbox: Sandbox) -> None:
    async def places() -> Findings:
        return [PLACES_LATER()]

    look = partial(look, places=places)
    assert [*GOOD, "courier-places-later", "courier-door-open", "courier-right-unknown"] == codes(await look())
    sandbox.behaviour.blocked_status = 503
    assert "courier-places-later" not in codes(await look())


async def test_closed_door_is_seen_with_its_reason_and_next_try(
    look: Look, courier: Courier, sandbox: Sandbox, row: SettingsRow
) -> None:
    row.token = sandbox.new_token()
    sandbox.behaviour.blocked_status = 503
    for _ in range(2):
        with pytest.raises(CourierUnclear):
            await courier.statuses(owner="sync")
    door = only(await look(), "courier-door-closed")  # the doctor's own question is the third
    assert ("2026-03-02 12:00:00", "2026-03-02 12:00:10") == (door.values["since"], door.values["at"])
    assert "HTTP 503" in str(door.values["reason"])


async def test_answer_to_the_doctor_lets_one_order_through(look: Look, courier: Courier) -> None:
    for number in range(OUTAGES):
        courier.breaker.lost(f"job:{number}", plain("no answer in time"), is_order=True)
    assert "courier-door-one-order" in codes(await look())


async def test_stored_token_is_used_and_stays(look: Look, sandbox: Sandbox, row: SettingsRow) -> None:
    row.token = token = sandbox.new_token()
    sandbox.behaviour.login_ends_older_tokens = True
    await look()
    assert (0, token) == (sandbox.count("login"), row.token)
    assert token in sandbox.books.tokens


async def test_token_that_has_ended_is_renewed_for_the_shop_too(look: Look, sandbox: Sandbox, row: SettingsRow) -> None:
    row.token = "@@0123456789abcdef0123456789abcdef"
    assert GOOD == codes(await look())[:4]
    assert row.token in sandbox.books.tokens


async def test_no_finding_holds_a_secret(look: Look, row: SettingsRow) -> None:
    findings = str(await look())
    assert row.token
    assert row.token not in findings
    assert PASSWORD not in findings


async def test_name_without_an_address_is_seen_and_nothing_more_asked(
    look: Look, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(_: Host) -> str:
        raise NoAddress("Name or service not known")

    monkeypatch.setattr(room, "address_of", unknown)
    finding, door, right = await look()
    assert ("courier-name-unknown", "failed", "127.0.0.1") == (finding.code, finding.outcome, finding.values["host"])
    assert ("courier-door-open", "courier-right-unknown", 0) == (door.code, right.code, sandbox.count("statuses"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoConnection("Connection refused"), "courier-unreachable"),
        (NotTrusted("certificate has expired"), "courier-tls-untrusted"),
    ],
)
async def test_way_that_is_broken_is_seen_and_nothing_more_asked(
    look: Look, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    async def broken(*_: object) -> datetime | None:
        raise error

    monkeypatch.setattr(room, "certificate_end", broken)
    finding = only(await look(), code)
    assert ("failed", str(error), 0) == (finding.outcome, finding.values["reason"], sandbox.count("statuses"))


@pytest.mark.parametrize(
    ("left", "code"), [(timedelta(days=13, hours=5), "courier-tls-ends"), (timedelta(days=60), "courier-tls-good")]
)
async def test_days_of_the_certificate_are_counted(
    look: Look, monkeypatch: pytest.MonkeyPatch, left: timedelta, code: str
) -> None:
    async def end(*_: object) -> datetime | None:
        return START.astimezone(UTC) + left

    monkeypatch.setattr(room, "certificate_end", end)
    assert str(left.days) == only(await look(), code).values["days"]


async def test_missing_account_is_seen(look: Look, row: SettingsRow) -> None:
    row.account = Account("parana", SecretStr(""))
    assert "courier-login-missing" in codes(await look())


async def test_refused_account_is_seen(look: Look, row: SettingsRow) -> None:
    row.account = Account("parana", SecretStr("wrong-one"))
    finding = only(await look("PARANAD_COURIER__PASSWORD"), "courier-login-refused")
    assert "correct PARANAD_COURIER__PASSWORD; " in str(finding.cure)
    assert "failed" == finding.outcome
    assert "wrong-one" not in str(finding)


async def test_page_instead_of_an_answer_is_seen(look: Look, sandbox: Sandbox, row: SettingsRow) -> None:
    row.token = sandbox.new_token()
    sandbox.next("statuses", Answer.BLOCKED_403)
    finding = only(await look(), "courier-login-blocked")
    assert "403" in str(finding.why)


async def test_employee_s_account_is_seen(look: Look, sandbox: Sandbox) -> None:
    sandbox.behaviour.is_merchant = False
    assert "warning" == only(await look(), "courier-account-employee").outcome


async def test_account_that_may_not_even_ask_is_seen(look: Look, sandbox: Sandbox) -> None:
    sandbox.next("statuses", Answer.NO_ACCESS, Answer.NO_ACCESS)
    finding = only(await look(), "courier-right-refused")
    assert "AlWaseet" in str(finding.cure)


async def test_settings_that_cannot_be_read_are_said(
    look: Look, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> Account:
        raise ShopUnreachable("no such file")

    monkeypatch.setattr(courier.login, "account", away)
    assert "no such file" == only(await look(), "courier-login-unasked").values["reason"]


async def test_full_limit_is_left_to_the_jobs(look: Look, courier: Courier, sandbox: Sandbox) -> None:
    courier.limiter.set_rate(Rate(3, timedelta(seconds=30)))
    await courier.limiter.take("job:1", new_order=True)
    finding = only(await look(), "courier-login-later")
    assert ("30", 0, 0) == (finding.values["seconds"], sandbox.count("statuses"), courier.limiter.state().waiting)


async def test_closed_limit_is_waited_for(look: Look, courier: Courier, clock: ManualClock) -> None:
    await courier.limiter.refuse("job 91", clock.now() + timedelta(minutes=5))
    assert "300" == only(await look(), "courier-login-later").values["seconds"]


async def test_right_to_create_is_proved_by_the_last_shipment(look: Look, journal: Journal) -> None:
    await journal.intend(1, "P1-AAAA", PHONE, 25000)
    await journal.create(1, "90000001", frozenset({"90000001"}))
    assert "2026-03-02 12:00:00" == only(await look(), "courier-right-proved").values["at"]


async def test_lacking_right_to_create_is_seen_over_restarts(look: Look, journal: Journal, clock: ManualClock) -> None:
    for order_id, answered in ((1, None), (2, DENIED)):
        await journal.intend(order_id, f"P{order_id}-AAAA", PHONE, 25000)
        await clock.advance(60)
        if answered:
            await journal.withdraw(order_id, reasons.PERMISSION(detail=answered))
        else:
            await journal.create(order_id, "90000001", frozenset({"90000001"}))
    finding = only(await look(), "courier-right-refused")
    assert ("failed", "2026-03-02 12:02:00") == (finding.outcome, finding.values["at"])


async def test_refused_data_say_nothing_of_the_right(look: Look, journal: Journal) -> None:
    await journal.intend(1, "P1-AAAA", PHONE, 25000)
    await journal.withdraw(1, reasons.REFUSED(detail="bad phone"))
    assert "courier-right-unknown" in codes(await look())
