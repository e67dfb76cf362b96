"""The checks of the courier: its name, its certificate, whether it accepts the account, what the account may do."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from anyio.to_thread import run_sync

from paranad.clock import wall_time
from paranad.courier.breaker import Door
from paranad.courier.client import Courier
from paranad.courier.connection import Host, NoAddress, NoConnection, NotTrusted, address_of, certificate_end, host_of
from paranad.courier.errors import CourierError, CourierLimited, CourierRefused, LoginFailed, Refusal
from paranad.courier.limiter import LEFT_FREE
from paranad.courier.login import account_type
from paranad.doctor.bounded import Check, Findings, bounded
from paranad.finding import Found, failed, ok, warning
from paranad.https import trusted
from paranad.said import Said
from paranad.shipments.journal import Journal
from paranad.shop.errors import ShopError, ShopUnreachable

OWNER = "doctor"
NAME_LIMIT_S, CONNECT_LIMIT_S, LOGIN_LIMIT_S = 8.0, 10.0, 30.0
ENDS_SOON = timedelta(days=14)
ACCOUNT = "[courier] username and password in paranad.toml, or alwaseet_username and alwaseet_password in the shop"

COURIER_NAME_GOOD = ok("courier-name-good", "courier-name", "{host} has an address: {address}")
COURIER_NAME_UNKNOWN = failed(
    "courier-name-unknown",
    "courier-name",
    "the courier's name {host} has no address: {reason}",
    "see this machine's name servers (`resolvectl query {host}`), its network, and [courier] base_url",
)
COURIER_TLS_GOOD = ok(
    "courier-tls-good", "courier-tls", "{host} proves who it is; its certificate is good for {days} more days"
)
COURIER_TLS_NONE = ok("courier-tls-none", "courier-tls", "{host} is this machine: no certificate is asked for")
COURIER_TLS_ENDS = warning(
    "courier-tls-ends",
    "courier-tls",
    "the certificate of {host} ends in {days} days",
    "AlWaseet renews it as a rule by itself; when less than a week is left, tell them",
)
COURIER_TLS_UNTRUSTED = failed(
    "courier-tls-untrusted",
    "courier-tls",
    "{host} does not prove who it is, so nothing is sent to it: {reason}",
    "see this machine's clock (`timedatectl`), a proxy or filter in between, and [courier] base_url",
)
COURIER_UNREACHABLE = failed(
    "courier-unreachable",
    "courier-tls",
    "no connection to {host}: {reason}",
    "see this machine's network and firewall (port {port} out), then the courier's own news",
)
COURIER_LOGIN_GOOD = ok("courier-login-good", "courier-login", "the courier accepts the account")
COURIER_LOGIN_MISSING = failed(
    "courier-login-missing", "courier-login", "the courier's username or password is not set", f"set {ACCOUNT}"
)
COURIER_LOGIN_REFUSED = failed(
    "courier-login-refused",
    "courier-login",
    "the courier does not accept the account: {reason}",
    "correct {place}; what is set on this machine is read at the next start: systemctl restart paranad",
)
COURIER_LOGIN_BLOCKED = failed(
    "courier-login-blocked",
    "courier-login",
    "the courier's service does not answer as it should: {reason}",
    "if it answers with a page (403 or 503), ask AlWaseet to allow this machine's address; else wait for it",
)
COURIER_LOGIN_LATER = warning(
    "courier-login-later",
    "courier-login",
    "not tried: the courier's limit of {limit} requests has no place to spare just now",
    "ask again in {seconds} s",
)
COURIER_LOGIN_UNASKED = warning(
    "courier-login-unasked",
    "courier-login",
    "not tried: the account or its token stands in the shop's settings, which cannot be read: {reason}",
    "let the shop's database be reachable first",
)
COURIER_ACCOUNT_MERCHANT = ok("courier-account-merchant", "courier-account", "it is the merchant's main account")
COURIER_ACCOUNT_EMPLOYEE = warning(
    "courier-account-employee",
    "courier-account",
    "it is an employee's account (its token does not begin with @@): invoices are refused to it, and the shop's own"
    " pages do not accept it",
    "use the merchant's main account in {place}; what is set on this machine is read at the next start: systemctl"
    " restart paranad",
)
COURIER_RIGHT_PROVED = ok("courier-right-proved", "courier-right", "the account may create orders: it last did {at}")
COURIER_RIGHT_REFUSED = failed(
    "courier-right-refused",
    "courier-right",
    "the courier said {at} that the account may not do what was asked: {reason}",
    "ask AlWaseet to give this account the right to create orders by the API; what waits is then sent by itself",
)
COURIER_RIGHT_UNKNOWN = warning(
    "courier-right-unknown",
    "courier-right",
    "whether the account may create orders shows with the first one: none was created from here yet",
    "ask AlWaseet whether this account has the right to create orders by the API",
)
COURIER_DOOR_OPEN = ok("courier-door-open", "courier-door", "orders are sent as they come")
COURIER_DOOR_CLOSED = warning(
    "courier-door-closed",
    "courier-door",
    "no order is sent, since {since}: the courier did not answer several times in a row; the last: {reason}",
    "wait: it is asked again by itself, next at {at}, and what waits is then sent; see paranadctl logs --since 1h",
)
COURIER_DOOR_ONE_ORDER = ok(
    "courier-door-one-order", "courier-door", "the courier answers again: one order is sent first, the others after it"
)


async def courier_findings(
    courier: Courier,
    journal: Journal,
    zone: ZoneInfo,
    account_place: Said | str = ACCOUNT,
    places: Check | None = None,
    *,
    works: bool = True,
) -> Findings:
    """Look at the courier: one check after the other, up to the first that fails on the way there.

    The courier is asked one cheap question, and only if its limit has room. A login is made only if no token is
    stored or the stored one is refused, as for every job: a doctor must not end the token that the shop shares.

    Args:
        courier: its client.
        journal: knows whether the account could create orders.
        zone: for the times in the findings.
        account_place: where the account is set, for the cures.
        places: the check of the shop's default city, region and package size; asked only while the courier answers.
        works: whether orders are sent from here. A machine that stands by asks nothing: the other one counts the
            requests of the account, and knows its rights.
    """
    host = host_of(courier.wire.base_url)
    way: list[Found] = []
    steps: list[tuple[str, Check, float]] = [
        ("courier-name", partial(_name, host), NAME_LIMIT_S),
        ("courier-tls", partial(_connection, courier, host), CONNECT_LIMIT_S),
    ]
    if works:
        steps.append(("courier-login", partial(_login, courier, zone, account_place), LOGIN_LIMIT_S))
    if works and places:
        steps.append(("courier-places", places, LOGIN_LIMIT_S))
    for check, look, limit_s in steps:
        way += await bounded(check, look, limit_s, courier.events)
        if any(finding.outcome == "failed" for finding in way):
            break
    if not works:
        return way
    # After the question: its answer may have opened the door.
    way.append(_door(courier.breaker.door, zone))
    # If the question itself showed that a right is missing, an older answer in the journal says nothing more.
    if any(finding.code == COURIER_RIGHT_REFUSED.code for finding in way):
        return way
    return [*way, *await bounded("courier-right", partial(_right, journal, zone), LOGIN_LIMIT_S, courier.events)]


async def _name(host: Host) -> Findings:
    try:
        return [COURIER_NAME_GOOD(host=host.host, address=await address_of(host))]
    except NoAddress as error:
        return [COURIER_NAME_UNKNOWN(host=host.host, reason=error.reason)]


async def _connection(courier: Courier, host: Host) -> Findings:
    try:
        end = await certificate_end(host, await run_sync(trusted))
    except NoConnection as error:
        return [COURIER_UNREACHABLE(host=host.host, port=host.port, reason=error.reason)]
    except NotTrusted as error:
        return [COURIER_TLS_UNTRUSTED(host=host.host, reason=error.reason)]
    if end is None:
        return [COURIER_TLS_NONE(host=host.host)]
    left = end - courier.clock.now()
    finding = COURIER_TLS_ENDS if left < ENDS_SOON else COURIER_TLS_GOOD
    return [finding(host=host.host, days=left.days)]


async def _login(courier: Courier, zone: ZoneInfo, account_place: Said | str) -> Findings:
    try:
        account = await courier.login.account()
        if not account.username or not account.password.get_secret_value():
            return [COURIER_LOGIN_MISSING()]
        return await _ask(courier, zone, account_place)
    except ShopError as error:
        return [COURIER_LOGIN_UNASKED(reason=error.reason if isinstance(error, ShopUnreachable) else error.said)]


async def _ask(courier: Courier, zone: ZoneInfo, account_place: Said | str) -> Findings:
    # Orders come first: the doctor asks only while more places are free than are kept for them.
    state = courier.limiter.state()
    if state.closed_until or state.waiting or state.used >= state.limit - LEFT_FREE:
        return [_later(courier)]
    try:
        await courier.statuses(owner=OWNER)
    except CourierLimited:
        return [_later(courier)]
    except LoginFailed as error:
        return [COURIER_LOGIN_REFUSED(reason=error.reason, place=account_place)]
    except CourierError as error:
        if isinstance(error, CourierRefused) and error.refusal is Refusal.PERMISSION:
            # A fresh token lacks even the right to a plain question.
            at = wall_time(courier.clock.now(), zone)
            return [COURIER_LOGIN_GOOD(), COURIER_RIGHT_REFUSED(at=at, reason=error.said)]
        return [COURIER_LOGIN_BLOCKED(reason=error.said)]
    token = (await courier.login.load_token() or "").strip()
    is_merchant = account_type(token) == "merchant"
    account = COURIER_ACCOUNT_MERCHANT() if is_merchant else COURIER_ACCOUNT_EMPLOYEE(place=account_place)
    return [COURIER_LOGIN_GOOD(), account]


def _door(door: Door, zone: ZoneInfo) -> Found:
    if door.since is None:
        return COURIER_DOOR_OPEN()
    if door.next_try_at is None:
        return COURIER_DOOR_ONE_ORDER()
    at, since = wall_time(door.next_try_at, zone), wall_time(door.since, zone)
    return COURIER_DOOR_CLOSED(since=since, reason=door.reason or "?", at=at)


def _later(courier: Courier) -> Found:
    state, now = courier.limiter.state(), courier.clock.now()
    wait = max((state.closed_until or now) - now, state.window)
    return COURIER_LOGIN_LATER(limit=state.limit, seconds=f"{wait.total_seconds():.0f}")


async def _right(journal: Journal, zone: ZoneInfo) -> Findings:
    # Only a create-order shows this right, and the doctor sends none: the last answer of the courier is kept.
    right = await journal.last_right()
    if right is None:
        return [COURIER_RIGHT_UNKNOWN()]
    finding = COURIER_RIGHT_PROVED if right.given else COURIER_RIGHT_REFUSED
    return [finding(at=wall_time(right.at, zone), reason=right.detail)]
