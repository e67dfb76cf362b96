"""The token: where it is kept, when it is renewed, what a login's answer means; and the right to create orders.

The token is shared with the shop through its settings row, so both may renew it; one login at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from paranad.clock import Clock
from paranad.courier.answers import HttpAnswer, data_of, unclear
from paranad.courier.errors import CourierRefused, CourierUnclear, LoginFailed, Refusal
from paranad.courier.models import Account, Json
from paranad.courier.wire import HttpRequest
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Events
from paranad.record import record
from paranad.said import Said, Sentence

LOGIN_PATH = "/login"
REFUSAL_KEPT = timedelta(minutes=5)
"""How long a refused account, or a right that a fresh token lacked, is not tried again."""
PROVED_FOR = timedelta(hours=24)
"""How long an order that the courier took proves that the account may create orders."""
MERCHANT_PREFIX = "@@"

NO_ACCOUNT = Sentence(
    "courier.no_account",
    "no username or password; set [courier] username and password in paranad.toml, "
    "or alwaseet_username and alwaseet_password in the shop's settings",
)
ACCOUNT_REFUSED = Sentence(
    "courier.account_refused", "the courier refused the username and password: errNum {number}: {detail}"
)
RIGHT_REFUSED = Sentence(
    "courier.right_refused", "the courier says this account may not do that; ask AlWaseet for the API right"
)
LATER = Sentence("courier.login_later", "the courier asks to log in again later")
NO_TOKEN = Sentence("courier.no_token", "login without a token")

SignIn = Callable[[HttpRequest], Awaitable[HttpAnswer]]
"""Sends the login request, within the rate; raises what the client raises."""
CityAndRegion = tuple[str, str]
"""An order's city and region, by id."""


@record
class Token:
    """What authorises a request; opaque."""

    text: str = field(repr=False)
    is_fresh: bool
    """A login of this very call gave it: if it is refused, another login would not help."""


@record
class _KeptRefusal:
    """A refused account or token, and until when (monotonic seconds) it is not tried again."""

    what: Account | str = field(repr=False)
    reason: Said
    until_s: float


@dataclass(slots=True)
class CreateRight:
    """What create-order has shown of the account's right, in this process; instants are monotonic seconds."""

    proved_s: float | None = None
    """When the courier last took an order; None: not yet."""
    account: int = 0
    """Whose order that was."""
    refused: set[CityAndRegion] = field(default_factory=set)
    """The places of the orders that were refused since."""

    def prove(self, now_s: float, account: int) -> None:
        """Note that the courier took an order of *account*."""
        self.proved_s, self.account = now_s, account
        self.refused.clear()

    def is_only_the_place(self, place: CityAndRegion, now_s: float, account: int) -> bool:
        """Note that an order to *place* was refused under a fresh token; tell whether the reason is its place.

        The place is the reason if other orders of the account go through. Once a second place is refused, with no
        order taken since, the reason is the account.
        """
        if self.proved_s is None or account != self.account or now_s - self.proved_s > PROVED_FOR.total_seconds():
            return False
        self.refused.add(place)
        return len(self.refused) == 1


