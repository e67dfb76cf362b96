"""What the daemon can tell of the courier: its name, its certificate, whether the account is accepted, its rights."""

import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from paranad.clock import Clock
from paranad.control.schemas import DoctorCheck
from paranad.courier.client import Courier
from paranad.courier.errors import CourierError, CourierLimited, CourierRefused, LoginFailed, Refusal
from paranad.courier.limiter import LEFT_FREE
from paranad.courier.login import account_type
from paranad.courier.reach import NoAddress, NoConnection, NotTrusted, Place, address_of, certificate_end, place_of
from paranad.courier.wire import trusted
from paranad.doctor.bounds import Findings, bounded
from paranad.doctor.findings import found
from paranad.doctor.findings_courier import ACCOUNT
from paranad.events import Events
from paranad.shipments.journal import Journal
from paranad.shop.errors import ShopError

OWNER = "doctor"
NAME_LIMIT_S, CONNECT_LIMIT_S, LOGIN_LIMIT_S = 8.0, 10.0, 30.0
ENDS_SOON = timedelta(days=14)


class CourierCheckup:
    """Looks at the courier; asks it one thing, that costs it little, and only where there is room in the limit.

    A login is made only where no token is stored, or the stored one is refused: as for every job, so that the token
    that the shop shares is not ended by a doctor.
    """

    def __init__(self, courier: Courier, journal: Journal, zone: ZoneInfo, clock: Clock, events: Events) -> None:
        self.courier, self.journal, self.zone, self.clock, self.events = courier, journal, zone, clock, events
        self.account_place = ACCOUNT
        self.trusted: ssl.SSLContext = trusted()

    async def look(self, account_place: str = ACCOUNT) -> Findings:
        """Look at everything, one after the other; no further than the first thing that fails on the way there.

        *account_place* is where the account is set.
        """
        self.account_place = account_place
        place = place_of(self.courier.wire.base_url)
        way = [*await bounded("courier-name", partial(self._name, place), NAME_LIMIT_S, self.events)]
        if not _any_failed(way):
            way += await bounded("courier-tls", partial(self._connection, place), CONNECT_LIMIT_S, self.events)
        if not _any_failed(way):
            way += await bounded("courier-login", self._login, LOGIN_LIMIT_S, self.events)
        if any(finding.code == "courier-right-refused" for finding in way):
            return way
        return [*way, *await bounded("courier-right", self._right, LOGIN_LIMIT_S, self.events)]

    async def _name(self, place: Place) -> Findings:
        try:
            return [found("courier-name-good", host=place.host, address=await address_of(place))]
        except NoAddress as error:
            return [found("courier-name-unknown", host=place.host, reason=error)]

    async def _connection(self, place: Place) -> Findings:
        try:
            end = await certificate_end(place, self.trusted)
        except NoConnection as error:
            return [found("courier-unreachable", host=place.host, port=place.port, reason=error)]
        except NotTrusted as error:
            return [found("courier-tls-untrusted", host=place.host, reason=error)]
        if end is None:
            return [found("courier-tls-none", host=place.host)]
        left = end - self.clock.now()
        return [found("courier-tls-ends" if left < ENDS_SOON else "courier-tls-good", host=place.host, days=left.days)]

    async def _login(self) -> Findings:
        try:
            account = await self.courier.login.account()
            if not account.username or not account.password.get_secret_value():
                return [found("courier-login-missing")]
            return await self._ask()
        except ShopError as error:
            return [found("courier-login-unasked", reason=getattr(error, "reason", error))]

    async def _ask(self) -> Findings:
        state = self.courier.limiter.state()
        if state.closed_until or state.waiting or state.used >= state.limit - LEFT_FREE:
            return [self._later()]
        try:
            await self.courier.statuses(owner=OWNER)
        except CourierLimited:
            return [self._later()]
        except LoginFailed as error:
            return [found("courier-login-refused", reason=error.reason, place=self.account_place)]
        except CourierRefused as error:
            return self._refused(error)
        except CourierError as error:
            return [found("courier-login-blocked", reason=error)]
        return [found("courier-login-good"), await self._account()]

    def _later(self) -> DoctorCheck:
        state = self.courier.limiter.state()
        wait = max((state.closed_until or self.clock.now()) - self.clock.now(), state.window)
        return found("courier-login-later", limit=state.limit, seconds=f"{wait.total_seconds():.0f}")

    def _refused(self, error: CourierRefused) -> Findings:
        """Say what a refusal of a plain question means: a fresh token lacks even that right."""
        if error.refusal is Refusal.PERMISSION:
            return [
                found("courier-login-good"),
                found("courier-right-refused", at=self._shown(self.clock.now()), reason=error),
            ]
        return [found("courier-login-blocked", reason=error)]

    async def _account(self) -> DoctorCheck:
        token = (await self.courier.login.load_token() or "").strip()
        if account_type(token) == "merchant":
            return found("courier-account-merchant")
        return found("courier-account-employee", place=self.account_place)

    async def _right(self) -> Findings:
        right = await self.journal.last_right()
        if right is None:
            return [found("courier-right-unknown")]
        code = "courier-right-proved" if right.given else "courier-right-refused"
        return [found(code, at=self._shown(right.at), reason=right.detail)]

    def _shown(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def _any_failed(findings: Sequence[DoctorCheck]) -> bool:
    return any(finding.outcome == "failed" for finding in findings)