class Login:
    """Keeps one valid token for everybody.

    `load_token` and `save_token` reach the shop's settings row; the account type saved beside a token is `merchant`
    for one that begins with `@@`, else `merchant_user`.
    """

    def __init__(
        self,
        account: Callable[[], Awaitable[Account]],
        load_token: Callable[[], Awaitable[str | None]],
        save_token: Callable[[str, str], Awaitable[None]],
        clock: Clock,
        events: Events,
    ) -> None:
        self.account, self.load_token, self.save_token = account, load_token, save_token
        self.clock, self.events = clock, events
        self._lock = asyncio.Lock()
        self.accounts = 0
        """How often the account that logs in has changed."""
        self._last_account: Account | None = None
        self._stale: str | None = None
        self._refused_account: _KeptRefusal | None = None
        self._powerless: _KeptRefusal | None = None

    async def token(self, sign_in: SignIn) -> Token:
        """Return the shared token, or one from a login if none is known that may be valid.

        Raises:
            LoginFailed: no username or password, or the courier refused them, now or within the last minutes.
            CourierRefused: NOT_SENT, the login found no courier: an outage.
        """
        async with self._lock:
            return await self._shared() or await self._log_in(sign_in)

    async def fresh(self, sign_in: SignIn) -> Token:
        """Return a token from a login, whatever token is known. Raises as `token` does."""
        async with self._lock:
            return await self._log_in(sign_in)

    async def renew(self, refused: Token, sign_in: SignIn) -> Token | None:
        """Return another token than *refused*: the shared token if it was renewed meanwhile, else one from a login.

        None if a new login cannot help: a fresh token was refused too, now or in the last minutes. Raises as `token`
        does.
        """
        async with self._lock:
            if refused.is_fresh:
                self._lacks_right(refused)
            # Without this, each waiting order would log in again for an account that may not create any.
            if self._holds(self._powerless, refused.text):
                return None
            # The shop may have logged in meanwhile: its token is read again before a login, which may end it.
            self._stale = refused.text
            return await self._shared() or await self._log_in(sign_in)

    def refused_again(self, token: Token) -> None:
        """Note that *token*, which `renew` gave for the one repeat, was refused as well.

        If it is fresh, the account lacks the right. If it is the shared one, the next request logs in.
        """
        if token.is_fresh:
            self._lacks_right(token)
        else:
            self._stale = token.text

    def _lacks_right(self, token: Token) -> None:
        reason = RIGHT_REFUSED()
        self._powerless = self._keep(token.text, reason)
        self.events.tell(CourierRightRefused(reason=reason))

    async def _shared(self) -> Token | None:
        text = (await self.load_token() or "").strip()
        return Token(text, is_fresh=False) if text and text != self._stale else None

    async def _log_in(self, sign_in: SignIn) -> Token:
        account = await self.account()
        self._check(account)
        try:
            text = self._read(await sign_in(_login_request(account)), account)
        except CourierUnclear as unclear_login:  # only the login is unclear: the request itself was not sent
            raise CourierRefused(Refusal.NOT_SENT, "", unclear_login.detail) from None
        await self.save_token(text, account_type(text))
        self._stale = None
        self.accounts += self._last_account not in (None, account)
        self._last_account = account
        self.events.tell(CourierLoggedIn())
        return Token(text, is_fresh=True)

    def _check(self, account: Account) -> None:
        if not account.username or not account.password.get_secret_value():
            raise LoginFailed(NO_ACCOUNT())
        # A refused password is not tried again with every job, only after a few minutes or once it is another.
        kept = self._refused_account
        if kept and self._holds(kept, account):
            raise LoginFailed(kept.reason)

    def _read(self, answer: HttpAnswer, account: Account) -> str:
        try:
            data = data_of(answer)
        except CourierRefused as refused:
            if refused.refusal is Refusal.TRANSIENT:
                raise unclear(answer, LATER()) from None
            raise self._refuse(refused, account) from None
        token = token_of(data)
        if token is None:
            raise unclear(answer, NO_TOKEN())
        return token

    def _refuse(self, refused: CourierRefused, account: Account) -> LoginFailed:
        message = refused.message
        detail = hidden(message, account) if isinstance(message, str) else message
        reason = ACCOUNT_REFUSED(number=refused.err_num, detail=detail)
        self._refused_account = self._keep(account, reason)
        self.events.tell(CourierLoginRefused(reason=reason))
        return LoginFailed(reason)

    def _keep(self, what: Account | str, reason: Said) -> _KeptRefusal:
        return _KeptRefusal(what, reason, self.clock.monotonic() + REFUSAL_KEPT.total_seconds())

    def _holds(self, kept: _KeptRefusal | None, what: Account | str) -> bool:
        return kept is not None and kept.what == what and self.clock.monotonic() < kept.until_s


def account_type(token: str) -> str:
    """Return the account type that the shop saves beside *token*."""
    return "merchant" if token.startswith(MERCHANT_PREFIX) else "merchant_user"


def token_of(data: Json) -> str | None:
    """Return the trimmed token of a login's data, an object or a list of one; None if there is none."""
    first = data[0] if isinstance(data, list) and len(data) == 1 else data
    token = first.get("token") if isinstance(first, dict) else None
    return token.strip() or None if isinstance(token, str) else None


def hidden(message: str, account: Account) -> str:
    """Return *message* without the account's username and password, which the courier may repeat."""
    for secret in (account.password.get_secret_value(), account.username):
        message = message.replace(secret, "(hidden)")
    return message


def _login_request(account: Account) -> HttpRequest:
    form = {"username": account.username, "password": account.password.get_secret_value()}
    return HttpRequest("POST", LOGIN_PATH, form=form)
